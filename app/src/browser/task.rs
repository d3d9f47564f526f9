//! How do the fields of a new task, its file and what is said about it stay in step? Each change is shown to the server, which
//! answers with the whole page; its parts take the place of those that are there.

use super::{dom, morph::morph, read};
use crate::paths;
use leptos::prelude::{document, set_timeout};
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, Element, FormData, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, UrlSearchParams};

/// How long a hand rests before the server is asked.
const REST: Duration = Duration::from_millis(350);

#[derive(Clone)]
struct Page {
    fields: HtmlFormElement,
    file: HtmlFormElement,
    /// Counts what was typed, so that only the last is asked about.
    latest: Rc<Cell<u32>>,
}

pub fn start() {
    let form = |selector: &str| dom::one(selector).and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let (Some(fields), Some(file)) = (form("#task-fields"), form("#task-file")) else { return };
    // With scripts the file follows the fields by itself, and can be one of this computer.
    dom::show("#show-file", false);
    dom::show("#open-file", true);
    let page = Page { fields: fields.clone(), file: file.clone(), latest: Rc::default() };
    for kind in ["input", "change"] {
        let page = page.clone();
        dom::on(&fields, kind, move |_| page.clone().ask(true));
    }
    let typing = page.clone();
    dom::on(&file, "input", move |event| {
        if dom::at(&event, "#file").is_some() {
            typing.clone().ask(false);
        }
    });
    if let Some(upload) = dom::one("#upload") {
        dom::on(&upload, "change", move |event| {
            let chosen = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(chosen) = chosen.and_then(|input| input.files()).and_then(|files| files.get(0)) {
                let page = page.clone();
                spawn_local(async move {
                    if let Some(text) = JsFuture::from(chosen.text()).await.ok().and_then(|text| text.as_string()) {
                        write(&text);
                        page.ask(false);
                    }
                });
            }
        });
    }
}

impl Page {
    /// Asks once the hand rests. From the fields comes the file; from the file come the fields.
    fn ask(self, from_fields: bool) {
        let mine = self.latest.get().wrapping_add(1);
        self.latest.set(mine);
        set_timeout(
            move || {
                if self.latest.get() != mine {
                    return;
                }
                let (form, act) = if from_fields { (&self.fields, "show") } else { (&self.file, "look") };
                let Some(body) = sent(form, act) else { return };
                spawn_local(async move {
                    let latest = Rc::clone(&self.latest);
                    let Some(answer) = read::posted(paths::NEW_TASK, &body, || latest.get() == mine).await else { return };
                    if from_fields {
                        if let Some(file) = answer.query_selector("#file").ok().flatten() {
                            write(&file.text_content().unwrap_or_default());
                        }
                    } else if let Some(new) = answer.query_selector("#task-fields:not([data-stale])").ok().flatten() {
                        morph(&self.fields, &new);
                        dom::show("#show-file", false);
                        fill_in(&self.fields, &answer);
                    }
                });
            },
            REST,
        );
    }
}

/// What a form holds, as it is sent.
fn sent(form: &HtmlFormElement, act: &str) -> Option<UrlSearchParams> {
    let pairs = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form).ok()?.into()).ok()?;
    pairs.append("do", act);
    Some(pairs)
}

fn write(text: &str) {
    if let Some(area) = dom::one("#file").and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok()) {
        area.set_value(text);
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
