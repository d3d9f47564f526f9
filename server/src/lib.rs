//! How is the portal put together? `build` makes the router from a configuration, a cluster and the records; `main` runs it.

mod api;
pub mod auth;
pub mod background;
pub mod config;
pub mod ending;
pub mod error;
mod health;
pub mod history;
mod limits;
mod live;
pub mod pages;
pub mod problem;
mod programs;
pub mod request_id;
pub mod rights;
pub mod security;
pub mod serve;
pub mod trash;
pub mod usage;

use auth::{Auth, layer};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use cluster::Cluster;
use config::Config;
use ending::Ending;
use error::Error;
use limits::Limits;
use records::Records;
use security::Security;
use std::sync::Arc;
use tower_http::compression::{
    CompressionLayer, Predicate,
    predicate::{DefaultPredicate, NotForContentType},
};
use tower_http::timeout::RequestBodyDeadlineLayer;

/// What page routes can reach.
#[derive(Clone)]
pub struct Shared {
    pub config: Arc<Config>,
    pub cluster: Cluster,
    pub records: Records,
    pub auth: Arc<Auth>,
}

/// The whole portal. Needs rustls' process-wide provider to be installed.
pub async fn build(config: &Config, cluster: Cluster, records: Records) -> Result<Router, Error> {
    build_until(config, cluster, records, Ending::never()).await
}

/// The whole portal, which ends its streams and its readiness when the end begins.
pub async fn build_until(config: &Config, cluster: Cluster, records: Records, ending: Ending) -> Result<Router, Error> {
    let auth = Auth::new(config, &records).await?;
    let security = Security::new(config, Arc::clone(&auth));
    let shell_key = records.secret("shell ticket").await?;
    let shared = Shared { config: Arc::new(config.clone()), cluster: cluster.clone(), records: records.clone(), auth: Arc::clone(&auth) };
    let api = api::routes(&shared);
    let shells = live::shell::routes(shared.clone(), &shell_key, ending.clone());
    let router = pages::routes(shared)
        .merge(api)
        .merge(auth::routes(Arc::clone(&auth)))
        .merge(live::routes(cluster.clone(), auth.sessions.clone(), ending.clone()))
        .merge(shells)
        // The innermost is last to see a request: whose budget is it?
        .layer(from_fn_with_state(Limits::new(config), limits::guard))
        // A route that is added above needs a person unless `auth::layer` lists it.
        .layer(from_fn_with_state(Arc::clone(&auth), layer::require_person))
        // Before the person: it reads the cookie.
        .layer(auth::session_manager(&auth, config.session.absolute))
        // Before the session: a refused request costs no look-up. After the answer: streams of events are left alone, and files of people, whose parts must stay where they are.
        .layer(
            CompressionLayer::new().compress_when(
                DefaultPredicate::new()
                    .and(NotForContentType::const_new("application/gzip"))
                    .and(NotForContentType::const_new("application/octet-stream")),
            ),
        )
        .layer(from_fn(security::any_coding))
        // All of it, not each part: whoever sends a byte now and then would hold a socket for hours.
        .layer(RequestBodyDeadlineLayer::new(serve::BODY_PATIENCE))
        .layer(from_fn(security::body_limit))
        .layer(from_fn_with_state(security.clone(), security::same_origin))
        // Beside all that: the kubelet has no session.
        .merge(health::routes(cluster, records, ending))
        .layer(from_fn_with_state(security.clone(), security::host))
        // Around everything that can panic, inside of what every answer must carry.
        .layer(from_fn(security::panics))
        .layer(from_fn(security::shape))
        // Before anything asks what kind of answer is wanted.
        .layer(from_fn(programs::plain))
        .layer(from_fn_with_state(security, security::headers))
        // Outermost: every line of the log and every problem names its request.
        .layer(from_fn(request_id::name));
    Ok(router)
}
