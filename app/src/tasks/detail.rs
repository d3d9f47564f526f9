//! What does this task do, how does it stand, and what happened? In parts that follow the cluster while the page is open.

use super::{
    list::{duration, gpus},
    mounts,
    source::{Found, REMOVED},
    view::{Whose, badge},
};
use crate::{
    pages::frame::cluster_banner,
    parts::Follow,
    paths,
    server::{self, Reading},
    ui::{copy::CopyButton, icon, icon::tone, time::age},
    volumes::detail::{events_view, evidence},
};
use cluster::TaskDetail;
use domain::{
    event::{Event, newest_first},
    name::VolumeId,
    task::{
        Task, TaskPod, TaskState,
        cause::{Action, Cause, Facts, cause},
        secret::is_secret,
        timeline::{Step, timeline},
    },
    text,
    volume::Volume,
};
use leptos::prelude::*;

/// One task with what belongs to its page.
pub struct TaskPage {
    pub detail: TaskDetail,
    pub cause: Cause,
    pub steps: Vec<Step>,
    /// Those that the viewer may know.
    pub volumes: Vec<Volume>,
    /// Whether the cluster has removed its Job.
    pub is_kept: bool,
}

impl TaskPage {
    /// `said` reads what was said about a volume; what cannot be read is left out of the timeline.
    pub fn new(found: Found, volumes: Vec<Volume>, said: impl Fn(&VolumeId) -> Result<Vec<Event>, cluster::Error>) -> Self {
        let is_kept = found.is_kept();
        let detail = found.into_detail();
        let task = &detail.task;
        let mounted = volumes.iter().filter(|volume| task.mounts.iter().any(|mount| mount.claim == volume.claim));
        let said: Vec<_> = mounted.map(|volume| (volume.claim.clone(), said(&volume.id).unwrap_or_default())).collect();
        let cause = cause(&Facts { task, events: &detail.events, volumes: &volumes, now: server::now() });
        let steps = timeline(task, &detail.events, &volumes, &said);
        Self { detail, cause, steps, volumes, is_kept }
    }
}

