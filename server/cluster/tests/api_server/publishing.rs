//! What does it mean that a volume is published as read-only?

use crate::{
    people::{Portal, volume_is, wish},
    tasks::{on, plan},
};
use cluster::Error;
use serde_json::{Value, json};

#[tokio::test]
async fn g0_62_a_published_volume_is_mounted_for_reading_and_can_be_opened_again() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let owned = async || alice.owned_volume(&made.id).await.unwrap();
    assert!(matches!(bob.owned_volume(&made.id).await.err(), Some(Error::NotFound)));
    assert!(matches!(owned().await.publish("00000000-0000-0000-0000-000000000000", true).await, Err(Error::Stale)));
    owned().await.publish(&made.uid, true).await.unwrap();
    assert!(alice.volumes().unwrap()[0].read_only, "it is seen when the answer comes");
    assert_eq!(portal.live(&made).await["metadata"]["annotations"]["stowage.dev/read-only"], "true");

    // A plan from before says that it is written to.
    let writes = on(plan("train", "true"), "/data", &made);
    for refused in [alice.submit(&writes).await.err(), alice.try_submit(&writes).await.err()] {
        let told = refused.unwrap().problem().fields.get("volumes").unwrap_or_default().to_owned();
        assert!(told.contains("published as read-only"), "{told}");
    }
    let mut reads = writes.clone();
    reads.mounts[0].read_only = true;
    let task = alice.submit(&reads).await.unwrap();
    let job = portal.admin().get(&format!("/apis/batch/v1/namespaces/{}/jobs/{}", portal.namespace.name(), task.job)).await.unwrap();
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["volumes"][0]["persistentVolumeClaim"]["readOnly"], true, "{pod}");
    let mounts = pod["containers"][0]["volumeMounts"].as_array().unwrap();
    assert!(mounts.iter().filter(|mount| mount["mountPath"] == "/data").all(|mount| mount["readOnly"] == true), "{pod}");

    owned().await.publish(&made.uid, false).await.unwrap();
    assert_eq!(portal.live(&made).await["metadata"]["annotations"]["stowage.dev/read-only"], Value::Null);
    alice.try_submit(&writes).await.unwrap();

    // A word that is neither is none, and administrators are told.
    let odd = json!({"metadata": {"annotations": {"stowage.dev/read-only": "perhaps", "stowage.dev/description": "seen"}}});
    portal.admin().patch_merge(&portal.claim(&made), &odd).await.unwrap();
    let seen = volume_is(&alice, &made, "the word", |volume| volume.description.is_some()).await;
    assert!(!seen.read_only);
    portal.end().await;
}
