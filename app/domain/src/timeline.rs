//! What happened in the life of a volume, in order? From what the cluster still knows.

use crate::{
    event::Event,
    volume::{Use, UsePhase, Volume},
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
    /// The storage was made, by whom.
    Provisioned {
        by: String,
    },
    /// The storage was tied to the claim; after so many seconds, if known.
    Bound {
        after: Option<i64>,
    },
    /// Of the pods that are still there; those that were deleted are forgotten.
    FirstMounted {
        by: String,
    },
    Mounted {
        by: String,
    },
    Grown,
    DeletionAsked,
}

/// In the order of a life; what may come at any time is sorted by its time.
pub fn timeline(volume: &Volume, events: &[Event]) -> Vec<Step> {
    let mut steps = vec![Step { what: Moment::Created, at: Some(volume.created) }];
    // A claim has its capacity from the moment it is bound (`status.capacity`).
    if volume.capacity.is_some() {
        let made = events.iter().filter(|e| e.reason == "ProvisioningSucceeded").min_by_key(|e| e.first);
        let at = made.map(|made| made.first);
        steps.extend(made.map(|made| Step { what: Moment::Provisioned { by: provisioner(made).to_owned() }, at }));
        steps.push(Step { what: Moment::Bound { after: at.map(|at| at.saturating_sub(volume.created).max(0)) }, at });
    }
    let mut later: Vec<_> = mounted(&volume.used_by).collect();
    let grown = events.iter().filter(|e| ["VolumeResizeSuccessful", "FileSystemResizeSuccessful"].contains(&e.reason.as_str()));
    // The storage grows first and its file system after it: the growth is complete with the last.
    later.extend(grown.map(|e| e.last).max().map(|at| Step { what: Moment::Grown, at: Some(at) }));
    later.sort_by_key(|step| step.at);
    steps.extend(later);
    if volume.status.is_deleting() {
        steps.push(Step { what: Moment::DeletionAsked, at: volume.status.since() });
    }
    steps
}

/// `rancher.io/local-path` of a component `rancher.io/local-path_host_uid`, as provisioners call themselves.
fn provisioner(event: &Event) -> &str {
    event.source.split('_').next().unwrap_or_default()
}

fn mounted(uses: &[Use]) -> impl Iterator<Item = Step> {
    let mut mounting: Vec<_> = uses.iter().filter(|u| matches!(u.phase, UsePhase::Running | UsePhase::Finished)).collect();
    mounting.sort_by_key(|u| u.since);
    mounting.into_iter().enumerate().filter(|(index, u)| *index == 0 || u.phase == UsePhase::Running).map(|(index, u)| {
        let by = u.label().to_owned();
        Step { what: if index == 0 { Moment::FirstMounted { by } } else { Moment::Mounted { by } }, at: Some(u.since) }
    })
}

impl Moment {
    pub fn in_words(&self) -> String {
        match self {
            Self::Created => "Created".into(),
            Self::Provisioned { by } if by.is_empty() => "Storage made".into(),
            Self::Provisioned { by } => format!("Storage made by {by}"),
            Self::Bound { after: None } => "Bound: the storage is there".into(),
            Self::Bound { after: Some(seconds) } => format!("Bound after {}", crate::text::age(0, *seconds)),
            Self::FirstMounted { by } => format!("First known mount, by {by}"),
            Self::Mounted { by } => format!("Mounted by {by}"),
            Self::Grown => "Grown".into(),
            Self::DeletionAsked => "Deletion asked".into(),
        }
    }

    /// The name of the silhouette in the icon sprite.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Created => "plus",
            Self::Provisioned { .. } => "provisioning",
            Self::Bound { .. } => "ready",
            Self::FirstMounted { .. } | Self::Mounted { .. } => "run",
            Self::Grown => "vol",
            Self::DeletionAsked => "leaving",
        }
    }
}

#[cfg(test)]
mod tests;
