//! What was asked for with a task? Made by the task file and by the form, and by nothing else; all of it is checked.

use crate::{
    name::{EnvName, ImageRef, MountPath, ObjectName, TaskName},
    quantity::Size,
    volume::VolumeSpec,
};

/// A task as it was asked for. Its volumes are words until they are resolved ([`Plan`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSpec {
    pub name: TaskName,
    /// `num_nodes`; 1 to 64.
    pub nodes: u32,
    pub image: ImageRef,
    pub resources: Resources,
    /// In the order of the file.
    pub volumes: Vec<Want>,
    pub scratch: Vec<Scratch>,
    /// In the order of the file, no name twice.
    pub envs: Vec<(EnvName, String)>,
    /// Shell lines that run before `run`, in the same shell.
    pub setup: Option<String>,
    pub run: String,
    /// Where the shell starts.
    pub workdir: Option<MountPath>,
    /// Runs of a sweep, each with its index. More than one excludes several nodes.
    pub completions: u32,
    /// How many of them at the same time.
    pub parallelism: u32,
    /// How many pods may fail before the task does (`backoffLimit`); 0 to 3.
    pub retries: u32,
    /// Seconds after which it is ended (`activeDeadlineSeconds`).
    pub time_limit: u32,
    /// Seconds that the Job stays after its end (`ttlSecondsAfterFinished`; at least ten).
    pub keep: u32,
}

/// What each pod gets; limits equal requests but for what is asked for apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Thousandths of a core.
    pub cpu_millis: u64,
    pub memory: Size,
    /// Space on the node's disk for what is written outside mounts (`ephemeral-storage`).
    pub disk: Size,
    /// How many GPUs, and of which product, if any certain one.
    pub gpus: u32,
    pub gpu_product: Option<String>,
    /// Less than the limits, where asked for: thousandths of a core, memory.
    pub requested_cpu_millis: Option<u64>,
    pub requested_memory: Option<Size>,
}

/// A volume as a task file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// `None`: the volume's own default.
    pub path: Option<MountPath>,
    /// A volume's name, or a claim's.
    pub volume: String,
    pub read_only: bool,
    /// Made in the same step if the person has none of this name.
    pub new: Option<VolumeSpec>,
}

/// Space that lives as long as one pod (`emptyDir`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scratch {
    pub path: MountPath,
    pub size: Size,
    pub medium: Medium,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    Disk,
    /// Counts against the task's memory.
    Memory,
}

/// A task with every volume resolved to a claim that its owner may use: what a Job is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub spec: TaskSpec,
    /// In the order of [`TaskSpec::volumes`].
    pub mounts: Vec<Mount>,
}

/// One resolved volume. A claim that is yet to be made has no name yet and stands in `new`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub path: MountPath,
    pub claim: Option<ObjectName>,
    /// The uid that the claim had when it was resolved.
    pub uid: Option<String>,
    pub new: Option<VolumeSpec>,
    pub read_only: bool,
}
