//! Why is a volume as it is, and what can its owner do about it? One pure answer from what the cluster recorded.
//!
//! | Module | Answers |
//! |---|---|
//! | `id` | which causes are there |
//! | `named` | how a cause is called, also one of a task |
//! | `facts` | what is a cause judged by |
//! | `pending` | why is there no storage yet |
//! | `refusal` | what did the provisioner mean |
//! | `terminating` | what keeps a deletion |
//! | `bound` | is it well: its growth (`growth`), its mounts (`mounting`), its room |
//! | `action`, `evidence` | what to do, and what was seen |

mod action;
mod bound;
mod evidence;
mod facts;
mod growth;
mod id;
mod mounting;
mod named;
mod pending;
mod refusal;
mod terminating;

pub use action::Action;
pub use evidence::Evidence;
pub(crate) use evidence::newest_first;
pub use facts::{ALWAYS, Condition, Facts, Moment, Span};
pub use growth::forbids_growth;
pub use id::CauseId;
pub(crate) use named::{Names, named_causes};
pub use named::{NoSuchCause, Tone};
pub(crate) use refusal::quoted;

use serde::{Deserialize, Serialize};

/// Exactly one per volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    id: CauseId,
    phase: String,
    since: Option<i64>,
    reason: Option<String>,
    sentence: String,
    action: Option<Action>,
    evidence: Vec<Evidence>,
}

pub fn cause(facts: &Facts<'_>) -> Cause {
    let cause = match (facts.deleting_since, facts.phase) {
        (Some(since), _) => terminating::cause(facts, since),
        (None, "Bound") => bound::cause(facts),
        (None, "Lost") => lost(facts),
        // A claim that was made this instant has no status yet.
        (None, "Pending" | "") => pending::cause(facts),
        (None, other) => Cause::new(CauseId::UnknownPhase)
            .saying(format!("The cluster calls it {other}. An administrator can look at the claim."))
            .asking_an_admin(format!("A volume claim is in phase {other}.")),
    };
    Cause {
        phase: phase(facts.phase, facts.deleting_since.is_some()).to_owned(),
        evidence: evidence::newest_first(cause.evidence),
        ..cause
    }
}

/// What a claim's `status.phase` is called. `Terminating` is kubectl's word for a deletion under way.
pub fn phase(recorded: &str, is_deleting: bool) -> &str {
    match (is_deleting, recorded) {
        (true, _) => "Terminating",
        (false, "") => "Pending",
        (false, phase) => phase,
    }
}

/// Both events come with the phase (pv_controller.go, `syncBoundClaim`).
fn lost(facts: &Facts<'_>) -> Cause {
    let seen = facts.latest(&["ClaimLost", "ClaimMisbound"]);
    if let Some(event) = seen.filter(|event| event.reason == "ClaimMisbound") {
        return Cause::new(CauseId::BoundTwice)
            .because("its storage is another's")
            .saying(
                "Two volumes were given the same storage, and the other one has it. What was written through this one may be there \
                 still. Do not delete anything yet; ask an administrator.",
            )
            .asking_an_admin("Two claims are bound to the same PersistentVolume.")
            .seen([Evidence::event(event)]);
    }
    Cause::new(CauseId::StorageGone)
        .because("its storage is gone")
        .saying(
            "The cluster no longer has the PersistentVolume that held the data. Do not delete anything yet; ask an administrator \
             whether it can be brought back.",
        )
        .asking_an_admin(format!(
            "The PersistentVolume {} is gone while its claim is still there.",
            facts.volume_name.unwrap_or("of this claim")
        ))
        .seen(seen.map(Evidence::event))
}

impl Cause {
    fn new(id: CauseId) -> Self {
        Self { id, phase: String::new(), since: None, reason: None, sentence: String::new(), action: None, evidence: Vec::new() }
    }

    fn since_when(self, since: i64) -> Self {
        Self { since: Some(since), ..self }
    }

    /// Few words for a list.
    fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    fn saying(self, sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), ..self }
    }

    fn offering(self, action: Action) -> Self {
        Self { action: Some(action), ..self }
    }

    fn asking_an_admin(self, what: impl Into<String>) -> Self {
        self.offering(Action::AskAdmin { what: what.into() })
    }

    fn seen(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub fn id(&self) -> CauseId {
        self.id
    }

    /// The word beside the silhouette.
    pub fn label(&self) -> &'static str {
        self.id.label()
    }

    /// The phase of the claim as Kubernetes and kubectl call it.
    pub fn phase(&self) -> &str {
        &self.phase
    }

    pub fn tone(&self) -> Tone {
        self.id.tone()
    }

    /// The name of the silhouette in the icon sprite.
    pub fn icon(&self) -> &'static str {
        self.id.icon()
    }

    /// Since when it is so, where that matters: shown as an age that runs.
    pub fn since(&self) -> Option<i64> {
        self.since
    }

    /// Few words for the line under the status in a list. `None` when the label says it all.
    pub fn reason(&self) -> Option<String> {
        self.reason.clone()
    }

    /// What happened and what to do: heading and sentence for the top of the volume's page. `None` when all is well.
    pub fn explanation(&self) -> Option<(&'static str, String)> {
        self.id.heading().map(|heading| (heading, self.sentence.clone()))
    }

    pub fn action(&self) -> Option<&Action> {
        self.action.as_ref()
    }

    /// What it was judged by, newest first.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Whether its deletion was asked for.
    pub fn is_deleting(&self) -> bool {
        self.phase == "Terminating"
    }

    /// Whether a person can or should do something about it.
    pub fn needs_you(&self) -> bool {
        self.id.needs_you()
    }
}

#[cfg(test)]
pub(crate) mod tests;
