//! Where to go and what to do, by typing? The found things come from the page that finds without scripts, too; here they appear
//! below the field while it is typed into.

use super::dom;
use crate::request;
use leptos::prelude::{document, set_timeout};
use std::{cell::Cell, time::Duration};
use wasm_bindgen::JsCast;
use web_sys::{DomParser, Element, HtmlElement, HtmlInputElement, KeyboardEvent, SupportedType};

const REST: Duration = Duration::from_millis(80);
const LINKS: &str = "#found a";

thread_local! {
    static TYPED: Cell<u32> = const { Cell::new(0) };
}

pub fn start() {
    let Some(field) = dom::one("#palette").and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) else { return };
    for kind in ["focus", "input"] {
        let field = field.clone();
        let target = field.clone();
        dom::on(&target, kind, move |_| soon(field.clone()));
    }
    dom::on(&document(), "keydown", |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>().filter(|_| dom::at(&event, ".find").is_some()) else { return };
        match key.key().as_str() {
            "ArrowDown" => step(1),
            "ArrowUp" => step(-1),
            // Enter in the field follows the first; on a link the browser does.
            "Enter" if dom::at(&event, "#palette").is_some() => {
                match dom::one(LINKS).and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
                    Some(link) => link.click(),
                    None => return,
                }
            }
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
    dom::on(&document(), "focusin", |event| {
        if dom::at(&event, ".find").is_none() {
            close();
        }
    });
    dom::on(&document(), "pointerdown", |event| {
        if dom::at(&event, ".find").is_none() {
            close();
        }
    });
}

fn close() {
    dom::show("#found", false);
    expand(false);
}

fn expand(open: bool) {
    if let Some(field) = dom::one("#palette") {
        let _ = field.set_attribute("aria-expanded", if open { "true" } else { "false" });
    }
}

fn soon(field: HtmlInputElement) {
    TYPED.set(TYPED.get().wrapping_add(1));
    let turn = TYPED.get();
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
        dom::show("#found", true);
        expand(true);
    }
    Some(())
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
