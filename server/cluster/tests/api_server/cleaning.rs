//! Which finished pods are removed, and which stay?

use crate::people::{Portal, gone, key, volume_is, wish};
use cluster::Cleanup;
use domain::volume::UsePhase;
use ground::Work;
use serde_json::Value;

async fn there(portal: &Portal, pod: &str) -> bool {
    let path = portal.namespace.path(&format!("pods/{pod}"));
    match portal.admin().get(&path).await {
        Ok(pod) => pod["metadata"]["deletionTimestamp"].is_null(),
        Err(absent) => !absent.is_not_found(),
    }
}

#[tokio::test]
async fn c3_065_only_finished_pods_of_ones_own_that_mount_the_volume_are_removed_and_others_are_counted() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let other = alice.create_volume(&wish("other", "standard")).await.unwrap();
    let (hers, his) = (key("alice"), key("bob"));
    let (hers, his) = ([("stowage.dev/owner", hers.as_str())], [("stowage.dev/owner", his.as_str())]);
    let start = async |name: &str, claim: &str, labels: &[(&str, &str)], work| {
        portal.admin().start_pod(portal.namespace.name(), name, &[(claim, "/data")], labels, work).await.unwrap();
    };
    start("hers-done", &made.claim, &hers, Work::Nothing).await;
    start("hers-failed", &made.claim, &hers, Work::Shell("exit 3")).await;
    start("hers-elsewhere", &other.claim, &hers, Work::Nothing).await;
    start("hers-runs", &made.claim, &hers, Work::UntilDeleted).await;
    start("his-done", &made.claim, &his, Work::Nothing).await;
    start("nobodys-done", &made.claim, &[], Work::Nothing).await;
    let finished = |number| {
        move |volume: &domain::volume::Volume| volume.used_by.iter().filter(|pod| pod.phase == UsePhase::Finished).count() == number
    };
    volume_is(&alice, &made, "four pods have finished", finished(4)).await;
    volume_is(&alice, &other, "the other has finished", finished(1)).await;

    let cleaned = alice.owned_volume(&made.id).await.unwrap().remove_finished_pods(&made.uid).await.unwrap();
    assert_eq!(cleaned, Cleanup { removed: 2, of_others: 2 });
    for (pod, stays) in [
        ("hers-done", false),
        ("hers-failed", false),
        ("hers-elsewhere", true),
        ("hers-runs", true),
        ("his-done", true),
        ("nobodys-done", true),
    ] {
        assert_eq!(there(&portal, pod).await, stays, "{pod}");
    }
    let left = alice.volume(&made.id).unwrap().volume.used_by;
    assert_eq!(left.iter().filter(|pod| pod.phase == UsePhase::Finished).count(), 2, "the list shows it when the answer comes: {left:?}");
    // Again: nothing is left to do.
    let cleaned = alice.owned_volume(&made.id).await.unwrap().remove_finished_pods(&made.uid).await.unwrap();
    assert_eq!(cleaned, Cleanup { removed: 0, of_others: 2 });
    portal.end().await;
}

#[tokio::test]
async fn a_deletion_that_waits_for_ones_finished_pod_goes_on_when_it_is_removed() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let hers = key("alice");
    let labels = [("stowage.dev/owner", hers.as_str())];
    portal.admin().start_pod(portal.namespace.name(), "done", &[(&made.claim, "/data")], &labels, Work::Nothing).await.unwrap();
    volume_is(&alice, &made, "the pod has finished", |volume| volume.used_by.iter().any(|pod| pod.phase == UsePhase::Finished)).await;
    alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    assert!(portal.live(&made).await["metadata"]["deletionTimestamp"].is_string());
    alice.owned_volume(&made.id).await.unwrap().remove_finished_pods(&made.uid).await.unwrap();
    gone(&alice, &made).await;
    assert_eq!(portal.live(&made).await, Value::Null);
    portal.end().await;
}
