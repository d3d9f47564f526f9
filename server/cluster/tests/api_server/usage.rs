//! Is what the portal says about how full volumes are what their node measured? A real kubelet, a real disk.

use crate::{
    people::{PATIENCE, Portal, volume_is, wish},
    spoilt::Spoilt,
};
use cluster::UserCluster;
use domain::{
    name::VolumeId,
    quantity::Size,
    usage::{Fullness, Unknown},
    volume::{Volume, VolumeSpec},
};
use ground::{Ground, Namespace, Work};
use serde_json::{Value, json};

const MI: u64 = 1 << 20;
const FILL: Work = Work::Shell("head -c 20971520 /dev/zero > /data/file; trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done");
const SUMMARY: &str = "/api/v1/nodes/localhost/proxy/stats/summary";

fn disk(name: &str) -> VolumeSpec {
    VolumeSpec { size: Size::from_bytes(32 * MI), ..wish(name, "fast") }
}

/// Until the node itself has measured that this much of the claim is used.
async fn node_knows(ground: &Ground, namespace: &Namespace, claim: &str, least: u64) {
    let reference = json!({"name": claim, "namespace": namespace.name()});
    let measured = |summary: &Value| {
        let volumes = summary["pods"].as_array().into_iter().flatten().filter_map(|pod| pod["volume"].as_array()).flatten();
        volumes.filter(|volume| volume["pvcRef"] == reference).any(|volume| volume["usedBytes"].as_u64().is_some_and(|used| used >= least))
    };
    ground.admin().wait_until(SUMMARY, PATIENCE, measured).await.unwrap();
}

fn fullness(person: &UserCluster, id: &VolumeId) -> Fullness {
    person.volume(id).unwrap().volume.fullness
}

async fn bound(person: &UserCluster, wish: &VolumeSpec) -> Volume {
    let made = person.create_volume(wish).await.unwrap();
    volume_is(person, &made, "its storage is there", |volume| volume.status.phase() == "Bound").await
}

#[tokio::test]
async fn g0_59_what_a_pod_wrote_is_measured_a_folder_of_a_disk_is_told_apart_and_the_last_figure_stays() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let disk = bound(&alice, &disk("disk")).await;
    let idle = bound(&alice, &wish("idle", "fast")).await;
    let folder = alice.create_volume(&wish("folder", "standard")).await.unwrap();
    assert_eq!(fullness(&alice, &folder.id), Fullness::Unknown(Unknown::NoStorage));
    assert_eq!(fullness(&alice, &disk.id), Fullness::Unknown(Unknown::Off), "nobody has asked yet");

    let namespace = portal.namespace.name();
    let mounts = [(disk.claim.as_str(), "/data"), (folder.claim.as_str(), "/folder")];
    portal.admin().start_pod(namespace, "writer", &mounts, &[], FILL).await.unwrap();
    volume_is(&alice, &disk, "the pod runs", |volume| volume.used_by.iter().any(|pod| pod.phase == domain::volume::UsePhase::Running))
        .await;
    node_knows(&portal.ground, &portal.namespace, &disk.claim, 20 * MI).await;
    node_knows(&portal.ground, &portal.namespace, &folder.claim, 1).await;
    let measured = portal.cluster.measure().await.unwrap();
    assert!(measured.iter().any(|one| one.uid == disk.uid) && measured.iter().all(|one| one.uid != idle.uid), "{measured:?}");

    let Fullness::Measured(sample) = fullness(&alice, &disk.id) else { panic!("{:?}", fullness(&alice, &disk.id)) };
    let (used, total) = (sample.usage.used.bytes() / MI, sample.usage.total.bytes() / MI);
    assert!((20..30).contains(&used) && (25..=32).contains(&total), "{used} of {total}");
    assert!(sample.files.is_some_and(|files| files.used > 0 && files.used < files.total), "{sample:?}");
    assert!(matches!(fullness(&alice, &folder.id), Fullness::Shared(_)), "{:?}", fullness(&alice, &folder.id));
    assert_eq!(fullness(&alice, &idle.id), Fullness::Unknown(Unknown::NotMounted));

    let pod = portal.namespace.path("pods/writer");
    portal.admin().delete(&pod).await.unwrap();
    volume_is(&alice, &disk, "the pod is gone", |volume| volume.used_by.is_empty()).await;
    let again = portal.cluster.measure().await.unwrap();
    assert!(again.iter().all(|one| one.uid != disk.uid), "nobody measures what nothing mounts");
    assert_eq!(fullness(&alice, &disk.id), Fullness::Measured(sample), "the last figure, with its time");
    portal.end().await;
}

#[tokio::test]
async fn without_the_right_to_ask_nodes_the_portal_says_so_and_asks_again_by_itself() {
    let spoilt = Spoilt::start().await;
    let alice = &spoilt.alice;
    let disk = bound(alice, &disk("disk")).await;
    spoilt.ground.admin().start_pod(spoilt.namespace.name(), "writer", &[(&disk.claim, "/data")], &[], FILL).await.unwrap();
    volume_is(alice, &disk, "the pod runs", |volume| volume.used_by.iter().any(|pod| pod.phase == domain::volume::UsePhase::Running)).await;
    node_knows(&spoilt.ground, &spoilt.namespace, &disk.claim, 20 * MI).await;

    spoilt.between.spoil(|request| request.contains("/proxy/stats").then(forbidden));
    assert_eq!(spoilt.cluster.measure().await.unwrap(), []);
    assert_eq!(fullness(alice, &disk.id), Fullness::Unknown(Unknown::Refused));
    assert!(spoilt.cluster.health().down_since.is_none(), "all else works");

    spoilt.between.spoil(|_| None);
    spoilt.cluster.measure().await.unwrap();
    assert!(fullness(alice, &disk.id).percent().is_some_and(|percent| percent > 50));

    spoilt.between.spoil(|request| request.contains("/proxy/stats").then(silent_node));
    assert_eq!(spoilt.cluster.measure().await.unwrap(), []);
    assert!(fullness(alice, &disk.id).percent().is_some(), "a node that is silent takes no figure away");
    spoilt.namespace.delete().await.unwrap();
}

fn forbidden() -> crate::interference::Fault {
    let message = "nodes \"localhost\" is forbidden: User \"u\" cannot get resource \"nodes/proxy\" in API group \"\" at the cluster scope";
    answer(403, "Forbidden", message)
}

fn silent_node() -> crate::interference::Fault {
    answer(503, "ServiceUnavailable", "error trying to reach service: dial tcp: connection refused")
}

fn answer(code: u16, reason: &str, message: &str) -> crate::interference::Fault {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code, "message": message});
    crate::interference::Fault::Answer(code, status)
}
