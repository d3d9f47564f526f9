//! What does a person know of what they made? What an answer said; of an answer that was lost, both that it was done and that not.

use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long a task that is deleted may still be on its way, the faults meanwhile included.
const LEAVING: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Volume,
    Task,
}

/// Where something may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct May {
    pub listed: bool,
    pub trashed: bool,
    pub gone: bool,
}

impl May {
    pub const LISTED: Self = Self { listed: true, trashed: false, gone: false };
    pub const TRASHED: Self = Self { listed: false, trashed: true, gone: false };
    pub const GONE: Self = Self { listed: false, trashed: false, gone: true };

    pub fn or(self, other: Self) -> Self {
        Self { listed: self.listed || other.listed, trashed: self.trashed || other.trashed, gone: self.gone || other.gone }
    }

    pub fn is_sure(self) -> bool {
        [Self::LISTED, Self::TRASHED, Self::GONE].contains(&self)
    }
}

/// What is asked once more when its answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Make,
    Remove,
    RemoveForGood,
    Restore,
}

#[derive(Clone, Debug)]
pub struct Thing {
    pub kind: Kind,
    pub name: String,
    /// Once it is known.
    pub id: Option<String>,
    pub may: May,
    /// Where its last change was asked for.
    pub since: Instant,
    /// Its last change, if the answer was lost.
    pub lost: Option<Act>,
    /// Whether it was asked for by a form of the pages, or by a call.
    pub by_form: bool,
    /// What was asked for, as it was sent.
    pub body: String,
    /// What was last said of it, by its key in the answers of the calls; nothing where an answer was lost.
    pub words: BTreeMap<&'static str, Option<String>>,
}

impl Thing {
    pub fn new(kind: Kind, name: String, by_form: bool, body: String) -> Self {
        let since = Instant::now();
        Self { kind, name, id: None, may: May::GONE, since, lost: None, by_form, body, words: BTreeMap::new() }
    }

    pub fn becomes(&mut self, may: May) {
        self.may = may;
        self.lost = None;
        self.since = Instant::now();
    }

    pub fn may_become(&mut self, may: May, act: Act) {
        self.may = self.may.or(may);
        self.lost = Some(act);
        self.since = Instant::now();
    }

    /// What is wrong when a list has it so.
    pub fn wrong(&self, place: May, is_there: bool) -> Option<&'static str> {
        let can_be = if place == May::LISTED { self.may.listed } else { self.may.trashed };
        // It is listed as being deleted until it is gone, where it was before. The pod of a finished task holds its volume.
        let is_leaving = self.may.gone && (self.kind == Kind::Volume || self.since.elapsed() < LEAVING);
        match is_there {
            true if !can_be && !is_leaving => Some("is listed"),
            false if self.may == place => Some("is missing"),
            true | false => None,
        }
    }
}
