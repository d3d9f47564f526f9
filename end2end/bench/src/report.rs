//! What has come of the benchmarks? A table, and the same in `last.json`, written after each of them: whatever happens to the next,
//! what was measured stays.
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::figure::{Figure, HEAD, Kind, Verdict};

/// The ground's; what is built from source does not say its own.
const KUBERNETES: &str = "1.36.3";

#[derive(Serialize, Deserialize)]
pub struct Report {
    /// Of the program that measured.
    commit: String,
    versions: Versions,
    cores: usize,
    /// Of the machine over 1, 5 and 15 minutes, before anything was measured and after all of it.
    load_before: String,
    load_after: String,
    claims: usize,
    owners: usize,
    figures: Vec<Figure>,
    failed: Vec<Failed>,
    #[serde(skip)]
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Versions {
    portal: String,
    kubernetes: String,
    browser: String,
    kernel: String,
}

/// A benchmark that gave a wrong answer, or none in time.
#[derive(Serialize, Deserialize)]
struct Failed {
    name: String,
    cause: String,
}

impl Report {
    /// Nothing measured yet.
    pub fn new(dir: &Path) -> Result<Self> {
        let portal = env!("CARGO_PKG_VERSION").to_owned();
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned();
        Ok(Self {
            commit: said("git", &["describe", "--always", "--dirty", "--abbrev=12"]),
            versions: Versions { portal, kubernetes: KUBERNETES.to_owned(), browser: said("chromium", &["--version"]), kernel },
            cores: std::thread::available_parallelism()?.get(),
            load_before: load(),
            load_after: String::new(),
            claims: 0,
            owners: 0,
            figures: Vec::new(),
            failed: Vec::new(),
            path: path(dir),
        })
    }

    /// What was measured just before, of the same program, to go on with; otherwise nothing measured yet.
    pub fn go_on(dir: &Path) -> Result<Self> {
        let new = Self::new(dir)?;
        let before = std::fs::read(&new.path).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        Ok(match before {
            Some(before) if before.commit == new.commit => Self { path: new.path, ..before },
            _ => new,
        })
    }

    pub fn holds(&mut self, claims: usize, owners: usize) {
        (self.claims, self.owners) = (claims, owners);
    }

    pub fn measured(&mut self, benchmark: &str, figures: Vec<Figure>) -> Result<()> {
        self.failed.retain(|failed| failed.name != benchmark);
        for figure in figures {
            self.figures.retain(|known| known.name != figure.name);
            self.figures.push(figure);
        }
        self.write()
    }

    pub fn failed(&mut self, benchmark: &str, cause: &anyhow::Error) -> Result<()> {
        self.failed.retain(|failed| failed.name != benchmark);
        self.failed.push(Failed { name: benchmark.to_owned(), cause: format!("{cause:#}") });
        self.write()
    }

    fn write(&mut self) -> Result<()> {
        self.load_after = load();
        // By the number that each name begins with, whichever was measured first.
        self.figures.sort_by_key(|figure| number(&figure.name));
        let mut whole = serde_json::to_value(&*self)?;
        for (figure, value) in self.figures.iter().zip(whole["figures"].as_array_mut().into_iter().flatten()) {
            value["ratio"] = figure.ratio().into();
            value["verdict"] = serde_json::to_value(figure.verdict())?;
        }
        std::fs::write(&self.path, serde_json::to_vec_pretty(&whole)?).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Whether every answer was right and nothing that is counted is over its budget. No clock is asked: a busy machine breaks nothing.
    pub fn passes(&self) -> bool {
        self.failed.is_empty() && self.missed().all(|figure| figure.kind == Kind::Timed)
    }

    fn missed(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(|figure| figure.verdict() == Verdict::Miss)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        self.figures.iter().try_for_each(|figure| writeln!(f, "{figure}"))?;
        self.failed.iter().try_for_each(|Failed { name, cause }| writeln!(f, "{name}: FAILED: {cause}"))?;
        self.missed().try_for_each(|figure| writeln!(f, "missed: {}", figure.name))?;
        let Versions { kubernetes, browser, kernel, .. } = &self.versions;
        writeln!(f, "{} claims, {} cores; {}, Kubernetes {kubernetes}, {browser}, Linux {kernel}", self.claims, self.cores, self.commit)?;
        writeln!(f, "load of the machine (1, 5, 15 minutes): {} before, {} after", self.load_before, self.load_after)?;
        write!(f, "written to {}", self.path.display())
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("last.json")
}

/// `1b admin list` is of benchmark 1; what is of none stands last.
fn number(name: &str) -> u32 {
    name.split(|letter: char| !letter.is_ascii_digit()).next().and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// The first line that a program says; nothing where there is no such program.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_in_the_order_of_their_benchmarks() {
        let mut names = ["12 cold start", "rows in the DOM", "1b all rows", "9 storm"];
        names.sort_by_key(|name| number(name));
        assert_eq!(names, ["1b all rows", "9 storm", "12 cold start", "rows in the DOM"]);
    }
}
