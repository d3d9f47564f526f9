//! Who asks, and how does an answer get its status? The only place where pages meet the request.

use crate::error::ApiError;
use cluster::{AdminCluster, Cluster, Revision, User, UserCluster};
use domain::{
    listing::Taste,
    name::{TaskId, VolumeId},
    problem::{Code, Problem},
    task::Limits,
};
use http::{StatusCode, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use records::Records;
use std::sync::Arc;
use tokio::sync::watch;

/// What every request can reach, put into context by the server.
#[derive(Clone)]
pub struct Portal {
    pub cluster: Cluster,
    pub records: Records,
    pub site: Site,
    /// What tasks may have.
    pub limits: Arc<Limits>,
    /// Whether people can open shells in their running tasks.
    pub shells: bool,
    /// For so many days it is known how a task went.
    pub task_days: u32,
}

/// How this installation presents itself.
#[derive(Clone, Debug)]
pub struct Site {
    pub name: String,
    /// Where it is, without a path: `https://stowage.example.org`.
    pub url: String,
}

/// The request's id, as its answer carries it.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Where the editor of task files is loaded from, if it is there.
#[derive(Clone, Debug)]
pub struct Editor(pub Option<String>);

/// Where the terminal of shells is loaded from, if it is there.
#[derive(Clone, Debug)]
pub struct Terminal(pub Option<String>);

/// How this browser likes its lists, as it says itself.
#[derive(Clone, Debug)]
pub struct Tastes {
    pub own: Taste,
    pub everybodys: Taste,
}

/// Marks a request whose address leads nowhere: whatever a router might make of it, it gets the page for that.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

/// What a refused form post hands to the page that shows the form again.
#[derive(Clone, Debug)]
pub struct Refused<F> {
    pub form: F,
    pub problem: Problem,
}

pub fn portal() -> Result<Portal, ApiError> {
    use_context::<Portal>().ok_or_else(|| went_wrong().into())
}

/// What is said when nothing better is known.
pub fn went_wrong() -> Problem {
    Problem::new(Code::Internal, "Something went wrong in the portal. Try again in a moment.")
}

/// Whoever is signed in. The session layer put them into the request; nothing else does.
pub fn user() -> Result<User, ApiError> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<User>().cloned())
        .ok_or_else(|| fail(Problem::new(Code::Unauthenticated, "Sign in to go on.").into()))
}

/// How this browser likes this list; what is usual where it says nothing.
pub fn taste(everybody: bool) -> Taste {
    let tastes = use_context::<Tastes>();
    tastes.map_or_else(|| Taste::usual(everybody), |tastes| if everybody { tastes.everybodys } else { tastes.own })
}

/// What the caller may do in the cluster.
pub fn caller() -> Result<UserCluster, ApiError> {
    Ok(portal()?.cluster.as_user(user()?))
}

/// What an administrator may see; refused to everybody else.
pub fn admin() -> Result<AdminCluster, ApiError> {
    Ok(caller()?.admin()?)
}

/// A volume's id from an address; anything else is as absent as a random one.
pub fn volume_id(text: &str) -> Result<VolumeId, ApiError> {
    text.parse().map_err(|_| fail(Problem::not_found().into()))
}

/// The same of a task's id.
pub fn task_id(text: &str) -> Result<TaskId, ApiError> {
    text.parse().map_err(|_| fail(Problem::not_found().into()))
}

/// What was read, when, and at which revision.
pub struct Reading<T> {
    pub data: T,
    pub revision: String,
    /// Seconds since 1970.
    pub now: i64,
}

/// Reads with the revision taken first, so that a change in between brings a new reading and none is missed.
pub fn reading<T>(changes: watch::Receiver<Revision>, read: impl FnOnce() -> Result<T, ApiError>) -> Result<Reading<T>, ApiError> {
    let revision = changes.borrow().to_string();
    let data = read()?;
    Ok(Reading { data, revision, now: now() })
}

/// The sentence over data that may be old, if the cluster does not answer.
pub fn down() -> Option<String> {
    let since = portal().ok()?.cluster.health().down_since?;
    Some(format!(
        "It has been silent since {}. What you see is from then, and nothing can be changed until it is back. The portal keeps trying; this page follows by itself.",
        domain::text::date(since)
    ))
}

/// Seconds since 1970.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

impl From<cluster::Error> for ApiError {
    /// The one crossing: the cause goes to the log, the sentence to the person.
    fn from(error: cluster::Error) -> Self {
        fail(told(&error).into())
    }
}

/// What a person is told of an error; its cause goes to the log.
pub fn told(error: &cluster::Error) -> Problem {
    let problem = error.problem();
    if problem.code.status() >= 500 {
        tracing::warn!(error = error as &dyn std::error::Error, code = ?problem.code, "the cluster could not be asked");
    }
    problem
}

impl From<records::Error> for ApiError {
    fn from(error: records::Error) -> Self {
        fail(records_failed(&error).into())
    }
}

/// What a person is told when the records do not answer; the cause goes to the log.
pub fn records_failed(error: &records::Error) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "the records could not be asked");
    Problem::new(
        Code::SessionStoreUnavailable,
        "The portal cannot reach its records right now. Nothing was changed; try again in a moment.",
    )
}

/// Gives the answer the problem's status, and the problem the request's id.
pub fn fail(mut error: ApiError) -> ApiError {
    error.0.request_id = use_context::<Parts>().and_then(|parts| parts.extensions.get::<RequestId>().map(|id| id.0.clone()));
    set_status(error.0.code);
    error
}

pub fn set_status(code: Code) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(code.status())) {
        response.set_status(status);
    }
}
