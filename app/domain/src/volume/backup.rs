//! How is a volume backed up into another one, and made again from that? By a task of the portal's own making: its script is a
//! constant, and what varies reaches it in variables that are made of checked values.
//!
//! A backup is a folder `stowage-backups/{volume}-{id}/{moment}` that is there whole or not at all:
//!
//! | File | What |
//! |---|---|
//! | `files.tar.gz` | every file, folder and link |
//! | `files.sha256` | the hash of every regular file |
//! | `folders.modes`, `files.modes` | the modes that not every tar restores |
//! | `about.json` | of what, how large, by which portal |
//! | `archive.sha256` | the hash of each of these |

use super::Volume;
use crate::{
    access::AccessMode,
    name::{ObjectName, TaskId, TaskName, VolumeId, VolumeName},
    quantity::Size,
    task::{PodState, Task, TaskState},
    text::machine_date,
};
use serde::{Deserialize, Serialize};

/// For the shell of the image that tasks have where they name none: POSIX, with tar, gzip, sha256sum, find, awk and stat.
pub const BACKUP_SCRIPT: &str = concat!(include_str!("backup/shared.sh"), "\n", include_str!("backup/backup.sh"));
pub const RESTORE_SCRIPT: &str = concat!(include_str!("backup/shared.sh"), "\n", include_str!("backup/restore.sh"));

/// Where both scripts find the volume that is read, and the one that is written.
pub const SOURCE: &str = "/source";
pub const TARGET: &str = "/target";

/// The folder of all backups on a volume.
pub const FOLDER: &str = "stowage-backups";

const TASK_NAME_MAX: usize = 40;

/// Why the portal has made a task by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Backup(Backup),
    /// A new volume from the backup that this task has written.
    Restore(TaskId),
}

/// The form of the page. Types begin where the volume is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupForm {
    /// The id of the volume to write to.
    pub to: String,
    /// Of the page that it is on: sent twice, it is one backup.
    pub key: String,
}

/// What is read, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    pub volume: VolumeId,
    /// What it was called.
    pub name: String,
    /// How large it was.
    pub size: Size,
    /// The claim that it is written to.
    pub to: ObjectName,
    /// When it was asked for; seconds since 1970.
    pub at: i64,
}

impl Backup {
    /// `None` if the claim to write to has a name that cannot be used.
    pub fn new(volume: &Volume, to: &Volume, at: i64) -> Option<Self> {
        Some(Self { volume: volume.id.clone(), name: volume.name.clone(), size: volume.size(), to: to.claim.parse().ok()?, at })
    }

    /// The folder of all backups of this volume: `{name}-{id}`; the id alone where the name is none of the portal's.
    pub fn of(&self) -> String {
        match self.name.parse::<VolumeName>() {
            Ok(name) => format!("{name}-{}", self.volume),
            Err(_) => self.volume.to_string(),
        }
    }

    /// `20261121T200931Z` (ISO 8601, basic).
    pub fn moment(&self) -> String {
        machine_date(self.at).replace(['-', ':'], "")
    }

    /// Where it is on the volume that it is written to.
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}/{}", self.of(), self.moment())
    }

    /// What the scripts read. `about` is JSON.
    pub fn variables(&self, about: String) -> [(&'static str, String); 3] {
        [("BACKUP_OF", self.of()), ("BACKUP_AT", self.moment()), ("BACKUP_ABOUT", about)]
    }

    /// `backup-data`, as long as a task's name can be. `None` only if `what` is no beginning of one.
    pub fn task_name(&self, what: &str) -> Option<TaskName> {
        let name: VolumeName = self.name.parse().or_else(|_| format!("v-{}", self.volume).parse()).ok()?;
        let mut text = format!("{what}-{name}");
        text.truncate(TASK_NAME_MAX);
        text.trim_end_matches(['-', '_']).parse().ok()
    }
}

/// What the script has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Regular files, and what is in them.
    pub files: u64,
    pub bytes: Size,
    pub packed: Size,
}

