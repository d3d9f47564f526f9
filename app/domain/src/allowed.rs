//! May this be done now, and if not, why? The page disables with the same sentence that the server refuses with.

use crate::volume::Use;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why something may not be done now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyNot {
    InUse { by: Vec<String> },
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { by } => {
                let noun = if by.len() == 1 { "pod" } else { "pods" };
                write!(f, "It is mounted by {noun} {}. Stop what uses it, then delete it.", by.join(", "))
            }
        }
    }
}

/// A volume may be deleted when no pod works with it. Finished pods do not work with it.
pub fn may_delete(uses: &[Use]) -> Result<(), WhyNot> {
    let by: Vec<_> = uses.iter().filter(|u| u.phase.is_use()).map(|u| u.pod.clone()).collect();
    if by.is_empty() { Ok(()) } else { Err(WhyNot::InUse { by }) }
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
    }
}
