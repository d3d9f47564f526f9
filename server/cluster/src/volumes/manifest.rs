//! What does the cluster itself hold about a volume? The whole live object, for people who speak Kubernetes.

use super::{DEADLINE, Right, within};
use crate::{
    claim::ClaimRow,
    error::Error,
    scope::{AdminCluster, Link, UserCluster},
    watch::rows::VolumeRow,
};
use domain::name::{ObjectName, VolumeId};
use serde::Deserialize;
use serde_json::Value;

impl UserCluster {
    /// The live claim of this person's volume, without the bookkeeping of who wrote which field, and without the name of the
    /// PersistentVolume: that is the administrators' side.
    pub async fn manifest(&self, id: &VolumeId) -> Result<Value, Error> {
        let row = self.own_row(id)?;
        let mut manifest = self.link.manifest(&Right::Owner(self.user.clone()), &row).await?;
        without(&mut manifest["spec"], &["volumeName"]);
        Ok(manifest)
    }
}

impl AdminCluster {
    /// The same of anybody's volume.
    pub async fn manifest(&self, id: &VolumeId) -> Result<Value, Error> {
        let row = self.any_row(id)?;
        self.link.manifest(&Right::Admin(self.user.clone()), &row).await
    }
}

impl Link {
    async fn manifest(&self, right: &Right, row: &VolumeRow) -> Result<Value, Error> {
        let name: ObjectName = row.claim.meta.name.parse().map_err(Error::unexpected)?;
        let mut live: Value = within(DEADLINE, self.live(&name)).await?;
        right.proven(ClaimRow::deserialize(&live).map_err(Error::unexpected)?)?;
        without(&mut live["metadata"], &["managedFields"]);
        Ok(live)
    }
}

pub(crate) fn without(object: &mut Value, fields: &[&str]) {
    if let Some(object) = object.as_object_mut() {
        object.retain(|field, _| !fields.contains(&field.as_str()));
    }
}

/// The same as YAML.
pub fn yaml(manifest: &Value) -> Result<String, Error> {
    serde_saphyr::to_string(manifest).map_err(Error::unexpected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_looks_like_a_number_or_a_word_of_yaml_stays_a_text() {
        let manifest = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": "a", "labels": {"volume-id": "12345678", "on": "no"}}
        });
        let text = yaml(&manifest).unwrap();
        assert!(text.starts_with("apiVersion: v1\nkind: PersistentVolumeClaim\n"), "{text}");
        // It is quoted, or kubectl would read something else.
        assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap(), manifest, "{text}");
        assert!(!text.contains(": 12345678"), "{text}");
    }
}
