//! How does a log follow what is written? Lines come as markup from the server and are put at the end; only so many stay.

use super::dom;
use leptos::prelude::{document, window};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, EventSource, HtmlInputElement, MessageEvent};

/// So many lines are kept; the download has them all.
const MOST: u32 = 2000;

#[derive(Default)]
struct State {
    source: Option<EventSource>,
    /// Where the stream begins, without the place in it.
    url: String,
    /// The place behind the last line.
    last: String,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

pub fn start() {
    let Some(log) = dom::one("[data-log]") else { return };
    log.set_scroll_top(log.scroll_height());
    dom::on(&document(), "input", |event| {
        if dom::at(&event, "[data-log-find]").is_some() {
            narrow();
        }
    });
    let Some(url) = log.get_attribute("data-follow") else { return };
    STATE.with_borrow_mut(|state| state.url = url);
    connect();
    dom::on(&document(), "click", |event| {
        if let Some(button) = dom::at(&event, "[data-log-pause]") {
            pause(&button);
        }
    });
    dom::on(&window(), "pagehide", |_| close());
}

fn connect() {
    let url = STATE.with_borrow(|state| match (state.url.split_once("after="), state.last.as_str()) {
        (_, "") => state.url.clone(),
        // The names and numbers of a place need no escaping.
        (Some((before, _)), last) => format!("{before}after={last}"),
        (None, last) => format!("{}{}after={last}", state.url, if state.url.contains('?') { '&' } else { '?' }),
    });
    let Ok(source) = EventSource::new(&url) else { return };
    dom::on(&source, "lines", |event| {
        if let Some(message) = event.dyn_ref::<MessageEvent>() {
            STATE.with_borrow_mut(|state| state.last = message.last_event_id());
            append(&message.data().as_string().unwrap_or_default());
        }
    });
    dom::on(&source, "ended", |_| {
        close();
        say("It has ended: these are its last lines.");
        dom::show("[data-log-pause]", false);
    });
    dom::on(&source, "signed-out", |_| {
        close();
        if dom::one("form[aria-busy]").is_none() {
            drop(window().location().reload());
        }
    });
    dom::on(&source, "open", |_| say("It still runs: what it writes next comes by itself."));
    dom::on(&source, "error", |event| {
        let refused = event.target().and_then(|source| source.dyn_into::<EventSource>().ok());
        if refused.is_some_and(|source| source.ready_state() == EventSource::CLOSED) {
            // A refusal, such as too many at once, or a portal that restarts: the browser does not come back by itself.
            say("The connection is lost. It is tried again in ten seconds.");
            let again = Closure::once_into_js(|| {
                if STATE.with_borrow(|state| state.source.is_some()) {
                    connect();
                }
            });
            let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(again.unchecked_ref(), 10_000);
        } else {
            say("Reconnecting; no line is lost.");
        }
    });
    STATE.with_borrow_mut(|state| state.source = Some(source));
}

fn close() {
    if let Some(source) = STATE.with_borrow_mut(|state| state.source.take()) {
        source.close();
    }
}

/// A paused log takes no lines at all, and goes on exactly where it was.
fn pause(button: &Element) {
    let running = STATE.with_borrow(|state| state.source.is_some());
    if running {
        close();
        say("Paused. What is written meanwhile comes when you go on.");
    } else {
        connect();
    }
    button.set_text_content(Some(if running { "Go on" } else { "Pause" }));
    let _ = button.set_attribute("aria-pressed", if running { "true" } else { "false" });
}

fn say(text: &str) {
    if let Some(state) = dom::one("[data-log-state]") {
        state.set_text_content(Some(text));
    }
}

fn append(markup: &str) {
    let Some(log) = dom::one("[data-log]") else { return };
    // Whoever has scrolled up reads there.
    let follows = log.scroll_height() - log.scroll_top() - log.client_height() < 40;
    let _ = log.insert_adjacent_html("beforeend", markup);
    let mut dropped = false;
    while log.child_element_count() > MOST {
        let Some(first) = log.first_element_child() else { break };
        first.remove();
        dropped = true;
    }
    if dropped {
        dom::show("[data-log-dropped]", true);
    }
    if !wanted().is_empty() {
        narrow();
    }
    if follows {
        log.set_scroll_top(log.scroll_height());
    }
}

fn wanted() -> String {
    let field = dom::one("[data-log-find]").and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    field.map(|field| field.value().to_lowercase()).unwrap_or_default()
}

/// Shows only the lines with what is typed, and says how many those are.
fn narrow() {
    let wanted = wanted();
    let mut found = 0;
    for line in dom::all("[data-log] > div") {
        let fits = wanted.is_empty() || line.text_content().unwrap_or_default().to_lowercase().contains(&wanted);
        found += usize::from(fits);
        let _ = line.toggle_attribute_with_force("hidden", !fits);
    }
    if let Some(told) = dom::one("[data-log-found]") {
        told.set_text_content(Some(&if wanted.is_empty() { String::new() } else { format!("{found} lines") }));
    }
}
