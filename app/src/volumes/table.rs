//! Which volumes are there, and how are they? A table that follows the cluster while it is open.

use super::api::{Row, VolumeList};
use crate::{live, paths, request, ui::icon};
use leptos::prelude::*;

/// A row keeps its signal while its volume lives, so that only the cells that changed are written.
#[derive(Clone)]
struct Live {
    uid: String,
    row: ArcRwSignal<Row>,
}

impl Live {
    fn of(row: Row) -> Self {
        Self { uid: row.uid.clone(), row: ArcRwSignal::new(row) }
    }
}

/// Reads its rows again at `url`. `everybody` is the administrators' table, with the owner's column; `filtered` says that
/// the rows are only those that match something.
#[island]
pub fn VolumeTable(first: VolumeList, url: String, everybody: bool, filtered: bool) -> impl IntoView {
    let count = RwSignal::new(first.count);
    let down = RwSignal::new(first.down);
    let rows = RwSignal::new(first.rows.into_iter().map(Live::of).collect::<Vec<_>>());
    let stream = if everybody { paths::LIVE_ALL } else { paths::LIVE };
    let current = live::on_change(stream.to_owned(), first.revision, move || {
        let url = url.clone();
        async move {
            // The old rows stay when a reading fails; the mark says that they may be old.
            let answer = request::json(&url).await.ok().filter(|answer| answer.status == 200)?;
            let read: VolumeList = serde_json::from_str(&answer.text).ok()?;
            count.set(read.count);
            down.set(read.down);
            merge(rows, read.rows);
            Some(read.revision)
        }
    });

    let empty = move || rows.with(Vec::is_empty);
    view! {
        <p class="count-line">
            <span role="status">{move || count.get()}</span>
            <span class="chip stale" class:gone=move || current.get() role="status">{icon("warn")}"reconnecting"</span>
        </p>
        <section class="cause bad" class:gone=move || down.with(String::is_empty) role="status">
            {icon("warn")}
            <div><h2>"The cluster does not answer"</h2><p>{move || down.get()}</p></div>
        </section>
        <div class="sheet empty" class:gone=move || !empty()>
            {nothing(everybody, filtered)}
        </div>
        // The roles are written out: as cards on narrow screens the elements would lose theirs.
        <div class="sheet scroll" class:gone=empty tabindex="0" role="region" aria-label="Volumes">
            <table class="cards" role="table" aria-label="Volumes">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Name"</th>
                        {everybody.then(|| view! { <th scope="col" role="columnheader">"Owner"</th> })}
                        <th scope="col" role="columnheader">"Status"</th>
                        <th scope="col" role="columnheader" class="num">"Size"</th>
                        <th scope="col" role="columnheader">"Class"</th>
                        <th scope="col" role="columnheader">"Access"</th>
                        <th scope="col" role="columnheader">"Used by"</th>
                        <th scope="col" role="columnheader" class="num">"Age"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || rows.get() key=|live| live.uid.clone() children=move |live| row_view(live.row, everybody)/>
                </tbody>
            </table>
        </div>
    }
}

fn row_view(row: ArcRwSignal<Row>, everybody: bool) -> impl IntoView {
    let Row { href, name, owner, created, date, age, .. } = row.get_untracked();
    let text = |read: fn(&Row) -> String| {
        let row = row.clone();
        move || row.with(read)
    };
    let owner = everybody.then(|| view! { <td role="cell" class="owner">{if owner.is_empty() { "unclaimed".into() } else { owner }}</td> });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader">
                <a class="name" href=href title=name.clone()>{name.clone()}</a>
                <span class="under clip">{text(|r| r.description.clone())}</span>
            </th>
            {owner}
            <td role="cell" class="state">
                <span class=text(|r| r.tone.clone())>
                    <svg class="icon" aria-hidden="true"><use href=text(|r| r.icon.clone())></use></svg>
                    {text(|r| r.status.clone())}
                </span>
                <span class="under clip">{text(|r| r.reason.clone())}</span>
            </td>
            <td role="cell" class="num size">{text(|r| r.size.clone())}</td>
            <td role="cell" class="wide">{text(|r| r.class.clone())}</td>
            <td role="cell" class="wide">{text(|r| r.access.clone())}</td>
            <td role="cell" class="wide quiet clip" title=text(|r| r.all_users.clone())>{text(|r| r.used_by.clone())}</td>
            <td role="cell" class="num when"><time data-since=created title=date>{age}</time></td>
        </tr>
    }
}

/// What stands in place of an empty table: nothing yet, or nothing that matches.
fn nothing(everybody: bool, filtered: bool) -> impl IntoView {
    let (heading, sentence, href, label) = match (everybody, filtered) {
        (false, false) => (
            "No volumes yet",
            "A volume keeps data when tasks end: training data, checkpoints, results. Make one, then use it in a task.",
            paths::NEW_VOLUME,
            "Create your first volume",
        ),
        (true, false) => (
            "Nobody has a volume yet",
            "When people create volumes, all of them appear here with their owners.",
            paths::NEW_VOLUME,
            "Create a volume of your own",
        ),
        (false, true) => (
            "No volume matches",
            "None of your volumes has this in its name. Upper and lower case count the same.",
            paths::VOLUMES,
            "Show all",
        ),
        (true, true) => (
            "No owner matches",
            "No owner of a volume has this in their name. Upper and lower case count the same.",
            paths::ADMIN_VOLUMES,
            "Show all",
        ),
    };
    view! { <h2>{heading}</h2> <p>{sentence}</p> <a class="button first" href=href>{label}</a> }
}

/// Takes over the new rows; a volume that was there keeps its signal, and with it its row in the page.
fn merge(rows: RwSignal<Vec<Live>>, news: Vec<Row>) {
    let old = rows.get_untracked();
    let mut moved = old.len() != news.len();
    let mut next = Vec::with_capacity(news.len());
    for (index, row) in news.into_iter().enumerate() {
        moved |= old.get(index).is_none_or(|live| live.uid != row.uid);
        match old.iter().find(|live| live.uid == row.uid) {
            Some(live) => {
                if live.row.with_untracked(|known| *known != row) {
                    live.row.set(row);
                }
                next.push(live.clone());
            }
            None => next.push(Live::of(row)),
        }
    }
    if moved {
        rows.set(next);
    }
}
