//! Which rows are chosen, and which one has the keyboard? And: rows do not move under the pointer.

use super::{dom, read};
use leptos::prelude::document;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlInputElement, MouseEvent};

const LIST: &str = "tbody[data-rows]";
const BOXES: &str = "tbody[data-rows] input[type=checkbox]";

thread_local! {
    /// The id of the box that was clicked last: a click with Shift chooses from there.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

pub fn start() {
    dom::on(&document(), "click", |event| {
        if dom::at(&event, "[data-news]").is_some() {
            read::release();
        }
        let Some(clicked) = dom::at(&event, BOXES) else { return };
        let boxes = boxes();
        let place = |id: &str| boxes.iter().position(|one| one.id() == id);
        if event.dyn_ref::<MouseEvent>().is_some_and(MouseEvent::shift_key)
            && let (Some(from), Some(to)) = (place(&LAST.with_borrow(Clone::clone)), place(&clicked.id()))
        {
            let checked = boxes.get(to).is_some_and(HtmlInputElement::checked);
            boxes.iter().take(from.max(to) + 1).skip(from.min(to)).for_each(|one| one.set_checked(checked));
        }
        LAST.set(clicked.id());
    });
    dom::on(&document(), "change", |event| {
        if let Some(all) = dom::at(&event, "[data-choose-all]").and_then(|all| all.dyn_into::<HtmlInputElement>().ok()) {
            boxes().iter().for_each(|one| one.set_checked(all.checked()));
        }
        chose();
    });
    dom::on(&document(), "pointerout", |event| {
        let inside = |event: &MouseEvent| {
            event.related_target().and_then(|to| to.dyn_into::<Element>().ok()).is_some_and(|to| matches!(to.closest(LIST), Ok(Some(_))))
        };
        if dom::at(&event, LIST).is_some() && !event.dyn_ref().is_some_and(inside) && chosen() == 0 {
            read::release();
        }
    });
    count();
}

fn boxes() -> Vec<HtmlInputElement> {
    dom::all(BOXES).into_iter().filter_map(|one| one.dyn_into().ok()).collect()
}

fn chosen() -> usize {
    boxes().iter().filter(|one| one.checked()).count()
}

/// One was chosen, or no longer. With the last of them goes what held the rows, unless the pointer is among them.
fn chose() {
    count();
    if chosen() == 0 && !is_under_pointer() {
        read::release();
    }
}

fn is_under_pointer() -> bool {
    dom::one(LIST).is_some_and(|list| list.matches(":hover").unwrap_or(false))
}

/// Says how many are chosen, where that is said.
pub fn count() {
    let (chosen, of) = (chosen(), boxes().len());
    for text in dom::all("[data-chosen]") {
        text.set_text_content(Some(&chosen.to_string()));
    }
    if let Some(all) = dom::one("[data-choose-all]").and_then(|all| all.dyn_into::<HtmlInputElement>().ok()) {
        all.set_checked(of > 0 && chosen == of);
        all.set_indeterminate(chosen > 0 && chosen < of);
    }
}

/// Keeps the rows where they are while the pointer is among them or some are chosen, and says how many would come. Answers
/// whether something waits.
pub fn hold(page: &Document) -> bool {
    let Some(list) = dom::one(LIST) else { return false };
    let coming = page
        .query_selector_all("tbody[data-rows] > tr")
        .map(|rows| (0..rows.length()).filter_map(|n| rows.item(n)?.dyn_into::<Element>().ok()).map(|row| row.id()).collect::<Vec<_>>());
    let coming = coming.unwrap_or_default();
    let here: Vec<_> = dom::within(&list, ":scope > tr").iter().map(Element::id).collect();
    let busy = is_under_pointer() || chosen() > 0;
    if !busy || coming == here {
        let_go();
        return false;
    }
    let _ = list.set_attribute("data-held", "");
    let new = coming.iter().filter(|id| !here.contains(id)).count();
    let text = if new > 0 { format!("{new} new") } else { "Changed".to_owned() };
    if let Some(news) = dom::one("[data-news]") {
        news.set_text_content(Some(&text));
    }
    dom::show("[data-news]", true);
    true
}

/// Other rows come: nothing holds these any more, and no range begins among them.
pub fn turned() {
    let_go();
    LAST.set(String::new());
}

pub fn let_go() {
    if let Some(list) = dom::one(LIST) {
        let _ = list.remove_attribute("data-held");
    }
    dom::show("[data-news]", false);
}

/// To the next row (or the one before), from the one that has the focus.
pub fn step(forward: bool) {
    let rows = dom::all("tbody[data-rows] > tr");
    let now = focused().and_then(|row| rows.iter().position(|one| *one == row));
    let next = match (now, forward) {
        (None, _) => 0,
        (Some(now), true) => (now + 1).min(rows.len().saturating_sub(1)),
        (Some(now), false) => now.saturating_sub(1),
    };
    if let Some(link) = rows.get(next).and_then(|row| row.query_selector("a").ok()?) {
        dom::focus(&link);
    }
}

/// Chooses the row that has the focus, or no longer.
pub fn choose() {
    if let Some(row) =
        focused().and_then(|row| row.query_selector("input[type=checkbox]").ok()?).and_then(|one| one.dyn_into::<HtmlInputElement>().ok())
    {
        row.set_checked(!row.checked());
        LAST.set(row.id());
        chose();
    }
}

fn focused() -> Option<Element> {
    document().active_element()?.closest("tbody[data-rows] > tr").ok()?
}
