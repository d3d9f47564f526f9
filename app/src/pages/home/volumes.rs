//! Which volumes need me, which are nearly full, and which are in use?

use super::card;
use crate::{
    paths,
    ui::time,
    volumes::{fullness, view},
};
use domain::{cause::CauseId, volume::Volume};
use leptos::prelude::*;

pub fn cards(mut volumes: Vec<Volume>, now: i64) -> AnyView {
    let all = || paths::VOLUMES.to_owned();
    if volumes.is_empty() {
        let none = "You have none yet. What tasks write to a volume stays when they end; make one first, or together with a task.";
        return card("volumes-none", "Volumes", none, Vec::new(), all()).into_any();
    }
    volumes.sort_by_key(|volume| std::cmp::Reverse(volume.created));
    let mut full: Vec<_> = volumes.iter().filter(|volume| volume.fullness.is_nearly_full()).cloned().collect();
    full.sort_by_key(|volume| std::cmp::Reverse(volume.fullness.percent()));
    let is_only_full = |volume: &Volume| matches!(volume.status.id(), CauseId::NearlyFull | CauseId::Full);
    let volumes: Vec<_> = volumes.into_iter().filter(|volume| !is_only_full(volume)).collect();
    let (needing, rest): (Vec<_>, Vec<_>) = volumes.into_iter().partition(|volume| volume.status.needs_you());
    let (used, idle): (Vec<_>, Vec<_>) = rest.into_iter().partition(|volume| volume.used_by.iter().any(|u| u.phase.is_use()));
    let rows = |volumes: Vec<Volume>| volumes.into_iter().map(|volume| row(volume, now)).collect::<Vec<_>>();
    view! {
        {(!needing.is_empty()).then(|| card("volumes-need", "Needs you", "", rows(needing), all()))}
        {(!full.is_empty()).then(|| card("volumes-full", "Nearly full", "", rows(full), all()))}
        {card("volumes-used", "In use now", "No pod uses a volume of yours at the moment.", rows(used), all())}
        {(!idle.is_empty()).then(|| card("volumes-idle", "Not in use", "", rows(idle), all()))}
    }
    .into_any()
}

fn row(volume: Volume, now: i64) -> AnyView {
    view! {
        <li>
            <div>
                <a class="name" href=paths::volume(&volume.id)>{volume.name.clone()}</a>
                <span class="under">{volume.size().rounded()}{volume.class.clone().map(|class| format!(", {class}"))}</span>
            </div>
            <div>
                {view::badge(&volume.status)}
                {volume.status.reason().map(|reason| view! { <span class="under">{reason}</span> })}
                {volume.fullness.is_nearly_full().then(|| view! { <span class="under">{fullness::brief(&volume.fullness, now)}</span> })}
            </div>
            <span class="quiet num">{time::age(volume.created, now)}</span>
        </li>
    }
    .into_any()
}
