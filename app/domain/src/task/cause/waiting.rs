//! Why does it not run yet? Its pods are not made, have no node, or do not start; and behind each may be a volume.

use super::{
    Action, Cause, CauseId, Facts,
    facts::{latest, unresolved},
    placing, starting,
};
use crate::{
    cause::{Evidence, Tone, quoted},
    event::Event,
    quota::{Exceeded, Of, out_of_range},
    task::{PodState, TaskPod},
    volume::Volume,
};

/// After so long without a word, whoever should act is called silent instead of busy. Seconds.
pub(super) const SILENT_AFTER: i64 = 60;

pub(super) fn cause(facts: &Facts<'_>) -> Cause {
    if facts.task.reason.as_deref() == Some("JobSuspended") || unresolved(facts.events, &["Suspended"], &["Resumed"]).is_some() {
        return suspended(facts);
    }
    if facts.task.pods.is_empty() {
        return without_pods(facts);
    }
    of_pods(facts).unwrap_or_else(|| being_scheduled(facts))
}

/// The worst of what keeps a pod from running; of equal ones that of the first rank.
pub(super) fn of_pods(facts: &Facts<'_>) -> Option<Cause> {
    let pods = facts.task.current_pods();
    let causes = pods.into_iter().filter_map(|pod| of_pod(facts, pod));
    causes.min_by_key(|cause| match cause.tone() {
        Tone::Bad => 0,
        Tone::Wait => 1,
        Tone::Calm | Tone::Good => 2,
    })
}

fn of_pod(facts: &Facts<'_>, pod: &TaskPod) -> Option<Cause> {
    match pod.state {
        PodState::Waiting => Some(broken_volume(facts).unwrap_or_else(|| placing::cause(facts, pod))),
        PodState::Starting => Some(starting::cause(facts, pod)),
        PodState::Running | PodState::Succeeded | PodState::Failed => None,
    }
}

/// kubernetes, pkg/controller/job/job_controller.go
fn suspended(facts: &Facts<'_>) -> Cause {
    Cause::new(CauseId::Suspended)
        .because("suspended")
        .saying(
            "Its Job is suspended: somebody, or a program that keeps a queue, has stopped it from starting. It goes on when it is resumed.",
        )
        .asking_an_admin("A task's Job is suspended.")
        .seen(latest(facts.events, &["Suspended"]).map(Evidence::event))
        .seen([Evidence::of("The Job has the condition Suspended")])
}

/// A Job without pods has no condition: the truth is in the events about it (`FailedCreate`, pkg/controller/controller_utils.go).
fn without_pods(facts: &Facts<'_>) -> Cause {
    if let Some(event) = unresolved(facts.events, &["FailedCreate"], &["SuccessfulCreate"]) {
        return refused(event);
    }
    let since = facts.task.submitted;
    if facts.now.saturating_sub(since) < SILENT_AFTER {
        return being_scheduled(facts);
    }
    Cause::new(CauseId::ControllerSilent)
        .since_when(since)
        .because("no word from the cluster")
        .saying("The cluster has made no pod for it and does not say why. Its Job controller may not be running. Tell an administrator.")
        .asking_an_admin("A Job has no pods, and no controller says anything about it.")
}

fn refused(event: &Event) -> Cause {
    let message = event.message.as_str();
    let says = |text: &str| message.contains(text);
    let cause = if says("exceeded quota") || says("failed quota") {
        Cause::new(CauseId::QuotaReached)
            .because("the quota is used up")
            .saying(format!(
                "What all tasks together may have is used up: {} It starts by itself when others end; or run it again with less.",
                quota(message)
            ))
            .offering(Action::RunAgain)
    } else if says("maximum ") && (says("usage per") || says("ratio per")) || says("minimum ") && says("usage per") {
        Cause::new(CauseId::LimitRefused)
            .because("asks for more than is allowed")
            .saying(format!("The cluster limits what one task may ask for: {} Run it again within the limit.", range(message)))
            .offering(Action::RunAgain)
    } else {
        Cause::new(CauseId::RulesRefused)
            .because("refused by the cluster's rules")
            .saying(format!(
                "The cluster does not let its pods be made: {} The portal makes pods that fit the usual rules; an administrator can tell \
                 which one refuses.",
                forbidden(message)
            ))
            .asking_an_admin(format!("The pods of a task are refused: {}", forbidden(message)))
    };
    cause.since_when(event.first).seen([Evidence::event(event)])
}

