//! Which tasks worked with a volume, one after the other? A line in time: what each was, which run of it, and how it went.

use super::view::{Whose, badge, judge};
use crate::ui::{icon, time::age};
use domain::{
    task::{Task, listing::Judged},
    text,
    volume::Volume,
};
use leptos::prelude::*;
use std::collections::HashMap;

/// The oldest first. `tasks` are those that mount the volume, in that order.
pub fn chain(tasks: &[Task], volume: &Volume, whose: Whose, now: i64) -> AnyView {
    let mut runs: HashMap<&str, usize> = HashMap::new();
    for task in tasks {
        *runs.entry(&task.name).or_default() += 1;
    }
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let links = tasks.iter().map(|task| {
        let number = seen.entry(&task.name).or_default();
        *number += 1;
        let run = (runs.get(task.name.as_str()).copied().unwrap_or_default() > 1).then_some(*number);
        link(task, run, volume, whose, now)
    });
    view! { <ol class="line">{links.collect_view()}</ol> }.into_any()
}

fn link(task: &Task, run: Option<usize>, volume: &Volume, whose: Whose, now: i64) -> impl IntoView + use<> {
    let mut places = task.mounts.iter().filter(|mount| mount.claim == volume.claim);
    let how = places.next().map(|first| {
        let reads = first.read_only && places.all(|mount| mount.read_only);
        format!("{} {}", if reads { "read" } else { "written to" }, first.path)
    });
    let Judged { cause, .. } = judge(task.clone(), &[], std::slice::from_ref(volume));
    let when = task.started.unwrap_or(task.submitted);
    view! {
        <li>
            {icon("task")}
            <div>
                <p><a href=whose.task(&task.id)>{task.name.clone()}</a> {run.map(|run| view! { " " <span class="chip">"run " {run}</span> })} " " {badge(&cause)}</p>
                <p class="quiet">
                    <time datetime=text::machine_date(when)>{text::date(when)}</time>
                    {task.started.map(|_| format!(", ran {}", text::age(0, task.duration(now))))}
                    {how.map(|how| format!(", {how}"))}
                </p>
            </div>
            <span class="quiet small">{age(task.submitted, now)} " ago"</span>
        </li>
    }
}
