//! Why is there no storage yet? From the claim's own words and the classes first, then from what was said.

use super::{Action, Cause, CauseId, Evidence, Facts, Moment, refusal};
use crate::near::near;
use crate::{
    event::{Event, Severity},
    storage_class::{Binding, StorageClass},
    volume::{Use, UsePhase},
};

/// A new volume is never shown as broken: so long, in seconds, the first tries of the cluster are its own affair.
const GRACE: i64 = 10;
/// After so long without an answer, whoever was asked is called silent instead of busy. Seconds.
const SILENT_AFTER: i64 = 120;
/// The provisioner of classes whose volumes are prepared by hand (kubernetes, component-helpers/storage/volume/helpers.go).
const BY_HAND: &str = "kubernetes.io/no-provisioner";

pub(super) fn cause(facts: &Facts<'_>) -> Cause {
    let since = asked_at(facts);
    let cause = judged(facts, since);
    let is_new = !facts.now.is_past(since, GRACE);
    if is_new && cause.tone() == super::Tone::Bad { being_provisioned(facts, since) } else { cause }
}

fn judged(facts: &Facts<'_>, since: i64) -> Cause {
    if let Some(volume) = facts.volume_name {
        return named(facts, volume, since);
    }
    match facts.class {
        None => without_class(facts, since),
        Some("") if facts.has_selector => selector_matches_none(facts),
        Some("") => no_matching_volume(facts, None),
        Some(name) => match facts.classes.iter().find(|class| class.name.as_str() == name) {
            None => class_missing(facts, name),
            Some(class) => of_class(facts, class, since),
        },
    }
}

/// When somebody was first asked to make the storage: `ExternalProvisioning` tells, else the first use or the creation.
fn asked_at(facts: &Facts<'_>) -> i64 {
    let said = facts.events.iter().filter(|event| event.reason == "ExternalProvisioning").map(|event| event.first).min();
    let class = facts.classes.iter().find(|class| Some(class.name.as_str()) == facts.class);
    let used = match class.map(|class| class.binding) {
        Some(Binding::WaitForFirstConsumer) => facts.active().map(|pod| pod.since).min(),
        Some(Binding::Immediate) | None => None,
    };
    said.or(used).map_or(facts.created, |at| at.max(facts.created))
}

/// The author of the claim named a volume: it is that one or none (pv_controller.go, `syncUnboundClaim`).
fn named(facts: &Facts<'_>, volume: &str, since: i64) -> Cause {
    let refused = facts.latest(&["VolumeMismatch", "FailedBinding"]).filter(|event| event.severity == Severity::Warning);
    match refused {
        Some(event) => Cause::new(CauseId::NamedVolumeUnfit)
            .because(format!("{volume} cannot be given"))
            .saying(format!(
                "This volume asks for the storage {volume}, which belongs to another volume or does not fit in size, class or access. \
                 Delete it and create one without naming the storage, or ask an administrator to release {volume}."
            ))
            .asking_an_admin(format!("A claim asks for PersistentVolume {volume} and does not get it: {}", event.message))
            .seen([Evidence::event(event)]),
        None if !facts.now.is_past(since, SILENT_AFTER) => being_provisioned(facts, since),
        None => Cause::new(CauseId::NamedVolumeMissing)
            .because(format!("{volume} is not there"))
            .saying(format!(
                "This volume asks for the storage {volume}, which the cluster does not seem to have. Delete it and create one without \
                 naming the storage, or ask an administrator to prepare {volume}."
            ))
            .asking_an_admin(format!("A claim asks for PersistentVolume {volume}, which is not there."))
            .seen([Evidence::of(format!("The claim names the volume {volume}, and nothing was said about it"))]),
    }
}

fn without_class(facts: &Facts<'_>, since: i64) -> Cause {
    let binding = facts.latest(&["FailedBinding"]).map(Evidence::event);
    if let Some(class) = facts.classes.iter().find(|class| class.default) {
        // The cluster gives it to waiting claims within seconds (pv_controller.go, `assignDefaultStorageClass`).
        if !facts.now.is_past(since, SILENT_AFTER) || class_is_new(binding.as_ref(), facts.now) {
            return Cause::new(CauseId::GetsDefaultClass)
                .since_when(since)
                .because(format!("gets class {}", class.name))
                .saying(format!(
                    "This volume names no class, so the cluster gives it the default one, {}, by itself. This page follows by itself.",
                    class.name
                ))
                .seen(binding);
        }
        return unexplained(facts, since).seen(binding);
    }
    if facts.has_selector {
        return selector_matches_none(facts);
    }
    Cause::new(CauseId::NoDefaultClass)
        .because("no class, and the cluster has no default")
        .saying(
            "This volume names no class and the cluster has no default one. When an administrator marks a class as default, it is \
             given to this volume by itself; or delete it and choose a class.",
        )
        .offering(Action::OpenClasses)
        .seen(binding)
        .seen([Evidence::of("No storage class is marked as default")])
}

