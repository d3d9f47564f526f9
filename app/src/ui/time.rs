//! How is a moment shown? As an age that runs, with the exact time on hover and for machines.

use domain::text;
use leptos::prelude::*;

/// An age as of `now`; it runs in the browser.
pub fn age(since: i64, now: i64) -> impl IntoView {
    view! { <time data-since=since.to_string() datetime=text::machine_date(since) title=text::date(since)>{text::age(since, now)}</time> }
}
