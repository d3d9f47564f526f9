//! Why does a pod that has a node not run? Attach, mount, image, container: in the order in which the kubelet works.

use super::{
    Action, Cause, CauseId, Facts,
    facts::{latest, unresolved},
    image,
};
use crate::{
    cause::{Evidence, quoted},
    event::Event,
    name::{EnvName, secret_called},
    task::TaskPod,
};

/// kubernetes, pkg/kubelet/events/event.go
const CANNOT_MOUNT: [&str; 2] = ["FailedMount", "FailedMapVolume"];
/// What is said once the volumes of a pod are mounted.
const MOUNTED: [&str; 5] = ["SuccessfulMountVolume", "Pulling", "Pulled", "Created", "Started"];
/// After so long on its node without running, that is called slow. Seconds.
const SLOW_AFTER: i64 = 120;

pub(super) fn cause(facts: &Facts<'_>, pod: &TaskPod) -> Cause {
    if let Some(cause) = image::cause(facts, pod).or_else(|| container(pod)) {
        return cause
            .seen([stated(pod)])
            .seen(latest(&pod.events, &["Failed", "InspectFailed"]).map(|event| Evidence::said_of(&pod.name, event)));
    }
    let attach = unresolved(&pod.events, &["FailedAttachVolume"], &[&["SuccessfulAttachVolume"], MOUNTED.as_slice()].concat());
    if let Some(event) = attach.or_else(|| unresolved(&pod.events, &CANNOT_MOUNT, &MOUNTED)) {
        return mount(facts, pod, event).seen([Evidence::said_of(&pod.name, event)]);
    }
    if let Some(event) =
        unresolved(&pod.events, &["FailedCreatePodSandBox", "FailedCreatePodContainer"], &["Pulling", "Pulled", "Created", "Started"])
    {
        return node_trouble(pod, event);
    }
    if let Some(event) = unresolved(&pod.events, &["Pulling"], &["Pulled", "Failed", "Created"]) {
        return pulling(facts, pod, event);
    }
    prepared(facts, pod)
}

/// What the pod's own status says; unlike an event it does not vanish.
fn stated(pod: &TaskPod) -> Evidence {
    Evidence { at: None, line: format!("Pod {}: {} {}", pod.name, pod.said_why(), quoted(pod.said())) }
}

fn mount(facts: &Facts<'_>, pod: &TaskPod, event: &Event) -> Cause {
    let message = event.message.as_str();
    let held = message.contains("Multi-Attach error");
    // The kubelet names the PersistentVolume; with one volume there is no doubt which it is.
    let only = match facts.task.mounts.as_slice() {
        [mount] => Some(mount),
        _ => facts.task.mounts.iter().find(|mount| message.contains(&mount.claim)),
    };
    let which = only.map_or_else(|| "One of its volumes".to_owned(), |mount| format!("Volume {}", facts.name(&mount.claim)));
    let open = only.map(|mount| Action::OpenVolume { claim: mount.claim.clone() });
    if held {
        let cause = Cause::new(CauseId::VolumeInUse).since_when(event.first).because("its volume is on another node").saying(format!(
            "{which} can be on one node at a time and is still on another one. This starts when what runs there has ended; after a node \
             has failed that can take some minutes."
        ));
        return match open {
            Some(open) => cause.offering(open),
            None => cause,
        };
    }
    let error = mount_error(message);
    let cause = Cause::new(CauseId::MountFailed).since_when(event.first).because("its volume cannot be mounted").saying(format!(
        "{which} cannot be mounted on node {}. The node said: {error} The cluster tries on by itself.",
        pod.node.as_deref().unwrap_or("of this pod")
    ));
    match open {
        Some(open) => cause.offering(open),
        None => cause.asking_an_admin(format!("A volume cannot be mounted: {error}")),
    }
}

/// What `mount` itself printed, without the paths of the node (kubernetes/mount-utils, mount_linux.go).
fn mount_error(message: &str) -> String {
    let output = message.split_once("Output: ").and_then(|(_, output)| output.lines().next());
    quoted(output.and_then(|line| line.split_once(": ")).map_or(message, |(_, error)| error))
}

/// The reasons for which the kubelet keeps a container waiting (pkg/kubelet/kuberuntime/kuberuntime_container.go, security_context_others.go).
fn container(pod: &TaskPod) -> Option<Cause> {
    let message = pod.said();
    match pod.said_why() {
        "CreateContainerConfigError" if message.contains("runAsNonRoot") => Some(
            Cause::new(CauseId::RunsAsRoot)
                .because("the image runs as root")
                .saying(
                    "Its image starts as root, which tasks may not. Take an image with a user of its own, or one that runs as any user.",
                )
                .offering(Action::RunAgain),
        ),
        "CreateContainerConfigError" if message.to_ascii_lowercase().contains("secret") => Some(secret(message)),
        "CreateContainerConfigError" => Some(
            Cause::new(CauseId::ConfigMissing)
                .because("something is missing on the cluster")
                .saying(format!("Its container cannot be set up: {}", quoted(message)))
                .asking_an_admin(format!("A task's container cannot be set up: {}", quoted(message))),
        ),
        "CreateContainerError" | "RunContainerError" | "StartError" | "ContainerCannotRun" | "CrashLoopBackOff" if !message.is_empty() => {
            Some(refused_start(message))
        }
        _ => None,
    }
}

