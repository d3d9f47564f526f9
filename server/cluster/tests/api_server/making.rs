//! What happens when a volume is made, and becomes ready?

use crate::people::{PATIENCE, Portal, person, until, volume_is, wish};
use cluster::Error;
use domain::{
    access::AccessMode,
    cause::{CauseId, Tone},
    label::Labels,
    problem::Code,
    volume::{UsePhase, VolumeSpec},
};
use ground::Work;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn whoever_creates_a_volume_sees_it_at_once() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    for name in ["one", "Two", "three_3"] {
        let made = alice.create_volume(&wish(name, "standard")).await.unwrap();
        let listed = alice.volumes().unwrap().into_iter().find(|volume| volume.id == made.id).expect("it is listed at once");
        assert_eq!((listed.name.as_str(), &listed.uid, listed.status.id()), (name, &made.uid, CauseId::WaitsForFirstUse));
        assert_eq!(listed.username, "alice-example.org");
        assert_eq!(alice.volume(&made.id).unwrap().volume.claim, made.claim);
    }
    portal.end().await;
}

#[tokio::test]
async fn a_person_has_each_name_once_ignoring_case_and_others_may_have_it_too() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    alice.create_volume(&wish("Data", "standard")).await.unwrap();
    for name in ["Data", "data", "DATA"] {
        let refused = alice.create_volume(&wish(name, "standard")).await.unwrap_err();
        assert!(matches!(&refused, Error::Taken { name } if name == "Data"), "{refused:?}");
        assert!(refused.problem().fields.get("name").is_some());
    }
    bob.create_volume(&wish("data", "standard")).await.unwrap();
    assert_eq!((alice.volumes().unwrap().len(), bob.volumes().unwrap().len()), (1, 1));
    portal.end().await;
}

#[tokio::test]
async fn d_11_of_several_creates_at_the_same_moment_one_makes_the_volume() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    // Several rounds: in the first, each create still waits for its own connection.
    for round in 1..4 {
        let wishes: Vec<_> = ["data", "Data", "dATA", "DATA"].map(|name| wish(&format!("{name}{round}"), "standard")).into();
        let answers = futures::future::join_all(wishes.iter().map(|wish| alice.create_volume(wish))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(Error::Taken { .. }))).count(), 3, "{answers:?}");
        assert_eq!(alice.volumes().unwrap().len(), round);
    }
    portal.end().await;
}

#[tokio::test]
async fn forty_people_make_a_volume_of_the_same_name_at_the_same_moment_and_each_has_their_own() {
    let portal = Portal::start().await;
    let people: Vec<_> = (0..40).map(|number| portal.cluster.as_user(person(&format!("person-{number}"), false))).collect();
    let wish = wish("vol", "standard");
    let made = futures::future::join_all(people.iter().map(|person| person.create_volume(&wish))).await;
    let made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
    let ids: std::collections::BTreeSet<_> = made.iter().map(|volume| volume.id.clone()).collect();
    assert_eq!(ids.len(), 40);
    for (person, made) in people.iter().zip(&made) {
        let own = person.volumes().unwrap();
        assert_eq!(own.iter().map(|volume| (&volume.uid, volume.name.as_str())).collect::<Vec<_>>(), [(&made.uid, "vol")]);
    }
    assert_eq!(portal.admin().list(&portal.namespace.path("persistentvolumeclaims")).await.unwrap().len(), 40);
    portal.end().await;
}

#[tokio::test]
async fn a_try_makes_nothing_and_is_refused_as_the_making_would_be() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    alice.try_create(&wish("data", "standard")).await.unwrap();
    assert!(portal.admin().list(&portal.namespace.path("persistentvolumeclaims")).await.unwrap().is_empty());
    alice.create_volume(&wish("data", "standard")).await.unwrap();
    let refused = alice.try_create(&wish("DATA", "standard")).await;
    assert!(matches!(refused, Err(Error::Taken { name }) if name == "data"));
    let labelled = VolumeSpec { labels: Labels::typed("stage=prod").unwrap(), ..wish("labelled", "standard") };
    alice.try_create(&labelled).await.unwrap();

    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "rule"}, "spec": {"hard": {"count/persistentvolumeclaims": "1"}}});
    portal.admin().post(&portal.namespace.path("resourcequotas"), &quota).await.unwrap();
    let counted = |quota: &Value| !quota["status"]["used"].is_null();
    portal.admin().wait_until(&portal.namespace.path("resourcequotas/rule"), PATIENCE, counted).await.unwrap();
    let tried = alice.try_create(&wish("more", "standard")).await.unwrap_err().problem();
    assert_eq!(tried, alice.create_volume(&wish("more", "standard")).await.unwrap_err().problem());
    assert_eq!(
        tried.message,
        "The namespace's quota allows 1 volume; 1 is there. Delete a volume that is not needed, or ask an administrator."
    );
    portal.end().await;
}

