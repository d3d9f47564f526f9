//! Are the cluster's own refusals told apart, in its real words?

use crate::people::{PATIENCE, Portal, wish};
use cluster::Error;
use domain::{problem::Code, quantity::Size, volume::VolumeSpec};
use serde_json::{Value, json};

async fn rule(portal: &Portal, kind: &str, plural: &str, spec: Value) {
    let rule = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "rule"}, "spec": spec});
    portal.admin().post(&portal.namespace.path(plural), &rule).await.unwrap();
}

#[tokio::test]
async fn c3_063_a_quota_is_said_with_its_numbers() {
    let portal = Portal::start().await;
    rule(&portal, "ResourceQuota", "resourcequotas", json!({"hard": {"requests.storage": "20Mi"}})).await;
    let counted = |quota: &Value| !quota["status"]["used"].is_null();
    portal.admin().wait_until(&portal.namespace.path("resourcequotas/rule"), PATIENCE, counted).await.unwrap();
    let alice = portal.alice();
    alice.create_volume(&wish("fits", "standard")).await.unwrap();
    let refused = alice.create_volume(&wish("does-not", "standard")).await.unwrap_err();
    let Error::OverQuota { exceeded, said } = &refused else { panic!("{refused:?}") };
    assert_eq!(exceeded.sentence, "The namespace's quota allows 20 Mi for all volumes together; 16 Mi are taken, so 4 Mi are left.");
    assert!(said.contains("used: requests.storage=16Mi, limited: requests.storage=20Mi"), "{said}");
    assert_eq!(refused.problem().code, Code::Quota);
    assert!(refused.problem().fields.get("size").is_some_and(|sentence| sentence.contains("Enter less")), "{refused:?}");
    assert_eq!(alice.volumes().unwrap().len(), 1);
    portal.end().await;
}

#[tokio::test]
async fn a_limit_is_refused_in_the_clusters_words() {
    let portal = Portal::start().await;
    rule(&portal, "LimitRange", "limitranges", json!({"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": "32Mi"}}]})).await;
    let alice = portal.alice();
    let large = VolumeSpec { size: Size::from_bytes(1 << 30), ..wish("large", "standard") };
    // The limit takes effect when the API server's own watch has seen it.
    let refused = loop {
        match alice.create_volume(&large).await {
            Err(refused) => break refused,
            Ok(early) => alice.owned_volume(&early.id).await.unwrap().delete(&early.uid).await.map(drop).unwrap(),
        }
        crate::people::gone(&alice, &alice.volumes().unwrap().pop().unwrap()).await;
    };
    let Error::Refused { message } = &refused else { panic!("{refused:?}") };
    assert_eq!(message, "maximum storage usage per PersistentVolumeClaim is 32Mi, but request is 1Gi");
    assert_eq!(refused.problem().code, Code::Invalid);
    portal.end().await;
}

#[tokio::test]
async fn d_15_a_right_that_the_portal_lost_is_the_portals_fault() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let roles = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles/stowage", portal.namespace.name());
    let read_only = json!({"rules": [{"apiGroups": [""], "resources": ["persistentvolumeclaims", "pods", "events"], "verbs": ["get", "list", "watch"]}]});
    portal.admin().patch_merge(&roles, &read_only).await.unwrap();
    // The authorizer follows the roles by a watch of its own.
    let lost = loop {
        let owned = alice.owned_volume(&made.id).await.unwrap();
        match alice.create_volume(&wish("more", "standard")).await {
            Err(Error::Taken { .. }) | Ok(_) => drop(owned),
            Err(lost) => break lost,
        }
    };
    assert!(matches!(&lost, Error::MissingRight(right) if right.what == "create persistentvolumeclaims"), "{lost:?}");
    assert_eq!(lost.problem().code, Code::PortalMisconfigured);
    let command = lost.problem().for_admins.and_then(|told| told.command).unwrap();
    let asked = format!("kubectl auth can-i create persistentvolumeclaims --namespace {} --as ", portal.namespace.name());
    assert!(command.starts_with(&asked) && command.len() > asked.len(), "{command}");
    let lost = alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap_err();
    assert!(matches!(&lost, Error::MissingRight(right) if right.what == "delete persistentvolumeclaims"), "{lost:?}");
    portal.end().await;
}

#[tokio::test]
async fn a_class_that_never_was_is_the_claims_trouble_not_an_error() {
    let portal = Portal::start().await;
    let made = portal.alice().create_volume(&wish("data", "no-such-class")).await.unwrap();
    assert_eq!(made.status.label(), "Being provisioned", "a new volume is never shown as broken");
    portal.end().await;
}
