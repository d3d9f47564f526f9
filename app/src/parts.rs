//! How does a page about one thing stay true? Its parts are read again from its own address and swapped where they differ.
//!
//! Such a page has much markup and little to keep in the browser. As islands its views took the download over its budget; as
//! server-rendered parts they cost none, and there is one rendering of each fact.

use crate::{live, paths, request, ui::icon};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Document, DomParser, Element, SupportedType};

/// Follows the page it stands on, by `stream` and from `revision` on. Shows nothing while all is well.
#[island]
pub fn Follow(stream: String, revision: String) -> impl IntoView {
    let gone = RwSignal::new(false);
    let list = if stream == paths::LIVE { paths::VOLUMES } else { paths::ADMIN_VOLUMES };
    let current = live::on_change(stream, revision, move || async move {
        if gone.get_untracked() {
            return None;
        }
        let page = request::page(&window().location().href().ok()?).await.ok()?;
        gone.set(page.status == 404);
        if gone.get_untracked() {
            end(&document());
        }
        if page.status != 200 {
            return None;
        }
        let parsed = DomParser::new().ok()?.parse_from_string(&page.text, SupportedType::TextHtml).ok()?;
        swap(&document(), &parsed);
        parsed.query_selector("[data-revision]").ok()??.get_attribute("data-revision")
    });
    view! {
        <span class="chip stale" class:gone=move || current.get() || gone.get() role="status">{icon("warn")}"reconnecting"</span>
        <section class="cause calm" class:gone=move || !gone.get() role="status">
            {icon("leaving")}
            <div><h2>"This is gone"</h2><p>"The cluster has removed it. What you see below is the last that was known. "<a href=list>"Back to the list"</a></p></div>
        </section>
    }
}

/// What was true of a thing that is gone no longer is: its state, its cause, what could be done with it.
fn end(page: &Document) {
    for (part, text) in [("status", Some("Deleted")), ("cause", None), ("actions", None)] {
        if let Ok(Some(part)) = page.query_selector(&format!("[data-part={part}]")) {
            part.set_text_content(text);
        }
    }
}

/// Puts the new page's parts in the place of the old ones, where they differ.
fn swap(old: &Document, new: &Document) {
    let Ok(parts) = old.query_selector_all("[data-part]") else { return };
    for index in 0..parts.length() {
        let Some(part) = parts.item(index).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        let name = part.get_attribute("data-part").unwrap_or_default();
        let Ok(Some(next)) = new.query_selector(&format!("[data-part={name}]")) else { continue };
        if ageless(&part) != ageless(&next)
            && let Ok(next) = old.import_node_with_deep(&next, true)
        {
            let _ = part.replace_with_with_node_1(&next);
        }
    }
}

/// The markup without its ages: those run by themselves, so they are no difference.
fn ageless(part: &Element) -> Option<String> {
    let copy = part.clone_node_with_deep(true).ok()?.dyn_into::<Element>().ok()?;
    let ages = copy.query_selector_all("time[data-since]").ok()?;
    for index in 0..ages.length() {
        ages.item(index)?.set_text_content(None);
    }
    Some(copy.outer_html())
}
