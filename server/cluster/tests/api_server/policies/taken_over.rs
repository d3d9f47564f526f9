//! What is left to somebody who acts as the portal itself?

use super::{Policies, by, collection, tried, unguarded};
use crate::{
    people::{key, wish},
    tasks::plan,
};
use domain::{name::ObjectName, secret::SecretSpec, task::FromSecret};
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
    let secret = |subject: &str| ObjectName::of_secret(&key(subject), &"s3".parse().unwrap());
    let mut reads = plan("good", "echo done");
    reads.spec.secrets = vec![FromSecret::read("A".parse().unwrap(), "s3/ID").unwrap()];
    alice
        .create_secret(&SecretSpec { name: "s3".parse().unwrap(), values: vec![("ID".parse().unwrap(), "one".to_owned().into())] })
        .await
        .unwrap();
    let made = alice.submit(&reads).await.unwrap();
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
    let from = |name: &str, optional: bool| {
        let key = json!({"name": name, "key": "ID", "optional": optional});
        with(&format!("{container}/env"), json!([{"name": "X", "valueFrom": {"secretKeyRef": key}}]))
    };
    let field = |path: &str| with(&format!("{container}/env"), json!([{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": path}}}]));
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
        // Bob's, one that is called nearly like hers, any other, and hers so that nobody would see that it is missing.
        from(secret("bob").as_str(), false),
        from(&secret("alice").as_str().replace("-s3", "s3"), false),
        from("x", false),
        from(secret("alice").as_str(), true),
        with(&format!("{container}/env"), json!([{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "x", "key": "x"}}}])),
        with(&format!("{container}/env"), json!([{"name": "X", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}])),
        field("spec.nodeName"),
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

#[tokio::test]
async fn p1_a_portal_that_was_taken_over_writes_secrets_as_somebodys_and_removes_nothing_else() {
    let (portal, _) = unguarded().await;
    let alice = portal.alice();
    alice
        .create_secret(&SecretSpec { name: "s3".parse().unwrap(), values: vec![("ID".parse().unwrap(), "one".to_owned().into())] })
        .await
        .unwrap();
    let object = ObjectName::of_secret(&key("alice"), &"s3".parse().unwrap());
    let live = portal.admin().get(&portal.namespace.path(&format!("secrets/{object}"))).await.unwrap();
    let new = object.as_str().replace("-s3", "-s4");
    let mut good = live.clone();
    good["metadata"] = json!({
        "name": new, "labels": live["metadata"]["labels"], "annotations": live["metadata"]["annotations"],
        "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": new, "uid": live["metadata"]["ownerReferences"][0]["uid"]}]
    });
    let account = portal.admin().acting_as(ACCOUNT);
    let with = |path: &str, value: Value| {
        let mut secret = good.clone();
        let (parent, last) = path.rsplit_once('/').unwrap();
        match (secret.pointer_mut(parent).unwrap(), value) {
            (Value::Object(parent), Value::Null) => drop(parent.remove(last)),
            (parent, value) => parent[last] = value,
        }
        secret
    };
    let mut token = with("/type", json!("kubernetes.io/service-account-token"));
    token["metadata"]["annotations"]["kubernetes.io/service-account.name"] = json!("stowage-task");
    let bad = [
        token,
        with("/type", json!("kubernetes.io/ssh-auth")),
        with("/metadata/labels", Value::Null),
        with("/metadata/name", json!("registry-password")),
        with("/metadata/name", json!(object.as_str().replace(key("alice").as_str(), key("bob").as_str()))),
        with("/metadata/ownerReferences", Value::Null),
        with("/metadata/ownerReferences/0/kind", json!("Job")),
    ];
    let mut ssh = bad[1].clone();
    ssh["data"] = json!({"ssh-privatekey": "eA=="});
    let bad = [&bad[..1], &[ssh], &bad[2..]].concat();
    let nobodys = |kind: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "theirs"}});
    for (resource, kind) in [("secrets", "Secret"), ("configmaps", "ConfigMap")] {
        portal.admin().post(&portal.namespace.path(resource), &nobodys(kind)).await.unwrap();
    }
    let theirs = ["secrets/theirs", "configmaps/theirs", "configmaps/kube-root-ca.crt"]
        .map(|path| portal.namespace.path(&format!("{path}?dryRun=All")));
    for secret in &bad {
        tried(&account, &portal, "secrets", secret).await.unwrap_or_else(|refused| panic!("without the policies: {refused}"));
    }
    for path in &theirs {
        account.delete(path).await.unwrap_or_else(|refused| panic!("without the policies: {refused}"));
    }
    let policies = Policies::of(&portal).await;
    tried(&account, &portal, "secrets", &good).await.unwrap();
    for secret in &bad {
        let answer = tried(&account, &portal, "secrets", secret).await;
        assert!(by(&answer, "stowage-secrets"), "{secret}: {answer:?}");
    }
    for path in &theirs {
        let refused = account.delete(path).await.unwrap_err().to_string();
        assert!(refused.contains("'stowage-secrets-"), "{path}: {refused}");
    }
    policies.end(portal).await;
}

#[tokio::test]
async fn p1_a_portal_that_was_taken_over_opens_no_pods_to_others() {
    let (portal, _) = unguarded().await;
    let mut two = plan("two", "true");
    two.spec.nodes = 2;
    let made = portal.alice().submit(&two).await.unwrap();
    let live = portal.admin().get(&format!("{}/{}", collection(&portal, "networkpolicies"), made.job)).await.unwrap();
    let own = json!({"matchLabels": {"batch.kubernetes.io/job-name": "again"}});
    let mut good = again(live);
    good["spec"]["podSelector"] = own.clone();
    good["spec"]["ingress"] = json!([{"from": [{"podSelector": own}]}]);
    let account = portal.admin().acting_as(ACCOUNT);
    let with = |field: &str, value: Value| {
        let mut policy = good.clone();
        policy["spec"][field] = value;
        policy
    };
    let from = |peer: Value| with("ingress", json!([{"from": [peer]}]));
    let mut nobodys = good.clone();
    nobodys["metadata"]["labels"] = json!({});
    let any = json!({"matchLabels": {"batch.kubernetes.io/job-name": "other"}});
    let wide = json!({"matchLabels": own["matchLabels"], "matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]});
    let bad = [
        nobodys,
        with("podSelector", json!({})),
        with("podSelector", any.clone()),
        with("podSelector", wide.clone()),
        with("policyTypes", json!(["Ingress", "Egress"])),
        with("egress", json!([{}])),
        with("ingress", json!([])),
        with("ingress", json!([{}])),
        with("ingress", json!([{"from": [{"podSelector": own}]}, {"from": [{"podSelector": own}]}])),
        with("ingress", json!([{"from": [{"podSelector": own}, {"podSelector": {}}]}])),
        from(json!({"podSelector": {}})),
        from(json!({"podSelector": any})),
        from(json!({"podSelector": wide})),
        from(json!({"namespaceSelector": {}})),
        from(json!({"namespaceSelector": {}, "podSelector": own})),
        from(json!({"ipBlock": {"cidr": "0.0.0.0/0"}})),
    ];
    for policy in &bad {
        tried(&account, &portal, "networkpolicies", policy).await.unwrap_or_else(|refused| panic!("without the policies: {refused}"));
    }
    let policies = Policies::of(&portal).await;
    tried(&account, &portal, "networkpolicies", &good).await.unwrap();
    for policy in &bad {
        let answer = tried(&account, &portal, "networkpolicies", policy).await;
        assert!(by(&answer, "stowage-peers"), "{policy}: {answer:?}");
    }
    policies.end(portal).await;
}
