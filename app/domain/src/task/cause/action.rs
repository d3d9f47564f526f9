//! What is the one thing to do about a task's cause?

use serde::{Deserialize, Serialize};

/// At most one per cause. The pages know where each leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// The cause is the volume's, and so is what to do about it. `claim` is its claim in the cluster.
    OpenVolume {
        claim: String,
    },
    /// The same file again, to be changed before it is submitted.
    RunAgain,
    ReadLog,
    /// To put in what is missing.
    OpenSecrets,
    /// Nothing that its owner can do; `what` is what to tell an administrator.
    AskAdmin {
        what: String,
    },
}

impl Action {
    pub fn label(&self) -> &'static str {
        match self {
            Self::OpenVolume { .. } => "Go to the volume",
            Self::RunAgain => "Change it and run again",
            Self::ReadLog => "Read its log",
            Self::OpenSecrets => "Go to your Secrets",
            Self::AskAdmin { .. } => "Tell an administrator",
        }
    }
}
