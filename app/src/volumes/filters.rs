//! Which filters has a person named? A link for each above their list, and a page to change them; all of it plain links and forms.

use super::{change::Again, form::slot};
use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section},
        message,
    },
    paths,
    server::{self, Refused, records_failed},
};
use cluster::User;
use domain::{
    filter::{MOST_SAVED, SAVED_NAME_MAX, SavedFilter, SavedForm},
    listing::{Listing, View},
    problem::{Code, Problem},
};
use leptos::prelude::*;
use records::Records;

/// Keeps or forgets a filter, and answers where to go on.
pub async fn change(records: &Records, user: &User, form: &SavedForm) -> Result<String, Problem> {
    if form.act == SavedForm::FORGET {
        records.filters().forget(user.key(), &form.name).await.map_err(|error| records_failed(&error))?;
        return Ok(paths::FILTERS.to_owned());
    }
    let filter = form.check().map_err(Problem::invalid)?;
    if records.filters().save(user.key(), &filter).await.map_err(|error| records_failed(&error))? {
        return Ok(address(&filter));
    }
    Err(Problem::new(Code::Conflict, format!("You have {MOST_SAVED} saved filters, which is the most. Delete one that you no longer use.")))
}

/// The list, narrowed by it.
fn address(filter: &SavedFilter) -> String {
    paths::with_query(paths::VOLUMES, &[("q", &filter.q)])
}

pub async fn saved() -> Result<Vec<SavedFilter>, ApiError> {
    let user = server::user()?;
    server::portal()?.records.filters().of(user.key()).await.map_err(|error| ApiError(records_failed(&error)))
}

/// The saved filters above a list, and the way to save the one that is set.
pub fn bar(saved: &Result<Vec<SavedFilter>, ApiError>, listing: &Listing, view: &View) -> AnyView {
    let Ok(saved) = saved else { return view! { <p class="hint">"Your saved filters cannot be read at the moment."</p> }.into_any() };
    let current = listing.filter.to_string();
    let is_known = current.is_empty() || saved.iter().any(|filter| filter.q == current);
    let link = |filter: &SavedFilter| {
        let there = View { q: filter.q.clone(), find: String::new(), page: 1, ..view.clone() };
        let href = paths::with_query(paths::VOLUMES, &there.pairs());
        let is_current = (filter.q == current).then_some("true");
        view! { <a class="chip clip" href=href data-turn="" title=filter.q.clone() aria-current=is_current>{filter.name.clone()}</a> }
    };
    let links = (!saved.is_empty()).then(|| {
        view! {
            <nav class="presets" aria-label="Saved filters">
                <p>"Saved filters:" {saved.iter().map(|filter| view! { " " {link(filter)} }).collect_view()} " " <a class="chip" href=paths::FILTERS>"Edit"</a></p>
            </nav>
        }
    });
    let keep = (!is_known).then(|| {
        view! {
            <details class="menu down" id="save-filter">
                <summary class="button small">"Save this filter"</summary>
                <form class="sheet card" method="post" action=paths::FILTERS aria-label="Save this filter">
                    <input type="hidden" name="q" value=current/>
                    <label for="filter-name">"Name"</label>
                    <input class="text" id="filter-name" name="name" required maxlength=SAVED_NAME_MAX.to_string() autocomplete="off"/>
                    <button class="button first">"Save"</button>
                </form>
            </details>
        }
    });
    view! { <div class="saved" id="saved">{links} {keep}</div> }.into_any()
}

#[component]
pub fn FiltersPage() -> impl IntoView {
    let refused = use_context::<Refused<SavedForm>>();
    let page = Suspend::new(async move {
        match saved().await {
            Err(error) => message::problem(&error.0),
            Ok(saved) => page(&saved, &Again::of(refused)),
        }
    });
    view! { <Frame title="Saved filters" section=Section::Volumes>{page}</Frame> }
}

fn page(saved: &[SavedFilter], again: &Again<SavedForm>) -> AnyView {
    let form = again.form.clone().unwrap_or_default();
    let (name, q) = (again.field("name"), again.field("q"));
    let invalid = |error: &Option<String>| error.is_some().then_some("true");
    let row = |filter: &SavedFilter| {
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" class="wrap"><a class="name" href=address(filter)>{filter.name.clone()}</a></th>
                <td role="cell" class="mono wrap" data-label="Filter">{filter.q.clone()}</td>
                <td role="cell">
                    <form method="post">
                        <input type="hidden" name="name" value=filter.name.clone()/>
                        <button class="button danger" name="act" value=SavedForm::FORGET aria-label=format!("Delete the filter {}", filter.name)>"Delete"</button>
                    </form>
                </td>
            </tr>
        }
    };
    let table = (!saved.is_empty()).then(|| {
        view! {
            <div class="sheet scroll" tabindex="0" role="region" aria-label="Saved filters">
                <table class="labelled" role="table" aria-label="Saved filters">
                    <thead role="rowgroup">
                        <tr role="row">{["Name", "Filter", "Act"].map(|head| view! { <th scope="col" role="columnheader">{head}</th> })}</tr>
                    </thead>
                    <tbody role="rowgroup">{saved.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <p class="crumbs"><a href=paths::VOLUMES>"Volumes"</a> " / Saved filters"</p>
        <div class="head"><h1>"Saved filters"</h1></div>
        <p class="lead">"A filter that you name is a link above your list of volumes. Nobody else sees it."</p>
        {again.general("Nothing was changed")}
        {table}
        <form class="sheet card narrow" method="post" novalidate>
            <header><h2>"Save a filter"</h2></header>
            <div class="field">
                <label for="name">"Name"</label>
                <input class="text" id="name" name="name" value=form.name maxlength=SAVED_NAME_MAX.to_string() autocomplete="off"
                    aria-describedby="name-error" aria-invalid=invalid(&name) autofocus=name.is_some()/>
                {slot("name-error", name.as_deref())}
            </div>
            <div class="field">
                <label for="q">"Filter"</label>
                <input class="text mono" id="q" name="q" value=form.q maxlength="500" autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder="label:stage=prod unused:yes" aria-describedby="q-hint q-error" aria-invalid=invalid(&q) autofocus=q.is_some() && name.is_none()/>
                <span class="hint" id="q-hint">"As on the list of volumes. One of the same name is replaced."</span>
                {slot("q-error", q.as_deref())}
            </div>
            <button class="button first">"Save"</button>
        </form>
    }
    .into_any()
}
