//! Which volumes does a typed filter mean? `phase:Pending class:fast,shared size>10Gi -unused:yes train*`.
//!
//! A filter is a list of terms that all hold. A term is a property, `:` or a comparison, and a value, or several values of which
//! one holds, separated by commas; `-` before it turns it round; a text alone is looked for in the name. What cannot be
//! understood narrows nothing and is told.

mod saved;
mod term;

#[cfg(test)]
mod tests;

use crate::{listing::Listed, near::near};
pub use saved::{MOST_SAVED, SAVED_NAME_MAX, SavedFilter, SavedForm};
use std::fmt;
pub use term::Term;
pub(crate) use term::owner;

/// The longest filter that is read, in characters. More is cut off: nobody types it.
const LONGEST: usize = 500;

/// What can be asked of a volume: the word, and what to write behind it.
pub const PROPERTIES: [(&str, &str); 15] = [
    ("name", "name:train*"),
    ("status", "status:ready"),
    ("phase", "phase:Pending"),
    ("class", "class:fast"),
    ("mode", "mode:RWX"),
    ("size", "size>10Gi"),
    ("full", "full>80"),
    ("age", "age>30d"),
    ("unused", "unused:yes"),
    ("used-by", "used-by:train"),
    ("label", "label:stage=prod"),
    ("kind", "kind:block"),
    ("text", "text:imagenet"),
    ("pvc", "pvc:train-abc12345"),
    ("owner", "owner:ana"),
];

/// Terms that all hold, and what was typed but means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub terms: Vec<Term>,
    /// A sentence for each part that was not understood.
    pub refused: Vec<String>,
}

impl Filter {
    /// Reads any text. `owners` says whether the list shows whose the volumes are.
    pub fn read(text: &str, owners: bool) -> Self {
        let text: String = text.chars().take(LONGEST).collect();
        let mut filter = Self::default();
        for word in words(&text) {
            match Term::read(&word, owners) {
                Ok(term) if filter.terms.contains(&term) => {}
                Ok(term) => filter.terms.push(term),
                Err(sentence) => filter.refused.push(sentence),
            }
        }
        filter
    }

    /// `now` is in seconds since 1970.
    pub fn matches(&self, volume: &impl Listed, now: i64) -> bool {
        self.terms.iter().all(|term| term.matches(volume, now))
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The same without one of its terms.
    pub fn without(&self, term: &Term) -> Self {
        Self { terms: self.terms.iter().filter(|known| *known != term).cloned().collect(), refused: Vec::new() }
    }

    /// The same and this, once.
    pub fn and(&self, term: Term) -> Self {
        let mut terms = self.without(&term).terms;
        terms.push(term);
        Self { terms, refused: Vec::new() }
    }

    pub fn has(&self, term: &Term) -> bool {
        self.terms.contains(term)
    }
}

/// Reads back as the same filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            write!(f, "{}{term}", if index > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

/// Splits at blanks, but not within double quotes, which go away.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(String::new()),
            c => words.last_mut().into_iter().for_each(|word| word.push(c)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a person may have meant by a word that is no property.
fn no_property(word: &str) -> String {
    match near(word, PROPERTIES.iter().map(|(name, _)| *name)).first() {
        Some(name) => format!("“{word}” is not a property of volumes. Did you mean “{name}”?"),
        None => {
            let names: Vec<_> = PROPERTIES.iter().map(|(name, _)| *name).collect();
            format!("“{word}” is not a property of volumes. There are {}.", names.join(", "))
        }
    }
}
