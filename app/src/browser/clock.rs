//! How old is it now? Every age on the page runs, from the server's time on (`data-now`), so that a wrong clock in the
//! browser does no harm.

use super::dom;
use domain::text;
use leptos::prelude::set_interval;
use std::{cell::Cell, time::Duration};
use web_sys::Element;

thread_local! {
    /// The server's time in seconds and the browser's in milliseconds, of the same moment.
    static BEGAN: Cell<Option<(i64, f64)>> = const { Cell::new(None) };
}

pub fn start() {
    let now = dom::one("[data-now]").and_then(|main| main.get_attribute("data-now"));
    let Some(now) = now.and_then(|text| text.parse::<i64>().ok()) else { return };
    BEGAN.set(Some((now, js_sys::Date::now())));
    set_interval(|| dom::all("[data-since]").iter().for_each(write_age), Duration::from_secs(1));
}

/// The server's time, in seconds since 1970.
fn now() -> Option<i64> {
    let (server, browser) = BEGAN.get()?;
    #[expect(clippy::cast_possible_truncation, reason = "a page is open for fewer seconds than an i64 holds")]
    let elapsed = ((js_sys::Date::now() - browser) / 1000.0) as i64;
    Some(server + elapsed)
}

/// From this moment on.
pub fn begin(age: &Element) {
    if let Some(now) = now() {
        let _ = age.set_attribute("data-since", &now.to_string());
        write_age(age);
    }
}

/// Only texts that changed are written.
fn write_age(age: &Element) {
    let since = age.get_attribute("data-since").and_then(|text| text.parse().ok());
    let Some(text) = since.zip(now()).map(|(since, now)| text::age(since, now)) else { return };
    if age.text_content().is_none_or(|shown| shown != text) {
        age.set_text_content(Some(&text));
    }
}