/// A Secret or one of its keys is not there (pkg/kubelet/kubelet_pods.go, `makeEnvironmentVariables`): `secret "s-...-s3" not found`,
/// `couldn't find key KEY in Secret work/s-...-s3`.
fn secret(message: &str) -> Cause {
    let words = || message.split(|c: char| c.is_whitespace() || matches!(c, '"' | '/' | ','));
    let named = words().find_map(secret_called).map_or_else(|| "A Secret".to_owned(), |name| format!("Your Secret {name}"));
    let key =
        message.split_once("find key ").and_then(|(_, rest)| rest.split_whitespace().next()).and_then(|key| key.parse::<EnvName>().ok());
    let what = match key {
        Some(key) => format!("{named} has no key {key} any more"),
        None => format!("{named} is not there any more"),
    };
    Cause::new(CauseId::SecretMissing)
        .because("a Secret is missing")
        .saying(format!(
            "{what}, so its container cannot be set up. Put it in again under the same name: the cluster tries on and starts it by itself."
        ))
        .offering(Action::OpenSecrets)
}

/// What runc says about a program that it cannot start (opencontainers/runc, libcontainer).
pub(super) fn refused_start(message: &str) -> Cause {
    let says = |text: &str| message.contains(text);
    let is_shell = says("exec: \"/bin/sh\"") || says("exec: \"sh\"") || says("exec: \"/bin/bash\"") || says("exec: \"bash\"");
    if is_shell && (says("no such file or directory") || says("executable file not found")) {
        return Cause::new(CauseId::NoShell)
            .because("the image has no shell")
            .saying("A task's lines are run by the image's own shell, and this image has none (distroless and scratch images do not). Take an image with one.")
            .offering(Action::RunAgain);
    }
    if says("exec format error") || says("no match for platform") {
        return image::unfit();
    }
    if says("chdir to cwd") || says("mkdir") && says("permission denied") {
        return Cause::new(CauseId::StartRefused)
            .because("its folder cannot be entered")
            .saying(format!(
                "The folder in which it should start cannot be entered: {} Choose a folder on one of its mounts.",
                quoted(message)
            ))
            .offering(Action::RunAgain);
    }
    Cause::new(CauseId::StartRefused)
        .because("its program could not be started")
        .saying(format!("The node could not start its program: {}", quoted(message)))
        .offering(Action::RunAgain)
}

fn node_trouble(pod: &TaskPod, event: &Event) -> Cause {
    Cause::new(CauseId::NodeTrouble)
        .since_when(event.first)
        .because("its node has trouble")
        .saying(format!(
            "Node {} cannot set up the pod: {} It tries on by itself. If that lasts, stop the task and run it again, and tell an \
             administrator.",
            pod.node.as_deref().unwrap_or("of this pod"),
            quoted(&event.message)
        ))
        .asking_an_admin(format!("A node cannot set up pods: {}", quoted(&event.message)))
        .seen([Evidence::said_of(&pod.name, event)])
}

fn pulling(facts: &Facts<'_>, pod: &TaskPod, event: &Event) -> Cause {
    Cause::new(CauseId::ImageBeingPulled)
        .since_when(event.last)
        .because("the image is being fetched")
        .saying(format!(
            "Node {} fetches {}. A large image takes minutes the first time; after that the node has it. This page follows by itself.",
            pod.node.as_deref().unwrap_or("of this pod"),
            facts.task.image
        ))
        .seen([Evidence::said_of(&pod.name, event)])
}

fn prepared(facts: &Facts<'_>, pod: &TaskPod) -> Cause {
    let since = latest(&pod.events, &["Scheduled"]).map_or(pod.created, |event| event.last);
    if facts.now.saturating_sub(since) < SLOW_AFTER {
        return Cause::new(CauseId::BeingPrepared)
            .since_when(since)
            .because("usually a few seconds")
            .saying("Its node attaches the volumes and starts the program. This page follows by itself.");
    }
    Cause::new(CauseId::PreparedSlowly)
        .since_when(since)
        .because("its node takes long")
        .saying(format!(
            "Node {} has had it for a while, and neither runs it nor says why. Volumes with very many files take long to hand over. If it \
             lasts, tell an administrator.",
            pod.node.as_deref().unwrap_or("of this pod")
        ))
        .asking_an_admin("A pod has a node and does not start, and nothing says why.")
        .seen(pod.events.first().map(|event| Evidence::said_of(&pod.name, event)))
}
