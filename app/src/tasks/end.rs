//! Shall this task be stopped, or deleted with its log; or made whole? What is lost and what stays is said before.

use super::{
    pages::read,
    view::{Whose, badge},
};
use crate::{
    pages::frame::{Frame, cluster_banner},
    paths,
    server::Refused,
    ui::icon,
    volumes::{
        change::Again,
        pages::{param, show},
    },
};
use domain::{
    allowed::WhyNot,
    task::{SeenForm, Task, TaskState},
};
use leptos::prelude::*;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Stop,
    Delete,
    /// The beginning rather: of one that was made only in part.
    Resume,
}

#[component]
pub fn StopPage() -> impl IntoView {
    page(End::Stop, Whose::Mine)
}

#[component]
pub fn DeletePage() -> impl IntoView {
    page(End::Delete, Whose::Mine)
}

#[component]
pub fn ResumePage() -> impl IntoView {
    page(End::Resume, Whose::Mine)
}

/// The same for anybody's task. Administrators only.
#[component]
pub fn AnyStopPage() -> impl IntoView {
    page(End::Stop, Whose::Anybodys)
}

#[component]
pub fn AnyDeletePage() -> impl IntoView {
    page(End::Delete, Whose::Anybodys)
}

fn page(end: End, whose: Whose) -> impl IntoView {
    let refused = use_context::<Refused<SeenForm>>();
    let title = match end {
        End::Stop => "Stop task",
        End::Delete => "Delete task",
        End::Resume => "Resume task",
    };
    let id = param("id");
    let page = Suspend::new(async move { show(read(whose, &id).await, |read| asked(end, whose, read.data, Again::of(refused))) });
    view! { <Frame title=title section=whose.section()>{page}</Frame> }
}

fn asked(end: End, whose: Whose, page: super::detail::TaskPage, again: Again<SeenForm>) -> AnyView {
    let task = page.detail.task.clone();
    let (here, verb, failed) = match end {
        End::Stop => ("Stop", "Stop task", "Nothing was stopped"),
        End::Delete => ("Delete", "Delete task", "Nothing was deleted"),
        End::Resume => ("Resume", "Resume task", "Nothing was resumed"),
    };
    let why_not = match (end, task.state) {
        (End::Stop, TaskState::Incomplete) => Some(WhyNot::TaskIncomplete),
        (End::Stop, state) if state.is_over() => Some(WhyNot::TaskIsOver),
        (End::Resume, state) if state != TaskState::Incomplete => Some(WhyNot::TaskIsWhole),
        (End::Stop | End::Delete | End::Resume, _) => None,
    };
    if let Some(why) = why_not {
        return cannot(whose, &task, here, &why);
    }
    let button = if end == End::Resume { "button first" } else { "button danger first" };
    let owner = (whose == Whose::Anybodys).then(|| {
        let owner = if task.username.is_empty() { "unclaimed".to_owned() } else { task.username.clone() };
        view! { <dt>"Owner"</dt><dd>{owner}</dd> }
    });
    view! {
        {whose.crumbs(&task, here)}
        <div class="narrow">
            <div class="head"><h1>{format!("{here} task {}?", task.name)}</h1></div>
            {cluster_banner()}
            {again.general(failed)}
            <form class="sheet card" method="post">
                <input type="hidden" name="uid" value=task.uid.clone()/>
                <p><b>{consequences(end, &task)}</b></p>
                <dl class="facts">
                    {owner}
                    <dt>"State"</dt><dd>{badge(&page.cause)}</dd>
                    <dt>"Volumes"</dt><dd>{kept(&page, &task, whose)}</dd>
                    <dt>"Job"</dt><dd class="mono">{task.job.clone()}</dd>
                </dl>
                <div class="row">
                    <a class="button" href=whose.task(&task.id)>"Cancel"</a>
                    <button class=button>{verb}</button>
                </div>
            </form>
        </div>
    }
    .into_any()
}

fn consequences(end: End, task: &Task) -> &'static str {
    match (end, task.state.is_over()) {
        (End::Stop, _) => "Its programs are asked to end and have half a minute for it. Its page and its log stay for a while.",
        (End::Delete, false) => "It is stopped at once, and its page and its log go with it. That cannot be undone.",
        (End::Resume, _) => "What is missing of it is made, and it starts as soon as there is a node for it.",
        (End::Delete, true) => "Its page and its log go. That cannot be undone.",
    }
}

fn kept(page: &super::detail::TaskPage, task: &Task, whose: Whose) -> AnyView {
    if task.mounts.is_empty() {
        return view! { "none: all that it wrote is lost" }.into_any();
    }
    let names = page.volumes.iter().filter(|volume| task.mounts.iter().any(|mount| mount.claim == volume.claim));
    let links = names.map(|volume| view! { <a href=whose.volume(volume)>{volume.name.clone()}</a> " " }).collect_view();
    view! { {links} "stay, with their data" }.into_any()
}

fn cannot(whose: Whose, task: &Task, here: &'static str, why: &WhyNot) -> AnyView {
    view! {
        {whose.crumbs(task, here)}
        <div class="narrow">
            <div class="head"><h1>{format!("{here} task {}", task.name)}</h1></div>
            {cluster_banner()}
            <section class="cause calm">{icon("info")}<div><h2>{why.heading()}</h2><p>{why.to_string()}</p></div></section>
            <div class="row">
                <a class="button first" href=whose.task(&task.id)>"Back to the task"</a>
                {(whose == Whose::Mine).then(|| view! { <a class="button" href=paths::run_again(&task.id)>"Run again"</a> })}
            </div>
        </div>
    }
    .into_any()
}