/// The controller still says every few seconds that there is no class: the default one came after that.
fn class_is_new(binding: Option<&Evidence>, now: Moment<'_>) -> bool {
    binding.and_then(|said| said.at).is_some_and(|at| !now.is_past(at, SILENT_AFTER))
}

fn selector_matches_none(facts: &Facts<'_>) -> Cause {
    Cause::new(CauseId::SelectorMatchesNone)
        .because("no volume has its labels")
        .saying(
            "This volume asks for prepared storage with certain labels, and none that is free has them. Delete it and create one with a \
             class from the list, or ask an administrator to prepare such storage.",
        )
        .asking_an_admin("A claim has a selector that no free PersistentVolume matches.")
        .seen(facts.latest(&["FailedBinding"]).map(Evidence::event))
        .seen([Evidence::of("The claim has a selector and no class that could make storage")])
}

fn no_matching_volume(facts: &Facts<'_>, class: Option<&StorageClass>) -> Cause {
    let (reason, which) = match class {
        None => {
            ("asks for no class, and nothing fits".to_owned(), "asks for prepared storage without a class (an empty class name)".to_owned())
        }
        Some(class) => {
            (format!("nothing prepared in {} fits", class.name), format!("is of class {}, whose storage is prepared by hand", class.name))
        }
    };
    Cause::new(CauseId::NoMatchingVolume)
        .because(reason)
        .saying(format!(
            "This volume {which}, and none that is free is large enough and allows the access. Delete it and choose a class that makes \
             storage by itself, or ask an administrator to prepare some."
        ))
        .offering(Action::OpenClasses)
        .seen(facts.latest(&["FailedBinding", "ProvisioningFailed"]).map(Evidence::event))
}

fn class_missing(facts: &Facts<'_>, name: &str) -> Cause {
    let near = near(name, facts.offered().map(|class| class.name.as_str()));
    let meant = match near.as_slice() {
        [] => String::new(),
        near => format!(" Was {} meant?", near.join(" or ")),
    };
    let action = near.first().map_or(Action::OpenClasses, |class| Action::CreateAgainWith { class: (*class).to_owned() });
    Cause::new(CauseId::ClassMissing)
        .because(format!("class {name} does not exist"))
        .saying(format!(
            "This volume asks for class {name}, which the cluster does not have.{meant} Delete it and create one with a class from the \
             list, or ask an administrator to add {name}."
        ))
        .offering(action)
        .seen(facts.latest(&["ProvisioningFailed"]).map(Evidence::event))
        .seen([Evidence::of(format!("There is no storage class {name}"))])
}

fn of_class(facts: &Facts<'_>, class: &StorageClass, since: i64) -> Cause {
    // Without a node there is nobody to ask yet; an earlier refusal was for a pod that is gone.
    let waits_for_pod = class.binding == Binding::WaitForFirstConsumer && facts.selected_node.is_none();
    if waits_for_pod && facts.active().next().is_none() {
        return waits_for_first_use(facts);
    }
    if let Some(event) = refusal::standing(facts) {
        return if class.provisioner == BY_HAND { no_matching_volume(facts, Some(class)) } else { refusal::cause(facts, class, event) };
    }
    if waits_for_pod {
        return placement(facts, class, since);
    }
    if class.provisioner == BY_HAND && class.binding == Binding::Immediate {
        return no_matching_volume(facts, Some(class));
    }
    waiting(facts, class, since)
}

fn waits_for_first_use(facts: &Facts<'_>) -> Cause {
    Cause::new(CauseId::WaitsForFirstUse)
        .because("binds when a task mounts it")
        .saying(
            "Nothing is wrong. Its class chooses where the storage lives when a task first mounts it; until then it costs nothing. \
             Use it in a task and it becomes ready within seconds.",
        )
        .offering(Action::UseInTask)
        .seen(facts.latest(&["WaitForFirstConsumer"]).map(Evidence::event))
}

/// What the scheduler last said about a pod that it has not placed. Once placed, that is history.
fn unplaced<'a>(facts: &Facts<'a>) -> Option<(&'a Use, &'a Event)> {
    let waiting = facts.uses.iter().filter(|pod| pod.phase == UsePhase::Waiting);
    let said = waiting.flat_map(|pod| pod.events.iter().map(move |event| (pod, event)));
    said.filter(|(_, event)| event.reason == "FailedScheduling").max_by_key(|(_, event)| event.last)
}

