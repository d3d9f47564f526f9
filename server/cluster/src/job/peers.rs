//! How do the pods of several nodes find and reach each other? By names of a headless Service, and by an exception from the
//! namespace's rule that nothing reaches a task's pods. Both hang on the Job and go with it.

use k8s_openapi::api::{core::v1::Service, networking::v1::NetworkPolicy};
use kube::Resource;
use serde_json::{Value, json};

/// The Job's name, as the Job controller writes it on its pods.
const JOB_NAME: &str = "batch.kubernetes.io/job-name";

/// What all pods are told, one name a line: the host names of an Indexed Job's pods in the domain of its Service.
pub(super) fn names(job: &str, nodes: u32) -> String {
    (0..nodes).map(|rank| format!("{job}-{rank}.{job}")).collect::<Vec<_>>().join("\n")
}

/// Each object with the path that it is made at.
pub(crate) fn between(job: &str, namespace: &str, job_uid: Option<&str>, labels: &Value, annotations: &Value) -> [(String, Value); 2] {
    let mut metadata = json!({ "name": job, "namespace": namespace, "labels": labels, "annotations": annotations });
    if let Some(uid) = job_uid {
        metadata["ownerReferences"] = json!([{ "apiVersion": "batch/v1", "kind": "Job", "name": job, "uid": uid }]);
    }
    let own = json!({ JOB_NAME: job });
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        // Peers find each other before they are ready: they start by that.
        "spec": { "clusterIP": "None", "publishNotReadyAddresses": true, "selector": own },
    });
    let policy = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata,
        // Says nothing of what they reach: the namespace's own rule does, and lets tasks out to tasks.
        "spec": {
            "podSelector": { "matchLabels": own },
            "policyTypes": ["Ingress"],
            "ingress": [{ "from": [{ "podSelector": { "matchLabels": own } }] }],
        },
    });
    [(Service::url_path(&(), Some(namespace)), service), (NetworkPolicy::url_path(&(), Some(namespace)), policy)]
}
