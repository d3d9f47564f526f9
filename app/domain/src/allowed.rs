//! May this be done now, and if not, why? The page disables with the same sentence that the server refuses with.

use crate::{
    status::Status,
    volume::{Use, Volume},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why something may not be done now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyNot {
    InUse { by: Vec<String> },
    DeletedAlready,
}

/// At most this many pods are named in a sentence.
const NAMED: usize = 3;

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { by } => {
                let noun = if by.len() == 1 { "pod" } else { "pods" };
                let named = by.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
                let more = by.len().saturating_sub(NAMED);
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                write!(f, "It is mounted by {noun} {named}{more}. Stop what uses it, then delete it.")
            }
            Self::DeletedAlready => f.write_str("It is being deleted already; it goes when nothing holds it any more."),
        }
    }
}

/// A volume may be deleted when no pod works with it. Finished pods do not work with it.
pub fn may_delete(uses: &[Use]) -> Result<(), WhyNot> {
    let by: Vec<_> = uses.iter().filter(|u| u.phase.is_use()).map(|u| u.pod.clone()).collect();
    if by.is_empty() { Ok(()) } else { Err(WhyNot::InUse { by }) }
}

/// Whether the page offers to delete this volume. The server asks [`may_delete`] of the pods at that moment.
pub fn offers_delete(volume: &Volume) -> Result<(), WhyNot> {
    match volume.status {
        Status::Deleting { .. } => Err(WhyNot::DeletedAlready),
        Status::Ready
        | Status::WaitsForFirstUse
        | Status::BeingProvisioned { .. }
        | Status::ProvisionerSilent { .. }
        | Status::CannotBeCreated { .. }
        | Status::Lost
        | Status::Unknown { .. } => may_delete(&volume.used_by),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::UsePhase;

    #[test]
    fn only_pods_that_work_with_it_forbid_deletion_and_all_are_named() {
        let pod = |name: &str, phase| Use { pod: name.into(), task: None, node: None, phase, since: 0 };
        assert_eq!(may_delete(&[pod("done", UsePhase::Finished)]), Ok(()));
        let refused = may_delete(&[pod("a", UsePhase::Running), pod("b", UsePhase::Waiting), pod("done", UsePhase::Finished)]);
        assert_eq!(refused.unwrap_err().to_string(), "It is mounted by pods a, b. Stop what uses it, then delete it.");
        let many: Vec<_> = (0..5).map(|n| pod(&format!("p{n}"), UsePhase::Running)).collect();
        assert!(may_delete(&many).unwrap_err().to_string().contains("p0, p1, p2 and 2 more."));
    }
}
