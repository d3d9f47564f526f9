//! What does this task do, how does it stand, and what happened? In parts that follow the cluster while the page is open.
//!
//! | Module | Answers |
//! |---|---|
//! | `explained` | why is it as it is, and what is left when it is over |
//! | `pods` | where did it run, and how did each pod end |
//! | `facts` | what was asked for, and the same by other means |

mod explained;
mod facts;
mod pods;

use super::{
    list::duration,
    mounts,
    source::Found,
    view::{Whose, badge},
};
use crate::{
    pages::frame::cluster_banner,
    parts::Follow,
    paths,
    server::{self, Reading},
    ui::icon,
    volumes::detail::events_view,
};
use cluster::TaskDetail;
use domain::{
    event::Event,
    name::VolumeId,
    problem::Problem,
    task::{
        Task, TaskState,
        cause::{Cause, Facts, cause},
        timeline::{Step, timeline},
    },
    text,
    volume::Volume,
};
use explained::{explained, removed, what_stays};
use facts::{facts, from_secret, variable, ways};
use leptos::prelude::*;
use pods::{all_events, pods};

/// One task with what belongs to its page.
pub struct TaskPage {
    pub detail: TaskDetail,
    pub cause: Cause,
    pub steps: Vec<Step>,
    /// Those that the viewer may know.
    pub volumes: Vec<Volume>,
    /// Whether the cluster has removed its Job.
    pub is_kept: bool,
    /// Whether a shell can be opened in it now.
    pub shell: Result<(), Problem>,
}

impl TaskPage {
    /// `said` reads what was said about a volume; what cannot be read is left out of the timeline.
    pub fn new(
        found: Found,
        volumes: Vec<Volume>,
        shell: Result<(), Problem>,
        said: impl Fn(&VolumeId) -> Result<Vec<Event>, cluster::Error>,
    ) -> Self {
        let is_kept = found.is_kept();
        let detail = found.into_detail();
        let task = &detail.task;
        let mounted = volumes.iter().filter(|volume| task.mounts.iter().any(|mount| mount.claim == volume.claim));
        let said: Vec<_> = mounted.map(|volume| (volume.claim.clone(), said(&volume.id).unwrap_or_default())).collect();
        let cause = cause(&Facts { task, events: &detail.events, volumes: &volumes, now: server::now() });
        let steps = timeline(task, &detail.events, &volumes, &said);
        Self { detail, cause, steps, volumes, is_kept, shell }
    }
}

/// Administrators see whose it is, and are offered what ends it.
pub fn detail(read: Reading<TaskPage>, whose: Whose) -> impl IntoView {
    let Reading { data: TaskPage { detail, cause, steps, volumes, is_kept, shell }, revision, now } = read;
    let TaskDetail { task, events, envs, secrets, setup, run, workdir, resources, file } = detail;
    let said = all_events(&task, &events);
    let stays = what_stays(&task, &volumes, whose);
    view! {
        <p class="crumbs" data-revision=revision.clone()><a href=whose.list()>{whose.list_title()}</a>" / " {task.name.clone()}</p>
        <div class="head">
            <h1>{icon("task")} " " {task.name.clone()}</h1>
            <span data-part="status" role="status">{badge(&cause)}</span>
            <div class="push" data-part="actions">{actions(&task, is_kept, &shell, whose)}</div>
        </div>
        <Follow stream=whose.stream().to_owned() revision=revision.clone() list=whose.list()/>
        <div data-part="cause">{cluster_banner()} {is_kept.then(removed)} {explained(&cause, &task, &volumes, whose, now)} {stays}</div>
        <div class="cols">
            <div>
                <section class="sheet card" data-part="timeline">
                    <header><h2>"Timeline"</h2><span class="push small quiet">"ran " {duration(&task, now)}</span></header>
                    <ol class="line">{steps.into_iter().map(step).collect_view()}</ol>
                </section>
                <section class="sheet card" id="pods" data-part="pods">
                    <header><h2>"Pods"</h2></header>
                    {pods(&task, whose, now)}
                </section>
                <section class="sheet card" data-part="events">
                    <header><h2>"Events"</h2><span class="push small quiet">"newest first"</span></header>
                    {events_view(&said, "this task", now)}
                </section>
            </div>
            <div>
                <section class="sheet card" id="mounts">
                    <header><h2>"What is where"</h2></header>
                    {mounts::table(&task, &file, &volumes, whose)}
                </section>
                <section class="sheet card" data-part="facts">
                    <header><h2>"Asked for"</h2></header>
                    {facts(&task, resources, workdir, &file, whose, now)}
                </section>
                <section class="sheet card">
                    <header><h2>"What it runs"</h2></header>
                    {setup.map(|setup| view! { <h3 class="small quiet">"Setup"</h3> <pre tabindex="0">{setup}</pre> <h3 class="small quiet">"Run"</h3> })}
                    <pre tabindex="0">{if run.is_empty() { "It is not known: the task was not made here.".to_owned() } else { run }}</pre>
                </section>
                {(!envs.is_empty() || !secrets.is_empty()).then(|| view! {
                    <section class="sheet card" id="envs">
                        <header><h2>"Variables"</h2></header>
                        <dl class="facts">{envs.into_iter().map(variable).collect_view()}{secrets.into_iter().map(from_secret).collect_view()}</dl>
                    </section>
                })}
                <section class="sheet card ways">
                    <header><h2>"Other ways"</h2></header>
                    {ways(&task, is_kept)}
                </section>
            </div>
        </div>
    }
}

