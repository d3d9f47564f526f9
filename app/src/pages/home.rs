//! What needs me, what is in use, and where do I begin?

use super::{
    frame::{Frame, Section, cluster_banner},
    message,
};
use crate::{
    parts::Follow,
    paths,
    server::{self, Reading},
    tasks::{
        list::duration,
        view::{badge, judged},
    },
    ui::{icon, time},
    volumes::{fullness, view},
};
use domain::{cause::CauseId, task::listing::Judged, volume::Volume};
use leptos::prelude::*;

#[component]
pub fn HomePage() -> impl IntoView {
    let name = server::user().map(|user| user.name().split_whitespace().next().unwrap_or_default().to_owned()).unwrap_or_default();
    let read = server::caller().and_then(|caller| server::reading(caller.changes(), || Ok((caller.volumes()?, judged(&caller)?))));
    view! {
        <Frame title="Home" section=Section::Home>
            {match read {
                Err(error) => message::problem(&error.0),
                Ok(Reading { data: (volumes, tasks), revision, .. }) => view! {
                    <div class="head">
                        <h1>"Hello" {(!name.is_empty()).then(|| format!(", {name}"))}</h1>
                        <div class="push">
                            <a class="button" href=paths::NEW_TASK>{icon("plus")}"New task"</a>
                            <a class="button first" href=paths::NEW_VOLUME>{icon("plus")}"New volume"</a>
                        </div>
                    </div>
                    <Follow stream=paths::LIVE.to_owned() revision/>
                    <div>
                        {cluster_banner()}
                        {if volumes.is_empty() && tasks.is_empty() { welcome().into_any() } else { overview(volumes, tasks).into_any() }}
                    </div>
                }
                .into_any(),
            }}
        </Frame>
    }
}

fn welcome() -> impl IntoView {
    view! {
        <div class="sheet empty">
            {icon("vol")}
            <h2>"A place for your data"</h2>
            <p>"A volume keeps training data, checkpoints and results when tasks end. Make your first one; it takes a name and a size."</p>
            <div class="row">
                <a class="button first" href=paths::NEW_VOLUME>"Create your first volume"</a>
                <a class="button" href=paths::CLASSES>"See the kinds of storage"</a>
                <a class="button" href=paths::HELP>"What the words mean"</a>
            </div>
        </div>
    }
}

fn overview(mut volumes: Vec<Volume>, tasks: Vec<Judged>) -> impl IntoView {
    // What ended well needs nobody; what failed does, until it leaves or is run again.
    let (failed, rest): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|judged| judged.cause.needs_you());
    let running: Vec<_> = rest.into_iter().filter(|judged| !judged.task.state.is_over()).collect();
    volumes.sort_by_key(|volume| std::cmp::Reverse(volume.created));
    let all = volumes.len();
    let bytes = volumes.iter().fold(0u64, |sum, volume| sum.saturating_add(volume.size().bytes()));
    let mut full: Vec<_> = volumes.iter().filter(|volume| volume.fullness.is_nearly_full()).cloned().collect();
    full.sort_by_key(|volume| std::cmp::Reverse(volume.fullness.percent()));
    let is_only_full = |volume: &Volume| matches!(volume.status.id(), CauseId::NearlyFull | CauseId::Full);
    let volumes: Vec<_> = volumes.into_iter().filter(|volume| !is_only_full(volume)).collect();
    let (needing, rest): (Vec<_>, Vec<_>) = volumes.into_iter().partition(|volume| volume.status.needs_you());
    let (used, idle): (Vec<_>, Vec<_>) = rest.into_iter().partition(|volume| volume.used_by.iter().any(|u| u.phase.is_use()));
    view! {
        <p class="lead">
            <a href=paths::VOLUMES>{if all == 1 { "1 volume".to_owned() } else { format!("{all} volumes") }}</a>
            ", " {domain::quantity::Size::from_bytes(bytes).rounded()} " in all."
        </p>
        {(!failed.is_empty()).then(|| runs("Tasks that need you", "None.", failed))}
        {list("Needs you", "Nothing is stuck.", needing)}
        {(!full.is_empty()).then(|| list("Nearly full", "", full))}
        {runs("What runs", "No task of yours runs at the moment.", running)}
        {list("In use now", "No pod uses a volume of yours at the moment.", used)}
        {list("Not in use", "Every volume is in use.", idle)}
    }
}

fn runs(heading: &'static str, none: &'static str, tasks: Vec<Judged>) -> impl IntoView {
    let now = server::now();
    let more = tasks.len().saturating_sub(SHOWN);
    let rows = tasks
        .into_iter()
        .take(SHOWN)
        .map(|Judged { task, cause, .. }| {
            view! {
                <li>
                    <div>
                        <a class="name" href=paths::task(&task.id)>{task.name.clone()}</a>
                        <span class="under">{task.nodes} {if task.nodes == 1 { " node" } else { " nodes" }} ", " {task.image.clone()}</span>
                    </div>
                    <div>
                        {badge(&cause)}
                        {cause.reason().map(|reason| view! { <span class="under">{reason.to_owned()}</span> })}
                    </div>
                    <span class="quiet num">{duration(&task, now)}</span>
                </li>
            }
        })
        .collect_view();
    let empty = rows.is_empty();
    view! {
        <section class="sheet card">
            <header><h2>{heading}</h2></header>
            {if empty { view! { <p class="quiet">{none}</p> }.into_any() } else { view! { <ul class="brief">{rows}</ul> }.into_any() }}
            {(more > 0).then(|| view! { <p><a href=paths::TASKS>{more} " more"</a></p> })}
        </section>
    }
}

/// At most this many of each kind; the lists have them all.
const SHOWN: usize = 5;

fn list(heading: &'static str, none: &'static str, volumes: Vec<Volume>) -> impl IntoView {
    let now = server::now();
    let more = volumes.len().saturating_sub(SHOWN);
    let rows = volumes
        .into_iter()
        .take(SHOWN)
        .map(|volume| {
            view! {
                <li>
                    <div>
                        <a class="name" href=paths::volume(&volume.id)>{volume.name.clone()}</a>
                        <span class="under">{volume.size().rounded()}{volume.class.map(|class| format!(", {class}"))}</span>
                    </div>
                    <div>
                        {view::badge(&volume.status)}
                        {volume.status.reason().map(|reason| view! { <span class="under">{reason}</span> })}
                        {volume.fullness.is_nearly_full().then(|| view! { <span class="under">{fullness::brief(&volume.fullness, now)}</span> })}
                    </div>
                    <span class="quiet num">{time::age(volume.created, now)}</span>
                </li>
            }
        })
        .collect_view();
    let empty = rows.is_empty();
    view! {
        <section class="sheet card">
            <header><h2>{heading}</h2></header>
            {if empty { view! { <p class="quiet">{none}</p> }.into_any() } else { view! { <ul class="brief">{rows}</ul> }.into_any() }}
            {(more > 0).then(|| view! { <p><a href=paths::VOLUMES>{more} " more"</a></p> })}
        </section>
    }
}
