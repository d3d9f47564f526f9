//! How is it made sure that nobody gets more than they may have, however many pages, programs and portals they ask at once, and how
//! is it said before?

use crate::{
    paths,
    server::{records_failed, told},
};
use cluster::UserCluster;
use domain::{
    problem::{Code, Problem},
    quota::Room,
    task::{
        Task, TaskState,
        preflight::{Level, Line, Preflight},
    },
};
use futures::{FutureExt, future::BoxFuture};
use leptos::prelude::*;
use records::Records;
use std::time::Duration;

/// A person waits so long for what else they have asked for; with the act itself, shorter than an idempotency key is busy.
const PATIENCE: Duration = Duration::from_secs(15);
/// At most so many tasks are named where one of them would have to end.
const NAMED: usize = 5;

/// Carries out what counts against a limit in the person's turn: one act after the other, of all portals that share the records. What
/// they have is counted within it, by the cluster.
pub fn in_turn<'a, T: Send + 'a>(
    records: &'a Records,
    caller: &'a UserCluster,
    work: BoxFuture<'a, Result<T, Problem>>,
) -> BoxFuture<'a, Result<T, Problem>> {
    if caller.limits().is_any() { turned(records, caller, work).boxed() } else { work }
}

async fn turned<T>(records: &Records, caller: &UserCluster, work: BoxFuture<'_, Result<T, Problem>>) -> Result<T, Problem> {
    let taken = records.turns().take(caller.user().key(), PATIENCE).await.map_err(|error| records_failed(&error))?;
    let Some(turn) = taken else {
        return Err(Problem::new(
            Code::RateLimited,
            "Something else that you have asked for is still being carried out, so nothing was done. Look at the list and try again in a minute.",
        ));
    };
    let done = work.await;
    // What nobody has an answer to may still be carried out: the next act waits until that can no longer be.
    let leaves_open = |problem: &Problem| matches!(problem.code, Code::ClusterUnreachable | Code::ClusterSlow | Code::Internal);
    if !done.as_ref().err().is_some_and(leaves_open)
        && let Err(error) = turn.end().await
    {
        tracing::error!(error = &error as &dyn std::error::Error, "a turn lasts until it runs out");
    }
    done
}

/// Adds what the limits and the namespace's quotas say about a task to what is said about its file.
pub fn judge(caller: &UserCluster, judged: &mut Preflight) -> Result<(), Problem> {
    let Some(plan) = &judged.plan else { return Ok(()) };
    let has = caller.has().map_err(|error| told(&error))?;
    let line = |level, sentence| Line { level, place: None, sentence, volume: None };
    let level = |room: &Room| if room.is_never { Level::Refusal } else { Level::Warning };
    let rooms = caller.no_room(plan).map_err(|error| told(&error))?;
    let beyond = caller.limits().refuses(has, plan.amounts());
    let mut lines: Vec<Line> = rooms.into_iter().map(|room| line(level(&room), room.sentence)).collect();
    match caller.limits().tasks_in_words(has) {
        Some(taken) if beyond.is_empty() => lines.push(line(Level::Ok, format!("You have {taken}: there is room for it."))),
        Some(_) | None => lines.extend(beyond.into_iter().map(|beyond| line(Level::Refusal, beyond.sentence))),
    }
    if lines.iter().any(|line| line.level == Level::Refusal) {
        judged.plan = None;
    }
    judged.lines.extend(lines);
    Ok(())
}

/// How much of it a person has before they ask for a task, with what could be stopped where nothing is left.
pub fn of_tasks(caller: &UserCluster) -> Option<AnyView> {
    let (limits, has) = (caller.limits(), caller.has().ok()?);
    let taken = limits.tasks_in_words(has)?;
    let is_full = limits.tasks.is_some_and(|most| has.tasks >= most) || limits.gpus.is_some_and(|most| most > 0 && has.gpus >= most);
    let running: Vec<Task> = if is_full { caller.tasks().unwrap_or_default() } else { Vec::new() };
    let stop = |task: &Task| {
        let to = if task.state == TaskState::Incomplete { paths::delete_task(&task.id) } else { paths::stop_task(&task.id) };
        let verb = if task.state == TaskState::Incomplete { "Delete" } else { "Stop" };
        view! { " " <a href=to>{format!("{verb} {}", task.name)}</a> }
    };
    let mut running: Vec<_> = running.into_iter().filter(|task| !task.state.is_over() && task.state != TaskState::Stopping).collect();
    running.truncate(NAMED);
    let to = paths::with_query(paths::TASKS, &[("q", "state:running state:starting state:stopping state:incomplete")]);
    Some(
        view! {
            <p class="hint" id="limits">"You have " <a href=to>{taken}</a> "." {running.iter().map(stop).collect_view()}</p>
        }
        .into_any(),
    )
}

/// The same before they ask for a volume, or for a larger one.
pub fn of_volumes(caller: &UserCluster) -> Option<AnyView> {
    let taken = caller.limits().volumes_in_words(caller.has().ok()?)?;
    Some(view! { <p class="hint" id="limits">"You have " <a href=paths::VOLUMES>{taken}</a> "."</p> }.into_any())
}
