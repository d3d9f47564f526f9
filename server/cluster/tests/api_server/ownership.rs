//! Can one person reach what is another's? Absent and not yours must be the same.

use crate::people::{ISSUER, Portal, gone, key, person, until, wish};
use cluster::{Error, UserCluster};
use domain::{name::VolumeId, problem::Problem};
use serde_json::json;

async fn answers(person: &UserCluster, id: &VolumeId) -> [Problem; 2] {
    let live = person.owned_volume(id).await.err().expect("it must not be reachable");
    [person.volume(id).unwrap_err().problem(), live.problem()]
}

#[tokio::test]
async fn c3_040_bob_gets_the_same_answer_for_alices_volume_as_for_one_that_never_was() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let hers = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let never: VolumeId = "zzzzzzzz".parse().unwrap();
    assert_eq!(answers(&bob, &hers.id).await, answers(&bob, &never).await);
    assert_eq!(answers(&bob, &hers.id).await[0], Problem::not_found());
    assert!(bob.volumes().unwrap().is_empty());
    // The same subject at another issuer is another person.
    let other = domain::owner::Principal::new(&format!("{ISSUER}/"), "alice").unwrap();
    let impostor = portal.cluster.as_user(cluster::User::from_session(other, "alice@example.org".into(), "Alice".into(), false));
    assert_eq!(answers(&impostor, &hers.id).await, answers(&bob, &never).await);
    assert!(alice.owned_volume(&hers.id).await.is_ok());
    portal.end().await;
}

#[tokio::test]
async fn a_claim_with_the_label_of_one_and_the_annotations_of_another_is_visible_to_neither() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let hers = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let proven = alice.owned_volume(&hers.id).await.unwrap();
    let relabel = json!({"metadata": {"labels": {"stowage.dev/owner": key("bob")}}});
    portal.admin().patch_merge(&portal.claim(&hers), &relabel).await.unwrap();
    // What was proven before is proven again before it is acted upon.
    assert!(matches!(proven.delete(&hers.uid).await, Err(Error::NotFound)));
    gone(&alice, &hers).await;
    let absent = Problem::not_found();
    for person in [&alice, &bob] {
        assert_eq!(answers(person, &hers.id).await, [absent.clone(), absent.clone()]);
        assert!(person.volumes().unwrap().is_empty());
    }
    assert!(portal.live(&hers).await["metadata"]["deletionTimestamp"].is_null());
    let admin = portal.cluster.as_user(person("root", true)).admin().unwrap();
    assert_eq!(admin.volume(&hers.id).unwrap().volume.uid, hers.uid);
    portal.end().await;
}

#[tokio::test]
async fn a_claim_that_loses_its_marker_is_no_volume_any_more() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let hers = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let proven = alice.owned_volume(&hers.id).await.unwrap();
    let unmark = json!({"metadata": {"labels": {"skypilot-volume": null}}});
    portal.admin().patch_merge(&portal.claim(&hers), &unmark).await.unwrap();
    assert!(matches!(proven.delete(&hers.uid).await, Err(Error::NotFound)));
    gone(&alice, &hers).await;
    portal.end().await;
}

#[tokio::test]
async fn c3_047_a_claim_of_nobody_is_seen_by_administrators_only() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "old", "labels": {"skypilot-volume": "true", "volume-id": "old00001", "username": "alice-example.org"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Mi"}}}
    });
    portal.admin().post(&portal.namespace.path("persistentvolumeclaims"), &claim).await.unwrap();
    assert!(matches!(alice.clone().admin(), Err(Error::Forbidden)));
    let admin = portal.cluster.as_user(person("alice", true)).admin().unwrap();
    let seen = until(admin.changes(), "the unclaimed volume", || admin.volumes().unwrap().pop()).await;
    assert_eq!((seen.id.as_str(), seen.username.as_str(), seen.name.as_str()), ("old00001", "", "old"));
    assert!(alice.volumes().unwrap().is_empty(), "a readable name is no right");
    portal.end().await;
}

#[tokio::test]
async fn c3_045_an_id_that_two_own_claims_carry_means_neither() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let one = alice.create_volume(&wish("one", "standard")).await.unwrap();
    let two = alice.create_volume(&wish("two", "standard")).await.unwrap();
    let same = json!({"metadata": {"labels": {"volume-id": one.id}}});
    portal.admin().patch_merge(&portal.claim(&two), &same).await.unwrap();
    until(alice.changes(), "both claims carry the id", || alice.volume(&two.id).is_err().then_some(())).await;
    let both =
        |error: Error| matches!(error, Error::Ambiguous { claims, for_admin: false } if claims == [one.claim.clone(), two.claim.clone()]);
    assert!(both(alice.volume(&one.id).unwrap_err()));
    assert!(both(alice.owned_volume(&one.id).await.err().unwrap()));
    assert_eq!(alice.volumes().unwrap().len(), 2);
    portal.end().await;
}

#[tokio::test]
async fn an_id_that_claims_of_two_people_carry_is_told_to_administrators_in_their_words() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let hers = alice.create_volume(&wish("one", "standard")).await.unwrap();
    let his = bob.create_volume(&wish("two", "standard")).await.unwrap();
    let same = json!({"metadata": {"labels": {"volume-id": hers.id}}});
    portal.admin().patch_merge(&portal.claim(&his), &same).await.unwrap();
    let admin = portal.cluster.as_user(person("root", true)).admin().unwrap();
    let refused = until(admin.changes(), "both claims carry the id", || admin.volume(&hers.id).err()).await;
    let said = refused.problem().message;
    assert!(said.starts_with(&format!("Several claims carry this id ({}, {})", hers.claim, his.claim)), "{said}");
    // Each of the two has but one of this id.
    assert_eq!(alice.volume(&hers.id).unwrap().volume.claim, hers.claim);
    assert_eq!(bob.volume(&hers.id).unwrap().volume.claim, his.claim);
    portal.end().await;
}
