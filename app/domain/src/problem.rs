//! How is "no" said? A sentence for the whole form or for one field, and a stable code for programs.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A sentence per field, by the field's name in the form, in the order of names. Crosses as a map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct FieldErrors(Vec<(String, String)>);

impl From<BTreeMap<String, String>> for FieldErrors {
    fn from(map: BTreeMap<String, String>) -> Self {
        Self(map.into_iter().collect())
    }
}

impl From<FieldErrors> for BTreeMap<String, String> {
    fn from(errors: FieldErrors) -> Self {
        errors.0.into_iter().collect()
    }
}

impl FieldErrors {
    /// The first sentence for a field stays.
    pub fn add(&mut self, field: &str, sentence: impl Into<String>) {
        let place = self.0.iter().position(|(known, _)| known.as_str() >= field).unwrap_or(self.0.len());
        if self.0.get(place).is_none_or(|(known, _)| known != field) {
            self.0.insert(place, (field.to_owned(), sentence.into()));
        }
    }

    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == field).map(|(_, sentence)| sentence.as_str())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(field, sentence)| (field.as_str(), sentence.as_str()))
    }

    /// One field, one sentence.
    pub fn one(field: &str, sentence: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, sentence);
        errors
    }
}

/// Stable words for programs; each has one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    Malformed,
    Unauthenticated,
    Forbidden,
    CrossSite,
    NotFound,
    MethodNotAllowed,
    Conflict,
    Quota,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    RateLimited,
    ClusterUnreachable,
    ClusterSlow,
    PortalMisconfigured,
    SessionStoreUnavailable,
    ProviderUnavailable,
    Internal,
}

impl Code {
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden | Self::CrossSite => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict | Self::Quota => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::ClusterUnreachable | Self::PortalMisconfigured | Self::SessionStoreUnavailable | Self::ProviderUnavailable => 503,
            Self::ClusterSlow => 504,
        }
    }
}

/// The one shape of every "no", as it crosses to a browser or a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: Code,
    /// What happened and what to do.
    pub message: String,
    #[serde(default, skip_serializing_if = "FieldErrors::is_empty")]
    pub fields: FieldErrors,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What a page adds for administrators. It is never sent with the problem itself.
    #[serde(skip)]
    pub for_admins: Option<Box<ForAdmins>>,
}

/// What is missing behind a problem, for those who can mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForAdmins {
    pub sentence: String,
    /// A command that shows it.
    pub command: Option<String>,
}

impl Problem {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: FieldErrors::default(), request_id: None, for_admins: None }
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "Nothing is at this address, or it is not yours. It may have been deleted; the list has what is there.")
    }

    pub fn invalid(fields: FieldErrors) -> Self {
        Self { fields, ..Self::new(Code::Invalid, "Some fields need a change.") }
    }
}
