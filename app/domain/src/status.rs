//! What state is a volume in, and why? One pure answer from what the cluster recorded.

use crate::{
    event::{Event, Severity},
    storage_class::{Binding, StorageClass},
    volume::Use,
};
use serde::{Deserialize, Serialize};

/// After this long without an answer, a provisioner is called silent instead of busy. Seconds.
const SILENT_AFTER: i64 = 120;

/// The state of a volume with the reason that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Ready,
    /// Pending on purpose: its class chooses the node when a pod first mounts it.
    WaitsForFirstUse,
    BeingProvisioned {
        since: i64,
    },
    /// Nobody has answered for a while. Nothing in the cluster says that anything is wrong.
    ProvisionerSilent {
        provisioner: String,
        since: i64,
    },
    CannotBeCreated {
        why: Refusal,
    },
    Deleting {
        since: i64,
        held_by: Vec<Holder>,
    },
    Lost,
    /// A phase this version does not know.
    Unknown {
        phase: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    ClassMissing {
        class: String,
    },
    NoDefaultClass,
    /// The provisioner's own words.
    Provisioner {
        message: String,
    },
}

/// What keeps a volume that is being deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    RunningPod { name: String },
    FinishedPod { name: String },
    Finalizer { name: String },
}

/// Which colour and which silhouette go with a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Wait,
    Calm,
    Bad,
}

/// What the cluster recorded about one claim.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// `status.phase`
    pub phase: &'a str,
    /// `metadata.deletionTimestamp`
    pub deleting_since: Option<i64>,
    pub finalizers: &'a [String],
    /// `spec.storageClassName`
    pub class: Option<&'a str>,
    pub created: i64,
    pub uses: &'a [Use],
    pub events: &'a [Event],
    pub classes: &'a [StorageClass],
    pub now: i64,
}

/// The finalizer that Kubernetes itself lifts when no pod holds the claim any more.
const PROTECTION: &str = "kubernetes.io/pvc-protection";

pub fn status(facts: &Facts<'_>) -> Status {
    if let Some(since) = facts.deleting_since {
        return Status::Deleting { since, held_by: holders(facts) };
    }
    match facts.phase {
        "Bound" => Status::Ready,
        "Lost" => Status::Lost,
        // A claim that was made this instant has no status yet.
        "Pending" | "" => pending(facts),
        other => Status::Unknown { phase: other.to_owned() },
    }
}

fn holders(facts: &Facts<'_>) -> Vec<Holder> {
    let mut holders = Vec::new();
    for finalizer in facts.finalizers {
        let pods: Vec<_> = facts.uses.iter().filter(|u| u.phase.holds_deletion()).collect();
        // Kubernetes lifts its own finalizer within moments once no pod holds the claim: that is no holder.
        if finalizer == PROTECTION {
            holders.extend(pods.into_iter().map(|u| {
                let name = u.pod.clone();
                if u.phase.is_use() { Holder::RunningPod { name } } else { Holder::FinishedPod { name } }
            }));
        } else {
            holders.push(Holder::Finalizer { name: finalizer.clone() });
        }
    }
    holders
}

fn pending(facts: &Facts<'_>) -> Status {
    let Some(name) = facts.class else {
        return Status::CannotBeCreated { why: Refusal::NoDefaultClass };
    };
    let Some(class) = facts.classes.iter().find(|c| c.name.as_str() == name) else {
        return Status::CannotBeCreated { why: Refusal::ClassMissing { class: name.to_owned() } };
    };
    // A refusal is the truth until a later success; the routine "waiting for ..." that keeps refreshing is not one.
    let refusal =
        facts.events.iter().filter(|e| e.severity == Severity::Warning && e.reason == "ProvisioningFailed").max_by_key(|e| e.last);
    if let Some(refusal) = refusal {
        return Status::CannotBeCreated { why: Refusal::Provisioner { message: refusal.message.clone() } };
    }
    if class.binding == Binding::WaitForFirstConsumer && !facts.uses.iter().any(|u| u.phase.is_use()) {
        return Status::WaitsForFirstUse;
    }
    let asked = facts.uses.iter().filter(|u| u.phase.is_use()).map(|u| u.since).min();
    let since = match class.binding {
        Binding::Immediate => facts.created,
        Binding::WaitForFirstConsumer => asked.unwrap_or(facts.created),
    };
    if facts.now.saturating_sub(since) >= SILENT_AFTER {
        Status::ProvisionerSilent { provisioner: class.provisioner.clone(), since }
    } else {
        Status::BeingProvisioned { since }
    }
}

