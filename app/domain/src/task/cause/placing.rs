//! Why has a pod no node? From what the scheduler says about each kind of node.

use super::{Action, Cause, CauseId, Facts, facts::latest, waiting::SILENT_AFTER};
use crate::{
    cause::{Evidence, quoted},
    event::Event,
    task::{PodState, TaskPod},
};

/// What the scheduler last said about any pod without a node.
pub(super) fn said<'a>(facts: &Facts<'a>) -> Option<&'a Event> {
    let waiting = facts.task.pods.iter().filter(|pod| pod.state == PodState::Waiting);
    waiting.filter_map(|pod| latest(&pod.events, &["FailedScheduling"])).max_by_key(|event| event.last)
}

pub(super) fn cause(facts: &Facts<'_>, pod: &TaskPod) -> Cause {
    let Some(event) = latest(&pod.events, &["FailedScheduling"]) else { return unsaid(facts, pod) };
    judged(facts, &event.message).since_when(pod.created).seen([Evidence::said_of(&pod.name, event)])
}

/// A pod may also say it in its condition (`PodScheduled`), when the event is gone.
fn unsaid(facts: &Facts<'_>, pod: &TaskPod) -> Cause {
    if pod.said_why() == "SchedulingGated" {
        return Cause::new(CauseId::Suspended)
            .because("held by a scheduling gate")
            .saying("A program that keeps a queue holds its pods back. It starts when its turn comes.")
            .asking_an_admin("The pods of a task are held by a scheduling gate.");
    }
    if !pod.said().is_empty() {
        let seen = Evidence { at: None, line: format!("Pod {}: {}", pod.name, quoted(pod.said())) };
        return judged(facts, pod.said()).since_when(pod.created).seen([seen]);
    }
    if facts.now.saturating_sub(pod.created) < SILENT_AFTER {
        return Cause::new(CauseId::BeingScheduled)
            .since_when(pod.created)
            .because("usually a few seconds")
            .saying("The cluster looks for a node; that usually takes seconds. This page follows by itself.");
    }
    Cause::new(CauseId::SchedulerSilent)
        .since_when(pod.created)
        .because("no word from the scheduler")
        .saying("Its pod has no node, and the scheduler says nothing about it. It may wait for a volume, or not be running. Tell an administrator.")
        .asking_an_admin("A pod has no node, and the scheduler says nothing about it.")
}

/// What a part of the scheduler's sentence means (pkg/scheduler/framework/plugins/...).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// Any resource that is not the node's own: `nvidia.com/gpu`.
    Device,
    Memory,
    Cpu,
    Disk,
    Pods,
    /// volumebinding/binder.go, volumezone
    VolumeElsewhere,
    /// volumerestrictions: ReadWriteOncePod; nodevolumelimits
    VolumeInUse,
    /// nodeaffinity: ErrReasonPod
    Kind,
    /// tainttoleration
    Reserved,
    /// nodeunschedulable, and the taints of nodes that are not well
    Away,
    Other,
}

impl Lack {
    fn of(text: &str) -> Self {
        if let Some(resource) = text.strip_prefix("Insufficient ") {
            return match resource {
                "memory" => Self::Memory,
                "cpu" => Self::Cpu,
                "ephemeral-storage" => Self::Disk,
                // An extended resource always has a domain.
                device if device.contains('/') => Self::Device,
                _ => Self::Other,
            };
        }
        let says = |part: &str| text.contains(part);
        match () {
            () if text == "Too many pods" => Self::Pods,
            () if says("volume node affinity conflict") || says("PersistentVolume's node affinity") || says("no available volume zone") => {
                Self::VolumeElsewhere
            }
            () if says("ReadWriteOncePod") || says("max volume count") => Self::VolumeInUse,
            () if says("didn't match Pod's node affinity") || says("didn't match the requested node name") => Self::Kind,
            () if says("were unschedulable") || says("node.kubernetes.io/") && says("taint") => Self::Away,
            () if says("untolerated taint") || says("taint") && says("didn't tolerate") => Self::Reserved,
            () => Self::Other,
        }
    }

    /// Which of several explains the wait: what the task itself asks for before what is so of nodes.
    const ORDER: [Self; 10] = [
        Self::VolumeElsewhere,
        Self::VolumeInUse,
        Self::Device,
        Self::Memory,
        Self::Cpu,
        Self::Disk,
        Self::Kind,
        Self::Pods,
        Self::Reserved,
        Self::Away,
    ];

    fn in_words(self, nodes: &str) -> Option<String> {
        let one = nodes == "1";
        let (has, is, lies) = if one { ("has", "is", "does") } else { ("have", "are", "do") };
        Some(match self {
            Self::Device => format!("{nodes} {has} too few free GPUs"),
            Self::Memory => format!("{nodes} {has} too little free memory"),
            Self::Cpu => format!("{nodes} {has} too few free CPUs"),
            Self::Disk => format!("{nodes} {has} too little free disk"),
            Self::Pods => format!("{nodes} {has} as many pods as allowed"),
            Self::VolumeElsewhere => format!("{nodes} {lies} not have its volume"),
            Self::VolumeInUse => format!("{nodes} cannot take its volume"),
            Self::Kind => format!("{nodes} {is} of another kind"),
            Self::Reserved => format!("{nodes} {is} kept for others"),
            Self::Away => format!("{nodes} {is} not ready or taken out of use"),
            Self::Other => return None,
        })
    }
}

