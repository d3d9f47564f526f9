//! What happened in the life of a volume, in order? From what the cluster still knows.

use crate::{
    event::Event,
    status::Status,
    volume::{UsePhase, Volume},
};

/// One step. `at` is unknown when the cluster has forgotten: it keeps events for about an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub what: Moment,
    pub at: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    Created,
    /// The storage was made and tied to the claim; after so many seconds, if known.
    Bound {
        after: Option<i64>,
    },
    Mounted {
        by: String,
    },
    DeletionAsked,
}

/// Oldest first.
pub fn timeline(volume: &Volume, events: &[Event]) -> Vec<Step> {
    let mut steps = vec![Step { what: Moment::Created, at: Some(volume.created) }];
    // A claim has its capacity from the moment it is bound (`status.capacity`).
    if volume.capacity.is_some() {
        let at = events.iter().filter(|e| e.reason == "ProvisioningSucceeded").map(|e| e.first).min();
        steps.push(Step { what: Moment::Bound { after: at.map(|at| at.saturating_sub(volume.created).max(0)) }, at });
    }
    let mut running: Vec<_> = volume.used_by.iter().filter(|u| u.phase == UsePhase::Running).collect();
    running.sort_by_key(|u| u.since);
    steps.extend(running.into_iter().map(|u| Step { what: Moment::Mounted { by: u.label().to_owned() }, at: Some(u.since) }));
    if let Status::Deleting { since, .. } = volume.status {
        steps.push(Step { what: Moment::DeletionAsked, at: Some(since) });
    }
    steps
}

impl Moment {
    pub fn in_words(&self) -> String {
        match self {
            Self::Created => "Created".into(),
            Self::Bound { after: None } => "Bound: the storage is there".into(),
            Self::Bound { after: Some(seconds) } => format!("Bound after {}", crate::text::age(0, *seconds)),
            Self::Mounted { by } => format!("Mounted by {by}"),
            Self::DeletionAsked => "Deletion asked".into(),
        }
    }

    /// The name of the silhouette in the icon sprite.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Created => "plus",
            Self::Bound { .. } => "ready",
            Self::Mounted { .. } => "run",
            Self::DeletionAsked => "leaving",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::Severity, quantity::Size, volume::Use};

    fn volume() -> Volume {
        Volume {
            id: "abc12345".parse().unwrap(),
            name: "v".into(),
            claim: "v-abc12345".into(),
            uid: "u".into(),
            username: "alice".into(),
            owner_subject: None,
            status: Status::Ready,
            requested: Size::from_bytes(1),
            capacity: None,
            class: None,
            modes: vec![],
            used_by: vec![],
            created: 100,
            description: None,
            mount_path: "/v".into(),
        }
    }

    #[test]
    fn a_pending_volume_was_created_and_nothing_more() {
        assert_eq!(timeline(&volume(), &[]), [Step { what: Moment::Created, at: Some(100) }]);
    }

    #[test]
    fn the_time_to_bind_is_known_while_the_event_is() {
        let event = Event {
            severity: Severity::Normal,
            reason: "ProvisioningSucceeded".into(),
            message: String::new(),
            source: String::new(),
            count: 1,
            first: 104,
            last: 104,
        };
        let bound = Volume { capacity: Some(Size::from_bytes(1)), ..volume() };
        assert_eq!(timeline(&bound, &[event])[1].what.in_words(), "Bound after 4 s");
        assert_eq!(timeline(&bound, &[])[1], Step { what: Moment::Bound { after: None }, at: None });
    }

    #[test]
    fn pods_that_run_and_the_deletion_come_last() {
        let pod = |name: &str, phase, since| Use { pod: name.into(), task: None, node: None, phase, since };
        let leaving = Volume {
            status: Status::Deleting { since: 300, held_by: vec![] },
            used_by: vec![pod("b", UsePhase::Running, 250), pod("a", UsePhase::Running, 200), pod("done", UsePhase::Finished, 150)],
            ..volume()
        };
        let words: Vec<_> = timeline(&leaving, &[]).iter().map(|step| step.what.in_words()).collect();
        assert_eq!(words, ["Created", "Mounted by a", "Mounted by b", "Deletion asked"]);
    }
}
