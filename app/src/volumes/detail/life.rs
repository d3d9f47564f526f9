//! What happened to this volume, and what did the cluster say?

use crate::ui::{icon, time::age};
use domain::{
    event::{Event, Severity},
    text,
    timeline::{Step, timeline},
    volume::Volume,
};
use leptos::prelude::*;

pub fn life(volume: &Volume, events: &[Event]) -> AnyView {
    let step = |Step { what, at }: Step| {
        let at = at.map(|at| view! { <time class="quiet small" datetime=text::machine_date(at)>{text::date(at)}</time> });
        view! { <li>{icon(what.icon())}<span>{what.in_words()}</span>{at}</li> }
    };
    view! { <ol class="line">{timeline(volume, events).into_iter().map(step).collect_view()}</ol> }.into_any()
}

pub fn events_view(events: &[Event], of: &'static str, now: i64) -> AnyView {
    if events.is_empty() {
        return view! { <p class="quiet">"The cluster has said nothing about " {of} " lately. It keeps events for about an hour."</p> }
            .into_any();
    }
    let row = |event: &Event| {
        let (class, silhouette) = match event.severity {
            Severity::Normal => ("normal", "info"),
            Severity::Warning => ("warning", "warn"),
        };
        view! {
            <li class=class>
                {icon(silhouette)}
                <div>
                    <b>{event.reason.clone()}</b>
                    {(event.count > 1).then(|| view! { " " <span class="chip">{event.count} " times"</span> })}
                    <p>{event.message.clone()}</p>
                    <p class="quiet">{event.source.clone()}</p>
                </div>
                <span class="quiet small">{age(event.last, now)} " ago"</span>
            </li>
        }
    };
    view! { <ol class="line">{events.iter().map(row).collect_view()}</ol> }.into_any()
}
