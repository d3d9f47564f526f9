//! What can go wrong with the cluster, by what a caller can do about it, and how is it said to a person?

use domain::{
    allowed::WhyNot,
    limits::{Beyond, Kind},
    problem::{Code, FieldErrors, ForAdmins, Problem},
    quantity::Size,
    quota::{Exceeded, Of, out_of_range},
    volume::{Trash, taken, taken_in_trash},
};
use thiserror::Error;

/// The sentence of an error is for the log; [`Error::problem`] is for people.
#[derive(Debug, Error)]
pub enum Error {
    /// Absent, or another person's: the same to whoever asks.
    #[error("there is no such object for this person")]
    NotFound,
    #[error("this person already has a volume named {name}")]
    Taken { name: String },
    /// Their volume of this name is in the trash.
    #[error("this person has a volume named {name} in the trash")]
    TakenInTrash { name: String, trash: Trash },
    #[error("this person already has a Secret named {name}")]
    SecretTaken { name: String },
    /// Two claims carry the same id; neither can be meant. They are one person's, unless an administrator asks.
    #[error("several claims carry this id: {}", claims.join(", "))]
    Ambiguous { claims: Vec<String>, for_admin: bool },
    /// Two Jobs carry the same id.
    #[error("several jobs carry this id: {}", jobs.join(", "))]
    AmbiguousTask { jobs: Vec<String> },
    /// What the person saw is not what is there now.
    #[error("the object has changed since it was read")]
    Stale,
    #[error("in use: {0}")]
    InUse(WhyNot),
    /// The state of the object forbids it.
    #[error("not allowed now: {0}")]
    NotAllowed(WhyNot),
    /// What was entered does not fit what is there.
    #[error("what was entered does not fit: {0:?}")]
    Invalid(FieldErrors),
    /// A volume of this name is there, but not the one that was asked for.
    #[error("{name} is there and differs: {}", differences.join("; "))]
    Differs { name: String, differences: Vec<String> },
    /// `exceeded` is for the person; `said`, for the log, is in the cluster's words.
    #[error("over quota: {said}")]
    OverQuota { exceeded: Exceeded, said: String },
    /// More than one person may have here.
    #[error("beyond what one person may have: {0:?}")]
    BeyondLimit(Vec<Beyond>),
    /// The cluster's own rules forbid it; the sentence is the API server's.
    #[error("refused by the cluster: {message}")]
    Refused { message: String },
    /// The person lacks the administrator role.
    #[error("this needs the administrator role")]
    Forbidden,
    /// The portal's own account lacks a right.
    #[error("the portal's account may not {}", .0.what)]
    MissingRight(Right),
    #[error("the file cannot be answered: {0:?}")]
    File(domain::volume::files::Refused),
    #[error("the cluster cannot be reached")]
    Unreachable {
        since: Option<i64>,
        #[source]
        source: Option<Box<kube::Error>>,
    },
    #[error("the cluster did not answer in time")]
    Slow,
    #[error("the cluster asks for patience")]
    Busy { retry_after: Option<u32> },
    #[error("the cluster answered something that was not expected")]
    Unexpected {
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What the portal's own account would have to be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// Verb and resource: `create persistentvolumeclaims`.
    pub what: String,
    /// The command that asks the cluster about it, where it can be said.
    pub command: Option<String>,
}

impl Right {
    fn for_admins(&self) -> ForAdmins {
        ForAdmins {
            sentence: format!("The portal's account may not {}. Give it that right with a role.", self.what),
            command: self.command.clone(),
        }
    }
}

impl Error {
    pub(crate) fn unexpected(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unexpected { source: source.into() }
    }

    /// Whether the request may have been carried out although no answer came.
    pub(crate) fn leaves_open(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Slow | Self::Unexpected { .. } => true,
            Self::NotFound
            | Self::Taken { .. }
            | Self::TakenInTrash { .. }
            | Self::SecretTaken { .. }
            | Self::Ambiguous { .. }
            | Self::AmbiguousTask { .. }
            | Self::Stale
            | Self::InUse(_)
            | Self::NotAllowed(_)
            | Self::Invalid(_)
            | Self::Differs { .. }
            | Self::OverQuota { .. }
            | Self::BeyondLimit(_)
            | Self::Refused { .. }
            | Self::Forbidden
            | Self::MissingRight(_)
            | Self::File(_)
            | Self::Busy { .. } => false,
        }
    }

