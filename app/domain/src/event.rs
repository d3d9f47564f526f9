//! What did the cluster say about an object, and in which order?

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    Normal,
    Warning,
}

/// One thing that the cluster said, repeats folded together. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub severity: Severity,
    pub reason: String,
    pub message: String,
    /// Who said it (`reportingComponent`, else `source.component`).
    pub source: String,
    pub count: u32,
    pub first: i64,
    pub last: i64,
}

/// Folds repeats (same severity, reason, message and source) and sorts by the time of the latest, newest first.
/// The sort is stable, so that two of one second keep their order between reads.
pub fn newest_first(events: impl IntoIterator<Item = Event>) -> Vec<Event> {
    let mut folded: Vec<Event> = Vec::new();
    for event in events {
        let same = folded
            .iter_mut()
            .find(|e| e.severity == event.severity && e.reason == event.reason && e.message == event.message && e.source == event.source);
        match same {
            Some(e) => {
                e.count = e.count.saturating_add(event.count);
                e.first = e.first.min(event.first);
                e.last = e.last.max(event.last);
            }
            None => folded.push(event),
        }
    }
    folded.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| b.first.cmp(&a.first)).then_with(|| a.reason.cmp(&b.reason)));
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(reason: &str, at: i64) -> Event {
        Event { severity: Severity::Normal, reason: reason.into(), message: "m".into(), source: "s".into(), count: 1, first: at, last: at }
    }

    #[test]
    fn repeats_fold_and_the_newest_comes_first() {
        let events = newest_first([said("Waiting", 1), said("Bound", 3), said("Waiting", 5)]);
        assert_eq!(
            events.iter().map(|e| (e.reason.as_str(), e.count, e.first, e.last)).collect::<Vec<_>>(),
            [("Waiting", 2, 1, 5), ("Bound", 1, 3, 3)]
        );
    }
}
