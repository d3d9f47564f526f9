//! What do the tabs of one browser get that read the same list after the same change? One page, made once.
//!
//! A change is told to all tabs at once, and all of them read. Shared is only what one session reads at one address and one revision
//! of its rows, within a moment; so nobody gets what they would not have got by themselves, and every reading has passed the same
//! session check before it comes here. Pages that a person goes to are always made anew.

use super::Pages;
use app::paths;
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use cluster::User;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use http_body_util::BodyExt;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::OnceCell, time::Instant};

/// For so long a page is shared: what is on it beside the rows, such as saved filters and ages, is no older.
const MOMENT: Duration = Duration::from_millis(250);
/// More at once are made one by one.
const MOST: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    /// All of them: the session, and how this browser likes its lists.
    cookies: HeaderValue,
    address: String,
    coding: Option<HeaderValue>,
    revision: String,
}

/// A page as it was sent, apart from what every answer has of its own.
#[derive(Clone)]
struct Page {
    headers: HeaderMap,
    text: Bytes,
}

/// Each with its beginning.
type Shared = HashMap<Key, (Instant, Arc<OnceCell<Page>>)>;

#[derive(Clone, Default)]
pub(super) struct Readings(Arc<Mutex<Shared>>);

impl Readings {
    fn pages(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The page of this moment, by whoever comes first.
    fn page(&self, key: Key, moment: Duration) -> Arc<OnceCell<Page>> {
        let mut pages = self.pages();
        pages.retain(|_, (began, _)| began.elapsed() < moment);
        if pages.len() >= MOST && !pages.contains_key(&key) {
            return Arc::default();
        }
        Arc::clone(&pages.entry(key).or_insert_with(|| (Instant::now(), Arc::default())).1)
    }

    /// Whoever changes something reads what is so afterwards.
    fn forget(&self, cookies: &HeaderValue) {
        self.pages().retain(|key, _| key.cookies != cookies);
    }
}

pub(super) async fn share(State((pages, readings)): State<(Pages, Readings)>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Some(cookies) = only(&parts.headers, header::COOKIE).cloned() else { return next.run(Request::from_parts(parts, body)).await };
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        readings.forget(&cookies);
        let answer = next.run(Request::from_parts(parts, body)).await;
        readings.forget(&cookies);
        return answer;
    }
    let Some(revision) = revision(&pages, &parts) else { return next.run(Request::from_parts(parts, body)).await };
    let coding = only(&parts.headers, header::ACCEPT_ENCODING).cloned();
    let key = Key { cookies, address: parts.uri.to_string(), coding, revision };
    let cell = readings.page(key, MOMENT);
    match cell.get_or_try_init(|| async { whole(next.run(Request::from_parts(parts, body)).await).await }).await {
        Ok(Page { headers, text }) => (headers.clone(), text.clone()).into_response(),
        Err(other) => other,
    }
}

/// The revision of what a reading of a list shows; nothing of what is no such reading.
fn revision(pages: &Pages, parts: &Parts) -> Option<String> {
    let is_reading = parts.method == Method::GET && is_by_script(&parts.headers);
    let person = parts.extensions.get::<User>().filter(|_| is_reading)?;
    let caller = pages.portal.cluster.as_user(person.clone());
    let changes = match parts.uri.path() {
        paths::VOLUMES => caller.changes(),
        paths::ADMIN_VOLUMES => caller.admin().ok()?.changes(),
        _ => return None,
    };
    let revision = changes.borrow().to_string();
    Some(revision)
}

/// Whether a script asks with its own fetch (Fetch Metadata). What a person goes to, and what is fetched ahead of that, must have the
/// nonce of its own policy.
fn is_by_script(headers: &HeaderMap) -> bool {
    let says = |name, value: &str| only(headers, HeaderName::from_static(name)).is_some_and(|said| said == value);
    says("sec-fetch-dest", "empty") && says("sec-fetch-mode", "cors") && !headers.contains_key("sec-purpose")
}

fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    lines.next().filter(|_| lines.next().is_none())
}

