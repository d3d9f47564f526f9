//! What may a program see of tasks, and how does it end one? Through the same person's cluster as the pages.

mod log;
mod shown;

pub use log::{__path_logs, logs};

use super::{
    Api, Refusal,
    caller::Caller,
    openapi::Refused,
    read::{self, Asked, Nothing},
};
use app::{
    audit::actions::{Act, audited},
    server::told,
    tasks::{
        actions::{self, task_id},
        source::Source,
        view::{All, all, judge},
    },
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
};
use cluster::OwnedTask;
use domain::{
    audit::Verb,
    problem::{FieldErrors, Problem},
    task::{
        SeenForm,
        listing::{Filter, Judged},
    },
    token::Scope,
};
use http::HeaderMap;
use serde::Deserialize;
use shown::{Deleted, Task, TaskList};
use utoipa::{IntoParams, ToSchema};

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Every field of each task.
    details: bool,
    /// Everybody's tasks. For administrators, with the scope `admin`.
    all_users: bool,
    /// Only this person's, among everybody's. Never empty.
    user: Option<String>,
    /// Only those that fit a filter, as it is written on the page of tasks: `state:running volume:data train`.
    q: String,
}

/// Your tasks: what runs first, then the newest first; after them those whose Job the cluster has removed, as far as they were kept.
#[utoipa::path(get, path = "/api/tasks", tag = "tasks", operation_id = "list_tasks", params(ListQuery), responses((status = OK, body = TaskList), Refused))]
pub async fn list(State(api): State<Api>, caller: Caller, Asked(asked): Asked<ListQuery>) -> Result<Json<TaskList>, Refusal> {
    caller.may(Scope::TasksRead)?;
    if asked.user.as_deref().is_some_and(str::is_empty) {
        return Err(Problem::invalid(FieldErrors::one(
            "user",
            "Name a person, or leave the field out. An empty name never means everybody.",
        ))
        .into());
    }
    let source = if asked.all_users || asked.user.is_some() {
        caller.may(Scope::Admin)?;
        Source::Anybodys(caller.cluster.admin()?)
    } else {
        Source::Mine(caller.cluster)
    };
    let volumes = source.volumes()?;
    let All { tasks, missing } = all(&source, &api.records.history(), &volumes).await?;
    let filter = Filter::read(&asked.q, asked.all_users);
    if !filter.refused.is_empty() {
        return Err(Problem::invalid(FieldErrors::one("q", filter.refused.join(" "))).into());
    }
    let named = |claim: &str| volumes.iter().find(|volume| volume.claim == claim).map(|volume| volume.name.clone());
    let is_theirs = |username: &str| asked.user.as_deref().is_none_or(|user| user == username);
    let chosen = tasks.iter().filter(|judged| is_theirs(&judged.task.username) && filter.matches(&judged.task, &named));
    let show = |judged| if asked.details { Task::detailed(judged, &volumes) } else { Task::brief(judged) };
    let history_error = missing.map(|problem| problem.message);
    Ok(Json(TaskList { tasks: chosen.map(show).collect(), history_error }))
}

/// One task of yours, with its pods and why it is as it is; also one whose Job the cluster has removed.
#[utoipa::path(get, path = "/api/tasks/{id}", tag = "tasks", operation_id = "get_task", params(("id" = String, Path, description = "The task's id")), responses((status = OK, body = Task), Refused))]
pub async fn get(State(api): State<Api>, caller: Caller, Path(id): Path<String>, _: Asked<Nothing>) -> Result<Json<Task>, Refusal> {
    caller.may(Scope::TasksRead)?;
    let source = Source::Mine(caller.cluster);
    let found = source.look(&api.portal, &task_id(&id)?).await?;
    let (is_kept, detail, volumes) = (found.is_kept(), found.into_detail(), source.volumes()?);
    let judged = Judged { is_kept, ..judge(detail.task, &detail.events, &volumes) };
    Ok(Json(Task::detailed(&judged, &volumes)))
}

/// Which task exactly.
#[derive(Default, Deserialize, IntoParams, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Exactly {
    /// Only if it is exactly this task.
    uid: Option<String>,
}

/// A body is not needed; one that says something is refused.
fn nothing(headers: &HeaderMap, sent: Result<Bytes, BytesRejection>) -> Result<(), Problem> {
    let body = read::bytes(sent)?;
    if body.is_empty() { Ok(()) } else { read::json::<Nothing>(headers, &body).map(|Nothing {}| ()) }
}

async fn owned(caller: &Caller, id: &str) -> Result<OwnedTask, Problem> {
    caller.cluster.owned_task(&task_id(id)?).await.map_err(|error| told(&error))
}

/// Stop a task of yours. Its programs have half a minute to end; its record and its log stay for a while, its volumes stay.
#[utoipa::path(
    post, path = "/api/tasks/{id}/stop", tag = "tasks", operation_id = "stop_task",
    params(("id" = String, Path, description = "The task's id"), Exactly),
    responses((status = OK, body = Task), Refused)
)]
pub async fn stop(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(asked): Asked<Exactly>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Task>, Refusal> {
    caller.may(Scope::TasksWrite)?;
    nothing(&headers, sent)?;
    let owned = owned(&caller, &id).await?;
    let (uid, before) = (asked.uid.unwrap_or_else(|| owned.task().uid.clone()), owned.task().clone());
    let act = Act::own(Verb::StopTask, &id, &before.name);
    audited(&api.records, caller.by.clone(), move |_| act, async move { owned.stop(&uid).await.map_err(|error| told(&error)) }).await?;
    let volumes = caller.cluster.volumes()?;
    let (task, events) = match caller.cluster.task(&before.id) {
        Ok(detail) => (detail.task, detail.events),
        Err(_) => (before, Vec::new()),
    };
    Ok(Json(Task::detailed(&judge(task, &events, &volumes), &volumes)))
}

/// Delete a task of yours, with its log and what was kept of it. What still runs is stopped at once; its volumes and their data stay.
#[utoipa::path(
    delete, path = "/api/tasks/{id}", tag = "tasks", operation_id = "delete_task",
    params(("id" = String, Path, description = "The task's id"), Exactly),
    responses((status = OK, body = Deleted), Refused)
)]
pub async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(asked): Asked<Exactly>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Deleted>, Refusal> {
    caller.may(Scope::TasksWrite)?;
    nothing(&headers, sent)?;
    let task = Source::Mine(caller.cluster.clone()).look(&api.portal, &task_id(&id)?).await?.into_detail().task;
    let (form, name) = (SeenForm { uid: asked.uid.unwrap_or(task.uid) }, task.name);
    let (act, portal, cluster, asked_id) = (Act::own(Verb::DeleteTask, &id, &name), api.portal, caller.cluster, id.clone());
    audited(&api.records, caller.by, move |_| act, async move { actions::delete(&portal, &cluster, &asked_id, &form).await }).await?;
    Ok(Json(Deleted { id, name }))
}
