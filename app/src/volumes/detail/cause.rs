//! Why is this volume as it is, and what is the one thing to do?

use crate::{
    paths,
    ui::{icon, icon::tone, time::age},
};
use domain::{
    cause::{Action, CauseId, Evidence},
    volume::{Volume, Written},
};
use leptos::prelude::*;

/// What happened, what to do, and what it was judged by, when not all is well.
pub fn cause(volume: &Volume, everybody: bool, now: i64) -> Option<AnyView> {
    let cause = &volume.status;
    // In the trash nothing is to be done about it.
    if volume.trash.is_some() && !cause.is_deleting() {
        return None;
    }
    cause.explanation().map(|(heading, sentence)| {
        view! {
            <section class=format!("cause {}", tone(cause.tone())) data-cause=cause.id().as_str()>
                {icon(cause.icon())}
                <div>
                    <h2>{heading} {cause.since().map(|since| view! { " " <span class="for small quiet">"for " {age(since, now)}</span> })}</h2>
                    <p>{sentence}</p>
                    {cause.action().and_then(|action| to_tell(action, volume, everybody))}
                    {again(volume, everybody)}
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

/// What never had storage can be made again with another class, and nothing is lost.
fn again(volume: &Volume, everybody: bool) -> Option<AnyView> {
    let is_named = matches!(volume.status.action(), Some(Action::CreateAgainWith { .. }));
    let is_offered = !everybody && !is_named && volume.trash.is_none() && volume.status.needs_you();
    (is_offered && Written::of(volume, None, false) == Written::Never).then(|| {
        view! { <p><a href=paths::delete_and_create_again(&volume.id, "yes")>"Delete and create again with another class"</a></p> }
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
        Action::CreateAgainWith { class } => paths::delete_and_create_again(&volume.id, class),
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
