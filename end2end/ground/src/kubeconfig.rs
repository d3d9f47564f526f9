//! How does a client reach the API server, and as whom?
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::certificates::{SERVER_NAME, USERS};
use crate::layout::Layout;

pub(crate) const PORTAL: &str = "portal";

/// Self-contained, so that it can be copied. JSON is YAML, and every reader of kubeconfigs takes it.
fn document(layout: &Layout, address: SocketAddr, namespace: &str, user: &Value) -> Result<Value> {
    let authority = std::fs::read(layout.certificate("ca"))?;
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "ground", "cluster": {
            "server": format!("https://{address}"),
            // The address may be a proxy's; the name is always in the certificate.
            "tls-server-name": SERVER_NAME,
            "certificate-authority-data": BASE64.encode(&authority),
        } }],
        "users": [{ "name": "ground", "user": user }],
        "contexts": [{ "name": "ground", "context": { "cluster": "ground", "user": "ground", "namespace": namespace } }],
        "current-context": "ground",
    }))
}

fn write(path: &Path, document: &Value) -> Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    crate::state::replace(path, &serde_json::to_vec_pretty(document)?)
}

/// A kubeconfig for each user that has a certificate.
pub(crate) fn write_users(layout: &Layout, address: SocketAddr) -> Result<()> {
    for (name, ..) in USERS {
        let user = json!({
            "client-certificate-data": BASE64.encode(&std::fs::read(layout.certificate(name))?),
            "client-key-data": BASE64.encode(&std::fs::read(layout.key(name))?),
        });
        write(&layout.kubeconfig(name), &document(layout, address, "default", &user)?)?;
    }
    Ok(())
}

pub(crate) fn write_portal(layout: &Layout, address: SocketAddr, token: &str) -> Result<()> {
    let user = json!({ "token": token });
    write(&layout.kubeconfig(PORTAL), &document(layout, address, crate::manifests::NAMESPACE, &user)?)
}

/// The portal's kubeconfig again, with another address.
pub(crate) fn write_portal_via(layout: &Layout, address: SocketAddr) -> Result<std::path::PathBuf> {
    let path = layout.kubeconfig(PORTAL);
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let portal: Value = serde_json::from_slice(&bytes)?;
    let user = portal.pointer("/users/0/user").context("the portal's kubeconfig has no user")?;
    let path = layout.kubeconfig(&format!("{PORTAL}-via-{}", address.port()));
    write(&path, &document(layout, address, crate::manifests::NAMESPACE, user)?)?;
    Ok(path)
}
