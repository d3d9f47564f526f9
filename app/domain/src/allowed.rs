//! May this be done now, and if not, why? The page disables with the same sentence that the server refuses with.

use crate::{
    storage_class::StorageClass,
    volume::{Kind, Trash, Use, Volume},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why something may not be done now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyNot {
    InUse {
        by: Vec<String>,
    },
    DeletedAlready,
    /// Its deletion was asked for, and can be undone.
    InTrash(Trash),
    /// Only storage that is there can grow.
    NotReady,
    /// No storage was made for it yet, or it is gone.
    NothingStored,
    /// It has no files.
    BareDisk,
    ClassCannotGrow,
    /// It is somebody's, so it is not there to be adopted.
    OwnedAlready,
    /// It is nobody's, so there is no owner to take it from.
    Unclaimed,
    /// A task that has ended.
    TaskIsOver,
    /// Its container has not started, or there was none before it.
    NoLog,
    /// A shell is opened where a container runs.
    NotRunning,
    /// Only a task that was made in part can be resumed.
    TaskIsWhole,
    /// Only whoever attached them has them.
    FilesAreMissing,
    /// And it cannot be stopped, for nothing of it runs.
    TaskIncomplete,
    TaskStops,
    /// Among others, only what is over is deleted.
    TaskRuns,
}

impl WhyNot {
    /// The same in a few words.
    pub fn heading(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "It is in use",
            Self::DeletedAlready => "It is being deleted",
            Self::InTrash(_) => "It is in the trash",
            Self::NotReady => "It is not ready",
            Self::NothingStored => "There is nothing to back up",
            Self::BareDisk => "It is a bare disk",
            Self::ClassCannotGrow => "Its class cannot grow",
            Self::OwnedAlready => "It has an owner",
            Self::Unclaimed => "It has no owner",
            Self::TaskIsOver => "It is over",
            Self::NoLog => "It has no log yet",
            Self::NotRunning => "It does not run",
            Self::TaskIsWhole => "Nothing is missing",
            Self::FilesAreMissing => "Its files are missing",
            Self::TaskIncomplete => "It has not started",
            Self::TaskStops => "It is stopping",
            Self::TaskRuns => "It is not over",
        }
    }
}

/// At most this many pods are named in a sentence.
const NAMED: usize = 3;

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { by } => {
                let noun = if by.len() == 1 { "pod" } else { "pods" };
                let named = by.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
                let more = by.len().saturating_sub(NAMED);
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                write!(f, "It is mounted by {noun} {named}{more}. Stop what uses it, then delete it.")
            }
            Self::DeletedAlready => f.write_str("It is being deleted already; it goes when nothing holds it any more."),
            Self::InTrash(trash) => write!(f, "It is in the trash {}. Restore it first.", trash.in_words()),
            Self::NotReady => f.write_str("It can grow once it is ready: its storage is not made yet, or is gone."),
            Self::NothingStored => f.write_str("Nothing is stored in it: its storage was not made yet, or is gone."),
            Self::BareDisk => {
                f.write_str("It has no files that could be packed: only the program that writes to this disk knows how to copy it.")
            }
            Self::ClassCannotGrow => {
                f.write_str("Its class does not let volumes grow. Create a larger volume and copy the data, or ask an administrator.")
            }
            Self::OwnedAlready => f.write_str("It belongs to a person already. Transfer it instead."),
            Self::Unclaimed => f.write_str("Nobody provably owns it, so it cannot be transferred. Adopt it instead."),
            Self::TaskIsOver => f.write_str("It is over already, so there is nothing to stop."),
            Self::NoLog => {
                f.write_str("Nothing has been written here: the container has not started. What it waits for is on the task's page.")
            }
            Self::NotRunning => f.write_str("A shell needs a container that runs, and this one does not run now."),
            Self::FilesAreMissing => {
                f.write_str("The portal was interrupted before it had stored the files that were attached. Delete this task, and submit it again with them.")
            }
            Self::TaskIsWhole => f.write_str("Nothing of it is missing, so there is nothing to resume."),
            Self::TaskIncomplete => f.write_str("It was made only in part and has not started. Resume it, or delete it."),
            Self::TaskStops => f.write_str("It was asked to stop already; its pods may take half a minute to end."),
            Self::TaskRuns => f.write_str("It is not over. Stop it first; then it can be deleted with others."),
        }
    }
}

/// A volume may be deleted when no pod works with it. Finished pods do not work with it.
pub fn may_delete(uses: &[Use]) -> Result<(), WhyNot> {
    let by: Vec<_> = uses.iter().filter(|u| u.phase.is_use()).map(|u| u.pod.clone()).collect();
    if by.is_empty() { Ok(()) } else { Err(WhyNot::InUse { by }) }
}

/// A volume may grow when its storage is there and its class can (`allowVolumeExpansion`). A class that is not known cannot.
pub fn may_expand(volume: &Volume, class: Option<&StorageClass>) -> Result<(), WhyNot> {
    may_edit(volume)?;
    match (volume.status.phase(), class) {
        // Waiting would not help.
        (_, Some(class)) if !class.expandable => Err(WhyNot::ClassCannotGrow),
        ("Bound", Some(_)) => Ok(()),
        ("Bound", None) => Err(WhyNot::ClassCannotGrow),
        _ => Err(WhyNot::NotReady),
    }
}

