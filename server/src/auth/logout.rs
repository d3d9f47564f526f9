//! How does a session end? Here first, whatever the provider does; then at the provider. And the other way round.

use super::logout_token::{self, SignedOut};
use super::{Auth, add_cookie, now, session};
use crate::pages;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use domain::owner::{OwnerKey, Principal};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tower_sessions::Session;
use url::Url;

const SIGNED_OUT: &str = "/auth/signed-out";
/// Tokens of people in hundreds of groups do not fit into an address.
const LONGEST_HINT: usize = 3000;
/// How long a person who signs out waits for a provider that may be away.
const PATIENCE: Duration = Duration::from_secs(4);

pub async fn sign_out(State(auth): State<Arc<Auth>>, session: Session) -> Response {
    // Not "signed out" unless it is true: if the store cannot be reached, the session lives on.
    let ended = async {
        let person = session::person(&session, auth.issuer()).await?;
        session.flush().await?;
        Ok::<_, tower_sessions::session::Error>(person)
    };
    let person = match ended.await {
        Ok(person) => person,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a session could not be ended");
            return pages::store_unavailable();
        }
    };
    let there = match &person {
        Some(person) => {
            tracing::info!(owner = ?person.owner(), "signed out");
            at_provider(&auth, &person.id_token).await
        }
        None => None,
    };
    let mut response = Redirect::to(there.as_ref().map_or(SIGNED_OUT, Url::as_str)).into_response();
    // Browsers ignore the removal of a `__Host-` cookie that does not say `Secure`.
    add_cookie(&mut response, auth.cookies.drop(&auth.cookies.session()));
    response.headers_mut().insert(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    response
}

/// Where the browser ends the provider's session, if the provider has such a place and answers.
async fn at_provider(auth: &Auth, id_token: &str) -> Option<Url> {
    let provider = tokio::time::timeout(PATIENCE, auth.provider.present()).await.ok()?.ok()?;
    let mut url = provider.additional_metadata().end_session_endpoint.clone()?;
    let mut query = url.query_pairs_mut();
    query.append_pair("post_logout_redirect_uri", &auth.public_url.at(SIGNED_OUT));
    query.append_pair("client_id", &auth.provider.settings.client_id);
    if id_token.len() <= LONGEST_HINT {
        query.append_pair("id_token_hint", id_token);
    }
    drop(query);
    Some(url)
}

pub async fn signed_out() -> Response {
    let sentence = "Your session in the portal has ended. On a shared computer, close the browser as well.";
    pages::message(StatusCode::OK, "You are signed out", sentence, Some(("/auth/login", "Sign in again")))
}

#[derive(Deserialize)]
pub struct Message {
    logout_token: String,
}

/// The provider says that a session of its own ended. 200 also when we have none of it: it is gone, as was asked.
pub async fn back_channel(State(auth): State<Arc<Auth>>, form: Result<Form<Message>, FormRejection>) -> Response {
    let Ok(Form(message)) = form else { return StatusCode::BAD_REQUEST.into_response() };
    let out = match logout_token::verify(&auth.provider, &message.logout_token, now()).await {
        Ok(out) => out,
        Err(failure) => {
            tracing::warn!(error = &failure as &dyn std::error::Error, "a sign-out message was refused");
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    match end(&auth, &out).await {
        Ok(Some(sessions)) => {
            tracing::info!(sessions, "the provider ended a session");
            StatusCode::OK.into_response()
        }
        Ok(None) => StatusCode::BAD_REQUEST.into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a sign-out message could not be acted on");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// How many sessions ended; nothing if the message was acted on before.
async fn end(auth: &Auth, out: &SignedOut) -> Result<Option<u64>, records::Error> {
    let issuer = auth.issuer();
    let until = OffsetDateTime::now_utc() + time::Duration::hours(1);
    let provider_session = out.sid.as_deref().map(|sid| session::provider_session(issuer, sid));
    let owner = out.sub.as_deref().and_then(|sub| Principal::new(issuer, sub).ok()).map(|person| OwnerKey::of(&person));
    auth.sessions.end_by_message(&out.jti, until, provider_session.as_deref(), owner.as_ref().map(OwnerKey::as_str)).await
}
