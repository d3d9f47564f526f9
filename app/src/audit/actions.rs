//! How is an act written down? Whatever changes something goes through [`audited`].

use crate::server::{RequestId, went_wrong};
use cluster::User;
use domain::{
    audit::{Verb, is_telling},
    problem::Problem,
    token::Token,
};
use http::Extensions;
use records::{Entry, Records};
use std::future::Future;
use tracing::Instrument;

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
    /// Owner key and readable name, if it is another person's.
    owner: Option<(String, String)>,
}

impl Act {
    /// On something of one's own. What never came to be has no id.
    pub fn own(verb: Verb, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { verb, id: id.into(), name: name.into(), owner: None }
    }

    /// What it is called, now that it is known.
    pub fn on(self, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), ..self }
    }

    /// On something of another person's, as administrators do.
    pub fn of(self, owner_key: impl Into<String>, readable: impl Into<String>) -> Self {
        Self { owner: Some((owner_key.into(), readable.into())), ..self }
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
    let audit = records.audit();
    let acted = async move {
        let outcome = act.await;
        let refusal = outcome.as_ref().err();
        if refusal.is_none_or(|problem| is_telling(problem.code))
            && let Some(act) = what(outcome.as_ref().ok()).into()
        {
            let entry = entry(&by, act, refusal);
            // It has happened: an answer that denied it would be wrong.
            if let Err(error) = audit.record(&entry).await {
                tracing::error!(error = &error as &dyn std::error::Error, ?entry, "an act is missing in the audit trail");
            }
        }
        outcome
    };
    tokio::spawn(acted.in_current_span()).await.unwrap_or_else(|_| Err(went_wrong()))
}

fn entry(by: &By, act: Act, refusal: Option<&Problem>) -> Entry {
    let (owner, owner_name) = act.owner.unwrap_or_else(|| (by.user.key().to_string(), by.user.username().to_owned()));
    let code = refusal.and_then(|problem| serde_json::to_value(problem.code).ok()).and_then(|code| code.as_str().map(str::to_owned));
    Entry {
        principal: by.user.principal().clone(),
        username: by.user.username().to_owned(),
        verb: act.verb,
        object_id: act.id,
        object_name: act.name,
        owner,
        owner_name,
        request_id: by.request_id.clone(),
        token: by.token.as_ref().map(|token| token.name.clone()),
        outcome: code.unwrap_or_else(|| "done".to_owned()),
    }
}
