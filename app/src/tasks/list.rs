//! Which tasks are there, and how are they? The pages of my tasks and of everybody's; what they show is all in the address.

use super::{
    bulk, news,
    source::Source,
    view::{All, Whose, all, badge},
};
use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, cluster_banner},
        message,
    },
    parts::Follow,
    paths,
    server::{self, Reading},
    ui::{icon, number, time::age},
    volumes::pages::query,
};
use domain::{
    task::{
        Task, TaskState,
        listing::{Judged, Listing, PER_PAGE, arrange},
    },
    text,
    volume::Volume,
};
use leptos::prelude::*;

type Data = (All, Vec<Volume>);

#[component]
pub fn ListPage() -> impl IntoView {
    page(Whose::Mine)
}

#[component]
pub fn AllPage() -> impl IntoView {
    page(Whose::Anybodys)
}

fn page(whose: Whose) -> impl IntoView {
    let page = Suspend::new(async move { list(read(whose).await, whose) });
    view! { <Frame title=whose.list_title() section=whose.section()>{page}</Frame> }
}

async fn read(whose: Whose) -> Result<Reading<Data>, ApiError> {
    let (source, portal) = (Source::of(whose)?, server::portal()?);
    let revision = source.changes().borrow().to_string();
    let volumes = source.volumes()?;
    let tasks = all(&source, &portal.records.history(), &volumes).await?;
    Ok(Reading { data: (tasks, volumes), revision, now: server::now() })
}

fn list(read: Result<Reading<Data>, ApiError>, whose: Whose) -> AnyView {
    let Reading { data: (All { tasks, missing }, volumes), revision, now } = match read {
        Err(error) => return message::problem(&error.0),
        Ok(read) => read,
    };
    let q = query("q");
    let named = |claim: &str| volumes.iter().find(|volume| volume.claim == claim).map(|volume| volume.name.clone());
    let listing = arrange(tasks, &q, query("page").parse().unwrap_or(1), whose == Whose::Anybodys, named);
    view! {
        {heading(&listing, whose)}
        <Follow stream=whose.stream().to_owned() revision list=whose.list()/>
        {cluster_banner()}
        {missing.map(|_| view! {
            <section class="cause bad" id="history-missing">
                {icon("warn")}
                <div><h2>"The history of tasks could not be read"</h2><p>"Tasks whose Job the cluster has removed are missing here. Try again in a moment."</p></div>
            </section>
        })}
        {news::of(now)}
        {if listing.total == 0 { nothing_yet(whose).into_any() } else { filled(listing, &volumes, &q, whose, now).into_any() }}
    }
    .into_any()
}

fn heading(listing: &Listing, whose: Whose) -> impl IntoView + use<> {
    let count = if listing.filter.terms.is_empty() {
        number(listing.total)
    } else {
        format!("{} of {}", number(listing.matching), number(listing.total))
    };
    view! {
        <div class="head">
            <h1>{whose.list_title()} " " <span class="quiet light" id="count" role="status">{count}</span></h1>
            <div class="push">
                {(whose == Whose::Mine).then(|| view! { <a class="button first" href=paths::NEW_TASK>{icon("plus")}"New task"</a> })}
            </div>
        </div>
    }
}

fn address(whose: Whose, q: &str, page: usize) -> String {
    let page = page.to_string();
    let pairs: Vec<_> = [("q", q), ("page", page.as_str())]
        .into_iter()
        .filter(|(key, value)| !value.is_empty() && (*key, *value) != ("page", "1"))
        .collect();
    paths::with_query(whose.list(), &pairs)
}

