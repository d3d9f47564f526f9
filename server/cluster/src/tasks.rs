//! How is a task read and changed? Read from the rows; changed on the live Job, proven to be the person's or taken by an
//! administrator.
//!
//! | Module | Answers |
//! |---|---|
//! | [`submit`] | how is one made, tried, drafted, or made whole |
//! | [`stop`] | how does one end before its time, and how does it go |
//! | [`logs`] | what has it written |

mod logs;
mod stop;
mod submit;

pub use logs::{LogAsk, LogStream};

use crate::{
    act::{DEADLINE, Right, SEEN, within},
    clock::now,
    error::Error,
    job::written::Written,
    jobs::JobRow,
    pods::Viewer,
    scope::{AdminCluster, Link, UserCluster},
    volumes::{without, yaml},
    watch::{rows::Rows, tasks::TaskRow},
};
use domain::{
    event::Event,
    name::{ObjectName, TaskId},
    owner::OwnerKey,
    task::{Task, TaskRecord},
};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};

/// One task with what was asked for and what the cluster said about its Job, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDetail {
    pub task: Task,
    pub events: Vec<Event>,
    pub envs: Vec<(String, String)>,
    /// The variables that come from Secrets, and from which: `name/key`.
    pub secrets: Vec<(String, String)>,
    pub setup: Option<String>,
    pub run: String,
    pub workdir: Option<String>,
    /// What each pod gets: `2 CPUs, 4 Gi of memory, 10 Gi of disk, 1 GPU (A100)`. Empty if it is not known.
    pub resources: String,
    /// What was asked for, as the JSON of a task file's fields: to show, and to ask for again. Empty if it is not known.
    pub file: String,
}

impl TaskDetail {
    fn of(row: &TaskRow, viewer: Viewer<'_>) -> Self {
        let file = row.job.meta.annotations.task.as_deref().unwrap_or_default().to_owned();
        Self::with(row.task(viewer, now()), row.events().to_vec(), file)
    }

    /// Of a task whose Job is gone, by what was written down of it.
    pub fn kept(record: &TaskRecord) -> Self {
        Self::with(record.task.clone(), record.events.clone(), record.file.clone())
    }

    fn with(task: Task, events: Vec<Event>, file: String) -> Self {
        let written = Written::read(Some(&file));
        let resources = written.resources_in_words();
        let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            task,
            events,
            envs: written.envs.into_iter().map(|(name, value)| (name, text(value))).collect(),
            secrets: written.secrets.into_iter().map(|(name, from)| (name, text(from))).collect(),
            setup: written.setup,
            run: written.run,
            workdir: written.workdir,
            resources,
            file,
        }
    }
}

impl UserCluster {
    /// Own tasks: what needs a person or runs first, then the newest first.
    pub fn tasks(&self) -> Result<Vec<Task>, Error> {
        let rows = self.link.cache.rows(|rows| rows.tasks_of(self.user.key()))?;
        Ok(in_order(&rows, Viewer::Owner(self.user.key())))
    }

    /// Own tasks that the cluster has and that read Secrets, each with the names of those.
    pub fn tasks_with_secrets(&self) -> Result<Vec<(Task, BTreeSet<String>)>, Error> {
        let (rows, now) = (self.link.cache.rows(|rows| rows.tasks_of(self.user.key()))?, now());
        let read = rows.iter().filter_map(|row| {
            let written = Written::read(row.job.meta.annotations.task.as_deref());
            let names: BTreeSet<String> =
                written.secrets.values().filter_map(|from| Some(from.as_str()?.split_once('/')?.0.to_owned())).collect();
            (!names.is_empty()).then(|| (row.task(Viewer::Owner(self.user.key()), now), names))
        });
        Ok(read.collect())
    }

    /// One own task. Another person's is as absent as one that never was.
    pub fn task(&self, id: &TaskId) -> Result<TaskDetail, Error> {
        let row = self.own_task(id)?;
        Ok(TaskDetail::of(&row, Viewer::Owner(self.user.key())))
    }

    /// The live task, if it is this person's.
    pub async fn owned_task(&self, id: &TaskId) -> Result<OwnedTask, Error> {
        let row = self.own_task(id)?;
        OwnedTask::of(&self.link, Right::Owner(self.user.clone()), &row).await
    }

