//! Why is it as it is, what to do about it, and what is left when it is over? The cards at the top of a task's page.

use super::super::{source::REMOVED, view::Whose};
use crate::{
    paths,
    ui::{icon, icon::tone, time::age},
    volumes::detail::evidence,
};
use domain::{
    task::{
        Task,
        cause::{Action, Cause},
    },
    volume::Volume,
};
use leptos::prelude::*;

pub fn removed() -> AnyView {
    let sentence = "Nothing new comes to it. It stays until you delete it or its time in the portal's records is over.";
    view! { <section class="cause calm" id="removed">{icon("info")}<div><h2>{REMOVED}</h2><p>{sentence}</p></div></section> }.into_any()
}

/// What happened, what to do, and what it was judged by, when not all is well.
pub fn explained(cause: &Cause, task: &Task, volumes: &[Volume], whose: Whose, now: i64) -> Option<AnyView> {
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
        Action::OpenSecrets if whose == Whose::Anybodys => return None,
        Action::OpenSecrets => paths::SECRETS.to_owned(),
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
        Action::AskAdmin { .. } | Action::OpenVolume { .. } | Action::RunAgain | Action::ReadLog | Action::OpenSecrets => None,
    }
}

/// Once it is over, what is left of it; and before that, if nothing will be.
pub fn what_stays(task: &Task, volumes: &[Volume], whose: Whose) -> Option<AnyView> {
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
