//! What is in the cluster from the start? What the portal needs is what it ships with; what else there is lies beside this crate.
use anyhow::{Context, Result};
use serde_json::Value;

use crate::api::Api;

/// Where the portal works.
pub const NAMESPACE: &str = "stowage-work";

const CLASSES: &str = include_str!("../manifests/classes.json");
const CSI: &str = include_str!("../manifests/csi.json");
const DNS: &str = include_str!("../manifests/dns.json");
const PROVISIONER: &str = include_str!("../manifests/provisioner.json");
const LIMITS: &str = include_str!("../manifests/limits.json");

// The portal's own, as an administrator applies them.
const RIGHTS: &str = include_str!("../../../deploy/rights.yaml");
const USAGE: &str = include_str!("../../../deploy/usage.yaml");
const GPUS: &str = include_str!("../../../deploy/gpus.yaml");
const WORK: &str = include_str!("../../../deploy/work.yaml");
const POLICIES: &str = include_str!("../../../deploy/policies.yaml");

/// The objects of a file; JSON is YAML too.
pub(crate) fn objects(text: &str) -> Result<Vec<Value>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text)?;
    Ok(documents
        .into_iter()
        .flat_map(|document| match document {
            Value::Array(objects) => objects,
            object @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => vec![object],
        })
        .collect())
}

/// The roles that the portal's account is given.
pub(crate) fn shipped_rights() -> Result<Vec<Value>> {
    let all = [RIGHTS, USAGE, GPUS, WORK].map(objects);
    Ok(all.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

/// The address of an object, from what it says about itself.
fn path(object: &Value) -> Option<String> {
    let version = object["apiVersion"].as_str()?;
    let root = if version.contains('/') { format!("/apis/{version}") } else { format!("/api/{version}") };
    let kind = object["kind"].as_str()?.to_lowercase();
    let plural = match (kind.strip_suffix('y'), kind.ends_with('s')) {
        (Some(stem), _) => format!("{stem}ies"),
        (None, true) => format!("{kind}es"),
        (None, false) => format!("{kind}s"),
    };
    let name = object["metadata"]["name"].as_str()?;
    Some(match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}/{name}"),
        None => format!("{root}/{plural}/{name}"),
    })
}

async fn apply(api: &Api, text: &str) -> Result<()> {
    for object in objects(text)? {
        let path = path(&object).context("a manifest lacks its version, kind or name")?;
        api.apply(&path, &object).await.with_context(|| format!("cannot apply {path}"))?;
    }
    Ok(())
}

/// Whether the API server would take these objects.
pub(crate) async fn try_apply(api: &Api, text: &str) -> Result<()> {
    for object in objects(text)? {
        let path = path(&object).context("a manifest lacks its version, kind or name")?;
        api.try_apply(&path, &object).await.with_context(|| format!("cannot apply {path}"))?;
    }
    Ok(())
}

/// A namespace like `stowage-work`, but without its limits.
pub(crate) async fn apply_namespace(api: &Api, name: &str) -> Result<()> {
    apply(api, &WORK.replace(NAMESPACE, name)).await
}

/// The admission policies once more, for one namespace whatever its labels are. Their names end with the namespace's.
pub(crate) async fn apply_policies(api: &Api, namespace: &str) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for mut object in objects(POLICIES)? {
        for name in ["/metadata/name", "/spec/policyName"] {
            if let Some(Value::String(name)) = object.pointer_mut(name) {
                name.push('-');
                name.push_str(namespace);
            }
        }
        if let Some(labels) = object.pointer_mut("/spec/matchResources/namespaceSelector/matchLabels") {
            *labels = serde_json::json!({ "kubernetes.io/metadata.name": namespace });
        }
        let path = path(&object).context("a policy lacks its version, kind or name")?;
        api.apply(&path, &object).await.with_context(|| format!("cannot apply {path}"))?;
        paths.push(path);
    }
    Ok(paths)
}

pub(crate) async fn apply_all(api: &Api) -> Result<()> {
    for text in [PROVISIONER, CSI, DNS, CLASSES, RIGHTS, USAGE, GPUS, WORK, POLICIES, LIMITS] {
        apply(api, text).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_manifest_has_an_address() {
        for text in [CLASSES, CSI, DNS, PROVISIONER, LIMITS, RIGHTS, USAGE, GPUS, WORK, POLICIES] {
            let objects = objects(text).unwrap();
            assert!(!objects.is_empty() && objects.iter().all(|object| path(object).is_some()), "{objects:?}");
        }
        assert_eq!(path(&objects(CLASSES).unwrap()[0]).unwrap(), "/apis/storage.k8s.io/v1/storageclasses/standard");
        let policy = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/stowage-tasks";
        assert_eq!(path(&objects(POLICIES).unwrap()[0]).unwrap(), policy);
    }
}
