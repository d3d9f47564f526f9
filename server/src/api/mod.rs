//! How do programs use the portal? REST below `/api/`, in guide words and JSON. The map of it:
//!
//! 1. `auth::bearer` says who calls: a token acts for its person. A session's cookie is good for reading only, and only when the
//!    browser itself says that the request comes from the portal's own pages or the address bar, so that a page can offer a download.
//!    Whatever changes something needs a token, which no other site's page has: `security::same_origin` leaves these paths alone.
//! 2. `caller` turns that into what may be done, by the token's scopes.
//! 3. `read` takes bodies and queries strictly: what is not known is named and refused.
//! 4. `volumes`, `files`, `task`, `new_task` and `secrets` have the calls, `schema` what a task file may say, `shown` what a volume looks like, `once` what happens when a call is sent twice.
//! 5. `openapi` describes all of it, made from the same declarations as the routes.

mod backup;
mod caller;
mod files;
mod new_task;
mod once;
mod openapi;
mod publish;
mod read;
mod schema;
mod secrets;
pub mod shown;
mod task;
mod trash;
mod volumes;

use crate::{Shared, problem};
use app::{
    paths,
    server::{Portal, Site},
};
use axum::{
    Json, Router,
    response::{IntoResponse, Response},
    routing::get,
};
use cluster::Cluster;
use domain::problem::Problem;
use records::Records;
use std::sync::Arc;

/// What the calls can reach.
#[derive(Clone)]
pub struct Api {
    cluster: Cluster,
    records: Records,
    /// The same as the pages reach.
    portal: Portal,
}

pub fn routes(shared: &Shared) -> Router {
    let site = Site { name: shared.config.site.name.clone(), url: shared.config.public_url.origin().to_owned() };
    let limits = Arc::new(shared.config.tasks.limits.clone());
    let task_days = shared.config.records.task_days;
    let portal =
        Portal { cluster: shared.cluster.clone(), records: shared.records.clone(), site, limits, shells: shared.config.shells, task_days };
    let api = Api { cluster: shared.cluster.clone(), records: shared.records.clone(), portal };
    let (router, described) = openapi::router(shared.config.public_url.origin()).split_for_parts();
    let described = Arc::new(described);
    router.with_state(api).route(paths::OPENAPI, get(async move || Json(Arc::clone(&described))))
}

/// A "no" to a program.
pub struct Refusal(Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<cluster::Error> for Refusal {
    fn from(error: cluster::Error) -> Self {
        Self(app::server::told(&error))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        problem::answer(self.0)
    }
}
