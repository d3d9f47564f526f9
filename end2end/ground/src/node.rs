//! With which settings do containerd and the kubelet run? Everything they keep is below the ground's directory.
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::json;

use crate::binaries::{Binaries, run};
use crate::dns;
use crate::image::PAUSE;
use crate::layout::Layout;
use crate::network::Subnet;
use crate::packages::network_plugins;

pub(crate) const NAME: &str = "localhost";

fn write_network(layout: &Layout, subnet: Subnet) -> Result<()> {
    let dir = layout.join("config/network");
    std::fs::create_dir_all(&dir)?;
    let network = json!({
        "cniVersion": "0.4.0",
        // Unlike any other ground's, since the plugins keep results by this name in one directory of the machine.
        "name": layout.bridge(),
        "plugins": [{
            "type": "bridge",
            "bridge": layout.bridge(),
            "isGateway": true,
            "ipMasq": false,
            "hairpinMode": true,
            "ipam": {
                "type": "host-local",
                "ranges": [[{ "subnet": subnet.cidr() }]],
                "routes": [{ "dst": "0.0.0.0/0" }],
                "dataDir": layout.join("data/addresses"),
            },
        }],
    });
    Ok(std::fs::write(dir.join("10-ground.conflist"), serde_json::to_vec_pretty(&network)?)?)
}

pub(crate) fn containerd(layout: &Layout, subnet: Subnet) -> Result<Command> {
    write_network(layout, subnet)?;
    let plugins = network_plugins().context("the network plug-ins are not installed")?;
    let run = layout.run();
    let socket = layout.containerd_socket();
    // Debug formatting of a path is a quoted string, as TOML wants it.
    let config = format!(
        r#"version = 2
root = {root:?}
state = {state:?}

[grpc]
address = {socket:?}

[ttrpc]
address = {ttrpc:?}

[plugins."io.containerd.internal.v1.opt"]
path = {opt:?}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE}"
# Where the process may not lower its score, no pod would start otherwise.
restrict_oom_score_adj = true
# Else they are mounted in a directory of the whole machine, where nobody could tell whose they are.
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = {plugins:?}
conf_dir = {network:?}

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
Root = {runc:?}
"#,
        root = layout.join("data/containerd"),
        state = run.join("containerd"),
        ttrpc = run.join("containerd.sock.ttrpc"),
        opt = layout.join("data/containerd-opt"),
        network = layout.join("config/network"),
        runc = run.join("runc"),
    );
    let path = layout.join("config/containerd.toml");
    std::fs::write(&path, config)?;
    let mut command = Command::new("containerd");
    command.arg("--config").arg(path);
    Ok(command)
}

pub(crate) async fn import_images(layout: &Layout, archive: &Path) -> Result<()> {
    let mut ctr = tokio::process::Command::new("ctr");
    ctr.arg("--address").arg(layout.containerd_socket()).args(["--namespace", "k8s.io", "images", "import"]).arg(archive);
    run(ctr).await.context("the images cannot be imported")
}

/// Whether containerd answers; it makes its socket a little earlier.
pub(crate) async fn containerd_answers(layout: &Layout) -> bool {
    let mut ctr = tokio::process::Command::new("ctr");
    ctr.arg("--address").arg(layout.containerd_socket()).args(["--connect-timeout", "1s", "version"]);
    layout.containerd_socket().exists()
        && ctr.stdout(Stdio::null()).stderr(Stdio::null()).status().await.is_ok_and(|status| status.success())
}

pub(crate) fn kubelet(binaries: &Binaries, layout: &Layout, port: u16, subnet: Subnet) -> Result<Command> {
    let logs = layout.join("data/pod-logs");
    std::fs::create_dir_all(&logs)?;
    let config = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        // Not on loopback: the API server hands no request on to a node there, and usage of volumes is read through it.
        "address": subnet.gateway(),
        "port": port,
        "healthzPort": 0,
        "authentication": {
            "anonymous": { "enabled": false },
            "webhook": { "enabled": true },
            "x509": { "clientCAFile": layout.certificate("ca") },
        },
        "authorization": { "mode": "Webhook" },
        "tlsCertFile": layout.certificate("kubelet-server"),
        "tlsPrivateKeyFile": layout.key("kubelet-server"),
        "containerRuntimeEndpoint": format!("unix://{}", layout.containerd_socket().display()),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": format!("/{}", layout.cgroup()),
        "enforceNodeAllocatable": [],
        "failCgroupV1": false,
        "failSwapOn": false,
        // The machine's firewall is not ours to write to.
        "makeIPTablesUtilChains": false,
        "resolvConf": "",
        "clusterDNS": [subnet.gateway()],
        "clusterDomain": dns::DOMAIN,
        "podLogsDir": logs,
        "volumePluginDir": layout.join("data/volume-plugins"),
        "imageGCHighThresholdPercent": 100,
        "evictionHard": { "memory.available": "50Mi" },
        "serializeImagePulls": false,
        // A million lines stay in one file: of one that is put away while it is followed, a node drops what a reader is behind with.
        "containerLogMaxSize": "200Mi",
        // How often a running pod is looked at again, and with it whether one of its disks has grown.
        "syncFrequency": "5s",
        // Usage of volumes that people look at: fresher than every minute.
        "volumeStatsAggPeriod": "10s",
    });
    let path = layout.join("config/kubelet.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&config)?)?;
    let root = layout.kubelet();
    let mut command = binaries.kubernetes("kubelet");
    command
        .arg("--config")
        .arg(path)
        .arg("--kubeconfig")
        .arg(layout.kubeconfig("kubelet"))
        .arg("--root-dir")
        .arg(&root)
        .arg("--cert-dir")
        .arg(root.join("pki"))
        .arg(format!("--hostname-override={NAME}"))
        .arg(format!("--node-ip={}", subnet.gateway()));
    Ok(command)
}