/// A pod uses it and has no node yet. The texts are the scheduler's (plugins/volumebinding/binder.go, `ErrReason...`).
fn placement(facts: &Facts<'_>, class: &StorageClass, since: i64) -> Cause {
    let Some((pod, event)) = unplaced(facts) else {
        return match facts.active().find(|pod| !pod.is_named()) {
            _ if !facts.now.is_past(since, SILENT_AFTER) => being_provisioned(facts, since),
            Some(pod) => waits_for_anothers(pod),
            None => unexplained(facts, since),
        };
    };
    let says = |text: &str| event.message.contains(text);
    let seen = [Evidence::about(pod, event)];
    if says("did not have enough free storage") {
        return refusal::no_capacity(facts, class).seen(seen);
    }
    let finds_none = says("find available persistent volumes to bind");
    if finds_none && class.provisioner == BY_HAND {
        return no_matching_volume(facts, Some(class)).seen(seen);
    }
    if finds_none || super::mounting::is_node_clash(&event.message) {
        return Cause::new(CauseId::NodeClash)
            .because("no node fits pod and storage")
            .saying(format!(
                "Pod {} may only run where class {} cannot make storage, or another volume of the pod lies on another node. Let the pod \
                 run on other nodes, or use volumes of one class and place.",
                pod.pod, class.name
            ))
            .offering(Action::ShowUsers)
            .seen(seen);
    }
    Cause::new(CauseId::PodNotPlaced)
        .since_when(pod.since)
        .because(format!("pod {} waits for a node", pod.pod))
        .saying(format!(
            "The storage is made when pod {} gets a node, and it has none yet. The scheduler says: {} The volume itself is fine.",
            pod.pod,
            refusal::quoted(&event.message)
        ))
        .offering(Action::ShowUsers)
        .seen(seen)
}

/// What the scheduler says about that pod is not for this viewer.
fn waits_for_anothers(pod: &Use) -> Cause {
    Cause::new(CauseId::PodNotPlaced)
        .since_when(pod.since)
        .because("another's pod waits for a node")
        .saying(
            "The storage is made when the pod that uses it gets a node. That pod is another person's, and it has none yet. The volume \
             itself is fine.",
        )
        .offering(Action::ShowUsers)
        .seen([Evidence::pod(pod)])
}

/// Asked, and nobody has refused.
fn waiting(facts: &Facts<'_>, class: &StorageClass, since: i64) -> Cause {
    if !facts.now.is_past(since, SILENT_AFTER) {
        return being_provisioned(facts, since);
    }
    if let Some(begun) = facts.latest(&["Provisioning"]) {
        return refusal::slow(class).since_when(since).seen([Evidence::event(begun)]);
    }
    let asked = facts.latest(&["ExternalProvisioning"]);
    if asked.is_none() && facts.asked_provisioner.is_none() {
        return unexplained(facts, since);
    }
    let provisioner = facts.asked_provisioner.unwrap_or(&class.provisioner);
    Cause::new(CauseId::ProvisionerSilent)
        .since_when(since)
        .because(format!("{provisioner} is silent"))
        .saying(format!(
            "{provisioner} was asked for this storage and has neither made it nor reported an error. It may not be installed. \
             Tell an administrator its name, or delete this volume and choose another class."
        ))
        .asking_an_admin(format!("Provisioner {provisioner} of class {} does not answer.", class.name))
        .seen(asked.map(Evidence::event))
        .seen([Evidence::of(format!("{provisioner} has reported nothing about this volume"))])
}

fn being_provisioned(facts: &Facts<'_>, since: i64) -> Cause {
    Cause::new(CauseId::BeingProvisioned)
        .since_when(since)
        .because("usually under a minute")
        .saying("The cluster is at work; it usually takes less than a minute. This page follows by itself.")
        .seen(facts.latest(&["Provisioning", "ExternalProvisioning", "WaitForPodScheduled"]).map(Evidence::event))
}

fn unexplained(facts: &Facts<'_>, since: i64) -> Cause {
    Cause::new(CauseId::Unexplained)
        .since_when(since)
        .because("no word from the cluster")
        .saying(
            "The cluster has not begun to make the storage and does not say why. Its volume controller or its scheduler may not be \
             running. Tell an administrator.",
        )
        .asking_an_admin("A claim is Pending, and no controller says anything about it.")
        .seen(facts.events.first().map(Evidence::event))
        .seen(facts.active().map(Evidence::pod))
}
