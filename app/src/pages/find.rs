//! Where to go and what to do? Pages, acts, volumes and tasks by what is typed; the palette of every page shows the same.

use super::frame::{Frame, Section};
use crate::{
    error::ApiError,
    paths, server,
    tasks::{
        source::Source,
        view::{self, All, all},
    },
    ui::icon,
    volumes::view::badge,
};
use domain::{name::VolumeName, near::near, task::listing::Judged, volume::Volume};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A page or an act, by the words that people may type for it.
struct Place {
    href: &'static str,
    icon: &'static str,
    words: &'static str,
    /// What else it may be called.
    also: &'static str,
    for_admins: bool,
}

const fn place(href: &'static str, icon: &'static str, words: &'static str, also: &'static str) -> Place {
    Place { href, icon, words, also, for_admins: false }
}

const fn for_admins(href: &'static str, icon: &'static str, words: &'static str, also: &'static str) -> Place {
    Place { href, icon, words, also, for_admins: true }
}

const PLACES: [Place; 28] = [
    place(paths::NEW_VOLUME, "plus", "New volume", "create make add claim pvc storage"),
    place("/volumes/new?preset=workshop", "plus", "New volume for a workshop", "create tutorial exercise claim"),
    place("/volumes/new?preset=checkpoints", "plus", "New volume for checkpoints", "create training models"),
    place("/volumes/new?preset=shared-cache", "plus", "New shared cache", "create uv pip hugging face hf volume"),
    place(paths::VOLUMES, "vol", "Volumes", "list storage claims pvc data"),
    place("/volumes?q=unused:yes", "vol", "Volumes in no use", "unused clean up delete old"),
    place("/volumes?sort=-size", "vol", "Largest volumes", "size space big"),
    place("/volumes?q=phase:Pending,Lost,Terminating", "vol", "Volumes that are not ready", "stuck pending lost terminating problem"),
    place("/volumes?q=full%3E%3D85&columns=details&sort=-full", "vol", "Volumes that are nearly full", "used space room usage"),
    place(paths::TRASH, "leaving", "Trash", "restore undo deleted recover bin volumes"),
    place(paths::NEW_TASK, "plus", "New task", "run submit job create make"),
    place(paths::TASKS, "task", "Tasks", "list jobs runs"),
    place("/tasks?q=state:running", "task", "Tasks that run", "running jobs active"),
    place(paths::SECRETS, "key", "Secrets", "password key token credentials s3 keys"),
    place(paths::NEW_SECRET, "plus", "New Secret", "password key token credentials create make put in"),
    place(paths::HOME, "home", "Home", "overview start front"),
    place(paths::FILTERS, "find", "Saved filters", "labels prefix dev prod"),
    place(paths::HELP, "info", "What the words mean", "help glossary pvc pv phase task scratch"),
    place(paths::CLASSES, "classes", "Classes", "storage class kinds rwx fast shared"),
    place(paths::API, "run", "REST API", "curl openapi program script"),
    place(paths::TOKENS, "user", "API tokens", "bearer secret key program script"),
    for_admins(paths::ADMIN_VOLUMES, "admin", "All volumes", "everybody owner people"),
    for_admins(paths::ADMIN_TRASH, "leaving", "Trash of everybody", "restore undo deleted recover bin volumes"),
    for_admins(paths::ADMIN_PVS, "classes", "PersistentVolumes", "pv storage released capacity"),
    for_admins(paths::ADMIN_TASKS, "admin", "All tasks", "everybody owner people jobs"),
    for_admins(paths::ADMIN_ADOPT, "plus", "Adopt volumes", "unclaimed existing pvc"),
    for_admins(paths::ADMIN_AUDIT, "info", "Audit trail", "who did what log history"),
    for_admins(paths::ADMIN_TOKENS, "user", "All API tokens", "everybody bearer revoke stop"),
];

/// So many of each kind are shown; the lists have them all.
const SHOWN: usize = 8;

#[component]
pub fn FindPage() -> impl IntoView {
    let q = use_query_map().with_untracked(|query| query.get("q")).unwrap_or_default();
    let q: String = q.trim().chars().take(63).collect();
    view! {
        <Frame title="Find" section=Section::None>
            <div class="head"><h1>"Find"</h1></div>
            <div class="sheet card narrow">{Suspend::new(async move { found(&q, read(&q).await) })}</div>
        </Frame>
    }
}

type Data = (Vec<Volume>, All);

/// One's own volumes and tasks, also those whose Job the cluster has removed. Without a word they would be any; the lists are better
/// at that.
async fn read(q: &str) -> Result<Data, ApiError> {
    if q.is_empty() {
        return Ok((Vec::new(), All { tasks: Vec::new(), missing: None }));
    }
    let (caller, portal) = (server::caller()?, server::portal()?);
    let volumes = caller.volumes()?;
    let tasks = all(&Source::Mine(caller), &portal.records.history(), &volumes).await?;
    Ok((volumes, tasks))
}

