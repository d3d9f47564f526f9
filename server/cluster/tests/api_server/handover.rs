//! How does an administrator delete, transfer and adopt, and what is refused?

use crate::people::{ISSUER, Portal, gone, key, person, until, wish};
use cluster::{AdminCluster, Error, Mode};
use domain::{allowed::WhyNot, name::ObjectName, owner::Principal, problem::Code, volume::Handover};
use serde_json::{Value, json};

fn admin(portal: &Portal) -> AdminCluster {
    portal.cluster.as_user(person("root", true)).admin().unwrap()
}

fn to(subject: &str, name: &str) -> Handover {
    Handover {
        name: name.parse().unwrap(),
        principal: Principal::new(ISSUER, subject).unwrap(),
        username: format!("{subject}-example.org"),
    }
}

async fn foreign(portal: &Portal, name: &str, labels: Value) -> Value {
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Mi"}}}
    });
    portal.admin().post(&portal.namespace.path("persistentvolumeclaims"), &claim).await.unwrap()
}

fn uid(claim: &Value) -> String {
    claim["metadata"]["uid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_administrator_deletes_exactly_the_volume_they_saw_whoever_owns_it() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let admin = admin(&portal);
    let stale = admin.managed_volume(&made.id).await.unwrap().delete("00000000-0000-0000-0000-000000000000").await;
    assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    // What is no volume any more is not there, for administrators too.
    let unmarked = alice.create_volume(&wish("unmarked", "standard")).await.unwrap();
    let taken = admin.managed_volume(&unmarked.id).await.unwrap();
    portal.admin().patch_merge(&portal.claim(&unmarked), &json!({"metadata": {"labels": {"skypilot-volume": null}}})).await.unwrap();
    assert!(matches!(taken.delete(&unmarked.uid).await, Err(Error::NotFound)));
    assert!(portal.live(&unmarked).await["metadata"]["deletionTimestamp"].is_null());
    admin.managed_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    gone(&alice, &made).await;
    portal.end().await;
}

#[tokio::test]
async fn a_transfer_is_tried_first_then_the_new_owner_has_it_and_the_former_one_does_not() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let admin = admin(&portal);
    let would = admin.transfer(&made.id, &made.uid, &to("bob", "data"), Mode::Try).await.unwrap();
    let what: Vec<_> = would.changes.iter().map(|change| change.what.as_str()).collect();
    assert_eq!(what, ["label stowage.dev/owner", "label username", "annotation stowage.dev/owner-sub"]);
    assert_eq!((would.changes[2].from.as_deref(), would.changes[2].to.as_str()), (Some("alice"), "bob"));
    assert_eq!((alice.volumes().unwrap().len(), bob.volumes().unwrap().len()), (1, 0), "a try changes nothing");

    let hers = alice.owned_volume(&made.id).await.unwrap();
    let done = admin.transfer(&made.id, &made.uid, &to("bob", "data"), Mode::Do).await.unwrap();
    assert_eq!(done, would);
    assert_eq!((alice.volumes().unwrap().len(), bob.volumes().unwrap().len()), (0, 1), "the lists show it when the answer comes");
    assert!(matches!(hers.delete(&made.uid).await, Err(Error::NotFound)), "what she had open is not hers any more");
    assert_eq!(bob.volume(&made.id).unwrap().volume.uid, made.uid);

    let again = admin.transfer(&made.id, &made.uid, &to("bob", "data"), Mode::Do).await.unwrap_err();
    assert!(again.problem().fields.get("owner").is_some(), "{again:?}");
    let owners: Vec<_> = admin.owners().unwrap().into_iter().map(|owner| (owner.principal.subject().to_owned(), owner.username)).collect();
    assert_eq!(owners, [("bob".to_owned(), "bob-example.org".to_owned())]);
    portal.end().await;
}

