//! How does a sign-in begin and end? `/auth/login` and `/auth/callback`; every failure is a fixed sentence, never the provider's words.

use super::cookie::{LOGIN_SECONDS, Login};
use super::next::Next;
use super::oidc::{self, Failure};
use super::{Auth, add_cookie, cookie, now, pairs, session, single};
use crate::pages;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use std::sync::Arc;
use tower_sessions::Session;
use url::form_urlencoded::byte_serialize;

const NOT_COMPLETED: &str =
    "Sign-in could not be completed. Nothing was changed. Start again; if it keeps failing, tell your administrator.";

fn login_path(next: &str) -> String {
    format!("/auth/login?next={}", byte_serialize(next.as_bytes()).collect::<String>())
}

fn not_completed(next: &str) -> Response {
    pages::message(StatusCode::BAD_REQUEST, "Sign-in failed", NOT_COMPLETED, Some((&login_path(next), "Sign in again")))
}

pub async fn start(State(auth): State<Arc<Auth>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let next = Next::parse(single(&pairs(query.as_deref()), "next").unwrap_or("/"));
    let started = oidc::start(&auth.provider, &auth.callback(), next.as_str(), now()).await;
    let (url, state, login) = match started {
        Ok(started) => started,
        Err(failure) => {
            tracing::warn!(error = &failure as &dyn std::error::Error, "a sign-in could not be started");
            return unavailable(StatusCode::SERVICE_UNAVAILABLE, next.as_str());
        }
    };
    let mut response = Redirect::to(url.as_str()).into_response();
    for name in auth.cookies.too_many_logins(&headers) {
        add_cookie(&mut response, auth.cookies.drop(&name));
    }
    let sealed = auth.seal.close(&state, &login).and_then(|value| auth.cookies.set(&auth.cookies.login(&state), &value, LOGIN_SECONDS));
    if sealed.is_none() {
        return not_completed(next.as_str());
    }
    add_cookie(&mut response, sealed);
    response
}

pub async fn callback(State(auth): State<Arc<Auth>>, session: Session, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query.as_deref());
    let Some(state) = single(&query, "state") else { return not_completed("/") };
    let name = auth.cookies.login(state);
    let opened = cookie::value(&headers, &name).and_then(|value| auth.seal.open(state, value, now()));
    let mut response = match opened {
        Some(login) => complete(&auth, &session, &query, &login).await,
        None => not_completed("/"),
    };
    // Each answer of the provider is good for one try, however it ends.
    add_cookie(&mut response, auth.cookies.drop(&name));
    response
}

async fn complete(auth: &Auth, session: &Session, query: &[(String, String)], login: &Login) -> Response {
    let next = Next::parse(&login.next);
    let failed = |failure: &Failure| {
        tracing::warn!(error = failure as &dyn std::error::Error, "a sign-in was not completed");
        match failure {
            Failure::Refused(_) => not_completed(next.as_str()),
            Failure::Provider(_) => unavailable(StatusCode::BAD_GATEWAY, next.as_str()),
        }
    };
    if let Err(failure) = from_our_provider(auth, single(query, "iss")).await {
        return failed(&failure);
    }
    // What comes with `error` is text that anybody can put into a link: it is not shown and not logged.
    let code = single(query, "code").filter(|_| single(query, "error").is_none());
    let Some(code) = code else { return not_completed(next.as_str()) };
    let person = match oidc::finish(&auth.provider, &auth.callback(), code.to_owned(), login, now()).await {
        Ok(person) => person,
        Err(failure) => return failed(&failure),
    };
    // First: a session that the tokens do not know of would let a role outlive its end.
    if let Err(error) = auth.people.signed_in(&person.record(now())).await {
        tracing::error!(error = &error as &dyn std::error::Error, "a sign-in could not be noted");
        return pages::store_unavailable();
    }
    if let Err(error) = session::begin(session, &person).await {
        tracing::error!(error = &error as &dyn std::error::Error, "a session could not be begun");
        return pages::store_unavailable();
    }
    tracing::info!(owner = ?person.owner(), admin = person.admin, "signed in");
    Redirect::to(next.as_str()).into_response()
}

/// RFC 9207: an answer that names its issuer must name ours, and must name one if the provider says that it does.
async fn from_our_provider(auth: &Auth, iss: Option<&str>) -> Result<(), Failure> {
    let announced = auth.provider.metadata().await?.additional_metadata().authorization_response_iss_parameter_supported;
    match iss {
        Some(iss) if iss == auth.issuer() => Ok(()),
        None if !announced => Ok(()),
        Some(_) => Err(Failure::Refused("the answer is from another provider".to_owned())),
        None => Err(Failure::Refused("the answer does not say which provider it is from".to_owned())),
    }
}

fn unavailable(status: StatusCode, next: &str) -> Response {
    let sentence = "Sign-in is not available right now, because the identity provider does not answer as it should. People who are signed in can go on working.";
    let mut response = pages::message(status, "Sign-in is not available right now", sentence, Some((&login_path(next), "Try again")));
    response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("10"));
    response
}