    fn own_task(&self, id: &TaskId) -> Result<Arc<TaskRow>, Error> {
        only(self.link.cache.rows(|rows| rows.tasks_of(self.user.key()))?, id)
    }
}

impl AdminCluster {
    /// Everybody's tasks, in the same order.
    pub fn tasks(&self) -> Result<Vec<Task>, Error> {
        let rows = self.link.cache.rows(Rows::all_tasks)?;
        Ok(in_order(&rows, Viewer::Admin))
    }

    pub fn task(&self, id: &TaskId) -> Result<TaskDetail, Error> {
        let row = self.any_task(id)?;
        Ok(TaskDetail::of(&row, Viewer::Admin))
    }

    /// The live task, whoever owns it. What is done with it is done by an administrator.
    pub async fn managed_task(&self, id: &TaskId) -> Result<OwnedTask, Error> {
        let row = self.any_task(id)?;
        OwnedTask::of(&self.link, Right::Admin(self.user.clone()), &row).await
    }

    /// Who provably owns it; nothing if nobody does, or if it is not there.
    pub fn owner_of_task(&self, id: &TaskId) -> Option<OwnerKey> {
        self.any_task(id).ok()?.owner.key().cloned()
    }

    fn any_task(&self, id: &TaskId) -> Result<Arc<TaskRow>, Error> {
        only(self.link.cache.rows(Rows::all_tasks)?, id)
    }
}

fn in_order(rows: &[Arc<TaskRow>], viewer: Viewer<'_>) -> Vec<Task> {
    let now = now();
    let mut tasks: Vec<_> = rows.iter().map(|row| row.task(viewer, now)).collect();
    tasks.sort_by(|a, b| (a.state, b.submitted, &a.job).cmp(&(b.state, a.submitted, &b.job)));
    tasks
}

/// The one row with this id, among those that the viewer may see.
fn only(rows: Vec<Arc<TaskRow>>, id: &TaskId) -> Result<Arc<TaskRow>, Error> {
    let mut found: Vec<_> = rows.into_iter().filter(|row| row.job.id() == *id).collect();
    match found.len() {
        0 | 1 => found.pop().ok_or(Error::NotFound),
        _ => Err(Error::AmbiguousTask { jobs: found.iter().map(|row| row.job.meta.name.to_string()).collect() }),
    }
}

/// A task that its caller was found to own, or that an administrator took. The only thing that can be changed.
pub struct OwnedTask {
    link: Arc<Link>,
    right: Right,
    name: ObjectName,
    live: JobRow,
    manifest: Value,
    task: Task,
}

impl OwnedTask {
    /// The live Job.
    pub(crate) fn into_job(self) -> JobRow {
        self.live
    }

    async fn of(link: &Arc<Link>, right: Right, row: &TaskRow) -> Result<Self, Error> {
        let name: ObjectName = row.job.meta.name.parse().map_err(Error::unexpected)?;
        let (live, manifest) = within(DEADLINE, link.proven_job(&name, &right)).await?;
        let task = live.task(row.task(right.viewer(), now()).pods, now());
        Ok(Self { link: Arc::clone(link), right, name, live, manifest, task })
    }

    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The live Job, without the bookkeeping of who wrote which field.
    pub fn yaml(&self) -> Result<String, Error> {
        let mut manifest = self.manifest.clone();
        without(&mut manifest["metadata"], &["managedFields"]);
        yaml(&manifest)
    }

    /// Waits until the rows show what was done to this task (or three seconds).
    async fn until_seen(&self, seen_uid: &str, is_done: impl Fn(&TaskRow) -> bool) {
        let look = |rows: &Rows| {
            let waits = rows.job(self.name.as_str()).is_some_and(|row| row.job.meta.uid == seen_uid && !is_done(row));
            (!waits).then_some(())
        };
        self.link.cache.until_seen(SEEN, look).await;
    }
}

impl Link {
    /// The live Job of this name, if this right is good for it.
    async fn proven_job(&self, name: &ObjectName, right: &Right) -> Result<(JobRow, Value), Error> {
        let manifest: Value = self.get::<JobRow, Value>(name).await?;
        let live = JobRow::deserialize(&manifest).map_err(Error::unexpected)?;
        right.prove(live.is_marked(), &live.owner())?;
        Ok((live, manifest))
    }
}
