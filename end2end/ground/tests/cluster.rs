//! Does the running ground do what other crates' tests rely on? Needs `ground up`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use ground::{Api, Ground, NAMESPACE, Work};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(60);

async fn claim(api: &Api, namespace: &str, name: &str, class: &str, mode: &str) -> String {
    let claims = format!("/api/v1/namespaces/{namespace}/persistentvolumeclaims");
    let claim = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": { "name": name },
        "spec": {
            "storageClassName": class,
            "accessModes": [mode],
            "resources": { "requests": { "storage": "10Mi" } },
        },
    });
    api.post(&claims, &claim).await.unwrap();
    format!("{claims}/{name}")
}

fn is_bound(claim: &Value) -> bool {
    claim["status"]["phase"] == "Bound"
}

#[tokio::test]
async fn a_claim_that_waits_for_its_first_consumer_is_bound_by_a_pod_that_writes_to_it() {
    let ground = Ground::current().await.unwrap();
    let api = ground.admin();
    let namespace = ground.namespace("first").await.unwrap();
    let path = claim(api, namespace.name(), "data", "standard", "ReadWriteOnce").await;
    let write = Work::Shell("id -u; echo kept > /data/file && cat /data/file");
    api.start_pod(namespace.name(), "writer", &[("data", "/data")], &[], write).await.unwrap();
    api.wait_for_phase(namespace.name(), "writer", "Succeeded", SOON).await.unwrap();
    let claim = api.get(&path).await.unwrap();
    assert!(is_bound(&claim), "{claim}");
    assert_eq!(api.pod_log(namespace.name(), "writer").await.unwrap(), "1000\nkept\n");
    let volume = format!("/api/v1/persistentvolumes/{}", claim["spec"]["volumeName"].as_str().unwrap());
    assert!(api.get(&volume).await.unwrap()["spec"]["local"].is_object());

    namespace.delete().await.unwrap();
    api.wait_until(&volume, SOON, Value::is_null).await.unwrap();
}

#[tokio::test]
async fn a_shared_claim_is_bound_at_once_and_read_by_another_pod() {
    let ground = Ground::current().await.unwrap();
    let api = ground.admin();
    let namespace = ground.namespace("shared").await.unwrap();
    let path = claim(api, namespace.name(), "both", "shared", "ReadWriteMany").await;
    api.wait_until(&path, SOON, is_bound).await.unwrap();
    let mount = [("both", "/both")];
    api.start_pod(namespace.name(), "one", &mount, &[], Work::Shell("echo hello > /both/file")).await.unwrap();
    api.wait_for_phase(namespace.name(), "one", "Succeeded", SOON).await.unwrap();
    api.start_pod(namespace.name(), "two", &mount, &[], Work::Shell("cat /both/file")).await.unwrap();
    api.wait_for_phase(namespace.name(), "two", "Succeeded", SOON).await.unwrap();
    assert_eq!(api.pod_log(namespace.name(), "two").await.unwrap(), "hello\n");
    namespace.delete().await.unwrap();
}

#[tokio::test]
async fn a_pod_in_the_work_namespace_ends_within_seconds_of_its_deletion() {
    let ground = Ground::current().await.unwrap();
    let api = ground.admin();
    let name = format!("sleeper-{}", std::process::id());
    let labels = [("stowage.dev/owner", "o1-test")];
    let pod = api.start_pod(NAMESPACE, &name, &[], &labels, Work::UntilDeleted).await.unwrap();
    assert_eq!(pod["metadata"]["labels"]["stowage.dev/owner"], "o1-test");
    api.wait_for_phase(NAMESPACE, &name, "Running", SOON).await.unwrap();
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/{name}");
    api.delete(&path).await.unwrap();
    api.wait_until(&path, Duration::from_secs(15), Value::is_null).await.unwrap();
}

#[tokio::test]
async fn a_privileged_pod_is_refused() {
    let ground = Ground::current().await.unwrap();
    let namespace = ground.namespace("strict").await.unwrap();
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "root" },
        "spec": { "containers": [{ "name": "main", "image": ground::BUSYBOX, "securityContext": { "privileged": true } }] },
    });
    let refusal = ground.admin().post(&namespace.path("pods"), &pod).await.unwrap_err();
    assert_eq!(refusal.status(), Some(403));
    assert!(refusal.to_string().contains("violates PodSecurity \"restricted"), "{refusal}");
    namespace.delete().await.unwrap();
}

#[tokio::test]
async fn a_claim_of_the_broken_class_stays_pending_and_says_why() {
    let ground = Ground::current().await.unwrap();
    let api = ground.admin();
    let namespace = ground.namespace("broken").await.unwrap();
    let path = claim(api, namespace.name(), "never", "broken", "ReadWriteOnce").await;
    let said = |events: &Value| events.to_string().contains("ExternalProvisioning");
    api.wait_until(&namespace.path("events"), SOON, said).await.unwrap();
    assert_eq!(api.get(&path).await.unwrap()["status"]["phase"], "Pending");
    namespace.delete().await.unwrap();
}
