//! How does a task's state look, and how are tasks read with their causes?

use super::source::Source;
use crate::{
    error::ApiError,
    pages::frame::Section,
    paths, server,
    ui::icon::{icon, tone},
};
use domain::{
    event::Event,
    name::TaskId,
    problem::Problem,
    task::{
        Task, TaskState,
        cause::{Cause, Facts, cause},
        listing::Judged,
    },
    volume::Volume,
};
use leptos::prelude::*;
use records::History;

/// Whose task a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The caller's own.
    Mine,
    /// Anybody's: an administrator acts.
    Anybodys,
}

impl Whose {
    pub fn section(self) -> Section {
        match self {
            Self::Mine => Section::Tasks,
            Self::Anybodys => Section::AllTasks,
        }
    }

    pub fn stream(self) -> &'static str {
        match self {
            Self::Mine => paths::LIVE,
            Self::Anybodys => paths::LIVE_ALL,
        }
    }

    pub fn list(self) -> &'static str {
        match self {
            Self::Mine => paths::TASKS,
            Self::Anybodys => paths::ADMIN_TASKS,
        }
    }

    pub fn list_title(self) -> &'static str {
        match self {
            Self::Mine => "Tasks",
            Self::Anybodys => "All tasks",
        }
    }

    pub fn task(self, id: &TaskId) -> String {
        format!("{}/{id}", self.list())
    }

    /// A page of this task's own: `logs`, `yaml`, `stop`, `delete`.
    pub fn page(self, id: &TaskId, name: &str) -> String {
        format!("{}/{id}/{name}", self.list())
    }

    pub fn volume(self, volume: &Volume) -> String {
        match self {
            Self::Mine => paths::volume(&volume.id),
            Self::Anybodys => paths::admin_volume(&volume.id),
        }
    }

    pub fn crumbs(self, task: &Task, here: &'static str) -> impl IntoView {
        view! { <p class="crumbs"><a href=self.list()>{self.list_title()}</a> " / " <a href=self.task(&task.id)>{task.name.clone()}</a> " / " {here}</p> }
    }
}

/// Silhouette, word and colour of a state.
pub fn badge(cause: &Cause) -> impl IntoView + use<> {
    view! { <span class=format!("status {}", tone(cause.tone()))>{icon(cause.icon())}{cause.label()}</span> }
}

/// The tasks of a list with their causes.
pub struct All {
    /// Those that the cluster has, then those that were kept.
    pub tasks: Vec<Judged>,
    /// What is said if the records could not be read: then those that were kept are missing.
    pub missing: Option<Problem>,
}

/// The tasks that the cluster has, and after them those whose Job it has removed.
pub async fn all(source: &Source, history: &History, volumes: &[Volume]) -> Result<All, cluster::Error> {
    let mut live = source.tasks()?;
    let (kept, missing) = match source.all_kept(history, &mut live).await {
        Ok(kept) => (kept, None),
        Err(error) => (Vec::new(), Some(server::records_failed(&error))),
    };
    let mut tasks = judge_all(live, volumes, |id| Ok(source.task(id)?.events));
    tasks.extend(kept.into_iter().map(|task| Judged { is_kept: true, ..judge(task, &[], volumes) }));
    Ok(All { tasks, missing })
}

fn judge_all(tasks: Vec<Task>, volumes: &[Volume], events: impl Fn(&TaskId) -> Result<Vec<Event>, ApiError>) -> Vec<Judged> {
    let one = |task: Task| {
        // Only a Job without pods is explained by what was said about the Job itself; one that cannot be read explains nothing.
        let said =
            if task.pods.is_empty() && task.state == TaskState::Starting { events(&task.id).unwrap_or_default() } else { Vec::new() };
        judge(task, &said, volumes)
    };
    tasks.into_iter().map(one).collect()
}

/// The task with its cause at this moment. `events` are those about the Job itself.
pub fn judge(task: Task, events: &[Event], volumes: &[Volume]) -> Judged {
    let cause = cause(&Facts { task: &task, events, volumes, now: server::now() });
    Judged { task, cause, is_kept: false }
}
