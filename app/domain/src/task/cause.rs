//! Why does a task not run, or why did it fail, and what can its owner do about it? One pure answer from what the cluster recorded.
//!
//! | Module | Answers |
//! |---|---|
//! | `id` | which causes are there |
//! | `facts` | what is a cause judged by |
//! | `waiting` | why does it not run yet: its pods are not made, have no node (`placing`), or do not start (`starting`, `image`) |
//! | `failed` | why did it end badly: what the cluster did to it, or how its program ended (`exit`, `lines`) |
//! | `action` | what to do |

mod action;
mod exit;
mod facts;
mod failed;
mod id;
mod image;
mod lines;
mod placing;
mod starting;
mod waiting;

pub use action::Action;
pub use facts::Facts;
pub use id::CauseId;

use super::{PodState, TaskState};
use crate::{
    cause::{Evidence, Tone, newest_first},
    text,
};
use serde::{Deserialize, Serialize};

/// Exactly one per task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    id: CauseId,
    since: Option<i64>,
    reason: Option<String>,
    sentence: String,
    action: Option<Action>,
    evidence: Vec<Evidence>,
    lines: Option<String>,
}

pub fn cause(facts: &Facts<'_>) -> Cause {
    let task = facts.task;
    let cause = match task.state {
        TaskState::Incomplete => incomplete(),
        TaskState::Starting => waiting::cause(facts),
        TaskState::Running => running(facts),
        TaskState::Failed => failed::cause(facts),
        TaskState::Stopping => stopping(facts),
        TaskState::Stopped => Cause::new(CauseId::Stopped),
        TaskState::Succeeded => succeeded(facts),
    };
    Cause { evidence: newest_first(cause.evidence), ..cause }
}

fn incomplete() -> Cause {
    Cause::new(CauseId::Incomplete)
        .because("made only in part")
        .saying(
            "The portal was interrupted while it made this task, so nothing of it runs. Resume it, or delete it and run it again; volumes \
             that were made for it are among your volumes.",
        )
        .offering(Action::RunAgain)
}

/// What runs is well, unless a part of it is stuck: with several nodes the others wait for it.
fn running(facts: &Facts<'_>) -> Cause {
    let stuck = waiting::of_pods(facts).filter(|cause| cause.tone() != Tone::Calm);
    stuck.unwrap_or_else(|| at_work(facts))
}

/// A working day: whoever began it in the morning is asked before they leave. Seconds.
const LONG: i64 = 8 * 3600;

/// What nobody waits for any more is commonly forgotten, and keeps its nodes until its time is over.
fn at_work(facts: &Facts<'_>) -> Cause {
    let task = facts.task;
    let Some(started) = task.started.filter(|started| facts.now.saturating_sub(*started) >= LONG) else {
        return Cause::new(CauseId::Running);
    };
    let left = task.ends_by().map(|end| end.saturating_sub(facts.now)).filter(|left| *left > 0);
    let ends = left.map(|left| format!(" It is ended in {} at the latest.", text::age(0, left))).unwrap_or_default();
    Cause::new(CauseId::RunsLong)
        .because(format!("for {}", text::age(started, facts.now)))
        .saying(format!(
            "It keeps what it has asked for until it ends, whether or not it does anything.{ends} If you have what you wanted, stop it; \
             what it wrote to volumes stays."
        ))
        .offering(Action::ReadLog)
}

fn stopping(facts: &Facts<'_>) -> Cause {
    let left = facts.task.current_pods().iter().filter(|pod| !pod.state.is_over()).count();
    let pods = match left {
        0 => "Its pods have ended".to_owned(),
        1 => "1 pod is still ending".to_owned(),
        left => format!("{left} pods are still ending"),
    };
    Cause::new(CauseId::Stopping)
        .because(pods.to_lowercase())
        .saying(format!("{pods}. A program is asked to end and has half a minute for it. This page follows by itself."))
}

/// A child process can be killed for its memory while the program ends well.
fn succeeded(facts: &Facts<'_>) -> Cause {
    let killed = facts.task.current_pods().into_iter().find(|pod| pod.reason.as_deref() == Some("OOMKilled"));
    let Some(pod) = killed.filter(|pod| pod.state == PodState::Succeeded) else { return Cause::new(CauseId::Succeeded) };
    Cause::new(CauseId::ChildKilled)
        .because("a part of it ran out of memory")
        .saying(format!(
            "It ended with exit code 0, yet on rank {} something that it had started was killed because the memory was used up. Its result \
             may be incomplete: look at its log, and give it more memory next time.",
            pod.rank
        ))
        .offering(Action::ReadLog)
        .seen([Evidence::of(format!("Pod {}: OOMKilled, exit code 0", pod.name))])
}

impl Cause {
    fn new(id: CauseId) -> Self {
        Self { id, since: None, reason: None, sentence: String::new(), action: None, evidence: Vec::new(), lines: None }
    }

    fn since_when(self, since: i64) -> Self {
        Self { since: Some(since), ..self }
    }

    /// Few words for a list.
    fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    fn saying(self, sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), ..self }
    }

    fn offering(self, action: Action) -> Self {
        Self { action: Some(action), ..self }
    }

    fn asking_an_admin(self, what: impl Into<String>) -> Self {
        self.offering(Action::AskAdmin { what: what.into() })
    }

    fn seen(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    fn with_lines(self, lines: Option<String>) -> Self {
        Self { lines, ..self }
    }

    pub fn id(&self) -> CauseId {
        self.id
    }

    /// The word beside the silhouette.
    pub fn label(&self) -> &'static str {
        self.id.label()
    }

    pub fn tone(&self) -> Tone {
        self.id.tone()
    }

    /// The name of the silhouette in the icon sprite.
    pub fn icon(&self) -> &'static str {
        self.id.icon()
    }

    /// Since when it is so, where that matters: shown as an age that runs.
    pub fn since(&self) -> Option<i64> {
        self.since
    }

    /// Few words for the line under the status in a list. `None` when the label says it all.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// What happened and what to do: heading and sentence for the top of the task's page. `None` when there is nothing to explain.
    pub fn explanation(&self) -> Option<(&'static str, &str)> {
        self.id.heading().map(|heading| (heading, self.sentence.as_str()))
    }

    pub fn action(&self) -> Option<&Action> {
        self.action.as_ref()
    }

    /// What it was judged by, newest first.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// The last lines that the program wrote, where they explain its end.
    pub fn lines(&self) -> Option<&str> {
        self.lines.as_deref()
    }

    /// Whether a person can or should do something about it.
    pub fn needs_you(&self) -> bool {
        self.tone() == Tone::Bad
    }
}

#[cfg(test)]
pub(crate) mod tests;
