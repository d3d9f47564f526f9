//! How do pods find each other by name? A name server on the pods' bridge, fed by the API server.
//!
//! It answers with pods' own addresses (headless Services), which the bridge reaches by itself. Addresses of other Services lead
//! nowhere here: nothing that the portal makes has one, so there is no kube-proxy, which would write to the machine's firewall.
use std::process::Command;

use anyhow::Result;

use crate::binaries::Binaries;
use crate::layout::Layout;
use crate::network::Subnet;

/// Kubernetes' own usual one.
pub(crate) const DOMAIN: &str = "cluster.local";

/// What it logs once it answers.
pub(crate) const SERVES: &str = "CoreDNS-";

/// Names outside the cluster are refused at once: pods have no way out.
pub(crate) fn server(binaries: &Binaries, layout: &Layout, subnet: Subnet) -> Result<Command> {
    let corefile = format!(
        "{DOMAIN}:53 {{\n    bind {}\n    errors\n    kubernetes {{\n        kubeconfig {:?}\n    }}\n}}\n",
        subnet.gateway(),
        layout.kubeconfig("dns"),
    );
    let path = layout.join("config/Corefile");
    std::fs::write(&path, corefile)?;
    let mut command = binaries.dns();
    command.arg("-conf").arg(path);
    Ok(command)
}
