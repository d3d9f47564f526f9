//! Can what is shown be trusted, and since when not?

use crate::error::{Error, Right};

/// How the portal stands with the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Every kind has been listed at least once.
    pub synced: bool,
    /// Since when at least one kind has not been heard of. Seconds since 1970.
    pub down_since: Option<i64>,
    /// Whether the watches are kept up at all: not if their own code fails again and again, which only a restart can mend.
    pub sound: bool,
    pub watches: Vec<WatchHealth>,
}

/// How one watch fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchHealth {
    /// Plural name, such as `pods`.
    pub kind: &'static str,
    pub synced: bool,
    pub objects: usize,
    /// Seconds since 1970. The API server speaks about once a minute even if nothing changes.
    pub last_contact: Option<i64>,
    pub down_since: Option<i64>,
    /// What is wrong, for administrators and logs.
    pub error: Option<String>,
    /// The right that the portal's account lacks for this watch.
    pub(crate) missing_right: Option<Right>,
}

impl WatchHealth {
    /// Whether this ended an outage.
    pub(crate) fn heard(&mut self, now: i64) -> bool {
        self.last_contact = Some(now);
        self.error = None;
        self.missing_right = None;
        self.down_since.take().is_some()
    }

    /// Whether this began an outage.
    pub(crate) fn failed(&mut self, error: &Error, now: i64) -> bool {
        self.error = Some(chain(error));
        self.missing_right = match error {
            Error::MissingRight(right) => Some(right.clone()),
            Error::NotFound
            | Error::Taken { .. }
            | Error::TakenInTrash { .. }
            | Error::SecretTaken { .. }
            | Error::Ambiguous { .. }
            | Error::AmbiguousTask { .. }
            | Error::Stale
            | Error::InUse(_)
            | Error::NotAllowed(_)
            | Error::Invalid(_)
            | Error::Differs { .. }
            | Error::OverQuota { .. }
            | Error::BeyondLimit(_)
            | Error::Refused { .. }
            | Error::File(_)
            | Error::Forbidden
            | Error::Unreachable { .. }
            | Error::Slow
            | Error::Busy { .. }
            | Error::Unexpected { .. } => None,
        };
        let began = self.down_since.is_none();
        self.down_since.get_or_insert(now);
        began
    }
}

impl Health {
    pub(crate) fn of(watches: &[WatchHealth]) -> Self {
        Self {
            synced: watches.iter().all(|watch| watch.synced),
            down_since: watches.iter().filter_map(|watch| watch.down_since).min(),
            sound: true,
            watches: watches.to_vec(),
        }
    }

    /// Whether there is anything to show at all: old rows are, rows that never came are not.
    pub(crate) fn readable(&self) -> Result<(), Error> {
        if self.synced {
            return Ok(());
        }
        match self.watches.iter().filter(|watch| !watch.synced).find_map(|watch| watch.missing_right.clone()) {
            Some(right) => Err(Error::MissingRight(right)),
            None => Err(Error::Unreachable { since: self.down_since, source: None }),
        }
    }
}

/// The error with all that caused it, each cause once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_lasts_from_the_first_failure_to_the_next_sign_of_life() {
        let mut watch = WatchHealth { kind: "pods", synced: true, ..WatchHealth::default() };
        assert!(watch.failed(&Error::Slow, 10));
        assert!(!watch.failed(&Error::Slow, 20));
        let health = Health::of(&[watch.clone(), WatchHealth { synced: true, ..WatchHealth::default() }]);
        assert_eq!((health.synced, health.down_since), (true, Some(10)));
        assert!(health.readable().is_ok(), "the last good rows stay readable");
        assert!(watch.heard(30));
        assert!(!watch.heard(40));
        assert_eq!((watch.down_since, watch.last_contact, watch.error), (None, Some(40), None));
    }

    #[test]
    fn what_never_came_is_not_shown_as_empty() {
        let mut watch = WatchHealth::default();
        watch.failed(&Error::Slow, 10);
        assert!(matches!(Health::of(&[watch.clone()]).readable(), Err(Error::Unreachable { since: Some(10), .. })));
        let right = Right { what: "list pods".into(), command: None };
        watch.failed(&Error::MissingRight(right.clone()), 11);
        assert!(matches!(Health::of(&[watch]).readable(), Err(Error::MissingRight(missing)) if missing == right));
    }
}