#[tokio::test]
async fn a_transfer_is_refused_for_a_name_that_the_new_owner_has_a_stale_tab_and_a_volume_that_goes() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    bob.create_volume(&wish("Data", "standard")).await.unwrap();
    let admin = admin(&portal);
    for mode in [Mode::Try, Mode::Do] {
        let taken = admin.transfer(&made.id, &made.uid, &to("bob", "data"), mode).await.unwrap_err().problem();
        assert_eq!((taken.code, taken.fields.get("name").is_some()), (Code::Invalid, true), "{taken:?}");
        let stale = admin.transfer(&made.id, "00000000-0000-0000-0000-000000000000", &to("carol", "data"), mode).await;
        assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    }
    admin.transfer(&made.id, &made.uid, &to("bob", "data-of-alice"), Mode::Do).await.unwrap();
    let his = bob.volume(&made.id).unwrap().volume;
    assert_eq!(his.name, "data-of-alice");
    let hold = json!({"metadata": {"finalizers": ["example.org/hold"]}});
    portal.admin().patch_merge(&portal.claim(&made), &hold).await.unwrap();
    bob.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    let leaving = admin.transfer(&made.id, &made.uid, &to("carol", "data"), Mode::Do).await;
    assert!(matches!(leaving, Err(Error::NotAllowed(WhyNot::DeletedAlready))), "{leaving:?}");
    portal.admin().patch_merge(&portal.claim(&made), &json!({"metadata": {"finalizers": null}})).await.unwrap();
    portal.end().await;
}

#[tokio::test]
async fn claims_of_nobody_are_listed_with_and_without_labels_and_adopted() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let hers = alice.create_volume(&wish("hers", "standard")).await.unwrap();
    let bare = foreign(&portal, "bare", json!({})).await;
    let labelled = foreign(&portal, "from-the-cli", json!({"skypilot-volume": "true", "volume-id": "old00001", "username": "bob"})).await;
    let admin = admin(&portal);
    let listed: Vec<_> = admin.unclaimed().await.unwrap().into_iter().map(|volume| volume.claim).collect();
    assert_eq!(listed, ["bare", "from-the-cli"]);

    let name = |text: &str| text.parse::<ObjectName>().unwrap();
    let would = admin.adopt(&name("bare"), &uid(&bare), &to("alice", "bare"), Mode::Try).await.unwrap();
    assert!(would.changes.iter().any(|change| change.what == "label skypilot-volume" && change.from.is_none()));
    assert_eq!(admin.unclaimed().await.unwrap().len(), 2, "a try changes nothing");
    let done = admin.adopt(&name("bare"), &uid(&bare), &to("alice", "bare"), Mode::Do).await.unwrap();
    let adopted = alice.volume(&done.id).unwrap().volume;
    assert_eq!((adopted.claim.as_str(), adopted.name.as_str()), ("bare", "bare"));
    let done = admin.adopt(&name("from-the-cli"), &uid(&labelled), &to("alice", "old"), Mode::Do).await.unwrap();
    assert_eq!(done.id.as_str(), "old00001", "an id that is good stays");
    assert_eq!(alice.volumes().unwrap().len(), 3);
    assert!(admin.unclaimed().await.unwrap().is_empty());
    alice.owned_volume(&done.id).await.unwrap().delete(&uid(&labelled)).await.unwrap();

    let owned = admin.adopt(&name(&hers.claim), &hers.uid, &to("bob", "hers"), Mode::Do).await;
    assert!(matches!(owned, Err(Error::NotAllowed(WhyNot::OwnedAlready))), "{owned:?}");
    let stale = admin.adopt(&name("bare"), &uid(&labelled), &to("bob", "x"), Mode::Do).await;
    assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    assert_eq!(portal.live(&hers).await["metadata"]["annotations"]["stowage.dev/owner-sub"], "alice");
    portal.end().await;
}

#[tokio::test]
async fn what_is_nobodys_is_adopted_not_transferred_and_a_contradiction_is_settled_by_a_transfer() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let admin = admin(&portal);
    let old = foreign(&portal, "old", json!({"skypilot-volume": "true", "volume-id": "old00001"})).await;
    let id = "old00001".parse().unwrap();
    until(admin.changes(), "the unclaimed volume", || admin.volume(&id).ok()).await;
    let refused = admin.transfer(&id, &uid(&old), &to("bob", "old"), Mode::Do).await;
    assert!(matches!(refused, Err(Error::NotAllowed(WhyNot::Unclaimed))), "{refused:?}");

    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let relabel = json!({"metadata": {"labels": {"stowage.dev/owner": key("bob")}}});
    portal.admin().patch_merge(&portal.claim(&made), &relabel).await.unwrap();
    let refused = admin.adopt(&made.claim.parse().unwrap(), &made.uid, &to("bob", "data"), Mode::Do).await;
    assert!(matches!(refused, Err(Error::NotAllowed(WhyNot::OwnedAlready))), "{refused:?}");
    admin.transfer(&made.id, &made.uid, &to("alice", "data"), Mode::Do).await.unwrap();
    assert_eq!(alice.volume(&made.id).unwrap().volume.uid, made.uid);
    portal.end().await;
}
