//! How is one kind kept up to date, through whatever happens to the connection?
//!
//! List, then watch from there; an ended watch is opened again where it ended; after any failure the kind is listed
//! anew, so that what was deleted meanwhile goes. `kube::runtime::watcher` does nearly this, but it hides bookmarks and
//! the opening of a resumed watch: a quiet kind would look dead long after the API server is back, and "last heard of"
//! would be the last change. Both are shown to people, so the loop is ours.

use crate::{
    classify::{is_expired, says_nothing},
    error::Error,
    object::{Page, row},
    watch::{cache::Cache, health::chain, kept::Kept},
};
use futures::StreamExt;
use kube::{
    Client,
    api::{ListParams, WatchEvent, WatchParams},
    core::Request,
};
use serde_json::Value;
use std::{
    marker::PhantomData,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

/// A page of 500 answers within this, or the connection is dead.
const LIST: Duration = Duration::from_secs(10);
/// The API server sends the head of a watch at once.
const OPEN: Duration = Duration::from_secs(10);
/// Bookmarks come about once a minute (apiserver, pkg/storage/cacher/cacher.go); two missing are a dead connection.
/// A server that sends none has its quiet watches opened anew this often, which costs nobody anything.
const SILENCE: Duration = Duration::from_secs(130);
/// The API server ends the watch after this many seconds.
const WATCH_SECONDS: u32 = 290;
const PAGE_SIZE: u32 = 500;
/// A watch that ends sooner without a word is not a watch (client-go calls it "unexpected watch close").
const TOO_SHORT: Duration = Duration::from_secs(1);

enum Ended {
    /// By the server's clock, a cut or silence: go on where it ended.
    Resumable,
    /// Too long ago for the server to remember: list again.
    Expired,
    Failed(Error),
}

pub(crate) async fn follow<R: Kept>(client: Client, namespace: String, cache: Arc<Cache>) {
    Collection { client, path: R::path(&namespace), cache, silence: SILENCE, kind: PhantomData::<R> }.follow().await
}

struct Collection<R> {
    client: Client,
    path: String,
    cache: Arc<Cache>,
    /// How long an open watch may say nothing.
    silence: Duration,
    kind: PhantomData<R>,
}

impl<R: Kept> Collection<R> {
    async fn follow(self) {
        let mut patience = Patience::default();
        loop {
            match self.list_and_watch(&mut patience).await {
                Ok(()) => {}
                Err(error) => {
                    self.cache.failed::<R>(&error);
                    patience.after_failure(R::PLURAL, &error).await;
                }
            }
        }
    }

    /// Returns when the kind must be listed anew.
    async fn list_and_watch(&self, patience: &mut Patience) -> Result<(), Error> {
        let mut version = self.list().await?;
        loop {
            let opened = Instant::now();
            let mut heard = false;
            let ended = self.watch(&mut version, &mut heard, patience).await;
            let too_short = !heard && opened.elapsed() < TOO_SHORT;
            if !too_short {
                patience.failures = 0;
            }
            match ended {
                Ended::Failed(error) => return Err(error),
                Ended::Resumable | Ended::Expired if too_short => patience.pause().await,
                Ended::Resumable | Ended::Expired => {}
            }
            if matches!(ended, Ended::Expired) {
                return Ok(());
            }
        }
    }

    async fn list(&self) -> Result<String, Error> {
        // Page by page to the end, so that no row is moved about and each page's room is given back while the rows are put in.
        let (mut pages, mut next, mut version) = (Vec::<Vec<R>>::new(), None, String::new());
        loop {
            let params = ListParams {
                label_selector: R::LABEL_SELECTOR.map(str::to_owned),
                field_selector: R::FIELD_SELECTOR.map(str::to_owned),
                limit: Some(PAGE_SIZE),
                continue_token: next,
                ..ListParams::default()
            };
            let request = Request::new(&self.path).list(&params).map_err(Error::unexpected)?;
            let page: Page = timeout(LIST, self.client.request(request)).await.map_err(|_| Error::Slow)??;
            if !page.metadata.resource_version.is_empty() {
                version.clone_from(&page.metadata.resource_version);
            }
            next = Some(page.metadata.next.clone()).filter(|token| !token.is_empty());
            pages.push(page.rows().collect());
            if next.is_none() {
                break;
            }
        }
        self.cache.replaced::<R>(pages.into_iter().flatten());
        Ok(version)
    }

    async fn watch(&self, version: &mut String, heard: &mut bool, patience: &mut Patience) -> Ended {
        let params = WatchParams {
            label_selector: R::LABEL_SELECTOR.map(str::to_owned),
            field_selector: R::FIELD_SELECTOR.map(str::to_owned),
            timeout: Some(WATCH_SECONDS),
            bookmarks: true,
            send_initial_events: false,
        };
        let request = match Request::new(&self.path).watch(&params, version) {
            Ok(request) => request,
            Err(error) => return Ended::Failed(Error::unexpected(error)),
        };
        // A `Value` takes every object; with `R`, kube would end the watch at the first one of an unknown form.
        let stream = match timeout(OPEN, self.client.request_events::<Value>(request)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return ended(error),
            Err(_) => return Ended::Failed(Error::Slow),
        };
        self.cache.contact::<R>();
        patience.opened(R::PLURAL);
        let mut stream = pin!(stream);
        loop {
            let event = match timeout(self.silence, stream.next()).await {
                Ok(Some(Ok(event))) => event,
                // Not even a change of something. It is not heard, or a server of nothing else would be asked on and on.
                Ok(Some(Err(kube::Error::SerdeError(error)))) => {
                    patience.skipped(R::PLURAL, &error);
                    continue;
                }
                Ok(Some(Err(kube::Error::Api(status)))) if says_nothing(&status) => {
                    patience.skipped(R::PLURAL, &kube::Error::Api(status));
                    continue;
                }
                Ok(Some(Err(kube::Error::Api(status)))) => return ended(kube::Error::Api(status)),
                // Cut, closed or silent. If the server is away, opening it again says so at once.
                Ok(Some(Err(_)) | None) | Err(_) => return Ended::Resumable,
            };
            let (news, odd) = match event {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => match row::<R>(&object) {
                    Ok(row) => {
                        let news = row.meta().resource_version.to_string();
                        self.cache.applied(row);
                        (news, None)
                    }
                    Err(odd) => {
                        self.cache.contact::<R>();
                        (odd.resource_version, Some(odd.error))
                    }
                },
                WatchEvent::Deleted(object) => match row::<R>(&object) {
                    Ok(row) => {
                        self.cache.removed(&row);
                        (row.meta().resource_version.to_string(), None)
                    }
                    Err(odd) => {
                        self.cache.forgotten::<R>(&odd.name, &odd.uid);
                        (odd.resource_version, Some(odd.error))
                    }
                },
                WatchEvent::Bookmark(bookmark) => {
                    self.cache.contact::<R>();
                    (bookmark.metadata.resource_version, None)
                }
                WatchEvent::Error(status) => return ended(kube::Error::Api(status)),
            };
            if let Some(error) = odd {
                patience.skipped(R::PLURAL, &error);
            }
            // Without a version there is nowhere to go on from but where we were.
            if !news.is_empty() {
                *heard = true;
                *version = news;
            }
        }
    }
}

fn ended(error: kube::Error) -> Ended {
    if is_expired(&error) { Ended::Expired } else { Ended::Failed(error.into()) }
}

/// How long to wait before the next attempt, and how often to speak of it.
#[derive(Default)]
struct Patience {
    failures: u32,
    spoke: Option<Instant>,
    spoke_of_odd: Option<Instant>,
}

impl Patience {
    const FIRST: Duration = Duration::from_millis(400);
    /// The portal is back within seconds of the API server, not half a minute later.
    const LONGEST: Duration = Duration::from_secs(5);
    const BETWEEN_LINES: Duration = Duration::from_secs(60);

    async fn after_failure(&mut self, kind: &'static str, error: &Error) {
        if self.spoke.is_none_or(|spoke| spoke.elapsed() >= Self::BETWEEN_LINES) {
            self.spoke = Some(Instant::now());
            warn!(kind, attempts = self.failures + 1, error = chain(error), "the watch fails and is tried again");
        }
        self.pause().await;
    }

    /// Somebody may well make odd objects by the thousand; the log hears of one a minute.
    fn skipped(&mut self, kind: &'static str, error: &dyn std::error::Error) {
        if self.spoke_of_odd.is_none_or(|spoke| spoke.elapsed() >= Self::BETWEEN_LINES) {
            self.spoke_of_odd = Some(Instant::now());
            warn!(kind, error = chain(error), "a change was skipped: the object is not of the known form");
        }
    }

    async fn pause(&mut self) {
        sleep(Self::delay(self.failures, rand::random_range(0.5..1.0))).await;
        self.failures = self.failures.saturating_add(1);
    }

    /// `chance` keeps replicas from coming back all at once.
    fn delay(failures: u32, chance: f64) -> Duration {
        Self::FIRST.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(Self::LONGEST).mul_f64(chance)
    }

    fn opened(&mut self, kind: &'static str) {
        if self.failures > 0 && self.spoke.is_some() {
            info!(kind, attempts = self.failures, "the watch is open again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pods::PodRow;
    use kube::Config;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        sync::mpsc,
    };

    /// Lists nothing, opens every watch and never says a word on it. Tells which requests came.
    async fn silent_server(told: mpsc::UnboundedSender<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut head = vec![0; 4096];
                let read = socket.read(&mut head).await.unwrap();
                let request = String::from_utf8_lossy(&head[..read]).lines().next().unwrap_or_default().to_owned();
                let start = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
                let body = r#"{"metadata":{"resourceVersion":"7"},"items":[]}"#;
                let answer = match request.contains("watch=true") {
                    true => format!("{start}transfer-encoding: chunked\r\n\r\n"),
                    false => format!("{start}content-length: {}\r\n\r\n{body}", body.len()),
                };
                socket.write_all(answer.as_bytes()).await.unwrap();
                // Half-open: the connection stays, and nothing comes.
                open.extend(request.contains("watch=true").then_some(socket));
                if told.send(request).is_err() {
                    return;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn d_05_a_watch_that_says_nothing_is_cut_and_goes_on_where_it_was() {
        let silent_at_most = SILENCE + OPEN;
        assert!(silent_at_most <= Duration::from_secs(295), "rows are never older than five minutes without a word about it");
        let (told, mut requests) = mpsc::unbounded_channel();
        let client = Client::try_from(Config::new(silent_server(told).await.parse().unwrap())).unwrap();
        let cache = Arc::new(Cache::new());
        let silence = Duration::from_millis(50);
        let pods = Collection { client, path: "/pods".into(), cache: Arc::clone(&cache), silence, kind: PhantomData::<PodRow> };
        let following = tokio::spawn(pods.follow());
        let mut asked = Vec::new();
        while asked.len() < 4 {
            asked.push(timeout(Duration::from_secs(10), requests.recv()).await.expect("a silent watch is cut").unwrap());
        }
        assert!(!asked[0].contains("watch=true") && asked[1..].iter().all(|watch| watch.contains("resourceVersion=7")), "{asked:?}");
        // It was only silent. Now the server is away: the next watch cannot be opened, and pages say since when.
        assert_eq!(cache.health().watches.iter().find_map(|watch| watch.down_since), None);
        let mut changes = cache.all_changes();
        drop(requests);
        let seen = async {
            while cache.health().watches.iter().all(|watch| watch.down_since.is_none()) {
                changes.changed().await.unwrap();
            }
        };
        timeout(Duration::from_secs(30), seen).await.expect("an outage is noticed");
        following.abort();
    }

    #[test]
    fn pauses_grow_and_never_pass_five_seconds() {
        let delays: Vec<_> = (0..6).map(|failures| Patience::delay(failures, 1.0)).collect();
        assert!(delays.windows(2).all(|pair| pair[0] <= pair[1]), "{delays:?}");
        assert_eq!(Patience::delay(u32::MAX, 1.0), Duration::from_secs(5));
        assert!(Patience::delay(0, 0.5) >= Duration::from_millis(200));
    }
}
