//! How full is a volume, is that figure its own, and when will it be full?

use crate::quantity::Size;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// From here on a volume is called nearly full. Percent.
pub const NEARLY_FULL: u64 = 85;
/// From here on it is called full: file systems keep a rest for themselves (ext4, a twentieth). Percent.
pub const FULL: u64 = 95;

/// How much of how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub used: Size,
    pub total: Size,
}

impl Usage {
    /// Rounded down. Of nothing, nothing is used.
    pub fn percent(self) -> u64 {
        percent(self.used.bytes(), self.total.bytes())
    }
}

/// How many files and folders of how many that its file system can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    pub used: u64,
    pub total: u64,
}

impl Files {
    /// Rounded down.
    pub fn percent(self) -> u64 {
        percent(self.used, self.total)
    }
}

fn percent(used: u64, total: u64) -> u64 {
    let part = u128::from(used) * 100;
    part.checked_div(u128::from(total)).and_then(|percent| u64::try_from(percent).ok()).unwrap_or_default()
}

/// What a node said about one volume. `at` is in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub at: i64,
    pub usage: Usage,
    pub files: Option<Files>,
}

/// What is known of how full a volume is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fullness {
    Measured(Sample),
    /// The figures are of a file system that the volume shares with others: they say nothing about it alone.
    Shared(Sample),
    Unknown(Unknown),
}

/// Why there is no figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unknown {
    /// The portal does not measure, or has not begun to.
    #[default]
    Off,
    /// The cluster does not let the portal ask.
    Refused,
    NoStorage,
    NotMounted,
    /// It is mounted, and its node says nothing of it.
    NotTold,
}

impl Default for Fullness {
    fn default() -> Self {
        Self::Unknown(Unknown::default())
    }
}

impl Fullness {
    /// The latest figures that are the volume's own.
    pub fn sample(&self) -> Option<Sample> {
        match self {
            Self::Measured(sample) => Some(*sample),
            Self::Shared(_) | Self::Unknown(_) => None,
        }
    }

    /// Percent, rounded down; `None` where no figure is the volume's own.
    pub fn percent(&self) -> Option<u64> {
        self.sample().map(|sample| sample.usage.percent())
    }

    /// Whether people read the same in both, apart from when it was measured.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Measured(a), Self::Measured(b)) | (Self::Shared(a), Self::Shared(b)) => (a.usage, a.files) == (b.usage, b.files),
            (Self::Unknown(a), Self::Unknown(b)) => a == b,
            (Self::Measured(_) | Self::Shared(_) | Self::Unknown(_), _) => false,
        }
    }

    pub fn is_nearly_full(&self) -> bool {
        self.percent().is_some_and(|percent| percent >= NEARLY_FULL)
    }
}

impl Unknown {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Off => "The portal does not measure how full volumes are.",
            Self::Refused => {
                "The portal may not ask the nodes how full volumes are. An administrator can give it that right (get on nodes/proxy)."
            }
            Self::NoStorage => "It has no storage yet.",
            Self::NotMounted => "Nobody has measured it yet: the figure comes from the node, while a pod mounts the volume.",
            Self::NotTold => {
                "A pod mounts it, but its node has told no figure. It may come within minutes; some kinds of storage never tell."
            }
        }
    }
}

/// One volume's total beside the size that it was given.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    pub class: Option<&'a str>,
    pub size: Size,
    pub total: Size,
}

