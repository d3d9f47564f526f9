//! Where to go and what to do, by typing? The found things come from the page that finds without scripts, too; here they appear
//! below the field while it is typed into.

use super::dom;
use crate::request;
use leptos::prelude::{document, set_timeout};
use std::{
    cell::{Cell, RefCell},
    time::Duration,
};
use wasm_bindgen::JsCast;
use web_sys::{DomParser, Element, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent, SupportedType};

const REST: Duration = Duration::from_millis(80);
const LINKS: &str = "#found a";

thread_local! {
    /// Grows with all that is typed, and when the field is left: an answer to what was typed before is not shown.
    static TYPED: Cell<u32> = const { Cell::new(0) };
    /// What the things below the field were found for.
    static FOUND: RefCell<Option<String>> = const { RefCell::new(None) };
}

pub fn start() {
    let Some(field) = dom::one("#palette").and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) else { return };
    for kind in ["focus", "input"] {
        let field = field.clone();
        let target = field.clone();
        dom::on(&target, kind, move |_| soon(field.clone()));
    }
    dom::on(&document(), "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>().filter(|_| dom::at(&event, ".find").is_some()) else { return };
        // Keys that choose among characters are the input method's. Safari says so by the code alone.
        if key.is_composing() || key.key_code() == 229 {
            return;
        }
        match key.key().as_str() {
            "ArrowDown" => step(1),
            "ArrowUp" => step(-1),
            // Enter in the field follows the first; on a link the browser does.
            "Enter" if dom::at(&event, "#palette").is_some() => wasm_bindgen_futures::spawn_local(follow(field.clone())),
            "Escape" => {
                close();
                if let Some(element) = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                    let _ = element.blur();
                }
            }
            _ => return,
        }
        event.prevent_default();
    });
    for kind in ["focusin", "pointerdown"] {
        dom::on(&document(), kind, |event| {
            if dom::at(&event, ".find").is_none() {
                close();
            }
        });
    }
}

fn next() -> u32 {
    TYPED.set(TYPED.get().wrapping_add(1));
    TYPED.get()
}

fn close() {
    next();
    dom::show("#found", false);
    expand(false);
}

fn expand(open: bool) {
    if let Some(field) = dom::one("#palette") {
        let _ = field.set_attribute("aria-expanded", if open { "true" } else { "false" });
    }
}

fn soon(field: HtmlInputElement) {
    let turn = next();
    set_timeout(
        move || {
            if TYPED.get() == turn {
                wasm_bindgen_futures::spawn_local(async move { find(&field.value(), turn).await.unwrap_or_default() });
            }
        },
        REST,
    );
}

/// Puts what is found below the field, unless more was typed meanwhile.
async fn find(text: &str, turn: u32) -> Option<()> {
    let answer = request::page(&format!("/find?q={}", js_sys::encode_uri_component(text))).await.ok()?;
    let page = DomParser::new().ok()?.parse_from_string(&answer.text, SupportedType::TextHtml).ok()?;
    let found = page.query_selector("[data-found]").ok()??;
    if TYPED.get() == turn && document().active_element().is_some_and(|element| matches!(element.closest(".find"), Ok(Some(_)))) {
        dom::one("#found")?.replace_children_with_node_1(&document().import_node_with_deep(&found, true).ok()?);
        FOUND.set(Some(text.to_owned()));
        dom::show("#found", true);
        expand(true);
    }
    Some(())
}

/// Goes to the first that is found for what is typed now, and waits for it if need be. Where nothing is, the page that finds says so.
async fn follow(field: HtmlInputElement) {
    let (turn, text) = (next(), field.value());
    let is_found = || FOUND.with_borrow(|found| found.as_deref() == Some(text.as_str()));
    if !is_found() {
        find(&text, turn).await.unwrap_or_default();
    }
    if TYPED.get() != turn {
        return;
    }
    match dom::one(LINKS).filter(|_| is_found()).and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        Some(link) => link.click(),
        None => {
            if let Some(form) = field.closest("form").ok().flatten().and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
                let _ = form.submit();
            }
        }
    }
}

fn step(by: i32) {
    let mut places: Vec<Element> = dom::one("#palette").into_iter().collect();
    places.extend(dom::all(LINKS));
    let now = document().active_element().and_then(|element| places.iter().position(|place| *place == element)).unwrap_or(0);
    let next = if by > 0 { (now + 1).min(places.len().saturating_sub(1)) } else { now.saturating_sub(1) };
    if let Some(place) = places.get(next) {
        dom::focus(place);
    }
}
