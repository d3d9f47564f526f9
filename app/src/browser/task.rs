//! How do the fields of a new task, its file and what is said about it stay in step? Each change is shown to the server, which
//! answers with the whole page; its parts take the place of those that are there.

use super::{dom, morph::morph, read};
use crate::paths;
use leptos::prelude::{document, set_timeout};
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Document, Element, Event, FormData, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, UrlSearchParams,
};

/// How long a hand rests before the server is asked.
const REST: Duration = Duration::from_millis(350);

#[derive(Clone)]
struct Page {
    form: HtmlFormElement,
    fields: Element,
    /// Counts what was typed, so that only the last is asked about.
    latest: Rc<Cell<u32>>,
}

pub fn start() {
    let form = dom::one("#task").and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let (Some(form), Some(fields)) = (form, dom::one("#task-fields")) else { return };
    // What is done by itself with scripts needs no button.
    plain();
    meant("");
    let page = Page { form: form.clone(), fields, latest: Rc::default() };
    for kind in ["input", "change"] {
        let page = page.clone();
        dom::on(&form, kind, move |event| {
            let in_file = dom::at(&event, "#file").is_some();
            if in_file || dom::at(&event, "#task-fields").is_some() || dom::at(&event, "[name=kept]").is_some() {
                page.clone().ask(dom::at(&event, "#task-fields").is_some());
            }
        });
    }
    // Somebody was faster than this script, or the browser filled in again what had been typed. The file says the most.
    let mut known = dom::within(&form, "#file, [name=kept]").into_iter().chain(dom::within(&page.fields, "[name]"));
    if let Some(typed) = known.find(dom::is_typed) {
        page.ask(typed.closest("#task-fields").is_ok_and(|fields| fields.is_some()));
    }
}

fn plain() {
    dom::show("#show-file", false);
}

/// What is submitted: the fields, until the file says the same; else the file.
fn meant(which: &str) {
    if let Some(shown) = dom::one("#shown").and_then(|shown| shown.dyn_into::<HtmlInputElement>().ok()) {
        shown.set_value(which);
    }
}

impl Page {
    /// Asks once the hand rests. From the fields comes the file; from the file come the fields.
    fn ask(self, from_fields: bool) {
        let mine = self.latest.get().wrapping_add(1);
        self.latest.set(mine);
        meant(if from_fields { "fields" } else { "" });
        set_timeout(
            move || {
                if self.latest.get() != mine {
                    return;
                }
                let Some(body) = sent(&self.form, if from_fields { "show" } else { "look" }) else { return };
                spawn_local(async move {
                    let latest = Rc::clone(&self.latest);
                    let Some(answer) = read::posted(paths::NEW_TASK, &body, || latest.get() == mine).await else { return };
                    if latest.get() != mine {
                        return;
                    }
                    if from_fields {
                        if let Some(file) = answer.query_selector("#file").ok().flatten() {
                            write(&file.text_content().unwrap_or_default());
                            meant("");
                        }
                    } else if let Some(new) = answer.query_selector("#task-fields:not([data-stale])").ok().flatten() {
                        morph(&self.fields, &new);
                        plain();
                        fill_in(&self.fields, &answer);
                    }
                });
            },
            REST,
        );
    }
}

/// What a form holds, as it is sent; without files that are being chosen.
fn sent(form: &HtmlFormElement, act: &str) -> Option<UrlSearchParams> {
    let pairs = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form).ok()?.into()).ok()?;
    for chosen in ["upload", "attach", "folder"] {
        pairs.delete(chosen);
    }
    pairs.append("do", act);
    Some(pairs)
}

/// The editor in front of it is told.
fn write(text: &str) {
    if let Some(area) = dom::one("#file").and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok()) {
        area.set_value(text);
        if let Ok(event) = Event::new("written") {
            let _ = area.dispatch_event(&event);
        }
    }
}

/// Markup says what a field begins with; what somebody typed into it outweighs that until it is set.
fn fill_in(fields: &Element, answer: &Document) {
    for old in dom::within(fields, "[name]") {
        let name = old.get_attribute("name").unwrap_or_default();
        let Some(new) = answer.query_selector(&format!("#task-fields [name={name}]")).ok().flatten() else { continue };
        if document().active_element().as_ref() == Some(&old) {
            continue;
        }
        if let Some(old) = old.dyn_ref::<HtmlInputElement>() {
            old.set_checked(new.has_attribute("checked"));
            old.set_value(&new.get_attribute("value").unwrap_or_default());
        } else if let Some(old) = old.dyn_ref::<HtmlTextAreaElement>() {
            old.set_value(&new.text_content().unwrap_or_default());
        } else if let (Some(old), Some(new)) = (old.dyn_ref::<HtmlSelectElement>(), new.dyn_ref::<HtmlSelectElement>()) {
            old.set_value(&new.value());
        }
    }
}
