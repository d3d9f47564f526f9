//! What is a Secret of a person? A name, and keys with values that go in and never come out: what is known about it is what is here.
//!
//! | Module | Answers |
//! |---|---|
//! | [`SecretForm`] | what was entered, and is it one |
//! | `lines` | how are pasted lines read |

mod form;
mod lines;

pub use form::{MOST_KEYS, SecretForm, ValueRow};

use crate::name::{EnvName, SecretName};
use std::fmt;

/// So many Secrets one person has at most.
pub const MOST_PER_PERSON: usize = 50;

/// One Secret, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    pub name: SecretName,
    pub keys: Vec<EnvName>,
    /// When its values were set, in seconds since 1970.
    pub set: i64,
    /// Another one whenever values are set.
    pub uid: String,
    /// Its values are not there, where they were looked for: the portal was interrupted, or somebody else removed them.
    pub is_incomplete: bool,
}

/// A value on its way into the cluster. Never shown, also not by accident.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// A Secret that shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSpec {
    pub name: SecretName,
    /// At least one; no key twice.
    pub values: Vec<(EnvName, Hidden)>,
}
