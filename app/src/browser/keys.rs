//! What does a key do? What the page's own list of shortcuts says (`data-key`, see `ui::shortcuts`); nothing while somebody types.
//!
//! Keys without Ctrl can be switched off, for people whose speech or hand presses them unmeant (WCAG 2.2, 2.1.4). The browser keeps
//! that; it is asked at each key, so that all tabs agree.

use super::{dom, rows};
use leptos::prelude::{document, window};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent, Storage};

/// Where the browser keeps whether they are off, and what it keeps then.
const SWITCH: &str = "stowage-keys";
const OFF: &str = "off";

/// Milliseconds from the first key of two to the second.
const TOGETHER: f64 = 1000.0;

/// Where keys are somebody's typing, or their choice in a form that changes something.
const BUSY: &str = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], form[method=post]";

thread_local! {
    /// The first key of two, and when it was pressed.
    static FIRST: RefCell<(String, f64)> = const { RefCell::new((String::new(), 0.0)) };
}

pub fn start() {
    switch();
    dom::on(&document(), "keydown", |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        let with_ctrl = key.ctrl_key() || key.meta_key();
        let is_meant = if with_ctrl { !key.shift_key() } else { dom::at(&event, BUSY).is_none() && !are_off() };
        if key.alt_key() || key.is_composing() || !is_meant {
            return;
        }
        let name = if with_ctrl { format!("Ctrl+{}", key.key().to_ascii_uppercase()) } else { key.key() };
        let (first, at) = FIRST.take();
        let both = if event.time_stamp() - at <= TOGETHER { format!("{first} {name}") } else { String::new() };
        let all = dom::all("[data-key]");
        let bound = |keys: &str| all.iter().find(|element| element.get_attribute("data-key").as_deref() == Some(keys));
        if let Some(target) = bound(&both).or_else(|| bound(&name)) {
            event.prevent_default();
            act(target);
        } else if all.iter().any(|element| element.get_attribute("data-key").is_some_and(|keys| keys.starts_with(&format!("{name} ")))) {
            FIRST.set((name, event.time_stamp()));
        }
    });
}

/// The box on the sheet of keys.
fn switch() {
    let Some(switch) = dom::one("#keys-on").and_then(|switch| switch.dyn_into::<HtmlInputElement>().ok()) else { return };
    switch.set_checked(!are_off());
    let target = switch.clone();
    dom::on(&target, "change", move |_| {
        if let Some(kept) = kept() {
            let _ = if switch.checked() { kept.remove_item(SWITCH) } else { kept.set_item(SWITCH, OFF) };
        }
    });
}

fn are_off() -> bool {
    kept().and_then(|kept| kept.get_item(SWITCH).ok()?).as_deref() == Some(OFF)
}

/// Nothing where the browser keeps nothing for us.
fn kept() -> Option<Storage> {
    window().local_storage().ok()?
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
