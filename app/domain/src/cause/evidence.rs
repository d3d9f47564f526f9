//! What was a cause judged by? Short lines, newest first.

use super::facts::Condition;
use crate::{event::Event, volume::Use};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Seconds since 1970, if it belongs to a moment.
    pub at: Option<i64>,
    pub line: String,
}

/// Characters of one line; the events of the page have the whole text.
const LINE_MAX: usize = 400;

impl Evidence {
    pub(crate) fn of(line: impl Into<String>) -> Self {
        Self { at: None, line: line.into() }
    }

    pub(crate) fn event(event: &Event) -> Self {
        Self { at: Some(event.last), line: said(event) }
    }

    /// What the cluster said about a pod that uses the volume.
    pub(super) fn about(pod: &Use, event: &Event) -> Self {
        Self::said_of(&pod.pod, event)
    }

    pub(crate) fn said_of(pod: &str, event: &Event) -> Self {
        Self { at: Some(event.last), line: cut(&format!("Pod {pod}: {}", said(event))) }
    }

    pub(super) fn pod(pod: &Use) -> Self {
        Self {
            at: Some(pod.since),
            line: format!(
                "{}: {}",
                if pod.is_named() { format!("Pod {}", pod.pod) } else { "Another person's pod".into() },
                pod.phase.in_words()
            ),
        }
    }

    pub(super) fn condition(condition: &Condition) -> Self {
        let Condition { kind, status, message, at } = condition;
        Self { at: *at, line: cut(&format!("Condition {kind} is {status}{}{message}", if message.is_empty() { "" } else { ": " })) }
    }
}

fn said(event: &Event) -> String {
    let times = if event.count > 1 { format!(", {} times", event.count) } else { String::new() };
    cut(&format!("{}{times}: {}", event.reason, event.message))
}

fn cut(text: &str) -> String {
    text.chars().take(LINE_MAX).collect()
}

/// What belongs to no moment comes last.
pub(crate) fn newest_first(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.sort_by_key(|evidence| std::cmp::Reverse(evidence.at));
    evidence
}
