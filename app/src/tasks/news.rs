//! What was just done with a task? Said once, on the page that the post led to.

use crate::volumes::pages::{notice, query};
use leptos::prelude::*;

/// The address stays in the history; the news does not. Seconds.
const FRESH: i64 = 60;

/// The sentence for what was done a moment ago, if anything was.
pub fn of(now: i64) -> Option<AnyView> {
    let at: i64 = query("at").parse().ok()?;
    if !(0..FRESH).contains(&now.saturating_sub(at)) {
        return None;
    }
    let (heading, sentence) = match query("done").as_str() {
        "submitted" => ("Submitted", "It starts as soon as there is a node for it. This page follows by itself."),
        "stopped" => ("It was asked to stop", "Its programs have half a minute to end. What they wrote to volumes stays."),
        "resumed" => ("Resumed", "What was missing has been made, and it starts as soon as there is a node for it."),
        "deleted" => ("Deletion was asked for", "The task and its logs leave with its pods. Volumes and their data stay."),
        _ => return None,
    };
    Some(notice(heading, sentence).into_any())
}
