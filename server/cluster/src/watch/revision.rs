//! Has anything of mine changed? A value per owner that is never the same twice, told to whoever waits for it.

use domain::owner::OwnerKey;
use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
};
use tokio::sync::watch;

/// A state of one owner's rows. Equal revisions, equal rows. It is a keyed hash of how many changes there were: a plain
/// number would tell each person how much all others work. The key is new in every process, so that a restarted portal
/// repeats none of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revision(u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
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

impl Concerned {
    /// Both.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Everyone, _) | (_, Self::Everyone) => Self::Everyone,
            (Self::Owners(mut keys), Self::Owners(more)) => {
                keys.extend(more.into_iter().filter(|key| !keys.contains(key)).collect::<Vec<_>>());
                Self::Owners(keys)
            }
            (Self::Owners(keys), _) | (_, Self::Owners(keys)) => Self::Owners(keys),
            (Self::Unclaimed, _) | (_, Self::Unclaimed) => Self::Unclaimed,
            (Self::Nobody, Self::Nobody) => Self::Nobody,
        }
    }
}

pub(crate) struct Revisions {
    key: RandomState,
    changes: u64,
    current: Revision,
    any: watch::Sender<Revision>,
    owners: HashMap<OwnerKey, watch::Sender<Revision>>,
}

impl Revisions {
    pub(crate) fn new() -> Self {
        let key = RandomState::new();
        let current = Revision(key.hash_one(0_u64));
        Self { key, changes: 0, current, any: watch::Sender::new(current), owners: HashMap::new() }
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
        self.changes += 1;
        self.current = Revision(self.key.hash_one(self.changes));
        let current = self.current;
        self.any.send_replace(current);
        // A channel that nobody holds is forgotten; its next holder starts at the value of that moment, which is another.
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
    fn only_those_concerned_are_told_and_no_value_comes_twice() {
        let key = |subject| OwnerKey::of(&Principal::new("https://id", subject).unwrap());
        let (alice, bob) = (key("alice"), key("bob"));
        let mut revisions = Revisions::new();
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
        assert_ne!(*revisions.of(&alice).borrow(), seen);
        let told = his.borrow_and_update().to_string();
        assert!(told.len() == 16 && u64::from_str_radix(&told, 16).is_ok_and(|value| value > 1_000), "nobody can count by it: {told}");
    }
}
