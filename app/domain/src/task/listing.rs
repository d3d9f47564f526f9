//! Which tasks are on the page of a list? What the address says, made whole: `state:failed volume:data train`.

use super::{Task, TaskState, cause::Cause};

pub const PER_PAGE: usize = 50;
/// The longest filter that is read, in characters.
const LONGEST: usize = 200;

/// A task with why it is as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub task: Task,
    pub cause: Cause,
    /// Whether the cluster has removed its Job: it is what was written down of it.
    pub is_kept: bool,
}

/// Parts that all hold, and what was typed but means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub terms: Vec<Term>,
    /// A sentence for each part that was not understood.
    pub refused: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// One of the states.
    State(TaskState),
    /// A claim that it mounts, or what its volume is called.
    Volume(String),
    Owner(String),
    /// Part of the name or of the id.
    Text(String),
}

/// One page, and what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub rows: Vec<Judged>,
    pub filter: Filter,
    pub total: usize,
    pub matching: usize,
    /// From 1, and never behind the last.
    pub page: usize,
    pub pages: usize,
    /// How many there are of each state, in the order of lists.
    pub states: Vec<(TaskState, usize)>,
}

impl TaskState {
    pub const ALL: [Self; 7] =
        [Self::Incomplete, Self::Running, Self::Starting, Self::Stopping, Self::Failed, Self::Stopped, Self::Succeeded];

    /// Its word in addresses and calls.
    pub fn word(self) -> String {
        self.label().to_lowercase()
    }
}

impl Filter {
    /// Reads any text. `owners` says whether the list shows whose the tasks are.
    pub fn read(text: &str, owners: bool) -> Self {
        let text: String = text.chars().take(LONGEST).collect();
        let mut filter = Self::default();
        for word in text.split_whitespace() {
            match Term::read(word, owners) {
                Ok(term) if filter.terms.contains(&term) => {}
                Ok(term) => filter.terms.push(term),
                Err(sentence) => filter.refused.push(sentence),
            }
        }
        filter
    }

    /// `names` gives what a claim's volume is called.
    pub fn matches(&self, task: &Task, names: &impl Fn(&str) -> Option<String>) -> bool {
        // Several states mean any of them; all else has to hold.
        let states: Vec<_> = self.terms.iter().filter_map(|term| if let Term::State(state) = term { Some(*state) } else { None }).collect();
        (states.is_empty() || states.contains(&task.state)) && self.terms.iter().all(|term| term.holds(task, names))
    }

    /// The same with this state, or without it.
    pub fn turned(&self, state: TaskState) -> Self {
        let term = Term::State(state);
        let mut terms: Vec<_> = self.terms.iter().filter(|known| **known != term).cloned().collect();
        if terms.len() == self.terms.len() {
            terms.push(term);
        }
        Self { terms, refused: Vec::new() }
    }

    pub fn has(&self, state: TaskState) -> bool {
        self.terms.contains(&Term::State(state))
    }
}

/// Reads back as the same filter.
impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<_> = self.terms.iter().map(Term::to_string).collect();
        f.write_str(&words.join(" "))
    }
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::State(state) => write!(f, "state:{}", state.word()),
            Self::Volume(name) => write!(f, "volume:{name}"),
            Self::Owner(name) => write!(f, "owner:{name}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Term {
    fn read(word: &str, owners: bool) -> Result<Self, String> {
        let word = word.to_lowercase();
        let Some((property, value)) = word.split_once(':') else { return Ok(Self::Text(word)) };
        match (property, value) {
            ("state" | "status", value) => TaskState::ALL
                .into_iter()
                .find(|state| state.word() == value)
                .map(Self::State)
                .ok_or_else(|| format!("“{word}”: the states are {}.", TaskState::ALL.map(TaskState::word).join(", "))),
            (_, "") => Err(format!("“{word}” has no value yet.")),
            ("volume", value) => Ok(Self::Volume(value.to_owned())),
            ("name", value) => Ok(Self::Text(value.to_owned())),
            ("owner", value) if owners => Ok(Self::Owner(value.to_owned())),
            ("owner", _) => Err("All tasks here are yours; “owner” is for the list of everybody’s tasks.".to_owned()),
            (property, _) => Err(format!("“{property}” is not a property of tasks. There are name, state and volume.")),
        }
    }

    fn holds(&self, task: &Task, names: &impl Fn(&str) -> Option<String>) -> bool {
        match self {
            Self::State(_) => true,
            Self::Volume(value) => task
                .mounts
                .iter()
                .any(|mount| mount.claim == *value || names(&mount.claim).is_some_and(|name| name.to_lowercase() == *value)),
            Self::Owner(value) => {
                let owner = if task.username.is_empty() { "unclaimed" } else { &task.username };
                owner.to_lowercase() == *value
            }
            Self::Text(text) => task.name.to_lowercase().contains(text.as_str()) || task.id.as_str().contains(text.as_str()),
        }
    }
}

