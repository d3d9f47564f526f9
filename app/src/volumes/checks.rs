//! Is what was typed right, and what would come of it? The first is asked in the browser while typing, by the same rule that the
//! server asks when the form arrives; the second of the page's own address, which shows any form as it is filled in.

use crate::{
    browser::{dom, read},
    paths,
};
use domain::{
    problem::FieldErrors,
    quantity::Size,
    volume::{VolumeForm, taken},
};
use leptos::prelude::*;
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, EventTarget, FormData, HtmlElement, HtmlFormElement, HtmlInputElement, UrlSearchParams};

/// In the order of the page: the first that is wrong gets the focus.
const FIELDS: [&str; 7] = ["name", "size", "access", "class", "description", "mount_path", "labels"];

/// Watches the form of [`new_volume`](super::form): a field is judged when it is left, and from then on while it is
/// changed, so that its sentence goes when it is mended. Nothing wrong is sent.
pub fn start() {
    let Some(form) = dom::one("#new-volume").and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else { return };
    // With scripts there is the sum; what would be made shows by itself, and the button asks the cluster about it.
    dom::show("#data-help", true);
    let latest = Rc::new(Cell::new(0));
    for kind in ["focusout", "input", "submit"] {
        let check = Check { form: form.clone(), latest: Rc::clone(&latest) };
        dom::on(&form, kind, move |event| check.on(kind, &event));
    }
    if dom::within(&form, "[name]").iter().any(dom::is_typed) {
        let check = Check { form, latest };
        check.hint(&typed(&check.form));
        check.preview();
    }
}

struct Check {
    form: HtmlFormElement,
    /// Counts what was typed, so that only the last is asked about.
    latest: Rc<Cell<u32>>,
}

/// How long a hand rests before the preview is asked for; and at least and at most, before it is asked for again when it failed.
const REST: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

impl Check {
    fn on(&self, kind: &str, event: &Event) {
        if kind == "input" {
            // What the cluster said was about another form.
            dom::show("#verdict", false);
            self.fill_in_size(event);
            self.preview();
        }
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
        self.hint(&typed);
        let Some(field) = field_of(event.target()) else { return };
        let said = self.slot(&field).and_then(|slot| slot.text_content()).is_some_and(|text| !text.is_empty());
        // An empty name was not typed yet: that is for the submission to say.
        let untouched = field == "name" && typed.name.is_empty();
        if said || (kind == "focusout" && !untouched) {
            self.say(&field, &errors);
        }
    }

    /// The size for this much data.
    fn fill_in_size(&self, event: &Event) {
        let data = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()).filter(|input| input.id() == "data-size");
        if let Some(size) = data.and_then(|input| Size::typed(&input.value()).ok())
            && let Some(control) = self.control("size").and_then(|control| control.dyn_into::<HtmlInputElement>().ok())
        {
            control.set_value(&size.size.with_spare().to_string());
        }
    }

    /// What would be made, as the server says it, once the hand rests.
    fn preview(&self) {
        self.latest.set(self.latest.get().wrapping_add(1));
        ask(self.form.clone(), Rc::clone(&self.latest), REST);
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
            count.set_text_content(typed.name_count().as_deref());
        }
        let Some(hint) = document().get_element_by_id("size-hint") else { return };
        hint.set_text_content(Some(&format!("{}Plan a fifth more than your data needs.", typed.size_note())));
    }

    fn slot(&self, field: &str) -> Option<Element> {
        document().get_element_by_id(&format!("{field}-error"))
    }

    fn control(&self, field: &str) -> Option<HtmlElement> {
        self.form.query_selector(&format!("[name={field}]")).ok()??.dyn_into().ok()
    }
}

/// Brings the preview after this pause, unless more is typed meanwhile. While it cannot be read, the page says so.
fn ask(form: HtmlFormElement, latest: Rc<Cell<u32>>, pause: Duration) {
    let mine = latest.get();
    set_timeout(
        move || {
            let Some(url) = filled_in(&form).filter(|_| latest.get() == mine) else { return };
            spawn_local(async move {
                let is_read = read::parts(&url, || latest.get() == mine).await;
                if latest.get() == mine {
                    dom::show("#preview-failed", !is_read);
                    if !is_read {
                        ask(form, latest, (pause * 2).clamp(PAUSE, LONGEST));
                    }
                }
            });
        },
        pause,
    );
}

/// The address of the page with this form filled in.
fn filled_in(form: &HtmlFormElement) -> Option<String> {
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form).ok()?.into()).ok()?;
    let preset = form.query_selector("#preview").ok()??.get_attribute("value")?;
    fields.append("preset", &preset);
    Some(format!("{}?{}", paths::NEW_VOLUME, String::from(fields.to_string())))
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
        labels: text("labels"),
    }
}

/// The field that an event belongs to; the unit and the sum belong to the size.
fn field_of(target: Option<EventTarget>) -> Option<String> {
    let element = target?.dyn_into::<Element>().ok()?;
    match element.get_attribute("name") {
        Some(name) if name == "unit" => Some("size".into()),
        None if element.id() == "data-size" => Some("size".into()),
        name => name,
    }
}
