//! Where do the cluster's programs come from? They are built from their own Go modules, once per machine.
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::cache::Cache;
use crate::layout::fingerprint;
use crate::progress::step;

struct Module {
    name: &'static str,
    go_mod: &'static str,
    go_sum: &'static str,
    /// A program of the module's own, beside those of others.
    main: &'static str,
    /// Program and package; in this order each build finds most packages of the next one compiled.
    programs: &'static [(&'static str, &'static str)],
}

const KUBERNETES: Module = Module {
    name: "kubernetes",
    go_mod: include_str!("../go/kubernetes/go.mod"),
    go_sum: include_str!("../go/kubernetes/go.sum"),
    main: "",
    programs: &[
        ("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
        ("kube-controller-manager", "k8s.io/kubernetes/cmd/kube-controller-manager"),
        ("kube-scheduler", "k8s.io/kubernetes/cmd/kube-scheduler"),
        ("kubelet", "k8s.io/kubernetes/cmd/kubelet"),
        ("etcd", "go.etcd.io/etcd/server/v3"),
    ],
};

const LOCAL_PATH: Module = Module {
    name: "local-path",
    go_mod: include_str!("../go/local-path/go.mod"),
    go_sum: include_str!("../go/local-path/go.sum"),
    main: "",
    programs: &[("local-path-provisioner", "github.com/rancher/local-path-provisioner")],
};

const CSI: Module = Module {
    name: "csi",
    go_mod: include_str!("../go/csi/go.mod"),
    go_sum: include_str!("../go/csi/go.sum"),
    main: "",
    programs: &[
        ("csi-provisioner", "github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner"),
        ("csi-resizer", "github.com/kubernetes-csi/external-resizer/v2/cmd/csi-resizer"),
    ],
};

/// Choosing the plug-ins leaves out those that need the libraries of several clouds.
const DNS: Module = Module {
    name: "dns",
    go_mod: include_str!("../go/dns/go.mod"),
    go_sum: include_str!("../go/dns/go.sum"),
    main: include_str!("../go/dns/main.go"),
    programs: &[("coredns", ".")],
};

#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    kubernetes: PathBuf,
    local_path: PathBuf,
    csi: PathBuf,
    dns: PathBuf,
}

impl Binaries {
    pub(crate) async fn build(cache: &Cache) -> Result<Self> {
        Ok(Self {
            kubernetes: module(cache, &KUBERNETES).await?,
            local_path: module(cache, &LOCAL_PATH).await?,
            csi: module(cache, &CSI).await?,
            dns: module(cache, &DNS).await?,
        })
    }

    pub(crate) fn kubernetes(&self, program: &str) -> std::process::Command {
        std::process::Command::new(self.kubernetes.join("bin").join(program))
    }

    pub(crate) fn local_path_provisioner(&self) -> std::process::Command {
        std::process::Command::new(self.local_path.join("bin/local-path-provisioner"))
    }

    pub(crate) fn csi(&self, program: &str) -> std::process::Command {
        std::process::Command::new(self.csi.join("bin").join(program))
    }

    pub(crate) fn dns(&self) -> std::process::Command {
        std::process::Command::new(self.dns.join("bin/coredns"))
    }
}

async fn module(cache: &Cache, module: &Module) -> Result<PathBuf> {
    let key = fingerprint([module.go_mod, module.go_sum, module.main].concat(), 12);
    cache
        .entry(&format!("{}-{key}", module.name), async |dir: &Path| {
            std::fs::write(dir.join("go.mod"), module.go_mod)?;
            std::fs::write(dir.join("go.sum"), module.go_sum)?;
            if !module.main.is_empty() {
                std::fs::write(dir.join("main.go"), module.main)?;
            }
            for (program, package) in module.programs {
                let output = dir.join("bin").join(program);
                let mut go = Command::new("go");
                go.args(["build", "-trimpath", "-ldflags=-s -w", "-o"]).arg(output).arg(package).current_dir(dir);
                step(&format!("building {program}"), run(go)).await?;
            }
            Ok(())
        })
        .await
}

/// Runs a command to its end; what it said is in the error.
pub(crate) async fn run(mut command: Command) -> Result<()> {
    let program = command.as_std().get_program().display().to_string();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.with_context(|| format!("cannot run {program}: is it installed?"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} ended with {}:\n{}", output.status, said.trim());
    }
    Ok(())
}
