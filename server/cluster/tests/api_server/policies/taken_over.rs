//! What is left to somebody who acts as the portal itself?

use super::{Policies, by, collection, tried, unguarded};
use crate::{people::wish, tasks::plan};
use ground::ACCOUNT;
use serde_json::{Value, json};

/// What the portal made, as it could be made once more under another name.
fn again(mut live: Value) -> Value {
    live.as_object_mut().unwrap().remove("status");
    let (labels, annotations) = (live["metadata"]["labels"].take(), live["metadata"]["annotations"].take());
    live["metadata"] = json!({"name": "again", "labels": labels, "annotations": annotations});
    if live["kind"] == "Job" {
        live["spec"].as_object_mut().unwrap().remove("selector");
        let labels = live["spec"]["template"]["metadata"]["labels"].as_object_mut().unwrap();
        labels.retain(|key, _| !key.ends_with("controller-uid") && !key.ends_with("job-name"));
    }
    live
}

#[tokio::test]
async fn p1_a_portal_that_was_taken_over_makes_no_other_pods_than_tasks_have() {
    let (portal, _) = unguarded().await;
    let alice = portal.alice();
    let made = alice.submit(&plan("good", "echo done")).await.unwrap();
    let job = portal.admin().get(&format!("{}/{}", collection(&portal, "jobs"), made.job)).await.unwrap();
    let good = again(job);
    let account = portal.admin().acting_as(ACCOUNT);
    let with = |path: &str, value: Value| {
        let mut job = good.clone();
        let (parent, last) = path.rsplit_once('/').unwrap();
        let last = &last.replace("~1", "/");
        let parent = job.pointer_mut(&format!("/spec{parent}")).unwrap_or_else(|| panic!("{path}"));
        match (parent, value) {
            (Value::Object(parent), Value::Null) => drop(parent.remove(last)),
            (parent, value) => parent[last] = value,
        }
        job
    };
    let pod = "/template/spec";
    let container = "/template/spec/containers/0";
    let volume = |source: Value| {
        let mut volume = json!({"name": "x"});
        volume.as_object_mut().unwrap().extend(source.as_object().unwrap().clone());
        with(&format!("{pod}/volumes"), json!([volume]))
    };
    let second = json!({"name": "second", "image": "x"});
    let task = &good["spec"]["template"]["spec"]["containers"][0];
    let bad = [
        with(&format!("{pod}/serviceAccountName"), json!("default")),
        with(&format!("{pod}/automountServiceAccountToken"), json!(true)),
        with(&format!("{pod}/automountServiceAccountToken"), Value::Null),
        with(&format!("{pod}/enableServiceLinks"), Value::Null),
        with(&format!("{pod}/hostNetwork"), json!(true)),
        with(&format!("{pod}/hostPID"), json!(true)),
        with(&format!("{pod}/hostIPC"), json!(true)),
        with(&format!("{pod}/shareProcessNamespace"), json!(true)),
        with(&format!("{pod}/hostAliases"), json!([{"ip": "127.0.0.1", "hostnames": ["x"]}])),
        with(&format!("{pod}/securityContext"), json!({})),
        with(&format!("{pod}/securityContext/runAsNonRoot"), json!(false)),
        with(&format!("{pod}/securityContext/runAsUser"), json!(0)),
        with(&format!("{pod}/securityContext/fsGroup"), json!(0)),
        with(&format!("{pod}/securityContext/seccompProfile"), json!({"type": "Unconfined"})),
        with(&format!("{pod}/securityContext/sysctls"), json!([{"name": "net.ipv4.ip_local_port_range", "value": "1 2"}])),
        with(&format!("{pod}/securityContext/supplementalGroups"), json!([0])),
        with(&format!("{pod}/initContainers"), json!([second])),
        with(&format!("{pod}/containers"), json!([task, second])),
        with(&format!("{container}/name"), json!("other")),
        with(&format!("{container}/securityContext"), Value::Null),
        with(&format!("{container}/securityContext/allowPrivilegeEscalation"), json!(true)),
        with(&format!("{container}/securityContext/capabilities"), json!({"drop": ["KILL"]})),
        with(&format!("{container}/securityContext/capabilities"), json!({"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]})),
        with(&format!("{container}/securityContext/runAsUser"), json!(0)),
        with(&format!("{container}/ports"), json!([{"containerPort": 80, "hostPort": 80}])),
        with(&format!("{container}/lifecycle"), json!({"preStop": {"exec": {"command": ["x"]}}})),
        with(&format!("{container}/livenessProbe"), json!({"exec": {"command": ["x"]}})),
        with(&format!("{container}/env"), json!([{"name": "X", "valueFrom": {"secretKeyRef": {"name": "x", "key": "x"}}}])),
        with(&format!("{container}/envFrom"), json!([{"secretRef": {"name": "x"}}])),
        with(&format!("{container}/resources/limits/memory"), Value::Null),
        volume(json!({"hostPath": {"path": "/"}})),
        volume(json!({"secret": {"secretName": "x"}})),
        volume(json!({"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}})),
        volume(json!({"emptyDir": {}})),
        with(&format!("{pod}/priorityClassName"), json!("system-node-critical")),
        with(&format!("{pod}/nodeName"), json!("localhost")),
        with(&format!("{pod}/tolerations"), json!([{"operator": "Exists"}])),
        with(&format!("{pod}/affinity"), json!({"nodeAffinity": {}})),
        with(&format!("{pod}/runtimeClassName"), json!("x")),
        with(&format!("{pod}/schedulerName"), json!("mine")),
        with("/template/metadata/labels/stowage.dev~1owner", json!("o1-other")),
        with("/template/metadata/labels", Value::Null),
        with("/backoffLimit", json!(4)),
        with("/parallelism", json!(65)),
        with("/activeDeadlineSeconds", Value::Null),
        with("/ttlSecondsAfterFinished", Value::Null),
    ];
    for job in &bad {
        tried(&account, &portal, "jobs", job).await.unwrap_or_else(|refused| panic!("without the policies: {refused}"));
    }
    let service = |spec: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "labels": good["metadata"]["labels"]}, "spec": spec});
    let services = [
        service(json!({"type": "LoadBalancer", "ports": [{"port": 80}], "selector": {"a": "b"}})),
        service(json!({"type": "ExternalName", "externalName": "evil.example"})),
        service(json!({"clusterIP": "None", "externalIPs": ["192.0.2.1"], "ports": [{"port": 80}]})),
    ];
    for service in &services {
        tried(&account, &portal, "services", service).await.unwrap();
    }

    let policies = Policies::of(&portal).await;
    tried(&account, &portal, "jobs", &good).await.unwrap();
    for job in &bad {
        let answer = tried(&account, &portal, "jobs", job).await;
        assert!(by(&answer, "stowage-tasks"), "{job}: {answer:?}");
    }
    for service in &services {
        let answer = tried(&account, &portal, "services", service).await;
        assert!(by(&answer, "stowage-services"), "{service}: {answer:?}");
    }
    policies.end(portal).await;
}

#[tokio::test]
async fn p3_a_portal_that_was_taken_over_makes_no_volume_from_another_ones_data() {
    let (portal, _) = unguarded().await;
    let made = portal.alice().create_volume(&wish("data", "standard")).await.unwrap();
    let good = again(portal.live(&made).await);
    let account = portal.admin().acting_as(ACCOUNT);
    let with = |path: &str, value: Value| {
        let mut claim = good.clone();
        let (parent, last) = path.rsplit_once('/').unwrap();
        let last = last.replace("~1", "/");
        match (claim.pointer_mut(parent).unwrap(), value) {
            (Value::Object(parent), Value::Null) => drop(parent.remove(&last)),
            (parent, value) => parent[&last] = value,
        }
        claim
    };
    let source = json!({"kind": "PersistentVolumeClaim", "name": made.claim});
    let bad = [
        with("/spec/dataSource", source.clone()),
        with("/spec/dataSourceRef", source),
        with("/spec/volumeName", json!("released")),
        with("/spec/selector", json!({"matchLabels": {"a": "b"}})),
        with("/spec/volumeMode", json!("Block")),
        with("/spec/storageClassName", json!("")),
        with("/spec/resources/requests/storage", json!("101Ti")),
        with("/metadata/labels", Value::Null),
        with("/metadata/annotations/stowage.dev~1owner-sub", Value::Null),
    ];
    for claim in &bad {
        tried(&account, &portal, "persistentvolumeclaims", claim).await.unwrap_or_else(|refused| panic!("without the policies: {refused}"));
    }
    let policies = Policies::of(&portal).await;
    tried(&account, &portal, "persistentvolumeclaims", &good).await.unwrap();
    for claim in &bad {
        let answer = tried(&account, &portal, "persistentvolumeclaims", claim).await;
        assert!(by(&answer, "stowage-volumes"), "{claim}: {answer:?}");
    }
    policies.end(portal).await;
}
