//! Has anything changed, what is being written (`log`), and what is said in a shell (`shell`)? One stream of revisions per browser; the pages then read again through their own, checked, way.

mod log;
pub mod shell;

use crate::ending::Ending;
use crate::problem;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cluster::{Cluster, Revision, User};
use domain::owner::OwnerKey;
use domain::problem::{Code, Problem};
use futures::stream;
use http::{HeaderName, HeaderValue};
use records::Sessions;
use serde::Deserialize;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tower_sessions::Session;
use tower_sessions::session::Id;

const HEARTBEAT: Duration = Duration::from_secs(15);
/// After a notice, a stream gathers for at least so long what else comes, and the longer the more notices all streams together have
/// sent of late: each makes a page read itself again. No page is further behind than the longest.
const SPACING: Duration = Duration::from_millis(50);
const SPACING_PER_NOTICE: Duration = Duration::from_millis(2);
const LONGEST_SPACING: Duration = Duration::from_secs(1);
const MOST_PER_PERSON: usize = 20;

#[derive(Clone)]
struct Live {
    cluster: Cluster,
    sessions: Sessions,
    ending: Ending,
    open: Open,
    notices: Notices,
    heartbeat: Duration,
}

pub fn routes(cluster: Cluster, sessions: Sessions, ending: Ending) -> Router {
    let live = Live { cluster, sessions, ending, open: Open::default(), notices: Notices::default(), heartbeat: HEARTBEAT };
    let router = Router::new().route("/live", get(start)).with_state(live.clone());
    // A log that is read along has places of its own: it must not take those of the pages that follow.
    router.merge(log::routes(Live { open: Open::default(), ..live }))
}

#[derive(Deserialize)]
struct Wanted {
    scope: Option<Scope>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    Admin,
}

type Asked = Result<Query<Wanted>, QueryRejection>;

async fn start(State(live): State<Live>, Extension(user): Extension<User>, session: Session, asked: Asked) -> Response {
    let Ok(Query(wanted)) = asked else {
        return problem::answer(Problem::new(Code::Malformed, "The stream knows one scope, admin. Leave it out for your own volumes."));
    };
    let Some(session) = session.id() else { return problem::answer(Problem::new(Code::Unauthenticated, "Sign in to go on.")) };
    let Some(place) = live.open.enter(user.key()) else {
        return problem::answer(Problem::new(Code::RateLimited, "Too many open pages of the portal. Close some of them."));
    };
    let mine = live.cluster.as_user(user);
    let changes = match wanted.scope {
        None => mine.changes(),
        Some(Scope::Admin) => match mine.admin() {
            Ok(all) => all.changes(),
            Err(error) => return problem::answer(error.problem()),
        },
    };
    let endings = live.sessions.endings();
    let watched = Watched { changes, endings, session, live, beat: None, last: None, over: false, _place: place };
    let mut response = Sse::new(stream::unfold(watched, Watched::next)).into_response();
    // Proxies that collect answers would hold notices back.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

struct Watched {
    changes: watch::Receiver<Revision>,
    endings: watch::Receiver<u64>,
    session: Id,
    live: Live,
    beat: Option<Interval>,
    last: Option<Instant>,
    over: bool,
    _place: Place,
}

impl Watched {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.over {
            return None;
        }
        let Some(last) = self.last else {
            // Browsers of a portal that restarts come back at different moments.
            let retry = Duration::from_millis(u64::from(1000 + rand::random::<u16>() % 2000));
            return Some((Ok(self.notice().retry(retry)), self));
        };
        let beat = self.beat.get_or_insert_with(|| {
            let mut beat = tokio::time::interval_at(Instant::now() + self.live.heartbeat, self.live.heartbeat);
            beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
            beat
        });
        tokio::select! {
            () = self.live.ending.begins() => None,
            // The beat also finds sessions that ran out, or that another process ended.
            _ = beat.tick() => Some((Ok(self.check().await), self)),
            ended = self.endings.changed() => {
                ended.ok()?;
                Some((Ok(self.check().await), self))
            }
            changed = self.changes.changed() => {
                changed.ok()?;
                // The first change after quiet is told at once; what follows it closely is told together.
                tokio::time::sleep_until(last + self.live.notices.spacing(Instant::now())).await;
                Some((Ok(self.notice()), self))
            }
        }
    }

    async fn check(&mut self) -> Event {
        // An unanswered question is no sign-out: the store may be back at the next beat.
        self.over = matches!(self.live.sessions.lives(&self.session).await, Ok(false));
        if self.over { Event::default().event("signed-out").data("over") } else { Event::default().comment("") }
    }

    fn notice(&mut self) -> Event {
        let now = Instant::now();
        self.last = Some(now);
        self.live.notices.sent(now);
        Event::default().event("volumes").data(self.changes.borrow_and_update().to_string())
    }
}

