//! What does a task look like to a program? The same facts as on its page.

use domain::{
    task::{self, listing::Judged},
    text::machine_date,
    volume::Volume,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A task.
#[derive(Serialize, ToSchema)]
pub struct Task {
    /// Eight small letters and digits.
    #[schema(example = "abc12345")]
    id: String,
    #[schema(example = "train-v3")]
    name: String,
    /// The Job in the cluster.
    #[schema(example = "train-v3-abc12345")]
    job_name: String,
    /// Incomplete, Running, Starting, Stopping, Failed, Stopped or Succeeded.
    #[schema(example = "Running")]
    status: &'static str,
    /// Why it is so, in brief.
    reason: Option<String>,
    num_nodes: u32,
    /// The owner's readable name.
    username: String,
    #[schema(format = DateTime)]
    submitted_at: String,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// Whether the cluster has removed its Job: then it is what the portal kept of it.
    kept: bool,
    #[serde(flatten)]
    details: Option<Details>,
}

/// What `details=true` adds.
#[derive(Serialize, ToSchema)]
pub struct Details {
    /// A name for the reason that stays the same.
    #[schema(example = "no-gpu")]
    cause: &'static str,
    /// What happened and what to do, when not all is well.
    explanation: Option<String>,
    image: String,
    /// How many pods have to succeed.
    completions: u32,
    #[schema(example = "2 nvidia.com/gpu")]
    accelerators: Option<String>,
    volumes: Vec<Mount>,
    /// By rank. A pod that was replaced stays, with the same rank.
    pods: Vec<Pod>,
    /// Of exactly this task.
    uid: String,
}

/// A volume inside a task.
#[derive(Serialize, ToSchema)]
pub struct Mount {
    path: String,
    /// Absent if the volume is gone.
    volume: Option<String>,
    pvc_name: String,
    read_only: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Pod {
    name: String,
    rank: u32,
    #[schema(example = "Running")]
    state: &'static str,
    node: Option<String>,
    exit_code: Option<i32>,
    reason: Option<String>,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

/// Tasks: what runs first, then the newest first.
#[derive(Serialize, ToSchema)]
pub struct TaskList {
    pub tasks: Vec<Task>,
    /// Why tasks whose Job the cluster has removed are missing, if what was kept of them could not be read.
    pub history_error: Option<String>,
}

/// A task whose deletion was asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = DeletedTask)]
pub struct Deleted {
    pub id: String,
    pub name: String,
}

impl Task {
    pub fn brief(judged: &Judged) -> Self {
        let task = &judged.task;
        Self {
            id: task.id.to_string(),
            name: task.name.clone(),
            job_name: task.job.clone(),
            status: task.state.label(),
            reason: judged.cause.reason().map(str::to_owned),
            num_nodes: task.nodes,
            username: task.username.clone(),
            submitted_at: machine_date(task.submitted),
            started_at: task.started.map(machine_date),
            ended_at: task.ended.map(machine_date),
            kept: judged.is_kept,
            details: None,
        }
    }

    pub fn detailed(judged: &Judged, volumes: &[Volume]) -> Self {
        let Judged { task, cause, .. } = judged;
        let volume = |mount: &task::TaskMount| Mount {
            path: mount.path.clone(),
            volume: volumes.iter().find(|volume| volume.claim == mount.claim).map(|volume| volume.name.clone()),
            pvc_name: mount.claim.clone(),
            read_only: mount.read_only,
        };
        let details = Details {
            cause: cause.id().as_str(),
            explanation: cause.explanation().map(|(heading, sentence)| format!("{heading}. {sentence}")),
            image: task.image.clone(),
            completions: task.completions,
            accelerators: task.accelerators.clone(),
            volumes: task.mounts.iter().map(volume).collect(),
            pods: task.pods.iter().map(Pod::from).collect(),
            uid: task.uid.clone(),
        };
        Self { details: Some(details), ..Self::brief(judged) }
    }
}

impl From<&task::TaskPod> for Pod {
    fn from(pod: &task::TaskPod) -> Self {
        Self {
            name: pod.name.clone(),
            rank: pod.rank,
            state: pod.state.in_words(),
            node: pod.node.clone(),
            exit_code: pod.exit_code,
            reason: pod.reason.clone(),
            started_at: pod.started.map(machine_date),
            ended_at: pod.ended.map(machine_date),
        }
    }
}
