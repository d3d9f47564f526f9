//! What was asked for, what was given, and whose is it?

use crate::{
    paths,
    ui::{copy::CopyButton, time::age},
    volumes::view,
};
use domain::{allowed::may_edit, storage_class::StorageClass, text, volume::Volume};
use leptos::prelude::*;

pub fn facts(volume: Volume, class: Option<&StorageClass>, everybody: bool, now: i64) -> AnyView {
    let asked = (volume.size() != volume.requested).then(|| format!(" of {} asked for", volume.requested.rounded()));
    let modes = volume
        .modes
        .iter()
        .map(|mode| view! { <div>{mode.in_words()} " " <span class="quiet">"(" {mode.as_str()} ")"</span></div> })
        .collect_view();
    let can_change = !everybody && may_edit(&volume).is_ok();
    let list = if everybody { paths::ADMIN_VOLUMES } else { paths::VOLUMES };
    let label = |(key, value): (&str, &str)| {
        let pair = format!("{key}={value}");
        let href = paths::with_query(list, &[("q", format!("label:{pair}"))]);
        view! { <a class="chip" href=href>{pair}</a> }
    };
    let labels = volume.labels.iter().map(label).collect_view();
    view! {
        <dl class="facts">
            <dt>"Size"</dt>
            <dd title=format!("{} bytes", volume.size().bytes())>{volume.size().rounded()}{asked}</dd>
            <dt>"Class"</dt>
            <dd>
                {match &volume.class {
                    Some(name) => view! { <a href=paths::CLASSES>{name.clone()}</a> }.into_any(),
                    None => view! { "none" }.into_any(),
                }}
                {class.map(|class| view! { <span class="under">{view::class_in_words(class)}</span> })}
                {can_change.then(|| view! { " " <a class="small" href=paths::delete_and_create_again(&volume.id, "yes")>"Another class?"</a> })}
            </dd>
            <dt>"Kind"</dt>
            <dd>{volume.kind.in_words()}</dd>
            <dt>"Access"</dt>
            <dd>{modes}</dd>
            <dt>"Tasks"</dt>
            <dd>
                {if volume.read_only { "Only read it: published as read-only" } else { "Read and write it" }}
                {can_change.then(|| view! { <span class="under"><a href=paths::publish_volume(&volume.id)>{if volume.read_only { "Let them write again" } else { "Publish as read-only" }}</a></span> })}
            </dd>
            <dt>"Phase"</dt>
            <dd>{volume.status.phase().to_owned()}</dd>
            <dt>"Mount path"</dt>
            <dd class="mono">{volume.mount_path}</dd>
            {volume.description.map(|text| view! { <dt>"Description"</dt><dd>{text}</dd> })}
            {(!volume.labels.is_empty()).then(|| view! { <dt>"Labels"</dt><dd class="row">{labels}</dd> })}
            <dt>"Owner"</dt>
            <dd>
                {match (everybody, volume.owner_subject) {
                    (false, _) => view! { "you" }.into_any(),
                    (true, Some(subject)) => view! { {volume.username} <span class="under mono">{subject}</span> }.into_any(),
                    (true, None) => view! { "unclaimed: no person provably owns it" }.into_any(),
                }}
            </dd>
            <dt>"Id"</dt>
            <dd class="mono">{volume.id.to_string()} " " <CopyButton text=volume.id.to_string()/></dd>
            <dt>"PVC"</dt>
            <dd class="mono">{volume.claim}</dd>
            <dt>"Created"</dt>
            <dd>{text::date(volume.created)} <span class="under">{age(volume.created, now)} " ago"</span></dd>
        </dl>
    }
    .into_any()
}
