//! Why did it end badly? What the cluster did to a pod explains more than how its program then ended; and both explain more than
//! the Job's own word, which is the last link.

use super::{Action, Cause, CauseId, Facts, exit, lines, starting};
use crate::{
    cause::{Evidence, quoted},
    task::{PodState, TaskPod, TaskScratch},
};

pub(super) fn cause(facts: &Facts<'_>) -> Cause {
    let task = facts.task;
    let word = task.reason.as_deref().or_else(|| {
        let said = super::facts::latest(facts.events, &["DeadlineExceeded", "BackoffLimitExceeded", "PodFailurePolicy"]);
        said.map(|event| event.reason.as_str())
    });
    let seen = word.map(|word| Evidence::of(format!("Job {}: {word}", task.job)));
    // Its pods are ended by the deadline: how they ended then says nothing.
    if word == Some("DeadlineExceeded") {
        return time_limit(facts).seen(seen);
    }
    // The first failure: with several nodes the others fail because of it.
    let failed = task.pods.iter().filter(|pod| pod.state == PodState::Failed).min_by_key(|pod| (pod.ended.unwrap_or(i64::MAX), pod.rank));
    match failed {
        Some(pod) => of_pod(facts, pod).seen(seen).seen([ended(pod)]),
        None => gone(facts, word).seen(seen),
    }
}

fn ended(pod: &TaskPod) -> Evidence {
    let code = pod.exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
    Evidence { at: pod.ended, line: format!("Pod {} (rank {}): {}{code}", pod.name, pod.rank, pod.reason.as_deref().unwrap_or("failed")) }
}

fn of_pod(facts: &Facts<'_>, pod: &TaskPod) -> Cause {
    let message = pod.said();
    let node = pod.node.as_deref().unwrap_or("of this pod");
    match pod.said_why() {
        "OOMKilled" => out_of_memory(facts, pod).with_lines(lines::last(message)),
        "Evicted" => evicted(facts, node, message),
        "DeadlineExceeded" => time_limit(facts),
        "NodeLost" | "NodeShutdown" | "Terminated" | "Shutdown" | "Preempting" | "TerminationByKubelet" => gone_node(node, message),
        "NodeAffinity" | "OutOfcpu" | "OutOfmemory" | "OutOfpods" | "UnexpectedAdmissionError" | "TopologyAffinityError" => {
            Cause::new(CauseId::NodeRefused)
                .because("its node did not take it")
                .saying(format!("Node {node} did not take it after all: {} Run it again; it may get another node.", quoted(message)))
                .offering(Action::RunAgain)
        }
        "StartError" | "ContainerCannotRun" | "RunContainerError" | "CreateContainerError" => starting::refused_start(message),
        _ if pod.exit_code.is_some() => exit::cause(facts, pod),
        _ => gone(facts, None),
    }
}

/// What lies in scratch space in memory is the task's memory: it is named where there is some.
fn out_of_memory(facts: &Facts<'_>, pod: &TaskPod) -> Cause {
    let in_memory: Vec<&str> = facts.task.scratch.iter().filter(|scratch| scratch.in_memory).map(|scratch| scratch.path.as_str()).collect();
    let advice = if in_memory.is_empty() {
        "What programs share in /dev/shm counts, too. Run it again with more memory, or let it load less at a time.".to_owned()
    } else {
        format!(
            "What lies in {} counts, too: it is scratch space in memory. Put that on disk, or run it again with more memory.",
            in_memory.join(" and ")
        )
    };
    Cause::new(CauseId::OutOfMemory)
        .because("out of memory")
        .saying(format!("On rank {} it used more memory than it had asked for, so it was killed. {advice}", pod.rank))
        .offering(Action::RunAgain)
}

/// The scratch space of which the kubelet says the name of its volume: they are numbered in the order of the task.
fn full_scratch<'a>(facts: &Facts<'a>, message: &str) -> Option<&'a TaskScratch> {
    let number: usize = message.split_once("\"scratch-")?.1.split('"').next()?.parse().ok()?;
    facts.task.scratch.get(number)
}

