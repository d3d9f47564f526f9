//! What is the one thing to do about a cause?

use serde::{Deserialize, Serialize};

/// At most one per cause. The pages know where each leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    OpenClasses,
    /// The same wish with this class; the volume that cannot be made is deleted by its owner.
    CreateAgainWith {
        class: String,
    },
    /// Finished pods of this person that still hold a deletion.
    RemoveFinishedPods,
    UseInTask,
    ShowUsers,
    /// To another size than was asked for.
    Grow,
    /// Nothing that its owner can do; `what` is what to tell an administrator.
    AskAdmin {
        what: String,
    },
}

impl Action {
    pub fn label(&self) -> String {
        match self {
            Self::OpenClasses => "See the storage classes".into(),
            Self::CreateAgainWith { class } => format!("Delete and create again with {class}"),
            Self::RemoveFinishedPods => "Remove the finished pods".into(),
            Self::UseInTask => "Use it in a task".into(),
            Self::ShowUsers => "See what uses it".into(),
            Self::Grow => "Choose another size".into(),
            Self::AskAdmin { .. } => "Tell an administrator".into(),
        }
    }
}
