//! What was deleted and can be restored, and for how long?

use super::{
    change::{Again, Whose},
    news,
    pages::show,
    view,
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, cluster_banner},
    parts::Follow,
    paths,
    server::{self, Reading, Refused},
    ui::icon,
};
use domain::{
    text,
    volume::{RestoreForm, Volume},
};
use leptos::prelude::*;

#[component]
pub fn TrashPage() -> impl IntoView {
    let read = server::caller().and_then(|caller| server::reading(caller.changes(), || Ok(caller.volumes_and_trash()?)));
    page(read, Whose::Mine)
}

/// Everybody's. Administrators only.
#[component]
pub fn AnyTrashPage() -> impl IntoView {
    let read = server::admin().and_then(|admin| server::reading(admin.changes(), || Ok(admin.volumes_and_trash()?)));
    page(read, Whose::Anybodys)
}

fn page(read: Result<Reading<Vec<Volume>>, ApiError>, whose: Whose) -> AnyView {
    let again = Again::of(use_context::<Refused<RestoreForm>>());
    view! { <Frame title="Trash" section=whose.section()>{show(read, |read| trash(read, whose, &again))}</Frame> }.into_any()
}

fn trash(read: Reading<Vec<Volume>>, whose: Whose, again: &Again<RestoreForm>) -> impl IntoView + use<> {
    let Reading { data, revision, now } = read;
    let mut thrown: Vec<Volume> = data.into_iter().filter(|volume| volume.trash.is_some()).collect();
    thrown.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.uid.cmp(&b.uid)));
    let stream = if whose == Whose::Mine { paths::LIVE } else { paths::LIVE_ALL };
    let heading = if whose == Whose::Mine { "Trash" } else { "Trash of everybody" };
    view! {
        <p class="crumbs"><a href=whose.list()>{whose.list_title()}</a> " / Trash"</p>
        <div class="head"><h1>{heading} " " <span class="quiet light">{thrown.len()}</span></h1></div>
        <Follow stream=stream.to_owned() revision list=whose.trash()/>
        {cluster_banner()}
        {news::of(now)}
        {again.general("Nothing was changed")}
        <p class="lead">
            "What was deleted stays here for a while and can be restored as it was. Until it is gone it keeps its name, counts against the quota, and nothing new mounts it."
        </p>
        {if thrown.is_empty() { nothing(whose).into_any() } else { table(&thrown, whose, now).into_any() }}
    }
}

fn nothing(whose: Whose) -> impl IntoView {
    let sentence = match server::portal().ok().and_then(|portal| portal.cluster.trash_until()) {
        Some(_) => "Volumes that are deleted come here first.",
        None => "On this portal a deletion is at once: nothing comes here.",
    };
    view! {
        <div class="sheet empty" id="nothing">
            {icon("leaving")}
            <h2>"The trash is empty"</h2>
            <p>{sentence}</p>
            <a class="button first" href=whose.list()>"Go to volumes"</a>
        </div>
    }
}

fn table(thrown: &[Volume], whose: Whose, now: i64) -> impl IntoView + use<> {
    let everybody = whose == Whose::Anybodys;
    let row = |volume: &Volume| {
        let until = volume.trash.and_then(|trash| trash.machine_date());
        let outlook = volume.trash_outlook(now).unwrap_or_default();
        let is_leaving = volume.status.is_deleting();
        let owner = if volume.username.is_empty() { "nobody".to_owned() } else { volume.username.clone() };
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" class="wrap"><a class="name" href=whose.volume(volume)>{volume.name.clone()}</a></th>
                {everybody.then(|| view! { <td role="cell" class="wrap" data-label="Owner">{owner}</td> })}
                <td role="cell" class="num" data-label="Size">{volume.size().rounded()}</td>
                <td role="cell" data-label="Class">{volume.class.clone().unwrap_or_else(|| "none".into())}</td>
                <td role="cell" class="wrap" data-label="When it goes">
                    {if is_leaving {
                        view! { {view::badge(&volume.status)} <span class="under">{volume.status.reason()}</span> }.into_any()
                    } else {
                        view! { <time datetime=until>{outlook}</time> }.into_any()
                    }}
                </td>
                <td role="cell">
                    {(!is_leaving).then(|| view! {
                        <div class="row">
                            {restore(volume, whose)}
                            <a class="button danger" href=whose.delete(volume) aria-label=format!("Delete now: {}", volume.name)>"Delete now"</a>
                        </div>
                    })}
                </td>
            </tr>
        }
    };
    let heads = ["Name", "Owner", "Size", "Class", "When it goes", "Act"].into_iter().filter(|head| everybody || *head != "Owner");
    let bytes = thrown.iter().fold(0u64, |sum, volume| sum.saturating_add(volume.size().bytes()));
    view! {
        <div class="sheet scroll" tabindex="0" role="region" aria-label="Trash">
            <table class="labelled" role="table" aria-label="Trash">
                <thead role="rowgroup">
                    <tr role="row">{heads.map(|head| view! { <th scope="col" role="columnheader" class=if head == "Size" { "num" } else { "" }>{head}</th> }).collect_view()}</tr>
                </thead>
                <tbody role="rowgroup">{thrown.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <p class="quiet small">{domain::quantity::Size::from_bytes(bytes).rounded()} " in all, as of " <time datetime=text::machine_date(now)>{text::date(now)}</time> "."</p>
    }
}

/// The button that takes a volume out of the trash.
pub fn restore(volume: &Volume, whose: Whose) -> impl IntoView + use<> {
    view! {
        <form method="post" action=whose.restore(volume)>
            <input type="hidden" name="uid" value=volume.uid.clone()/>
            <button class="button first" aria-label=format!("Restore {}", volume.name)>"Restore"</button>
        </form>
    }
}
