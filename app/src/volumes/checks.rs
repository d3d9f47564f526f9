//! Is what was typed right? Asked in the browser while typing, by the same rule that the server asks when the form arrives.

use domain::{
    problem::FieldErrors,
    quantity::Size,
    volume::{VolumeForm, taken},
};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Event, EventTarget, FormData, HtmlElement, HtmlFormElement};

/// In the order of the page: the first that is wrong gets the focus.
const FIELDS: [&str; 6] = ["name", "size", "access", "class", "description", "mount_path"];

/// Watches the form of [`new_volume`](super::form): a field is judged when it is left, and from then on while it is
/// changed, so that its sentence goes when it is mended. Nothing wrong is sent.
#[island]
pub fn FormChecks() -> impl IntoView {
    Effect::new(move |_| {
        let Some(form) = document().get_element_by_id("new-volume").and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
        for kind in ["focusout", "input", "submit"] {
            let check = Check { form: form.clone() };
            let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| check.on(kind, &event));
            let _ = form.add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref());
            // The form lives as long as the page.
            listener.forget();
        }
    });
}

struct Check {
    form: HtmlFormElement,
}

impl Check {
    fn on(&self, kind: &str, event: &Event) {
        let typed = typed(&self.form);
        let errors = self.errors(&typed);
        if kind == "submit" {
            for field in FIELDS {
                self.say(field, &errors);
            }
            if let Some(wrong) = FIELDS.into_iter().find(|field| errors.get(field).is_some()) {
                event.prevent_default();
                if let Some(control) = self.control(wrong) {
                    let _ = control.focus();
                }
            }
            return;
        }
        let Some(field) = field_of(event.target()) else { return };
        self.hint(&typed);
        let said = self.slot(&field).and_then(|slot| slot.text_content()).is_some_and(|text| !text.is_empty());
        // An empty name was not typed yet: that is for the submission to say.
        let untouched = field == "name" && typed.name.is_empty();
        if said || (kind == "focusout" && !untouched) {
            self.say(&field, &errors);
        }
    }

    fn errors(&self, typed: &VolumeForm) -> FieldErrors {
        let mut errors = typed.errors();
        let own = self.form.get_attribute("data-own").unwrap_or_default();
        if let Some(sentence) = taken(&typed.name, own.split(' ')) {
            errors.add("name", sentence);
        }
        errors
    }

    fn say(&self, field: &str, errors: &FieldErrors) {
        let sentence = errors.get(field);
        if let Some(slot) = self.slot(field) {
            slot.set_text_content(sentence);
        }
        if let Some(control) = self.control(field).filter(|control| control.id() == field) {
            let _ = match sentence {
                Some(_) => control.set_attribute("aria-invalid", "true"),
                None => control.remove_attribute("aria-invalid"),
            };
        }
    }

    /// How long the name is, and how the typed size was understood.
    fn hint(&self, typed: &VolumeForm) {
        if let Some(count) = document().get_element_by_id("name-count") {
            let length = typed.name.chars().count();
            count.set_text_content((length > 0).then(|| format!("{length} of 63 characters.")).as_deref());
        }
        let Some(hint) = document().get_element_by_id("size-hint") else { return };
        let read = match Size::typed(&typed.size_text()) {
            Ok(size) if size.read_as_binary => format!("Read in binary units: {}. ", size.size.rounded()),
            Ok(size) => format!("{}. ", size.size.rounded()),
            Err(_) => String::new(),
        };
        hint.set_text_content(Some(&format!("{read}Plan a fifth more than your data needs.")));
    }

    fn slot(&self, field: &str) -> Option<Element> {
        document().get_element_by_id(&format!("{field}-error"))
    }

    fn control(&self, field: &str) -> Option<HtmlElement> {
        self.form.query_selector(&format!("[name={field}]")).ok()??.dyn_into().ok()
    }
}

fn typed(form: &HtmlFormElement) -> VolumeForm {
    let data = FormData::new_with_form(form).ok();
    let text = |name: &str| data.as_ref().and_then(|data| data.get(name).as_string()).unwrap_or_default();
    VolumeForm {
        name: text("name"),
        size: text("size"),
        unit: text("unit"),
        class: text("class"),
        access: text("access"),
        description: text("description"),
        mount_path: text("mount_path"),
    }
}

/// The field that an event belongs to; the unit belongs to the size.
fn field_of(target: Option<EventTarget>) -> Option<String> {
    let name = target?.dyn_into::<Element>().ok()?.get_attribute("name")?;
    Some(if name == "unit" { "size".into() } else { name })
}
