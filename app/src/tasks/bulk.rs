//! Which tasks end together, and what became of each? A review of all that were chosen, then the results.

use super::{
    actions,
    list::gpus,
    source::Source,
    view::{All, Whose, all, badge},
};
use crate::{
    audit::actions::{Act, Trail},
    error::ApiError,
    pages::{
        frame::{Frame, cluster_banner},
        message::for_admins,
    },
    paths,
    server::{self, Portal, Refused, told},
    ui::{icon, time::age},
    volumes::{
        change::Again,
        pages::{query, query_list, show},
    },
};
use domain::{
    audit::Verb,
    name::TaskId,
    problem::{Code, Problem},
    task::{
        SeenForm, Task,
        bulk::{AT_ONCE, BulkForm, End, Selection},
        listing::{Filter, Judged},
    },
    volume::Volume,
};
use futures::{StreamExt, stream};
use leptos::prelude::*;

/// So many end at the same time.
const PARALLEL: usize = 4;

/// What became of one task.
#[derive(Clone, Debug)]
pub struct Ended {
    pub name: String,
    pub result: Result<(), Problem>,
}

/// The results of a post, for the page that answers it.
#[derive(Clone, Debug)]
pub struct AllEnded(pub Vec<Ended>);

/// How an end of many is put on record.
pub fn verb(end: End) -> Verb {
    match end {
        End::Stop => Verb::StopTask,
        End::Delete => Verb::DeleteTask,
    }
}

/// Ends each of the tasks that the person saw, with the checks of a single one. One that stays stops no other; each is on the trail
/// as it ends, and all that are not there are one line.
pub async fn end_all(portal: &Portal, source: &Source, end: End, form: &BulkForm, trail: &Trail) -> Result<Vec<Ended>, Problem> {
    let chosen = form.check().map_err(Problem::invalid)?;
    let volumes = source.volumes().map_err(|error| told(&error))?;
    let known = all(source, &portal.records.history(), &volumes).await.map_err(|error| told(&error))?.tasks;
    let known: Vec<&Task> = known.iter().map(|judged| &judged.task).collect();
    let ended: Vec<(TaskId, Ended)> = stream::iter(chosen)
        .map(async |(id, uid)| {
            let task = known.iter().find(|task| task.id == id).copied();
            let act = act(portal, source, end, &id, task).await;
            let result = match task {
                None => Err(Problem::not_found()),
                Some(task) => one(portal, source, end, task, SeenForm { uid }).await,
            };
            if result.as_ref().err().is_none_or(|problem| problem.code != Code::NotFound) {
                trail.ended(act, result.as_ref().err()).await;
            }
            let name = task.map_or_else(|| id.to_string(), |task| task.name.clone());
            (id, Ended { name, result })
        })
        .buffered(PARALLEL)
        .collect()
        .await;
    let mut absent = ended.iter().filter(|(_, ended)| ended.result.as_ref().is_err_and(|problem| problem.code == Code::NotFound));
    if let Some((first, _)) = absent.next() {
        let tried = Act::tried(verb(end), first.as_str());
        let tried = match absent.count() {
            0 => tried,
            more => tried.called(format!("and {more} more")),
        };
        trail.ended(tried, Some(&Problem::not_found())).await;
    }
    Ok(ended.into_iter().map(|(_, ended)| ended).collect())
}

async fn one(portal: &Portal, source: &Source, end: End, task: &Task, seen: SeenForm) -> Result<(), Problem> {
    end.allows(task.state).map_err(|why| Problem::new(Code::Conflict, why.to_string()))?;
    let id = task.id.as_str();
    match (source, end) {
        (Source::Mine(caller), End::Stop) => actions::stop(caller, id, &seen).await,
        (Source::Mine(caller), End::Delete) => actions::delete(portal, caller, id, &seen).await,
        (Source::Anybodys(admin), End::Stop) => actions::stop_anybodys(admin, id, &seen).await,
        (Source::Anybodys(admin), End::Delete) => actions::delete_anybodys(portal, admin, id, &seen).await,
    }
}

/// What it is called on the trail, with whose task it was.
async fn act(portal: &Portal, source: &Source, end: End, id: &TaskId, task: Option<&Task>) -> Act {
    let Some(task) = task else { return Act::tried(verb(end), id.as_str()) };
    let act = Act::own(verb(end), id.as_str(), &task.name);
    match source {
        Source::Mine(_) => act,
        Source::Anybodys(admin) => {
            let kept = async || portal.records.history().owner_of(id).await.ok().flatten();
            let owner = match admin.owner_of_task(id) {
                Some(owner) => Some(owner),
                None => kept().await,
            };
            act.of(owner.map(|owner| owner.to_string()).unwrap_or_default(), &task.username)
        }
    }
}

