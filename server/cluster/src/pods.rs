//! Which pods mount a volume or run a task, and how much of each may its owner see?

use crate::{
    events::is_about_mounting,
    job::CONTAINER,
    labels::{self, Owner},
    object::{Meta, Row, Time, cut, maybe_cut, null_is_default},
    word::Word,
};
use domain::{
    event::Event,
    owner::OwnerKey,
    task::{PodState, TaskPod},
    volume::{Use, UsePhase},
};
use k8s_openapi::api::core::v1::Pod;
use kube::Resource;
use serde::Deserialize;

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
    /// Why the pod as a whole ended, such as `Evicted`.
    #[serde(deserialize_with = "maybe_cut::<128, _, _>")]
    reason: Option<String>,
    #[serde(deserialize_with = "maybe_cut::<1024, _, _>")]
    message: Option<String>,
    #[serde(rename = "containerStatuses", deserialize_with = "null_is_default")]
    containers: Vec<ContainerStatus>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct ContainerStatus {
    #[serde(deserialize_with = "cut::<63, _>")]
    name: String,
    #[serde(deserialize_with = "null_is_default")]
    state: ContainerState,
}

/// At most one of them is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct ContainerState {
    waiting: Option<Phase>,
    running: Option<Phase>,
    terminated: Option<Phase>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Phase {
    #[serde(deserialize_with = "maybe_cut::<128, _, _>")]
    reason: Option<String>,
    // The last lines of what it wrote, at most 4096 bytes of them (core/v1, `terminationMessagePolicy`).
    #[serde(deserialize_with = "maybe_cut::<4096, _, _>")]
    message: Option<String>,
    exit_code: Option<i32>,
    started_at: Time,
    finished_at: Time,
}

impl Phase {
    /// A container that could not be started was "started" in 1970.
    fn started(&self) -> Option<i64> {
        self.started_at.0.filter(|at| *at > 0)
    }
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
    owner: Option<Word>,
    pod: Use,
}

impl Mount {
    /// A pod of another owner is never evidence shown to this one. The pod's name only for its own person, for a pod that is nobody's (made by kubectl), and for administrators.
    pub(crate) fn seen_by(&self, viewer: Viewer<'_>) -> Use {
        if self.is_visible_to(viewer) {
            self.pod.clone()
        } else {
            Use { pod: Use::ANOTHERS.to_owned(), task: None, node: None, phase: self.pod.phase, since: self.pod.since, events: Vec::new() }
        }
    }

    fn is_visible_to(&self, viewer: Viewer<'_>) -> bool {
        match (viewer, &self.owner) {
            (Viewer::Admin, _) | (Viewer::Owner(_), None) => true,
            (Viewer::Owner(key), Some(owner)) => *owner == key.as_str(),
        }
    }

    /// Where the pod holds what it mounts.
    pub(crate) fn holds_on(&self) -> Option<&str> {
        let at_work = matches!(self.pod.phase, UsePhase::Starting | UsePhase::Running);
        self.pod.node.as_deref().filter(|_| at_work)
    }

