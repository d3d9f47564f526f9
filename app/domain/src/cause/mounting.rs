//! Can what uses a volume get at it? From what was said about pods that are not running yet: of a pod that runs, all of
//! it is history, and so is a refusal to place of one that has a node.

use super::{Action, Cause, CauseId, Evidence, Facts, refusal::quoted};
use crate::{
    event::Event,
    volume::{Use, UsePhase},
};

/// kubernetes, pkg/kubelet/events/event.go
const CANNOT_MOUNT: [&str; 2] = ["FailedMount", "FailedMapVolume"];
const CANNOT_ATTACH: &str = "FailedAttachVolume";
/// What is said once the volumes of a pod are mounted.
const MOUNTED: [&str; 5] = ["SuccessfulMountVolume", "Pulling", "Pulled", "Created", "Started"];

/// Whether the scheduler says that a volume of the pod lies where the pod may not run
/// (plugins/volumebinding/binder.go and plugins/volumezone; until 1.34 it was called "volume node affinity conflict").
pub(super) fn is_node_clash(message: &str) -> bool {
    ["volume node affinity conflict", "match PersistentVolume's node affinity", "no available volume zone"]
        .iter()
        .any(|text| message.contains(text))
}

/// The latest trouble of any pod that is still waiting or starting.
pub(super) fn cause(facts: &Facts<'_>) -> Option<Cause> {
    let all = facts.uses.iter().filter_map(|pod| trouble(facts, pod).map(|event| (pod, event)));
    let (pod, event) = all.max_by_key(|(_, event)| event.last)?;
    let name = &pod.pod;
    let message = event.message.as_str();
    let cause = if event.reason == "FailedScheduling" && is_node_clash(message) {
        Cause::new(CauseId::NodeClash)
            .because(format!("pod {name} cannot reach it"))
            .saying(format!(
                "Pod {name} cannot be placed: a volume of it lies on a node where the pod may not run or has no room. Let the pod run \
                 there, or use volumes that lie in one place."
            ))
            .offering(Action::ShowUsers)
    } else if event.reason == "FailedScheduling" {
        Cause::new(CauseId::HeldByAnotherPod)
            .because(format!("pod {name} waits for it"))
            .saying(format!(
                "Pod {name} waits because another pod uses this volume, and its access is for one pod at a time. It starts when the other \
                 one ends."
            ))
            .offering(Action::ShowUsers)
    } else if message.contains("Multi-Attach error") {
        Cause::new(CauseId::HeldByAnotherNode)
            .because(format!("pod {name} waits for it"))
            .saying(format!(
                "Pod {name} waits because another node has the volume, and its access is for one node at a time. It starts when what runs \
                 there has ended; after a node has failed that can take some minutes."
            ))
            .offering(Action::ShowUsers)
    } else {
        Cause::new(CauseId::CannotBeMounted)
            .because(format!("pod {name} cannot mount it"))
            .saying(format!(
                "Pod {name} has a node but cannot mount this volume. The node said: {} The cluster tries on by itself.",
                mount_error(message)
            ))
            .asking_an_admin(format!("A volume cannot be mounted: {}", mount_error(message)))
    };
    Some(cause.seen([Evidence::about(pod, event), Evidence::pod(pod)]))
}

/// What `mount` itself printed, without the paths of the node (kubernetes/mount-utils, mount_linux.go).
fn mount_error(message: &str) -> String {
    let output = message.split_once("Output: ").and_then(|(_, output)| output.lines().next());
    quoted(output.and_then(|line| line.split_once(": ")).map_or(message, |(_, error)| error))
}

fn trouble<'a>(facts: &Facts<'_>, pod: &'a Use) -> Option<&'a Event> {
    let latest =
        |reasons: &[&str]| pod.events.iter().filter(|event| reasons.contains(&event.reason.as_str())).max_by_key(|event| event.last);
    match pod.phase {
        UsePhase::Waiting => latest(&["FailedScheduling"])
            .filter(|event| is_node_clash(&event.message) || event.message.contains("ReadWriteOncePod access mode already in-use")),
        UsePhase::Starting => {
            let names_it = |event: &&Event| facts.volume_name.is_some_and(|volume| event.message.contains(volume));
            let of_it = |reasons: &[&str]| {
                pod.events.iter().filter(|event| reasons.contains(&event.reason.as_str())).filter(names_it).max_by_key(|event| event.last)
            };
            let success = |reasons: &[&str]| latest(reasons).map(|event| event.last);
            let stands = |event: &&Event, success: Option<i64>| success.is_none_or(|at| at < event.last);
            let attach = of_it(&[CANNOT_ATTACH]).filter(|event| stands(event, success(&["SuccessfulAttachVolume"]).max(success(&MOUNTED))));
            let mount = of_it(&CANNOT_MOUNT).filter(|event| stands(event, success(&MOUNTED)));
            // What is not attached cannot be mounted: the root first.
            attach.or(mount)
        }
        UsePhase::Running | UsePhase::Finished => None,
    }
}
