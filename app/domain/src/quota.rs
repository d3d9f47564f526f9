//! What is left for one more volume, and for one more task? From the quotas of the namespace; who uses the rest is nobody's business.

mod exceeded;
mod range;
mod tasks;
mod words;

pub use exceeded::{Exceeded, Of};
pub use range::out_of_range;
pub use tasks::{Room, TaskQuota};

use crate::quantity::Size;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One line of a `ResourceQuota`: what is allowed in all, and what is in use. Bytes, or a number of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// As the quota calls it, such as `requests.storage`.
    pub resource: String,
    pub hard: u64,
    pub used: u64,
}

/// How much more may be asked for; `None` where nothing limits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub size: Option<Size>,
    pub volumes: Option<u64>,
}

impl Left {
    /// `None` if nothing limits it.
    pub fn in_words(self) -> Option<String> {
        let volumes = |n: u64| if n == 1 { "1 volume".to_owned() } else { format!("{n} volumes") };
        match (self.size, self.volumes) {
            (None, None) => None,
            (Some(size), None) => Some(format!("{} left", size.rounded())),
            (None, Some(n)) => Some(format!("{} left", volumes(n))),
            (Some(size), Some(n)) => Some(format!("{} and {} left", size.rounded(), volumes(n))),
        }
    }
}

/// What is left, for all classes together and for those with limits of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaLeft {
    all: Left,
    classes: BTreeMap<String, Left>,
}

/// kubernetes, pkg/quota/v1/evaluator/core/persistent_volume_claims.go
const OF_CLASS: &str = ".storageclass.storage.k8s.io/";
const SIZE: &str = "requests.storage";
const VOLUMES: [&str; 2] = ["persistentvolumeclaims", "count/persistentvolumeclaims"];

impl QuotaLeft {
    /// `None` when no quota concerns volumes. Of several limits the tightest counts, as for the API server.
    pub fn of(limits: impl IntoIterator<Item = Limit>) -> Option<Self> {
        let mut found = Self::default();
        for Limit { resource, hard, used } in limits {
            let rest = hard.saturating_sub(used);
            match resource.split_once(OF_CLASS) {
                None => found.all.tighten(&resource, rest),
                Some((class, resource)) => found.classes.entry(class.to_owned()).or_default().tighten(resource, rest),
            }
        }
        found.classes.retain(|_, left| *left != Left::default());
        (found != Self::default()).then_some(found)
    }

    /// What one more volume of this class may have.
    pub fn for_class(&self, class: &str) -> Left {
        let own = self.classes.get(class).copied().unwrap_or_default();
        Left { size: least(self.all.size, own.size), volumes: least(self.all.volumes, own.volumes) }
    }

    /// What one more volume may have, whatever its class.
    pub fn for_all(&self) -> Left {
        self.all
    }

    /// Why one more volume of this class and size would be refused, if it would.
    pub fn refuses(&self, class: &str, size: Size) -> Option<String> {
        let left = self.for_class(class);
        if left.volumes == Some(0) {
            return Some(format!(
                "No more volumes of class {class} are allowed at the moment. Delete one that is not needed, or ask an administrator."
            ));
        }
        let rest = left.size.filter(|rest| *rest < size)?;
        Some(if rest.bytes() == 0 {
            format!("The quota for class {class} is used up. Delete what is not needed, or ask an administrator.")
        } else {
            format!(
                "The quota leaves {} for class {class}. Enter less, delete what is not needed, or ask an administrator.",
                rest.rounded()
            )
        })
    }
}

impl Left {
    fn tighten(&mut self, resource: &str, rest: u64) {
        if resource == SIZE {
            self.size = least(self.size, Some(Size::from_bytes(rest)));
        } else if VOLUMES.contains(&resource) {
            self.volumes = least(self.volumes, Some(rest));
        }
    }
}

fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GI: u64 = 1 << 30;

    fn limit(resource: &str, hard: u64, used: u64) -> Limit {
        Limit { resource: resource.into(), hard, used }
    }

    fn quota() -> QuotaLeft {
        QuotaLeft::of([
            limit("requests.storage", 200 * GI, 150 * GI),
            limit("persistentvolumeclaims", 100, 95),
            limit("gold.storageclass.storage.k8s.io/requests.storage", 20 * GI, 15 * GI),
            limit("gold.storageclass.storage.k8s.io/persistentvolumeclaims", 2, 2),
            limit("pods", 50, 50),
        ])
        .unwrap()
    }

    #[test]
    fn of_the_limits_for_all_and_for_a_class_the_tighter_counts() {
        assert_eq!(quota().for_class("standard"), Left { size: Some(Size::from_bytes(50 * GI)), volumes: Some(5) });
        assert_eq!(quota().for_class("gold"), Left { size: Some(Size::from_bytes(5 * GI)), volumes: Some(0) });
        let two =
            QuotaLeft::of([limit("requests.storage", 9, 4), limit("requests.storage", 7, 4), limit("count/persistentvolumeclaims", 3, 1)]);
        assert_eq!(two.unwrap().for_class("x"), Left { size: Some(Size::from_bytes(3)), volumes: Some(2) });
    }

    #[test]
    fn what_limits_no_volume_is_no_quota_and_overuse_leaves_nothing() {
        assert_eq!(QuotaLeft::of([limit("pods", 5, 0), limit("gold.storageclass.storage.k8s.io/other", 1, 0)]), None);
        let over = QuotaLeft::of([limit("requests.storage", 5, 9)]).unwrap();
        assert_eq!(over.for_class("x").size, Some(Size::from_bytes(0)));
    }

    #[test]
    fn a_wish_is_refused_with_what_is_left() {
        assert_eq!(quota().refuses("standard", Size::from_bytes(50 * GI)), None);
        assert!(quota().refuses("standard", Size::from_bytes(51 * GI)).unwrap().contains("leaves 50 Gi for class standard"));
        assert!(quota().refuses("gold", Size::from_bytes(1)).unwrap().starts_with("No more volumes of class gold"));
        let none = QuotaLeft::of([limit("requests.storage", 1, 1)]).unwrap();
        assert!(none.refuses("x", Size::from_bytes(1)).unwrap().contains("used up"));
    }

    #[test]
    fn what_is_left_is_said_in_words() {
        let left = |size: Option<u64>, volumes| Left { size: size.map(Size::from_bytes), volumes }.in_words();
        assert_eq!(left(None, None), None);
        assert_eq!(left(Some(3 << 30), Some(1)).unwrap(), "3 Gi and 1 volume left");
        assert_eq!((left(Some(0), None).unwrap(), left(None, Some(2)).unwrap()), ("0 bytes left".to_owned(), "2 volumes left".to_owned()));
    }
}
