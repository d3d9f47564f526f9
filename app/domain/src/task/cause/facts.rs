//! What did the cluster record about one task? Everything that its cause is judged by.

use crate::{
    event::Event,
    task::{Task, TaskPod},
    volume::Volume,
};

#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// With its pods, and what was said about each.
    pub task: &'a Task,
    /// What was said about the Job itself.
    pub events: &'a [Event],
    /// The volumes that the viewer may know, each with its own cause.
    pub volumes: &'a [Volume],
    pub now: i64,
}

impl<'a> Facts<'a> {
    pub(super) fn volume(&self, claim: &str) -> Option<&'a Volume> {
        self.volumes.iter().find(|volume| volume.claim == claim)
    }

    /// What a person calls a claim.
    pub(super) fn name(&self, claim: &str) -> String {
        self.volume(claim).map_or_else(|| claim.to_owned(), |volume| volume.name.clone())
    }
}

/// The latest event for one of these reasons.
pub(super) fn latest<'a>(events: &'a [Event], reasons: &[&str]) -> Option<&'a Event> {
    events.iter().filter(|event| reasons.contains(&event.reason.as_str())).max_by_key(|event| event.last)
}

/// The latest event for one of these reasons, unless one of the others has come since: what was resolved is over.
pub(super) fn unresolved<'a>(events: &'a [Event], reasons: &[&str], resolved_by: &[&str]) -> Option<&'a Event> {
    let event = latest(events, reasons)?;
    let resolved = latest(events, resolved_by).is_some_and(|success| success.last >= event.last);
    (!resolved).then_some(event)
}

impl TaskPod {
    pub(super) fn said_why(&self) -> &str {
        self.reason.as_deref().unwrap_or_default()
    }

    pub(super) fn said(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }
}