/// Administrators see whose it is, and are offered what ends it.
pub fn detail(read: Reading<TaskPage>, whose: Whose) -> impl IntoView {
    let Reading { data: TaskPage { detail, cause, steps, volumes, is_kept }, revision, now } = read;
    let TaskDetail { task, events, envs, setup, run, workdir, resources, file } = detail;
    let said = all_events(&task, &events);
    let stays = what_stays(&task, &volumes, whose);
    view! {
        <p class="crumbs" data-revision=revision.clone()><a href=whose.list()>{whose.list_title()}</a>" / " {task.name.clone()}</p>
        <div class="head">
            <h1>{icon("task")} " " {task.name.clone()}</h1>
            <span data-part="status" role="status">{badge(&cause)}</span>
            <div class="push" data-part="actions">{actions(&task, is_kept, whose)}</div>
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
                    {mounts::table(&task.mounts, &file, &volumes, whose)}
                </section>
                <section class="sheet card" data-part="facts">
                    <header><h2>"Asked for"</h2></header>
                    {facts(&task, resources, workdir, whose, now)}
                </section>
                <section class="sheet card">
                    <header><h2>"What it runs"</h2></header>
                    {setup.map(|setup| view! { <h3 class="small quiet">"Setup"</h3> <pre tabindex="0">{setup}</pre> <h3 class="small quiet">"Run"</h3> })}
                    <pre tabindex="0">{if run.is_empty() { "It is not known: the task was not made here.".to_owned() } else { run }}</pre>
                </section>
                {(!envs.is_empty()).then(|| view! {
                    <section class="sheet card" id="envs">
                        <header><h2>"Variables"</h2></header>
                        <dl class="facts">{envs.into_iter().map(variable).collect_view()}</dl>
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

fn removed() -> AnyView {
    let sentence = "Nothing new comes to it. It stays until you delete it or its time in the portal's records is over.";
    view! { <section class="cause calm" id="removed">{icon("info")}<div><h2>{REMOVED}</h2><p>{sentence}</p></div></section> }.into_any()
}

/// What was said about the Job and about each pod, in one order.
fn all_events(task: &Task, events: &[Event]) -> Vec<Event> {
    let many = task.pods.len() > 1;
    let of_pods = task.pods.iter().flat_map(|pod| {
        let by = |event: &Event| {
            if many { Event { source: format!("{}, pod {}", event.source, pod.name), ..event.clone() } } else { event.clone() }
        };
        pod.events.iter().map(by).collect::<Vec<_>>()
    });
    newest_first(events.iter().cloned().chain(of_pods))
}

/// What happened, what to do, and what it was judged by, when not all is well.
fn explained(cause: &Cause, task: &Task, volumes: &[Volume], whose: Whose, now: i64) -> Option<AnyView> {
    let (heading, sentence) = cause.explanation()?;
    let sentence = sentence.to_owned();
    Some(
        view! {
            <section class=format!("cause {}", tone(cause.tone())) data-cause=cause.id().as_str()>
                {icon(cause.icon())}
                <div>
                    <h2>{heading} {cause.since().map(|since| view! { " " <span class="for small quiet">"for " {age(since, now)}</span> })}</h2>
                    <p>{sentence}</p>
                    {cause.lines().map(|lines| view! { <pre class="said" tabindex="0" aria-label="Its last lines">{lines.to_owned()}</pre> })}
                    {cause.action().and_then(|action| to_tell(action, task, whose))}
                </div>
                {cause.action().and_then(|action| to_do(action, task, volumes, whose))}
                {evidence(cause.evidence(), now)}
            </section>
        }
        .into_any(),
    )
}

/// The one thing to do. Administrators see other people's tasks here: they are offered what changes nothing.
fn to_do(action: &Action, task: &Task, volumes: &[Volume], whose: Whose) -> Option<AnyView> {
    let href = match action {
        Action::AskAdmin { .. } => return None,
        Action::RunAgain if whose == Whose::Anybodys => return None,
        Action::RunAgain => paths::run_again(&task.id),
        Action::ReadLog if !task.has_log() => return None,
        Action::ReadLog => whose.page(&task.id, "logs"),
        Action::OpenVolume { claim } => whose.volume(volumes.iter().find(|volume| volume.claim == *claim)?),
    };
    Some(view! { <div class="do"><a class="button" href=href>{action.label()}</a></div> }.into_any())
}

/// What to tell an administrator, ready to be copied.
fn to_tell(action: &Action, task: &Task, whose: Whose) -> Option<AnyView> {
    match action {
        Action::AskAdmin { what } if whose == Whose::Mine => {
            Some(view! { <p>{action.label()} ": " <q>{what.clone()} " Job " {task.job.clone()} "."</q></p> }.into_any())
        }
        Action::AskAdmin { .. } | Action::OpenVolume { .. } | Action::RunAgain | Action::ReadLog => None,
    }
}

/// Once it is over, what is left of it; and before that, if nothing will be.
fn what_stays(task: &Task, volumes: &[Volume], whose: Whose) -> Option<AnyView> {
    let kept: Vec<_> = volumes.iter().filter(|volume| task.mounts.iter().any(|mount| mount.claim == volume.claim)).collect();
    if task.mounts.is_empty() {
        let sentence = if task.state.is_over() {
            "This task had no volume: what it wrote is gone with its pods. Its log stays as long as the task is listed."
        } else {
            "This task has no volume: all that it writes is lost when its pods end, however they end. Only its log stays for a while."
        };
        return Some(
            view! { <section class="cause wait" id="lost">{icon("warn")}<div><h2>"Nothing is kept"</h2><p>{sentence}</p></div></section> }
                .into_any(),
        );
    }
    if !task.state.is_over() || kept.is_empty() {
        return None;
    }
    let links =
        kept.into_iter().map(|volume| view! { " " <a class="chip" href=whose.volume(volume)>{volume.name.clone()}</a> }).collect_view();
    Some(
        view! { <section class="cause calm" id="kept">{icon("vol")}<div><h2>"Its volumes and their data stay"</h2><p>"The task is over; what it wrote here is still there:" {links}</p></div></section> }
            .into_any(),
    )
}

/// What can be done with it now.
fn actions(task: &Task, is_kept: bool, whose: Whose) -> AnyView {
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
        {task.has_log().then(|| view! { <a class="button" href=whose.page(id, "logs")>"Log"</a> })}
        {(whose == Whose::Mine).then(|| view! { <a class="button" href=paths::run_again(id)>"Run again"</a> })}
        <a class="button" href=whose.page(id, "yaml")>"YAML"</a>
        {stop}
        <a class="button danger" href=whose.page(id, "delete")>"Delete"</a>
    }
    .into_any()
}

fn step(step: Step) -> impl IntoView {
    let took = step.what.took(step.after).map(|took| view! { " " <span class="quiet small">{took}</span> });
    let at = step.at.map(|at| view! { <time class="quiet small" datetime=text::machine_date(at)>{text::date(at)}</time> });
    view! { <li>{icon(step.what.icon())}<span>{step.what.in_words()} {took}</span>{at}</li> }
}

fn pods(task: &Task, whose: Whose, now: i64) -> AnyView {
    if task.pods.is_empty() {
        return view! { <p class="quiet">"There are none at the moment."</p> }.into_any();
    }
    let current: Vec<String> = task.current_pods().iter().map(|pod| pod.name.clone()).collect();
    let row = |pod: &TaskPod| {
        let former = !current.contains(&pod.name);
        let log = pod.node.is_some().then(|| {
            let href = paths::with_query(&whose.page(&task.id, "logs"), &[("pod", &pod.name)]);
            view! { <a href=href>"Log"</a> }
        });
        let ran = pod.started.map(|started| match pod.ended {
            Some(ended) => text::age(started, ended).into_any(),
            None => age(started, now).into_any(),
        });
        view! {
            <tr>
                <th scope="row">{pod.rank} {former.then(|| view! { " " <span class="chip">"replaced"</span> })} <span class="under mono">{pod.name.clone()}</span></th>
                <td>{pod.state.in_words()} {pod.reason.clone().map(|reason| view! { <span class="under">{reason}</span> })}</td>
                <td class="mono">{pod.node.clone().unwrap_or_else(|| "not placed yet".into())}</td>
                <td class="num">{pod.exit_code}</td>
                <td class="num">{ran}</td>
                <td>{log}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Pods of this task">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Rank"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Node"</th>
                        <th scope="col" class="num">"Exit code"</th>
                        <th scope="col" class="num">"Ran"</th>
                        <th scope="col">"Log"</th>
                    </tr>
                </thead>
                <tbody>{task.pods.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn facts(task: &Task, resources: String, workdir: Option<String>, whose: Whose, now: i64) -> AnyView {
    let resources = if resources.is_empty() { gpus(task) } else { resources };
    let owner = match (whose, &task.owner_subject) {
        (Whose::Mine, _) => None,
        (Whose::Anybodys, Some(subject)) => {
            Some(view! { {task.username.clone()} <span class="under mono">{subject.clone()}</span> }.into_any())
        }
        (Whose::Anybodys, None) => Some(view! { "unclaimed: no person provably owns it" }.into_any()),
    };
    view! {
        <dl class="facts">
            <dt>"Nodes"</dt>
            <dd>{task.nodes}</dd>
            {(task.completions > task.nodes).then(|| view! { <dt>"Runs"</dt><dd>{task.completions}</dd> })}
            <dt>"Each has"</dt>
            <dd>{resources}</dd>
            <dt>"Image"</dt>
            <dd class="mono">{task.image.clone()}</dd>
            {workdir.map(|workdir| view! { <dt>"Starts in"</dt><dd class="mono">{workdir}</dd> })}
            {owner.map(|owner| view! { <dt>"Owner"</dt><dd>{owner}</dd> })}
            <dt>"Id"</dt>
            <dd class="mono">{task.id.to_string()} " " <CopyButton text=task.id.to_string()/></dd>
            <dt>"Job"</dt>
            <dd class="mono">{task.job.clone()}</dd>
            <dt>"Submitted"</dt>
            <dd>{text::date(task.submitted)} <span class="under">{age(task.submitted, now)} " ago"</span></dd>
        </dl>
    }
    .into_any()
}

fn variable((name, value): (String, String)) -> impl IntoView {
    let value = if is_secret(&name) {
        view! { <dd><span class="quiet">"not shown: its name looks like a secret's"</span></dd> }.into_any()
    } else {
        view! { <dd class="mono">{value}</dd> }.into_any()
    };
    view! { <dt class="mono">{name}</dt> {value} }
}

fn ways(task: &Task, is_kept: bool) -> impl IntoView + use<> {
    let portal = server::portal().ok();
    let namespace = portal.as_ref().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    let site = portal.map(|portal| portal.site.url).unwrap_or_default();
    let (job, id) = (&task.job, &task.id);
    let api = format!("{site}{}/{id}", paths::API_TASKS);
    let bearer = "curl -H \"Authorization: Bearer $STOWAGE_TOKEN\"";
    let kubectl = format!(
        "kubectl -n {namespace} describe job {job}\nkubectl -n {namespace} get pods -l batch.kubernetes.io/job-name={job}\nkubectl -n {namespace} get events --sort-by=.metadata.creationTimestamp --field-selector involvedObject.name={job}\nkubectl -n {namespace} logs -f job/{job} --all-pods --prefix\nkubectl -n {namespace} delete job {job}"
    );
    let stop = if is_kept { String::new() } else { format!("{bearer} -X POST {api}/stop\n") };
    let rest = format!("{bearer} {api}\n{bearer} {api}/logs\n{stop}{bearer} -X DELETE {api}");
    view! {
        {(!is_kept).then(|| view! { <details><summary>"With kubectl"</summary><pre tabindex="0">{kubectl}</pre></details> })}
        <details><summary>"With the REST API"</summary><pre tabindex="0">{rest}</pre></details>
    }
}
