//! How old is it now? Every age on the page runs, from the server's time on (`data-now`), so that a wrong clock in the
//! browser does no harm.

use super::dom;
use domain::text;
use leptos::prelude::set_interval;
use std::time::Duration;

pub fn start() {
    let now = dom::one("[data-now]").and_then(|main| main.get_attribute("data-now"));
    let Some(now) = now.and_then(|text| text.parse::<i64>().ok()) else { return };
    let started = js_sys::Date::now();
    set_interval(
        move || {
            #[expect(clippy::cast_possible_truncation, reason = "a page is open for fewer seconds than an i64 holds")]
            let elapsed = ((js_sys::Date::now() - started) / 1000.0) as i64;
            write_ages(now + elapsed);
        },
        Duration::from_secs(1),
    );
}

/// Only texts that changed are written.
fn write_ages(now: i64) {
    for time in dom::all("time[data-since]") {
        let Some(since) = time.get_attribute("data-since").and_then(|text| text.parse().ok()) else { continue };
        let age = text::age(since, now);
        if time.text_content().is_none_or(|shown| shown != age) {
            time.set_text_content(Some(&age));
        }
    }
}