/// How many notices were sent in this second and in the one before.
#[derive(Clone, Default)]
struct Notices(Arc<Mutex<Sent>>);

#[derive(Default)]
struct Sent {
    since: Option<Instant>,
    count: u32,
    before: u32,
}

impl Notices {
    fn at(&self, now: Instant, also: u32) -> u32 {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = sent.since.map_or(u64::MAX, |since| now.saturating_duration_since(since).as_secs());
        if passed > 0 {
            let before = if passed == 1 { sent.count } else { 0 };
            *sent = Sent { since: Some(now), count: 0, before };
        }
        sent.count = sent.count.saturating_add(also);
        sent.count.max(sent.before)
    }

    fn sent(&self, now: Instant) {
        self.at(now, 1);
    }

    fn spacing(&self, now: Instant) -> Duration {
        SPACING_PER_NOTICE.saturating_mul(self.at(now, 0)).clamp(SPACING, LONGEST_SPACING)
    }
}

/// How many streams each person has open.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<HashMap<OwnerKey, usize>>>);

/// One of a person's places; given back when dropped.
struct Place {
    open: Open,
    owner: OwnerKey,
}

impl Open {
    fn enter(&self, owner: &OwnerKey) -> Option<Place> {
        self.enter_up_to(owner, MOST_PER_PERSON)
    }

    fn enter_up_to(&self, owner: &OwnerKey, most: usize) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(owner.clone()).or_default();
        (*count < most).then(|| {
            *count += 1;
            Place { open: self.clone(), owner: owner.clone() }
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get_mut(&self.owner).map_or(0, |count| {
            *count -= 1;
            *count
        });
        if left == 0 {
            open.remove(&self.owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::owner::Principal;

    #[test]
    fn d_35_a_stream_is_never_silent_for_as_long_as_proxies_wait() {
        let (beat, proxies) = (HEARTBEAT, Duration::from_secs(60));
        assert!(3 * beat <= proxies, "two beats may be late");
    }

    #[test]
    fn the_more_notices_were_sent_of_late_the_longer_changes_are_gathered() {
        let (notices, start) = (Notices::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(notices.spacing(at(0)), SPACING);
        (0..25).for_each(|_| notices.sent(at(10)));
        assert_eq!(notices.spacing(at(20)), SPACING, "few are as good as none");
        (0..75).for_each(|_| notices.sent(at(30)));
        assert_eq!(notices.spacing(at(40)), Duration::from_millis(200));
        assert_eq!(notices.spacing(at(1500)), Duration::from_millis(200), "so many a second");
        (0..5000).for_each(|_| notices.sent(at(1600)));
        assert_eq!(notices.spacing(at(1700)), LONGEST_SPACING);
        assert_eq!(notices.spacing(at(5000)), SPACING, "it is quiet again");
    }

    #[test]
    fn a_person_has_twenty_places_and_gets_them_back() {
        let open = Open::default();
        let key = |subject| OwnerKey::of(&Principal::new("i", subject).unwrap());
        let mut places: Vec<_> = (0..MOST_PER_PERSON).map(|_| open.enter(&key("a")).unwrap()).collect();
        assert!(open.enter(&key("a")).is_none());
        assert!(open.enter(&key("b")).is_some(), "other people have their own places");
        places.pop();
        assert!(open.enter(&key("a")).is_some());
        places.clear();
        assert!(open.0.lock().unwrap().is_empty());
    }
}