fn found(q: &str, read: Result<Data, ApiError>) -> impl IntoView + use<> {
    let user = server::user().ok();
    let is_admin = user.is_some_and(|user| user.is_admin());
    let places: Vec<_> =
        PLACES.iter().filter(|place| (is_admin || !place.for_admins) && fits(&format!("{} {}", place.words, place.also), q)).collect();
    let failed = read.is_err();
    let (volumes, All { tasks, missing }) = read.unwrap_or_else(|_| (Vec::new(), All { tasks: Vec::new(), missing: None }));
    let tasks: Vec<Judged> = tasks.into_iter().filter(|judged| fits(&format!("{} {}", judged.task.name, judged.task.id), q)).collect();
    let more_tasks = tasks.len().saturating_sub(SHOWN);
    let all_tasks = paths::with_query(paths::TASKS, &[("q", q.to_owned())]);
    let (mut volumes, others): (Vec<Volume>, Vec<Volume>) =
        volumes.into_iter().partition(|volume| fits(&format!("{} {}", volume.name, volume.id), q));
    let instead = (volumes.is_empty() && !failed && !q.is_empty()).then(|| instead(q, others));
    volumes.sort_by_cached_key(|volume| (!volume.name.to_lowercase().starts_with(&q.to_lowercase()), volume.name.to_lowercase()));
    let more = volumes.len().saturating_sub(SHOWN);
    let count = places.len() + volumes.len() + tasks.len();
    let all = paths::with_query(paths::VOLUMES, &[("q", q.to_owned())]);
    let said = match (failed, count) {
        (true, _) => "Your volumes and tasks cannot be read at the moment.".to_owned(),
        (false, 0) => format!("Nothing is called “{q}”."),
        (false, 1) => "1 found".to_owned(),
        (false, count) => format!("{count} found"),
    };
    view! {
        <div data-found="">
            <p class="small quiet" role="status">{said} {missing.map(|_| " Tasks whose Job the cluster has removed could not be read.")}</p>
            <ul class="found">
                {volumes.into_iter().take(SHOWN).map(volume).collect_view()}
                {(more > 0).then(|| view! { <li><a href=all>{icon("vol")}{more} " more volumes"</a></li> })}
                {tasks.into_iter().take(SHOWN).map(task).collect_view()}
                {(more_tasks > 0).then(|| view! { <li><a href=all_tasks>{icon("task")}{more_tasks} " more tasks"</a></li> })}
                {places.into_iter().map(|place| view! { <li><a href=place.href>{icon(place.icon)}{place.words}</a></li> }).collect_view()}
            </ul>
            {instead}
        </div>
    }
}

/// What to do when no volume of one's own is called like this: those that are nearly, and a new one.
fn instead(q: &str, volumes: Vec<Volume>) -> impl IntoView + use<> {
    let names: Vec<String> = near(q, volumes.iter().map(|volume| volume.name.as_str())).into_iter().map(str::to_owned).collect();
    let nearly: Vec<Volume> = names.iter().filter_map(|name| volumes.iter().find(|volume| volume.name == *name)).cloned().collect();
    let heading = (!nearly.is_empty()).then(|| view! { <p class="small quiet">"No volume of yours is called so. Nearly:"</p> });
    let create = VolumeName::suggestion(q).map(|name| {
        let href = paths::with_query(paths::NEW_VOLUME, &[("name", name.as_str())]);
        view! { <li><a href=href>{icon("plus")}"Create " {name.to_string()}</a></li> }
    });
    view! {
        {heading}
        <ul class="found">{nearly.into_iter().map(volume).collect_view()} {create}</ul>
    }
}

fn volume(volume: Volume) -> impl IntoView {
    view! { <li><a href=paths::volume(&volume.id)>{icon("vol")}<span class="clip">{volume.name.clone()}</span>{badge(&volume.status)}</a></li> }
}

fn task(judged: Judged) -> impl IntoView {
    view! { <li><a href=paths::task(&judged.task.id)>{icon("task")}<span class="clip">{judged.task.name.clone()}</span>{judged.is_kept.then(|| view! { <span class="small quiet">"removed by the cluster"</span> })}{view::badge(&judged.cause)}</a></li> }
}

/// Whether every word that was typed is in the text, in any order and case.
fn fits(text: &str, typed: &str) -> bool {
    let text = text.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn every_typed_word_must_be_there() {
        assert!(fits("New volume create make", "vol NEW") && fits("anything", ""));
        assert!(!fits("New volume", "new claim"));
    }
}
