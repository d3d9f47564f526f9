//! How much may the namespace still hold? Its resource quotas, as far as they concern volumes and tasks.

use crate::object::{Meta, Row, null_is_default};
use domain::{
    quantity::Size,
    quota::{Limit, QuotaLeft, TaskQuota},
};
use k8s_openapi::api::core::v1::ResourceQuota;
use kube::Resource;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A `ResourceQuota`, as it is enforced: its status, not its wish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct QuotaRow {
    #[serde(deserialize_with = "null_is_default", rename = "metadata")]
    pub(crate) meta: Meta,
    #[serde(deserialize_with = "null_is_default")]
    spec: Spec,
    #[serde(deserialize_with = "null_is_default")]
    status: Status,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(deserialize_with = "null_is_default")]
    scopes: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    scope_selector: Scoped,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Scoped {
    #[serde(deserialize_with = "null_is_default")]
    match_expressions: Vec<Expression>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Expression {}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Status {
    #[serde(deserialize_with = "null_is_default")]
    hard: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    used: BTreeMap<String, String>,
}

impl Row for QuotaRow {
    const PLURAL: &'static str = "resourcequotas";

    fn path(namespace: &str) -> String {
        ResourceQuota::url_path(&(), Some(namespace))
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl QuotaRow {
    /// A quota with scopes is for some pods, or for claims with attributes that the portal does not ask for.
    fn limits(&self) -> impl Iterator<Item = Limit> {
        let for_all = self.spec.scopes.is_empty() && self.spec.scope_selector.match_expressions.is_empty();
        let amount = |text: &String| Size::from_kubernetes(text).map(Size::bytes);
        self.status.hard.iter().filter(move |_| for_all).filter_map(move |(resource, hard)| {
            let used = self.status.used.get(resource).and_then(amount).unwrap_or_default();
            Some(Limit { resource: resource.clone(), hard: amount(hard)?, used })
        })
    }
}

/// What the quotas say about pods and Jobs; those with scopes may not be for them.
pub(crate) fn of_tasks<'a>(rows: impl Iterator<Item = &'a QuotaRow>) -> TaskQuota {
    let for_all = rows.filter(|row| row.spec.scopes.is_empty() && row.spec.scope_selector.match_expressions.is_empty());
    TaskQuota::of(for_all.flat_map(|row| {
        let used = |resource: &str| row.status.used.get(resource).map(String::as_str).unwrap_or_default();
        row.status.hard.iter().map(move |(resource, hard)| (resource.as_str(), hard.as_str(), used(resource)))
    }))
}

pub(crate) fn left<'a>(rows: impl Iterator<Item = &'a QuotaRow>) -> Option<QuotaLeft> {
    QuotaLeft::of(rows.flat_map(QuotaRow::limits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::quota::Left;
    use serde_json::{Value, json};

    fn rows(quotas: Value) -> Vec<QuotaRow> {
        serde_json::from_value(quotas).unwrap()
    }

    #[test]
    fn what_is_left_is_what_the_status_says() {
        let quotas = rows(json!([
            {"metadata": {"name": "a"}, "spec": {"hard": {"requests.storage": "1Ti"}},
             "status": {"hard": {"requests.storage": "200Gi", "persistentvolumeclaims": "100", "pods": "50"},
                        "used": {"requests.storage": "150Gi", "persistentvolumeclaims": "95", "pods": "50"}}},
            {"status": {"hard": {"gold.storageclass.storage.k8s.io/requests.storage": "20Gi", "count/persistentvolumeclaims": "1k"}, "used": null}}
        ]));
        let left = left(quotas.iter()).unwrap();
        assert_eq!(left.for_class("standard"), Left { size: Size::from_kubernetes("50Gi"), volumes: Some(5) });
        assert_eq!(left.for_class("gold"), Left { size: Size::from_kubernetes("20Gi"), volumes: Some(5) });
    }

    #[test]
    fn what_does_not_limit_volumes_is_no_quota() {
        let quotas = rows(json!([
            {}, {"spec": null, "status": null},
            {"status": {"hard": {"pods": "1", "requests.storage": "much"}}},
            {"spec": {"scopes": ["Terminating"]}, "status": {"hard": {"persistentvolumeclaims": "1"}}},
            {"spec": {"scopeSelector": {"matchExpressions": [{"scopeName": "VolumeAttributesClass", "operator": "Exists"}]}},
             "status": {"hard": {"persistentvolumeclaims": "1"}}}
        ]));
        assert_eq!(left(quotas.iter()), None);
    }
}
