//! How was what is typed understood? The same words while typing and on the page of a form that was sent.

use super::VolumeForm;
use crate::{name::VolumeName, quantity::Size};

impl VolumeForm {
    /// How many characters the name has; nothing while there is none.
    pub fn name_count(&self) -> Option<String> {
        let length = self.name.chars().count();
        (length > 0).then(|| format!("{length} of {} characters.", VolumeName::LONGEST))
    }

    /// How the size was read, with a note where a decimal unit was taken for a binary one; nothing while it is no size.
    pub fn size_note(&self) -> String {
        match Size::typed(&self.size_text()) {
            Ok(size) if size.read_as_binary => format!("Read in binary units: {}. ", size.size.rounded()),
            Ok(size) => format!("{}. ", size.size.rounded()),
            Err(_) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_unit_is_read_as_binary_with_a_note() {
        let note = |size: &str, unit: &str| VolumeForm { size: size.into(), unit: unit.into(), ..VolumeForm::default() }.size_note();
        assert_eq!(note("10GB", "Gi"), "Read in binary units: 10 Gi. ");
        assert_eq!(note("500MB", "Gi"), "Read in binary units: 500 Mi. ");
        assert_eq!((note("10", "Gi").as_str(), note("10Gi", "").as_str(), note("ten", "Gi").as_str()), ("10 Gi. ", "10 Gi. ", ""));
    }

    #[test]
    fn the_characters_of_a_name_are_counted_also_when_they_are_too_many() {
        let count = |name: &str| VolumeForm { name: name.into(), ..VolumeForm::default() }.name_count();
        assert_eq!(
            (count(""), count("a").as_deref(), count("né").as_deref()),
            (None, Some("1 of 63 characters."), Some("2 of 63 characters."))
        );
        assert_eq!(count(&"x".repeat(70)).as_deref(), Some("70 of 63 characters."));
    }
}
