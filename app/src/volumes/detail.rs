//! What is this volume, who uses it, what happened to it? In parts that follow the cluster while the page is open.

use super::view;
use crate::{
    pages::frame::cluster_banner,
    parts::Follow,
    paths,
    server::{self, Reading},
    ui::{icon, icon::tone, time::age},
};
use cluster::VolumeDetail;
use domain::{
    allowed::{WhyNot, offers_delete},
    event::{Event, Severity},
    storage_class::StorageClass,
    text,
    timeline::{Step, timeline},
    volume::{Use, Volume},
};
use leptos::prelude::*;

/// One volume with what belongs to its page.
pub struct VolumePage {
    pub detail: VolumeDetail,
    pub class: Option<StorageClass>,
}

impl VolumePage {
    pub fn new(detail: VolumeDetail, classes: &[StorageClass]) -> Self {
        let class = classes.iter().find(|class| Some(class.name.as_str()) == detail.volume.class.as_deref()).cloned();
        Self { detail, class }
    }
}

/// `everybody` marks the administrators' view: it names the owner and offers no change.
pub fn detail(read: Reading<VolumePage>, everybody: bool) -> impl IntoView {
    let Reading { data: VolumePage { detail: VolumeDetail { volume, events }, class }, revision, now } = read;
    let (stream, list, label) =
        if everybody { (paths::LIVE_ALL, paths::ADMIN_VOLUMES, "All volumes") } else { (paths::LIVE, paths::VOLUMES, "Volumes") };
    let claim = volume.claim.clone();
    let namespace = server::portal().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    view! {
        <p class="crumbs" data-revision=revision.clone()><a href=list>{label}</a>" / " {volume.name.clone()}</p>
        <div class="head">
            <h1>{icon("vol")} " " {volume.name.clone()}</h1>
            <span data-part="status" role="status">{view::badge(&volume.status)}</span>
            <div class="push" data-part="actions">{(!everybody).then(|| delete_button(&volume))}</div>
        </div>
        <Follow stream=stream.to_owned() revision=revision.clone()/>
        <div data-part="cause">{cluster_banner()} {cause(&volume, now)}</div>
        <div class="cols">
            <div>
                <section class="sheet card" data-part="uses">
                    <header><h2>"Used by"</h2></header>
                    {uses(&volume.used_by, now)}
                </section>
                <section class="sheet card" data-part="timeline">
                    <header><h2>"Timeline"</h2></header>
                    {life(&volume, &events)}
                </section>
                <section class="sheet card" data-part="events">
                    <header><h2>"Events"</h2><span class="push small quiet">"newest first"</span></header>
                    {events_view(&events, now)}
                </section>
            </div>
            <div>
                <section class="sheet card" data-part="facts">
                    <header><h2>"Facts"</h2></header>
                    {facts(volume, class.as_ref(), everybody, now)}
                </section>
                <section class="sheet card">
                    <header><h2>"Use it"</h2></header>
                    <p>"A task is any pod or job in namespace " <code>{namespace.clone()}</code> " that names this volume:"</p>
                    <pre tabindex="0">{format!("volumes:\n- name: data\n  persistentVolumeClaim:\n    claimName: {claim}")}</pre>
                    <p>"The same page with kubectl:"</p>
                    <pre tabindex="0">{format!("kubectl -n {namespace} describe pvc {claim}")}</pre>
                </section>
            </div>
        </div>
    }
}

/// What happened and what to do, when not all is well.
fn cause(volume: &Volume, now: i64) -> Option<AnyView> {
    let status = volume.status.clone();
    status.explanation().map(|(heading, sentence)| {
        view! {
            <section class=format!("cause {}", tone(status.tone()))>
                {icon(status.icon())}
                <div>
                    <h2>{heading} {status.since().map(|since| view! { " " <span class="for small quiet">"for " {age(since, now)}</span> })}</h2>
                    <p>{sentence}</p>
                </div>
            </section>
        }
        .into_any()
    })
}

/// Delete stays where it is when it cannot be used, and says why.
fn delete_button(volume: &Volume) -> AnyView {
    match offers_delete(volume) {
        Ok(()) => view! { <a class="button danger" href=paths::delete_volume(&volume.id)>"Delete"</a> }.into_any(),
        Err(why) => view! {
            <span class="small quiet" id="why-not">
                {match why {
                    WhyNot::InUse { by } => format!("In use by {} {}", by.len(), if by.len() == 1 { "pod" } else { "pods" }),
                    WhyNot::DeletedAlready => "Being deleted".to_owned(),
                }}
            </span>
            <a class="button danger" role="link" aria-disabled="true" tabindex="0" aria-describedby="why-not">"Delete"</a>
        }
        .into_any(),
    }
}

fn uses(uses: &[Use], now: i64) -> AnyView {
    if uses.is_empty() {
        return view! { <p class="quiet">"No pod mounts this volume."</p> }.into_any();
    }
    let row = |u: &Use| {
        view! {
            <tr>
                <th scope="row" class="wrap">{u.label().to_owned()}</th>
                <td>{u.phase.in_words()}</td>
                <td class="mono">{u.node.clone().unwrap_or_else(|| "not placed yet".into())}</td>
                <td class="num">{age(u.since, now)}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Pods that mount this volume">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Pod"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Node"</th>
                        <th scope="col" class="num">"For"</th>
                    </tr>
                </thead>
                <tbody>{uses.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn life(volume: &Volume, events: &[Event]) -> AnyView {
    let step = |Step { what, at }: Step| {
        let at = at.map(|at| view! { <time class="quiet small" datetime=text::machine_date(at)>{text::date(at)}</time> });
        view! { <li>{icon(what.icon())}<span>{what.in_words()}</span>{at}</li> }
    };
    view! { <ol class="line">{timeline(volume, events).into_iter().map(step).collect_view()}</ol> }.into_any()
}

fn events_view(events: &[Event], now: i64) -> AnyView {
    if events.is_empty() {
        return view! { <p class="quiet">"The cluster has said nothing about this volume lately. It keeps events for about an hour."</p> }
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

fn facts(volume: Volume, class: Option<&StorageClass>, everybody: bool, now: i64) -> AnyView {
    let asked = (volume.size() != volume.requested).then(|| format!(" of {} asked for", volume.requested.rounded()));
    let modes = volume
        .modes
        .iter()
        .map(|mode| view! { <div>{mode.in_words()} " " <span class="quiet">"(" {mode.as_str()} ")"</span></div> })
        .collect_view();
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
            </dd>
            <dt>"Access"</dt>
            <dd>{modes}</dd>
            <dt>"Phase"</dt>
            <dd>{volume.status.phase().to_owned()}</dd>
            <dt>"Mount path"</dt>
            <dd class="mono">{volume.mount_path}</dd>
            {volume.description.map(|text| view! { <dt>"Description"</dt><dd>{text}</dd> })}
            <dt>"Owner"</dt>
            <dd>
                {match (everybody, volume.owner_subject) {
                    (false, _) => view! { "you" }.into_any(),
                    (true, Some(subject)) => view! { {volume.username} <span class="under mono">{subject}</span> }.into_any(),
                    (true, None) => view! { "unclaimed: no person provably owns it" }.into_any(),
                }}
            </dd>
            <dt>"Id"</dt>
            <dd class="mono">{volume.id.to_string()}</dd>
            <dt>"PVC"</dt>
            <dd class="mono">{volume.claim}</dd>
            <dt>"Created"</dt>
            <dd>{text::date(volume.created)} <span class="under">{age(volume.created, now)} " ago"</span></dd>
        </dl>
    }
    .into_any()
}
