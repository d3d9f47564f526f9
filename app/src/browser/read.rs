//! How is a page read again, and put in the place of what is shown?

use super::{dom, morph::morph, rows};
use crate::request;
use leptos::prelude::{document, window};
use std::cell::RefCell;
use web_sys::{Document, DomParser, SupportedType};

thread_local! {
    /// The newest page that could not wholly be shown, since it would have moved what is under the pointer.
    static WAITING: RefCell<Option<Document>> = const { RefCell::new(None) };
}

/// What came of a reading.
pub enum Read {
    /// At this revision of what the page shows.
    Shown {
        revision: String,
    },
    Gone,
    Failed,
    /// Meanwhile the page was turned: the answer is to a question of before.
    Late,
}

/// Reads the page at this page's address and shows it in the place of what is there.
pub async fn page() -> Read {
    let url = here();
    let answer = request::page(&url).await;
    if here() != url {
        return Read::Late;
    }
    let Ok(answer) = answer else { return Read::Failed };
    if answer.status == 404 {
        return Read::Gone;
    }
    let parsed = DomParser::new().and_then(|parser| parser.parse_from_string(&answer.text, SupportedType::TextHtml));
    let Ok(page) = parsed else { return Read::Failed };
    // A sign-in page, or an error: only a page that follows the cluster is put here.
    let Some(revision) = page.query_selector("[data-revision]").ok().flatten().and_then(|at| at.get_attribute("data-revision")) else {
        return Read::Failed;
    };
    let held = rows::hold(&page);
    put(&page);
    WAITING.set(held.then_some(page));
    Read::Shown { revision }
}

/// Puts the parts (`data-part`) of the page at this address in the place of those that are shown, if they are still wanted when
/// they come.
pub async fn parts(url: &str, is_wanted: impl FnOnce() -> bool) {
    let Ok(answer) = request::page(url).await else { return };
    let parsed = DomParser::new().and_then(|parser| parser.parse_from_string(&answer.text, SupportedType::TextHtml));
    let Some(page) = parsed.ok().filter(|_| answer.status == 200 && is_wanted()) else { return };
    for part in dom::all("[data-part]") {
        let name = part.get_attribute("data-part").unwrap_or_default();
        if let Ok(Some(new)) = page.query_selector(&format!("[data-part={name}]")) {
            morph(&part, &new);
        }
    }
}

/// Shows what waited for the pointer to leave.
pub fn release() {
    if let Some(page) = WAITING.take() {
        rows::let_go();
        put(&page);
    }
}

fn put(page: &Document) {
    if let (Some(old), Ok(Some(new))) = (dom::one("main"), page.query_selector("main")) {
        let focused = document().active_element().and_then(|element| element.get_attribute("id"));
        morph(&old, &new);
        // A row that moved has lost the focus on the way.
        let lost = focused.and_then(|id| document().get_element_by_id(&id));
        if let Some(element) = lost.filter(|element| document().active_element().as_ref() != Some(element)) {
            dom::focus(&element);
        }
        rows::count();
    }
    document().set_title(&page.title());
}

/// This page's own address.
pub fn here() -> String {
    window().location().href().unwrap_or_default()
}
