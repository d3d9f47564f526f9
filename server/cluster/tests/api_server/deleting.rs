//! What may be deleted, and what is left untouched?

use crate::people::{PATIENCE, Portal, gone, key, volume_is, wish};
use cluster::Error;
use domain::{
    allowed::WhyNot,
    cause::{Action, CauseId},
    volume::UsePhase,
};
use ground::Work;
use serde_json::json;

#[tokio::test]
async fn a_deleted_volume_is_gone_from_the_list_when_the_answer_comes() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    let left = alice.volumes().unwrap();
    assert!(left.iter().all(|volume| volume.status.is_deleting()), "{left:?}");
    gone(&alice, &made).await;
    assert!(portal.live(&made).await.is_null());
    portal.end().await;
}

#[tokio::test]
async fn c3_065_a_volume_that_a_pod_works_with_is_not_deleted_and_the_pod_is_named() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let namespace = portal.namespace.name();
    portal.admin().start_pod(namespace, "worker", &[(&made.claim, "/data")], &[], Work::UntilDeleted).await.unwrap();
    // At once: the rows may not know the pod yet.
    let refused = alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap_err();
    assert!(matches!(&refused, Error::InUse(WhyNot::InUse { by }) if by == &["worker"]), "{refused:?}");
    assert!(refused.problem().message.contains("worker"));
    assert!(portal.live(&made).await["metadata"]["deletionTimestamp"].is_null());

    portal.admin().delete(&portal.namespace.path("pods/worker")).await.unwrap();
    portal.admin().wait_until(&portal.namespace.path("pods/worker"), PATIENCE, serde_json::Value::is_null).await.unwrap();
    alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    gone(&alice, &made).await;
    portal.end().await;
}

#[tokio::test]
async fn c3_065_another_persons_pod_counts_but_is_not_named() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let bob = key("bob");
    let labels = [("stowage.dev/owner", bob.as_str())];
    portal.admin().start_pod(portal.namespace.name(), "secret-plan", &[(&made.claim, "/data")], &labels, Work::UntilDeleted).await.unwrap();
    let refused = alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap_err();
    assert!(matches!(&refused, Error::InUse(WhyNot::InUse { by }) if by == &["another person's pod"]), "{refused:?}");
    let seen = volume_is(&alice, &made, "the pod is seen", |volume| !volume.used_by.is_empty()).await;
    assert!(!format!("{seen:?}").contains("secret-plan"));
    portal.end().await;
}

#[tokio::test]
async fn a_finished_pod_does_not_forbid_deletion_but_is_named_as_what_holds_it() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    portal.admin().start_pod(portal.namespace.name(), "done", &[(&made.claim, "/data")], &[], Work::Nothing).await.unwrap();
    volume_is(&alice, &made, "the pod has finished", |volume| volume.used_by.iter().any(|pod| pod.phase == UsePhase::Finished)).await;
    alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    let held = alice.volume(&made.id).unwrap().volume;
    assert_eq!((held.status.id(), held.status.action()), (CauseId::HeldByFinishedPod, Some(&Action::RemoveFinishedPods)));
    // Asking again changes nothing and is no error.
    alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    portal.admin().delete(&portal.namespace.path("pods/done")).await.unwrap();
    gone(&alice, &made).await;
    portal.end().await;
}

#[tokio::test]
async fn c3_046_deleting_what_was_there_before_changes_nothing() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let former = "00000000-0000-0000-0000-000000000000";
    let refused = alice.owned_volume(&made.id).await.unwrap().delete(former).await;
    assert!(matches!(refused, Err(Error::Stale)), "{refused:?}");

    // The same name again, made by somebody else between proof and deletion.
    let proven = alice.owned_volume(&made.id).await.unwrap();
    let mut again = portal.live(&made).await;
    portal.admin().delete(&portal.claim(&made)).await.unwrap();
    portal.admin().wait_until(&portal.claim(&made), PATIENCE, serde_json::Value::is_null).await.unwrap();
    for field in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
        again["metadata"].as_object_mut().unwrap().remove(field);
    }
    portal.admin().post(&portal.namespace.path("persistentvolumeclaims"), &again).await.unwrap();
    assert!(matches!(proven.delete(&made.uid).await, Err(Error::Stale)));
    let live = portal.live(&made).await;
    assert!(live["metadata"]["deletionTimestamp"].is_null() && live["metadata"]["uid"] != made.uid.as_str());
    portal.end().await;
}

#[tokio::test]
async fn d_10_a_claim_that_changed_in_between_is_proven_again_and_deleted() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let proven = alice.owned_volume(&made.id).await.unwrap();
    let describe = json!({"metadata": {"annotations": {"stowage.dev/description": "d"}}});
    portal.admin().patch_merge(&portal.claim(&made), &describe).await.unwrap();
    proven.delete(&made.uid).await.unwrap();
    gone(&alice, &made).await;
    portal.end().await;
}
