//! Does what the real cluster says become the reason that its owner reads? The many cases are recorded in the crate
//! (`claim/recorded`); here is that such answers come in at all, and that they reach whom they concern.

use crate::people::{PATIENCE, Portal, key, person, until, volume_is, wish};
use cluster::{Cluster, Options};
use domain::{
    cause::{Action, CauseId},
    event::Event,
    quantity::Size,
};
use ground::BUSYBOX;
use serde_json::{Value, json};
use tokio::time::timeout;

/// A pod that no node of the ground can take.
fn unplaceable(claim: &str, owner: &str) -> Value {
    json!({
        "metadata": {"name": "picky", "labels": {"stowage.dev/owner": owner}},
        "spec": {
            "nodeSelector": {"gpu": "none-has-it"},
            "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "main", "image": BUSYBOX, "resources": {"limits": {"cpu": "5m", "memory": "8Mi"}},
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]
        }
    })
}

#[tokio::test]
async fn a_volume_whose_pod_gets_no_node_says_so_to_the_pods_person_and_names_it_to_nobody_else() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let pods = portal.namespace.path("pods");
    portal.admin().post(&pods, &unplaceable(&made.claim, key("alice").as_str())).await.unwrap();
    let waiting = volume_is(&alice, &made, "the scheduler's word", |volume| volume.status.id() == CauseId::PodNotPlaced).await;
    assert!(waiting.status.evidence()[0].line.contains("Pod picky: FailedScheduling"), "{:?}", waiting.status);
    assert_eq!(waiting.status.action(), Some(&Action::ShowUsers));

    let relabelled = json!({"metadata": {"labels": {"stowage.dev/owner": key("bob").as_str()}}});
    portal.admin().patch_merge(&portal.namespace.path("pods/picky"), &relabelled).await.unwrap();
    let hidden = volume_is(&alice, &made, "a pod that is not hers", |volume| volume.used_by.iter().all(|pod| !pod.is_named())).await;
    assert!(!serde_json::to_string(&hidden).unwrap().contains("picky"), "{hidden:?}");
    portal.end().await;
}

#[tokio::test]
async fn g4_20_events_name_the_storage_to_administrators_only() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let admin = portal.cluster.as_user(person("root", true)).admin().unwrap();
    let made = alice.create_volume(&wish("data", "fast")).await.unwrap();
    let storage = format!("pvc-{}", made.uid);
    let about = |events: &[Event]| events.iter().find(|event| event.reason == "ProvisioningSucceeded").map(|event| event.message.clone());
    let to_admins = until(admin.changes(), "the provisioner's word", || about(&admin.volume(&made.id).unwrap().events)).await;
    assert!(to_admins.contains(&storage), "{to_admins}");
    let own = alice.volume(&made.id).unwrap();
    assert_eq!(about(&own.events).unwrap(), to_admins.replace(&storage, "(name hidden)"));
    assert!(!format!("{own:?}").contains(&storage), "{own:?}");
    portal.end().await;
}

#[tokio::test]
async fn what_a_quota_leaves_is_told_by_class() {
    let portal = Portal::start().await;
    assert_eq!(portal.alice().quota().unwrap(), None);
    portal.alice().create_volume(&wish("data", "standard")).await.unwrap();
    let hard = json!({"requests.storage": "1Gi", "shared.storageclass.storage.k8s.io/persistentvolumeclaims": "0"});
    let quota = json!({"metadata": {"name": "q"}, "spec": {"hard": hard}});
    portal.admin().post(&portal.namespace.path("resourcequotas"), &quota).await.unwrap();
    let counted = |quota: &Value| quota["status"]["used"]["requests.storage"] == "16Mi";
    portal.admin().wait_until(&portal.namespace.path("resourcequotas/q"), PATIENCE, counted).await.unwrap();
    // A portal that starts now lists it as it is.
    let options = Options {
        kubeconfig: Some(portal.ground.portal_kubeconfig().to_owned()),
        namespace: portal.namespace.name().to_owned(),
        ..Options::default()
    };
    let cluster = Cluster::connect(options).await.unwrap();
    timeout(PATIENCE, cluster.synced()).await.unwrap();
    let left = cluster.as_user(person("bob", false)).quota().unwrap().unwrap();
    assert_eq!(left.for_class("standard").size, Some(Size::from_bytes((1 << 30) - (16 << 20))));
    assert!(left.refuses("shared", Size::from_bytes(1)).is_some() && left.refuses("standard", Size::from_bytes(1)).is_none());
    portal.end().await;
}
