//! How is one volume shown in a list: a cell for each column, the same for people and for administrators.

use super::{fullness, view::badge};
use crate::{paths, ui::time::age};
use domain::{
    listing::{Column, View},
    volume::{Use, Volume},
};
use leptos::prelude::*;

/// The head of a column: a click sorts by it.
pub fn head(column: Column, view: &View, href: &str) -> impl IntoView + use<> {
    let sorted = (view.sort.by == column).then_some(if view.sort.descending { "descending" } else { "ascending" });
    let mark = sorted.map(|order| view! { <span aria-hidden="true">{if order == "descending" { " ↓" } else { " ↑" }}</span> });
    view! {
        <th scope="col" role="columnheader" class=class(column) aria-sort=sorted>
            <a href=href.to_owned() id=format!("sort-{}", column.word()) data-turn="">{column.title()}{mark}</a>
        </th>
    }
}

/// Where the cell goes when rows become cards, and on which side numbers stand.
fn class(column: Column) -> &'static str {
    match column {
        Column::Name => "",
        Column::Owner => "owner",
        Column::Status => "state",
        Column::Size => "num size",
        Column::Full
        | Column::Class
        | Column::Kind
        | Column::Access
        | Column::UsedBy
        | Column::Labels
        | Column::MountPath
        | Column::Pvc
        | Column::Id => "wide",
        Column::Age => "num when",
    }
}

pub fn row(volume: Volume, columns: &[Column], everybody: bool, now: i64) -> impl IntoView + use<> {
    let id = format!("v-{}", volume.uid);
    let href = if everybody { paths::admin_volume(&volume.id) } else { paths::volume(&volume.id) };
    let name = volume.name.clone();
    let cells = columns.iter().filter(|column| **column != Column::Name).map(|column| cell(*column, &volume, now)).collect_view();
    let Volume { id: short, description, read_only, .. } = volume;
    view! {
        <tr role="row" id=id.clone()>
            <td role="cell" class="box"><input type="checkbox" name="id" value=short.to_string() id=format!("c-{id}") aria-label=format!("Choose {name}")/></td>
            <th scope="row" role="rowheader">
                <a class="name" id=format!("a-{id}") href=href title=name.clone()>{name.clone()}</a>
                {read_only.then(|| view! { " " <span class="chip">"read-only"</span> })}
                {description.map(|text| view! { <span class="under clip">{text}</span> })}
            </th>
            {cells}
        </tr>
    }
}

fn cell(column: Column, volume: &Volume, now: i64) -> AnyView {
    let class = class(column);
    match column {
        Column::Name => ().into_any(),
        Column::Owner => {
            let owner = if volume.username.is_empty() { "unclaimed".to_owned() } else { volume.username.clone() };
            view! { <td role="cell" class=class title=volume.owner_subject.clone()>{owner}</td> }.into_any()
        }
        Column::Status => view! {
            <td role="cell" class=class>
                {badge(&volume.status)}
                {volume.status.reason().map(|reason| view! { <span class="under clip">{reason}</span> })}
            </td>
        }
        .into_any(),
        Column::Size => {
            view! { <td role="cell" class=class title=format!("{} bytes", volume.size().bytes())>{volume.size().rounded()}</td> }.into_any()
        }
        Column::Full => view! { <td role="cell" class=class>{fullness::brief(&volume.fullness, now)}</td> }.into_any(),
        Column::Class => view! { <td role="cell" class=class>{volume.class.clone().unwrap_or_else(|| "none".into())}</td> }.into_any(),
        Column::Access => {
            let words = volume.modes.iter().map(|mode| mode.in_words()).collect::<Vec<_>>().join("; ");
            view! { <td role="cell" class=class title=words>{volume.modes_short()}</td> }.into_any()
        }
        Column::Kind => view! { <td role="cell" class=class title=volume.kind.in_words()>{volume.kind.as_str()}</td> }.into_any(),
        Column::UsedBy => used_by(volume),
        Column::Labels => {
            view! { <td role="cell" class="wide"><span class="clip under">{volume.labels.to_string()}</span></td> }.into_any()
        }
        Column::MountPath => view! { <td role="cell" class="wide mono">{volume.mount_path.clone()}</td> }.into_any(),
        Column::Pvc => view! { <td role="cell" class="wide mono">{volume.claim.clone()}</td> }.into_any(),
        Column::Id => view! { <td role="cell" class="wide mono">{volume.id.to_string()}</td> }.into_any(),
        Column::Age => view! { <td role="cell" class=class>{age(volume.created, now)}</td> }.into_any(),
    }
}

fn used_by(volume: &Volume) -> AnyView {
    let users: Vec<&str> = volume.used_by.iter().filter(|u| u.phase.is_use()).map(Use::label).collect();
    let first = users.first().map(|first| (*first).to_owned());
    let more = users.len().saturating_sub(1);
    view! {
        <td role="cell" class="wide" title=users.join(", ")>
            {match first {
                None => view! { <span class="quiet">"nothing"</span> }.into_any(),
                Some(first) => view! { <span class="chip clip">{first}</span> {(more > 0).then(|| view! { " " <span class="chip">"+" {more}</span> })} }.into_any(),
            }}
        </td>
    }
    .into_any()
}
