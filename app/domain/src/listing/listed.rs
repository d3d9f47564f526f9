//! What does a list know of a volume, to narrow itself, to count and to be in order?

use crate::{
    access::AccessMode, cause::CauseId, label::Labels, quantity::Size, usage::Fullness, volume::Kind, volume::Use, volume::Volume,
};
use std::borrow::Cow;

/// A volume, or what one can be made of. Of ten thousand a page shows a hundred: only these are made whole ([`super::arrange`]).
pub trait Listed {
    fn id(&self) -> Cow<'_, str>;
    fn name(&self) -> &str;
    fn claim(&self) -> &str;
    fn uid(&self) -> &str;
    /// The readable label of whoever owns it; empty where nobody does.
    fn username(&self) -> &str;
    fn status(&self) -> CauseId;
    fn phase(&self) -> &str;
    fn size(&self) -> Size;
    fn fullness(&self) -> Fullness;
    fn class(&self) -> Option<&str>;
    fn kind(&self) -> Kind;
    fn modes(&self) -> &[AccessMode];
    /// What uses it, as people know it.
    fn users(&self) -> Vec<&str>;
    /// Seconds since 1970.
    fn created(&self) -> i64;
    fn description(&self) -> Option<Cow<'_, str>>;
    fn mount_path(&self) -> Cow<'_, str>;
    fn labels(&self) -> &Labels;

    fn is_used(&self) -> bool {
        !self.users().is_empty()
    }
}

impl Listed for Volume {
    fn id(&self) -> Cow<'_, str> {
        self.id.as_str().into()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn claim(&self) -> &str {
        &self.claim
    }

    fn uid(&self) -> &str {
        &self.uid
    }

    fn username(&self) -> &str {
        &self.username
    }

    fn status(&self) -> CauseId {
        self.status.id()
    }

    fn phase(&self) -> &str {
        self.status.phase()
    }

    fn size(&self) -> Size {
        self.size()
    }

    fn fullness(&self) -> Fullness {
        self.fullness
    }

    fn class(&self) -> Option<&str> {
        self.class.as_deref()
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn modes(&self) -> &[AccessMode] {
        &self.modes
    }

    fn users(&self) -> Vec<&str> {
        self.used_by.iter().filter(|u| u.phase.is_use()).map(Use::label).collect()
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn description(&self) -> Option<Cow<'_, str>> {
        self.description.as_deref().map(Cow::Borrowed)
    }

    fn mount_path(&self) -> Cow<'_, str> {
        self.mount_path.as_str().into()
    }

    fn labels(&self) -> &Labels {
        &self.labels
    }
}
