//! Which task was it that a person saw when they stopped or deleted it?

use serde::{Deserialize, Serialize};

/// A form of one button. Exactly the task with this uid is meant, not one that has its name by now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeenForm {
    pub uid: String,
}
