//! What is this volume, who uses it, what happened to it? In parts that follow the cluster while the page is open.

use super::{
    cleanup,
    fullness::{self, Forecast},
    view,
};
use crate::{
    pages::frame::cluster_banner,
    parts::Follow,
    paths,
    server::{self, Reading},
    tasks::view::Whose,
    ui::{copy::CopyButton, icon, icon::tone, time::age},
};
use cluster::VolumeDetail;
use domain::{
    allowed::{WhyNot, may_edit, may_expand, may_transfer, offers_delete},
    cause::{Action, CauseId, Evidence},
    event::{Event, Severity},
    storage_class::StorageClass,
    task::{Task, TaskState},
    text,
    timeline::{Step, timeline},
    volume::{Use, UsePhase, Volume},
};
use leptos::prelude::*;

/// One volume with what belongs to its page.
pub struct VolumePage {
    pub detail: VolumeDetail,
    pub class: Option<StorageClass>,
    /// Those that mount it, or did, the oldest first.
    pub tasks: Vec<Task>,
    /// Whether those that the cluster has removed could not be read.
    pub history_failed: bool,
}

impl VolumePage {
    pub fn new(detail: VolumeDetail, classes: &[StorageClass], mut tasks: Vec<Task>) -> Self {
        let class = classes.iter().find(|class| Some(class.name.as_str()) == detail.volume.class.as_deref()).cloned();
        tasks.retain(|task| task.mounts.iter().any(|mount| mount.claim == detail.volume.claim));
        tasks.sort_by_key(|task| task.submitted);
        Self { detail, class, tasks, history_failed: false }
    }

    /// Tasks that the cluster has removed. Those from before the volume was made had another one of this name.
    pub fn add(&mut self, kept: Vec<Task>) {
        let volume = &self.detail.volume;
        let had_it = |task: &Task| task.submitted >= volume.created && task.mounts.iter().any(|mount| mount.claim == volume.claim);
        self.tasks.extend(kept.into_iter().filter(had_it));
        self.tasks.sort_by_key(|task| task.submitted);
    }
}

/// `everybody` marks the administrators' view: it names the owner and offers what only they may do. `by_an_admin` is the sentence about
/// what one of them did, for the owner.
pub fn detail(read: Reading<VolumePage>, forecast: Forecast, everybody: bool, by_an_admin: Option<String>) -> impl IntoView {
    let Reading { data: VolumePage { detail: VolumeDetail { volume, events, .. }, class, tasks, history_failed }, revision, now } = read;
    let (stream, list, label) =
        if everybody { (paths::LIVE_ALL, paths::ADMIN_VOLUMES, "All volumes") } else { (paths::LIVE, paths::VOLUMES, "Volumes") };
    let claim = volume.claim.clone();
    let json = format!("{}/{}", paths::API_VOLUMES, volume.id);
    let namespace = server::portal().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    view! {
        <p class="crumbs"><a href=list>{label}</a>" / " {volume.name.clone()}</p>
        <div class="head">
            <h1>{icon("vol")} " " {volume.name.clone()}</h1>
            <span data-part="status" role="status">{view::badge(&volume.status)}</span>
            <div class="push" data-part="actions">{actions(&volume, class.as_ref(), everybody)}</div>
        </div>
        <Follow stream=stream.to_owned() revision/>
        <div data-part="cause">{cluster_banner()} {cause(&volume, everybody, now)}</div>
        <div class="cols">
            <div>
                <section class="sheet card" id="full">
                    <header><h2>"How full"</h2></header>
                    {fullness::whole(&volume.fullness, forecast, volume.used_by.iter().any(|u| u.phase == UsePhase::Running), now)}
                </section>
                <section class="sheet card" id="used-by">
                    <header><h2>"Used by"</h2><span class="push small quiet">{waits_for(&volume)}</span></header>
                    {uses(&volume.used_by, &tasks, everybody, now)}
                </section>
                {(!tasks.is_empty() || history_failed).then(|| view! {
                    <section class="sheet card" id="tasks" data-part="tasks">
                        <header><h2>"Tasks with it"</h2><span class="push small quiet">"oldest first"</span></header>
                        {history_failed.then_some(view! { <p>"Those whose Job the cluster has removed could not be read. Try again in a moment."</p> })}
                        {runs(&tasks, everybody, now)}
                    </section>
                })}
                <section class="sheet card" data-part="timeline">
                    <header><h2>"Timeline"</h2></header>
                    {by_an_admin.map(|sentence| view! { <p>{icon("admin")} " " {sentence}</p> })}
                    {life(&volume, &events)}
                </section>
                <section class="sheet card">
                    <header><h2>"Events"</h2><span class="push small quiet">"newest first"</span></header>
                    {events_view(&events, "this volume", now)}
                </section>
            </div>
            <div>
                <section class="sheet card">
                    <header><h2>"Facts"</h2> {(!everybody).then(|| view! { <a class="push small" href=json>"JSON"</a> })}</header>
                    {facts(volume, class.as_ref(), everybody, now)}
                </section>
                <section class="sheet card" id="use-it">
                    <header><h2>"Use it"</h2></header>
                    <p>"A task is any pod or job in namespace " <code>{namespace.clone()}</code> " that names this volume:"</p>
                    <pre tabindex="0">{format!("volumes:\n- name: data\n  persistentVolumeClaim:\n    claimName: {claim}")}</pre>
                    <p>"The same page with kubectl:"</p>
                    <pre tabindex="0">{format!("kubectl -n {namespace} describe pvc {claim}")}</pre>
                </section>
            </div>
        </div>
    }
}

