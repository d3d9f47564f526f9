//! What is a task writing at this moment, and what did it write before? Its lines as text (`domain::task::log::wire`), in a stream that
//! goes on where the browser lost it.
//!
//! | Address | Answers |
//! |---|---|
//! | `.../logs/follow?after=<cursor>` | what comes behind the cursor, until all is over ([`follow`]) |
//! | `.../logs/follow?before=<time>` | everything that was written before, and ends ([`whole`]) |

mod follow;
mod lane;
mod whole;

use super::{Live, Place};
use crate::problem;
use app::{
    server::told,
    tasks::{log::which::Which, source::Source},
};
use axum::{
    Router,
    extract::{Extension, Path, Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::get,
};
use cluster::User;
use domain::{
    name::TaskId,
    problem::{Code, Problem},
    task::log::{Cursor, Stamp},
};
use futures::{Stream, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use std::convert::Infallible;
use tower_sessions::{Session, session::Id};

/// So much text makes a message at once; less is told after [`super::SPACING`]. The browser takes one in in a few milliseconds.
const MESSAGE: usize = 64 << 10;

pub(super) fn routes(live: Live) -> Router {
    Router::new().route("/tasks/{id}/logs/follow", get(own)).route("/admin/tasks/{id}/logs/follow", get(anybodys)).with_state(live)
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Wanted {
    pod: String,
    rank: String,
    after: String,
    before: String,
}

/// Who asks, and for what.
struct Asked {
    user: User,
    session: Session,
    id: String,
    wanted: Wanted,
    headers: HeaderMap,
}

/// What a stream needs, whichever it is.
struct Reading {
    live: Live,
    source: Source,
    session: Id,
    id: TaskId,
    which: Which,
    /// Given back when the stream ends.
    _place: Place,
}

async fn own(
    State(live): State<Live>,
    Extension(user): Extension<User>,
    session: Session,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let source = Source::Mine(live.cluster.as_user(user.clone()));
    start(live, source, Asked { user, session, id, wanted, headers }).await.unwrap_or_else(problem::answer)
}

async fn anybodys(
    State(live): State<Live>,
    Extension(user): Extension<User>,
    session: Session,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let source = match live.cluster.as_user(user.clone()).admin() {
        Ok(admin) => Source::Anybodys(admin),
        Err(error) => return problem::answer(error.problem()),
    };
    start(live, source, Asked { user, session, id, wanted, headers }).await.unwrap_or_else(problem::answer)
}

async fn start(live: Live, source: Source, asked: Asked) -> Result<Response, Problem> {
    let Asked { user, session, id, wanted, headers } = asked;
    let id: TaskId = id.parse().map_err(|_| Problem::not_found())?;
    let task = source.task(&id).map_err(|error| told(&error))?.task;
    let which = Which::read(&wanted.pod, &wanted.rank).ok_or_else(Problem::not_found)?;
    let session = session.id().ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))?;
    let place = live
        .open
        .enter(user.key())
        .ok_or_else(|| Problem::new(Code::RateLimited, "Too many logs are open at once. Close some of them."))?;
    let reading = Reading { live, source, session, id, which, _place: place };
    if !wanted.before.is_empty() {
        let before: Stamp = wanted.before.parse().map_err(|()| Problem::not_found())?;
        return Ok(answer(whole::start(reading, &task, before).await?));
    }
    // The browser's own word for where it was comes after a lost connection, and is newer than the address.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let cursor = Cursor::read(last.unwrap_or(&wanted.after));
    Ok(answer(follow::start(reading, cursor).await?))
}

fn answer(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let mut response = Sse::new(events.map(Ok::<_, Infallible>)).into_response();
    // Proxies that collect answers would hold lines back.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

impl Reading {
    /// Whether the session has ended.
    async fn is_signed_out(&self) -> bool {
        matches!(self.live.sessions.lives(&self.session).await, Ok(false))
    }
}

/// Lines without the end of the last one, which the stream adds itself.
fn lines(text: &str) -> Event {
    Event::default().event("lines").data(text.strip_suffix('\n').unwrap_or(text))
}

fn named(name: &str) -> Event {
    // Without data, no browser tells the page of it (HTML, 9.2.6).
    Event::default().event(name).data("over")
}
