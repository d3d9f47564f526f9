//! What do people see? Mounts `app`: its pages, the posts of its forms, its files.

mod backup;
mod download;
pub mod files;
mod new_task;
mod posts;
mod readings;
mod secrets;
mod tasks;
mod trash;
mod view;

use crate::{
    Shared,
    auth::{cookie::Cookies, wants_page},
    problem, request_id,
    security::CspNonce,
};
use app::{
    audit::actions::{Act, By, Trail, audited},
    pages::{
        App,
        document::shell,
        message::{self, Again},
    },
    paths,
    server::{Editor, Nowhere, Portal, Refused, RequestId, Site, Terminal},
    tokens::actions as tokens,
    volumes::actions,
};
use axum::{
    Router,
    body::Body,
    extract::{Form, Path, Request, State, rejection::FormRejection},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use cluster::{AdminCluster, User, UserCluster};
use data_encoding::HEXLOWER;
use domain::{
    audit::Verb,
    owner::OwnerKey,
    problem::{Code, Problem},
    token::{Token, TokenForm},
    volume::{Volume, VolumeForm},
};
use http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts};
use leptos::{
    config::{LeptosOptions, get_configuration},
    nonce::Nonce,
    prelude::{provide_context, use_context},
};
use leptos_axum::{LeptosRoutes, generate_route_list};
use readings::Readings;
use records::Bearer;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::{Arc, LazyLock};
use tower_http::{compression::CompressionLayer, services::ServeDir};
use url::Url;

/// Where the bundle is and what it is called: written by cargo-leptos into the environment, or its defaults.
static OPTIONS: LazyLock<LeptosOptions> = LazyLock::new(|| match get_configuration(None) {
    Ok(file) => file.leptos_options,
    Err(error) => {
        tracing::error!(error = &error as &dyn std::error::Error, "the LEPTOS_ settings cannot be used; going on with the defaults");
        LeptosOptions::builder().output_name("stowage").build()
    }
});

/// The editor of task files, at an address that changes with it. None where it was not built: its page goes without.
static EDITOR: LazyLock<Editor> = LazyLock::new(|| Editor(versioned(paths::EDITOR)));

/// The same of the terminal of shells.
static TERMINAL: LazyLock<Terminal> = LazyLock::new(|| Terminal(versioned(paths::TERMINAL)));

fn versioned(path: &str) -> Option<String> {
    let bytes = std::fs::read(format!("{}{path}", OPTIONS.site_root)).ok()?;
    Some(format!("{path}?{}", &HEXLOWER.encode(&Sha256::digest(bytes))[..16]))
}

#[derive(Clone)]
struct Pages {
    portal: Portal,
    cookies: Cookies,
}

/// What browsers may fetch when a person is about to click: pages, which only read. A page that was fetched early catches up by
/// its revision. The header that names this file is in `security`.
async fn prefetch() -> impl IntoResponse {
    let rules = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"href_matches":"/auth/*"}},{"not":{"selector_matches":"[download]"}}]},"eagerness":"moderate"}]}"#;
    ([(header::CONTENT_TYPE, "application/speculationrules+json")], rules)
}