    /// What happened and what to do, in words for the person who asked.
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Taken { name } => Problem {
                fields: FieldErrors::one("name", taken(name, [name.as_str()]).unwrap_or_default()),
                ..Problem::new(Code::Conflict, "This name is taken.")
            },
            Self::TakenInTrash { name, trash } => Problem {
                fields: FieldErrors::one("name", taken_in_trash(name, *trash)),
                ..Problem::new(Code::Conflict, "This name is taken by a volume in the trash.")
            },
            Self::SecretTaken { name } => Problem {
                fields: FieldErrors::one(
                    "name",
                    format!("You have a Secret named {name}. Replace its values on its page, or choose another name."),
                ),
                ..Problem::new(Code::Conflict, "This name is taken.")
            },
            Self::Ambiguous { claims, for_admin: true } => Problem::new(
                Code::Conflict,
                format!(
                    "Several claims carry this id ({}), so it is not clear which one is meant. Give all but one of them another volume-id label.",
                    claims.join(", ")
                ),
            ),
            Self::Ambiguous { claims, for_admin: false } => Problem::new(
                Code::Conflict,
                format!(
                    "Several of your volumes carry this id ({}), so it is not clear which one is meant. Ask an administrator to give one of them another volume-id label.",
                    claims.join(", ")
                ),
            ),
            Self::AmbiguousTask { jobs } => Problem::new(
                Code::Conflict,
                format!(
                    "Several tasks carry this id ({}), so it is not clear which one is meant. Their task-id labels have been changed; an administrator can tell them apart again.",
                    jobs.join(", ")
                ),
            ),
            Self::Stale => Problem::new(
                Code::Conflict,
                "This has changed since you opened the page, so nothing was done. Look at it again, then decide.",
            ),
            Self::InUse(why) => Problem::new(Code::Conflict, why.to_string()),
            Self::NotAllowed(why @ WhyNot::ClassCannotGrow) => Problem::new(Code::Invalid, why.to_string()),
            Self::NotAllowed(why) => Problem::new(Code::Conflict, why.to_string()),
            Self::Invalid(fields) => Problem::invalid(fields.clone()),
            Self::Differs { name, differences } => Problem::new(
                Code::Conflict,
                format!(
                    "You already have a volume named {name}, but {}. Choose another name, or ask for what is there.",
                    differences.join("; ")
                ),
            ),
            Self::OverQuota { exceeded: Exceeded { sentence, of: Of::Size }, .. } => Problem {
                fields: FieldErrors::one("size", format!("{sentence} Enter less, delete what is not needed, or ask an administrator.")),
                ..Problem::new(Code::Quota, "This is more than the quota leaves.")
            },
            Self::OverQuota { exceeded: Exceeded { sentence, of }, .. } => {
                let less = match of {
                    Of::Volumes => "Delete a volume that is not needed",
                    Of::Tasks => "Delete a task that is over, stop one that is not needed",
                    Of::Size | Of::Unknown => "Delete what is not needed",
                };
                Problem::new(Code::Quota, format!("{sentence} {less}, or ask an administrator."))
            }
            Self::BeyondLimit(beyond) => {
                let mut fields = FieldErrors::default();
                for Beyond { sentence, .. } in beyond.iter().filter(|beyond| beyond.kind == Kind::Size) {
                    fields.add("size", sentence);
                }
                let all = beyond.iter().map(|beyond| beyond.sentence.as_str()).collect::<Vec<_>>().join(" ");
                Problem { fields, ..Problem::new(Code::Quota, all) }
            }
            Self::Refused { message } => largest(message).or_else(|| of_one_pod(message)).unwrap_or_else(|| {
                Problem::new(
                    Code::Invalid,
                    format!(
                        "The rules of the cluster do not allow this: {}. Change it accordingly, or ask an administrator.",
                        sentence(message)
                    ),
                )
            }),
            Self::File(refused) => refused.problem(),
            Self::Forbidden => Problem::new(Code::Forbidden, "Only administrators may do this. Ask one of them."),
            Self::MissingRight(right) => Problem {
                for_admins: Some(Box::new(right.for_admins())),
                ..Problem::new(
                    Code::PortalMisconfigured,
                    "The portal lacks a right in the cluster, so it could not do this. It is not your fault; tell an administrator of this portal.",
                )
            },
            Self::Unreachable { since, .. } => Problem::new(
                Code::ClusterUnreachable,
                match since {
                    Some(since) => format!(
                        "The cluster cannot be reached since {}. The portal keeps trying; try again in a minute.",
                        domain::text::date(*since)
                    ),
                    None => "The cluster cannot be reached at the moment. The portal keeps trying; try again in a minute.".into(),
                },
            ),
            Self::Slow => Problem::new(
                Code::ClusterSlow,
                "The cluster did not answer in time. It may still carry this out: look at the list before you try again.",
            ),
            Self::Busy { retry_after: Some(seconds) } => {
                Problem::new(Code::RateLimited, format!("The cluster is busy. Try again in {seconds} s."))
            }
            Self::Busy { retry_after: None } => Problem::new(Code::RateLimited, "The cluster is busy. Try again in a few seconds."),
            Self::Unexpected { .. } => Problem::new(
                Code::Internal,
                "Something went wrong between the portal and the cluster. Try again; if it stays, tell an administrator.",
            ),
        }
    }
}

