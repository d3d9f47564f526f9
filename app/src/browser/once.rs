//! What happens when a form is sent a second time, by a double click or an impatient Enter? Nothing, while the first is under way.
//!
//! Its answer is another page, where a form that was refused stands as new. Nothing but the browser knows of one whose answer was
//! stopped, so that a form may be sent again after [`PATIENCE`].

use super::dom;
use leptos::prelude::{document, set_timeout, window};
use std::time::Duration;
use web_sys::Element;

const PATIENCE: Duration = Duration::from_secs(30);

pub fn start() {
    dom::on(&document(), "submit", |event| {
        let Some(form) = dom::at(&event, "form[method=post]:not([data-turn])") else { return };
        // What the form's own check has stopped is not sent.
        if event.default_prevented() {
            return;
        }
        if form.has_attribute("aria-busy") {
            event.prevent_default();
            return;
        }
        mark(&form, true);
        set_timeout(move || mark(&form, false), PATIENCE);
    });
    // Back, from the browser's memory.
    dom::on(&window(), "pageshow", |_| dom::all("form[aria-busy]").iter().for_each(|form| mark(form, false)));
}

/// Not `disabled`: that would take the focus away, and the button's own value out of what is sent.
fn mark(form: &Element, busy: bool) {
    let set = |element: &Element, name: &str, value: &str| {
        let _ = if busy { element.set_attribute(name, value) } else { element.remove_attribute(name) };
    };
    set(form, "aria-busy", "true");
    // The page may follow the cluster meanwhile; new markup knows nothing of this.
    set(form, "data-keep", "");
    dom::within(form, "button").iter().for_each(|button| set(button, "aria-disabled", "true"));
}
