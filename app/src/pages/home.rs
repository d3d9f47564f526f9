//! What needs me, what runs, what is in use, and where do I begin?
//!
//! | Module | Answers |
//! |---|---|
//! | `tasks` | which tasks matter at the moment |
//! | `volumes` | which volumes need me, and which are in use |

mod tasks;
mod volumes;

use super::{
    frame::{Frame, Section, cluster_banner},
    message,
};
use crate::{
    error::ApiError,
    parts::Follow,
    paths,
    server::{self, Reading},
    tasks::{
        source::Source,
        view::{All, all},
    },
    ui::icon,
};
use domain::{quantity::Size, task::recent::Recent, volume::Volume};
use leptos::prelude::*;

type Data = (Vec<Volume>, All);

#[component]
pub fn HomePage() -> impl IntoView {
    let name = server::user().map(|user| user.name().split_whitespace().next().unwrap_or_default().to_owned()).unwrap_or_default();
    let page = Suspend::new(async move {
        match read().await {
            Err(error) => message::problem(&error.0),
            Ok(read) => home(&name, read).into_any(),
        }
    });
    view! { <Frame title="Home" section=Section::Home>{page}</Frame> }
}

async fn read() -> Result<Reading<Data>, ApiError> {
    let (caller, portal) = (server::caller()?, server::portal()?);
    let revision = caller.changes().borrow().to_string();
    let volumes = caller.volumes()?;
    let tasks = all(&Source::Mine(caller), &portal.records.history(), &volumes).await?;
    Ok(Reading { data: (volumes, tasks), revision, now: server::now() })
}

fn home(name: &str, read: Reading<Data>) -> impl IntoView + use<> {
    let Reading { data: (volumes, All { tasks, missing }), revision, now } = read;
    let is_new = volumes.is_empty() && tasks.is_empty() && missing.is_none();
    view! {
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
            {missing.map(|_| view! {
                <section class="cause bad" id="history-missing">
                    {icon("warn")}
                    <div><h2>"The history of tasks could not be read"</h2><p>"Tasks whose Job the cluster has removed are missing here. Try again in a moment."</p></div>
                </section>
            })}
            {if is_new { welcome().into_any() } else { overview(volumes, Recent::of(tasks, now), now).into_any() }}
        </div>
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

fn overview(volumes: Vec<Volume>, tasks: Recent, now: i64) -> impl IntoView {
    let (all, runs) = (volumes.len(), tasks.running.len());
    let bytes = volumes.iter().fold(0u64, |sum, volume| sum.saturating_add(volume.size().bytes()));
    view! {
        <p class="lead">
            <a href=paths::VOLUMES>{count(all, "volume")}</a> ", " {Size::from_bytes(bytes).rounded()} " in all. "
            <a href=paths::TASKS>{count(runs, "task")}</a> {if runs == 1 { " is not over." } else { " are not over." }}
        </p>
        <div class="halves">
            <div>{tasks::cards(tasks, now)}</div>
            <div>{volumes::cards(volumes, now)}</div>
        </div>
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("No {what}s"),
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    }
}

/// At most this many of each kind; the lists have them all.
const SHOWN: usize = 5;

/// One heading, its rows, and the way to those that are not shown.
fn card(id: &'static str, heading: &'static str, none: &'static str, rows: Vec<AnyView>, all: String) -> impl IntoView {
    let more = rows.len().saturating_sub(SHOWN);
    let is_empty = rows.is_empty();
    let rows = rows.into_iter().take(SHOWN).collect_view();
    view! {
        <section class="sheet card" id=id>
            <header><h2>{heading}</h2></header>
            {if is_empty { view! { <p class="quiet">{none}</p> }.into_any() } else { view! { <ul class="brief">{rows}</ul> }.into_any() }}
            {(more > 0).then(|| view! { <p><a href=all>{more} " more"</a></p> })}
        </section>
    }
}
