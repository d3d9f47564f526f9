//! Which filters does a person want to find again? Each under a name of their own.

use super::Filter;
use crate::{problem::FieldErrors, text::is_invisible};
use serde::{Deserialize, Serialize};

/// So many may one person keep.
pub const MOST_SAVED: usize = 20;
/// Characters of a name.
pub const SAVED_NAME_MAX: usize = 40;

/// A filter that reads as it is written, and what its owner calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    pub name: String,
    pub q: String,
}

/// The form that saves one, or with `act` as `forget` takes one away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SavedForm {
    pub name: String,
    pub q: String,
    pub act: String,
}

impl SavedForm {
    pub const FORGET: &str = "forget";

    pub fn check(&self) -> Result<SavedFilter, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.trim();
        if name.is_empty() {
            errors.add("name", "Enter a name.");
        } else if name.chars().count() > SAVED_NAME_MAX {
            errors.add("name", format!("Use at most {SAVED_NAME_MAX} characters."));
        } else if name.chars().any(is_invisible) {
            errors.add("name", "Use one line of plain text, without invisible characters.");
        }
        let filter = Filter::read(&self.q, false);
        if !filter.refused.is_empty() {
            errors.add("q", filter.refused.join(" "));
        } else if filter.is_empty() {
            errors.add("q", "Enter a filter, for example label:stage=prod.");
        }
        if errors.is_empty() { Ok(SavedFilter { name: name.to_owned(), q: filter.to_string() }) } else { Err(errors) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, q: &str) -> SavedForm {
        SavedForm { name: name.into(), q: q.into(), act: String::new() }
    }

    #[test]
    fn what_is_kept_is_the_filter_as_it_is_understood() {
        let saved = form(" In production ", "label:stage=PROD  unused:true").check().unwrap();
        assert_eq!((saved.name.as_str(), saved.q.as_str()), ("In production", "label:stage=prod unused:yes"));
    }

    #[test]
    fn a_filter_without_a_name_or_a_meaning_is_not_kept() {
        let told = |form: SavedForm| form.check().unwrap_err().iter().map(|(field, _)| field.to_owned()).collect::<Vec<_>>();
        assert_eq!(told(form("", "")), ["name", "q"]);
        assert_eq!(told(form("a\nb", "train")), ["name"]);
        assert_eq!(told(form(&"x".repeat(41), "train")), ["name"]);
        assert_eq!(told(form("a", "colour:red")), ["q"]);
        assert_eq!(told(form("a", "owner:ana")), ["q"], "everybody's volumes are not in one's own list");
    }
}
