//! Which storage classes does the cluster offer, and what have they been seen to do?

use crate::{
    labels::described,
    object::{Meta, Row, null_is_default},
};
use domain::{
    access::AccessMode,
    storage_class::{Binding, ClassSettings, Reclaim, StorageClass, order},
};
use kube::Resource;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tracing::warn;

/// A `StorageClass`, as much of it as a person chooses by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ClassRow {
    #[serde(deserialize_with = "null_is_default", rename = "metadata")]
    pub(crate) meta: Meta,
    #[serde(deserialize_with = "null_is_default")]
    provisioner: String,
    volume_binding_mode: Option<String>,
    reclaim_policy: Option<String>,
    allow_volume_expansion: Option<bool>,
}

/// Characters; an administrator's sentence or two.
const DESCRIPTION_MAX: usize = 300;

/// Access modes that bound claims have, by class. It only grows: what has worked once can work.
pub(crate) type Proven = BTreeMap<String, BTreeSet<AccessMode>>;

impl Row for ClassRow {
    const PLURAL: &'static str = "storageclasses";

    fn path(_namespace: &str) -> String {
        k8s_openapi::api::storage::v1::StorageClass::url_path(&(), None)
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl ClassRow {
    fn says_default(&self) -> bool {
        let annotations = &self.meta.annotations;
        [&annotations.default_class, &annotations.default_class_beta].iter().any(|text| text.as_deref() == Some("true"))
    }

    fn class(&self, default: bool) -> Option<StorageClass> {
        let name = self
            .meta
            .name
            .parse()
            .inspect_err(|_| warn!(name = %self.meta.name, "a storage class was skipped: its name cannot be used"))
            .ok()?;
        let annotations = &self.meta.annotations;
        Some(StorageClass {
            name,
            provisioner: self.provisioner.clone(),
            default,
            // The API server fills both in; these are its own defaults (storage/v1 defaults.go).
            binding: match self.volume_binding_mode.as_deref() {
                Some("WaitForFirstConsumer") => Binding::WaitForFirstConsumer,
                _ => Binding::Immediate,
            },
            reclaim: match self.reclaim_policy.as_deref() {
                Some("Retain") => Reclaim::Retain,
                _ => Reclaim::Delete,
            },
            expandable: self.allow_volume_expansion.unwrap_or(false),
            description: described(annotations.description.as_ref().or(annotations.kubernetes_description.as_ref()), DESCRIPTION_MAX),
            proven: Vec::new(),
            settings: ClassSettings::default(),
        })
    }
}

/// All classes in the order in which people choose. Of several defaults the newest is the one that Kubernetes takes
/// (pkg/volume/util/storageclass.go), then the first by name.
pub(crate) fn classes<'a>(rows: impl Iterator<Item = &'a ClassRow> + Clone) -> Vec<StorageClass> {
    let default = rows
        .clone()
        .filter(|row| row.says_default())
        .max_by(|a, b| a.meta.creation_timestamp.0.cmp(&b.meta.creation_timestamp.0).then_with(|| b.meta.name.cmp(&a.meta.name)))
        .map(|row| row.meta.name.clone());
    let mut classes: Vec<_> = rows.filter_map(|row| row.class(default.as_ref() == Some(&row.meta.name))).collect();
    order(&mut classes);
    classes
}

pub(crate) fn with_proven(classes: &[StorageClass], proven: &Proven) -> Vec<StorageClass> {
    let modes = |class: &StorageClass| proven.get(class.name.as_str()).map(|modes| modes.iter().copied().collect()).unwrap_or_default();
    classes.iter().map(|class| StorageClass { proven: modes(class), ..class.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(name: &str, default: bool, created: &str) -> ClassRow {
        serde_json::from_value(json!({
            "metadata": {"name": name, "creationTimestamp": created, "annotations": {"storageclass.kubernetes.io/is-default-class": default.to_string()}},
            "provisioner": "rancher.io/local-path", "volumeBindingMode": "WaitForFirstConsumer", "reclaimPolicy": "Retain", "allowVolumeExpansion": true
        }))
        .unwrap()
    }

    #[test]
    fn of_several_defaults_the_newest_counts_and_comes_first() {
        let rows =
            [row("a", true, "2026-01-01T00:00:00Z"), row("b", false, "2026-01-01T00:00:00Z"), row("c", true, "2026-01-02T00:00:00Z")];
        let classes = classes(rows.iter());
        assert_eq!(classes.iter().map(|c| (c.name.as_str(), c.default)).collect::<Vec<_>>(), [("c", true), ("a", false), ("b", false)]);
        assert_eq!((classes[0].binding, classes[0].reclaim, classes[0].expandable), (Binding::WaitForFirstConsumer, Reclaim::Retain, true));
    }

    #[test]
    fn a_class_with_nothing_but_a_name_has_the_defaults_of_kubernetes() {
        let rows = [ClassRow { meta: Meta { name: "bare".into(), ..Meta::default() }, ..ClassRow::default() }, ClassRow::default()];
        let classes = classes(rows.iter());
        assert_eq!(classes.len(), 1);
        assert_eq!((classes[0].binding, classes[0].reclaim, classes[0].expandable), (Binding::Immediate, Reclaim::Delete, false));
    }

    #[test]
    fn a_long_description_is_cut() {
        for annotation in ["stowage.dev/description", "kubernetes.io/description"] {
            let row: ClassRow =
                serde_json::from_value(json!({"metadata": {"name": "a", "annotations": {annotation: "🐈".repeat(100_000)}}})).unwrap();
            assert_eq!(classes([row].iter())[0].description, Some("🐈".repeat(300)));
        }
    }

    #[test]
    fn what_a_bound_claim_shows_is_proven() {
        let proven = Proven::from([("a".to_owned(), BTreeSet::from([AccessMode::ReadWriteMany]))]);
        let classes = with_proven(&classes([row("a", true, ""), row("b", false, "")].iter()), &proven);
        assert_eq!(classes.iter().map(|c| c.proven.as_slice()).collect::<Vec<_>>(), [&[AccessMode::ReadWriteMany][..], &[]]);
    }
}
