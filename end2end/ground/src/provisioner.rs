//! With which settings does the provisioner of volumes run? As a process beside the cluster, not in a pod.
use std::process::Command;

use anyhow::Result;
use serde_json::json;

use crate::binaries::Binaries;
use crate::image::BUSYBOX;
use crate::layout::Layout;

const NAMESPACE: &str = "local-path-storage";

/// What it logs once it serves claims.
pub(crate) const SERVES: &str = "Started provisioner controller";

pub(crate) fn local_path(binaries: &Binaries, layout: &Layout) -> Result<Command> {
    let volumes = layout.join("data/volumes");
    let config = json!({
        "storageClassConfigs": {
            "standard": { "nodePathMap": [{ "node": "DEFAULT_PATH_FOR_NON_LISTED_NODES", "paths": [volumes.join("standard")] }] },
            "shared": { "sharedFileSystemPath": volumes.join("shared") },
        },
    });
    // It makes and removes each volume's directory in a short-lived pod of this form.
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "helper-pod" },
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [{ "name": "helper-pod", "image": BUSYBOX, "imagePullPolicy": "IfNotPresent" }],
        },
    });
    let config_path = layout.join("config/local-path.json");
    let pod_path = layout.join("config/local-path-pod.json");
    std::fs::write(&config_path, serde_json::to_vec_pretty(&config)?)?;
    std::fs::write(&pod_path, serde_json::to_vec_pretty(&pod)?)?;
    let mut command = binaries.local_path_provisioner();
    command
        .arg("start")
        .args(["--namespace", NAMESPACE, "--service-account-name", "default", "--helper-image", BUSYBOX])
        .arg("--kubeconfig")
        .arg(layout.kubeconfig("local-path-provisioner"))
        .arg("--config")
        .arg(config_path)
        .arg("--helper-pod-file")
        .arg(pod_path);
    Ok(command)
}
