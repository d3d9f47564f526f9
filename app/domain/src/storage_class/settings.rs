//! What do the administrators say about a class? Everything here is optional; a class that nobody speaks of is offered as it is.

use super::StorageClass;
use crate::{access::AccessMode, name::ObjectName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One class as the configuration describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClassSettings {
    /// What people know it by.
    pub title: Option<String>,
    /// Outweighs the class's own.
    pub description: Option<String>,
    /// Nobody may choose it any more. Volumes that have it keep it.
    pub hidden: bool,
    /// Why it should no longer be chosen; it still can be.
    pub deprecated: Option<String>,
    /// The modes that it can do, and no others.
    pub modes: Option<Vec<AccessMode>>,
    /// Whoever is in one of these may choose it; empty: everybody.
    pub groups: Vec<String>,
}

/// What is said about which class.
pub type Classes = BTreeMap<ObjectName, ClassSettings>;

impl StorageClass {
    /// Whether a person in these groups may choose it. To everybody else it is as absent as a class that never was.
    pub fn is_offered_to(&self, groups: &[String]) -> bool {
        let ClassSettings { hidden, groups: allowed, .. } = &self.settings;
        !hidden && (allowed.is_empty() || allowed.iter().any(|group| groups.contains(group)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage_class::{Binding, Reclaim};

    #[test]
    fn a_class_is_offered_to_everybody_unless_it_is_hidden_or_for_groups_that_a_person_is_not_in() {
        let class = |hidden, groups: &[&str]| StorageClass {
            name: "c".parse().unwrap(),
            provisioner: "p".into(),
            default: true,
            binding: Binding::Immediate,
            reclaim: Reclaim::Delete,
            expandable: false,
            description: None,
            proven: vec![],
            settings: ClassSettings { hidden, groups: groups.iter().map(ToString::to_string).collect(), ..ClassSettings::default() },
        };
        let mine = ["ml".to_owned(), "all".to_owned()];
        for (hidden, groups, offered) in [
            (false, &[][..], true),
            (false, &["ml"], true),
            (false, &["ML"], false),
            (false, &["bio"], false),
            (true, &[], false),
            (true, &["ml"], false),
        ] {
            assert_eq!(class(hidden, groups).is_offered_to(&mine), offered, "{hidden} {groups:?}");
        }
        assert!(!class(false, &["ml"]).is_offered_to(&[]));
    }
}