/// `?id=..&id=..` chooses tasks, `?all=yes&q=..` all that match a filter.
#[component]
pub fn StopAllPage() -> impl IntoView {
    page(End::Stop, Whose::Mine)
}

#[component]
pub fn DeleteAllPage() -> impl IntoView {
    page(End::Delete, Whose::Mine)
}

/// The same of anybody's tasks. Administrators only.
#[component]
pub fn StopAnybodysPage() -> impl IntoView {
    page(End::Stop, Whose::Anybodys)
}

#[component]
pub fn DeleteAnybodysPage() -> impl IntoView {
    page(End::Delete, Whose::Anybodys)
}

fn page(end: End, whose: Whose) -> impl IntoView {
    let (results, refused) = (use_context::<AllEnded>(), use_context::<Refused<BulkForm>>());
    let (asked, q, by_filter) = (query_list("id"), query("q"), query("all") == "yes");
    let page = Suspend::new(async move {
        if let Some(AllEnded(all)) = results {
            return ended(end, whose, all);
        }
        show(read(whose).await, |(tasks, volumes)| {
            let again = Again::of(refused);
            let ids = match &again.form {
                Some(form) if !form.chosen.is_empty() => form.ids(),
                Some(_) | None if by_filter => matching(&tasks, &volumes, &q, whose),
                Some(_) | None => asked,
            };
            review(end, whose, Selection::of(end, tasks, &ids), &again)
        })
        .into_any()
    });
    let title = match end {
        End::Stop => "Stop tasks",
        End::Delete => "Delete tasks",
    };
    view! { <Frame title=title section=whose.section()>{page}</Frame> }
}

async fn read(whose: Whose) -> Result<(Vec<Judged>, Vec<Volume>), ApiError> {
    let (source, portal) = (Source::of(whose)?, server::portal()?);
    let volumes = source.volumes()?;
    let All { tasks, .. } = all(&source, &portal.records.history(), &volumes).await?;
    Ok((tasks, volumes))
}

/// The ids of all that match the filter of the address.
fn matching(tasks: &[Judged], volumes: &[Volume], q: &str, whose: Whose) -> Vec<String> {
    let filter = Filter::read(q, whose == Whose::Anybodys);
    let named = |claim: &str| volumes.iter().find(|volume| volume.claim == claim).map(|volume| volume.name.clone());
    tasks.iter().filter(|judged| filter.matches(&judged.task, &named)).map(|judged| judged.task.id.to_string()).collect()
}

fn tasks(number: usize) -> String {
    if number == 1 { "1 task".to_owned() } else { format!("{number} tasks") }
}

/// The words of an end: what it is called, what has become, and what is so after it.
fn words(end: End) -> (&'static str, &'static str, &'static str) {
    match end {
        End::Stop => (
            "Stop",
            "stopped",
            "Their programs are asked to end and have half a minute for it. Their pages and logs stay for a while, and their volumes with all data.",
        ),
        End::Delete => ("Delete", "deleted", "Their pages and logs go; that cannot be undone. Their volumes stay, with all data."),
    }
}

fn crumbs(end: End, whose: Whose) -> impl IntoView {
    view! { <p class="crumbs"><a href=whose.list()>{whose.list_title()}</a> " / " {words(end).0}</p> }
}

fn note(sentence: String) -> impl IntoView {
    view! { <section class="cause wait">{icon("warn")}<div><p>{sentence}</p></div></section> }
}

fn review(end: End, whose: Whose, selection: Selection, again: &Again<BulkForm>) -> AnyView {
    let (number, chosen) = (selection.can.len(), selection.chosen());
    let Selection { can, cannot, absent, too_many } = selection;
    let (verb, past, _) = words(end);
    let heading = if number == 0 { format!("No task can be {past}") } else { format!("{verb} {}?", tasks(number)) };
    let error = again.field("chosen").map(|sentence| {
        view! { <section class="cause bad" role="alert">{icon("failed")}<div><h2>{format!("Nothing was {past}")}</h2><p>{sentence}</p></div></section> }
    });
    let left_out = cannot.iter().map(|(judged, why)| {
        view! { <li><a class="name" href=whose.task(&judged.task.id)>{judged.task.name.clone()}</a> <p class="quiet">{why.to_string()}</p></li> }
    });
    let left_out = (!cannot.is_empty()).then(|| {
        view! { <section class="sheet card"><header><h2>"Left out"</h2></header><ul class="plain">{left_out.collect_view()}</ul></section> }
    });
    view! {
        {crumbs(end, whose)}
        <div class="head"><h1>{heading}</h1></div>
        {cluster_banner()}
        {error}
        {again.general("Nothing was done")}
        {(too_many > 0).then(|| note(format!("At most {AT_ONCE} are {past} at once; {} more that you chose are left out. Come back for them.", tasks(too_many))))}
        {(absent > 0).then(|| note(format!("{} that you chose: not there any more, or not yours.", tasks(absent))))}
        {left_out}
        {if number == 0 { nothing(whose).into_any() } else { form(end, whose, &can, chosen) }}
    }
    .into_any()
}