impl Counted {
    /// From what the script leaves with its pod: three numbers.
    fn read(message: &str) -> Option<Self> {
        let numbers: Vec<u64> = message.split_whitespace().map(|word| word.parse().ok()).collect::<Option<_>>()?;
        let [files, bytes, packed] = numbers.as_slice() else { return None };
        Some(Self { files: *files, bytes: Size::from_bytes(*bytes), packed: Size::from_bytes(*packed) })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupState {
    Running,
    /// What was counted, unless its pod was gone before anybody saw it end.
    Whole(Option<Counted>),
    /// It leaves nothing.
    Failed,
}

/// A backup, by the task that makes or has made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBackup {
    pub task: TaskId,
    pub backup: Backup,
    pub state: BackupState,
}

impl KnownBackup {
    pub fn of(task: &Task) -> Option<Self> {
        let Some(Purpose::Backup(backup)) = &task.purpose else { return None };
        let said =
            || task.pods.iter().filter(|pod| pod.state == PodState::Succeeded).find_map(|pod| Counted::read(pod.message.as_deref()?));
        let state = match task.state {
            TaskState::Succeeded => BackupState::Whole(said()),
            TaskState::Failed | TaskState::Stopped | TaskState::Stopping => BackupState::Failed,
            TaskState::Incomplete | TaskState::Running | TaskState::Starting => BackupState::Running,
        };
        Some(Self { task: task.id.clone(), backup: backup.clone(), state })
    }

    pub fn is_whole(&self) -> bool {
        matches!(self.state, BackupState::Whole(_))
    }