fn filled(listing: Listing, volumes: &[Volume], q: &str, whose: Whose, now: i64) -> impl IntoView + use<> {
    let refused =
        listing.filter.refused.iter().map(|sentence| view! { <p class="hint">{icon("info")} " " {sentence.clone()}</p> }).collect_view();
    let words = TaskState::ALL.map(|state| view! { <option value=format!("state:{}", state.word())>{state.label()}</option> });
    let states = listing
        .states
        .iter()
        .map(|(state, count)| {
            let on = listing.filter.has(*state);
            let to = address(whose, &listing.filter.turned(*state).to_string(), 1);
            view! {
                <a id=format!("s-{}", state.word()) href=to data-turn="" aria-current=on.then_some("true")><b>{number(*count)}</b> " " {state.word()}</a>
            }
        })
        .collect_view();
    view! {
        <form class="filter" action=whose.list() role="search" aria-label="Filter" data-turn="">
            {icon("find")}
            <input id="filter" name="q" type="search" value=q.to_owned() aria-label="Filter the tasks" list="filter-words"
                placeholder="Filter by name, state:failed, volume:data" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200"/>
            <datalist id="filter-words">{words}</datalist>
            <kbd aria-hidden="true">"/"</kbd>
            <button class="button">"Filter"</button>
        </form>
        <div id="refused" role="status">{refused}</div>
        <nav class="facets" aria-label="Narrow the list">{states}</nav>
        {if listing.matching == 0 { nothing_matches(whose).into_any() } else { table(listing, volumes, whose, now).into_any() }}
    }
}

fn table(listing: Listing, volumes: &[Volume], whose: Whose, now: i64) -> impl IntoView + use<> {
    let everybody = whose == Whose::Anybodys;
    let head = |class: &'static str, title: &'static str| view! { <th scope="col" role="columnheader" class=class>{title}</th> };
    let (page, pages, matching) = (listing.page, listing.pages, listing.matching);
    let q = listing.filter.to_string();
    let first = (page - 1) * PER_PAGE + 1;
    let last = first + listing.rows.len() - 1;
    let step = |to: usize, label: &'static str, rel: &'static str| {
        if (1..=pages).contains(&to) {
            view! { <a class="button" href=address(whose, &q, to) data-turn="" rel=rel>{label}</a> }.into_any()
        } else {
            view! { <span class="button" aria-disabled="true">{label}</span> }.into_any()
        }
    };
    let steps = (pages > 1)
        .then(|| view! { <nav class="row" aria-label="Pages">{step(page - 1, "Previous", "prev")} {step(page + 1, "Next", "next")}</nav> });
    view! {
        // Leads to a review; the button says of what.
        <form class="sheet" id="rows" action=if everybody { paths::ADMIN_STOP_TASKS } else { paths::STOP_TASKS } aria-label="Tasks">
            <p class="news" data-keep=""><button type="button" class="button" data-news="" hidden></button></p>
            <div class="scroll" tabindex="0" role="region" aria-label="Tasks">
            <table class="cards" role="table" aria-label="Tasks">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader" class="box"><input type="checkbox" data-choose-all="" aria-label="Choose all on this page"/></th>
                        {head("", "Name")}
                        {everybody.then(|| head("owner", "Owner"))}
                        {head("state", "Status")}
                        {head("wide num", "Nodes")}
                        {head("wide", "GPUs")}
                        {head("wide", "Volumes")}
                        {head("wide num", "Submitted")}
                        {head("num when", "Duration")}
                    </tr>
                </thead>
                <tbody role="rowgroup" data-rows="">{listing.rows.into_iter().map(|judged| row(judged, volumes, whose, now)).collect_view()}</tbody>
            </table>
            </div>
            {bulk::bar(whose, (pages > 1).then(|| (number(matching), q.clone())))}
        </form>
        <div class="pager"><span id="shown">{number(first)} " to " {number(last)} " of " {number(matching)}</span> {steps}</div>
    }
}

