//! Has anything of mine changed? A number per owner that only grows, told to whoever waits for it.

use domain::owner::OwnerKey;
use std::{collections::HashMap, fmt};
use tokio::sync::watch;

/// A state of one owner's rows. Equal revisions, equal rows. The tag of the process keeps the numbers of a restarted
/// portal apart from those of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revision {
    process: u32,
    number: u64,
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}", self.process, self.number)
    }
}

/// Whom a change concerns.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Concerned {
    #[default]
    Nobody,
    /// Only administrators: the rows of nobody.
    Unclaimed,
    Owners(Vec<OwnerKey>),
    Everyone,
}

pub(crate) struct Revisions {
    current: Revision,
    any: watch::Sender<Revision>,
    owners: HashMap<OwnerKey, watch::Sender<Revision>>,
}

impl Revisions {
    pub(crate) fn new(process: u32) -> Self {
        let current = Revision { process, number: 0 };
        Self { current, any: watch::Sender::new(current), owners: HashMap::new() }
    }

    pub(crate) fn of(&mut self, owner: &OwnerKey) -> watch::Receiver<Revision> {
        let current = self.current;
        self.owners.entry(owner.clone()).or_insert_with(|| watch::Sender::new(current)).subscribe()
    }

    pub(crate) fn of_all(&self) -> watch::Receiver<Revision> {
        self.any.subscribe()
    }

    pub(crate) fn moved(&mut self, concerned: &Concerned) {
        if *concerned == Concerned::Nobody {
            return;
        }
        self.current.number += 1;
        let current = self.current;
        self.any.send_replace(current);
        // A channel that nobody holds is forgotten; its next holder starts at the number of that moment, which is larger.
        let tell = |channel: &mut watch::Sender<Revision>| {
            channel.send_replace(current);
            channel.receiver_count() > 0
        };
        match concerned {
            Concerned::Nobody | Concerned::Unclaimed => {}
            Concerned::Everyone => self.owners.retain(|_, channel| tell(channel)),
            Concerned::Owners(keys) => {
                for key in keys {
                    if self.owners.get_mut(key).is_some_and(|channel| !tell(channel)) {
                        self.owners.remove(key);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::owner::Principal;

    #[test]
    fn only_those_concerned_are_told_and_no_number_comes_twice() {
        let key = |subject| OwnerKey::of(&Principal::new("https://id", subject).unwrap());
        let (alice, bob) = (key("alice"), key("bob"));
        let mut revisions = Revisions::new(7);
        let (mut hers, mut his, mut all) = (revisions.of(&alice), revisions.of(&bob), revisions.of_all());
        revisions.moved(&Concerned::Owners(vec![alice.clone()]));
        assert!(hers.has_changed().unwrap() && !his.has_changed().unwrap() && all.has_changed().unwrap());
        let seen = *hers.borrow_and_update();
        all.borrow_and_update();
        revisions.moved(&Concerned::Nobody);
        assert!(!hers.has_changed().unwrap() && !all.has_changed().unwrap());
        revisions.moved(&Concerned::Unclaimed);
        assert!(!hers.has_changed().unwrap() && !his.has_changed().unwrap() && all.has_changed().unwrap());
        drop(hers);
        revisions.moved(&Concerned::Everyone);
        assert!(his.has_changed().unwrap());
        assert_eq!(revisions.owners.len(), 1, "a channel that nobody holds is forgotten");
        assert!(revisions.of(&alice).borrow().number > seen.number);
        assert_eq!(his.borrow_and_update().to_string(), "00000007-3");
    }
}
