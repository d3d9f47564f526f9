//! Whose tasks may be read, and where are they? In the cluster; in the records when the cluster has removed the Job.

use super::view::Whose;
use crate::{
    error::ApiError,
    server::{self, Portal, records_failed, told},
};
use cluster::{AdminCluster, LogAsk, LogStream, Revision, Shell, TaskDetail, UserCluster};
use domain::{
    event::Event,
    name::{TaskId, VolumeId},
    problem::Problem,
    task::{Task, TaskRecord},
    volume::Volume,
};
use records::History;
use std::collections::HashMap;
use tokio::sync::watch;

/// What is said over a task that is read from the records.
pub const REMOVED: &str = "The cluster has removed this task's Job; this is what was kept of it.";

pub enum Source {
    Mine(UserCluster),
    Anybodys(AdminCluster),
}

/// A task, and where it was found.
#[derive(Debug)]
pub enum Found {
    Live(TaskDetail),
    Kept(TaskRecord),
}

impl Found {
    pub fn is_kept(&self) -> bool {
        match self {
            Self::Live(_) => false,
            Self::Kept(_) => true,
        }
    }

    pub fn into_detail(self) -> TaskDetail {
        match self {
            Self::Live(detail) => detail,
            Self::Kept(record) => TaskDetail::kept(&record),
        }
    }
}

impl Source {
    pub(super) fn of(whose: Whose) -> Result<Self, ApiError> {
        Ok(match whose {
            Whose::Mine => Self::Mine(server::caller()?),
            Whose::Anybodys => Self::Anybodys(server::admin()?),
        })
    }

    /// A task that the cluster has.
    pub fn task(&self, id: &TaskId) -> Result<TaskDetail, cluster::Error> {
        match self {
            Self::Mine(caller) => caller.task(id),
            Self::Anybodys(admin) => admin.task(id),
        }
    }

    /// The tasks that the cluster has.
    pub fn tasks(&self) -> Result<Vec<Task>, cluster::Error> {
        match self {
            Self::Mine(caller) => caller.tasks(),
            Self::Anybodys(admin) => admin.tasks(),
        }
    }

    pub fn volumes(&self) -> Result<Vec<Volume>, cluster::Error> {
        match self {
            Self::Mine(caller) => caller.volumes_and_trash(),
            Self::Anybodys(admin) => admin.volumes_and_trash(),
        }
    }

    /// What was said about a volume.
    pub fn said_about(&self, id: &VolumeId) -> Result<Vec<Event>, cluster::Error> {
        let detail = match self {
            Self::Mine(caller) => caller.volume(id),
            Self::Anybodys(admin) => admin.volume(id),
        };
        Ok(detail?.events)
    }

    /// Moves when anything of it changes.
    pub fn changes(&self) -> watch::Receiver<Revision> {
        match self {
            Self::Mine(caller) => caller.changes(),
            Self::Anybodys(admin) => admin.changes(),
        }
    }

    pub async fn open(&self, id: &TaskId, ask: &LogAsk) -> Result<LogStream, cluster::Error> {
        match self {
            Self::Mine(caller) => caller.task_logs(id, ask).await,
            Self::Anybodys(admin) => admin.task_logs(id, ask).await,
        }
    }

    pub async fn open_shell(&self, id: &TaskId, rank: u32) -> Result<Shell, cluster::Error> {
        match self {
            Self::Mine(caller) => caller.open_shell(id, rank).await,
            Self::Anybodys(admin) => admin.open_shell(id, rank).await,
        }
    }

    /// The task as it stands in the cluster, or what was kept of it.
    pub async fn find(&self, portal: &Portal, id: &TaskId) -> Result<Found, ApiError> {
        self.look(portal, id).await.map_err(|problem| server::fail(problem.into()))
    }

    /// The same, outside of pages.
    pub async fn look(&self, portal: &Portal, id: &TaskId) -> Result<Found, Problem> {
        match self.task(id) {
            Ok(detail) => Ok(Found::Live(detail)),
            Err(cluster::Error::NotFound) => self.kept(portal, id).await?.map(Found::Kept).ok_or_else(Problem::not_found),
            Err(error) => Err(told(&error)),
        }
    }

    /// What was kept of a task, whether or not the cluster still has it.
    pub async fn kept(&self, portal: &Portal, id: &TaskId) -> Result<Option<TaskRecord>, Problem> {
        let history = portal.records.history();
        let read = match self {
            Self::Mine(caller) => history.one(caller.user().key(), id).await,
            Self::Anybodys(_) => history.any(id).await,
        };
        read.map_err(|error| records_failed(&error))
    }

    /// Those that were kept and are not among `live`, newest first. Those that are learn when they began: a Job that was stopped has no
    /// pods to tell it any more.
    pub async fn all_kept(&self, history: &History, live: &mut [Task]) -> Result<Vec<Task>, records::Error> {
        let mut kept = match self {
            Self::Mine(caller) => history.list(caller.user().key()).await?,
            Self::Anybodys(_) => history.list_all().await?,
        };
        let mut live: HashMap<_, _> = live.iter_mut().map(|task| (task.uid.clone(), task)).collect();
        kept.retain(|task| match live.get_mut(&task.uid) {
            Some(known) => {
                known.started = known.started.or(task.started);
                false
            }
            None => true,
        });
        Ok(kept)
    }
}