    /// What uses the claim, as administrators know it; nothing if the pod has finished.
    pub(crate) fn user(&self) -> Option<&str> {
        self.pod.phase.is_use().then(|| self.pod.label())
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

    /// The node on which it has claims mounted, or is about to.
    pub(crate) fn mounts_on(&self) -> Option<&str> {
        let at_work = matches!(self.phase(), UsePhase::Starting | UsePhase::Running);
        self.spec.node_name.as_deref().filter(|_| at_work && self.claims().next().is_some())
    }

    /// Whether the portal made it to look into a volume. It uses the volume for its person's eyes, and goes when it must.
    pub(crate) fn is_window(&self) -> bool {
        self.meta.labels.files.is_some()
    }

    pub(crate) fn mounts(&self, claim: &str) -> bool {
        self.claims().any(|name| name == claim)
    }

    /// With what was said about the pod, as far as it concerns volumes.
    pub(crate) fn mount(&self, mut events: Vec<Event>) -> Mount {
        events.retain(|event| is_about_mounting(&event.reason));
        let pod = Use {
            pod: self.meta.name.to_string(),
            task: self.meta.labels.task_name.as_deref().map(str::to_owned),
            node: self.spec.node_name.clone().filter(|node| !node.is_empty()),
            phase: self.phase(),
            since: self.meta.creation_timestamp.0.unwrap_or_default(),
            events,
        };
        Mount { owner: self.meta.labels.owner.clone(), pod }
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.status.phase == "Succeeded"
    }

    /// The container's process is there.
    pub(crate) fn runs(&self) -> bool {
        self.status.phase == "Running" && self.status.containers.iter().any(|status| status.state.running.is_some())
    }

    pub(crate) fn is_deleting(&self) -> bool {
        self.meta.deletion_timestamp != Time::default()
    }

    /// Whether it is this person's to remove: it carries their key, and nothing on it says another's. A pod that is nobody's is
    /// nobody's to remove either.
    pub(crate) fn is_of(&self, key: &OwnerKey) -> bool {
        match Owner::of(&self.meta) {
            Owner::Proven(owner) => owner == *key,
            Owner::Unclaimed => self.meta.labels.owner.as_deref() == Some(key.as_str()),
            Owner::Contradicted => false,
        }
    }

    /// Whether some task may be made of it; [`Self::is_part_of`] says of which.
    pub(crate) fn is_of_a_task(&self) -> bool {
        self.meta.labels.task_marker.as_deref() == Some(labels::MARKED) && self.meta.controller.is_some()
    }

    /// Whether this Job made it, in this person's name: a reference alone can be written by whoever may write pods.
    pub(crate) fn is_part_of(&self, job_uid: &str, owner: &Owner) -> bool {
        let is_theirs = owner.key().is_none_or(|key| self.is_of(key));
        self.is_of_a_task() && self.meta.controller.as_deref() == Some(job_uid) && is_theirs
    }

    /// The pod as a part of its task, with what was said about it.
    pub(crate) fn task_pod(&self, events: Vec<Event>) -> TaskPod {
        let none = ContainerState::default();
        let state = self.status.containers.iter().find(|status| status.name == CONTAINER).map_or(&none, |status| &status.state);
        let now = state.terminated.as_ref().or(state.running.as_ref()).or(state.waiting.as_ref());
        let status = &self.status;
        TaskPod {
            name: self.meta.name.to_string(),
            rank: self.meta.labels.completion_index.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default(),
            state: match (status.phase.as_str(), state.running.is_some()) {
                ("Succeeded", _) => PodState::Succeeded,
                ("Failed", _) => PodState::Failed,
                (_, true) => PodState::Running,
                _ if self.spec.node_name.as_deref().is_none_or(str::is_empty) => PodState::Waiting,
                _ => PodState::Starting,
            },
            node: self.spec.node_name.clone().filter(|node| !node.is_empty()),
            created: self.meta.creation_timestamp.0.unwrap_or_default(),
            started: now.and_then(Phase::started),
            ended: state.terminated.as_ref().and_then(|ended| ended.finished_at.0.filter(|at| *at > 0)),
            exit_code: state.terminated.as_ref().and_then(|ended| ended.exit_code),
            // What ended the whole pod says more than how its container took it.
            reason: status.reason.clone().or_else(|| now.and_then(|now| now.reason.clone())),
            message: status.message.clone().or_else(|| now.and_then(|now| now.message.clone())),
            events,
        }
    }

    pub(crate) fn phase(&self) -> UsePhase {
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

    fn said() -> Event {
        serde_json::from_value::<crate::events::EventRow>(json!({"reason": "FailedMount"})).unwrap().event()
    }

    #[test]
    fn c3_065_another_persons_pod_counts_but_is_not_named() {
        let key = |subject| OwnerKey::of(&Principal::new("https://id", subject).unwrap());
        let (alice, bob) = (key("alice"), key("bob"));
        let seen = |owner: Option<&str>, viewer| pod(Some("n"), Some("Running"), owner).mount(vec![said()]).seen_by(viewer);
        assert_eq!(seen(Some(alice.as_str()), Viewer::Owner(&alice)).pod, "p");
        assert_eq!(seen(None, Viewer::Owner(&alice)).pod, "p");
        assert_eq!(seen(Some(bob.as_str()), Viewer::Admin).pod, "p");
        assert_eq!(seen(Some(alice.as_str()), Viewer::Owner(&alice)).events.len(), 1);
        let others = seen(Some(bob.as_str()), Viewer::Owner(&alice));
        assert_eq!(
            (others.pod.as_str(), others.task, others.node, others.phase, others.events.len()),
            (Use::ANOTHERS, None, None, UsePhase::Running, 0)
        );
    }

    #[test]
    fn a_pod_is_its_owners_to_remove_and_nobody_elses() {
        let principal = |subject| Principal::new("https://id", subject).unwrap();
        let (alice, bob) = (OwnerKey::of(&principal("alice")), OwnerKey::of(&principal("bob")));
        let pod = |owner: Option<&str>, subject: Option<&str>| -> PodRow {
            let annotations = subject.map(|subject| json!({"stowage.dev/owner-iss": "https://id", "stowage.dev/owner-sub": subject}));
            serde_json::from_value(json!({"metadata": {"labels": {"stowage.dev/owner": owner}, "annotations": annotations}})).unwrap()
        };
        assert!(pod(Some(alice.as_str()), None).is_of(&alice) && pod(Some(alice.as_str()), Some("alice")).is_of(&alice));
        for others in [pod(None, None), pod(None, Some("alice")), pod(Some(bob.as_str()), None), pod(Some(alice.as_str()), Some("bob"))] {
            assert!(!others.is_of(&alice), "{others:?}");
        }
    }

    #[test]
    fn claims_are_found_among_other_volumes() {
        assert!(pod(None, None, None).mounts("data"));
        assert!(!pod(None, None, None).mounts("tmp"));
        assert_eq!(serde_json::from_value::<PodRow>(json!({"spec": {"volumes": null}, "status": null})).unwrap().claims().count(), 0);
    }
}
