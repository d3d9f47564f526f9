//! Which forms end a task, and where does each lead? To the page of the task, to the list, or back to the form.

use super::{Pages, Posted, posts::news};
use app::{
    audit::actions::{Act, Trail},
    paths,
    server::Portal,
    tasks::{actions, bulk, source::Source},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use cluster::{AdminCluster, UserCluster};
use domain::{
    audit::Verb,
    name::TaskId,
    problem::Problem,
    task::{
        SeenForm, Task,
        bulk::{BulkForm, End},
    },
};
use http::request::Parts;

pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route(paths::STOP_TASKS, post(stop_all))
        .route(paths::DELETE_TASKS, post(delete_all))
        .route(paths::ADMIN_STOP_TASKS, post(stop_all_anybodys))
        .route(paths::ADMIN_DELETE_TASKS, post(delete_all_anybodys))
        .route(&paths::stop_task(&"{id}"), post(stop))
        .route(&paths::resume_task(&"{id}"), post(resume))
        .route(&paths::delete_task(&"{id}"), post(delete))
        .route(&paths::admin_stop_task(&"{id}"), post(stop_anybodys))
        .route(&paths::admin_delete_task(&"{id}"), post(delete_anybodys))
}

/// An act on a task of one's own, by the name that it has.
fn own(verb: Verb, caller: &UserCluster, id: &str) -> Act {
    let Ok(id) = id.parse::<TaskId>() else { return Act::own(verb, "", "") };
    let name = caller.task(&id).map(|detail| detail.task.name);
    Act::own(verb, id.as_str(), name.unwrap_or_default())
}

/// An act on anybody's task, with whose it was.
fn anybodys(verb: Verb, admin: &AdminCluster, id: &str) -> Act {
    let found = id.parse().ok().and_then(|id: TaskId| Some((admin.owner_of_task(&id), admin.task(&id).ok()?.task)));
    match found {
        Some((key, task)) => Act::own(verb, id, task.name).of(key.map(|key| key.to_string()).unwrap_or_default(), task.username),
        None => Act::tried(verb, id),
    }
}

/// A task that the cluster does not have any more, and its owner's key.
async fn kept(portal: &Portal, source: &Source, id: &str) -> Option<(String, Task)> {
    let id: TaskId = id.parse().ok()?;
    match source.task(&id) {
        Err(cluster::Error::NotFound) => {}
        Ok(_) | Err(_) => return None,
    }
    let task = source.kept(portal, &id).await.ok()??.task;
    let key = portal.records.history().owner_of(&id).await.ok().flatten();
    Some((key.map(|key| key.to_string()).unwrap_or_default(), task))
}

async fn stop(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<SeenForm>) -> Response {
    let to = news(&paths::task(&id), "stopped");
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (seen, act) = (form.clone(), own(Verb::StopTask, &caller, &id));
            (seen, pages.audited(&parts, |_| act, async move { actions::stop(&caller, &id, &form).await }).await)
        }
        Err(problem) => (SeenForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|()| to)).await
}

async fn resume(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<SeenForm>) -> Response {
    let to = news(&paths::task(&id), "resumed");
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (seen, act) = (form.clone(), own(Verb::ResumeTask, &caller, &id));
            (seen, pages.audited(&parts, |_| act, async move { actions::resume(&caller, &id, &form).await }).await)
        }
        Err(problem) => (SeenForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|()| to)).await
}

async fn delete(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<SeenForm>) -> Response {
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (seen, portal) = (form.clone(), pages.portal.clone());
            let act = match kept(&portal, &Source::Mine(caller.clone()), &id).await {
                Some((_, task)) => Act::own(Verb::DeleteTask, &id, task.name),
                None => own(Verb::DeleteTask, &caller, &id),
            };
            (seen, pages.audited(&parts, |_| act, async move { actions::delete(&portal, &caller, &id, &form).await }).await)
        }
        Err(problem) => (SeenForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|()| news(paths::TASKS, "deleted"))).await
}

async fn stop_anybodys(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<SeenForm>) -> Response {
    let to = news(&paths::admin_task(&id), "stopped");
    let (form, done) = match pages.take_as_admin(&parts, posted, |_| Act::tried(Verb::StopTask, &id)).await {
        Ok((admin, form)) => {
            let (seen, act) = (form.clone(), anybodys(Verb::StopTask, &admin, &id));
            (seen, pages.audited(&parts, |_| act, async move { actions::stop_anybodys(&admin, &id, &form).await }).await)
        }
        Err(problem) => (SeenForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|()| to)).await
}

async fn delete_anybodys(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<SeenForm>) -> Response {
    let (form, done) = match pages.take_as_admin(&parts, posted, |_| Act::tried(Verb::DeleteTask, &id)).await {
        Ok((admin, form)) => {
            let (seen, portal) = (form.clone(), pages.portal.clone());
            let act = match kept(&portal, &Source::Anybodys(admin.clone()), &id).await {
                Some((key, task)) => Act::own(Verb::DeleteTask, &id, task.name).of(key, task.username),
                None => anybodys(Verb::DeleteTask, &admin, &id),
            };
            (seen, pages.audited(&parts, |_| act, async move { actions::delete_anybodys(&portal, &admin, &id, &form).await }).await)
        }
        Err(problem) => (SeenForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|()| news(paths::ADMIN_TASKS, "deleted"))).await
}

async fn stop_all(State(pages): State<Pages>, parts: Parts, posted: Posted<BulkForm>) -> Response {
    let taken = pages.take(&parts, posted).map(|(caller, form)| (Source::Mine(caller), form));
    pages.end_all(parts, End::Stop, taken).await
}

async fn delete_all(State(pages): State<Pages>, parts: Parts, posted: Posted<BulkForm>) -> Response {
    let taken = pages.take(&parts, posted).map(|(caller, form)| (Source::Mine(caller), form));
    pages.end_all(parts, End::Delete, taken).await
}

async fn stop_all_anybodys(State(pages): State<Pages>, parts: Parts, posted: Posted<BulkForm>) -> Response {
    let taken = pages.take_as_admin(&parts, posted, |form| many(End::Stop, form)).await;
    pages.end_all(parts, End::Stop, taken.map(|(admin, form)| (Source::Anybodys(admin), form))).await
}

async fn delete_all_anybodys(State(pages): State<Pages>, parts: Parts, posted: Posted<BulkForm>) -> Response {
    let taken = pages.take_as_admin(&parts, posted, |form| many(End::Delete, form)).await;
    pages.end_all(parts, End::Delete, taken.map(|(admin, form)| (Source::Anybodys(admin), form))).await
}

/// An attempt on many at once is one line.
fn many(end: End, form: &BulkForm) -> Act {
    let ids = form.ids();
    let act = Act::tried(bulk::verb(end), ids.first().map(String::as_str).unwrap_or_default());
    if ids.len() > 1 { act.called(format!("and {} more", ids.len() - 1)) } else { act }
}

impl Pages {
    async fn end_all(&self, parts: Parts, end: End, taken: Result<(Source, BulkForm), Problem>) -> Response {
        let (form, done) = match taken {
            Ok((source, form)) => {
                let (seen, portal) = (form.clone(), self.portal.clone());
                let work = move |trail: Trail| async move { bulk::end_all(&portal, &source, end, &form, &trail).await };
                (seen, self.audited_each(&parts, bulk::verb(end), work).await)
            }
            Err(problem) => (BulkForm::default(), Err(problem)),
        };
        match done {
            Ok(all) => self.render(parts, bulk::AllEnded(all)).await,
            Err(problem) => self.refuse(parts, form, problem).await,
        }
    }
}
