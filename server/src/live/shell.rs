//! How does a browser get a shell in a running task? First a ticket, by a post of the portal's own page; then a socket, once.
//!
//! | Address | Answers |
//! |---|---|
//! | `POST .../shell` | where the socket is, with its ticket ([`ticket`]); or why there is none |
//! | `.../shell/socket?rank=0&ticket=...` | the terminal ([`pump`]), as a WebSocket |
//!
//! On the socket, binary messages are what is typed and what is shown; texts are what else is to say ([`domain::task::shell`]).

mod pump;
mod ticket;

use super::{Open, Place};
use crate::{Shared, ending::Ending, problem};
use app::{
    audit::actions::{Act, By, Trail},
    server::told,
    tasks::{shell, source::Source},
};
use axum::{
    Form, Json, Router,
    extract::{
        FromRequestParts, Path, Query, State, WebSocketUpgrade,
        rejection::FormRejection,
        ws::{WebSocket, rejection::WebSocketUpgradeRejection},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use cluster::User;
use domain::{
    audit::Verb,
    name::TaskId,
    problem::{Code, Problem},
    task::shell::Ended,
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use pump::{Over, Pump};
use records::{Records, Sessions};
use serde::Deserialize;
use serde_json::json;
use std::{convert::Infallible, sync::Arc};
use ticket::Tickets;
use tower_sessions::{Session, session::Id};
use tracing::Instrument;

const MOST_PER_PERSON: usize = 5;
/// No message of a browser is longer.
const MESSAGE: usize = 64 << 10;

#[derive(Clone)]
struct Shells {
    shared: Shared,
    sessions: Sessions,
    ending: Ending,
    open: Open,
    tickets: Arc<Tickets>,
}

pub fn routes(shared: Shared, key: &[u8; 32], ending: Ending) -> Router {
    let sessions = shared.auth.sessions.clone();
    let shells = Shells { shared, sessions, ending, open: Open::default(), tickets: Arc::new(Tickets::new(key)) };
    Router::new()
        .route("/tasks/{id}/shell", post(ask))
        .route("/tasks/{id}/shell/socket", get(open))
        .route("/admin/tasks/{id}/shell", post(ask))
        .route("/admin/tasks/{id}/shell/socket", get(open))
        .with_state(shells)
}

/// Which pod is meant. Nothing else that an address may hold is read.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    rank: u32,
    ticket: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    rank: u32,
}

type Posted = Result<Form<Asked>, FormRejection>;
type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

#[derive(Clone, Copy)]
enum Whose {
    Mine,
    Anybodys,
}

impl<S: Sync> FromRequestParts<S> for Whose {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(if parts.uri.path().starts_with(app::paths::ADMIN_TASKS) { Self::Anybodys } else { Self::Mine })
    }
}

async fn ask(
    State(shells): State<Shells>,
    whose: Whose,
    Path(id): Path<String>,
    session: Session,
    parts: Parts,
    posted: Posted,
) -> Response {
    ticket(shells, whose, &id, session, &parts, posted).await.unwrap_or_else(problem::answer)
}

async fn open(
    State(shells): State<Shells>,
    whose: Whose,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    session: Session,
    parts: Parts,
    upgrade: Upgrade,
) -> Response {
    socket(shells, whose, &id, wanted, session, &parts, upgrade).await.unwrap_or_else(problem::answer)
}

/// A person who may see the task, and it.
struct Asking {
    source: Source,
    user: User,
    session: Id,
    id: TaskId,
    trail: Trail,
    /// What is written down, but for the verb.
    on: Act,
}

impl Shells {
    async fn asking(&self, whose: Whose, id: &str, session: &Session, parts: &Parts) -> Result<Asking, Problem> {
        let by = By::of(&parts.extensions).ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))?;
        let user = by.user.clone();
        let trail = Trail::new(&self.shared.records, by);
        let mine = self.shared.cluster.as_user(user.clone());
        let source = match whose {
            Whose::Mine => Source::Mine(mine),
            Whose::Anybodys => match mine.admin() {
                Ok(admin) => Source::Anybodys(admin),
                Err(error) => {
                    let problem = error.problem();
                    trail.ended(Act::tried(Verb::OpenShell, id), Some(&problem)).await;
                    return Err(problem);
                }
            },
        };
        let id: TaskId = id.parse().map_err(|_| Problem::not_found())?;
        let task = source.task(&id).map_err(|error| told(&error))?.task;
        let on = Act::own(Verb::OpenShell, id.as_str(), task.name);
        let on = match &source {
            Source::Mine(_) => on,
            Source::Anybodys(admin) => on.of(admin.owner_of_task(&id).map(|key| key.to_string()).unwrap_or_default(), task.username),
        };
        let session = session.id().ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))?;
        Ok(Asking { source, user, session, id, trail, on })
    }

    fn place(&self, user: &User) -> Result<Place, Problem> {
        let full = || Problem::new(Code::RateLimited, format!("You have {MOST_PER_PERSON} shells open. Close one of them first."));
        self.open.enter_up_to(user.key(), MOST_PER_PERSON).ok_or_else(full)
    }

    fn records(&self) -> &Records {
        &self.shared.records
    }
}