/// A volume may be backed up when it has files. One that nothing has ever mounted may have no storage yet.
pub fn may_back_up(volume: &Volume) -> Result<(), WhyNot> {
    may_edit(volume)?;
    match (volume.kind, volume.status.phase()) {
        (Kind::Block, _) => Err(WhyNot::BareDisk),
        (Kind::Filesystem, "Bound") => Ok(()),
        (Kind::Filesystem, _) => Err(WhyNot::NothingStored),
    }
}

/// What nobody provably owns is adopted, not transferred. Asked of what an administrator sees.
pub fn may_transfer(volume: &Volume) -> Result<(), WhyNot> {
    may_edit(volume)?;
    if volume.owner_subject.is_none() { Err(WhyNot::Unclaimed) } else { Ok(()) }
}

/// A volume's words may change until its deletion was asked for; so may its owner.
pub fn may_edit(volume: &Volume) -> Result<(), WhyNot> {
    match volume.trash {
        _ if volume.status.is_deleting() => Err(WhyNot::DeletedAlready),
        Some(trash) => Err(WhyNot::InTrash(trash)),
        None => Ok(()),
    }
}

/// Whether the page offers to delete this volume; what is in the trash can go before its time. The server asks [`may_delete`] of the
/// pods at that moment.
pub fn offers_delete(volume: &Volume) -> Result<(), WhyNot> {
    if volume.status.is_deleting() {
        return Err(WhyNot::DeletedAlready);
    }
    may_delete(&volume.used_by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cause::tests::{deleting, in_phase},
        storage_class::{Binding, ClassSettings, Reclaim},
        volume::{UsePhase, sample},
    };

    #[test]
    fn only_pods_that_work_with_it_forbid_deletion_and_all_are_named() {
        let pod = |name: &str, phase| Use { pod: name.into(), task: None, node: None, phase, since: 0, events: vec![] };
        assert_eq!(may_delete(&[pod("done", UsePhase::Finished)]), Ok(()));
        let refused = may_delete(&[pod("a", UsePhase::Running), pod("b", UsePhase::Waiting), pod("done", UsePhase::Finished)]);
        assert_eq!(refused.unwrap_err().to_string(), "It is mounted by pods a, b. Stop what uses it, then delete it.");
        let many: Vec<_> = (0..5).map(|n| pod(&format!("p{n}"), UsePhase::Running)).collect();
        assert!(may_delete(&many).unwrap_err().to_string().contains("p0, p1, p2 and 2 more."));
    }

    #[test]
    fn a_volume_grows_only_when_it_is_there_and_its_class_can() {
        let class = |expandable| StorageClass {
            name: "fast".parse().unwrap(),
            provisioner: "p".into(),
            default: false,
            binding: Binding::Immediate,
            reclaim: Reclaim::Delete,
            expandable,
            description: None,
            proven: vec![],
            settings: ClassSettings::default(),
        };
        let volume = |status| Volume { status, ..sample("data") };
        assert_eq!(may_expand(&volume(in_phase("Bound")), Some(&class(true))), Ok(()));
        for (status, class, why) in [
            (in_phase("Bound"), Some(class(false)), WhyNot::ClassCannotGrow),
            (in_phase("Bound"), None, WhyNot::ClassCannotGrow),
            (in_phase("Pending"), Some(class(true)), WhyNot::NotReady),
            (in_phase("Pending"), Some(class(false)), WhyNot::ClassCannotGrow),
            (in_phase("Lost"), Some(class(true)), WhyNot::NotReady),
            (deleting(), Some(class(true)), WhyNot::DeletedAlready),
        ] {
            assert_eq!(may_expand(&volume(status), class.as_ref()), Err(why));
        }
    }

    #[test]
    fn only_what_somebody_owns_is_transferred() {
        let owned = Volume { owner_subject: Some("alice".into()), ..sample("data") };
        assert_eq!((may_transfer(&owned), may_transfer(&sample("data"))), (Ok(()), Err(WhyNot::Unclaimed)));
    }

    #[test]
    fn g0_53_what_is_in_the_trash_can_go_before_its_time_and_nothing_else() {
        let trash = Trash::Until(0);
        let volume = Volume { trash: Some(trash), owner_subject: Some("alice".into()), ..sample("data") };
        assert_eq!(offers_delete(&volume), Ok(()));
        for refused in [may_edit(&volume), may_expand(&volume, None), may_transfer(&volume)] {
            assert_eq!(refused, Err(WhyNot::InTrash(trash)));
        }
        assert_eq!(WhyNot::InTrash(trash).to_string(), "It is in the trash until 1 Jan 1970, 00:00:00 UTC. Restore it first.");
        let leaving = Volume { status: deleting(), ..volume };
        assert_eq!((offers_delete(&leaving), may_edit(&leaving)), (Err(WhyNot::DeletedAlready), Err(WhyNot::DeletedAlready)));
    }

    #[test]
    fn what_is_being_deleted_is_neither_edited_nor_deleted_again() {
        let volume = Volume { status: deleting(), ..sample("data") };
        assert_eq!((may_edit(&volume), offers_delete(&volume)), (Err(WhyNot::DeletedAlready), Err(WhyNot::DeletedAlready)));
        assert_eq!(may_edit(&sample("data")), Ok(()));
    }
}