impl Status {
    /// The word beside the silhouette.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::WaitsForFirstUse => "Waits for first use",
            Self::BeingProvisioned { .. } => "Being provisioned",
            Self::ProvisionerSilent { .. } => "No answer yet",
            Self::CannotBeCreated { .. } => "Cannot be created",
            Self::Deleting { .. } => "Deleting",
            Self::Lost => "Lost",
            Self::Unknown { .. } => "Unknown",
        }
    }

    /// The phase of the claim as Kubernetes calls it (`Terminating` is kubectl's word for a deletion under way).
    pub fn phase(&self) -> &str {
        match self {
            Self::Ready => "Bound",
            Self::WaitsForFirstUse | Self::BeingProvisioned { .. } | Self::ProvisionerSilent { .. } | Self::CannotBeCreated { .. } => {
                "Pending"
            }
            Self::Deleting { .. } => "Terminating",
            Self::Lost => "Lost",
            Self::Unknown { phase } => phase,
        }
    }

    pub fn tone(&self) -> Tone {
        match self {
            Self::Ready => Tone::Good,
            Self::WaitsForFirstUse | Self::ProvisionerSilent { .. } => Tone::Wait,
            Self::Deleting { held_by, .. } if !held_by.is_empty() => Tone::Wait,
            Self::BeingProvisioned { .. } | Self::Deleting { .. } | Self::Unknown { .. } => Tone::Calm,
            Self::CannotBeCreated { .. } | Self::Lost => Tone::Bad,
        }
    }

    /// The name of the silhouette in the icon sprite.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::WaitsForFirstUse => "firstuse",
            Self::BeingProvisioned { .. } | Self::ProvisionerSilent { .. } | Self::Unknown { .. } => "provisioning",
            Self::CannotBeCreated { .. } => "failed",
            Self::Deleting { .. } => "leaving",
            Self::Lost => "lost",
        }
    }

    /// Since when it is so, where that matters: shown as an age that runs.
    pub fn since(&self) -> Option<i64> {
        match self {
            Self::BeingProvisioned { since } | Self::ProvisionerSilent { since, .. } | Self::Deleting { since, .. } => Some(*since),
            Self::Ready | Self::WaitsForFirstUse | Self::CannotBeCreated { .. } | Self::Lost | Self::Unknown { .. } => None,
        }
    }

    /// Few words for the line under the status in a list. `None` when the label says it all.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Ready | Self::Unknown { .. } => None,
            Self::WaitsForFirstUse => Some("binds when a task mounts it".into()),
            Self::BeingProvisioned { .. } => Some("usually under a minute".into()),
            Self::ProvisionerSilent { provisioner, .. } => Some(format!("{provisioner} is silent")),
            Self::CannotBeCreated { why: Refusal::ClassMissing { class } } => Some(format!("class {class} does not exist")),
            Self::CannotBeCreated { why: Refusal::NoDefaultClass } => Some("no class, and the cluster has no default".into()),
            Self::CannotBeCreated { why: Refusal::Provisioner { .. } } => Some("the provisioner refused".into()),
            Self::Deleting { held_by, .. } => match held_by.as_slice() {
                [] => None,
                [one] => Some(format!("held by {}", one.in_words())),
                [first, rest @ ..] => Some(format!("held by {} and {} more", first.in_words(), rest.len())),
            },
            Self::Lost => Some("its storage is gone".into()),
        }
    }

    /// What happened and what to do: heading and sentence for the top of the volume's page. `None` when all is well.
    pub fn explanation(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Ready => None,
            Self::WaitsForFirstUse => Some((
                "This volume waits for its first use",
                "Nothing is wrong. Its class chooses where the storage lives when a task first mounts it; until then it costs nothing. \
                 Use it in a task and it becomes ready within seconds."
                    .into(),
            )),
            Self::BeingProvisioned { .. } => Some((
                "The storage is being made",
                "The cluster is at work; it usually takes less than a minute. This page follows by itself.".into(),
            )),
            Self::ProvisionerSilent { provisioner, .. } => Some((
                "The provisioner does not answer",
                format!(
                    "{provisioner} was asked for this storage and has neither made it nor reported an error. It may not be installed. \
                     Tell an administrator its name, or delete this volume and choose another class."
                ),
            )),
            Self::CannotBeCreated { why: Refusal::ClassMissing { class } } => Some((
                "The storage class does not exist",
                format!(
                    "This volume asks for class {class}, which the cluster does not have. Delete it and create one with a class from \
                     the list, or ask an administrator to add {class}."
                ),
            )),
            Self::CannotBeCreated { why: Refusal::NoDefaultClass } => Some((
                "No storage class was chosen",
                "This volume names no class and the cluster has no default one. When an administrator marks a class as default, it is \
                 given to this volume by itself; or delete it and choose a class."
                    .into(),
            )),
            Self::CannotBeCreated { why: Refusal::Provisioner { message } } => Some((
                "The provisioner refused to make this volume",
                format!(
                    "It said: {message} Delete it and choose another size, access or class; if the words mean nothing to you, an \
                     administrator can read them."
                ),
            )),
            Self::Deleting { held_by, .. } if held_by.is_empty() => {
                Some(("This volume is being deleted", "The cluster is removing it; this page follows by itself.".into()))
            }
            Self::Deleting { held_by, .. } => {
                let names = held_by.iter().map(Holder::in_words).collect::<Vec<_>>().join(", ");
                Some((
                    "The deletion waits",
                    format!(
                        "The volume is held by {names}. {}The deletion goes on by itself when nothing holds it; nothing more can mount it.",
                        held_by.iter().map(Holder::advice).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<String>()
                    ),
                ))
            }
            Self::Lost => Some((
                "The storage behind this volume is gone",
                "The cluster no longer has the PersistentVolume that held the data. Do not delete anything yet; ask an administrator \
                 whether it can be brought back."
                    .into(),
            )),
            Self::Unknown { phase } => Some((
                "This state is not known to the portal",
                format!("The cluster calls it {phase}. An administrator can look at the claim."),
            )),
        }
    }
}

impl Holder {
    /// What a person can do about it.
    fn advice(&self) -> &'static str {
        match self {
            Self::RunningPod { .. } => "Stop what still runs. ",
            Self::FinishedPod { .. } => "A finished pod still counts as a user until it is removed (kubectl delete pod). ",
            Self::Finalizer { .. } => {
                "A finalizer is a note of another program that must release it first; an administrator can tell which. "
            }
        }
    }

    pub fn in_words(&self) -> String {
        match self {
            Self::RunningPod { name } => format!("pod {name}"),
            Self::FinishedPod { name } => format!("finished pod {name}"),
            Self::Finalizer { name } => format!("finalizer {name}"),
        }
    }
}

#[cfg(test)]
mod tests;
