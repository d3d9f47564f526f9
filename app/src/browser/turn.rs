//! How does a list answer at once? Links and forms marked `data-turn` are read and put in place, with their address in the
//! history, instead of loading a page.

use super::{
    dom, follow,
    read::{self, Read},
    rows,
};
use leptos::prelude::{document, set_timeout, window};
use std::{cell::Cell, time::Duration};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlAnchorElement, HtmlFormElement, HtmlInputElement, MouseEvent, UrlSearchParams};

/// Typing rests this long before the list follows it.
const REST: Duration = Duration::from_millis(120);

thread_local! {
    /// Grows with every turn and every key: only the last of them turns the page.
    static TURN: Cell<u32> = const { Cell::new(0) };
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
            turn(&link.href(), true);
        }
    });
    dom::on(&document(), "submit", |event| {
        let Some(form) = dom::at(&event, "form[data-turn]") else { return };
        event.prevent_default();
        settle(&form);
        turn(&address(&form), true);
    });
    // Choices act at once, and so does typing once it rests.
    dom::on(&document(), "change", |event| {
        if let Some(form) = dom::at(&event, "form[data-turn]").filter(|_| dom::at(&event, "select, [type=checkbox]").is_some()) {
            turn(&address(&form), false);
        }
    });
    dom::on(&document(), "input", |event| {
        let Some(form) = dom::at(&event, "form[data-turn]").filter(|_| dom::at(&event, "[type=search]").is_some()) else { return };
        let turn_now = next();
        set_timeout(
            move || {
                if TURN.get() == turn_now {
                    turn(&address(&form), false);
                }
            },
            REST,
        );
    });
    // Links within a page come here, too; a page that does not follow the cluster may hold what somebody types.
    dom::on(&window(), "popstate", |_| {
        if dom::one("[data-stream]").is_some() {
            show();
        }
    });
}

fn next() -> u32 {
    TURN.set(TURN.get().wrapping_add(1));
    TURN.get()
}

/// What was typed becomes a term of the filter, and the field is free for the next.
fn settle(form: &Element) {
    let input = |name: &str| form.query_selector(&format!("input[name={name}]")).ok()??.dyn_into::<HtmlInputElement>().ok();
    if let (Some(settled), Some(typed)) = (input("q"), input("find")) {
        settled.set_value(format!("{} {}", settled.value(), typed.value()).trim());
        typed.set_value("");
    }
}

/// Where the form leads; fields that are empty are left out.
fn address(form: &Element) -> String {
    let Some(form) = form.dyn_ref::<HtmlFormElement>() else { return read::here() };
    let data = FormData::new_with_form(form).map(JsValue::from);
    let query = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data));
    let query = query.map(|query| String::from(query.to_string())).unwrap_or_default();
    let filled: Vec<_> = query.split('&').filter(|pair| !pair.ends_with('=')).collect();
    format!("{}?{}", form.action(), filled.join("&"))
}

fn turn(url: &str, in_history: bool) {
    if let Ok(history) = window().history() {
        let _ = if in_history {
            history.push_state_with_url(&JsValue::NULL, "", Some(url))
        } else {
            history.replace_state_with_url(&JsValue::NULL, "", Some(url))
        };
    }
    show();
}

fn show() {
    next();
    rows::let_go();
    wasm_bindgen_futures::spawn_local(async {
        match read::page().await {
            Read::Shown { revision } => follow::shows(revision),
            Read::Late => {}
            // Whatever it is, the browser shows it better.
            Read::Gone | Read::Failed => drop(window().location().reload()),
        }
    });
}