fn nothing(whose: Whose) -> impl IntoView {
    view! { <p>"Choose tasks in the list, then end them together."</p> <a class="button first" href=whose.list()>"Go to tasks"</a> }
}

fn form(end: End, whose: Whose, can: &[Judged], chosen: String) -> AnyView {
    let now = server::now();
    let (verb, _, after) = words(end);
    let row = |judged: &Judged| {
        let task = &judged.task;
        let owner = (whose == Whose::Anybodys).then(|| {
            let owner = if task.username.is_empty() { "nobody".to_owned() } else { task.username.clone() };
            view! { <span class="under">"of " {owner}</span> }
        });
        view! {
            <tr>
                <th scope="row" class="wrap"><a class="name" href=whose.task(&task.id)>{task.name.clone()}</a> {owner}</th>
                <td data-label="Status">{badge(&judged.cause)}</td>
                <td data-label="GPUs">{gpus(task)}</td>
                <td class="num" data-label="Submitted">{age(task.submitted, now)} " ago"</td>
            </tr>
        }
    };
    let action = match (end, whose) {
        (End::Stop, Whose::Mine) => paths::STOP_TASKS,
        (End::Stop, Whose::Anybodys) => paths::ADMIN_STOP_TASKS,
        (End::Delete, Whose::Mine) => paths::DELETE_TASKS,
        (End::Delete, Whose::Anybodys) => paths::ADMIN_DELETE_TASKS,
    };
    view! {
        <form method="post" action=action>
            <input type="hidden" name="chosen" value=chosen/>
            <div class="sheet scroll" tabindex="0" role="region" aria-label=format!("Tasks to {}", verb.to_lowercase())>
                <table class="labelled">
                    <thead><tr><th scope="col">"Task"</th><th scope="col">"Status"</th><th scope="col">"GPUs"</th><th scope="col" class="num">"Submitted"</th></tr></thead>
                    <tbody>{can.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <p>{after}</p>
            <div class="row">
                <a class="button" href=whose.list()>"Cancel"</a>
                <button class="button danger first">{verb} " " {tasks(can.len())}</button>
            </div>
        </form>
    }
    .into_any()
}

fn ended(end: End, whose: Whose, all: Vec<Ended>) -> AnyView {
    let done = all.iter().filter(|ended| ended.result.is_ok()).count();
    let (_, past, _) = words(end);
    let heading = match end {
        End::Stop if done == all.len() => {
            format!("{} asked to stop", if done == 1 { "1 task was".to_owned() } else { format!("{done} tasks were") })
        }
        End::Delete if done == all.len() => format!("Deletion of {} was asked for", tasks(done)),
        End::Stop | End::Delete => format!("{done} of {} {past}", tasks(all.len())),
    };
    let row = |ended: Ended| {
        let (tone, silhouette, sentence, more) = match ended.result {
            Ok(()) if end == End::Stop => {
                ("status good", "ready", "It was asked to stop; its programs have half a minute.".to_owned(), None)
            }
            Ok(()) => ("status good", "ready", "Its page and its log leave with its pods.".to_owned(), None),
            Err(problem) => ("status bad", "failed", problem.message.clone(), for_admins(&problem)),
        };
        view! { <li><span class=tone>{icon(silhouette)}{ended.name}</span><p class="quiet">{sentence}</p>{more}</li> }
    };
    view! {
        {crumbs(end, whose)}
        <div class="head"><h1>{heading}</h1></div>
        {cluster_banner()}
        <section class="sheet card"><ul class="plain">{all.into_iter().map(row).collect_view()}</ul></section>
        <p><a class="button first" href=whose.list()>"Go to tasks"</a></p>
    }
    .into_any()
}

/// What may be done with the chosen of a list, which is a form that leads to the review.
pub fn bar(whose: Whose, more: Option<(String, String)>) -> impl IntoView {
    let (stop, delete) = match whose {
        Whose::Mine => (paths::STOP_TASKS, paths::DELETE_TASKS),
        Whose::Anybodys => (paths::ADMIN_STOP_TASKS, paths::ADMIN_DELETE_TASKS),
    };
    view! {
        <div class="bulk" role="group" aria-label="Chosen tasks">
            <span><b data-chosen="" data-keep="">"Some"</b> " chosen"</span>
            {more.map(|(matching, filter)| view! {
                <label class="check"><input type="checkbox" name="all" value="yes"/> "all " {matching} " that match"</label>
                <input type="hidden" name="q" value=filter/>
            })}
            <button class="button danger" formaction=stop>"Stop…"</button>
            <button class="button danger" formaction=delete>"Delete…"</button>
        </div>
    }
}