/// What happened, what to do, and what it was judged by, when not all is well.
fn cause(volume: &Volume, everybody: bool, now: i64) -> Option<AnyView> {
    let cause = &volume.status;
    cause.explanation().map(|(heading, sentence)| {
        view! {
            <section class=format!("cause {}", tone(cause.tone())) data-cause=cause.id().as_str()>
                {icon(cause.icon())}
                <div>
                    <h2>{heading} {cause.since().map(|since| view! { " " <span class="for small quiet">"for " {age(since, now)}</span> })}</h2>
                    <p>{sentence}</p>
                    {cause.action().and_then(|action| to_tell(action, volume, everybody))}
                    {(everybody && cause.id() == CauseId::NoCapacity).then(|| view! {
                        <p>"What the cluster has, and what was released: " <a href=paths::ADMIN_PVS>"the PersistentVolumes"</a> "."</p>
                    })}
                </div>
                {cause.action().and_then(|action| to_do(action, volume, everybody))}
                {evidence(cause.evidence(), now)}
            </section>
        }
        .into_any()
    })
}

/// The one thing to do. Administrators see other people's volumes here: they are offered what changes nothing.
fn to_do(action: &Action, volume: &Volume, everybody: bool) -> Option<AnyView> {
    let label = action.label();
    let href = match action {
        Action::AskAdmin { .. } => return None,
        Action::CreateAgainWith { .. } | Action::Grow | Action::RemoveFinishedPods if everybody => return None,
        Action::RemoveFinishedPods => {
            return Some(
                view! {
                    <form class="do" method="post" action=paths::clean_up_volume(&volume.id)>
                        <input type="hidden" name="uid" value=volume.uid.clone()/>
                        <button class="button first">{label}</button>
                    </form>
                }
                .into_any(),
            );
        }
        Action::OpenClasses => paths::CLASSES.to_owned(),
        Action::ShowUsers => "#used-by".to_owned(),
        Action::UseInTask => "#use-it".to_owned(),
        Action::CreateAgainWith { class } => paths::new_volume_of(class),
        Action::Grow => paths::grow_volume(&volume.id),
    };
    Some(view! { <div class="do"><a class="button" href=href>{label}</a></div> }.into_any())
}

/// What to tell an administrator, ready to be copied.
fn to_tell(action: &Action, volume: &Volume, everybody: bool) -> Option<AnyView> {
    match action {
        Action::AskAdmin { what } if !everybody => {
            Some(view! { <p>{action.label()} ": " <q>{what.clone()} " Claim " {volume.claim.clone()} "."</q></p> }.into_any())
        }
        Action::AskAdmin { .. }
        | Action::OpenClasses
        | Action::CreateAgainWith { .. }
        | Action::RemoveFinishedPods
        | Action::UseInTask
        | Action::ShowUsers
        | Action::Grow => None,
    }
}

pub fn evidence(evidence: &[Evidence], now: i64) -> Option<AnyView> {
    let line = |Evidence { at, line }: &Evidence| {
        let at = at.map(|at| view! { " " <span class="quiet">{age(at, now)} " ago"</span> });
        view! { <li>{line.clone()}{at}</li> }
    };
    (!evidence.is_empty()).then(|| {
        view! {
            <details>
                <summary>"What the cluster says"</summary>
                <ul>{evidence.iter().map(line).collect_view()}</ul>
            </details>
        }
        .into_any()
    })
}