impl Asking {
    /// What a ticket is good for.
    fn about(&self, whose: Whose, rank: u32) -> String {
        let whose = match whose {
            Whose::Mine => "mine",
            Whose::Anybodys => "anybodys",
        };
        format!("{} {whose} {} {rank}", self.session, self.id)
    }
}

async fn ticket(shells: Shells, whose: Whose, id: &str, session: Session, parts: &Parts, posted: Posted) -> Result<Response, Problem> {
    let asking = shells.asking(whose, id, &session, parts).await?;
    let Form(Asked { rank }) =
        posted.map_err(|_| Problem::new(Code::Malformed, "Say in which rank the shell is to be, and nothing else."))?;
    let task = asking.source.task(&asking.id).map_err(|error| told(&error))?.task;
    let refusal = match shell::offer(&shells.shared.cluster, shells.shared.config.shells, &task, Some(rank)) {
        Ok(()) => shells.place(&asking.user).map(drop).err(),
        Err(problem) => Some(problem),
    };
    if let Some(problem) = refusal {
        asking.trail.ended(asking.on, Some(&problem)).await;
        return Err(problem);
    }
    let ticket = shells.tickets.issue(&asking.about(whose, rank));
    let list = match whose {
        Whose::Mine => app::paths::TASKS,
        Whose::Anybodys => app::paths::ADMIN_TASKS,
    };
    Ok(Json(json!({ "socket": format!("{list}/{}/shell/socket?rank={rank}&ticket={ticket}", asking.id) })).into_response())
}

async fn socket(
    shells: Shells,
    whose: Whose,
    id: &str,
    wanted: Wanted,
    session: Session,
    parts: &Parts,
    upgrade: Upgrade,
) -> Result<Response, Problem> {
    let asking = shells.asking(whose, id, &session, parts).await?;
    // What a proxy leaves away is told before the ticket is used.
    let Ok(upgrade) = upgrade else { return Ok(no_upgrade()) };
    if !shells.shared.config.shells {
        return Err(shell::switched_off());
    }
    if !shells.tickets.redeem(&wanted.ticket, &asking.about(whose, wanted.rank)) {
        return Err(Problem::new(Code::CrossSite, "Open shells from the portal's own page of the task."));
    }
    let place = match shells.place(&asking.user) {
        Ok(place) => place,
        Err(problem) => {
            asking.trail.ended(asking.on, Some(&problem)).await;
            return Err(problem);
        }
    };
    let upgrade = upgrade.max_frame_size(MESSAGE).max_message_size(MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| run(shells, asking, wanted.rank, socket, place).in_current_span()))
}

fn no_upgrade() -> Response {
    let sentence = "A shell needs a WebSocket, and this request did not ask for one. If the portal's page sent it, a proxy on the way takes WebSockets out: tell an administrator.";
    let mut response = problem::answer(Problem::new(Code::Malformed, sentence));
    *response.status_mut() = StatusCode::UPGRADE_REQUIRED;
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response
}

/// One shell, from its beginning to its end. Both are written down.
async fn run(shells: Shells, asking: Asking, rank: u32, socket: WebSocket, place: Place) {
    // The portal does not stop before the end is written down.
    let _underway = shells.records().begin();
    let Asking { source, session, id, trail, on, .. } = asking;
    let mut pump = Pump::new(socket, shells.sessions, shells.ending, session);
    let mut shell = match source.open_shell(&id, rank).await {
        Ok(shell) => shell,
        Err(error) => {
            let problem = told(&error);
            trail.ended(on, Some(&problem)).await;
            let is_gone = matches!(error, cluster::Error::NotFound);
            return pump.close(&if is_gone { Ended::PodGone } else { Ended::Refused(problem.message) }).await;
        }
    };
    trail.ended(on.clone(), None).await;
    let over = pump.run(&mut shell).await;
    drop(place);
    match over {
        Over::Shell => pump.close(&shell.ended().await).await,
        Over::Told(ended) => {
            tokio::join!(pump.close(&ended), shell.hang_up());
        }
        Over::Gone => shell.hang_up().await,
    }
    trail.ended(on.now(Verb::EndShell), None).await;
}