/// kubernetes, pkg/kubelet/eviction/helpers.go
fn evicted(facts: &Facts<'_>, node: &str, message: &str) -> Cause {
    let says = |text: &str| message.contains(text);
    if says("Usage of EmptyDir volume") {
        if let Some(scratch) = full_scratch(facts, message).filter(|scratch| scratch.in_memory) {
            return lines::memory_scratch(scratch);
        }
        let limit = message.rsplit('"').nth(1).unwrap_or("its size");
        return Cause::new(CauseId::ScratchFull)
            .because("scratch space full")
            .saying(format!(
                "It wrote more than {limit} into a scratch space, so the cluster ended it. What was there is gone; volumes are untouched. Run \
                 it again with larger scratch, or write to a volume."
            ))
            .offering(Action::RunAgain);
    }
    if says("ephemeral local storage usage exceeds") || says("exceeded its local ephemeral storage limit") {
        return Cause::new(CauseId::DiskLimit)
            .because("too much outside its volumes")
            .saying(
                "It wrote more to places outside its volumes (such as /tmp or its home) than it had asked for, so the cluster ended it. Run it \
                 again with more disk, or write to a volume.",
            )
            .offering(Action::RunAgain);
    }
    if says("ephemeral-storage") || says("DiskPressure") || says("inodes") {
        return Cause::new(CauseId::NodeDiskFull)
            .because("its node's disk was full")
            .saying(format!(
                "Node {node} ran out of disk, and the cluster ended what used much of it outside volumes. Volumes are untouched. Ask for \
                 the disk that it needs, or write large files to a volume, then run it again."
            ))
            .offering(Action::RunAgain);
    }
    if says("memory") || says("MemoryPressure") {
        return Cause::new(CauseId::NodeMemoryFull)
            .because("its node's memory was full")
            .saying(format!(
                "Node {node} ran out of memory, and the cluster ended what used more than it had asked for. Ask for the memory that it needs, then \
                 run it again."
            ))
            .offering(Action::RunAgain);
    }
    Cause::new(CauseId::Evicted)
        .because("taken off its node")
        .saying(format!("The cluster took it off node {node}: {} Run it again.", quoted(message)))
        .offering(Action::RunAgain)
}

fn gone_node(node: &str, message: &str) -> Cause {
    let said = if message.is_empty() { String::new() } else { format!(" It said: {}", quoted(message)) };
    Cause::new(CauseId::NodeGone)
        .because("its node went away")
        .saying(format!(
            "Node {node} was shut down, lost or needed for something more important.{said} Volumes are untouched. Run it again."
        ))
        .offering(Action::RunAgain)
}

/// kubernetes, pkg/controller/job/job_controller.go: "Job was active longer than specified deadline".
fn time_limit(facts: &Facts<'_>) -> Cause {
    let ran = crate::text::age(0, facts.task.duration(facts.now));
    Cause::new(CauseId::TimeLimit)
        .because("time limit reached")
        .saying(format!(
            "It was ended after {ran}, as long as it was allowed to take; time in which it waited for a node counts. What it wrote to volumes is \
             there. Run it again with a longer limit, or from its last checkpoint."
        ))
        .offering(Action::RunAgain)
}

/// There is no pod left to ask.
fn gone(facts: &Facts<'_>, word: Option<&str>) -> Cause {
    let said = match (word, facts.task.message.as_deref()) {
        (Some("BackoffLimitExceeded"), _) => " It failed as often as it was allowed to, and its pods are gone.".to_owned(),
        (_, Some(message)) if !message.is_empty() => format!(" The cluster said: {}", quoted(message)),
        (Some(word), _) => format!(" The cluster said: {word}."),
        (None, _) => String::new(),
    };
    Cause::new(CauseId::FailedUnexplained)
        .because("its pods are gone")
        .saying(format!("Nothing that would explain it is left.{said} Run it again and look at its log while it runs."))
        .offering(Action::RunAgain)
}