/// What can be done with it. What cannot be done now stays where it is, can be reached, and says why.
fn actions(volume: &Volume, class: Option<&StorageClass>, everybody: bool) -> AnyView {
    let id = &volume.id;
    let delete = if everybody { paths::admin_delete_volume(id) } else { paths::delete_volume(id) };
    if everybody {
        let adopt = volume.owner_subject.is_none().then(|| {
            let href = paths::with_query(paths::ADMIN_ADOPT, &[("claim", &volume.claim)]);
            view! { <a class="button" href=href>"Adopt"</a> }
        });
        return view! {
            {adopt}
            {action("Transfer", "button", paths::admin_transfer_volume(id), may_transfer(volume), "why-no-transfer")}
            <a class="button" href=paths::admin_volume_yaml(id)>"YAML"</a>
            {action("Delete", "button danger", delete, offers_delete(volume), "why-not")}
        }
        .into_any();
    }
    view! {
        {cleanup::button(volume)}
        {(!volume.status.is_deleting()).then(|| view! { <a class="button" href=paths::new_task_with(&volume.name)>"Use in new task"</a> })}
        {action("Grow", "button", paths::grow_volume(id), may_expand(volume, class), "why-no-growth")}
        {action("Edit", "button", paths::edit_volume(id), may_edit(volume), "why-no-edit")}
        <a class="button" href=paths::volume_yaml(id)>"YAML"</a>
        {action("Delete", "button danger", delete, offers_delete(volume), "why-not")}
    }
    .into_any()
}

fn action(label: &'static str, class: &'static str, href: String, may: Result<(), WhyNot>, id: &'static str) -> AnyView {
    match may {
        Ok(()) => view! { <a class=class href=href>{label}</a> }.into_any(),
        // The reason shows on hover and on focus, and is read out.
        Err(why) => view! {
            <span class="why">
                <a class=class role="link" aria-disabled="true" tabindex="0" aria-describedby=id>{label}</a>
                <span class="reason small" id=id role="note">{why.to_string()}</span>
            </span>
        }
        .into_any(),
    }
}

/// What a deletion that was asked for still waits for.
fn waits_for(volume: &Volume) -> Option<String> {
    let holding = volume.used_by.iter().filter(|u| u.phase.holds_deletion()).count();
    (volume.status.is_deleting() && holding > 0).then(|| format!("waiting for {}", pods(holding)))
}

pub fn pods(number: usize) -> String {
    if number == 1 { "1 pod".to_owned() } else { format!("{number} pods") }
}

/// The tasks that used it one after the other, as far as the cluster still has them.
fn runs(tasks: &[Task], everybody: bool, now: i64) -> AnyView {
    let whose = if everybody { Whose::Anybodys } else { Whose::Mine };
    let row = |task: &Task| {
        view! {
            <li>
                {icon("task")}
                <span><a href=whose.task(&task.id)>{task.name.clone()}</a> " " <span class="quiet">{task.state.label().to_lowercase()}</span></span>
                <span class="quiet small">{age(task.submitted, now)} " ago"</span>
            </li>
        }
    };
    view! { <ol class="line">{tasks.iter().map(row).collect_view()}</ol> }.into_any()
}