/// The most that one claim may ask for, if that is what the LimitRange refused
/// (kubernetes, plugin/pkg/admission/limitranger: "maximum storage usage per PersistentVolumeClaim is 100Gi, but request is ...").
fn largest(message: &str) -> Option<Problem> {
    let (_, rest) = message.split_once("maximum storage usage per PersistentVolumeClaim is ")?;
    let most = Size::from_kubernetes(rest.split(',').next()?)?.rounded();
    let sentence = format!("The largest volume here is {most}. Enter less, or ask an administrator.");
    Some(Problem { fields: FieldErrors::one("size", sentence), ..Problem::new(Code::Invalid, "This is larger than the cluster allows.") })
}

/// What one pod may ask for, if that is what the LimitRange refused.
fn of_one_pod(message: &str) -> Option<Problem> {
    let sentences = out_of_range(message);
    (!sentences.is_empty()).then(|| Problem::new(Code::Invalid, format!("{} Change it, or ask an administrator.", sentences.join(" "))))
}

/// The API server's words as part of a sentence of ours.
fn sentence(message: &str) -> &str {
    message.trim().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_several_claims_carry_is_said_to_whom_it_concerns() {
        let said = |for_admin| Error::Ambiguous { claims: vec!["a".into(), "b".into()], for_admin }.problem().message;
        assert!(said(false).starts_with("Several of your volumes carry this id (a, b)"));
        assert!(said(true).starts_with("Several claims carry this id (a, b)") && !said(true).contains("Ask an administrator"));
    }

    #[test]
    fn nobody_is_shown_what_the_cluster_said_to_the_portal_except_its_rules() {
        let hidden = [
            Error::MissingRight(Right { what: "delete pods SECRET".into(), command: Some("SECRET".into()) }),
            Error::unexpected("SECRET"),
            Error::Unreachable { since: None, source: Some(Box::new(kube::Error::LinesCodecMaxLineLengthExceeded)) },
        ];
        for error in hidden {
            let problem = error.problem();
            let sent = serde_json::to_string(&problem).unwrap();
            assert!(!sent.contains("SECRET") && !sent.contains("newline"), "{sent}");
        }
        let quota = |of| Error::OverQuota { exceeded: Exceeded { sentence: "10 are there.".into(), of }, said: "SECRET".into() };
        assert!(quota(Of::Size).to_string().contains("SECRET"), "the log keeps it");
        for (of, field) in [(Of::Size, Some("10 are there. Enter less")), (Of::Volumes, None)] {
            let problem = quota(of).problem();
            assert_eq!(problem.code, Code::Quota);
            assert_eq!(problem.fields.get("size").map(|sentence| sentence.starts_with(field.unwrap_or_default())), field.map(|_| true));
            assert!(!serde_json::to_string(&problem).unwrap().contains("SECRET"));
        }
        assert!(quota(Of::Tasks).problem().message.contains("Delete a task that is over"));
        assert!(quota(Of::Volumes).problem().message.starts_with("10 are there. Delete"));
    }

    #[test]
    fn administrators_read_which_right_is_missing_and_how_to_look() {
        let right = Right { what: "list pods".into(), command: Some("kubectl auth can-i list pods".into()) };
        let told = Error::MissingRight(right).problem().for_admins.unwrap();
        assert_eq!(told.sentence, "The portal's account may not list pods. Give it that right with a role.");
        assert_eq!(told.command.as_deref(), Some("kubectl auth can-i list pods"));
    }
}
