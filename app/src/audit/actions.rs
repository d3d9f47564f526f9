//! How is an act written down? Whatever changes something goes through [`audited`], many at once through [`to_the_end`] with a
//! [`Trail`]; what is refused before it begins is told to the [`Trail`] alone.

use crate::server::{RequestId, went_wrong};
use cluster::User;
use domain::{
    audit::{Verb, is_telling},
    name::VolumeId,
    owner::OwnerKey,
    problem::{Code, Problem},
    text::is_invisible,
    token::Token,
    volume::Removed,
};
use http::Extensions;
use records::{Audit, DONE, Entry, Records};
use std::future::Future;
use tracing::Instrument;

/// So many characters of a name as it was typed; no name that the cluster takes is longer.
const NAME_MAX: usize = 253;

/// Whoever acts, and how they came in.
#[derive(Clone, Debug)]
pub struct By {
    pub user: User,
    /// The token that the request carried; nothing for a page.
    pub token: Option<Token>,
    pub request_id: String,
}

impl By {
    /// What the layers have put into the request; nothing if nobody is signed in.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        Some(Self {
            user: extensions.get::<User>()?.clone(),
            token: extensions.get::<Token>().cloned(),
            request_id: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        })
    }
}

/// What was done, and to which.
#[derive(Clone, Debug)]
pub struct Act {
    verb: Verb,
    id: String,
    name: String,
    owner: Whose,
    new_owner: Option<(String, String)>,
}

/// Whose it is that an act is on.
#[derive(Clone, Debug)]
enum Whose {
    /// Of whoever acts.
    Theirs,
    /// Owner key and readable name; both empty if it is nobody's.
    Anothers(String, String),
}

impl Act {
    /// On something of one's own. What never came to be has no id.
    pub fn own(verb: Verb, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { verb, id: id.into(), name: name.into(), owner: Whose::Theirs, new_owner: None }
    }

    /// On a volume or task whose owner is not known: an attempt. An id that none can have is left out, whatever was typed.
    pub fn tried(verb: Verb, id: &str) -> Self {
        Self::own(verb, id.parse().map(|id: VolumeId| id.to_string()).unwrap_or_default(), "").of("", "")
    }

    /// What it is called, now that it is known.
    pub fn on(self, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), ..self }
    }

    /// What it is called, as far as anybody says.
    pub fn called(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The same thing, another act.
    pub fn now(self, verb: Verb) -> Self {
        Self { verb, ..self }
    }

    /// On something of another person's, as administrators do.
    pub fn of(self, owner_key: impl Into<String>, readable: impl Into<String>) -> Self {
        Self { owner: Whose::Anothers(owner_key.into(), readable.into()), ..self }
    }

    /// A deletion, as it ended.
    pub fn removed(self, how: Removed) -> Self {
        match how {
            Removed::ForGood => self,
            Removed::ToTrash(_) => Self { verb: Verb::TrashVolume, ..self },
        }
    }

    /// Given to this person.
    pub fn to(self, new_owner: &OwnerKey, readable: impl Into<String>) -> Self {
        Self { new_owner: Some((new_owner.to_string(), readable.into())), ..self }
    }
}

/// Where the lines of one request go.
#[derive(Clone, Debug)]
pub struct Trail {
    audit: Audit,
    by: By,
}

impl Trail {
    pub fn new(records: &Records, by: By) -> Self {
        Self { audit: records.audit(), by }
    }

    /// Writes down how an act ended, if that tells anything.
    pub async fn ended(&self, act: Act, refusal: Option<&Problem>) {
        let is_told = match refusal.map(|problem| problem.code) {
            None => true,
            // Whoever names what nothing can be called names nothing.
            Some(Code::NotFound) => !act.id.is_empty(),
            Some(code) => is_telling(code),
        };
        if !is_told {
            return;
        }
        let entry = entry(&self.by, act, refusal);
        // It has happened: an answer that denied it would be wrong.
        if let Err(error) = self.audit.record(&entry).await {
            tracing::error!(error = &error as &dyn std::error::Error, ?entry, "an act is missing in the audit trail");
        }
    }
}

/// Acts to the end, also when whoever asked goes away meanwhile, and writes down how it ended. `what` is told what came of it,
/// and answers nothing if it was no change.
pub async fn audited<T: Send + 'static, A: Into<Option<Act>>>(
    records: &Records,
    by: By,
    what: impl FnOnce(Option<&T>) -> A + Send + 'static,
    act: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    let trail = Trail::new(records, by);
    let acted = async move {
        let outcome = act.await;
        // What it was is dropped before anything is waited for.
        let told: Option<Act> = what(outcome.as_ref().ok()).into();
        if let Some(told) = told {
            trail.ended(told, outcome.as_ref().err()).await;
        }
        outcome
    };
    to_the_end(records, acted).await
}

/// Goes on when whoever asked goes away meanwhile; the portal does not end before it has ended.
pub async fn to_the_end<T: Send + 'static>(
    records: &Records,
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    let underway = records.begin();
    let held = async move {
        let outcome = work.await;
        drop(underway);
        outcome
    };
    tokio::spawn(held.in_current_span()).await.unwrap_or_else(|_| Err(went_wrong()))
}

fn entry(by: &By, act: Act, refusal: Option<&Problem>) -> Entry {
    let is_absent = refusal.is_some_and(|problem| problem.code == Code::NotFound);
    let (owner, owner_name) = match act.owner {
        // What is not theirs is somebody's or nobody's.
        Whose::Theirs if is_absent => (String::new(), String::new()),
        Whose::Theirs => (by.user.key().to_string(), by.user.username().to_owned()),
        Whose::Anothers(key, name) => (key, name),
    };
    let code = refusal.and_then(|problem| serde_json::to_value(problem.code).ok()).and_then(|code| code.as_str().map(str::to_owned));
    Entry {
        principal: by.user.principal().clone(),
        username: by.user.username().to_owned(),
        verb: act.verb,
        object_id: as_typed(&act.id),
        object_name: as_typed(&act.name),
        owner,
        owner_name,
        new_owner: act.new_owner,
        request_id: by.request_id.clone(),
        token: by.token.as_ref().map(|token| token.name.clone()),
        outcome: code.unwrap_or_else(|| DONE.to_owned()),
    }
}

/// A name that nobody has checked yet: not longer than one can be, and only what can be seen.
fn as_typed(name: &str) -> String {
    name.chars().filter(|c| !is_invisible(*c)).take(NAME_MAX).collect()
}

#[cfg(test)]
mod tests;