pub fn routes(shared: Shared) -> Router {
    let site = Site { name: shared.config.site.name.clone(), url: shared.config.public_url.origin().to_owned() };
    let cookies = Cookies::new(&shared.config.public_url);
    let limits = Arc::new(shared.config.tasks.limits.clone());
    let task_days = shared.config.records.task_days;
    let shells = shared.config.shells;
    let pages = Pages { cookies, portal: Portal { cluster: shared.cluster, records: shared.records, site, limits, shells, task_days } };
    let context = pages.clone();
    // The build has compressed them as well as can be; what it did not, is compressed on the way.
    let files = || ServeDir::new(OPTIONS.site_root.as_ref()).append_index_html_on_directories(false).precompressed_br();
    let app = Router::new()
        .leptos_routes_with_context(&*OPTIONS, generate_route_list(App), move || context.provide(), || shell(OPTIONS.clone()))
        // Here, and not only around everything: what is shared is compressed once.
        .layer(CompressionLayer::new())
        .with_state(OPTIONS.clone());
    let posts = Router::new()
        .route(paths::NEW_VOLUME, post(create_volume))
        .merge(download::routes())
        .merge(files::routes())
        .merge(posts::routes())
        .merge(backup::routes())
        .merge(trash::routes())
        .merge(view::routes())
        .merge(new_task::routes())
        .merge(secrets::routes())
        .merge(tasks::routes())
        .route(paths::TOKENS, post(create_token))
        .route(&paths::revoke_token(&"{id}"), post(revoke_token))
        .route(&paths::admin_revoke_token(&"{id}"), post(revoke_anybodys_token))
        .route("/prefetch.json", get(prefetch))
        .fallback(nowhere)
        .with_state(pages.clone());
    let mut router =
        app.merge(posts).nest_service("/pkg", ServeDir::new(format!("{}/{}", OPTIONS.site_root, OPTIONS.site_pkg_dir)).precompressed_br());
    for file in ["/favicon.svg", "/icons.svg", "/live.js", "/log.js", paths::EDITOR, paths::TERMINAL, paths::TERMINAL_STYLE, "/robots.txt"]
    {
        router = router.route_service(file, files());
    }
    router.layer(from_fn_with_state((pages.clone(), Readings::default()), readings::share)).layer(from_fn_with_state(pages, as_written))
}

/// The pages' own router resolves dots and backslashes as browsers do before they ask, so it would show the page of another address
/// than the one that was asked for and guarded.
async fn as_written(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_read_as_written = Url::parse("https://portal.invalid").and_then(|here| here.join(path)).is_ok_and(|url| url.path() == path);
    if is_read_as_written { next.run(request).await } else { nowhere(State(pages), request).await }
}

impl Pages {
    /// What pages find in their context. The nonce comes after leptos' own, so that it wins.
    fn provide(&self) {
        provide_context(self.portal.clone());
        provide_context(EDITOR.clone());
        provide_context(TERMINAL.clone());
        if let Some(parts) = use_context::<Parts>() {
            provide_context(self.tastes(&parts.headers));
            if let Some(CspNonce(nonce)) = parts.extensions.get::<CspNonce>() {
                provide_context(Nonce::from_value(nonce.clone()));
            }
            if let Some(id) = parts.extensions.get::<RequestId>() {
                provide_context(id.clone());
            }
        }
    }

    /// The page at the request's own address, as if it had been asked for, with `extra` in its context.
    async fn render<T: Clone + Send + Sync + 'static>(&self, mut parts: Parts, extra: T) -> Response {
        parts.method = Method::GET;
        let pages = self.clone();
        let context = move || {
            pages.provide();
            provide_context(extra.clone());
        };
        leptos_axum::render_app_async_with_context(context, || shell(OPTIONS.clone()))(Request::from_parts(parts, Body::empty())).await
    }

    /// A form that was not taken: shown again with what was typed; to a program, the problem alone.
    async fn refuse<F: Clone + Send + Sync + 'static>(&self, parts: Parts, form: F, problem: Problem) -> Response {
        if wants_page(&parts.headers) { self.render(parts, Refused { form, problem }).await } else { problem::answer(problem) }
    }

    /// Who posts, and what. A field that the form does not have is named, and nothing is done.
    fn take<F>(&self, parts: &Parts, posted: Posted<F>) -> Result<(UserCluster, F), Problem> {
        let user = parts.extensions.get::<User>().cloned().ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))?;
        let Form(form) = posted.map_err(|error| {
            if error.status() != StatusCode::UNPROCESSABLE_ENTITY {
                return Problem::new(Code::Malformed, "The form cannot be read, so nothing was changed. Open its page and send it again.");
            }
            // serde names the field between the first pair of backquotes.
            let text = error.body_text();
            let field = text.split('`').nth(1).unwrap_or_default();
            Problem::new(Code::Invalid, format!("The form does not take the field “{field}”, so nothing was changed."))
        })?;
        Ok((self.portal.cluster.as_user(user), form))
    }
}

