//! Which pods did it have, where, and how did each end? With what the cluster said about them.

use super::super::view::Whose;
use crate::{paths, ui::time::age};
use domain::{
    event::{Event, newest_first},
    task::{Task, TaskPod},
    text,
};
use leptos::prelude::*;

/// What was said about the Job and about each pod, in one order.
pub fn all_events(task: &Task, events: &[Event]) -> Vec<Event> {
    let many = task.pods.len() > 1;
    let of_pods = task.pods.iter().flat_map(|pod| {
        let by = |event: &Event| {
            if many { Event { source: format!("{}, pod {}", event.source, pod.name), ..event.clone() } } else { event.clone() }
        };
        pod.events.iter().map(by).collect::<Vec<_>>()
    });
    newest_first(events.iter().cloned().chain(of_pods))
}

pub fn pods(task: &Task, whose: Whose, now: i64) -> AnyView {
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
            <tr role="row">
                <th scope="row" role="rowheader" data-label="Rank ">{pod.rank} {former.then(|| view! { " " <span class="chip">"replaced"</span> })} <span class="under mono">{pod.name.clone()}</span></th>
                <td role="cell" data-label="State"><span>{pod.state.in_words()} {pod.reason.clone().map(|reason| view! { <span class="under">{reason}</span> })}</span></td>
                <td role="cell" class="mono" data-label="Node"><span>{pod.node.clone().unwrap_or_else(|| "not placed yet".into())}</span></td>
                <td role="cell" class="num" data-label="Exit code"><span>{pod.exit_code}</span></td>
                <td role="cell" class="num" data-label="Ran"><span>{ran}</span></td>
                <td role="cell">{log}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Pods of this task">
            <table class="labelled" role="table" aria-label="Pods of this task">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Rank"</th>
                        <th scope="col" role="columnheader">"State"</th>
                        <th scope="col" role="columnheader">"Node"</th>
                        <th scope="col" role="columnheader" class="num">"Exit code"</th>
                        <th scope="col" role="columnheader" class="num">"Ran"</th>
                        <th scope="col" role="columnheader">"Log"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{task.pods.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
