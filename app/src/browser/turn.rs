//! How does a list answer at once? Links and forms marked `data-turn` are read and put in place, with their address in the
//! history, instead of loading a page. A form that is a post is posted first, and leads to the address to show.

use super::{
    dom, follow,
    read::{self, Read},
    rows,
};
use crate::request;
use leptos::prelude::{document, set_timeout, window};
use std::{cell::Cell, time::Duration};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlAnchorElement, HtmlFormElement, HtmlInputElement, MouseEvent, UrlSearchParams};

/// Typing rests this long before the list follows it.
const REST: Duration = Duration::from_millis(120);

thread_local! {
    /// Grows with every turn and every key: only the last of them turns the page.
    static TURN: Cell<u32> = const { Cell::new(0) };
    /// Whether it was a key that turned the page last.
    static TYPED: Cell<bool> = const { Cell::new(false) };
}

pub fn start() {
    dom::on(&document(), "click", |event| {
        let Some(link) = dom::at(&event, "a[data-turn]").and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) else { return };
        // A click that opens another tab is the browser's.
        if event
            .dyn_ref::<MouseEvent>()
            .is_some_and(|click| click.button() == 0 && !click.ctrl_key() && !click.meta_key() && !click.shift_key())
        {
            event.prevent_default();
            TYPED.set(false);
            turn(&link.href(), true);
        }
    });
    dom::on(&document(), "submit", |event| {
        let Some(form) = dom::at(&event, "form[data-turn]") else { return };
        event.prevent_default();
        settle(&form);
        send(&form, true);
    });
    // Choices act at once, and so does typing once it rests.
    dom::on(&document(), "change", |event| {
        if let Some(form) = dom::at(&event, "form[data-turn]").filter(|_| dom::at(&event, "select, [type=checkbox]").is_some()) {
            send(&form, false);
        }
    });
    dom::on(&document(), "input", |event| {
        let Some(form) = dom::at(&event, "form[data-turn]").filter(|_| dom::at(&event, "[type=search]").is_some()) else { return };
        let turn_now = next();
        TYPED.set(true);
        set_timeout(
            move || {
                if let Some(form) = form.dyn_ref::<HtmlFormElement>().filter(|_| TURN.get() == turn_now) {
                    turn(&address(form), false);
                }
            },
            REST,
        );
    });
    // Links within a page come here, too; a page that does not follow the cluster may hold what somebody types.
    dom::on(&window(), "popstate", |_| {
        if dom::one("[data-stream]").is_some() {
            TYPED.set(false);
            show();
        }
    });
    // What was typed or chosen before this script came. A post is made by whoever presses its button.
    let early = dom::all("form[data-turn]:not([method=post])").into_iter();
    if let Some(form) = early.into_iter().find(|form| dom::within(form, "[type=search], select, [type=checkbox]").iter().any(dom::is_typed))
    {
        send(&form, false);
        TYPED.set(true);
    }
}

fn next() -> u32 {
    TURN.set(TURN.get().wrapping_add(1));
    TURN.get()
}

/// Where the form leads, or for a post, where its answer does.
fn send(form: &Element, in_history: bool) {
    TYPED.set(false);
    let Some(form) = form.dyn_ref::<HtmlFormElement>().cloned() else { return };
    if form.method() != "post" {
        return turn(&address(&form), in_history);
    }
    let Some(fields) = fields(&form) else { return };
    let (mine, newest) = (next(), follow::newest());
    wasm_bindgen_futures::spawn_local(async move {
        match request::post(&form.action(), &fields).await {
            // Whoever turned the page meanwhile shows it.
            Ok(_) if TURN.get() != mine => {}
            Ok(answer) if answer.status == 200 => {
                go(&answer.url, false);
                prepare();
                done(read::show(&answer), newest);
            }
            // Whatever it is, the browser shows it better.
            Ok(_) | Err(_) => drop(form.submit()),
        }
    });
}

/// What was typed becomes a term of the filter, and the field is free for the next.
fn settle(form: &Element) {
    let input = |name: &str| form.query_selector(&format!("input[name={name}]")).ok()??.dyn_into::<HtmlInputElement>().ok();
    if let (Some(settled), Some(typed)) = (input("q"), input("find")) {
        settled.set_value(format!("{} {}", settled.value(), typed.value()).trim());
        typed.set_value("");
    }
}

fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form).ok()?.into()).ok()
}

/// Where the form leads; fields that are empty are left out.
fn address(form: &HtmlFormElement) -> String {
    let query = fields(form).map(|query| String::from(query.to_string())).unwrap_or_default();
    let filled: Vec<_> = query.split('&').filter(|pair| !pair.ends_with('=')).collect();
    format!("{}?{}", form.action(), filled.join("&"))
}

fn turn(url: &str, in_history: bool) {
    go(url, in_history);
    show();
}

/// The page's address, without reading it.
fn go(url: &str, in_history: bool) {
    if let Ok(history) = window().history() {
        let _ = if in_history {
            history.push_state_with_url(&JsValue::NULL, "", Some(url))
        } else {
            history.replace_state_with_url(&JsValue::NULL, "", Some(url))
        };
    }
}

fn show() {
    next();
    prepare();
    let newest = follow::newest();
    wasm_bindgen_futures::spawn_local(async move { done(read::page().await, newest) });
}

fn prepare() {
    rows::turned();
    read::turned();
}

fn done(read: Read, newest: String) {
    match read {
        Read::Shown { revision } => follow::shows(revision, newest),
        Read::Late => {}
        Read::Unanswered => follow::failed(),
        // Whatever it is, the browser shows it better.
        Read::Gone | Read::Other(_) => drop(window().location().reload()),
    }
}

/// Another page is shown: its controls say what its markup says, whatever was typed, ticked or chosen on the one before. But not the
/// form that somebody is typing in: their text is ahead of the page that it brings.
pub fn reset() {
    let typed_in = document().active_element().filter(|_| TYPED.get()).and_then(|element| element.closest("form").ok()?);
    for form in dom::all("form[data-turn], form#rows").into_iter().filter(|form| Some(form) != typed_in.as_ref()) {
        if let Ok(form) = form.dyn_into::<HtmlFormElement>() {
            form.reset();
        }
    }
}
