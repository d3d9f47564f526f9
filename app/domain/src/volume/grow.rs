//! To which size may a volume grow? Only upwards; what has not grown yet may still be lowered, but never to what it has.

use super::Volume;
use crate::{problem::FieldErrors, quantity::Size};
use serde::{Deserialize, Serialize};

/// The form for a larger size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExpandForm {
    /// A number, or a number with a unit.
    pub size: String,
    /// Used when `size` is a bare number.
    pub unit: String,
    /// The uid of the volume that the person saw.
    pub uid: String,
}

impl ExpandForm {
    pub fn check(&self) -> Result<Size, FieldErrors> {
        let is_bare = !self.size.is_empty() && self.size.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let text = if is_bare { format!("{}{}", self.size, self.unit) } else { self.size.clone() };
        Size::typed(&text).map(|typed| typed.size).map_err(|error| FieldErrors::one("size", error.to_string()))
    }
}

/// What to ask for so that the volume has this size; `None` if that is asked for already. `Err` holds the sentence for the field.
///
/// Kubernetes takes a lower request as long as it stays above the capacity, so that a growth that failed can be given up for a
/// smaller one (kubernetes, pkg/apis/core/validation, `ValidatePersistentVolumeClaimUpdate`).
pub fn growth(volume: &Volume, wanted: Size) -> Result<Option<Size>, String> {
    let (has, asked) = (volume.size(), volume.requested);
    if wanted == asked || (asked <= has && wanted == has) {
        return Ok(None);
    }
    if wanted > has {
        return Ok(Some(wanted));
    }
    Err(if wanted == has {
        format!("It has {has} already, and its growth to {asked} cannot be taken back. Enter a size between the two, or more.")
    } else {
        format!("It has {has} and can only grow: volumes never shrink. Enter more than {has}.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::sample;

    fn gi(number: u64) -> Size {
        Size::from_bytes(number << 30)
    }

    #[test]
    fn c3_064_only_larger_is_growth_equal_is_nothing_and_smaller_is_refused() {
        let volume = sample("data");
        assert_eq!(growth(&volume, gi(11)), Ok(Some(gi(11))));
        assert_eq!(growth(&volume, gi(10)), Ok(None));
        assert!(growth(&volume, gi(9)).unwrap_err().contains("It has 10Gi and can only grow"));
    }

    #[test]
    fn a_growth_that_has_not_happened_may_be_lowered_but_never_to_what_is_there() {
        let volume = Volume { requested: gi(100), ..sample("data") };
        assert_eq!(growth(&volume, gi(100)), Ok(None));
        assert_eq!(growth(&volume, gi(20)), Ok(Some(gi(20))));
        assert_eq!(growth(&volume, gi(200)), Ok(Some(gi(200))));
        for low in [10, 9] {
            assert!(growth(&volume, gi(low)).is_err(), "{low}");
        }
    }

    #[test]
    fn more_than_was_asked_for_is_no_reason_to_ask_again() {
        let volume = Volume { requested: gi(8), ..sample("data") };
        assert_eq!(growth(&volume, gi(10)), Ok(None));
        assert_eq!(growth(&volume, gi(8)), Ok(None));
        assert!(growth(&volume, gi(9)).is_err());
    }

    #[test]
    fn a_size_is_read_as_in_the_form_for_a_new_volume() {
        let form = |size: &str, unit: &str| ExpandForm { size: size.into(), unit: unit.into(), uid: String::new() };
        assert_eq!(form("20", "Gi").check(), Ok(gi(20)));
        assert_eq!(form("20Gi", "Ti").check(), Ok(gi(20)));
        for bad in ["", "-1", "x", "1e3", "0"] {
            assert!(form(bad, "Gi").check().unwrap_err().get("size").is_some(), "{bad}");
        }
    }
}
