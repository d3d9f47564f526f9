//! Which fields has a task file, and what does each take? The one table that the reader, the schema and the completion go by.

use crate::access::AccessMode;

pub const NODES_MAX: u32 = 64;
pub const RUNS_MAX: u32 = 1000;
pub const RETRIES_MAX: u32 = 3;

/// One field of a map.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    /// One sentence for whoever writes it.
    pub what: &'static str,
    pub takes: Takes,
}

/// What may stand behind a field's colon.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    TaskName,
    /// Both ends are included.
    Whole(u32, u32),
    Cores,
    Size,
    Gpus,
    Product,
    Image,
    Time,
    Flag,
    Folder,
    /// Shell lines; `true` if there may be none.
    Script(bool),
    Volume,
    Class,
    Access,
    OneOf(&'static [&'static str]),
    /// A map of names and texts.
    Variables,
    /// A map of names of variables to `secret/key`.
    Secrets,
    Fields(&'static [Field]),
    /// A map of paths to volumes, or a list of volumes.
    Volumes,
    /// A map of paths to sizes.
    Scratch,
}

const fn field(name: &'static str, takes: Takes, what: &'static str) -> Field {
    Field { name, what, takes }
}

pub const TASK: [Field; 15] = [
    field("name", Takes::TaskName, "What the task is called: begins with a letter; letters, digits, - and _; at most 40."),
    field("num_nodes", Takes::Whole(1, NODES_MAX), "How many nodes run it together, each with its NODE_RANK."),
    field("resources", Takes::Fields(&RESOURCES), "What each node gets."),
    field("volumes", Takes::Volumes, "Your volumes, by the path where the task finds them: /data: train-images."),
    field("scratch", Takes::Scratch, "Fast space that is gone with its pod, by its path: /scratch: 10Gi."),
    field("envs", Takes::Variables, "Variables that the shell finds. No passwords."),
    field("secrets", Takes::Secrets, "Variables whose values come from Secrets of yours: TOKEN: hugging-face/TOKEN."),
    field("setup", Takes::Script(true), "Shell lines that run first, such as what to install."),
    field("run", Takes::Script(false), "Shell lines. The task ends with them."),
    field("workdir", Takes::Folder, "The folder in which the shell starts."),
    field("completions", Takes::Whole(1, RUNS_MAX), "How often it is run, each time with its own JOB_COMPLETION_INDEX."),
    field("parallelism", Takes::Whole(1, RUNS_MAX), "How many of the runs at the same time."),
    field("retries", Takes::Whole(0, RETRIES_MAX), "How often it begins again after a failure."),
    field("time_limit", Takes::Time, "When it is ended at the latest: 90s, 45m, 12h."),
    field("keep", Takes::Time, "How long it stays in the cluster after its end: 24h."),
];

pub const RESOURCES: [Field; 7] = [
    field("cpus", Takes::Cores, "Cores: 4, 0.5 or 500m."),
    field("memory", Takes::Size, "Memory: 4Gi."),
    field("disk", Takes::Size, "Space on the node's disk for what is written outside of volumes: 10Gi."),
    field("accelerators", Takes::Gpus, "GPUs: how many, or a product and how many: 1, A100:4."),
    field("gpu_type", Takes::Product, "The GPUs' product, as the nodes' label has it."),
    field("image_id", Takes::Image, "The container image: registry/name:tag."),
    field("requests", Takes::Fields(&REQUESTS), "With how little it can be placed; as much as above if nothing is said."),
];

pub const REQUESTS: [Field; 2] =
    [field("cpus", Takes::Cores, "At least so many cores."), field("memory", Takes::Size, "At least so much memory.")];

pub const VOLUME: [Field; 6] = [
    field("path", Takes::Folder, "Where the task finds it; the volume's own path if nothing is said."),
    field("name", Takes::Volume, "The name of a volume of yours, or of its claim."),
    field("read_only", Takes::Flag, "true: the task cannot change it."),
    field("size", Takes::Size, "Makes the volume in the same step, if you have none of this name: 10Gi."),
    field("class", Takes::Class, "The storage class of a new volume."),
    field("access", Takes::Access, "How many nodes may mount a new volume."),
];

/// Where the path stands before the colon.
pub const VOLUME_AT_PATH: &[Field] = VOLUME.split_at(1).1;

pub const SCRATCH: [Field; 2] = [
    field("size", Takes::Size, "How much: 10Gi."),
    field("medium", Takes::OneOf(&["disk", "memory"]), "Where: disk, or memory, which counts against the task's."),
];

impl Takes {
    /// The words that it takes, where there are only these.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Flag => vec!["true", "false"],
            Self::Access => AccessMode::ALL.map(AccessMode::as_str).to_vec(),
            Self::OneOf(words) => words.to_vec(),
            Self::TaskName
            | Self::Whole(..)
            | Self::Cores
            | Self::Size
            | Self::Gpus
            | Self::Product
            | Self::Image
            | Self::Time
            | Self::Folder
            | Self::Script(_)
            | Self::Volume
            | Self::Class
            | Self::Variables
            | Self::Secrets
            | Self::Fields(_)
            | Self::Volumes
            | Self::Scratch => Vec::new(),
        }
    }
}