/// `Error creating: pods "x" is forbidden: <why>`
fn forbidden(message: &str) -> String {
    quoted(message.split_once(" is forbidden: ").map_or(message, |(_, why)| why))
}

/// The limits that were passed, with numbers, where they can be read.
fn range(message: &str) -> String {
    let sentences = out_of_range(message);
    if sentences.is_empty() { forbidden(message) } else { sentences.join(" ") }
}

/// The quota that is used up, with numbers, where they can be read.
fn quota(message: &str) -> String {
    match message.find("exceeded quota: ").map(|start| Exceeded::read(&message[start..])) {
        Some(Exceeded { sentence, of: Of::Tasks }) => sentence,
        Some(_) | None => forbidden(message),
    }
}

fn being_scheduled(facts: &Facts<'_>) -> Cause {
    Cause::new(CauseId::BeingScheduled)
        .since_when(facts.task.submitted)
        .because("usually a few seconds")
        .saying("The cluster looks for a node and starts it; that usually takes seconds. This page follows by itself.")
}

/// A pod waits for its claims without a word, so the claims are asked first: the root, not the last link.
fn broken_volume(facts: &Facts<'_>) -> Option<Cause> {
    let mounted = facts.task.mounts.iter().filter_map(|mount| facts.volume(&mount.claim));
    let judged = mounted.filter_map(|volume| of_volume(facts, volume));
    judged.min_by_key(|cause| u8::from(cause.tone() != Tone::Bad))
}

fn of_volume(facts: &Facts<'_>, volume: &Volume) -> Option<Cause> {
    let (status, name) = (&volume.status, &volume.name);
    let seen = Evidence::of(format!("Volume {name}: {}", status.reason().unwrap_or_else(|| status.label().to_lowercase())));
    let open = Action::OpenVolume { claim: volume.claim.clone() };
    if status.is_deleting() {
        let sentence = format!(
            "Volume {name} is being deleted, and nothing new can mount it. Stop this task, so that the deletion can end; then run it again \
             with another volume."
        );
        return Some(
            Cause::new(CauseId::VolumeLeaving)
                .because(format!("volume {name} is being deleted"))
                .saying(sentence)
                .offering(open)
                .seen([seen]),
        );
    }
    if volume.capacity.is_some() {
        return None;
    }
    let why = status.explanation().map_or_else(String::new, |(heading, sentence)| format!(" {heading}: {sentence}"));
    match status.tone() {
        Tone::Bad => Some(
            Cause::new(CauseId::VolumeNotReady)
                .because(format!("volume {name}: {}", status.reason().unwrap_or_else(|| status.label().to_lowercase())))
                .saying(format!("It cannot start before volume {name} is ready.{why}"))
                .offering(open)
                .seen([seen])
                .seen(status.evidence().iter().cloned()),
        ),
        // Its class waits for the task and the task for a node: what the scheduler says is the news.
        Tone::Wait if placing::said(facts).is_some() => None,
        Tone::Calm | Tone::Wait => Some(
            Cause::new(CauseId::WaitsForVolume)
                .since_when(facts.task.submitted)
                .because(format!("volume {name} is being made"))
                .saying(format!(
                    "Volume {name} is being made for it. It starts as soon as the volume is ready; this page follows by itself."
                ))
                .offering(open)
                .seen([seen]),
        ),
        Tone::Good => None,
    }
}
