//! What is a task in the cluster? A Job with our label, read into the few fields that tell where it stands.

use crate::{
    job::attached::VOLUME as FILES,
    labels::{self, Owner},
    object::{Meta, Row, Time, cut, maybe_cut, null_is_default},
};
use domain::{
    name::TaskId,
    quantity::Size,
    task::{PodState, Task, TaskMount, TaskPod, TaskScratch, TaskState},
};
use k8s_openapi::api::batch::v1::Job;
use kube::Resource;
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use std::collections::BTreeMap;

/// A `Job`, as much of it as a task is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct JobRow {
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
    completions: Option<u32>,
    parallelism: Option<u32>,
    active_deadline_seconds: Option<i64>,
    suspend: Option<bool>,
    #[serde(deserialize_with = "null_is_default")]
    template: Template,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Template {
    #[serde(deserialize_with = "null_is_default")]
    spec: PodSpec,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct PodSpec {
    subdomain: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    containers: Vec<Container>,
    #[serde(deserialize_with = "null_is_default")]
    volumes: Vec<PodVolume>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container {
    #[serde(deserialize_with = "cut::<512, _>")]
    image: String,
    #[serde(deserialize_with = "null_is_default")]
    resources: Resources,
    #[serde(deserialize_with = "null_is_default")]
    volume_mounts: Vec<VolumeMount>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Resources {
    #[serde(deserialize_with = "null_is_default")]
    limits: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct VolumeMount {
    #[serde(deserialize_with = "null_is_default")]
    name: String,
    #[serde(deserialize_with = "null_is_default")]
    mount_path: String,
    read_only: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PodVolume {
    #[serde(deserialize_with = "null_is_default")]
    name: String,
    persistent_volume_claim: Option<ClaimSource>,
    empty_dir: Option<EmptyDir>,
    #[serde(deserialize_with = "is_there")]
    config_map: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EmptyDir {
    medium: Option<String>,
    size_limit: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClaimSource {
    #[serde(deserialize_with = "null_is_default")]
    claim_name: String,
    read_only: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    #[serde(deserialize_with = "null_is_default")]
    conditions: Vec<Condition>,
    start_time: Time,
    completion_time: Time,
    succeeded: Option<u32>,
}

/// batch/v1, `JobCondition`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Condition {
    #[serde(rename = "type", deserialize_with = "cut::<128, _>")]
    kind: String,
    #[serde(deserialize_with = "cut::<128, _>")]
    status: String,
    #[serde(deserialize_with = "maybe_cut::<128, _, _>")]
    reason: Option<String>,
    #[serde(deserialize_with = "maybe_cut::<1024, _, _>")]
    message: Option<String>,
    last_transition_time: Time,
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<IgnoredAny>::deserialize(deserializer).map(|value| value.is_some())
}

impl Row for JobRow {
    const PLURAL: &'static str = "jobs";
    const LABEL_SELECTOR: Option<&'static str> = Some("skypilot-task=true");

    fn path(namespace: &str) -> String {
        Job::url_path(&(), Some(namespace))
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl JobRow {
    pub(crate) fn is_marked(&self) -> bool {
        self.meta.labels.task_marker.as_deref() == Some(labels::MARKED)
    }

    pub(crate) fn owner(&self) -> Owner {
        Owner::of(&self.meta)
    }

    /// The id label; a Job that came without a good one is known by the first block of its uid.
    pub(crate) fn id(&self) -> TaskId {
        let label = self.meta.labels.task_id.as_deref().and_then(|text| text.parse().ok());
        let block = || self.meta.uid.get(..8).and_then(|text| text.parse().ok());
        label.or_else(block).unwrap_or_else(|| TaskId::from_random(0))
    }

    pub(crate) fn is_deleting(&self) -> bool {
        self.meta.deletion_timestamp != Time::default()
    }

    pub(crate) fn is_asked_to_stop(&self) -> bool {
        self.meta.annotations.stopped_at.is_some()
    }

    /// Made suspended, and its Service or its files may not be there: the portal was interrupted.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.spec.suspend == Some(true) && self.meta.annotations.complete.is_none()
    }

    pub(crate) fn has_peers(&self) -> bool {
        self.spec.template.spec.subdomain.as_deref().is_some_and(|name| !name.is_empty())
    }

    /// Whether files go along with it.
    pub(crate) fn has_files(&self) -> bool {
        self.spec.template.spec.volumes.iter().any(|volume| volume.config_map && volume.name == FILES)
    }

    fn condition(&self, kind: &str) -> Option<&Condition> {
        self.status.conditions.iter().find(|condition| condition.kind == kind && condition.status == "True")
    }

    pub(crate) fn is_over(&self) -> bool {
        self.condition("Complete").is_some() || self.condition("Failed").is_some()
    }

    /// How many GPUs its pods have at the same time. Of the runs that are left, no more run at once (batch/v1, `JobSpec.Parallelism`).
    pub(crate) fn gpus(&self, resource: &str) -> u64 {
        let left = self.spec.completions.unwrap_or(1).saturating_sub(self.status.succeeded.unwrap_or_default());
        let pods = self.spec.parallelism.unwrap_or(1).min(left);
        let containers = &self.spec.template.spec.containers;
        let each: u64 = containers.iter().filter_map(|container| container.resources.limits.get(resource)?.parse::<u64>().ok()).sum();
        each.saturating_mul(pods.into())
    }

    fn state(&self, pods: &[TaskPod]) -> TaskState {
        if self.condition("Complete").is_some() {
            return TaskState::Succeeded;
        }
        if let Some(failed) = self.condition("Failed") {
            // A task that failed by itself while it was asked to stop has failed.
            let by_its_deadline = failed.reason.as_deref() == Some("DeadlineExceeded");
            return if self.is_asked_to_stop() && by_its_deadline { TaskState::Stopped } else { TaskState::Failed };
        }
        if self.is_asked_to_stop() || self.is_deleting() {
            return TaskState::Stopping;
        }
        if self.is_incomplete() {
            return TaskState::Incomplete;
        }
        let has_begun = self.status.succeeded.unwrap_or_default() > 0 || pods.iter().any(|pod| pod.state == PodState::Running);
        if has_begun { TaskState::Running } else { TaskState::Starting }
    }

    /// The task as a person sees it. Total: whatever is absent has a meaning.
    pub(crate) fn task(&self, pods: Vec<TaskPod>, now: i64) -> Task {
        let none = Container::default();
        let (pod, meta) = (&self.spec.template.spec, &self.meta);
        let container = pod.containers.first().unwrap_or(&none);
        let completions = self.spec.completions.unwrap_or(1);
        let state = self.state(&pods);
        let word = self.condition("Failed").or_else(|| self.condition("Suspended"));
        let begun = pods.iter().filter_map(|pod| pod.started).min();
        Task {
            id: self.id(),
            name: meta.labels.task_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&meta.name).to_owned(),
            job: meta.name.to_string(),
            uid: meta.uid.to_string(),
            username: meta.labels.username.as_deref().unwrap_or_default().to_owned(),
            owner_subject: None,
            state,
            reason: word.and_then(|word| word.reason.clone()),
            message: word.and_then(|word| word.message.clone()),
            // Only pods with peers have a subdomain.
            nodes: if self.has_peers() { completions } else { 1 },
            completions,
            image: container.image.clone(),
            accelerators: container.accelerators(),
            mounts: pod.mounts(container),
            purpose: meta.annotations.purpose.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            scratch: pod.scratch(container),
            time_limit: self.spec.active_deadline_seconds,
            submitted: meta.creation_timestamp.0.unwrap_or(now),
            // A task that succeeded has run, also when its pods are gone.
            started: begun.or(self.status.start_time.0.filter(|_| state == TaskState::Succeeded)),
            ended: match state {
                TaskState::Succeeded => self.status.completion_time.0,
                TaskState::Failed | TaskState::Stopped => self.condition("Failed").and_then(|failed| failed.last_transition_time.0),
                TaskState::Incomplete | TaskState::Running | TaskState::Starting | TaskState::Stopping => None,
            },
            pods,
        }
    }
}

impl Container {
    /// Extended resources have a domain in their name (core/v1, `ResourceName`).
    fn accelerators(&self) -> Option<String> {
        self.resources.limits.iter().find(|(resource, _)| resource.contains('/')).map(|(resource, number)| format!("{number} {resource}"))
    }
}

impl PodSpec {
    fn mounts(&self, container: &Container) -> Vec<TaskMount> {
        let mounted = container.volume_mounts.iter().filter_map(|mount| {
            let volume = self.volumes.iter().find(|volume| volume.name == mount.name)?;
            let claim = volume.persistent_volume_claim.as_ref()?;
            let read_only = mount.read_only.unwrap_or_default() || claim.read_only.unwrap_or_default();
            Some(TaskMount { path: mount.mount_path.clone(), claim: claim.claim_name.clone(), read_only })
        });
        mounted.collect()
    }

    fn scratch(&self, container: &Container) -> Vec<TaskScratch> {
        let mounted = container.volume_mounts.iter().filter_map(|mount| {
            let dir = self.volumes.iter().find(|volume| volume.name == mount.name)?.empty_dir.as_ref()?;
            let size = dir.size_limit.as_deref().and_then(Size::from_kubernetes);
            Some(TaskScratch { path: mount.mount_path.clone(), size, in_memory: dir.medium.as_deref() == Some("Memory") })
        });
        mounted.collect()
    }
}

#[cfg(test)]
mod tests;
