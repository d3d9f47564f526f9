//! Which acts are written down, and how are they told?

use crate::problem::Code;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The issuer under which is written down what the portal did by itself. Providers' issuers are addresses, so none is called so.
pub const PORTAL: &str = "stowage.dev";

/// What was done, or tried. The text is what is stored, so it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    CreateVolume,
    GrowVolume,
    EditVolume,
    /// The finished pods that hold it.
    CleanUpVolume,
    DeleteVolume,
    /// A deletion that can be undone.
    TrashVolume,
    RestoreVolume,
    /// As read-only.
    OpenFiles,
    PublishVolume,
    UnpublishVolume,
    AdoptVolume,
    TransferVolume,
    SubmitTask,
    /// One that was made only in part.
    ResumeTask,
    StopTask,
    DeleteTask,
    CreateSecret,
    /// New values.
    ReplaceSecret,
    DeleteSecret,
    /// In a running task.
    OpenShell,
    EndShell,
    CreateToken,
    RevokeToken,
}

impl Verb {
    pub const ALL: [Self; 23] = [
        Self::CreateVolume,
        Self::GrowVolume,
        Self::EditVolume,
        Self::CleanUpVolume,
        Self::DeleteVolume,
        Self::TrashVolume,
        Self::RestoreVolume,
        Self::OpenFiles,
        Self::PublishVolume,
        Self::UnpublishVolume,
        Self::AdoptVolume,
        Self::TransferVolume,
        Self::SubmitTask,
        Self::ResumeTask,
        Self::StopTask,
        Self::DeleteTask,
        Self::CreateSecret,
        Self::ReplaceSecret,
        Self::DeleteSecret,
        Self::OpenShell,
        Self::EndShell,
        Self::CreateToken,
        Self::RevokeToken,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateVolume => "volume.create",
            Self::GrowVolume => "volume.grow",
            Self::EditVolume => "volume.edit",
            Self::CleanUpVolume => "volume.clean_up",
            Self::DeleteVolume => "volume.delete",
            Self::TrashVolume => "volume.trash",
            Self::RestoreVolume => "volume.restore",
            Self::OpenFiles => "volume.open_files",
            Self::PublishVolume => "volume.publish",
            Self::UnpublishVolume => "volume.unpublish",
            Self::AdoptVolume => "volume.adopt",
            Self::TransferVolume => "volume.transfer",
            Self::SubmitTask => "task.submit",
            Self::ResumeTask => "task.resume",
            Self::StopTask => "task.stop",
            Self::DeleteTask => "task.delete",
            Self::CreateSecret => "secret.create",
            Self::ReplaceSecret => "secret.replace",
            Self::DeleteSecret => "secret.delete",
            Self::OpenShell => "shell.open",
            Self::EndShell => "shell.end",
            Self::CreateToken => "token.create",
            Self::RevokeToken => "token.revoke",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::CreateVolume => "Create volume",
            Self::GrowVolume => "Grow volume",
            Self::EditVolume => "Edit volume",
            Self::CleanUpVolume => "Remove finished pods",
            Self::DeleteVolume => "Delete volume",
            Self::TrashVolume => "Move volume to the trash",
            Self::RestoreVolume => "Restore volume",
            Self::OpenFiles => "Look into volume",
            Self::PublishVolume => "Publish volume as read-only",
            Self::UnpublishVolume => "Let tasks write to volume",
            Self::AdoptVolume => "Adopt volume",
            Self::TransferVolume => "Transfer volume",
            Self::SubmitTask => "Submit task",
            Self::ResumeTask => "Resume task",
            Self::StopTask => "Stop task",
            Self::DeleteTask => "Delete task",
            Self::CreateSecret => "Create Secret",
            Self::ReplaceSecret => "Replace values of Secret",
            Self::DeleteSecret => "Delete Secret",
            Self::OpenShell => "Open shell",
            Self::EndShell => "End shell",
            Self::CreateToken => "Create token",
            Self::RevokeToken => "Revoke token",
        }
    }
}

impl Verb {
    /// What was done to a thing, for its owner who did not do it.
    pub fn happened(self) -> &'static str {
        match self {
            Self::CreateVolume | Self::CreateSecret | Self::CreateToken => "made",
            Self::GrowVolume => "grown",
            Self::EditVolume => "edited",
            Self::CleanUpVolume => "finished pods removed",
            Self::DeleteVolume => "deletion asked for",
            Self::TrashVolume => "moved to the trash",
            Self::RestoreVolume => "restored from the trash",
            Self::OpenFiles => "looked into",
            Self::PublishVolume => "published as read-only",
            Self::UnpublishVolume => "opened for writing",
            Self::AdoptVolume => "given to you",
            Self::TransferVolume => "transferred to you",
            Self::RevokeToken => "revoked",
            Self::SubmitTask => "submitted",
            Self::ResumeTask => "resumed",
            Self::StopTask => "stopped",
            Self::ReplaceSecret => "values replaced",
            Self::DeleteTask | Self::DeleteSecret => "deleted",
            Self::OpenShell => "a shell opened in it",
            Self::EndShell => "its shell ended",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Verb {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|verb| verb.as_str() == text).ok_or(())
    }
}

/// Whether a refusal is written down. What could not be read, or says what it cannot mean, was no act on anything. To name what is
/// not there, or not one's own, was one.
pub fn is_telling(code: Code) -> bool {
    match code {
        Code::Conflict
        | Code::Quota
        | Code::Forbidden
        | Code::NotFound
        | Code::RateLimited
        | Code::ClusterUnreachable
        | Code::ClusterSlow
        | Code::PortalMisconfigured
        | Code::SessionStoreUnavailable
        | Code::ProviderUnavailable
        | Code::Internal => true,
        Code::Malformed
        | Code::Unauthenticated
        | Code::CrossSite
        | Code::MethodNotAllowed
        | Code::TooLarge
        | Code::UnsupportedMediaType
        | Code::Invalid => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_reads_back() {
        for verb in Verb::ALL {
            assert_eq!(verb.as_str().parse(), Ok(verb));
        }
        assert_eq!("volume".parse::<Verb>(), Err(()));
    }
}
