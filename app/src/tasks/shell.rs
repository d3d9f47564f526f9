//! How is a shell opened in a running task? A page with a terminal (`editor/terminal.js`), or why there is none, and the same with kubectl.

use super::{
    source::{Found, Source},
    view::Whose,
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, cluster_banner},
    paths,
    server::{self, Portal, Terminal, told},
    ui::{copy::CopyButton, icon},
    volumes::pages::{param, query, show},
};
use cluster::{Cluster, Error, Right, shell_pod};
use domain::{
    allowed::WhyNot,
    problem::{Code, Problem},
    task::{PodState, Task},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{Link, Meta, Title};

/// More ranks than this are chosen from a list.
const TABS: usize = 12;

#[component]
pub fn ShellPage() -> impl IntoView {
    page(Whose::Mine)
}

/// The same for anybody's task. Administrators only.
#[component]
pub fn AnyShellPage() -> impl IntoView {
    page(Whose::Anybodys)
}

fn page(whose: Whose) -> impl IntoView {
    let (id, rank) = (param("id"), query("rank"));
    let page = Suspend::new(async move { show(read(whose, &id, &rank).await, |shell| shell_view(whose, shell)) });
    view! { <Frame title="Shell" section=whose.section()>{page}</Frame> }
}

/// Where a shell is wanted.
struct Shell {
    task: Task,
    rank: u32,
    offer: Result<(), Problem>,
}

async fn read(whose: Whose, id: &str, rank: &str) -> Result<Shell, ApiError> {
    let (source, portal, id) = (Source::of(whose)?, server::portal()?, server::task_id(id)?);
    let found = source.find(&portal, &id).await?;
    let is_kept = found.is_kept();
    let task = found.into_detail().task;
    let rank = if rank.is_empty() {
        running(&task).first().copied().unwrap_or_default()
    } else {
        rank.parse().map_err(|_| server::fail(Problem::not_found().into()))?
    };
    let offer = if is_kept { Err(not_running()) } else { offer(&portal.cluster, portal.shells, &task, Some(rank)) };
    Ok(Shell { task, rank, offer })
}

/// Whether a shell can be opened in this task now; in this rank, if one is meant.
pub fn offer(cluster: &Cluster, enabled: bool, task: &Task, rank: Option<u32>) -> Result<(), Problem> {
    if !enabled {
        return Err(switched_off());
    }
    let runs = match rank {
        Some(rank) => shell_pod(task, rank).is_some(),
        None => !running(task).is_empty(),
    };
    if !runs {
        return Err(not_running());
    }
    if !cluster.may_open_shells() {
        let command = format!("kubectl auth can-i create pods --subresource exec --namespace {}", cluster.namespace());
        let right = Right { what: "get and create pods/exec".into(), command: Some(command) };
        return Err(told(&Error::MissingRight(right)));
    }
    Ok(())
}

/// The same of a task wherever it was found.
pub(super) fn offer_of(portal: &Portal, found: &Found) -> Result<(), Problem> {
    match found {
        Found::Live(detail) => offer(&portal.cluster, portal.shells, &detail.task, None),
        Found::Kept(_) => Err(not_running()),
    }
}

pub fn switched_off() -> Problem {
    Problem::new(Code::Forbidden, "Shells are switched off in this portal. Ask an administrator if you need one.")
}

fn not_running() -> Problem {
    told(&Error::NotAllowed(WhyNot::NotRunning))
}

/// The ranks whose containers run.
fn running(task: &Task) -> Vec<u32> {
    let mut ranks: Vec<u32> = task.pods.iter().filter(|pod| pod.state == PodState::Running).map(|pod| pod.rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

fn shell_view(whose: Whose, shell: Shell) -> AnyView {
    let Shell { task, rank, offer } = shell;
    let body = match &offer {
        Ok(()) => terminal(whose, &task, rank),
        Err(problem) => none(whose, &task, problem),
    };
    view! {
        <Title text=format!("Shell: {} · Stowage", task.name)/>
        {whose.crumbs(&task, "Shell")}
        <div class="head">
            <h1>"Shell in " {task.name.clone()}</h1>
            <div class="push"><a class="button" href=whose.page(&task.id, "logs")>"Log"</a></div>
        </div>
        {cluster_banner()}
        {ranks(whose, &task, rank)}
        {body}
    }
    .into_any()
}

fn terminal(whose: Whose, task: &Task, rank: u32) -> AnyView {
    let script = match use_context::<Terminal>().and_then(|terminal| terminal.0) {
        Some(address) => view! { <script type="module" src=address nonce=use_nonce()></script> }.into_any(),
        None => view! { <p class="hint">"This portal was built without its terminal. The command for kubectl opens the same shell."</p> }
            .into_any(),
    };
    let other = (whose == Whose::Anybodys).then(|| {
        view! { <p class="hint">{icon("warn")} " This is another person’s task. That you open a shell in it is written down, and its owner can see it."</p> }
    });
    view! {
        <Link rel="stylesheet" href=paths::TERMINAL_STYLE/>
        {other}
        <noscript>
            <p class="hint">{icon("info")} " The terminal needs scripts, which are off in this browser. The command for kubectl, below, opens the same shell."</p>
        </noscript>
        <section class="shell" aria-label="Terminal" data-shell=whose.page(&task.id, "shell") data-rank=rank>
            <div class="row">
                <p role="status" data-shell-state="">"Not connected."</p>
                <div class="row push">
                    <label class="small"><input type="checkbox" data-shell-reader=""/> " Screen reader mode"</label>
                    <button type="button" class="button small" data-shell-copy="" disabled>"Copy selection"</button>
                    <button type="button" class="button small first" data-shell-again="" hidden>"Reconnect"</button>
                </div>
            </div>
            <div class="screen" data-shell-screen=""></div>
            <p class="small quiet" id="shell-keys">
                "All keys go to the shell, also Tab. To leave the terminal with the keyboard, press " <kbd>"Esc"</kbd> " and then " <kbd>"Tab"</kbd>
                " or " <kbd>"Shift"</kbd>"+"<kbd>"Tab"</kbd> ". " <kbd>"Ctrl"</kbd>"+"<kbd>"Shift"</kbd>"+"<kbd>"V"</kbd> " pastes. Leaving this page types Ctrl+C and Ctrl+D for you, which ends the shell; the task runs on."
            </p>
        </section>
        {script}
        {kubectl(task, rank)}
    }
    .into_any()
}

/// The same without the portal.
fn kubectl(task: &Task, rank: u32) -> Option<impl IntoView + use<>> {
    let namespace = server::portal().ok()?.cluster.namespace().to_owned();
    let command = format!("kubectl -n {namespace} exec -it {} -c task -- /bin/sh", shell_pod(task, rank)?.name);
    Some(view! {
        <section class="sheet card ways" id="kubectl">
            <header><h2>"With kubectl"</h2><span class="push"><CopyButton text=command.clone()/></span></header>
            <pre tabindex="0">{command}</pre>
        </section>
    })
}

fn none(whose: Whose, task: &Task, problem: &Problem) -> AnyView {
    let will_run = task.state == domain::task::TaskState::Starting && problem.code == Code::Conflict;
    let for_admins = problem.for_admins.clone().filter(|_| server::user().is_ok_and(|user| user.is_admin())).map(|told| {
        view! { <p>{told.sentence}</p> {told.command.map(|command| view! { <pre tabindex="0">{command}</pre> })} }
    });
    view! {
        {will_run.then(|| view! { <Meta http_equiv="refresh" content="5"/> })}
        <div class="sheet empty" id="none">
            {icon("task")}
            <h2>"No shell can be opened here now"</h2>
            <p>{problem.message.clone()} {will_run.then_some(" This page looks again every five seconds.")}</p>
            {for_admins}
            <a class="button first" href=whose.task(&task.id)>"Back to the task"</a>
        </div>
    }
    .into_any()
}

/// Those that run, if there are several.
fn ranks(whose: Whose, task: &Task, here: u32) -> Option<AnyView> {
    let (ranks, shell) = (running(task), whose.page(&task.id, "shell"));
    if ranks.len() < 2 {
        return None;
    }
    if ranks.len() > TABS {
        let choice = |rank: u32| view! { <option value=rank.to_string() selected=here == rank>"Rank " {rank}</option> };
        return Some(
            view! {
                <form class="row" action=shell aria-label="Ranks">
                    <select name="rank" class="text" aria-label="Rank">{ranks.into_iter().map(choice).collect_view()}</select>
                    <button class="button small">"Open"</button>
                </form>
            }
            .into_any(),
        );
    }
    let each = ranks.into_iter().map(|rank| {
        let href = paths::with_query(&shell, &[("rank", rank.to_string())]);
        view! { <a href=href aria-current=(here == rank).then_some("page")>"Rank " {rank}</a> }
    });
    Some(view! { <nav class="facets" aria-label="Ranks">{each.collect_view()}</nav> }.into_any())
}
