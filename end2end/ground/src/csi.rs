//! With which settings do the CSI driver and what speaks for it to the cluster run? As processes beside the cluster.
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::api::Api;
use crate::binaries::Binaries;
use crate::layout::Layout;
use crate::node;

/// The ground's own program serves as the driver too: so it is never missing and never older than the ground.
pub(crate) const SUBCOMMAND: &str = "csi";

/// What each logs once it serves claims.
pub(crate) const PROVISIONER_SERVES: &str = "Started provisioner controller";
pub(crate) const RESIZER_SERVES: &str = "Starting external resizer";

/// Before the kubelet, which finds the socket when it looks for its plugins.
pub(crate) fn driver(layout: &Layout) -> Result<Command> {
    let socket = layout.csi_socket();
    let registry = socket.parent().context("the driver's socket has no directory")?;
    std::fs::create_dir_all(registry).with_context(|| format!("cannot make {}", registry.display()))?;
    let mut command = Command::new(std::env::current_exe().context("cannot tell which program this is")?);
    command.arg("--dir").arg(layout.dir()).arg(SUBCOMMAND);
    Ok(command)
}

/// The driver itself, until it is ended.
pub async fn serve(layout: &Layout) -> Result<()> {
    loop_csi::serve(&layout.csi_socket(), &layout.disks(), node::NAME).await
}

fn sidecar(binaries: &Binaries, layout: &Layout, program: &str) -> Command {
    let flag = |name: &str, value: &Path| format!("--{name}={}", value.display());
    let mut command = binaries.csi(program);
    command
        .arg(flag("kubeconfig", &layout.kubeconfig("loop-csi")))
        .arg(flag("csi-address", &layout.csi_socket()))
        // Whoever waits for a retry should not wait for minutes.
        .args(["--retry-interval-start=500ms", "--retry-interval-max=5s", "--kube-api-qps=100", "--kube-api-burst=200"]);
    command
}

pub(crate) fn provisioner(binaries: &Binaries, layout: &Layout) -> Command {
    let mut command = sidecar(binaries, layout, "csi-provisioner");
    command.args(["--extra-create-metadata", "--default-fstype=xfs"]);
    command
}

pub(crate) fn resizer(binaries: &Binaries, layout: &Layout) -> Command {
    sidecar(binaries, layout, "csi-resizer")
}

/// Whether the kubelet knows the driver, so that pods can mount its volumes.
pub(crate) async fn is_registered(api: &Api) -> bool {
    let Ok(node) = api.get(&format!("/apis/storage.k8s.io/v1/csinodes/{}", node::NAME)).await else { return false };
    let drivers = node.pointer("/spec/drivers").and_then(serde_json::Value::as_array);
    drivers.is_some_and(|drivers| drivers.iter().any(|driver| driver["name"] == loop_csi::DRIVER))
}