/// What can be done with it now.
fn actions(task: &Task, is_kept: bool, shell: &Result<(), Problem>, whose: Whose) -> AnyView {
    let (id, uid) = (&task.id, task.uid.clone());
    let stop = match task.state {
        _ if is_kept => None,
        TaskState::Running | TaskState::Starting => Some(
            view! {
                <form method="post" action=whose.page(id, "stop")>
                    <input type="hidden" name="uid" value=uid/>
                    <button class="button danger">"Stop"</button>
                </form>
            }
            .into_any(),
        ),
        TaskState::Incomplete if whose == Whose::Mine => Some(
            view! {
                <form method="post" action=whose.page(id, "resume")>
                    <input type="hidden" name="uid" value=uid/>
                    <button class="button first">"Resume"</button>
                </form>
            }
            .into_any(),
        ),
        TaskState::Incomplete | TaskState::Stopping | TaskState::Failed | TaskState::Stopped | TaskState::Succeeded => None,
    };
    view! {
        {shell_action(task, shell, whose)}
        {task.has_log().then(|| view! { <a class="button" href=whose.page(id, "logs")>"Log"</a> })}
        {(whose == Whose::Mine).then(|| view! { <a class="button" href=paths::run_again(id)>"Run again"</a> })}
        <a class="button" href=whose.page(id, "yaml")>"YAML"</a>
        {stop}
        <a class="button danger" href=whose.page(id, "delete")>"Delete"</a>
    }
    .into_any()
}

/// To the page of its shell; to whoever administers the portal, also why there is none.
fn shell_action(task: &Task, shell: &Result<(), Problem>, whose: Whose) -> Option<AnyView> {
    let href = whose.page(&task.id, "shell");
    match (task.state, shell) {
        (TaskState::Running, Ok(())) => Some(view! { <a class="button" href=href>"Open a shell"</a> }.into_any()),
        (TaskState::Running, Err(problem)) if problem.for_admins.is_some() && server::user().is_ok_and(|user| user.is_admin()) => {
            Some(view! { <a class="quiet small" href=href>"Why is there no shell?"</a> }.into_any())
        }
        _ => None,
    }
}

fn step(step: Step) -> impl IntoView {
    let took = step.what.took(step.after).map(|took| view! { " " <span class="quiet small">{took}</span> });
    let at = step.at.map(|at| view! { <time class="quiet small" datetime=text::machine_date(at)>{text::date(at)}</time> });
    view! { <li>{icon(step.what.icon())}<span>{step.what.in_words()} {took}</span>{at}</li> }
}
