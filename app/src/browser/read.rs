//! How is a page read again, and put in the place of what is shown?

use super::{dom, morph::morph, rows, turn};
use crate::request::{self, Answer};
use leptos::prelude::{document, window};
use std::cell::{Cell, RefCell};
use web_sys::{Document, DomParser, SupportedType, UrlSearchParams};

thread_local! {
    /// The newest page that could not wholly be shown, since it would have moved what is under the pointer.
    static WAITING: RefCell<Option<Document>> = const { RefCell::new(None) };
    /// Counts the pages that were turned to; and which of them is shown. A reading of an earlier one comes too late.
    static WANTED: Cell<u32> = const { Cell::new(0) };
    static SHOWN: Cell<u32> = const { Cell::new(0) };
}

/// What came of a reading.
pub enum Read {
    /// At this revision of what the page shows.
    Shown {
        revision: String,
    },
    Gone,
    /// Nothing came, or not in time.
    Unanswered,
    /// Something else came, with this status: a refusal, an error, the way to sign-in (0).
    Other(u16),
    /// Meanwhile the page was turned: the answer is to a question of before.
    Late,
}

/// Reads the page at this page's address and shows it in the place of what is there.
pub async fn page() -> Read {
    let (url, wanted) = (here(), WANTED.get());
    let answer = request::page(&url).await;
    match answer {
        _ if here() != url || WANTED.get() != wanted => Read::Late,
        Ok(answer) => show(&answer),
        Err(_) => Read::Unanswered,
    }
}

/// Another page is about to be read here: what waited for the pointer is of the one before.
pub fn turned() {
    WANTED.set(WANTED.get().wrapping_add(1));
    WAITING.set(None);
}

/// Shows what was read, if it is a page that follows the cluster.
pub fn show(answer: &Answer) -> Read {
    if answer.status == 404 {
        return Read::Gone;
    }
    let parsed = DomParser::new().and_then(|parser| parser.parse_from_string(&answer.text, SupportedType::TextHtml));
    let revision = |page: &Document| page.query_selector("[data-revision]").ok()??.get_attribute("data-revision");
    let Some((revision, page)) = parsed.ok().and_then(|page| Some((revision(&page)?, page))) else { return Read::Other(answer.status) };
    let turned = SHOWN.replace(WANTED.get()) != WANTED.get();
    let held = !turned && rows::hold(&page);
    put(&page);
    if turned {
        turn::reset();
    }
    rows::count();
    WAITING.set(held.then_some(page));
    Read::Shown { revision }
}

/// Puts the parts (`data-part`) of the page at this address in the place of those that are shown, if they are still wanted when
/// they come. Answers whether the page could be read.
pub async fn parts(url: &str, is_wanted: impl FnOnce() -> bool) -> bool {
    match request::page(url).await {
        Ok(answer) => put_parts(&answer, is_wanted).is_some(),
        Err(_) => false,
    }
}

/// The same of the page that answers a form. It is handed on, for what is no part.
pub async fn posted(url: &str, form: &UrlSearchParams, is_wanted: impl FnOnce() -> bool) -> Option<Document> {
    put_parts(&request::post(url, form).await.ok()?, is_wanted)
}

/// The page that came, if it is one; shown only if it is still wanted.
fn put_parts(answer: &Answer, is_wanted: impl FnOnce() -> bool) -> Option<Document> {
    let parsed = DomParser::new().and_then(|parser| parser.parse_from_string(&answer.text, SupportedType::TextHtml));
    let page = parsed.ok().filter(|_| answer.status == 200)?;
    if !is_wanted() {
        return Some(page);
    }
    for part in dom::all("[data-part]") {
        let name = part.get_attribute("data-part").unwrap_or_default();
        if let Ok(Some(new)) = page.query_selector(&format!("[data-part={name}]")) {
            morph(&part, &new);
        }
    }
    Some(page)
}

/// Shows what waited for the pointer to leave.
pub fn release() {
    if let Some(page) = WAITING.take() {
        rows::let_go();
        put(&page);
        rows::count();
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
    }
    document().set_title(&page.title());
}

/// This page's own address.
pub fn here() -> String {
    window().location().href().unwrap_or_default()
}
