//! What was just done? Said once, on the page of the volume or of the list, from the address that the post led to.

use super::pages::{notice, query};
use domain::text;
use leptos::prelude::*;

/// The address stays in the history; the news does not. Seconds.
const FRESH: i64 = 60;

/// The sentence for what was done a moment ago, if anything was.
pub fn of(now: i64) -> Option<AnyView> {
    let at: i64 = query("at").parse().ok()?;
    if !(0..FRESH).contains(&now.saturating_sub(at)) {
        return None;
    }
    let number = |name: &str| query(name).parse::<usize>().unwrap_or(0);
    let (heading, sentence) = match query("done").as_str() {
        "grown" => {
            ("Growth was asked for", "The volume grows while it is in use or when it is next mounted; the size below follows.".to_owned())
        }
        "deleted" => ("Deletion was asked for", "The volume leaves this list when the cluster has removed it.".to_owned()),
        "trashed" => {
            let until: i64 = query("until").parse().ok()?;
            (
                "Moved to the trash",
                format!("It can be restored until {}, from the trash. Then it is removed with its data.", text::date(until)),
            )
        }
        "restored" => ("Restored", "It is among the volumes again, as it was, and tasks can mount it.".to_owned()),
        "published" => (
            "Published as read-only",
            "Tasks that begin from now on mount it for reading. What has it mounted already goes on as it began.".to_owned(),
        ),
        "unpublished" => ("Open for writing", "Tasks that begin from now on can write to it.".to_owned()),
        "edited" => ("Saved", "New tasks use what you see below.".to_owned()),
        "cleaned" => ("Finished pods", cleaned(number("removed"), number("left"))),
        "transferred" => {
            ("The volume has a new owner", "The former one does not see it any more. What runs with it goes on until it ends.".to_owned())
        }
        "adopted" => ("The volume was adopted", "Its owner finds it among their volumes.".to_owned()),
        _ => return None,
    };
    Some(notice(heading, sentence).into_any())
}

fn cleaned(removed: usize, left: usize) -> String {
    let pods = |number: usize| if number == 1 { "1 finished pod".to_owned() } else { format!("{number} finished pods") };
    let removed = if removed == 0 {
        "None of the finished pods is yours, so none was removed.".to_owned()
    } else {
        format!("{} removed.", pods(removed))
    };
    match left {
        0 => removed,
        left => format!(
            "{removed} {} not yours and stayed; whoever made them, or an administrator, can remove them.",
            match left {
                1 => "1 more is".to_owned(),
                left => format!("{left} more are"),
            }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn what_was_removed_and_what_stayed_is_said_in_numbers() {
        assert_eq!(cleaned(1, 0), "1 finished pod removed.");
        assert!(cleaned(2, 1).starts_with("2 finished pods removed. 1 more is not yours"));
        assert!(cleaned(0, 3).starts_with("None of the finished pods is yours, so none was removed. 3 more are not yours"));
    }
}