fn row(judged: Judged, volumes: &[Volume], whose: Whose, now: i64) -> impl IntoView + use<> {
    let Judged { task, cause, is_kept } = judged;
    let owner = (whose == Whose::Anybodys).then(|| {
        let owner = if task.username.is_empty() { "unclaimed".to_owned() } else { task.username.clone() };
        view! { <td role="cell" class="owner" title=task.owner_subject.clone()>{owner}</td> }
    });
    let name =
        |claim: &str| volumes.iter().find(|volume| volume.claim == claim).map_or_else(|| claim.to_owned(), |volume| volume.name.clone());
    let mut mounted: Vec<String> = task.mounts.iter().map(|mount| name(&mount.claim)).collect();
    mounted.dedup();
    let all = mounted.join(", ");
    let more = mounted.len().saturating_sub(1);
    let id = format!("t-{}", task.uid);
    view! {
        <tr role="row" id=id.clone()>
            <td role="cell" class="box">
                <input type="checkbox" name="id" value=task.id.to_string() id=format!("c-{id}") aria-label=format!("Choose {}", task.name)/>
            </td>
            <th scope="row" role="rowheader">
                <a class="name" id=format!("a-{id}") href=whose.task(&task.id) title=task.name.clone()>{task.name.clone()}</a>
                <span class="under"><span class="mono">{task.id.to_string()}</span> {is_kept.then_some(" · removed by the cluster")}</span>
            </th>
            {owner}
            <td role="cell" class="state">
                {badge(&cause)}
                {cause.reason().map(|reason| view! { <span class="under clip">{reason.to_owned()}</span> })}
            </td>
            <td role="cell" class="wide num">{task.nodes}</td>
            <td role="cell" class="wide">{gpus(&task)}</td>
            <td role="cell" class="wide" title=all>
                {match mounted.into_iter().next() {
                    None => view! { <span class="quiet">"none"</span> }.into_any(),
                    Some(first) => view! { <span class="chip clip">{first}</span> {(more > 0).then(|| view! { " " <span class="chip">"+" {more}</span> })} }.into_any(),
                }}
            </td>
            <td role="cell" class="wide num">{age(task.submitted, now)} " ago"</td>
            <td role="cell" class="num when">{duration(&task, now)}</td>
        </tr>
    }
}

/// How many, and of what kind where that is known: `2 nvidia.com/gpu`.
pub fn gpus(task: &Task) -> String {
    task.accelerators.clone().unwrap_or_else(|| "none".to_owned())
}

/// How long it has run, or ran. It runs in the browser while the task does.
pub fn duration(task: &Task, now: i64) -> AnyView {
    match (task.started, task.state.is_over()) {
        (None, false) => view! { <span class="quiet">"not yet"</span> }.into_any(),
        (None, true) => view! { <span class="quiet">"never ran"</span> }.into_any(),
        (Some(started), false) => age(started, now).into_any(),
        (Some(_), true) => text::age(0, task.duration(now)).into_any(),
    }
}

fn nothing_matches(whose: Whose) -> impl IntoView {
    view! {
        <div class="sheet empty" id="nothing">
            {icon("find")}
            <h2>"No task matches"</h2>
            <p>"None of them fits every part of the filter. Take a part away, or start anew."</p>
            <a class="button first" href=whose.list() data-turn="">"Show all"</a>
        </div>
    }
}

fn nothing_yet(whose: Whose) -> impl IntoView {
    let (heading, sentence) = match whose {
        Whose::Anybodys => ("Nobody has a task", "When people submit tasks, all of them appear here with their owners."),
        Whose::Mine => (
            "No tasks yet",
            "A task runs your lines in an image on one or more nodes of the cluster, with your volumes in it, and ends by itself. What it \
             writes to volumes stays when it has ended.",
        ),
    };
    view! {
        <div class="sheet empty" id="nothing">
            {icon("task")}
            <h2>{heading}</h2>
            <p>{sentence}</p>
            {(whose == Whose::Mine).then(|| view! { <a class="button first" href=paths::NEW_TASK>{icon("plus")}"New task"</a> })}
        </div>
    }
}
