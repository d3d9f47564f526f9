//! How is a moment shown? As an age that runs, with the exact time on hover and for machines.

use domain::text;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// An age as of `now`; [`Clock`] lets it run.
pub fn age(since: i64, now: i64) -> impl IntoView {
    view! { <time data-since=since.to_string() datetime=text::machine_date(since) title=text::date(since)>{text::age(since, now)}</time> }
}

/// Lets every age on the page run, from the server's time on (the page's `data-now`), so that a wrong clock in the browser
/// does no harm.
#[island]
pub fn Clock() -> impl IntoView {
    Effect::new(move |_| {
        let now = document().query_selector("[data-now]").ok().flatten().and_then(|main| main.get_attribute("data-now"));
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
    });
}

/// Only texts that changed are written.
fn write_ages(now: i64) {
    let Ok(times) = document().query_selector_all("time[data-since]") else { return };
    for index in 0..times.length() {
        let Some(time) = times.item(index).and_then(|node| node.dyn_into::<web_sys::Element>().ok()) else { continue };
        let Some(since) = time.get_attribute("data-since").and_then(|text| text.parse().ok()) else { continue };
        let age = text::age(since, now);
        if time.text_content().is_none_or(|shown| shown != age) {
            time.set_text_content(Some(&age));
        }
    }
}
