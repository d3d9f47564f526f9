//! How does a test run something in the cluster? With pods that keep the restricted rules and end quickly.
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::{Api, ApiError};
use crate::image::BUSYBOX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Runs until it is deleted, which takes about a second.
    UntilDeleted,
    /// Ends at once, successfully.
    Nothing,
    /// Runs this shell command and ends as it does.
    Shell(&'static str),
}

impl Work {
    fn command(self) -> &'static str {
        match self {
            Self::UntilDeleted => "echo started; trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done",
            Self::Nothing => "echo done",
            Self::Shell(command) => command,
        }
    }
}

fn pod(name: &str, claims: &[(&str, &str)], labels: &[(&str, &str)], work: Work) -> Value {
    let volumes = claims
        .iter()
        .enumerate()
        .map(|(index, (claim, _))| json!({ "name": format!("volume-{index}"), "persistentVolumeClaim": { "claimName": claim } }));
    let mounts = claims.iter().enumerate().map(|(index, (_, path))| json!({ "name": format!("volume-{index}"), "mountPath": path }));
    let labels: serde_json::Map<String, Value> = labels.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect();
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name, "labels": labels },
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": false,
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000,
                "seccompProfile": { "type": "RuntimeDefault" },
            },
            "volumes": volumes.collect::<Vec<_>>(),
            "containers": [{
                "name": "main",
                "image": BUSYBOX,
                "imagePullPolicy": "IfNotPresent",
                "command": ["/bin/sh", "-c", work.command()],
                "volumeMounts": mounts.collect::<Vec<_>>(),
                // Little enough that a namespace full of them still fits on a small machine.
                "resources": { "requests": { "cpu": "5m", "memory": "8Mi" }, "limits": { "cpu": "1", "memory": "64Mi" } },
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
            }],
        },
    })
}

impl Api {
    /// Creates a pod that mounts each claim at its path. Returns at once; see [`Api::wait_for_phase`].
    pub async fn start_pod(
        &self,
        namespace: &str,
        name: &str,
        claims: &[(&str, &str)],
        labels: &[(&str, &str)],
        work: Work,
    ) -> Result<Value, ApiError> {
        self.post(&format!("/api/v1/namespaces/{namespace}/pods"), &pod(name, claims, labels, work)).await
    }

    /// Waits until the pod is `Running`, `Succeeded`, ...
    pub async fn wait_for_phase(&self, namespace: &str, name: &str, phase: &str, deadline: Duration) -> Result<Value, ApiError> {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
        self.wait_until(&path, deadline, |pod| pod["status"]["phase"] == phase).await
    }

    pub async fn pod_log(&self, namespace: &str, name: &str) -> Result<String, ApiError> {
        self.get_text(&format!("/api/v1/namespaces/{namespace}/pods/{name}/log")).await
    }
}
