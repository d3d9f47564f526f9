//! What is in this volume? Its folders and files, once its person has asked for a look: that makes a pod beside the volume, so an address
//! alone never does.

use super::{
    change::{Again, Whose},
    detail::events_view,
    pages::{own_volume, param, query, show},
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, cluster_banner},
    parts::Follow,
    paths,
    server::{self, Refused},
    ui::icon,
};
use domain::{
    problem::Problem,
    quantity::Size,
    text,
    volume::{
        Volume,
        files::{Entry, EntryKind, FilePath, Listing, OpenForm, PAGE, Window, shown},
    },
};
use http::request::Parts;
use leptos::prelude::*;

struct FilesRead {
    volume: Volume,
    path: FilePath,
    window: Window,
    /// Nothing while nothing looks into it.
    listing: Option<Result<Listing, Problem>>,
    /// Whether this is not the first page of the folder.
    goes_on: bool,
    revision: String,
    now: i64,
}

#[component]
pub fn FilesPage() -> impl IntoView {
    let refused = use_context::<Refused<OpenForm>>();
    let (id, after) = (param("id"), query("after"));
    let page = Suspend::new(async move {
        let again = Again::of(refused);
        show(read(&id, &after).await, |read| files_view(read, &again))
    });
    view! { <Frame title="Files" section=Whose::Mine.section()>{page}</Frame> }
}

async fn read(id: &str, after: &str) -> Result<FilesRead, ApiError> {
    let read = own_volume()?;
    let query = use_context::<Parts>().and_then(|parts| parts.uri.query().map(str::to_owned)).unwrap_or_default();
    let path = FilePath::of_query(&query).map_err(|refused| server::fail(refused.problem().into()))?;
    let (caller, id) = (server::caller()?, server::volume_id(id)?);
    let window = caller.window(&id).await?;
    let listing = match window {
        Window::Open => Some(caller.list_files(&id, &path, after).await.map_err(|error| server::told(&error))),
        Window::Off | Window::Closed | Window::Starting { .. } | Window::Failed { .. } => None,
    };
    if let Some(Err(problem)) = &listing {
        server::set_status(problem.code);
    }
    let goes_on = !after.is_empty();
    Ok(FilesRead { volume: read.data.detail.volume, path, window, listing, goes_on, revision: read.revision, now: read.now })
}

fn files_view(read: FilesRead, again: &Again<OpenForm>) -> AnyView {
    let FilesRead { volume, path, window, listing, goes_on, revision, now } = read;
    // While it is open, a look again would cost more than it shows.
    let follow = (window != Window::Open).then(|| view! { <Follow stream=paths::LIVE.to_owned() revision/> });
    let content = match (window, listing) {
        (Window::Open, Some(Ok(listing))) => folder(&volume, &path, &listing, goes_on, now),
        (Window::Open, Some(Err(problem))) => view! {
            <div class="sheet empty" role="alert">
                {icon("info")}
                <h2>"This cannot be shown"</h2>
                <p>{problem.message}</p>
                <a class="button first" href=paths::volume_files(&volume.id, &FilePath::default())>"Go to the volume's root"</a>
            </div>
        }
        .into_any(),
        (Window::Off, _) => view! {
            <div class="sheet empty">
                {icon("info")}
                <h2>"Files cannot be seen here"</h2>
                <p>"An administrator has to set " <code>"files.image"</code> ", the image of the program that looks into volumes. Until then, a task can: " <code>"ls -la"</code> " in its mount path."</p>
                <a class="button first" href=paths::new_task_with(&volume.name)>"Use in new task"</a>
            </div>
        }
        .into_any(),
        (Window::Starting { events }, _) => view! {
            // Without scripts the page looks again by itself.
            <noscript><meta http-equiv="refresh" content="3"/></noscript>
            <div class="sheet empty" role="status">
                {icon("provisioning")}
                <h2>"Opening the volume"</h2>
                <p>"A pod that can read this volume is starting. This takes some seconds; the page follows by itself."</p>
            </div>
            {said(&events, now)}
        }
        .into_any(),
        (Window::Failed { events }, _) => view! {
            <section class="cause bad" role="alert">
                {icon("failed")}
                <div><h2>"The volume could not be opened"</h2><p>"The pod that should read it has failed. What the cluster said is below; try again in a minute."</p></div>
            </section>
            {ask(&volume, &path, "Try again")}
            {said(&events, now)}
        }
        .into_any(),
        (Window::Closed | Window::Open, _) => ask(&volume, &path, "Look into it"),
    };
    view! {
        {Whose::Mine.crumbs(&volume, "Files")}
        <div class="head"><h1>"Files of " {volume.name.clone()}</h1></div>
        {follow}
        {cluster_banner()}
        {again.general("The volume was not opened")}
        {content}
    }
    .into_any()
}

fn said(events: &[domain::event::Event], now: i64) -> Option<impl IntoView + use<>> {
    (!events.is_empty()).then(|| {
        view! {
            <section class="sheet card">
                <header><h2>"What the cluster says"</h2><span class="push small quiet">"newest first"</span></header>
                {events_view(events, "this pod", now)}
            </section>
        }
    })
}

