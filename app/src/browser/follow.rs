//! Has anything changed since this page was read? The browser's one stream tells; the page is then read again.

use super::{
    clock, dom,
    read::{self, Read},
};
use leptos::prelude::{set_timeout, window};
use std::{cell::RefCell, time::Duration};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventTarget, MessageEvent, MessagePort, SharedWorker, Worker};

/// The number grows when the file changes, since browsers keep it for long.
const WORKER: &str = "/live.js?2";

#[derive(Default)]
struct State {
    stream: String,
    /// Of what is shown.
    revision: String,
    /// The newest that the stream brought, and the one that the last reading answered: a stream that is behind brings no news.
    newest: String,
    answered: String,
    reading: bool,
    gone: bool,
    /// The stream is lost.
    lost: bool,
    /// How many readings have failed one after the other.
    failed: u32,
}

/// After the first failed reading, in milliseconds; then twice as long each time, up to [`LONGEST`].
const PAUSE: f64 = 1000.0;
const LONGEST: f64 = 60_000.0;

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

pub fn start() {
    let Some(mark) = dom::one("[data-stream]") else { return };
    let text = |name: &str| mark.get_attribute(name).unwrap_or_default();
    STATE.with_borrow_mut(|state| {
        state.stream = text("data-stream");
        state.revision = text("data-revision");
    });
    let Some(connection) = Connection::open() else { return };
    let answering = connection.clone();
    connection.listen(move |text| match text {
        // The worker forgets tabs that do not answer: crashed ones never say that they leave.
        "?" => answering.ask(&STATE.with_borrow(|state| state.stream.clone())),
        text => hear(text),
    });
    connection.ask(&text("data-stream"));
    let leaving = connection.clone();
    dom::on(&window(), "pagehide", move |_| leaving.ask(""));
    // A page that comes back from the browser's memory asks again.
    dom::on(&window(), "pageshow", move |event| {
        if js_sys::Reflect::get(&event, &"persisted".into()).is_ok_and(|persisted| persisted.is_truthy()) {
            connection.ask(&STATE.with_borrow(|state| state.stream.clone()));
        }
    });
}

/// What the stream has brought by now: to be asked before a reading begins.
pub fn newest() -> String {
    STATE.with_borrow(|state| state.newest.clone())
}

/// From now on this is what is shown, by a reading that began when `asked` was the newest. What came during it is read again.
pub fn shows(revision: String, asked: String) {
    STATE.with_borrow_mut(|state| {
        state.revision = revision;
        state.answered = asked;
        state.failed = 0;
    });
    // The new markup knows nothing of the stream.
    say();
    catch_up();
}

/// Nothing came of a reading. The page says since when it is behind, and tries again: not all pages at once, and ever more seldom.
pub fn failed() {
    let failed = STATE.with_borrow_mut(|state| {
        state.failed = state.failed.saturating_add(1);
        state.failed
    });
    say();
    let pause = (PAUSE * 2f64.powi(i32::try_from(failed - 1).unwrap_or(i32::MAX))).min(LONGEST) * (0.5 + js_sys::Math::random() / 2.0);
    set_timeout(
        move || {
            if STATE.with_borrow(|state| state.failed == failed) {
                read_again();
            }
        },
        Duration::from_secs_f64(pause / 1000.0),
    );
}

/// Says that the page may be behind, and since when; or no longer.
fn say() {
    let Some(mark) = dom::one("[data-stale]") else { return };
    let behind = STATE.with_borrow(|state| (state.lost || state.failed > 0) && !state.gone);
    // Until this moment it was true.
    if behind && mark.has_attribute("hidden") {
        dom::all("[data-stale] [data-since]").iter().for_each(clock::begin);
    }
    dom::show("[data-stale]", behind);
}

fn hear(text: &str) {
    match text.split_at_checked(1) {
        Some(("+", revision)) => {
            STATE.with_borrow_mut(|state| {
                state.lost = false;
                revision.clone_into(&mut state.newest);
                // Whatever failed before: what is shown is what there is.
                if state.newest == state.revision {
                    state.failed = 0;
                }
            });
            say();
            catch_up();
        }
        Some(("~", _)) => read_again(),
        // The session is over: the page asks again, and is led to sign-in. Unless somebody is signing out here, and is led elsewhere.
        Some(("!", _)) if dom::one("form[aria-busy]").is_none() => drop(window().location().reload()),
        Some(("!", _)) => {}
        _ => {
            STATE.with_borrow_mut(|state| state.lost = true);
            say();
        }
    }
}

fn catch_up() {
    if STATE.with_borrow(|state| !state.newest.is_empty() && state.newest != state.revision && state.newest != state.answered) {
        read_again();
    }
}

/// One reading at a time; a change during it is not lost, since its end looks again.
fn read_again() {
    let busy = STATE.with_borrow_mut(|state| state.gone || std::mem::replace(&mut state.reading, true));
    if busy {
        return;
    }
    let asked = newest();
    wasm_bindgen_futures::spawn_local(async move {
        let read = read::page().await;
        STATE.with_borrow_mut(|state| state.reading = false);
        match read {
            Read::Shown { revision } => shows(revision, asked),
            Read::Gone => end(),
            // Whoever turned the page reads it, but not what came since.
            Read::Late => catch_up(),
            // No longer to be followed, no longer this person's to see, or the session is over: the browser is shown what it is.
            Read::Other(0 | 200 | 401 | 403) => drop(window().location().reload()),
            Read::Other(_) | Read::Unanswered => failed(),
        }
    });
}

/// What was true of a thing that is gone no longer is: its state, its cause, what could be done with it.
fn end() {
    STATE.with_borrow_mut(|state| state.gone = true);
    say();
    dom::show("[data-gone]", true);
    for (part, text) in [("status", Some("Deleted")), ("cause", None), ("actions", None)] {
        if let Some(part) = dom::one(&format!("[data-part={part}]")) {
            part.set_text_content(text);
        }
    }
}

/// The way to the worker: shared by all tabs, or where browsers have none of these, this tab's own.
#[derive(Clone)]
enum Connection {
    Shared(MessagePort),
    Own(Worker),
}

impl Connection {
    fn open() -> Option<Self> {
        match SharedWorker::new(WORKER) {
            Ok(worker) => Some(Self::Shared(worker.port())),
            Err(_) => Worker::new(WORKER).ok().map(Self::Own),
        }
    }

    fn listen(&self, hear: impl Fn(&str) + 'static) {
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                hear(&text);
            }
        });
        let listener = on_message.as_ref().unchecked_ref();
        match self {
            Self::Shared(port) => port.set_onmessage(Some(listener)),
            Self::Own(worker) => drop(worker.unchecked_ref::<EventTarget>().add_event_listener_with_callback("message", listener)),
        }
        on_message.forget();
    }

    fn ask(&self, stream: &str) {
        let text = JsValue::from_str(stream);
        let _ = match self {
            Self::Shared(port) => port.post_message(&text),
            Self::Own(worker) => worker.post_message(&text),
        };
    }
}
