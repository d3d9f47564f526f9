//! What is to be written down of tasks before the cluster forgets them? Read for the record, which gives it to the owner alone.

use crate::{
    act::{DEADLINE, within},
    clock::now,
    error::Error,
    jobs::JobRow,
    pods::{PodRow, Viewer},
    scope::{Cluster, Link},
    tasks::LogAsk,
    volumes::{without, yaml},
    watch::{revision::Revision, rows::Rows, tasks::TaskRow},
};
use domain::{
    name::ObjectName,
    owner::OwnerKey,
    task::{LOG_KEPT, PodLog, Task, TaskPod, TaskRecord},
};
use futures::TryStreamExt;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// Of a log that is long the end is asked for: more lines than fill what is kept, unless they are very short.
const TAIL_LINES: u32 = 10_000;
/// A pod that is asked to end has half a minute for it.
const LAST_WORDS: Duration = Duration::from_secs(60);

/// Reads what tasks leave behind, in nobody's name.
#[derive(Clone)]
pub struct Keeper {
    link: Arc<Link>,
}

/// A task with a proven owner, as it stands.
#[derive(Clone)]
pub struct Standing {
    row: Arc<TaskRow>,
    owner: OwnerKey,
}

impl Standing {
    fn of(row: &Arc<TaskRow>) -> Option<Self> {
        Some(Self { row: Arc::clone(row), owner: row.owner.key()?.clone() })
    }

    pub fn owner(&self) -> &OwnerKey {
        &self.owner
    }

    pub fn uid(&self) -> &str {
        &self.row.job.meta.uid
    }

    /// Nothing has changed since then.
    pub fn is_same(&self, earlier: &Self) -> bool {
        Arc::ptr_eq(&self.row, &earlier.row)
    }

    /// As its owner may see it, and with their subject, which is for administrators.
    pub fn task(&self) -> Task {
        let task = self.row.task(Viewer::Owner(&self.owner), now());
        Task { owner_subject: self.row.job.meta.annotations.owner_subject.as_deref().map(str::to_owned), ..task }
    }

    /// Into what was written of it before, if anything was.
    pub fn into_record(&self, former: Option<TaskRecord>) -> TaskRecord {
        let (task, events) = (self.task(), self.row.events().to_vec());
        match former {
            Some(mut record) => {
                record.see(task, events);
                record
            }
            None => TaskRecord::new(task, events, self.row.job.meta.annotations.task.as_deref().unwrap_or_default().to_owned()),
        }
    }
}

impl Cluster {
    pub fn keeper(&self) -> Keeper {
        Keeper { link: Arc::clone(&self.link) }
    }
}

impl Keeper {
    /// Moves when anything changes.
    pub fn changes(&self) -> watch::Receiver<Revision> {
        self.link.cache.all_changes()
    }

    /// Every task that is somebody's.
    pub fn standing(&self) -> Result<Vec<Standing>, Error> {
        Ok(self.link.cache.rows(Rows::all_tasks)?.iter().filter_map(Standing::of).collect())
    }

    /// Those that were over when their Jobs were deleted since this was last asked.
    pub fn departed(&self) -> Vec<Standing> {
        self.link.cache.departed().iter().filter_map(Standing::of).collect()
    }

    /// The end of what this pod wrote; of one that still runs, what it writes until it ends.
    pub async fn last_words(&self, of: &Standing, pod: &TaskPod, until_it_ends: bool) -> Result<PodLog, Error> {
        let name: ObjectName = pod.name.parse().map_err(Error::unexpected)?;
        let live: PodRow = within(DEADLINE, self.link.get::<PodRow, PodRow>(&name)).await?;
        if !live.is_part_of(of.uid(), &of.row.owner) {
            return Err(Error::NotFound);
        }
        let ask = LogAsk { follow: until_it_ends, tail_lines: Some(TAIL_LINES), ..LogAsk::default() };
        let mut log = self.link.open_log(&name, &ask).await?;
        let (mut kept, mut is_cut) = (Vec::new(), false);
        let reading = async {
            // What was read before a connection broke is better than nothing.
            while let Ok(Some(chunk)) = log.try_next().await {
                kept.extend(chunk);
                if kept.len() > LOG_KEPT {
                    kept.drain(..kept.len() - LOG_KEPT);
                    is_cut = true;
                }
            }
        };
        // As is what was read in time.
        let _in_time = timeout(LAST_WORDS, reading).await;
        Ok(PodLog::of(&pod.name, pod.rank, &kept, is_cut))
    }

    /// The live Job, as [`crate::OwnedTask::yaml`].
    pub async fn yaml(&self, of: &Standing) -> Result<String, Error> {
        let name: ObjectName = of.row.job.meta.name.parse().map_err(Error::unexpected)?;
        let mut manifest: Value = within(DEADLINE, self.link.get::<JobRow, Value>(&name)).await?;
        if manifest["metadata"]["uid"] != of.uid() {
            return Err(Error::NotFound);
        }
        without(&mut manifest["metadata"], &["managedFields"]);
        yaml(&manifest)
    }
}
