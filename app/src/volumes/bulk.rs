//! Which volumes go together, and what became of each? A review of all that were chosen, then the results.

use super::{
    change::{Again, Whose},
    form::slot,
    pages::{query, query_list, show},
};
use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, cluster_banner},
        message::for_admins,
    },
    paths,
    server::{self, Refused},
    ui::icon,
};
use domain::{
    allowed::WhyNot,
    filter::Filter,
    problem::Problem,
    storage_class::StorageClass,
    volume::{AT_ONCE, BulkDeleteForm, Consequences, Removed, Selection, Trash, Use, Volume},
};
use leptos::prelude::*;

/// What became of one volume.
#[derive(Clone, Debug)]
pub struct Gone {
    pub name: String,
    pub result: Result<Removed, Problem>,
}

/// The results of a post, for the page that answers it.
#[derive(Clone, Debug)]
pub struct AllGone(pub Vec<Gone>);

/// `?id=..&id=..` chooses volumes, `?prefix=..` all whose name begins with it, `?all=yes&q=..` all that match a filter.
#[component]
pub fn BulkDeletePage() -> impl IntoView {
    let read = || server::caller().and_then(|caller| Ok((caller.volumes()?, caller.storage_classes()?)));
    page(Whose::Mine, read)
}

/// The same of anybody's volumes. Administrators only.
#[component]
pub fn AnyBulkDeletePage() -> impl IntoView {
    page(Whose::Anybodys, || server::admin().and_then(|admin| Ok((admin.volumes()?, admin.storage_classes()?))))
}

fn page(whose: Whose, read: impl FnOnce() -> Result<(Vec<Volume>, Vec<StorageClass>), ApiError>) -> AnyView {
    let page = match use_context::<AllGone>() {
        Some(AllGone(gone)) => results(whose, gone),
        None => {
            let again = Again::of(use_context::<Refused<BulkDeleteForm>>());
            show(read(), |(volumes, classes)| {
                let (ids, prefix) = match &again.form {
                    Some(form) if !form.chosen.is_empty() => (form.ids(), String::new()),
                    Some(_) | None if query("all") == "yes" => (matching(&volumes, whose), String::new()),
                    Some(_) | None => (query_list("id"), query("prefix")),
                };
                review(whose, Selection::of(volumes, &ids, &prefix), &classes, again)
            })
        }
    };
    view! { <Frame title="Delete volumes" section=whose.section()>{page}</Frame> }.into_any()
}

/// The ids of all that match the filter of the address.
fn matching(volumes: &[Volume], whose: Whose) -> Vec<String> {
    let (filter, now) = (Filter::read(&query("q"), whose == Whose::Anybodys), server::now());
    volumes.iter().filter(|volume| filter.matches(*volume, now)).map(|volume| volume.id.to_string()).collect()
}

fn crumbs(whose: Whose) -> impl IntoView {
    view! { <p class="crumbs"><a href=whose.list()>{whose.list_title()}</a> " / Delete"</p> }
}

fn volumes(number: usize) -> String {
    if number == 1 { "1 volume".to_owned() } else { format!("{number} volumes") }
}

fn review(whose: Whose, selection: Selection, classes: &[StorageClass], again: Again<BulkDeleteForm>) -> AnyView {
    let (number, chosen) = (selection.can.len(), selection.chosen());
    let Selection { can, cannot, absent, too_many } = selection;
    let heading = if number == 0 { "No volume can be deleted".to_owned() } else { format!("Delete {}?", volumes(number)) };
    view! {
        {crumbs(whose)}
        <div class="head"><h1>{heading}</h1></div>
        {cluster_banner()}
        {again.general("Nothing was deleted")}
        {(too_many > 0).then(|| note(format!("At most {AT_ONCE} are deleted at once; {} more that you chose are left out. Come back for them.", volumes(too_many))))}
        {(absent > 0).then(|| note(format!("{} that you chose: not there any more, or not yours.", volumes(absent))))}
        {left_out(whose, &cannot)}
        {if number == 0 { nothing(whose).into_any() } else { form(whose, &can, classes, chosen, &again) }}
    }
    .into_any()
}

fn note(sentence: String) -> impl IntoView {
    view! { <section class="cause wait">{icon("warn")}<div><p>{sentence}</p></div></section> }
}

fn nothing(whose: Whose) -> impl IntoView {
    view! { <p>"Choose volumes in the list, then delete them together."</p> <a class="button first" href=whose.list()>"Go to volumes"</a> }
}

fn left_out(whose: Whose, cannot: &[(Volume, WhyNot)]) -> Option<impl IntoView + use<>> {
    let items = cannot
        .iter()
        .map(|(volume, why)| view! { <li><a class="name" href=whose.volume(volume)>{volume.name.clone()}</a> <p class="quiet">{why.to_string()}</p></li> })
        .collect_view();
    (!cannot.is_empty()).then(|| {
        view! { <section class="sheet card"><header><h2>"Left out"</h2></header><ul class="plain">{items}</ul></section> }
    })
}

