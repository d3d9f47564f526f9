//! What does a key do? What the page's own list of shortcuts says (`data-key`, see `ui::shortcuts`); nothing while somebody types.

use super::{dom, rows};
use leptos::prelude::document;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

thread_local! {
    /// The first key of two.
    static FIRST: RefCell<String> = const { RefCell::new(String::new()) };
}

pub fn start() {
    dom::on(&document(), "keydown", |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        let name = if key.ctrl_key() || key.meta_key() { format!("Ctrl+{}", key.key().to_uppercase()) } else { key.key() };
        let typing = dom::at(&event, "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]").is_some();
        if key.alt_key() || (typing && !name.starts_with("Ctrl+")) || key.is_composing() {
            return;
        }
        let both = FIRST.with_borrow_mut(|first| format!("{} {name}", std::mem::take(first)));
        let all = dom::all("[data-key]");
        let bound = |keys: &str| all.iter().find(|element| element.get_attribute("data-key").as_deref() == Some(keys));
        if let Some(target) = bound(&both).or_else(|| bound(&name)) {
            event.prevent_default();
            act(target);
        } else if all.iter().any(|element| element.get_attribute("data-key").is_some_and(|keys| keys.starts_with(&format!("{name} ")))) {
            FIRST.set(name);
        }
    });
}

fn act(target: &Element) {
    match target.get_attribute("data-does").as_deref() {
        Some("next") => rows::step(true),
        Some("previous") => rows::step(false),
        Some("choose") => rows::choose(),
        Some(press) if press.starts_with("click ") => {
            if let Some(element) =
                press.strip_prefix("click ").and_then(dom::one).and_then(|element| element.dyn_into::<HtmlElement>().ok())
            {
                element.click();
            }
        }
        Some(selector) if selector.starts_with('#') => {
            if let Some(element) = dom::one(selector) {
                dom::focus(&element);
            }
        }
        _ => {
            if let Some(element) = target.dyn_ref::<HtmlElement>() {
                element.click();
            }
        }
    }
}
