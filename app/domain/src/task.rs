//! What is a task, as a person sees it, and what was asked for?
//!
//! | Module | Answers |
//! |---|---|
//! | [`SeenForm`] | which task was it that a person saw when they ended it |
//! | [`spec`] | what was asked for, checked |
//! | [`history`] | what is kept of one when the cluster has forgotten it |
//! | [`attached`] | which small files go along |
//! | [`FromSecret`] | from which Secret does a variable come |
//! | `file` | what does a task file ask for |
//! | `form` | how is the same asked for with fields |
//! | [`bulk`] | which of the chosen ones end together |
//! | `limits` | what does this installation allow |
//! | [`resolve`] | which volume does a word mean |
//! | `preflight` | would it run, and with what |
//! | `template` | what do tasks often look like |
//! | [`cause`] | why does it not run, or why did it fail, and what to do |
//! | [`timeline`] | what happened in its life |
//! | [`listing`] | which tasks are on the page of a list |
//! | [`recent`] | which tasks matter at the moment |
//! | [`log`] | how is a line of its log shown |
//! | [`secret`] | which variables' values are not shown |
//! | [`shell`] | what may be asked of a shell in it, and how does one end |

pub mod attached;
pub mod bulk;
pub mod cause;
#[cfg(feature = "yaml")]
pub mod file;
#[cfg(feature = "yaml")]
mod form;
mod from_secret;
mod history;
mod limits;
pub mod listing;
pub mod log;
#[cfg(feature = "yaml")]
pub mod preflight;
pub mod recent;
pub mod resolve;
pub mod secret;
mod seen;
pub mod shell;
mod spec;
mod template;
pub mod timeline;

pub use attached::{Attached, Attachments};
#[cfg(feature = "yaml")]
pub use form::{ScratchRow, SecretRow, TaskForm, VolumeRow};
pub use from_secret::{FromSecret, unknown_key, unknown_secret};
pub use history::{LOG_KEPT, PodLog, TaskRecord};
pub use limits::Limits;
pub use seen::SeenForm;
pub use spec::{Medium, Mount, Plan, Resources, Scratch, TaskSpec, Want, gpus_missing};
pub use template::Template;

use crate::{
    event::Event,
    name::{MountPath, TaskId},
    quantity::Size,
    volume::Purpose,
};
use serde::{Deserialize, Serialize};

/// One task in a list or at the top of its page: a Job with its pods, or what is left of one. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub name: String,
    /// The Job's name in the cluster.
    pub job: String,
    pub uid: String,
    /// The readable label of whoever owns it; display only.
    pub username: String,
    /// The proven subject, for administrators only.
    #[serde(default)]
    pub owner_subject: Option<String>,
    pub state: TaskState,
    /// Kubernetes' word for why the Job failed or is held, and its sentence (`status.conditions`): `BackoffLimitExceeded`,
    /// `DeadlineExceeded`, `JobSuspended`.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub message: Option<String>,
    pub nodes: u32,
    /// How many pods have to succeed; with several nodes, as many as nodes.
    pub completions: u32,
    pub image: String,
    /// `nvidia.com/gpu` or what the resource is called, and how many of it each pod has.
    pub accelerators: Option<String>,
    pub mounts: Vec<TaskMount>,
    /// What the portal has made it for, if not its owner wrote it.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    #[serde(default)]
    pub scratch: Vec<TaskScratch>,
    /// Seconds after which it is ended (`activeDeadlineSeconds`).
    #[serde(default)]
    pub time_limit: Option<i64>,
    pub submitted: i64,
    pub started: Option<i64>,
    pub ended: Option<i64>,
    /// By rank.
    pub pods: Vec<TaskPod>,
}

/// A volume inside a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskMount {
    pub path: String,
    pub claim: String,
    pub read_only: bool,
}

/// Space inside a task that goes with its pod (`emptyDir`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskScratch {
    pub path: String,
    /// `None`: as much as the node has.
    pub size: Option<Size>,
    /// In memory, where it counts against the task's; else on the node's disk.
    pub in_memory: bool,
}

/// One pod of a task. A pod that was replaced stays, with the same rank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPod {
    pub name: String,
    /// The completion index (`batch.kubernetes.io/job-completion-index`); 0 where there is only one.
    pub rank: u32,
    pub state: PodState,
    pub node: Option<String>,
    pub created: i64,
    pub started: Option<i64>,
    pub ended: Option<i64>,
    pub exit_code: Option<i32>,
    /// Kubernetes' word for why it waits or ended: `ImagePullBackOff`, `OOMKilled`, `Evicted`.
    pub reason: Option<String>,
    /// What goes with it. Of a program that ended, the last lines that it wrote (`terminationMessagePolicy`).
    pub message: Option<String>,
    pub events: Vec<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PodState {
    /// Not placed on a node.
    Waiting,
    /// Placed; its volumes, image and container are being made ready.
    Starting,
    Running,
    Succeeded,
    Failed,
}

/// Where a task stands. In the order of lists: what needs a person or runs comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TaskState {
    /// Made only in part: the portal was interrupted. It waits to be resumed or removed.
    Incomplete,
    Running,
    /// Made, and no pod runs yet.
    Starting,
    /// Asked to stop, and pods are still there.
    Stopping,
    Failed,
    Stopped,
    Succeeded,
}

impl PodState {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Waiting => "Waits for a node",
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    /// Whether its container has been started, as far as is known.
    pub fn has_log(self) -> bool {
        match self {
            Self::Running | Self::Succeeded | Self::Failed => true,
            Self::Waiting | Self::Starting => false,
        }
    }

    pub fn is_over(self) -> bool {
        match self {
            Self::Succeeded | Self::Failed => true,
            Self::Waiting | Self::Starting | Self::Running => false,
        }
    }
}

impl TaskState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Incomplete => "Incomplete",
            Self::Running => "Running",
            Self::Starting => "Starting",
            Self::Stopping => "Stopping",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
            Self::Succeeded => "Succeeded",
        }
    }

    /// Whether it is over.
    pub fn is_over(self) -> bool {
        match self {
            Self::Failed | Self::Stopped | Self::Succeeded => true,
            Self::Incomplete | Self::Running | Self::Starting | Self::Stopping => false,
        }
    }
}

impl Task {
    /// The pods that count: of each rank the one that was made last.
    pub fn current_pods(&self) -> Vec<&TaskPod> {
        let mut current: Vec<&TaskPod> = Vec::new();
        for pod in &self.pods {
            match current.iter_mut().find(|known| known.rank == pod.rank) {
                Some(known) if known.created <= pod.created => *known = pod,
                Some(_) => {}
                None => current.push(pod),
            }
        }
        current.sort_by_key(|pod| pod.rank);
        current
    }

    /// Whether one of its pods may have a log.
    pub fn has_log(&self) -> bool {
        self.pods.iter().any(|pod| pod.state != PodState::Waiting)
    }

    /// When it is ended at the latest. The clock runs from the submission, near enough: the Job's own start follows in a moment.
    pub fn ends_by(&self) -> Option<i64> {
        self.time_limit.filter(|_| !self.state.is_over()).map(|limit| self.submitted.saturating_add(limit))
    }

    /// From the first start (or the submission, while nothing runs) to the end or until now. Seconds.
    pub fn duration(&self, now: i64) -> i64 {
        self.ended.unwrap_or(now).saturating_sub(self.started.unwrap_or(self.submitted)).max(0)
    }
}

impl TaskMount {
    /// The path as a checked one, where it is one.
    pub fn mount_path(&self) -> Option<MountPath> {
        self.path.parse().ok()
    }
}