impl Pages {
    /// The same, as an administrator. Whoever tries without the role is on record with what they tried.
    async fn take_as_admin<F>(
        &self,
        parts: &Parts,
        posted: Posted<F>,
        tried: impl FnOnce(&F) -> Act,
    ) -> Result<(AdminCluster, F), Problem> {
        let (caller, form) = self.take(parts, posted)?;
        let problem = match caller.admin() {
            Ok(admin) => return Ok((admin, form)),
            Err(error) => error.problem(),
        };
        self.trail(parts)?.ended(tried(&form), Some(&problem)).await;
        Err(problem)
    }

    fn trail(&self, parts: &Parts) -> Result<Trail, Problem> {
        let by = By::of(&parts.extensions).ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))?;
        Ok(Trail::new(&self.portal.records, by))
    }

    /// The request's act, carried out to its end and written down. `what` is told what came of it.
    async fn audited<T: Send + 'static, A: Into<Option<Act>>>(
        &self,
        parts: &Parts,
        what: impl FnOnce(Option<&T>) -> A + Send + 'static,
        act: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        let by = By::of(&parts.extensions).ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))?;
        audited(&self.portal.records, by, what, act).await
    }
}

type Posted<F> = Result<Form<F>, FormRejection>;

async fn create_volume(State(pages): State<Pages>, parts: Parts, posted: Posted<VolumeForm>) -> Response {
    let (form, made) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (typed, name) = (form.clone(), form.name.clone());
            let what = move |made: Option<&Volume>| match made {
                Some(volume) => Act::own(Verb::CreateVolume, volume.id.as_str(), &volume.name),
                None => Act::own(Verb::CreateVolume, "", name),
            };
            let records = pages.portal.records.clone();
            (typed, pages.audited(&parts, what, async move { actions::create(&records, &caller, &form).await }).await)
        }
        Err(problem) => (VolumeForm::default(), Err(problem)),
    };
    match made {
        Ok(volume) => {
            let to = backup::way_back(&parts.uri, &volume).unwrap_or_else(|| format!("{}?done=created", paths::volume(&volume.id)));
            Redirect::to(&to).into_response()
        }
        Err(problem) => pages.refuse(parts, form, problem).await,
    }
}

async fn create_token(State(pages): State<Pages>, parts: Parts, posted: Posted<TokenForm>) -> Response {
    let (form, made) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (typed, name, records) = (form.clone(), form.name.clone(), pages.portal.records.clone());
            let what = move |made: Option<&tokens::Made>| match made {
                Some(made) => Act::own(Verb::CreateToken, &made.token.id, &made.token.name),
                None => Act::own(Verb::CreateToken, "", name),
            };
            (typed, pages.audited(&parts, what, async move { tokens::create(&records, caller.user(), &form).await }).await)
        }
        Err(problem) => (TokenForm::blank(), Err(problem)),
    };
    match made {
        // Not redirected: this answer is the only one that has the secret.
        Ok(made) => pages.render(parts, made).await,
        Err(problem) => pages.refuse(parts, form, problem).await,
    }
}

async fn revoke_token(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<Empty>) -> Response {
    let gone = match pages.take(&parts, posted) {
        Ok((caller, Empty {})) => {
            let (records, typed) = (pages.portal.records.clone(), token_id(&id));
            let what = |gone: Option<&Token>| match gone {
                Some(token) => Act::own(Verb::RevokeToken, &token.id, &token.name),
                None => Act::own(Verb::RevokeToken, typed, ""),
            };
            pages.audited(&parts, what, async move { tokens::revoke(&records, caller.user(), &id).await }).await
        }
        Err(problem) => Err(problem),
    };
    match gone {
        Ok(_) => Redirect::to(paths::TOKENS).into_response(),
        Err(problem) if wants_page(&parts.headers) && problem.code == Code::NotFound => pages.render(parts, Nowhere).await,
        Err(problem) => pages.refuse(at(paths::TOKENS, parts), TokenForm::blank(), problem).await,
    }
}