/// Keeps the order: what needs a person or runs first, then the newest first.
pub fn arrange(tasks: Vec<Judged>, q: &str, page: usize, owners: bool, names: impl Fn(&str) -> Option<String>) -> Listing {
    let filter = Filter::read(q, owners);
    let total = tasks.len();
    let count = |state: TaskState| tasks.iter().filter(|judged| judged.task.state == state).count();
    let states = TaskState::ALL.into_iter().map(|state| (state, count(state))).filter(|(_, count)| *count > 0).collect();
    let rows: Vec<_> = tasks.into_iter().filter(|judged| filter.matches(&judged.task, &names)).collect();
    let matching = rows.len();
    let pages = matching.div_ceil(PER_PAGE).max(1);
    let page = page.clamp(1, pages);
    let rows = rows.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
    Listing { rows, filter, total, matching, page, pages, states }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::cause::{Facts, cause, tests::task};

    fn judged(name: &str, state: TaskState) -> Judged {
        let task = Task { name: name.into(), ..task(state) };
        let cause = cause(&Facts { task: &task, events: &[], volumes: &[], now: 200 });
        Judged { task, cause, is_kept: false }
    }

    fn names(q: &str) -> Vec<String> {
        let tasks = vec![judged("Train-a", TaskState::Running), judged("eval", TaskState::Failed), judged("train-b", TaskState::Succeeded)];
        let volume = |claim: &str| (claim == "data-abcdefgh").then(|| "Data".to_owned());
        arrange(tasks, q, 1, false, volume).rows.into_iter().map(|judged| judged.task.name).collect()
    }

    #[test]
    fn words_narrow_by_name_state_and_volume() {
        assert_eq!(names(""), ["Train-a", "eval", "train-b"]);
        assert_eq!(names("TRAIN"), ["Train-a", "train-b"]);
        assert_eq!(names("train state:succeeded"), ["train-b"]);
        assert_eq!(names("state:running state:failed"), ["Train-a", "eval"]);
        assert_eq!(names("volume:data"), ["Train-a", "eval", "train-b"]);
        assert_eq!(names("volume:other"), [""; 0]);
        assert_eq!(names("abcdefgh eval"), ["eval"]);
    }

    #[test]
    fn what_is_not_understood_narrows_nothing_and_is_told() {
        let filter = Filter::read("state:lost colour:red owner:bob volume: train", false);
        assert_eq!((filter.terms.len(), filter.refused.len()), (1, 4), "{filter:?}");
        assert_eq!(Filter::read("owner:bob", true).to_string(), "owner:bob");
    }

    #[test]
    fn a_filter_reads_back_and_a_state_is_turned_on_and_off() {
        let filter = Filter::read("train state:failed volume:data", false);
        assert_eq!(Filter::read(&filter.to_string(), false), filter);
        let more = filter.turned(TaskState::Running);
        assert!(more.has(TaskState::Running) && !more.turned(TaskState::Running).has(TaskState::Running));
    }

    #[test]
    fn a_page_behind_the_last_is_the_last() {
        let many = (0..PER_PAGE + 1).map(|n| judged(&format!("t{n}"), TaskState::Running)).collect();
        let listing = arrange(many, "", 99, false, |_| None);
        assert_eq!((listing.page, listing.pages, listing.rows.len(), listing.states), (2, 2, 1, vec![(TaskState::Running, PER_PAGE + 1)]));
    }
}
