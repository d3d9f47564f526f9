//! Which pods mount a volume, and how much of each may its owner see?

use crate::object::{Meta, Row, null_is_default};
use domain::{
    owner::OwnerKey,
    volume::{Use, UsePhase},
};
use k8s_openapi::api::core::v1::Pod;
use kube::Resource;
use serde::Deserialize;

/// A pod of another owner is never evidence shown to this one; that it is there still counts.
pub(crate) const ANOTHERS: &str = "another person's pod";

/// A `Pod`, as much of it as says which claims it works with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct PodRow {
    #[serde(deserialize_with = "null_is_default", rename = "metadata")]
    pub(crate) meta: Meta,
    #[serde(deserialize_with = "null_is_default")]
    spec: PodSpec,
    #[serde(deserialize_with = "null_is_default")]
    status: PodStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodSpec {
    node_name: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    volumes: Vec<PodVolume>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodVolume {
    persistent_volume_claim: Option<ClaimSource>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClaimSource {
    claim_name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct PodStatus {
    #[serde(deserialize_with = "null_is_default")]
    phase: String,
}

impl Row for PodRow {
    const PLURAL: &'static str = "pods";

    fn path(namespace: &str) -> String {
        Pod::url_path(&(), Some(namespace))
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }
}

/// Whose eyes a pod is described for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Viewer<'a> {
    Owner(&'a OwnerKey),
    Admin,
}

/// One pod that mounts a claim, before it is described for anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    owner: Option<String>,
    pod: Use,
}

impl Mount {
    /// The pod's name only for its own person, for a pod that is nobody's (made by kubectl), and for administrators.
    pub(crate) fn seen_by(&self, viewer: Viewer<'_>) -> Use {
        if self.is_visible_to(viewer) {
            self.pod.clone()
        } else {
            Use { pod: ANOTHERS.to_owned(), task: None, node: None, phase: self.pod.phase, since: self.pod.since }
        }
    }

    fn is_visible_to(&self, viewer: Viewer<'_>) -> bool {
        match (viewer, &self.owner) {
            (Viewer::Admin, _) | (Viewer::Owner(_), None) => true,
            (Viewer::Owner(key), Some(owner)) => key.as_str() == owner,
        }
    }

    /// The pod's name, for whoever may know it.
    pub(crate) fn name_for(&self, viewer: Viewer<'_>) -> Option<&str> {
        self.is_visible_to(viewer).then_some(self.pod.pod.as_str())
    }
}

impl PodRow {
    pub(crate) fn claims(&self) -> impl Iterator<Item = &str> {
        self.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref()).map(|source| source.claim_name.as_str())
    }

    pub(crate) fn mounts(&self, claim: &str) -> bool {
        self.claims().any(|name| name == claim)
    }

    pub(crate) fn mount(&self) -> Mount {
        let pod = Use {
            pod: self.meta.name.clone(),
            task: self.meta.labels.task_name.clone(),
            node: self.spec.node_name.clone().filter(|node| !node.is_empty()),
            phase: self.phase(),
            since: self.meta.creation_timestamp.0.unwrap_or_default(),
        };
        Mount { owner: self.meta.labels.owner.clone(), pod }
    }

    fn phase(&self) -> UsePhase {
        match self.status.phase.as_str() {
            "Succeeded" | "Failed" => UsePhase::Finished,
            _ if self.spec.node_name.as_deref().is_none_or(str::is_empty) => UsePhase::Waiting,
            "Running" => UsePhase::Running,
            // `Pending`, and `Unknown`: the node is silent, so the pod may well be at work.
            _ => UsePhase::Starting,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::owner::Principal;
    use serde_json::json;

    fn pod(node: Option<&str>, phase: Option<&str>, owner: Option<&str>) -> PodRow {
        serde_json::from_value(json!({
            "metadata": {"name": "p", "labels": {"stowage.dev/owner": owner, "task-name": "train"}},
            "spec": {"nodeName": node, "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]},
            "status": {"phase": phase}
        }))
        .unwrap()
    }

    #[test]
    fn a_pods_phase_says_how_it_counts() {
        for (node, phase, expected) in [
            (None, None, UsePhase::Waiting),
            (None, Some("Pending"), UsePhase::Waiting),
            (Some(""), Some("Pending"), UsePhase::Waiting),
            (Some("n"), Some("Pending"), UsePhase::Starting),
            (Some("n"), Some("Running"), UsePhase::Running),
            (Some("n"), Some("Unknown"), UsePhase::Starting),
            (Some("n"), Some("Succeeded"), UsePhase::Finished),
            (None, Some("Failed"), UsePhase::Finished),
        ] {
            assert_eq!(pod(node, phase, None).phase(), expected, "{node:?} {phase:?}");
        }
    }

    #[test]
    fn another_persons_pod_counts_but_is_not_named() {
        let key = |subject| OwnerKey::of(&Principal::new("https://id", subject).unwrap());
        let (alice, bob) = (key("alice"), key("bob"));
        let seen = |owner: Option<&str>, viewer| pod(Some("n"), Some("Running"), owner).mount().seen_by(viewer);
        assert_eq!(seen(Some(alice.as_str()), Viewer::Owner(&alice)).pod, "p");
        assert_eq!(seen(None, Viewer::Owner(&alice)).pod, "p");
        assert_eq!(seen(Some(bob.as_str()), Viewer::Admin).pod, "p");
        let others = seen(Some(bob.as_str()), Viewer::Owner(&alice));
        assert_eq!((others.pod.as_str(), others.task, others.node, others.phase), (ANOTHERS, None, None, UsePhase::Running));
    }

    #[test]
    fn claims_are_found_among_other_volumes() {
        assert!(pod(None, None, None).mounts("data"));
        assert!(!pod(None, None, None).mounts("tmp"));
        assert_eq!(serde_json::from_value::<PodRow>(json!({"spec": {"volumes": null}, "status": null})).unwrap().claims().count(), 0);
    }
}
