//! What happened so far, and may something fail at this moment?

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// After a fault all is well again within this time.
const RECOVERY: Duration = Duration::from_secs(30);

/// What became of something that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Done,
    Refused,
    /// No answer, or one that leaves open whether it was done.
    Lost,
}

#[derive(Debug, Default)]
pub struct Told {
    counts: Mutex<BTreeMap<String, [usize; 3]>>,
    /// Since when nothing is disturbed; nothing while something is, and before the first fault.
    calm: Mutex<Calm>,
}

#[derive(Debug, Default)]
enum Calm {
    #[default]
    FromTheBegin,
    Not,
    Since(Instant),
}

impl Told {
    pub fn count(&self, what: &str, end: End) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.entry(what.to_owned()).or_default()[end as usize] += 1;
    }

    pub fn lost(&self, what: &str) -> usize {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(what).map_or(0, |[_, _, lost]| *lost)
    }

    pub fn disturbed(&self) {
        *self.calm.lock().unwrap_or_else(PoisonError::into_inner) = Calm::Not;
    }

    pub fn restored(&self) {
        *self.calm.lock().unwrap_or_else(PoisonError::into_inner) = Calm::Since(Instant::now());
    }

    /// Whether nothing was disturbed since this moment, nor for so long before it that something could still be recovering.
    pub fn was_calm(&self, since: Instant) -> bool {
        match *self.calm.lock().unwrap_or_else(PoisonError::into_inner) {
            Calm::FromTheBegin => true,
            Calm::Not => false,
            Calm::Since(calm) => calm + RECOVERY <= since,
        }
    }

    pub fn table(&self) -> String {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = format!("{:24}{:>8}{:>9}{:>7}\n", "", "done", "refused", "lost");
        for (what, [done, refused, lost]) in &*counts {
            let _infallible = writeln!(table, "{what:24}{done:>8}{refused:>9}{lost:>7}");
        }
        table
    }
}
