//! What is a volume, as a person sees it, and who uses it?

mod again;
mod backup;
mod delete;
mod edit;
pub mod files;
mod form;
mod grow;
#[cfg(feature = "owner")]
mod handover;
mod kind;
mod named;
mod preset;
mod publish;
mod same;
mod trash;

pub use again::Written;
pub use backup::{
    BACKUP_SCRIPT, Backup, BackupForm, BackupState, Counted, FOLDER, KnownBackup, Purpose, RESTORE_SCRIPT, SOURCE, TARGET, backups_of,
    cannot_hold,
};
pub use delete::{AT_ONCE, BulkDeleteForm, CleanupForm, Consequences, Selection};
pub use edit::{EditForm, Words};
pub use form::{DESCRIPTION_MAX, DeleteForm, VolumeForm, VolumeSpec, taken};
pub use grow::{ExpandForm, growth};
#[cfg(feature = "owner")]
pub use handover::{Handover, HandoverForm, KnownOwner};
pub use kind::Kind;
pub use named::{named, taken_by};
pub use preset::Preset;
pub use publish::{PublishForm, not_for_writing};
pub use same::differences;
pub use trash::{Removed, RestoreForm, Trash, taken_in_trash};

use crate::{access::AccessMode, cause::Cause, event::Event, label::Labels, name::VolumeId, quantity::Size, usage::Fullness};
use serde::{Deserialize, Serialize};

/// One volume in a list or at the top of its page. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    pub id: VolumeId,
    pub name: String,
    /// The claim's name in the cluster.
    pub claim: String,
    pub uid: String,
    /// The readable label of whoever owns it; display only.
    pub username: String,
    /// The proven subject, for administrators only; `None` for people and for what nobody provably owns.
    #[serde(default)]
    pub owner_subject: Option<String>,
    /// Its state, with the reason and what to do about it.
    pub status: Cause,
    /// What was asked for (`spec.resources.requests.storage`).
    pub requested: Size,
    /// What was given (`status.capacity.storage`), once bound.
    pub capacity: Option<Size>,
    /// How much of it is used, as far as anybody knows.
    #[serde(default)]
    pub fullness: Fullness,
    pub class: Option<String>,
    pub kind: Kind,
    pub modes: Vec<AccessMode>,
    pub used_by: Vec<Use>,
    pub created: i64,
    pub description: Option<String>,
    pub mount_path: String,
    /// The person's own; the portal's are not among them.
    pub labels: Labels,
    /// Its owner has published it: tasks of the portal do not write to it.
    #[serde(default)]
    pub read_only: bool,
    /// Its deletion was asked for and can still be undone.
    #[serde(default)]
    pub trash: Option<Trash>,
}

impl Volume {
    pub fn size(&self) -> Size {
        self.capacity.unwrap_or(self.requested)
    }

    pub fn is_used(&self) -> bool {
        self.used_by.iter().any(|u| u.phase.is_use())
    }

    pub fn modes_short(&self) -> String {
        self.modes.iter().map(|mode| mode.short()).collect::<Vec<_>>().join(", ")
    }
}

/// A claim with the portal's labels that says what cannot be; for administrators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub id: VolumeId,
    pub claim: String,
    /// Each completes a sentence that begins with the claim's name.
    pub reasons: Vec<String>,
}

/// A pod that mounts a volume (`pod.spec.volumes[].persistentVolumeClaim`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    pub pod: String,
    /// The task that the pod belongs to (label `task-name`), if the portal made it.
    pub task: Option<String>,
    pub node: Option<String>,
    pub phase: UsePhase,
    pub since: i64,
    /// What the cluster said about placing and starting it, if the viewer may know.
    #[serde(default)]
    pub events: Vec<Event>,
}

impl Use {
    /// Stands for the name of a pod that is not the viewer's to know; that it is there still counts.
    pub const ANOTHERS: &str = "another person's pod";

    /// Whether the viewer may know which pod it is.
    pub fn is_named(&self) -> bool {
        self.pod != Self::ANOTHERS
    }

    /// What a person knows it by.
    pub fn label(&self) -> &str {
        self.task.as_deref().unwrap_or(&self.pod)
    }
}

/// How a pod counts towards a volume. A finished pod does not use it, yet Kubernetes lets it hold a deletion
/// (`kubernetes.io/pvc-protection`); a pod that was never placed on a node does not even that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UsePhase {
    Waiting,
    Starting,
    Running,
    Finished,
}

impl UsePhase {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Waiting => "Waits for a node",
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::Finished => "Finished",
        }
    }

    /// Whether the pod works with the data, or is about to.
    pub fn is_use(self) -> bool {
        match self {
            Self::Waiting | Self::Starting | Self::Running => true,
            Self::Finished => false,
        }
    }

    /// Whether Kubernetes keeps a claim that is being deleted because of this pod.
    pub fn holds_deletion(self) -> bool {
        match self {
            Self::Starting | Self::Running | Self::Finished => true,
            Self::Waiting => false,
        }
    }
}

/// A volume for tests: ready, 10Gi, used by nothing.
#[cfg(test)]
pub(crate) fn sample(name: &str) -> Volume {
    Volume {
        id: "abcdefgh".parse().unwrap(),
        name: name.into(),
        claim: format!("{name}-abcdefgh"),
        uid: format!("uid-of-{name}"),
        username: "alice".into(),
        owner_subject: None,
        status: crate::cause::tests::in_phase("Bound"),
        requested: Size::from_bytes(10 << 30),
        capacity: Some(Size::from_bytes(10 << 30)),
        fullness: Fullness::default(),
        class: Some("standard".into()),
        kind: Kind::Filesystem,
        modes: vec![AccessMode::ReadWriteOnce],
        used_by: vec![],
        created: 0,
        description: None,
        mount_path: format!("/volumes/{name}"),
        labels: Labels::default(),
        read_only: false,
        trash: None,
    }
}