/// A form whose own address has no page is refused on the page that it stands on.
fn at(page: &'static str, mut parts: Parts) -> Parts {
    parts.uri = Uri::from_static(page);
    parts
}

/// The id in an address as it can go on record: nothing, if no token can have it.
fn token_id(typed: &str) -> String {
    if Token::is_id(typed) { typed.to_owned() } else { String::new() }
}

async fn revoke_anybodys_token(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<Empty>) -> Response {
    let tried = |typed: String| Act::own(Verb::RevokeToken, typed, "").of("", "");
    let gone = match pages.take_as_admin(&parts, posted, |_| tried(token_id(&id))).await {
        Ok((admin, Empty {})) => {
            let (records, typed) = (pages.portal.records.clone(), token_id(&id));
            let what = move |gone: Option<&Bearer>| match gone {
                Some(Bearer { token, person }) => {
                    let owner = OwnerKey::of(&person.principal);
                    Act::own(Verb::RevokeToken, &token.id, &token.name).of(owner.to_string(), &person.username)
                }
                None => tried(typed),
            };
            pages.audited(&parts, what, async move { tokens::revoke_anybodys(&records, &admin, &id).await }).await
        }
        Err(problem) => Err(problem),
    };
    match gone {
        Ok(_) => Redirect::to(paths::ADMIN_TOKENS).into_response(),
        Err(problem) if wants_page(&parts.headers) && problem.code == Code::NotFound => pages.render(parts, Nowhere).await,
        Err(problem) => pages.refuse(at(paths::ADMIN_TOKENS, parts), (), problem).await,
    }
}

/// A form of one button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

/// An address that leads nowhere: the page for it, in the frame of whoever is signed in.
async fn nowhere(State(pages): State<Pages>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if wants_page(&parts.headers) { pages.render(parts, Nowhere).await } else { problem::answer(Problem::not_found()) }
}

/// A page of one heading, one sentence and at most one way on; for whoever is not signed in, or when nothing else can be shown.
pub fn message(status: StatusCode, heading: &str, sentence: &str, action: Option<(&str, &str)>) -> Response {
    let message = message::Message {
        heading: heading.to_owned(),
        sentence: sentence.to_owned(),
        action: action.map(|(href, label)| (href.to_owned(), label.to_owned())),
        again: None,
        request_id: if status.is_success() { None } else { request_id::current() },
    };
    (status, Html(message::html(OPTIONS.clone(), message))).into_response()
}

/// The page for whoever sent a form after their session had ended. With the form, if it can be sent again from there.
pub fn session_ended(login: &str, again: Option<Again>) -> Response {
    let sentence = match &again {
        Some(_) => {
            "Nothing was changed, and what you typed is kept on this page. Sign in, which opens another tab; then come back to this one and send it again."
        }
        None => "Nothing was changed. Sign in and send the form again; your browser's back button may bring back what you typed.",
    };
    let message = message::Message {
        heading: "Your session has ended".to_owned(),
        sentence: sentence.to_owned(),
        action: Some((login.to_owned(), "Sign in".to_owned())),
        again,
        request_id: None,
    };
    (StatusCode::UNAUTHORIZED, Html(message::html(OPTIONS.clone(), message))).into_response()
}

/// The page when an answer failed and nothing else explains it.
pub fn failed() -> Response {
    message(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong",
        "The portal could not answer. Try again in a moment.",
        Some(("/", "Go to the front page")),
    )
}

/// The session store does not answer; whoever is signed in still is.
pub fn store_unavailable() -> Response {
    let problem = crate::auth::layer::store_unavailable();
    let mut response =
        message(crate::problem::status(Code::SessionStoreUnavailable), "One moment", &problem.message, Some(("/", "Try again")));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}