/// Only a page that is well is shared.
async fn whole(answer: Response) -> Result<Page, Response> {
    let (parts, body) = answer.into_parts();
    if parts.status != StatusCode::OK || parts.headers.contains_key(header::SET_COOKIE) {
        return Err(Response::from_parts(parts, body));
    }
    match body.collect().await {
        Ok(text) => Ok(Page { headers: parts.headers, text: text.to_bytes() }),
        // Broken off, as it would have been without us.
        Err(error) => Err(Response::from_parts(parts, Body::from_stream(futures::stream::once(async { Err::<Bytes, _>(error) })))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(session: &'static str, address: &str, revision: &str) -> Key {
        Key { cookies: HeaderValue::from_static(session), address: address.into(), coding: None, revision: revision.into() }
    }

    fn of(readings: &Readings, key: Key) -> Arc<OnceCell<Page>> {
        readings.page(key, Duration::from_secs(60))
    }

    #[test]
    fn a_page_is_shared_by_one_session_at_one_address_and_revision() {
        let readings = Readings::default();
        let first = of(&readings, key("a", "/volumes", "1"));
        assert!(Arc::ptr_eq(&first, &of(&readings, key("a", "/volumes", "1"))));
        for other in [key("b", "/volumes", "1"), key("a", "/volumes?page=2", "1"), key("a", "/volumes", "2")] {
            assert!(!Arc::ptr_eq(&first, &of(&readings, other.clone())), "{other:?}");
        }
        let packed = Key { coding: Some(HeaderValue::from_static("br")), ..key("a", "/volumes", "1") };
        assert!(!Arc::ptr_eq(&first, &of(&readings, packed)));
    }

    #[test]
    fn a_page_is_shared_for_a_moment_and_until_its_reader_changes_something() {
        let readings = Readings::default();
        let [mine, theirs] = [key("a", "/volumes", "1"), key("b", "/volumes", "1")];
        let (first, other) = (of(&readings, mine.clone()), of(&readings, theirs.clone()));
        readings.forget(&mine.cookies);
        assert!(!Arc::ptr_eq(&first, &of(&readings, mine.clone())) && Arc::ptr_eq(&other, &of(&readings, theirs.clone())));
        assert!(!Arc::ptr_eq(&other, &readings.page(theirs, Duration::ZERO)), "its moment is over");
        assert_eq!(readings.pages().len(), 1, "nothing is kept beyond its moment");
    }

    #[test]
    fn what_a_person_goes_to_is_never_shared() {
        let asked = |lines: &[(&'static str, &'static str)]| -> HeaderMap {
            lines.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
        };
        let script = [("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors")];
        assert!(is_by_script(&asked(&script)));
        for other in [
            vec![],
            vec![("sec-fetch-dest", "empty")],
            vec![("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate")],
            vec![("sec-fetch-dest", "empty"), ("sec-fetch-mode", "no-cors")],
            [script.as_slice(), &[("sec-purpose", "prefetch")]].concat(),
        ] {
            assert!(!is_by_script(&asked(&other)), "{other:?}");
        }
    }

    #[test]
    fn however_many_addresses_are_read_only_so_many_pages_are_kept() {
        let readings = Readings::default();
        (0..2 * MOST).for_each(|n| drop(of(&readings, key("a", &format!("/volumes?page={n}"), "1"))));
        assert_eq!(readings.pages().len(), MOST);
    }

    #[tokio::test]
    async fn who_reads_at_once_waits_for_the_first_and_what_is_no_page_is_not_shared() {
        let (readings, made) = (Readings::default(), std::sync::atomic::AtomicUsize::new(0));
        let read = async |status: StatusCode| {
            let cell = of(&readings, key("a", "/volumes", "1"));
            let answer = async {
                let number = made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                tokio::task::yield_now().await;
                whole((status, format!("page {number}")).into_response()).await
            };
            cell.get_or_try_init(|| answer).await.map(|page| page.text.clone()).map_err(|other| other.status())
        };
        let refused = futures::join!(read(StatusCode::FORBIDDEN), read(StatusCode::FORBIDDEN));
        assert_eq!((refused.0.unwrap_err(), refused.1.unwrap_err()), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
        let shared = futures::join!(read(StatusCode::OK), read(StatusCode::OK), read(StatusCode::OK));
        assert_eq!([shared.0.unwrap(), shared.1.unwrap(), shared.2.unwrap()], ["page 2"; 3]);
    }
}