/// The button that opens the volume. Nothing else does.
fn ask(volume: &Volume, path: &FilePath, label: &'static str) -> AnyView {
    let first_use = volume.status.phase() == "Pending";
    view! {
        <form class="sheet empty" method="post" action=paths::volume_files(&volume.id, path)>
            {icon("vol")}
            <h2>"Nothing looks into this volume yet"</h2>
            <p>"To show its files, a small pod mounts it, read-only. It takes little, is no task of yours, does not keep the volume from being deleted, and ends by itself when nobody has looked for ten minutes."</p>
            {first_use.then(|| view! { <p>"This volume has not been used yet. This is its first use: its storage is made now."</p> })}
            <button class="button first">{label}</button>
        </form>
    }
    .into_any()
}

fn folder(volume: &Volume, path: &FilePath, listing: &Listing, goes_on: bool, now: i64) -> AnyView {
    let id = &volume.id;
    let root = if path.is_root() {
        view! { <b>{volume.name.clone()}</b> }.into_any()
    } else {
        view! { <a href=paths::volume_files(id, &FilePath::default())>{volume.name.clone()}</a> }.into_any()
    };
    let way = path.way();
    let last = way.len().saturating_sub(1);
    let way = way.into_iter().enumerate().map(|(place, part)| {
        let name = shown(part.name());
        let name = if place == last {
            view! { <b aria-current="location"><bdi>{name}</bdi></b> }.into_any()
        } else {
            view! { <a href=paths::volume_files(id, &part)><bdi>{name}</bdi></a> }.into_any()
        };
        view! { " / " {name} }
    });
    let next = (!listing.next.is_empty()).then(|| {
        let href = format!("{}&after={}", paths::volume_files(id, path), listing.next);
        view! { <a class="button" href=href>"Next " {PAGE}</a> }
    });
    let first = goes_on.then(|| view! { <a class="button" href=paths::volume_files(id, path)>"To the beginning"</a> });
    let total = match listing.total {
        1 => "1 entry".to_owned(),
        total => format!("{total} entries"),
    };
    let rows = listing.entries.iter().map(|entry| row(volume, path, entry, now)).collect_view();
    let table = if listing.entries.is_empty() {
        view! { <div class="empty">{icon("vol")}<h2>{if goes_on { "Nothing follows" } else { "This folder is empty" }}</h2></div> }
            .into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label="Entries">
                <table class="files">
                    <thead><tr><th scope="col">"Name"</th><th scope="col" class="num">"Size"</th><th scope="col">"Changed"</th><th scope="col">"Mode"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="sheet">
            <div class="row files-bar">
                <nav aria-label="Folders">{root} {way.collect_view()}</nav>
                <span class="quiet small">{total}</span>
                <a class="button push" href=paths::volume_archive(id, path) download="">"Download folder (.tar.gz)"</a>
            </div>
            {table}
            {(next.is_some() || first.is_some()).then(|| view! { <div class="row files-bar">{first} {next}</div> })}
        </section>
        <p class="quiet small">"Read-only. Links are shown and not followed. What looks into the volume ends when nobody has asked for ten minutes, and after an hour."</p>
    }
    .into_any()
}

fn row(volume: &Volume, folder: &FilePath, entry: &Entry, now: i64) -> impl IntoView + use<> {
    let (path, name) = (folder.join(&entry.name), shown(&entry.name));
    let what = match entry.kind {
        EntryKind::Folder => view! { <a href=paths::volume_files(&volume.id, &path)><bdi>{name}</bdi>"/"</a> }.into_any(),
        EntryKind::File => {
            view! { <a href=paths::volume_file(&volume.id, &path) download="" title="Download"><bdi>{name}</bdi></a> }.into_any()
        }
        EntryKind::Link => {
            let target = shown(entry.target.as_deref().unwrap_or_default());
            view! { <bdi>{name}</bdi> " " <span class="quiet">"→ " <bdi>{target}</bdi></span> " " <span class="chip">"link"</span> }
                .into_any()
        }
        EntryKind::Other => view! { <bdi>{name}</bdi> " " <span class="chip">"special"</span> }.into_any(),
    };
    let size = (entry.kind == EntryKind::File).then(|| view! { <span title=format!("{} bytes", entry.size)>{in_words(entry.size)}</span> });
    let changed = (entry.modified > 0).then(|| {
        view! { <time datetime=text::machine_date(entry.modified) title=text::date(entry.modified)>{text::age(entry.modified, now)} " ago"</time> }
    });
    view! { <tr><td class="entry">{what}</td><td class="num">{size}</td><td>{changed}</td><td class="mono">{permissions(entry.mode)}</td></tr> }
}

fn in_words(size: u64) -> String {
    if size == 1 { "1 byte".to_owned() } else { Size::from_bytes(size).rounded() }
}

/// `rwxr-x---`.
fn permissions(mode: u32) -> String {
    let bit = |place: u32, letter: char| if mode & (1 << place) == 0 { '-' } else { letter };
    (0..9).rev().map(|place| bit(place, ['x', 'w', 'r'][usize::try_from(place % 3).unwrap_or_default()])).collect()
}
