//! Which GPUs do the cluster's nodes have? Read when somebody asks for a certain product, and only if the portal may read nodes.

use crate::{
    act::{DEADLINE, within},
    error::Error,
    object::{Meta, Page, Row, null_is_default},
    scope::UserCluster,
};
use k8s_openapi::api::core::v1::Node;
use kube::{Resource, api::ListParams, core::Request};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// More kinds of GPUs than anybody has, found on fewer nodes than this.
const MOST_NODES: u32 = 500;

/// A `Node`, of which only the labels are asked for: they are no secret, and a node's status is large.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct NodeRow {
    metadata: Labelled,
    #[serde(skip)]
    meta: Meta,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Labelled {
    #[serde(deserialize_with = "null_is_default")]
    labels: BTreeMap<String, String>,
}

impl Row for NodeRow {
    const PLURAL: &'static str = "nodes";

    fn path(_namespace: &str) -> String {
        Node::url_path(&(), None)
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl UserCluster {
    /// The products that nodes tell by the label of the settings. `None` where the portal may not `list` nodes.
    pub async fn gpu_products(&self) -> Result<Option<BTreeSet<String>>, Error> {
        let label = &self.link.pods.gpu_label;
        let params = ListParams { label_selector: Some(label.clone()), limit: Some(MOST_NODES), ..ListParams::default() };
        let request = Request::new(NodeRow::path("")).list_metadata(&params).map_err(Error::unexpected)?;
        match within(DEADLINE, self.link.ask::<Page>(request)).await {
            Ok(page) => Ok(Some(page.rows::<NodeRow>().filter_map(|node| node.metadata.labels.get(label).cloned()).collect())),
            Err(Error::MissingRight(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
