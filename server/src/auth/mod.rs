//! How do people sign in and out, and who is asking? The map of it:
//!
//! 1. `layer`: every request needs a person, but for a short list of paths. Page visits without one go to `/auth/login?next=`.
//!    Below `/api/` a token says who it is (`bearer`).
//! 2. `login`: `/auth/login` seals state, nonce and verifier into a cookie (`cookie`) and leaves for the provider (`oidc`, `provider`).
//! 3. `login`: `/auth/callback` opens the cookie of its state, exchanges the code, checks the id token, begins a session (`session`).
//! 4. `logout`: `POST /auth/logout` ends the session here first, then at the provider; the provider may also end it
//!    (`/auth/backchannel-logout`, `logout_token`).

mod bearer;
pub(crate) mod cookie;
mod http;
pub mod layer;
mod login;
mod logout;
mod logout_token;
pub mod next;
mod oidc;
mod provider;
pub mod session;

pub(crate) use bearer::RoleRests;

use crate::config::{Config, PublicUrl};
use crate::error::Error;
use ::http::{HeaderMap, HeaderValue, header};
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use cookie::{Cookies, Seal};
use domain::token::SignInCounts;
use provider::Provider;
use records::{People, Records, Sessions, Tokens};
use std::sync::Arc;
use std::time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

/// Everything that signing in and out needs; one per portal.
pub struct Auth {
    provider: Provider,
    public_url: PublicUrl,
    cookies: Cookies,
    seal: Seal,
    pub sessions: Sessions,
    people: People,
    tokens: Tokens,
    sign_in_counts: SignInCounts,
}

impl Auth {
    pub async fn new(config: &Config, records: &Records) -> Result<Arc<Self>, Error> {
        let key = records.secret("login cookie").await?;
        let auth = Arc::new(Self {
            provider: Provider::new(config.oidc.clone()).map_err(Error::Provider)?,
            public_url: config.public_url.clone(),
            cookies: Cookies::new(&config.public_url),
            seal: Seal::new(&key).ok_or(Error::Key)?,
            sessions: records.sessions(config.session.idle),
            people: records.people(),
            tokens: records.tokens(),
            sign_in_counts: config.tokens,
        });
        // So that the first person does not wait for it. Whoever comes earlier tries again; nothing depends on this.
        let first = Arc::downgrade(&auth);
        tokio::spawn(async move {
            let mut pause = Duration::from_secs(2);
            while let Some(auth) = first.upgrade() {
                if auth.provider.metadata().await.is_ok() {
                    return;
                }
                drop(auth);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(60));
            }
        });
        Ok(auth)
    }

    /// Where forms may lead beside the portal itself.
    pub fn form_origins(&self) -> String {
        self.provider.origins()
    }

    pub fn issuer(&self) -> &str {
        &self.provider.settings.issuer
    }

    fn callback(&self) -> String {
        self.public_url.at("/auth/callback")
    }
}

/// Reads and writes the session cookie. Its age is the absolute limit; the store keeps both limits.
pub fn session_manager(auth: &Auth, absolute: Duration) -> SessionManagerLayer<Sessions> {
    let seconds = i64::try_from(absolute.as_secs()).unwrap_or(i64::MAX);
    SessionManagerLayer::new(auth.sessions.clone())
        .with_name(auth.cookies.session())
        .with_secure(auth.public_url.is_https())
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(seconds)))
}

pub fn routes(auth: Arc<Auth>) -> Router {
    Router::new()
        .route("/auth/login", get(login::start))
        .route("/auth/callback", get(login::callback))
        .route("/auth/logout", post(logout::sign_out))
        .route("/auth/signed-out", get(logout::signed_out))
        .route("/auth/backchannel-logout", post(logout::back_channel))
        .with_state(auth)
}

fn add_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The values of one query; nothing where a name is given twice, for then two readers may see two things.
fn single<'q>(pairs: &'q [(String, String)], name: &str) -> Option<&'q str> {
    let mut found = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Would a person see this answer as a page?
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok()).any(|accept| accept.contains("text/html"))
}