#[tokio::test]
async fn create_if_absent_finds_what_is_there_and_refuses_what_differs() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let (made, new) = alice.create_if_absent(&wish("data", "standard")).await.unwrap();
    assert!(new);
    let (found, new) = alice.create_if_absent(&wish("data", "standard")).await.unwrap();
    assert_eq!((found.uid, new), (made.uid.clone(), false));
    let refused = alice.create_if_absent(&wish("Data", "shared")).await.unwrap_err();
    assert_eq!(refused.problem().code, Code::Conflict);
    assert!(refused.problem().message.contains("named data, but its class is standard, not shared"), "{refused:?}");
    // Another person's volume of this name is no answer to anything.
    let (his, new) = bob.create_if_absent(&wish("data", "shared")).await.unwrap();
    assert!(new && his.uid != made.uid);
    // Two at once make one.
    let (other, once) = (wish("once", "standard"), wish("once", "standard"));
    let (one, two) = futures::future::join(alice.create_if_absent(&other), alice.create_if_absent(&once)).await;
    let ((one, first), (two, second)) = (one.unwrap(), two.unwrap());
    assert_eq!(one.uid, two.uid);
    assert!(first != second);
    portal.end().await;
}

#[tokio::test]
async fn a_volume_becomes_ready_before_the_eyes_of_its_owner_when_a_pod_mounts_it_and_nobody_else_is_disturbed() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    // Bob's volume has come to rest: nothing more is said about it.
    let other = bob.create_volume(&wish("other", "shared")).await.unwrap();
    until(bob.changes(), "bob's volume is ready", || {
        let detail = bob.volume(&other.id).unwrap();
        let said = detail.events.iter().any(|event| event.reason == "ProvisioningSucceeded");
        (detail.volume.status.id() == CauseId::Ready && said).then_some(())
    })
    .await;
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let (hers, his) = (alice.changes(), bob.changes());
    let (before, undisturbed) = (*hers.borrow(), *his.borrow());
    portal.admin().start_pod(portal.namespace.name(), "worker", &[(&made.claim, "/data")], &[], Work::UntilDeleted).await.unwrap();
    let ready = volume_is(&alice, &made, "bound and mounted by the running pod", |volume| {
        volume.status.id() == CauseId::Ready && volume.used_by.iter().any(|pod| pod.phase == UsePhase::Running)
    })
    .await;
    assert_eq!((ready.used_by[0].pod.as_str(), ready.used_by[0].node.as_deref()), ("worker", Some("localhost")));
    assert_eq!(ready.capacity, Some(ready.requested));
    assert_ne!(*hers.borrow(), before);
    assert_eq!(*his.borrow(), undisturbed);
    let events = alice.volume(&made.id).unwrap().events;
    assert!(events.iter().any(|event| event.reason == "ProvisioningSucceeded"), "{events:?}");
    assert!(bob.volumes().unwrap()[0].used_by.is_empty());

    let proven = |name: &str| alice.storage_classes().unwrap().iter().find(|class| class.name.as_str() == name).unwrap().proven.clone();
    assert_eq!((proven("standard"), proven("broken")), (vec![AccessMode::ReadWriteOnce], vec![]));
    portal.end().await;
}

#[tokio::test]
async fn classes_come_in_the_order_of_choice_and_a_silent_provisioner_is_not_an_error() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let classes = alice.storage_classes().unwrap();
    let names: Vec<_> = classes.iter().map(|class| class.name.as_str()).collect();
    assert_eq!((names[0], classes[0].default), ("standard", true));
    assert!(names[1..].is_sorted() && names.contains(&"broken") && names.contains(&"shared"), "{names:?}");
    assert_eq!(classes[0].description.as_deref(), Some("Local disk on the node of its first use"));

    let made = alice.create_volume(&wish("never", "broken")).await.unwrap();
    assert_eq!(made.status.id(), CauseId::BeingProvisioned);
    // The controller says that it waits for somebody else; that is neither a refusal nor a fault.
    let said = until(alice.changes(), "an event about the claim", || {
        let detail = alice.volume(&made.id).unwrap();
        (!detail.events.is_empty()).then_some(detail)
    });
    let detail = tokio::time::timeout(Duration::from_secs(60), said).await.unwrap();
    assert_eq!(detail.events[0].reason, "ExternalProvisioning");
    assert_eq!(detail.volume.status.tone(), Tone::Calm);
    portal.end().await;
}