/// `0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory. preemption: ...` (pkg/scheduler/framework/types.go,
/// `FitError`): how many nodes, and what each lacks with how many of them.
fn parts(message: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let (total, rest) = message.strip_prefix("0/")?.split_once(" nodes are available: ")?;
    let reasons = rest.split(". ").next()?;
    let each = |part: &'_ str| -> Option<(usize, usize)> {
        let (count, _) = part.split_once(' ')?;
        count.bytes().all(|b| b.is_ascii_digit()).then_some((count.len(), count.len() + 1))
    };
    let found = reasons.split(", ").filter_map(|part| each(part).map(|(end, start)| (&part[..end], part[start..].trim_end_matches('.'))));
    Some((total, found.collect()))
}

fn judged(facts: &Facts<'_>, message: &str) -> Cause {
    if let Some(missing) = missing_claim(message) {
        return volume_gone(facts, missing);
    }
    if message.contains("unbound immediate PersistentVolumeClaims") {
        return Cause::new(CauseId::WaitsForVolume)
            .because("its volume is being made")
            .saying("One of its volumes is not ready yet. It starts as soon as it is; the page of the volume says how it stands.");
    }
    let Some((total, parts)) = parts(message) else { return other(message) };
    let lacks: Vec<(Lack, &str)> = parts.iter().map(|(count, text)| (Lack::of(text), *count)).collect();
    let Some(first) = Lack::ORDER.into_iter().find(|lack| lacks.iter().any(|(found, _)| found == lack)) else { return other(message) };
    let words: Vec<String> = lacks.iter().filter_map(|(lack, count)| lack.in_words(count)).collect();
    let nodes = if total == "1" { "The one node".to_owned() } else { format!("Of {total} nodes") };
    let because = match total {
        "1" => format!("{nodes} does not fit: {}.", words.join("; ")),
        _ => format!("{nodes}, {}.", words.join("; ")),
    };
    // No pod could be moved out of the way where what is asked for is more than the node has when it is empty.
    let hopeless = message.contains("Preemption is not helpful for scheduling") && !message.contains("No preemption victims found");
    let waits = "It starts by itself when another task ends; or run it again with less.";
    match first {
        Lack::Device | Lack::Memory | Lack::Cpu | Lack::Disk if hopeless => Cause::new(CauseId::TooLarge)
            .because("asks for more than any node has")
            .saying(format!("{because} Also empty, none of them would be large enough: run it again with less."))
            .offering(Action::RunAgain),
        Lack::Device => waiting(CauseId::NoGpu, "no free GPU", &because, waits),
        Lack::Memory => waiting(CauseId::NoMemory, "not enough free memory", &because, waits),
        Lack::Cpu => waiting(CauseId::NoCpu, "no free CPU", &because, waits),
        Lack::Disk => waiting(CauseId::NoDisk, "not enough free disk", &because, waits),
        Lack::Pods => waiting(CauseId::NodesFull, "every node is full", &because, "It starts by itself when something else ends."),
        Lack::VolumeElsewhere => Cause::new(CauseId::VolumeElsewhere)
            .because("its volume lies elsewhere")
            .saying(format!(
                "{because} One of its volumes lies on a certain node, and that node has no room or may not be used; or two of its volumes \
                 lie on different ones. Use volumes of one place, or of a class that every node can reach."
            ))
            .offering(Action::RunAgain),
        Lack::VolumeInUse => Cause::new(CauseId::VolumeInUse).because("its volume is in use").saying(format!(
            "{because} One of its volumes is for one pod at a time, and another pod has it. It starts when that one ends."
        )),
        Lack::Kind => Cause::new(CauseId::NoSuchNode)
            .because("no node of this kind")
            .saying(format!("{because} It asks for nodes of a certain kind, such as one GPU product. Run it again without that wish."))
            .offering(Action::RunAgain),
        Lack::Reserved => Cause::new(CauseId::NodesReserved)
            .because("the nodes are kept for others")
            .saying(format!(
                "{because} Such nodes (with a taint) take only what is meant for them. An administrator can tell which nodes are for tasks."
            ))
            .asking_an_admin(format!("A task finds no node: {}", quoted(message))),
        Lack::Away => Cause::new(CauseId::NodesAway)
            .because("no node is ready")
            .saying(format!("{because} It starts by itself when a node is back."))
            .asking_an_admin(format!("A task finds no node: {}", quoted(message))),
        Lack::Other => other(message),
    }
}

fn waiting(id: CauseId, reason: &str, because: &str, waits: &str) -> Cause {
    Cause::new(id).because(reason).saying(format!("{because} {waits}")).offering(Action::RunAgain)
}

fn other(message: &str) -> Cause {
    Cause::new(CauseId::NotPlaced)
        .because("waits for a node")
        .saying(format!("It has no node yet. The scheduler says: {}", quoted(message)))
        .asking_an_admin(format!("A task finds no node: {}", quoted(message)))
}

/// `persistentvolumeclaim "x" not found` (plugins/volumebinding, volumezone).
fn missing_claim(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("persistentvolumeclaim \"")?;
    let (claim, rest) = rest.split_once('"')?;
    rest.trim_start().starts_with("not found").then_some(claim)
}

fn volume_gone(facts: &Facts<'_>, claim: &str) -> Cause {
    let name = facts.name(claim);
    Cause::new(CauseId::VolumeGone)
        .because(format!("volume {name} is not there"))
        .saying(format!("It mounts volume {name}, which was deleted. Stop it, and run it again with another volume."))
        .offering(Action::RunAgain)
}
