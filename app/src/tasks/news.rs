//! What was just done with a task? Said once, on the page that the post led to.

use crate::volumes::pages::{notice, query};
use leptos::{nonce::use_nonce, prelude::*};

/// The address stays in the history; the news does not. Seconds.
const FRESH: i64 = 60;
/// What has become a task is not offered again as what was lost (`editor/kept.js` keeps it). It runs while the page is read: a link
/// that is followed at once would be faster than a script that comes later.
const FORGET: &str = "try { sessionStorage.removeItem('stowage:task-file') } catch {}";

/// The sentence for what was done a moment ago, if anything was.
pub fn of(now: i64) -> Option<AnyView> {
    let at: i64 = query("at").parse().ok()?;
    if !(0..FRESH).contains(&now.saturating_sub(at)) {
        return None;
    }
    let done = query("done");
    let (heading, sentence) = match done.as_str() {
        "submitted" => ("Submitted", "It starts as soon as there is a node for it. This page follows by itself."),
        "restoring" => ("Submitted", "It fills the volume as soon as there is a node for it. This page follows by itself."),
        "stopped" => ("It was asked to stop", "Its programs have half a minute to end. What they wrote to volumes stays."),
        "resumed" => ("Resumed", "What was missing has been made, and it starts as soon as there is a node for it."),
        "deleted" => ("Deletion was asked for", "The task and its logs leave with its pods. Volumes and their data stay."),
        _ => return None,
    };
    let forgotten = (done == "submitted").then(|| view! { <script nonce=use_nonce() inner_html=FORGET></script> });
    Some(view! { {forgotten} {notice(heading, sentence)} }.into_any())
}
