//! Which tasks matter at the moment? What failed lately with why, what runs, and what has ended.

use super::card;
use crate::{
    paths,
    tasks::{list::duration, view::badge},
    ui::time::age,
};
use domain::task::{cause::CauseId, listing::Judged, recent::Recent};
use leptos::prelude::*;

pub fn cards(recent: Recent, now: i64) -> impl IntoView {
    let Recent { failed, running, over } = recent;
    let rows = |tasks: Vec<Judged>| tasks.into_iter().map(|judged| row(judged, now)).collect::<Vec<_>>();
    let all = |q: &str| paths::with_query(paths::TASKS, &[("q", q)]);
    view! {
        {(!failed.is_empty()).then(|| card("tasks-failed", "Tasks that need you", "", rows(failed), all("state:failed")))}
        {card("tasks-running", "What runs", "No task of yours runs at the moment.", rows(running), all("state:running"))}
        {(!over.is_empty()).then(|| card("tasks-over", "Ended lately", "", rows(over), paths::TASKS.to_owned()))}
    }
}

fn row(judged: Judged, now: i64) -> AnyView {
    let Judged { task, cause, .. } = judged;
    let when = match task.ended {
        Some(ended) => view! { {age(ended, now)} " ago" }.into_any(),
        None => duration(&task, now),
    };
    // What is well needs no second line but its image.
    let why = cause.reason().map(|reason| view! { <span class="under">{reason.to_owned()}</span> });
    let stop = (cause.id() == CauseId::RunsLong).then(|| {
        view! {
            <form class="row" method="post" action=paths::stop_task(&task.id)>
                <input type="hidden" name="uid" value=task.uid.clone()/>
                <span class="small">"Still needed?"</span>
                <button class="button small danger" aria-label=format!("Stop {}", task.name)>"Stop"</button>
            </form>
        }
    });
    view! {
        <li>
            <div>
                <a class="name" href=paths::task(&task.id)>{task.name.clone()}</a>
                <span class="under">{task.nodes} {if task.nodes == 1 { " node" } else { " nodes" }} ", " {task.image.clone()}</span>
            </div>
            <div>{badge(&cause)} {why} {stop}</div>
            <span class="quiet num">{when}</span>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::task::{
        PodState, Task, TaskPod, TaskState,
        cause::{Facts, cause},
    };

    /// 4.15
    #[test]
    fn a_task_that_runs_for_long_is_asked_about_with_the_way_to_stop_it() {
        let page = |hours: i64| {
            let now = 100 + hours * 3600;
            let pod = TaskPod {
                name: "train-0".into(),
                rank: 0,
                state: PodState::Running,
                node: None,
                created: 100,
                started: Some(100),
                ended: None,
                exit_code: None,
                reason: None,
                message: None,
                events: Vec::new(),
            };
            let task = Task {
                id: "abcdefgh".parse().unwrap(),
                name: "train".into(),
                job: "train-abcdefgh".into(),
                uid: "its-uid".into(),
                username: String::new(),
                owner_subject: None,
                state: TaskState::Running,
                reason: None,
                message: None,
                nodes: 1,
                completions: 1,
                image: "i".into(),
                accelerators: None,
                mounts: Vec::new(),
                purpose: None,
                scratch: Vec::new(),
                time_limit: None,
                submitted: 100,
                started: Some(100),
                ended: None,
                pods: vec![pod],
            };
            let cause = cause(&Facts { task: &task, events: &[], volumes: &[], now });
            cards(Recent::of(vec![Judged { task, cause, is_kept: false }], now), now).to_html()
        };
        let long = page(9);
        for text in ["Still needed?", "action=\"/tasks/abcdefgh/stop\"", "value=\"its-uid\"", "for 9 h"] {
            assert!(long.contains(text), "{text}: {long}");
        }
        assert!(!page(1).contains("Still needed?"));
    }
}