    /// How large a volume must at least be to hold it again.
    pub fn least(&self) -> Size {
        match self.state {
            BackupState::Whole(Some(counted)) => counted.bytes,
            BackupState::Whole(None) | BackupState::Running | BackupState::Failed => Size::from_bytes(0),
        }
    }
}

/// Those of one volume, the newest first.
pub fn backups_of(volume: &VolumeId, tasks: &[Task]) -> Vec<KnownBackup> {
    let mut known: Vec<_> = tasks.iter().filter_map(KnownBackup::of).filter(|known| known.backup.volume == *volume).collect();
    known.sort_by_key(|known| std::cmp::Reverse(known.backup.at));
    known
}

/// Why a backup cannot be written to this volume, as a sentence. What a task may mount is judged besides.
pub fn cannot_hold(target: &Volume, source: &Volume) -> Option<String> {
    let name = &target.name;
    let sentence = if target.id == source.id {
        "A backup on the volume itself would be lost with it. Choose another volume.".to_owned()
    } else if let Err(why) = crate::allowed::may_edit(target) {
        why.to_string()
    } else if target.status.phase() == "Lost" {
        format!("{name} has lost its storage.")
    } else if target.kind == super::Kind::Block {
        format!("{name} is a bare disk, which holds no files.")
    } else if target.read_only || target.modes == [AccessMode::ReadOnlyMany] {
        format!("{name} is for reading only.")
    } else {
        return None;
    };
    Some(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        allowed::{WhyNot, may_back_up},
        cause::tests::in_phase,
        task::cause::tests::{pod, task},
        volume::{Kind, sample},
    };

    const AT: i64 = 1_774_101_727;

    fn backup() -> Backup {
        Backup::new(&sample("data"), &sample("archive"), AT).unwrap()
    }

    #[test]
    fn a_backup_has_a_folder_of_its_volume_and_its_moment() {
        assert_eq!(backup().path(), "stowage-backups/data-abcdefgh/20260321T140207Z");
        for odd in ["../../etc", "a b", "$(reboot)", "", "-rf"] {
            assert_eq!(Backup { name: odd.into(), ..backup() }.of(), "abcdefgh", "{odd}");
        }
    }

    #[test]
    fn its_task_has_a_name_whatever_the_volumes_is() {
        let name = |name: &str| Backup { name: name.into(), ..backup() }.task_name("backup").unwrap().to_string();
        assert_eq!(name("data"), "backup-data");
        assert_eq!(name("../x"), "backup-v-abcdefgh");
        assert_eq!(name(&format!("{}-{}", "a".repeat(32), "b".repeat(30))), format!("backup-{}", "a".repeat(32)));
    }

    #[test]
    fn nothing_is_put_into_the_scripts_and_nothing_else_reaches_them_than_their_three_variables() {
        for script in [BACKUP_SCRIPT, RESTORE_SCRIPT] {
            assert!(!script.contains("{{") && script.contains("$BACKUP_OF") && script.contains("$BACKUP_AT"));
            assert!(!script.contains("eval"), "what is in a variable is never run");
        }
        let names: Vec<_> = backup().variables(String::new()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["BACKUP_OF", "BACKUP_AT", "BACKUP_ABOUT"]);
    }

    #[test]
    fn a_backup_is_known_by_its_task_as_running_whole_or_failed() {
        let of = |state, message: Option<&str>| {
            let ended = crate::task::TaskPod { message: message.map(str::to_owned), ..pod(0, PodState::Succeeded) };
            let task = Task { purpose: Some(Purpose::Backup(backup())), pods: vec![ended], ..task(state) };
            KnownBackup::of(&task).unwrap()
        };
        let counted = Counted { files: 3, bytes: Size::from_bytes(4096), packed: Size::from_bytes(120) };
        assert_eq!(of(TaskState::Succeeded, Some("3 4096 120\n")).state, BackupState::Whole(Some(counted)));
        assert_eq!(of(TaskState::Succeeded, Some("3 4096 120\n")).least(), Size::from_bytes(4096));
        for odd in [None, Some(""), Some("1 2"), Some("1 2 3 4"), Some("-1 2 3")] {
            assert_eq!(of(TaskState::Succeeded, odd).state, BackupState::Whole(None), "{odd:?}");
        }
        assert_eq!(of(TaskState::Running, None).state, BackupState::Running);
        for state in [TaskState::Failed, TaskState::Stopped, TaskState::Stopping] {
            assert_eq!(of(state, None).state, BackupState::Failed);
        }
        let plain = task(TaskState::Succeeded);
        assert_eq!(KnownBackup::of(&plain), None, "a task of a person's own is no backup, whatever it is called");
    }

    #[test]
    fn the_backups_of_a_volume_come_newest_first_and_without_those_of_others() {
        let made = |at, volume: &str| Task {
            purpose: Some(Purpose::Backup(Backup { at, volume: volume.parse().unwrap(), ..backup() })),
            ..task(TaskState::Succeeded)
        };
        let tasks = [made(1, "abcdefgh"), made(3, "abcdefgh"), made(2, "zzzzzzzz"), task(TaskState::Running)];
        let known: Vec<_> = backups_of(&"abcdefgh".parse().unwrap(), &tasks).iter().map(|known| known.backup.at).collect();
        assert_eq!(known, [3, 1]);
    }

    #[test]
    fn g2_14_what_has_files_can_be_backed_up_and_what_has_none_says_why() {
        let data = sample("data");
        assert_eq!(may_back_up(&data), Ok(()));
        let pending = Volume { status: in_phase("Pending"), ..data.clone() };
        assert_eq!(may_back_up(&pending), Err(WhyNot::NothingStored));
        assert_eq!(may_back_up(&Volume { status: in_phase("Lost"), ..data.clone() }), Err(WhyNot::NothingStored));
        assert_eq!(may_back_up(&Volume { kind: Kind::Block, ..data }), Err(WhyNot::BareDisk));
    }

    #[test]
    fn a_backup_is_written_to_another_volume_that_can_be_written_to() {
        let data = sample("data");
        let archive = Volume { id: "bbbbbbbb".parse().unwrap(), ..sample("archive") };
        assert_eq!(cannot_hold(&archive, &data), None);
        assert!(cannot_hold(&data, &data).unwrap().contains("lost with it"));
        for bad in [
            Volume { read_only: true, ..archive.clone() },
            Volume { modes: vec![AccessMode::ReadOnlyMany], ..archive.clone() },
            Volume { kind: Kind::Block, ..archive.clone() },
            Volume { status: in_phase("Lost"), ..archive.clone() },
            Volume { trash: Some(crate::volume::Trash::Until(1)), ..archive },
        ] {
            assert!(cannot_hold(&bad, &data).is_some(), "{bad:?}");
        }
    }
}
