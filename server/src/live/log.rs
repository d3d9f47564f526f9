//! What is a task writing at this moment? Its lines as markup, in a stream that goes on where the browser lost it.

use super::{HEARTBEAT, Live, Place, SPACING};
use crate::problem;
use app::{
    server::told,
    tasks::{
        log::{Cursor, Written, chosen, html},
        source::Source,
    },
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
use cluster::{LogAsk, LogStream, User};
use domain::{
    name::TaskId,
    problem::{Code, Problem},
    task::{TaskPod, log::Reader},
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use std::{convert::Infallible, time::Duration};
use tokio::time::{Instant, Interval, MissedTickBehavior, timeout};
use tower_sessions::{Session, session::Id};

/// What the page keeps; more at once would be dropped there.
const LINES: usize = 2000;
/// So many readings of pods' logs make one message.
const READINGS: usize = 8;
/// So long after the last line, a pod is seen to be over.
const END: Duration = Duration::from_secs(10);

pub(super) fn routes(live: Live) -> Router {
    Router::new().route("/tasks/{id}/logs/follow", get(own)).route("/admin/tasks/{id}/logs/follow", get(anybodys)).with_state(live)
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    pod: String,
    #[serde(default)]
    after: String,
}

/// Who asks, and for what.
struct Asked {
    user: User,
    session: Session,
    id: String,
    wanted: Wanted,
    headers: HeaderMap,
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
    let id: TaskId = asked.id.parse().map_err(|_| Problem::not_found())?;
    let task = source.task(&id).map_err(|error| told(&error))?.task;
    let session = asked.session.id().ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))?;
    let place = live
        .open
        .enter(asked.user.key())
        .ok_or_else(|| Problem::new(Code::RateLimited, "Too many logs are open at once. Close some of them."))?;
    // The browser's own word for where it was comes after a lost connection, and is newer than the address.
    let last = asked.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let cursor = Cursor::read(last.unwrap_or(&asked.wanted.after));
    let pods = chosen(&task, &asked.wanted.pod);
    let mut logs: Vec<BoxStream<'static, Vec<Written>>> = Vec::new();
    for pod in &pods {
        let at = cursor.of(&pod.name);
        let ask = LogAsk {
            pod: pod.name.parse().ok(),
            follow: true,
            since_time: at.map(|at| at.seconds),
            tail_lines: at.is_none().then_some(1000),
            timestamps: true,
            ..LogAsk::default()
        };
        match source.open(&id, &ask).await {
            Ok(log) => logs.push(lines(log, pod)),
            // It has not started; whoever comes back later finds it.
            Err(cluster::Error::NotAllowed(_) | cluster::Error::NotFound) => {}
            Err(error) => return Err(told(&error)),
        }
    }
    if logs.is_empty() {
        return Err(Problem::not_found());
    }
    let many = pods.len() > 1;
    let lines = stream::select_all(logs).ready_chunks(READINGS).boxed();
    let mut beat = tokio::time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let pod = asked.wanted.pod;
    let followed = Followed { lines, cursor, many, source, id, pod, live, session, beat, last: Instant::now(), over: false, _place: place };
    let mut response = Sse::new(stream::unfold(followed, Followed::next)).into_response();
    // Proxies that collect answers would hold lines back.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// A pod's lines as they come. A log that breaks off ends like one that is over; at the end of all it is seen which it was.
fn lines(log: LogStream, pod: &TaskPod) -> BoxStream<'static, Vec<Written>> {
    let (name, rank) = (pod.name.clone(), pod.rank);
    let read = stream::unfold(Some((log, Reader::default())), async |state| {
        let (mut log, mut reader) = state?;
        match log.next().await {
            Some(Ok(bytes)) => Some((reader.push(&bytes), Some((log, reader)))),
            Some(Err(_)) | None => Some((reader.end().into_iter().collect(), None)),
        }
    });
    read.map(move |lines| lines.into_iter().map(|line| Written { pod: name.clone(), rank, line }).collect()).boxed()
}

struct Followed {
    lines: BoxStream<'static, Vec<Vec<Written>>>,
    cursor: Cursor,
    many: bool,
    source: Source,
    id: TaskId,
    pod: String,
    live: Live,
    session: Id,
    beat: Interval,
    last: Instant,
    over: bool,
    _place: Place,
}

impl Followed {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.over {
            return None;
        }
        let event = tokio::select! {
            () = self.live.ending.begins() => return None,
            _ = self.beat.tick() => self.check().await,
            read = self.lines.next() => match read {
                Some(read) => self.told(read).await,
                None => self.end().await?,
            },
        };
        Some((Ok(event), self))
    }

    /// What is new of it. A program that writes without pause is told of in pieces.
    async fn told(&mut self, read: Vec<Vec<Written>>) -> Event {
        tokio::time::sleep_until(self.last + SPACING).await;
        self.last = Instant::now();
        let cursor = &mut self.cursor;
        let new: Vec<_> = read.into_iter().flatten().filter(|written| cursor.passes(written)).collect();
        if new.is_empty() {
            return Event::default().comment("");
        }
        let shown = new.get(new.len().saturating_sub(LINES)..).unwrap_or_default();
        Event::default().event("lines").id(self.cursor.to_string()).data(html(shown, self.many))
    }

    async fn check(&mut self) -> Event {
        self.over = matches!(self.live.sessions.lives(&self.session).await, Ok(false));
        if self.over { Event::default().event("signed-out").data("over") } else { Event::default().comment("") }
    }

    /// Says so if all is over; the cluster tells that a moment after the last line. Otherwise the connection was lost on the way to
    /// the pod, and the browser comes back by itself.
    async fn end(&mut self) -> Option<Event> {
        self.over = true;
        let (source, id, pod) = (&self.source, &self.id, &self.pod);
        let mut changes = source.changes();
        let over = async {
            while !is_over(source, id, pod) {
                changes.changed().await.ok()?;
            }
            Some(())
        };
        timeout(END, over).await.ok()??;
        Some(Event::default().event("ended").data("over"))
    }
}

/// Whether nothing more can be written.
fn is_over(source: &Source, id: &TaskId, pod: &str) -> bool {
    match source.task(id) {
        Ok(detail) => detail.task.state.is_over() || chosen(&detail.task, pod).iter().all(|pod| pod.state.is_over()),
        Err(cluster::Error::NotFound) => true,
        Err(_) => false,
    }
}
