//! What did the cluster record about one claim? Everything that a cause is judged by.

use crate::{access::AccessMode, event::Event, quantity::Size, storage_class::StorageClass, usage::Usage, volume::Use};
use std::cell::Cell;

#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// `status.phase`
    pub phase: &'a str,
    pub created: i64,
    /// `metadata.deletionTimestamp`
    pub deleting_since: Option<i64>,
    pub finalizers: &'a [String],
    /// `spec.storageClassName`: absent and empty are different wishes.
    pub class: Option<&'a str>,
    /// `spec.accessModes`
    pub modes: &'a [AccessMode],
    /// `spec.selector` asks for labels.
    pub has_selector: bool,
    /// `spec.volumeName`: chosen by the claim's author while it is pending, given by the cluster once it is bound.
    pub volume_name: Option<&'a str>,
    /// `spec.resources.requests.storage`
    pub requested: Option<Size>,
    /// `status.capacity.storage`
    pub capacity: Option<Size>,
    /// `status.allocatedResources.storage`: the size that a growth is working on.
    pub allocated: Option<Size>,
    /// `status.allocatedResourceStatuses.storage`
    pub growth: Option<&'a str>,
    /// `status.modifyVolumeStatus.status`
    pub change: Option<&'a str>,
    pub conditions: &'a [Condition],
    /// Annotation `volume.kubernetes.io/selected-node`: a pod was placed, so the storage is to be made there.
    pub selected_node: Option<&'a str>,
    /// Annotation `volume.kubernetes.io/storage-provisioner`: who was asked to make it.
    pub asked_provisioner: Option<&'a str>,
    /// With what the cluster said about each, for those whom the viewer may know.
    pub uses: &'a [Use],
    pub events: &'a [Event],
    /// Every class. What is wrong is judged by all of them; one that is marked hidden is never suggested.
    pub classes: &'a [StorageClass],
    /// How full it is, as last measured.
    pub usage: Option<Usage>,
    pub now: Moment<'a>,
}

/// Seconds since 1970, and for which time around them what is judged by them holds.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    seconds: i64,
    holds: Option<&'a Cell<Span>>,
}

/// From the first second until before the last.
pub type Span = (i64, i64);

/// What was judged without looking at the time.
pub const ALWAYS: Span = (i64::MIN, i64::MAX);

impl<'a> Moment<'a> {
    /// `holds` is narrowed with each look at the time; begin with [`ALWAYS`].
    pub fn noting(seconds: i64, holds: &'a Cell<Span>) -> Self {
        Self { seconds, holds: Some(holds) }
    }

    /// Whether so many seconds have passed since then.
    pub(super) fn is_past(self, since: i64, seconds: i64) -> bool {
        let then = since.saturating_add(seconds);
        let is_past = self.seconds >= then;
        if let Some(holds) = self.holds {
            let (from, until) = holds.get();
            holds.set(if is_past { (from.max(then), until) } else { (from, until.min(then)) });
        }
        is_past
    }
}

impl From<i64> for Moment<'_> {
    fn from(seconds: i64) -> Self {
        Self { seconds, holds: None }
    }
}

/// `status.conditions`, one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub kind: String,
    pub status: String,
    pub message: String,
    pub at: Option<i64>,
}

impl<'a> Facts<'a> {
    /// The classes that the viewer may choose.
    pub(super) fn offered(&self) -> impl Iterator<Item = &'a StorageClass> + use<'a> {
        self.classes.iter().filter(|class| !class.settings.hidden)
    }

    /// The latest event for one of these reasons.
    pub(super) fn latest(&self, reasons: &[&str]) -> Option<&'a Event> {
        self.events.iter().filter(|event| reasons.contains(&event.reason.as_str())).max_by_key(|event| event.last)
    }

    /// The latest event for one of these reasons, unless one of the others has come since: what was resolved is over.
    pub(super) fn unresolved(&self, reasons: &[&str], resolved_by: &[&str]) -> Option<&'a Event> {
        let event = self.latest(reasons)?;
        let resolved = self.latest(resolved_by).is_some_and(|success| success.last >= event.last);
        (!resolved).then_some(event)
    }

    pub(super) fn condition(&self, kind: &str) -> Option<&'a Condition> {
        self.conditions.iter().find(|condition| condition.kind == kind && condition.status == "True")
    }

    /// Pods that work with the volume, or are about to.
    pub(super) fn active(&self) -> impl Iterator<Item = &'a Use> + use<'a> {
        self.uses.iter().filter(|pod| pod.phase.is_use())
    }
}
