//! What was asked for with a task? Made by the task file and by the form, and by nothing else; all of it is checked.

use super::{Attachments, FromSecret};
use crate::{
    limits::Amounts,
    name::{EnvName, ImageRef, MountPath, ObjectName, TaskName},
    quantity::Size,
    volume::{Purpose, VolumeSpec},
};
use std::collections::{BTreeMap, BTreeSet};

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
    /// In the order of the file, no name twice, and none that is among `envs`.
    pub secrets: Vec<FromSecret>,
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
    pub attached: Attachments,
    /// What the portal makes it for, if not its owner wrote it.
    pub purpose: Option<Purpose>,
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

impl TaskSpec {
    /// How many pods it has at the same time.
    pub fn pods(&self) -> u32 {
        if self.nodes > 1 { self.nodes } else { self.parallelism.min(self.completions) }
    }
}

impl Plan {
    /// What it counts as towards its owner's limits, with its new volumes, each name once.
    pub fn amounts(&self) -> Amounts {
        let spec = &self.spec;
        let mut all = Amounts { tasks: 1, gpus: u64::from(spec.pods()) * u64::from(spec.resources.gpus), ..Amounts::default() };
        let new = self.mounts.iter().filter(|mount| mount.claim.is_none()).filter_map(|mount| mount.new.as_ref());
        for new in new.map(|new| (new.name.as_str(), new)).collect::<BTreeMap<_, _>>().into_values() {
            all = all + Amounts { volumes: 1, bytes: new.size.bytes(), ..Amounts::default() };
        }
        all
    }
}

/// So many products are named; a cluster hardly has more.
const PRODUCTS_TOLD: usize = 12;

impl Resources {
    /// The product of GPUs without which it does not run.
    pub fn wanted_product(&self) -> Option<&str> {
        self.gpu_product.as_deref().filter(|_| self.gpus > 0)
    }
}

/// Why a task that wants this product would wait, if none of the nodes has it. `there` is what the nodes' labels say.
pub fn gpus_missing(product: &str, there: &BTreeSet<String>) -> Option<String> {
    if there.contains(product) {
        return None;
    }
    let told: Vec<&str> = there.iter().take(PRODUCTS_TOLD).map(String::as_str).collect();
    let instead = if told.is_empty() {
        "No node says which GPUs it has: leave the type out, or ask an administrator.".to_owned()
    } else {
        format!("There are: {}.", told.join(", "))
    };
    Some(format!("The cluster would take it, but no node has GPUs of the type {product}, so it would wait. {instead}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g4_31_who_wants_a_product_that_no_node_has_reads_which_there_are() {
        let there = BTreeSet::from(["NVIDIA-A10", "NVIDIA-H100"].map(str::to_owned));
        assert_eq!(gpus_missing("NVIDIA-A10", &there), None);
        let told = gpus_missing("A10", &there).unwrap();
        assert!(told.ends_with("no node has GPUs of the type A10, so it would wait. There are: NVIDIA-A10, NVIDIA-H100."), "{told}");
        let nothing = gpus_missing("A10", &BTreeSet::new()).unwrap();
        assert!(nothing.ends_with("leave the type out, or ask an administrator."), "{nothing}");
        let many: BTreeSet<_> = (10..99).map(|number| format!("T{number}")).collect();
        assert!(gpus_missing("A10", &many).unwrap().len() < 200, "a label is anybody's to write");
    }
}
