//! How is the page's markup found and listened to?

use leptos::prelude::document;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Event, EventTarget, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, NodeList};

pub fn one(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok()?
}

pub fn all(selector: &str) -> Vec<Element> {
    document().query_selector_all(selector).map(elements).unwrap_or_default()
}

pub fn within(root: &Element, selector: &str) -> Vec<Element> {
    root.query_selector_all(selector).map(elements).unwrap_or_default()
}

fn elements(list: NodeList) -> Vec<Element> {
    (0..list.length()).filter_map(|index| list.item(index)?.dyn_into().ok()).collect()
}

/// Listens as long as the page lives.
pub fn on(target: &EventTarget, kind: &str, hear: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(hear);
    let _ = target.add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref());
    listener.forget();
}

/// The nearest element that fits, from where the event happened outwards.
pub fn at(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

pub fn show(selector: &str, visible: bool) {
    for element in all(selector) {
        let _ = element.toggle_attribute_with_force("hidden", !visible);
    }
}

pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Whether a field holds something else than its markup says: somebody changed it before there was a script that heard of it.
pub fn is_typed(field: &Element) -> bool {
    if let Some(field) = field.dyn_ref::<HtmlInputElement>() {
        field.value() != field.default_value() || field.checked() != field.default_checked()
    } else if let Some(field) = field.dyn_ref::<HtmlTextAreaElement>() {
        field.default_value().is_ok_and(|says| says != field.value())
    } else if let Some(field) = field.dyn_ref::<HtmlSelectElement>() {
        let says = |selector| field.query_selector(selector).ok().flatten();
        let first = says("option[selected]").or_else(|| says("option"));
        first.is_some_and(|first| first.get_attribute("value").unwrap_or_default() != field.value())
    } else {
        false
    }
}
