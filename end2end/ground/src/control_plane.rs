//! With which settings does the control plane run? All of it listens on loopback only.
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::binaries::Binaries;
use crate::layout::Layout;
use crate::network::Subnet;

/// For services, which nothing routes here: only has to differ from the pods' network.
const SERVICES: &str = "10.96.0.0/16";

fn flags(mut command: Command, flags: &[(&str, &str)]) -> Command {
    command.args(flags.iter().map(|(name, value)| format!("--{name}={value}")));
    command
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

pub(crate) fn etcd(binaries: &Binaries, layout: &Layout, client: u16, peer: u16) -> Command {
    let client = format!("http://127.0.0.1:{client}");
    let peer = format!("http://127.0.0.1:{peer}");
    flags(
        binaries.kubernetes("etcd"),
        &[
            ("data-dir", &text(&layout.join("data/etcd"))),
            ("listen-client-urls", &client),
            ("advertise-client-urls", &client),
            ("listen-peer-urls", &peer),
            ("initial-advertise-peer-urls", &peer),
            ("initial-cluster", &format!("default={peer}")),
            // The data does not outlive the ground, so it need not outlive a power cut.
            ("unsafe-no-fsync", "true"),
        ],
    )
}

pub(crate) fn api_server(binaries: &Binaries, layout: &Layout, port: u16, etcd: u16, subnet: Subnet) -> Result<Command> {
    let policy = layout.join("config/audit-policy.json");
    std::fs::write(&policy, include_str!("../manifests/audit_policy.json"))?;
    let accounts = text(&layout.key("service-accounts"));
    Ok(flags(
        binaries.kubernetes("kube-apiserver"),
        &[
            ("etcd-servers", &format!("http://127.0.0.1:{etcd}")),
            ("bind-address", "127.0.0.1"),
            ("secure-port", &port.to_string()),
            // Pods could not reach loopback; nothing is reconciled from this address, but it must not be loopback.
            ("advertise-address", &subnet.gateway().to_string()),
            ("endpoint-reconciler-type", "none"),
            ("tls-cert-file", &text(&layout.certificate("kube-apiserver"))),
            ("tls-private-key-file", &text(&layout.key("kube-apiserver"))),
            ("client-ca-file", &text(&layout.certificate("ca"))),
            ("kubelet-certificate-authority", &text(&layout.certificate("ca"))),
            ("kubelet-client-certificate", &text(&layout.certificate("kube-apiserver-kubelet-client"))),
            ("kubelet-client-key", &text(&layout.key("kube-apiserver-kubelet-client"))),
            // Not by name: the node is called localhost, and its kubelet listens on the pods' bridge.
            ("kubelet-preferred-address-types", "InternalIP"),
            ("service-account-issuer", "https://kubernetes.default.svc"),
            ("service-account-key-file", &text(&layout.certificates().join("service-accounts.pub"))),
            ("service-account-signing-key-file", &accounts),
            ("service-cluster-ip-range", SERVICES),
            ("authorization-mode", "Node,RBAC"),
            ("allow-privileged", "true"),
            ("profiling", "false"),
            ("audit-policy-file", &text(&policy)),
            ("audit-log-path", &text(&layout.audit_log())),
            // A test counts requests in it: each is there before its answer is.
            ("audit-log-mode", "blocking"),
        ],
    ))
}

pub(crate) fn controller_manager(binaries: &Binaries, layout: &Layout) -> Command {
    flags(
        binaries.kubernetes("kube-controller-manager"),
        &[
            ("kubeconfig", &text(&layout.kubeconfig("kube-controller-manager"))),
            ("controllers", "*,-nodeipam,-cloud-node-lifecycle-controller"),
            ("leader-elect", "false"),
            ("use-service-account-credentials", "true"),
            ("service-account-private-key-file", &text(&layout.key("service-accounts"))),
            ("root-ca-file", &text(&layout.certificate("ca"))),
            ("kube-api-qps", "100"),
            ("kube-api-burst", "200"),
            // It need not be asked anything, so it does not listen.
            ("secure-port", "0"),
        ],
    )
}

pub(crate) fn scheduler(binaries: &Binaries, layout: &Layout) -> Command {
    flags(
        binaries.kubernetes("kube-scheduler"),
        &[("kubeconfig", &text(&layout.kubeconfig("kube-scheduler"))), ("leader-elect", "false"), ("secure-port", "0")],
    )
}
