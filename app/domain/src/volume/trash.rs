//! When does what was deleted really go? Until then it is in the trash: nothing mounts it, and its owner can have it back.
//!
//! It keeps its name, and counts against the quota, for the claim is still there: what is restored is what it was, and no task file
//! finds another volume behind the name meanwhile.

use super::Volume;
use crate::text;
use serde::{Deserialize, Serialize};

/// What a claim says of its time in the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trash {
    /// Seconds since 1970.
    Until(i64),
    /// Somebody has written a time that is none: it stays until a person decides.
    Unreadable,
}

impl Trash {
    /// Whether its time is over. What cannot be read never is.
    pub fn is_due(self, now: i64) -> bool {
        match self {
            Self::Until(until) => until <= now,
            Self::Unreadable => false,
        }
    }

    /// `until 21 Mar 2026, 14:02:07 UTC`, to follow "It is in the trash".
    pub fn in_words(self) -> String {
        match self {
            Self::Until(until) => format!("until {}", text::date(until)),
            Self::Unreadable => "until a time that cannot be read, so it is never removed by itself".to_owned(),
        }
    }

    /// `2026-03-21T14:02:07Z`, where there is a time.
    pub fn machine_date(self) -> Option<String> {
        match self {
            Self::Until(until) => Some(text::machine_date(until)),
            Self::Unreadable => None,
        }
    }
}

impl Volume {
    /// When what is in the trash goes, for the line under it. `None` for what is not there.
    pub fn trash_outlook(&self, now: i64) -> Option<String> {
        let trash = self.trash?;
        Some(match trash {
            _ if self.status.is_deleting() => "It is being removed.".to_owned(),
            Trash::Unreadable => "Its time in the trash cannot be read: somebody has changed it. It is never removed by itself.".to_owned(),
            Trash::Until(until) if until > now => format!("It goes in {}, on {}.", text::age(now, until), text::date(until)),
            Trash::Until(_) if self.is_used() => {
                let by: Vec<_> = self.used_by.iter().filter(|u| u.phase.is_use()).map(|u| u.label()).collect();
                format!("Its time is over. It goes when nothing mounts it any more: {} still does.", by.join(", "))
            }
            Trash::Until(_) => "Its time is over. It goes within a minute or two.".to_owned(),
        })
    }
}

/// What a deletion led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// The cluster was asked to remove it.
    ForGood,
    /// It can be restored.
    ToTrash(Trash),
}

/// The sentence for a name that a volume in the trash has.
pub fn taken_in_trash(name: &str, trash: Trash) -> String {
    format!(
        "{name} is in the trash {} and keeps its name, so that it can be restored. Restore it, delete it there now, or choose another name.",
        trash.in_words()
    )
}

/// The one thing that a restoration needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RestoreForm {
    /// The uid of the volume that the person saw.
    pub uid: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cause::tests::deleting,
        volume::{Use, UsePhase, sample},
    };

    #[test]
    fn g0_53_what_is_in_the_trash_is_due_when_its_time_is_over_and_not_a_second_before() {
        let trash = Trash::Until(1_774_101_727);
        assert!(!trash.is_due(1_774_101_726) && trash.is_due(1_774_101_727) && trash.is_due(i64::MAX));
        assert_eq!(trash.in_words(), "until 21 Mar 2026, 14:02:07 UTC");
        assert_eq!(trash.machine_date().as_deref(), Some("2026-03-21T14:02:07Z"));
    }

    #[test]
    fn g0_53_a_time_that_cannot_be_read_is_never_due() {
        assert!(!Trash::Unreadable.is_due(i64::MAX));
        assert_eq!(Trash::Unreadable.machine_date(), None);
        assert!(Trash::Unreadable.in_words().contains("never removed by itself"));
    }

    #[test]
    fn g0_53_when_it_goes_is_said_and_that_what_still_mounts_it_is_waited_for() {
        let thrown = |trash| Volume { trash: Some(trash), ..sample("data") };
        assert_eq!(sample("data").trash_outlook(0), None);
        assert_eq!(thrown(Trash::Until(7200)).trash_outlook(0).unwrap(), "It goes in 2 h, on 1 Jan 1970, 02:00:00 UTC.");
        assert!(thrown(Trash::Until(0)).trash_outlook(1).unwrap().ends_with("It goes within a minute or two."));
        assert!(thrown(Trash::Unreadable).trash_outlook(1).unwrap().contains("never removed by itself"));
        let pod = Use { pod: "p".into(), task: Some("train".into()), node: None, phase: UsePhase::Running, since: 0, events: vec![] };
        let held = Volume { used_by: vec![pod], ..thrown(Trash::Until(0)) };
        assert!(held.trash_outlook(1).unwrap().ends_with("It goes when nothing mounts it any more: train still does."));
        assert_eq!(Volume { status: deleting(), ..held }.trash_outlook(1).unwrap(), "It is being removed.");
    }

    #[test]
    fn a_name_in_the_trash_is_taken_and_the_sentence_says_what_to_do() {
        let said = taken_in_trash("data", Trash::Until(0));
        assert!(said.starts_with("data is in the trash until 1 Jan 1970, 00:00:00 UTC and keeps its name"), "{said}");
        assert!(said.ends_with("Restore it, delete it there now, or choose another name."));
    }
}
