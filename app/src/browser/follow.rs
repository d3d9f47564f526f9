//! Has anything changed since this page was read? The browser's one stream tells; the page is then read again.

use super::{
    dom,
    read::{self, Read},
};
use leptos::prelude::window;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventTarget, MessageEvent, MessagePort, SharedWorker, Worker};

/// The number grows when the file changes, since browsers keep it for long.
const WORKER: &str = "/live.js?1";

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
}

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

/// The page was turned in place: from now on this is what is shown.
pub fn shows(revision: String) {
    STATE.with_borrow_mut(|state| {
        state.revision = revision;
        state.answered.clone_from(&state.newest);
    });
}

fn hear(text: &str) {
    match text.split_at_checked(1) {
        Some(("+", revision)) => {
            dom::show("[data-stale]", false);
            STATE.with_borrow_mut(|state| revision.clone_into(&mut state.newest));
            catch_up();
        }
        Some(("~", _)) => read_again(),
        // The session is over: the page asks again, and is led to sign-in.
        Some(("!", _)) => drop(window().location().reload()),
        _ => dom::show("[data-stale]", STATE.with_borrow(|state| !state.gone)),
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
    let asked = STATE.with_borrow(|state| state.newest.clone());
    wasm_bindgen_futures::spawn_local(async move {
        let read = read::page().await;
        STATE.with_borrow_mut(|state| state.reading = false);
        match read {
            Read::Shown { revision } => {
                STATE.with_borrow_mut(|state| {
                    state.revision = revision;
                    state.answered = asked;
                });
                catch_up();
            }
            Read::Gone => end(),
            // Whoever turned the page reads it.
            Read::Late => {}
            Read::Failed => dom::show("[data-stale]", true),
        }
    });
}

/// What was true of a thing that is gone no longer is: its state, its cause, what could be done with it.
fn end() {
    STATE.with_borrow_mut(|state| state.gone = true);
    dom::show("[data-stale]", false);
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
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                hear(&text);
            }
        });
        let listener = on_message.as_ref().unchecked_ref();
        let connection = match SharedWorker::new(WORKER) {
            Ok(worker) => {
                let port = worker.port();
                port.set_onmessage(Some(listener));
                Self::Shared(port)
            }
            Err(_) => {
                let worker = Worker::new(WORKER).ok()?;
                let _ = worker.unchecked_ref::<EventTarget>().add_event_listener_with_callback("message", listener);
                Self::Own(worker)
            }
        };
        on_message.forget();
        Some(connection)
    }

    fn ask(&self, stream: &str) {
        let text = JsValue::from_str(stream);
        let _ = match self {
            Self::Shared(port) => port.post_message(&text),
            Self::Own(worker) => worker.post_message(&text),
        };
    }
}