/// The pods that mount it, each with the task that it belongs to and the way to end that.
pub fn uses(uses: &[Use], tasks: &[Task], everybody: bool, now: i64) -> AnyView {
    let whose = if everybody { Whose::Anybodys } else { Whose::Mine };
    if uses.is_empty() {
        return view! { <p class="quiet">"No pod mounts this volume."</p> }.into_any();
    }
    let row = |u: &Use| {
        let task = tasks.iter().find(|task| task.pods.iter().any(|pod| pod.name == u.pod));
        let name = match task {
            Some(task) => view! { <a href=whose.task(&task.id)>{u.label().to_owned()}</a> }.into_any(),
            None => u.label().to_owned().into_any(),
        };
        let stop = task.filter(|task| matches!(task.state, TaskState::Running | TaskState::Starting)).map(|task| {
            view! {
                <form method="post" action=whose.page(&task.id, "stop")>
                    <input type="hidden" name="uid" value=task.uid.clone()/>
                    <button class="button small danger" aria-label=format!("Stop {}", task.name)>"Stop"</button>
                </form>
            }
        });
        view! {
            <tr>
                <th scope="row" class="wrap">{name}</th>
                <td>{u.phase.in_words()}</td>
                <td class="mono">{u.node.clone().unwrap_or_else(|| "not placed yet".into())}</td>
                <td class="num">{age(u.since, now)}</td>
                <td>{stop}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Pods that mount this volume">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Pod"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Node"</th>
                        <th scope="col" class="num">"For"</th>
                        <th scope="col"><span class="unseen">"Stop"</span></th>
                    </tr>
                </thead>
                <tbody>{uses.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn life(volume: &Volume, events: &[Event]) -> AnyView {
    let step = |Step { what, at }: Step| {
        let at = at.map(|at| view! { <time class="quiet small" datetime=text::machine_date(at)>{text::date(at)}</time> });
        view! { <li>{icon(what.icon())}<span>{what.in_words()}</span>{at}</li> }
    };
    view! { <ol class="line">{timeline(volume, events).into_iter().map(step).collect_view()}</ol> }.into_any()
}

pub fn events_view(events: &[Event], of: &'static str, now: i64) -> AnyView {
    if events.is_empty() {
        return view! { <p class="quiet">"The cluster has said nothing about " {of} " lately. It keeps events for about an hour."</p> }
            .into_any();
    }
    let row = |event: &Event| {
        let (class, silhouette) = match event.severity {
            Severity::Normal => ("normal", "info"),
            Severity::Warning => ("warning", "warn"),
        };
        view! {
            <li class=class>
                {icon(silhouette)}
                <div>
                    <b>{event.reason.clone()}</b>
                    {(event.count > 1).then(|| view! { " " <span class="chip">{event.count} " times"</span> })}
                    <p>{event.message.clone()}</p>
                    <p class="quiet">{event.source.clone()}</p>
                </div>
                <span class="quiet small">{age(event.last, now)} " ago"</span>
            </li>
        }
    };
    view! { <ol class="line">{events.iter().map(row).collect_view()}</ol> }.into_any()
}

fn facts(volume: Volume, class: Option<&StorageClass>, everybody: bool, now: i64) -> AnyView {
    let asked = (volume.size() != volume.requested).then(|| format!(" of {} asked for", volume.requested.rounded()));
    let modes = volume
        .modes
        .iter()
        .map(|mode| view! { <div>{mode.in_words()} " " <span class="quiet">"(" {mode.as_str()} ")"</span></div> })
        .collect_view();
    let list = if everybody { paths::ADMIN_VOLUMES } else { paths::VOLUMES };
    let label = |(key, value): (&str, &str)| {
        let pair = format!("{key}={value}");
        let href = paths::with_query(list, &[("q", format!("label:{pair}"))]);
        view! { <a class="chip" href=href>{pair}</a> }
    };
    let labels = volume.labels.iter().map(label).collect_view();
    view! {
        <dl class="facts">
            <dt>"Size"</dt>
            <dd title=format!("{} bytes", volume.size().bytes())>{volume.size().rounded()}{asked}</dd>
            <dt>"Class"</dt>
            <dd>
                {match &volume.class {
                    Some(name) => view! { <a href=paths::CLASSES>{name.clone()}</a> }.into_any(),
                    None => view! { "none" }.into_any(),
                }}
                {class.map(|class| view! { <span class="under">{view::class_in_words(class)}</span> })}
            </dd>
            <dt>"Kind"</dt>
            <dd>{volume.kind.in_words()}</dd>
            <dt>"Access"</dt>
            <dd>{modes}</dd>
            <dt>"Phase"</dt>
            <dd>{volume.status.phase().to_owned()}</dd>
            <dt>"Mount path"</dt>
            <dd class="mono">{volume.mount_path}</dd>
            {volume.description.map(|text| view! { <dt>"Description"</dt><dd>{text}</dd> })}
            {(!volume.labels.is_empty()).then(|| view! { <dt>"Labels"</dt><dd class="row">{labels}</dd> })}
            <dt>"Owner"</dt>
            <dd>
                {match (everybody, volume.owner_subject) {
                    (false, _) => view! { "you" }.into_any(),
                    (true, Some(subject)) => view! { {volume.username} <span class="under mono">{subject}</span> }.into_any(),
                    (true, None) => view! { "unclaimed: no person provably owns it" }.into_any(),
                }}
            </dd>
            <dt>"Id"</dt>
            <dd class="mono">{volume.id.to_string()} " " <CopyButton text=volume.id.to_string()/></dd>
            <dt>"PVC"</dt>
            <dd class="mono">{volume.claim}</dd>
            <dt>"Created"</dt>
            <dd>{text::date(volume.created)} <span class="under">{age(volume.created, now)} " ago"</span></dd>
        </dl>
    }
    .into_any()
}
