//! What is in the cluster from the start? Objects written as JSON beside this crate, applied as they are.
use anyhow::{Context, Result};
use serde_json::Value;

use crate::api::Api;

/// Where the portal works.
pub const NAMESPACE: &str = "stowage-work";

const CLASSES: &str = include_str!("../manifests/classes.json");
const CSI: &str = include_str!("../manifests/csi.json");
const DNS: &str = include_str!("../manifests/dns.json");
const PROVISIONER: &str = include_str!("../manifests/provisioner.json");
const PORTAL: &str = include_str!("../manifests/portal.json");
const WORK: &str = include_str!("../manifests/namespace.json");
const LIMITS: &str = include_str!("../manifests/limits.json");

/// The address of an object, from what it says about itself.
fn path(object: &Value) -> Option<String> {
    let version = object["apiVersion"].as_str()?;
    let root = if version.contains('/') { format!("/apis/{version}") } else { format!("/api/{version}") };
    let kind = object["kind"].as_str()?.to_lowercase();
    let plural = match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if kind.ends_with('s') => format!("{kind}es"),
        None => format!("{kind}s"),
    };
    let name = object["metadata"]["name"].as_str()?;
    Some(match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}/{name}"),
        None => format!("{root}/{plural}/{name}"),
    })
}

async fn apply(api: &Api, text: &str) -> Result<()> {
    let objects: Vec<Value> = serde_json::from_str(text)?;
    for object in &objects {
        let path = path(object).context("a manifest lacks its version, kind or name")?;
        api.apply(&path, object).await.with_context(|| format!("cannot apply {path}"))?;
    }
    Ok(())
}

/// A namespace like `stowage-work`, but without its limits.
pub(crate) async fn apply_namespace(api: &Api, name: &str) -> Result<()> {
    apply(api, &WORK.replace("{namespace}", name)).await
}

pub(crate) async fn apply_all(api: &Api) -> Result<()> {
    for text in [PROVISIONER, CSI, DNS, CLASSES, PORTAL] {
        apply(api, text).await?;
    }
    apply_namespace(api, NAMESPACE).await?;
    apply(api, LIMITS).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_manifest_has_an_address() {
        for text in [CLASSES, CSI, DNS, PROVISIONER, PORTAL, WORK, LIMITS] {
            let objects: Vec<Value> = serde_json::from_str(text).unwrap();
            assert!(objects.iter().all(|object| path(object).is_some()));
        }
        let classes: Vec<Value> = serde_json::from_str(CLASSES).unwrap();
        assert_eq!(path(&classes[0]).unwrap(), "/apis/storage.k8s.io/v1/storageclasses/standard");
    }
}
