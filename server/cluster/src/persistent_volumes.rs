//! Which storage does the cluster hold behind the claims? Listed live when an administrator asks; nobody else is told of it.

use crate::{
    act::{DEADLINE, within},
    clock::now,
    error::Error,
    object::{Meta, Row, cut, null_is_default},
    scope::AdminCluster,
};
use domain::{
    persistent_volume::{self, PersistentVolume},
    quantity::Size,
};
use kube::Resource;
use serde::Deserialize;

/// A `PersistentVolume`, as much of it as is shown. It belongs to no namespace.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PvRow {
    #[serde(deserialize_with = "null_is_default", rename = "metadata")]
    meta: Meta,
    #[serde(deserialize_with = "null_is_default")]
    spec: Spec,
    #[serde(deserialize_with = "null_is_default")]
    status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(deserialize_with = "null_is_default")]
    capacity: Capacity,
    storage_class_name: Option<String>,
    claim_ref: Option<ClaimRef>,
    #[serde(deserialize_with = "null_is_default")]
    persistent_volume_reclaim_policy: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Capacity {
    storage: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ClaimRef {
    namespace: String,
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    #[serde(deserialize_with = "null_is_default")]
    phase: String,
    #[serde(deserialize_with = "cut::<1024, _>")]
    message: String,
}

impl Row for PvRow {
    const PLURAL: &'static str = "persistentvolumes";

    fn path(_namespace: &str) -> String {
        k8s_openapi::api::core::v1::PersistentVolume::url_path(&(), None)
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl From<PvRow> for PersistentVolume {
    fn from(row: PvRow) -> Self {
        let PvRow { meta, spec, status } = row;
        Self {
            name: meta.name.to_string(),
            size: spec.capacity.storage.as_deref().and_then(Size::from_kubernetes),
            class: spec.storage_class_name.filter(|class| !class.is_empty()),
            phase: status.phase,
            claim: spec.claim_ref.map(|claim| (claim.namespace, claim.name)),
            reclaim: spec.persistent_volume_reclaim_policy,
            message: Some(status.message).filter(|message| !message.is_empty()),
            created: meta.creation_timestamp.0.unwrap_or_else(now),
        }
    }
}

impl AdminCluster {
    /// Every PersistentVolume of the cluster, those that need a hand first. Needs `list` on persistentvolumes.
    pub async fn persistent_volumes(&self) -> Result<Vec<PersistentVolume>, Error> {
        let rows = within(DEADLINE, self.link.list::<PvRow>(None)).await?;
        let mut volumes: Vec<_> = rows.into_iter().map(PersistentVolume::from).collect();
        persistent_volume::order(&mut volumes);
        Ok(volumes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Page;
    use serde_json::json;

    #[test]
    fn one_odd_volume_costs_only_itself() {
        let page = json!({"items": [
            {"metadata": {"name": "a"}, "spec": {"capacity": {"storage": "1Gi"}, "claimRef": {"namespace": "n", "name": "c"},
                "persistentVolumeReclaimPolicy": "Retain", "storageClassName": ""}, "status": {"phase": "Released"}},
            {"metadata": {"name": 5}}, {"metadata": {"name": "b"}, "spec": null, "status": null}
        ]});
        let page: Page = serde_json::from_str(&page.to_string()).unwrap();
        let read: Vec<PersistentVolume> = page.rows::<PvRow>().map(PersistentVolume::from).collect();
        assert_eq!(read.iter().map(|volume| volume.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((read[0].size, read[0].class.as_deref()), (Some(Size::from_bytes(1 << 30)), None));
        assert_eq!(read[0].claim, Some(("n".into(), "c".into())));
        assert!(read[0].advice().is_some() && read[1].advice().is_none());
    }
}
