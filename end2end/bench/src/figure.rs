//! What was measured, and is it good enough? A figure is always ours over something else of the same run.
use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Target,
    Accept,
    Miss,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Target => "target",
            Self::Accept => "accept",
            Self::Miss => "MISS",
        })
    }
}

/// How a figure was come by: counts are exact on every machine, clocks depend on what else it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Counted,
    Timed,
}

/// On which side of its limits a ratio is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Good {
    AtMost,
    AtLeast,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    pub name: String,
    pub kind: Kind,
    /// Of `ours` and `baseline`: ms, bytes, requests.
    pub unit: String,
    pub ours: f64,
    pub baseline: f64,
    /// Of `ours / baseline`: what is aimed for, and what is still good.
    pub target: f64,
    pub accept: f64,
    pub good: Good,
    /// The ratios of the pairs: first and third quartile.
    pub quartiles: Option<[f64; 2]>,
    pub note: String,
}

impl Figure {
    pub fn counted(name: &str, unit: &str, [ours, baseline]: [f64; 2], [target, accept]: [f64; 2]) -> Self {
        let (name, unit, good) = (name.into(), unit.into(), Good::AtMost);
        Self { name, kind: Kind::Counted, unit, ours, baseline, target, accept, good, quartiles: None, note: String::new() }
    }

    pub fn timed(name: &str, unit: &str, measured: [f64; 2], limits: [f64; 2]) -> Self {
        Self { kind: Kind::Timed, ..Self::counted(name, unit, measured, limits) }
    }

    /// The more the better: lines or bytes a second.
    #[must_use]
    pub fn at_least(mut self) -> Self {
        self.good = Good::AtLeast;
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    #[must_use]
    pub fn quartiles(mut self, quartiles: [f64; 2]) -> Self {
        self.quartiles = Some(quartiles);
        self
    }

    pub fn ratio(&self) -> f64 {
        self.ours / self.baseline
    }

    pub fn verdict(&self) -> Verdict {
        // What is not a number is on neither side.
        let reaches = |limit: f64| match self.good {
            Good::AtMost => self.ratio() <= limit,
            Good::AtLeast => self.ratio() >= limit,
        };
        match (reaches(self.target), reaches(self.accept)) {
            (true, _) => Verdict::Target,
            (false, true) => Verdict::Accept,
            (false, false) => Verdict::Miss,
        }
    }
}

/// Three significant digits, without exponent.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.5}"),
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ours, baseline) = (short(self.ours), short(self.baseline));
        let kind = if self.kind == Kind::Counted { "counted" } else { "timed" };
        write!(f, "{:<50} {ours:>11} {baseline:>11} {:<9} {kind:<8}", self.name, self.unit)?;
        let sign = if self.good == Good::AtMost { "≤" } else { "≥" };
        let limits = [self.target, self.accept].map(|limit| format!("{sign} {}", short(limit)));
        write!(f, "{:>9} {:>10} {:>10}  {}", short(self.ratio()), limits[0], limits[1], self.verdict())?;
        if !self.note.is_empty() {
            write!(f, "\n    {}", self.note)?;
        }
        Ok(())
    }
}

pub const HEAD: &str =
    "figure                                                    ours    baseline unit      kind        ratio     target     accept  verdict";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_is_a_miss() {
        let figure = |ours, baseline| Figure::counted("x", "bytes", [ours, baseline], [0.1, 0.3]);
        assert_eq!(figure(1.0, 10.0).verdict(), Verdict::Target);
        assert_eq!(figure(2.0, 10.0).verdict(), Verdict::Accept);
        assert_eq!(figure(4.0, 10.0).verdict(), Verdict::Miss);
        assert_eq!(figure(0.0, 0.0).verdict(), Verdict::Miss);
        assert_eq!(figure(0.0, 0.0).at_least().verdict(), Verdict::Miss);
    }

    #[test]
    fn of_what_shall_be_large_less_is_a_miss() {
        let figure = |ours| Figure::timed("x", "MB/s", [ours, 10.0], [0.9, 0.7]).at_least();
        assert_eq!([9.5, 8.0, 5.0].map(|ours| figure(ours).verdict()), [Verdict::Target, Verdict::Accept, Verdict::Miss]);
    }
}