/// Which of these totals belong to a file system that is more than the volume. A driver that gives folders of one disk lets the
/// kubelet measure the disk: the total is much unlike what the volume was given, or is the same for volumes of other sizes.
pub fn shared(reported: &[Reported<'_>]) -> Vec<bool> {
    let mut sizes: BTreeMap<(Option<&str>, Size), BTreeSet<Size>> = BTreeMap::new();
    for one in reported {
        sizes.entry((one.class, one.total)).or_default().insert(one.size);
    }
    let several = |one: &Reported<'_>| sizes.get(&(one.class, one.total)).is_some_and(|sizes| sizes.len() > 1);
    reported.iter().map(|one| !is_like(one.total, one.size) || several(one)).collect()
}

/// A file system takes up to half of a small disk for itself, and drivers round up a little.
fn is_like(total: Size, size: Size) -> bool {
    let (total, size) = (u128::from(total.bytes()), u128::from(size.bytes()));
    total * 2 >= size && total * 4 <= size * 5
}

/// Fewer samples than these, or a shorter time in seconds, say nothing about what comes.
const FEWEST: usize = 6;
const SHORTEST: i64 = 3600;
/// So many samples are enough for a slope.
const ENOUGH: usize = 60;
/// How many times as far ahead as it was watched, and how far at most, in seconds.
const AHEAD: i64 = 10;
const FARTHEST: i64 = 365 * DAY;
const DAY: i64 = 86_400;

/// When it will be full if it goes on as it did, in seconds since 1970. `None` when it does not fill up, or nobody can tell. The
/// slope is the middle one of all between two samples (Theil and Sen), so that a clean-up or a burst does not bend it.
pub fn full_at(samples: &[Sample]) -> Option<i64> {
    let mut samples = samples.to_vec();
    samples.sort_by_key(|sample| sample.at);
    let (first, last) = (*samples.first()?, *samples.last()?);
    let watched = last.at.saturating_sub(first.at);
    if samples.len() < FEWEST || watched < SHORTEST {
        return None;
    }
    let step = samples.len().div_ceil(ENOUGH);
    let picked: Vec<_> = samples.iter().rev().step_by(step).collect();
    let bytes = |sample: &Sample| i128::from(sample.usage.used.bytes());
    let mut slopes: Vec<i128> = Vec::new();
    for (n, later) in picked.iter().enumerate() {
        let earlier = picked.iter().skip(n + 1).filter(|earlier| earlier.at < later.at);
        slopes.extend(
            earlier.map(|earlier| (bytes(later) - bytes(earlier)) * i128::from(DAY) / (i128::from(later.at) - i128::from(earlier.at))),
        );
    }
    slopes.sort_unstable();
    let a_day = *slopes.get(slopes.len() / 2)?;
    if a_day <= 0 {
        return None;
    }
    let left = i128::from(last.usage.total.bytes()) - bytes(&last);
    let seconds = i64::try_from(left.max(0) * i128::from(DAY) / a_day).ok()?;
    (seconds <= FARTHEST.min(watched.saturating_mul(AHEAD))).then(|| last.at.saturating_add(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GI: u64 = 1 << 30;

    fn sample(at: i64, used: u64, total: u64) -> Sample {
        Sample { at, usage: Usage { used: Size::from_bytes(used), total: Size::from_bytes(total) }, files: None }
    }

    /// One a day, so many Gi of 100.
    fn days(used: &[u64]) -> Vec<Sample> {
        used.iter().zip(0..).map(|(used, day)| sample(day * DAY, used * GI, 100 * GI)).collect()
    }

    #[test]
    fn percents_are_rounded_down_and_of_nothing_nothing_is_used() {
        for (used, total, percent) in [(0, 0, 0), (999, 1000, 99), (5, 5, 100), (u64::MAX, u64::MAX, 100), (1, 0, 0)] {
            assert_eq!(sample(0, used, total).usage.percent(), percent);
            assert_eq!(Files { used, total }.percent(), percent);
        }
    }

    #[test]
    fn only_figures_of_its_own_make_a_volume_nearly_full() {
        let at = |percent| sample(0, percent, 100);
        assert!(!Fullness::Measured(at(84)).is_nearly_full() && Fullness::Measured(at(85)).is_nearly_full());
        assert_eq!((Fullness::Shared(at(99)).percent(), Fullness::default().percent()), (None, None));
    }

    #[test]
    fn a_total_that_is_not_the_volumes_own_is_told() {
        let of = |class, size, total| Reported { class: Some(class), size: Size::from_bytes(size), total: Size::from_bytes(total) };
        let said = |all: &[Reported<'_>]| shared(all);
        assert_eq!(said(&[of("disk", 10 * GI, 9 * GI), of("disk", 10 * GI, 9 * GI)]), [false, false], "two disks of one size");
        assert_eq!(said(&[of("folder", 10 << 20, 250 * GI)]), [true], "a folder of a disk");
        assert_eq!(said(&[of("folder", 10 * GI, GI)]), [true], "less than it was promised");
        assert_eq!(said(&[of("folder", 200 * GI, 240 * GI), of("folder", 220 * GI, 240 * GI)]), [true, true], "one disk under both");
        assert_eq!(said(&[of("a", 200 * GI, 240 * GI), of("b", 220 * GI, 240 * GI)]), [false, false], "classes are told apart");
        assert_eq!(said(&[of("small", 16 << 20, 11 << 20)]), [false], "what a small file system takes for itself");
    }

    #[test]
    fn g0_58_a_volume_that_fills_up_steadily_has_its_day() {
        // Half a Gi a day from 60 on: 40 days after the last.
        let samples: Vec<_> =
            (0..20).map(|day| sample(day * DAY, 60 * GI - (19 - u64::try_from(day).unwrap()) * GI / 2, 80 * GI)).collect();
        assert_eq!(full_at(&samples), Some((19 + 40) * DAY));
        let mut shuffled = samples.clone();
        shuffled.reverse();
        assert_eq!(full_at(&shuffled), full_at(&samples));
    }

    #[test]
    fn one_odd_day_does_not_bend_it() {
        let steady = full_at(&days(&[50, 52, 54, 56, 58, 60, 62, 64, 66]));
        assert_eq!(steady, Some((8 + 17) * DAY));
        assert_eq!(full_at(&days(&[50, 52, 54, 99, 58, 60, 0, 64, 66])), steady);
    }

    #[test]
    fn what_is_flat_or_shrinks_or_was_hardly_watched_has_none() {
        assert_eq!(full_at(&days(&[50; 9])), None);
        assert_eq!(full_at(&days(&[60, 58, 56, 54, 52, 50])), None);
        assert_eq!(full_at(&days(&[50, 60, 70])), None, "too few");
        let minutes: Vec<_> = (0..30).map(|n| sample(n * 60, u64::try_from(n).unwrap() * GI, 100 * GI)).collect();
        assert_eq!(full_at(&minutes), None, "half an hour");
        assert_eq!(full_at(&days(&[0, 0, 0, 1, 1, 1])), None, "too far ahead for five days of watching");
        assert_eq!(full_at(&[]), None);
    }

    proptest! {
        #[test]
        fn no_samples_make_it_panic(all in proptest::collection::vec((any::<i64>(), any::<u64>(), any::<u64>()), 0..80)) {
            let samples: Vec<_> = all.into_iter().map(|(at, used, total)| sample(at / 4, used, total)).collect();
            if let Some(at) = full_at(&samples) {
                prop_assert!(samples.iter().all(|sample| at >= sample.at));
            }
        }
    }
}
