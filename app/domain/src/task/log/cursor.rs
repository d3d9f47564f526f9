//! Up to where was a log shown? So that whoever comes back misses no line and sees none twice.

use super::Stamp;
use std::{collections::BTreeMap, fmt};

/// More pods than this are never read together.
const MOST: usize = 64;

/// The last line that was shown of a pod: its time, and how many lines of exactly that time were shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub at: Stamp,
    pub lines: u32,
}

impl Place {
    /// Before the first line.
    pub const START: Self = Self { at: Stamp { seconds: 0, nanos: 0 }, lines: 0 };
}

/// The places of all pods that are read together: `train-0-x~1774101727.500000000~1,...`. Reads back; a part that is no such text is
/// as if the pod had not been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(BTreeMap<String, Place>);

impl Cursor {
    pub fn read(text: &str) -> Self {
        let one = |part: &str| {
            let (pod, place) = part.split_once('~')?;
            let (at, lines) = place.split_once('~')?;
            Some((pod.to_owned(), Place { at: at.parse().ok()?, lines: lines.parse().ok()? }))
        };
        Self(text.split(',').take(MOST).filter_map(one).collect())
    }

    pub fn of(&self, pod: &str) -> Option<Place> {
        self.0.get(pod).copied()
    }

    pub fn pods(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The pod is read from its beginning on.
    pub fn begin(&mut self, pod: &str) {
        self.0.entry(pod.to_owned()).or_insert(Place::START);
    }

    /// The pod has nothing more to come.
    pub fn forget(&mut self, pod: &str) {
        self.0.remove(pod);
    }

    /// A line of the pod is shown.
    pub fn shows(&mut self, pod: &str, at: Option<Stamp>) {
        let Some(at) = at else { return };
        match self.0.get_mut(pod) {
            Some(place) if place.at == at => place.lines = place.lines.saturating_add(1),
            Some(place) => *place = Place { at, lines: 1 },
            None => drop(self.0.insert(pod.to_owned(), Place { at, lines: 1 })),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (pod, place)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{pod}~{}~{}", place.at, place.lines)?;
        }
        Ok(())
    }
}

/// A log that is read again from the second of a place on: what comes first was shown before.
#[derive(Clone, Copy, Debug)]
pub struct Resume(Option<Place>);

impl Resume {
    pub fn from(place: Option<Place>) -> Self {
        Self(place)
    }

    /// Whether this line was shown. After the first that was not, none is: clocks may go back.
    pub fn skips(&mut self, at: Option<Stamp>) -> bool {
        let (Some(place), Some(at)) = (&mut self.0, at) else {
            self.0 = None;
            return false;
        };
        if at < place.at {
            return true;
        }
        if at == place.at && place.lines > 0 {
            place.lines -= 1;
            return true;
        }
        self.0 = None;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stamp(nanos: u32) -> Option<Stamp> {
        Some(Stamp { seconds: 1_774_101_727, nanos })
    }

    #[test]
    fn a_cursor_reads_back_and_what_is_none_is_the_beginning() {
        let mut cursor = Cursor::default();
        cursor.begin("b-1-y");
        cursor.shows("a-0-x", stamp(5));
        cursor.shows("a-0-x", stamp(5));
        cursor.shows("a-0-x", None);
        assert_eq!(cursor.to_string(), "a-0-x~1774101727.000000005~2,b-1-y~0.000000000~0");
        assert_eq!(Cursor::read(&cursor.to_string()), cursor);
        for odd in ["", "x", "a~b", "~", ",,,", "a~1.000000000", "a~1.000000000~x", &"a~1.000000000~1,".repeat(1000)] {
            assert!(Cursor::read(odd).0.len() <= 1, "{odd}");
        }
    }

    proptest! {
        /// Times that repeat, connections that are lost anywhere: every line once.
        #[test]
        fn no_line_is_lost_or_doubled_wherever_a_log_breaks_off(steps in prop::collection::vec(0u32..3, 1..40), cuts in prop::collection::vec(0usize..40, 0..6)) {
            let mut now = 0;
            let lines: Vec<_> = steps.iter().enumerate().map(|(index, step)| { now += step; (index, stamp(now)) }).collect();
            let (mut cursor, mut seen) = (Cursor::default(), Vec::new());
            for cut in cuts.into_iter().chain([lines.len()]) {
                let mut resume = Resume::from(cursor.of("p"));
                let new: Vec<_> = lines.iter().filter(|(_, at)| !resume.skips(*at)).take(cut).collect();
                for (index, at) in new {
                    cursor.shows("p", *at);
                    seen.push(*index);
                }
            }
            prop_assert_eq!(seen, (0..lines.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_clock_that_goes_back_hides_nothing_of_a_log_that_is_followed() {
        let mut resume = Resume::from(Some(Place { at: Stamp { seconds: 1_774_101_727, nanos: 5 }, lines: 1 }));
        let skipped: Vec<_> = [4, 5, 6, 2, 5].map(|nanos| resume.skips(stamp(nanos))).into();
        assert_eq!(skipped, [true, true, false, false, false]);
    }
}
