//! Who uses this volume, and which tasks have used it?

use crate::{tasks::view::Whose, ui::time::age};
use domain::{
    task::{Task, TaskState},
    volume::{Use, Volume},
};
use leptos::prelude::*;

/// What a deletion that was asked for still waits for.
pub fn waits_for(volume: &Volume) -> Option<String> {
    let holding = volume.used_by.iter().filter(|u| u.phase.holds_deletion()).count();
    (volume.status.is_deleting() && holding > 0).then(|| format!("waiting for {}", pods(holding)))
}

pub fn pods(number: usize) -> String {
    if number == 1 { "1 pod".to_owned() } else { format!("{number} pods") }
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
            <tr role="row">
                <th scope="row" role="rowheader" class="wrap">{name}</th>
                <td role="cell" data-label="State"><span>{u.phase.in_words()}</span></td>
                <td role="cell" class="mono" data-label="Node"><span>{u.node.clone().unwrap_or_else(|| "not placed yet".into())}</span></td>
                <td role="cell" class="num" data-label="For"><span>{age(u.since, now)}</span></td>
                <td role="cell">{stop}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Pods that mount this volume">
            <table class="labelled" role="table" aria-label="Pods that mount this volume">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Pod"</th>
                        <th scope="col" role="columnheader">"State"</th>
                        <th scope="col" role="columnheader">"Node"</th>
                        <th scope="col" role="columnheader" class="num">"For"</th>
                        <th scope="col" role="columnheader"><span class="unseen">"Stop"</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{uses.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
