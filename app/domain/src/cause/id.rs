//! Which causes are there? Each with a name that stays, a word, a colour, a silhouette and a heading.

use super::named::{Tone, named_causes};

named_causes! {
    CauseId;
    // Pending
    WaitsForFirstUse, "waits-for-first-use", "Waits for first use", Wait, "firstuse", "This volume waits for its first use";
    BeingProvisioned, "being-provisioned", "Being provisioned", Calm, "provisioning", "The storage is being made";
    GetsDefaultClass, "gets-default-class", "Being provisioned", Calm, "provisioning", "It is being given the default class";
    ClassMissing, "class-missing", "Cannot be created", Bad, "failed", "The storage class does not exist";
    NoDefaultClass, "no-default-class", "Cannot be created", Bad, "failed", "No storage class was chosen";
    NoMatchingVolume, "no-matching-volume", "Cannot be created", Bad, "failed", "There is no prepared volume that fits";
    SelectorMatchesNone, "selector-matches-none", "Cannot be created", Bad, "failed", "No prepared volume has the labels it asks for";
    SelectorNotSupported, "selector-not-supported", "Cannot be created", Bad, "failed", "Its class cannot look for volumes by label";
    NamedVolumeMissing, "named-volume-missing", "Cannot be created", Bad, "failed", "The storage it asks for by name is not there";
    NamedVolumeUnfit, "named-volume-unfit", "Cannot be created", Bad, "failed", "The storage it asks for by name cannot be given";
    ModeNotOffered, "mode-not-offered", "Cannot be created", Bad, "failed", "Its class cannot be used in this way";
    QuotaReached, "quota-reached", "Cannot be created", Bad, "failed", "The quota is used up";
    NoCapacity, "no-capacity", "Cannot be created", Bad, "failed", "There is no room for it";
    SizeRefused, "size-refused", "Cannot be created", Bad, "failed", "Its class cannot make this size";
    RequestRefused, "request-refused", "Cannot be created", Bad, "failed", "The provisioner does not accept this request";
    SourceMissing, "source-missing", "Cannot be created", Bad, "failed", "What it should be made from is not there";
    RightMissing, "right-missing", "Cannot be created", Bad, "failed", "The provisioner lacks a right";
    StorageUnavailable, "storage-unavailable", "Cannot be created", Bad, "failed", "The storage system cannot be reached";
    StorageSlow, "storage-slow", "Takes long", Wait, "provisioning", "The storage system takes long";
    NameClash, "name-clash", "Cannot be created", Bad, "failed", "The storage system has another volume in its place";
    StorageFault, "storage-fault", "Cannot be created", Bad, "failed", "The storage system failed";
    ProvisionerRefused, "provisioner-refused", "Cannot be created", Bad, "failed", "The provisioner refused to make this volume";
    ProvisionerSilent, "provisioner-silent", "No answer yet", Wait, "provisioning", "The provisioner does not answer";
    NodeClash, "node-clash", "Cannot be placed", Bad, "failed", "No node can have both the pod and its storage";
    PodNotPlaced, "pod-not-placed", "Waits for a node", Wait, "firstuse", "What uses it waits for a node";
    Unexplained, "pending-unexplained", "No answer yet", Wait, "provisioning", "Nothing happens, and nothing says why";
    // Terminating
    HeldByRunningPod, "held-by-running-pod", "Deleting", Wait, "leaving", "The deletion waits for what still uses it";
    HeldByFinishedPod, "held-by-finished-pod", "Deleting", Wait, "leaving", "The deletion waits for finished pods";
    HeldByFinalizer, "held-by-finalizer", "Deleting", Wait, "leaving", "The deletion waits for another program";
    BeingRemoved, "being-removed", "Deleting", Calm, "leaving", "This volume is being deleted";
    // Lost
    StorageGone, "storage-gone", "Lost", Bad, "lost", "The storage behind this volume is gone";
    BoundTwice, "bound-twice", "Lost", Bad, "lost", "Its storage belongs to another volume";
    // Bound
    Ready, "ready", "Ready", Good, "ready", "";
    GrowthAsked, "growth-asked", "Growing", Calm, "provisioning", "It is going to grow";
    Growing, "growing", "Growing", Calm, "provisioning", "It is growing";
    GrowthWaitsForMount, "growth-waits-for-mount", "Grows when mounted", Wait, "firstuse", "The new size waits for the next mount";
    GrowthWaitsForRelease, "growth-waits-for-release", "Grows when unused", Wait, "firstuse", "It can only grow while nothing uses it";
    GrowthRefused, "growth-refused", "Cannot grow", Bad, "failed", "It cannot grow to this size";
    GrowthFailed, "growth-failed", "Growth fails", Bad, "failed", "Growing it has failed";
    GrowthUnanswered, "growth-unanswered", "No answer yet", Wait, "provisioning", "Nobody has begun to grow it";
    ClassCannotGrow, "class-cannot-grow", "Cannot grow", Bad, "failed", "Its class does not allow growth";
    CannotBeMounted, "cannot-be-mounted", "Cannot be mounted", Bad, "failed", "A pod cannot mount it";
    HeldByAnotherNode, "held-by-another-node", "In use elsewhere", Wait, "warn", "Another node still has it";
    HeldByAnotherPod, "held-by-another-pod", "In use elsewhere", Wait, "warn", "Only one pod may use it at a time";
    Full, "full", "Full", Bad, "warn", "This volume has next to no room left";
    NearlyFull, "nearly-full", "Nearly full", Wait, "warn", "This volume is nearly full";
    BeingChanged, "being-changed", "Being changed", Calm, "provisioning", "Its attributes are being changed";
    ChangeRefused, "change-refused", "Change failed", Bad, "failed", "Its attributes could not be changed";
    // A phase of the future
    UnknownPhase, "unknown-phase", "Unknown", Wait, "provisioning", "This state is not known to the portal";
}

impl CauseId {
    /// The word of the status in filters: `ready`, `waits-for-first-use`. Causes with the same label have the same.
    pub fn word(self) -> String {
        self.label().to_lowercase().replace(' ', "-")
    }

    /// Whether a person can or should do something about it. A first use is theirs to choose the time of.
    pub fn needs_you(self) -> bool {
        match self.tone() {
            Tone::Bad => true,
            Tone::Wait => self != Self::WaitsForFirstUse,
            Tone::Good | Tone::Calm => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_cause_has_a_name_of_its_own_and_is_found_by_it() {
        let names: BTreeSet<_> = CauseId::ALL.iter().map(|id| id.as_str()).collect();
        assert_eq!(names.len(), CauseId::ALL.len());
        for id in CauseId::ALL {
            assert!(id.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
            assert_eq!(id.as_str().parse(), Ok(*id));
            assert_eq!(serde_json::from_str::<CauseId>(&serde_json::to_string(id).unwrap()).unwrap(), *id);
        }
        assert!("Ready".parse::<CauseId>().is_err());
    }

    #[test]
    fn every_cause_but_ready_has_a_heading() {
        let silent: Vec<_> = CauseId::ALL.iter().filter(|id| id.heading().is_none()).collect();
        assert_eq!(silent, [&CauseId::Ready]);
    }
}
