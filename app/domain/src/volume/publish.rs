//! May tasks write to a volume? Its owner can publish it as read-only, and take that back.
//!
//! A claim's access modes cannot change once it is made (kubernetes, pkg/apis/core/validation, `ValidatePersistentVolumeClaimUpdate`),
//! so this is a word of the portal: its tasks mount the volume for reading. What is made without the portal is not bound by it.

use super::Volume;
use serde::{Deserialize, Serialize};

/// The form that publishes a volume, or takes that back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PublishForm {
    /// `yes`: for reading only from now on. Anything else: for writing again.
    pub read_only: String,
    /// The uid of the volume that the person saw.
    pub uid: String,
}

impl PublishForm {
    pub fn is_read_only(&self) -> bool {
        self.read_only == "yes"
    }
}

/// The sentence for a task that insists on writing.
pub fn not_for_writing(name: &str) -> String {
    format!("{name} is published as read-only, and this asks to write to it. Leave read_only out, or let tasks write again on its page.")
}

impl Volume {
    /// How many pods work with it at this moment: they write on until they end, whatever is said now.
    pub fn working(&self) -> usize {
        self.used_by.iter().filter(|u| u.phase.is_use()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g0_62_only_a_plain_yes_publishes() {
        let form = |text: &str| PublishForm { read_only: text.into(), uid: String::new() };
        assert!(form("yes").is_read_only());
        assert!(["", "no", "Yes", "true", "yes "].into_iter().all(|text| !form(text).is_read_only()));
    }
}
