//! Has anything changed since this page was read? One stream per page tells its islands; it carries a revision, no data.

use leptos::prelude::*;
use std::{cell::RefCell, pin::Pin, time::Duration};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

/// How the stream is doing, and the newest revision that it brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stream {
    connected: bool,
    revision: String,
}

/// Where the stream is refused, an island reads again after this long, then twice as long, up to a minute.
const FIRST_POLL: Duration = Duration::from_secs(5);
const LAST_POLL: Duration = Duration::from_secs(60);

thread_local! {
    static STREAMS: RefCell<Vec<(String, ArcRwSignal<Stream>)>> = RefCell::default();
}

/// Calls `read` whenever the stream brings a revision other than the newest that was read, one reading at a time. `read`
/// answers with the revision that it read, or `None` when it failed. The signal says whether the page is up to date, as
/// far as it can know.
pub fn on_change<F: Future<Output = Option<String>> + 'static>(
    url: String,
    first_revision: String,
    read: impl Fn() -> F + 'static,
) -> ReadSignal<bool> {
    // One copy in the bundle, whoever follows.
    follow(url, first_revision, Box::new(move || Box::pin(read())))
}

type Read = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Option<String>>>>>;

fn follow(url: String, first_revision: String, read: Read) -> ReadSignal<bool> {
    let (current, set_current) = signal(true);
    let (revision, set_revision) = signal(first_revision);
    let reading = RwSignal::new(false);
    Effect::new(move |_| {
        let news = stream(&url).get();
        if news.revision.is_empty() {
            return;
        }
        set_current.set(news.connected);
        // A change during a reading is not lost: the reading ends by setting `revision`, which brings us here again.
        if news.revision == revision.get() || reading.get_untracked() {
            return;
        }
        reading.set(true);
        let answer = read();
        leptos::task::spawn_local(async move {
            let answer = answer.await;
            reading.set(false);
            set_current.set(answer.is_some());
            if let Some(read) = answer {
                set_revision.set(read);
            }
        });
    });
    current
}

/// The stream at `url`, opened once per page. Browser only: call it from an effect.
fn stream(url: &str) -> ArcRwSignal<Stream> {
    STREAMS.with_borrow_mut(|streams| {
        if let Some((_, live)) = streams.iter().find(|(opened, _)| opened == url) {
            return live.clone();
        }
        let live = ArcRwSignal::new(Stream::default());
        streams.push((url.to_owned(), live.clone()));
        open(url, &live);
        live
    })
}

/// Listeners live as long as the page, as the stream does; the browser ends both when it leaves.
fn open(url: &str, live: &ArcRwSignal<Stream>) {
    let Ok(source) = EventSource::new(url) else {
        poll(live.clone(), FIRST_POLL);
        return;
    };
    let heard = live.clone();
    let on_revision = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let revision = event.data().as_string().unwrap_or_default();
        heard.set(Stream { connected: true, revision });
    });
    let _ = source.add_event_listener_with_callback("volumes", on_revision.as_ref().unchecked_ref());
    on_revision.forget();

    // The session ended: the page asks again, and is led to sign-in.
    let on_signed_out = Closure::<dyn Fn()>::new(|| {
        let _ = window().location().reload();
    });
    let _ = source.add_event_listener_with_callback("signed-out", on_signed_out.as_ref().unchecked_ref());
    on_signed_out.forget();

    let (lost, stream) = (live.clone(), source.clone());
    let on_error = Closure::<dyn Fn()>::new(move || {
        lost.update(|live| live.connected = false);
        // The browser reconnects by itself unless the answer was a refusal.
        if stream.ready_state() == EventSource::CLOSED {
            poll(lost.clone(), FIRST_POLL);
        }
    });
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_error.forget();
}

/// Pretends a change after each pause, so that islands read again.
fn poll(live: ArcRwSignal<Stream>, pause: Duration) {
    set_timeout(
        move || {
            live.update(|live| {
                live.revision.truncate(64);
                live.revision.insert(0, '~');
            });
            poll(live, (pause * 2).min(LAST_POLL));
        },
        pause,
    );
}