fn form(whose: Whose, can: &[Volume], classes: &[StorageClass], chosen: String, again: &Again<BulkDeleteForm>) -> AnyView {
    let error = again.field("confirm");
    let typed = again.form.as_ref().map(|form| form.confirm.clone()).unwrap_or_default();
    let after = match server::portal().ok().and_then(|portal| portal.cluster.trash_until()) {
        Some(until) => {
            format!(
                "They go to the trash and can be restored {}; what stands above becomes of their data then.",
                Trash::Until(until).in_words()
            )
        }
        None => "What is destroyed cannot be brought back.".to_owned(),
    };
    let bytes = can.iter().fold(0u64, |sum, volume| sum.saturating_add(volume.size().bytes()));
    let row = |volume: &Volume| {
        let class = classes.iter().find(|class| Some(class.name.as_str()) == volume.class.as_deref());
        let told = Consequences::of(volume, class);
        let finished: Vec<_> = volume.used_by.iter().map(Use::label).collect();
        view! {
            <tr>
                <th scope="row" class="wrap">
                    <a class="name" href=whose.volume(volume)>{volume.name.clone()}</a>
                    {(whose == Whose::Anybodys).then(|| view! { <span class="under">"of " {if volume.username.is_empty() { "nobody".to_owned() } else { volume.username.clone() }}</span> })}
                </th>
                <td class="num" data-label="Size">{told.size.rounded()}</td>
                <td class="wrap" data-label="Used by">{if finished.is_empty() { "nothing".to_owned() } else { format!("{} (finished)", finished.join(", ")) }}</td>
                <td class="wrap" data-label="Data">{told.reclaim_in_words()}</td>
            </tr>
        }
    };
    view! {
        <form method="post" action=if whose == Whose::Mine { paths::DELETE_VOLUMES } else { paths::ADMIN_DELETE_VOLUMES } novalidate>
            <input type="hidden" name="chosen" value=chosen/>
            <div class="sheet scroll" tabindex="0" role="region" aria-label="Volumes to delete">
                <table class="labelled">
                    <thead><tr><th scope="col">"Volume"</th><th scope="col" class="num">"Size"</th><th scope="col">"Used by"</th><th scope="col">"What becomes of its data"</th></tr></thead>
                    <tbody>{can.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <p>{domain::quantity::Size::from_bytes(bytes).rounded()} " in all. " {after}</p>
            <div class="field narrow">
                <label for="confirm">"Type " <code>{BulkDeleteForm::phrase(can.len())}</code> " to confirm"</label>
                <input class="text" id="confirm" name="confirm" value=typed autocomplete="off" autocapitalize="off" spellcheck="false" required
                    aria-describedby="confirm-error" aria-invalid=error.is_some().then_some("true") autofocus=error.is_some()/>
                {slot("confirm-error", error.as_deref())}
            </div>
            <div class="row">
                <a class="button" href=whose.list()>"Cancel"</a>
                <button class="button danger first">"Delete " {volumes(can.len())}</button>
            </div>
        </form>
    }
    .into_any()
}

fn results(whose: Whose, gone: Vec<Gone>) -> AnyView {
    let done = gone.iter().filter(|gone| gone.result.is_ok()).count();
    let trashed = gone.iter().filter(|gone| matches!(gone.result, Ok(Removed::ToTrash(_)))).count();
    let heading = if trashed > 0 && trashed == gone.len() {
        format!("{} moved to the trash", volumes(trashed))
    } else if done == gone.len() {
        format!("Deletion of {} was asked for", volumes(done))
    } else {
        format!("{done} of {} deleted", volumes(gone.len()))
    };
    let row = |gone: Gone| {
        let (tone, silhouette, sentence, more) = match gone.result {
            Ok(Removed::ToTrash(trash)) => {
                ("status good", "ready", format!("It is in the trash {}. It can be restored from there.", trash.in_words()), None)
            }
            Ok(Removed::ForGood) => {
                ("status good", "ready", "Deletion was asked for; it leaves the list when the cluster has removed it.".to_owned(), None)
            }
            Err(problem) => ("status bad", "failed", problem.message.clone(), for_admins(&problem)),
        };
        view! { <li><span class=tone>{icon(silhouette)}{gone.name}</span><p class="quiet">{sentence}</p>{more}</li> }
    };
    view! {
        {crumbs(whose)}
        <div class="head"><h1>{heading}</h1></div>
        {cluster_banner()}
        <section class="sheet card"><ul class="plain">{gone.into_iter().map(row).collect_view()}</ul></section>
        <p class="row">
            <a class="button first" href=whose.list()>"Go to volumes"</a>
            {(trashed > 0).then(|| view! { <a class="button" href=whose.trash()>"See the trash"</a> })}
        </p>
    }
    .into_any()
}
