//! What becomes of claims whose labels and sizes say what cannot be? Administrators are told of each, and nothing else breaks.

use crate::people::{ISSUER, Portal, key, person, until, wish};
use domain::volume::Unreadable;
use serde_json::{Value, json};

fn claim(name: &str, labels: Value, annotations: Value, size: &str) -> Value {
    let mut claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": {"skypilot-volume": "true"}, "annotations": annotations},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": size}}}
    });
    for (label, value) in labels.as_object().into_iter().flatten() {
        claim["metadata"]["labels"][label] = value.clone();
    }
    claim
}

#[tokio::test]
async fn c6_117_claims_that_cannot_be_read_are_told_to_administrators_with_the_reason_and_cost_no_other() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let good = alice.create_volume(&wish("good", "standard")).await.unwrap();
    let hers = json!({"stowage.dev/owner-iss": ISSUER, "stowage.dev/owner-sub": "alice"});
    let absurd = json!({"stowage.dev/owner-iss": ISSUER, "stowage.dev/owner-sub": "alice", "stowage.dev/mount-path": "/proc/../etc",
        "stowage.dev/description": "x".repeat(200_000)});
    let spoilt = [
        claim("another", json!({"stowage.dev/owner": key("bob")}), hers.clone(), "1Mi"),
        claim("bad-id", json!({"stowage.dev/owner": key("alice"), "volume-id": "NOT.an_Id"}), hers.clone(), "1Mi"),
        claim("huge", json!({"stowage.dev/owner": key("alice"), "volume-id": "huge0001"}), absurd, "9E"),
        claim("twice", json!({"stowage.dev/owner": key("alice"), "volume-id": good.id}), hers, "1Mi"),
        claim("unproven", json!({"stowage.dev/owner": "nobody"}), json!({}), "1Mi"),
    ];
    for claim in &spoilt {
        portal.admin().post(&portal.namespace.path("persistentvolumeclaims"), claim).await.unwrap();
    }
    let admin = portal.cluster.as_user(person("root", true)).admin().unwrap();
    let told = until(admin.changes(), "all of them", || Some(admin.unreadable().unwrap()).filter(|told| told.len() == 6)).await;
    let said: Vec<_> = told.iter().map(|Unreadable { claim, reasons, .. }| (claim.as_str(), reasons.join("; "))).collect();
    let same_id = format!("another claim has its id {}", good.id);
    let expected = [
        ("another", "its owner label and its owner annotations name different people"),
        ("bad-id", "its volume-id “NOT.an_Id” is not 8 small letters and digits"),
        (good.claim.as_str(), same_id.as_str()),
        ("huge", "its mount path “/proc/../etc” cannot be mounted at; it asks for “9E”, which is no size of storage"),
        ("twice", same_id.as_str()),
        ("unproven", "its owner label “nobody” has nothing that proves it"),
    ];
    assert_eq!(said, expected.map(|(claim, reason)| (claim, reason.to_owned())));

    let own: Vec<_> = alice.volumes().unwrap().into_iter().map(|volume| volume.claim).collect();
    assert_eq!(own, ["bad-id", good.claim.as_str(), "huge", "twice"], "what is provably hers is there as far as it can be read");
    assert!(portal.bob().volumes().unwrap().is_empty(), "a label alone gives nobody anything");
    assert_eq!(admin.volumes().unwrap().len(), 6);
    portal.end().await;
}
