//! Who is asking? Turns the session into a `cluster::User`, and lets nobody else through: what is not listed here needs a person.

use super::next::Next;
use super::session::{self, Person};
use super::{Auth, bearer, cookie, wants_page};
use crate::security::BODY_LIMIT;
use crate::{pages, problem, programs};
use app::{pages::message::Again, paths};
use axum::extract::{Request, State};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use domain::problem::{Code, Problem};
use http::{Method, header};
use std::sync::Arc;
use tower_sessions::Session;
use url::form_urlencoded::{byte_serialize, parse};

const FORM: &str = "application/x-www-form-urlencoded";

/// Open to everybody: what a browser needs before anyone has signed in, and what decides for itself.
const OPEN: &[&str] = &[
    "/auth/login",
    "/auth/callback",
    "/auth/logout",
    "/auth/signed-out",
    "/auth/backchannel-logout",
    "/api/openapi.json",
    "/api/tasks/schema.json",
    "/editor.js",
    "/favicon.svg",
    "/icons.svg",
    "/live.js",
    "/log.js",
    "/prefetch.json",
    "/robots.txt",
    "/terminal.css",
    "/terminal.js",
];

pub fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || (path.starts_with("/pkg/") && !path.contains(".."))
}

pub async fn require_person(State(auth): State<Arc<Auth>>, session: Session, mut request: Request, next: middleware::Next) -> Response {
    // Only the session says who asks. Headers that name a user are not read here or anywhere else.
    if is_open(request.uri().path()) {
        return next.run(request).await;
    }
    if programs::is_api(request.uri().path()) {
        return match bearer::admit(&auth, &session, &mut request).await {
            Ok(()) => next.run(request).await,
            Err(refusal) => refusal,
        };
    }
    // Two cookies of our name: somebody else has set one of them.
    if cookie::value(request.headers(), &auth.cookies.session()).is_none() {
        return nobody(request).await;
    }
    match session::person(&session, auth.issuer()).await {
        Ok(Some(person)) => {
            request.extensions_mut().insert(person.user());
            request.extensions_mut().insert::<Person>(person);
            next.run(request).await
        }
        Ok(None) => nobody(request).await,
        // Not 401, and the cookie stays: the person is still signed in once the store is back.
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the session store cannot be read");
            if wants_page(request.headers()) { pages::store_unavailable() } else { problem::answer(store_unavailable()) }
        }
    }
}

pub fn store_unavailable() -> Problem {
    Problem::new(
        Code::SessionStoreUnavailable,
        "The portal cannot look up sessions right now. You are still signed in; try again in a moment.",
    )
}

async fn nobody(request: Request) -> Response {
    // Nobody may land on what is for programs after signing in.
    let page = wants_page(request.headers()) && !programs::is_for_programs(request.uri().path());
    let is_visit = matches!(*request.method(), Method::GET | Method::HEAD) && page;
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    let login = format!("/auth/login?next={}", byte_serialize(here.as_bytes()).collect::<String>());
    if is_visit {
        return Redirect::to(&login).into_response();
    }
    if page {
        // A form that was open for longer than its session.
        return pages::session_ended(&login, sent(request).await);
    }
    problem::answer(Problem::new(Code::Unauthenticated, "Sign in to go on."))
}

/// What was typed into a form, to be kept on the page that refuses it. It comes from a page of the portal: others were refused before
/// (`security::same_origin`). Nobody's Secret is on any page, and files are not sent twice.
async fn sent(request: Request) -> Option<Again> {
    let to = Next::parse(request.uri().path_and_query().map_or("/", |to| to.as_str()));
    let is_form = request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(FORM.as_bytes()));
    if *request.method() != Method::POST || !is_form || to.as_str() == "/" || to.as_str().starts_with(paths::SECRETS) {
        return None;
    }
    let body = axum::body::to_bytes(request.into_body(), BODY_LIMIT).await.ok()?;
    Some(Again { to: to.as_str().to_owned(), fields: parse(&body).into_owned().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_open() {
        assert!(is_open("/pkg/stowage.js") && is_open("/auth/login"));
        for closed in [
            "/",
            "/pkg",
            "/pkgs/x",
            "/pkg/../volumes",
            "/auth",
            "/auth/",
            "/auth/login/",
            "/AUTH/login",
            "/volumes",
            "/live",
            "/api",
            "/api/volumes",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
