//! Which of a person's volumes has this name, and if none has, which was meant?

use super::Volume;
use crate::{name::VolumeName, near::near, text::is_invisible};

/// Names differ by more than the case of their letters. The error is a sentence: only one's own names are near.
pub fn named<'a>(name: &str, own: &'a [Volume]) -> Result<&'a Volume, String> {
    if let Some(found) =
        own.iter().find(|volume| volume.name == name).or_else(|| own.iter().find(|volume| volume.name.eq_ignore_ascii_case(name)))
    {
        return Ok(found);
    }
    let shown: String = name.chars().filter(|c| !is_invisible(*c)).take(VolumeName::LONGEST).collect();
    let near = near(name, own.iter().map(|volume| volume.name.as_str()));
    let nearly = if near.is_empty() { String::new() } else { format!(" Nearly: {}.", near.join(", ")) };
    Err(format!("You have no volume named {shown}.{nearly} The list has what is there; POST /api/volumes/create makes one."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::sample;

    #[test]
    fn a_volume_is_found_by_its_name_whatever_the_case_and_the_exact_one_first() {
        let own = [sample("Train"), sample("train"), sample("logs")];
        assert_eq!(named("train", &own).unwrap().name, "train");
        assert_eq!(named("TRAIN", &own).unwrap().name, "Train");
    }

    #[test]
    fn a_name_that_is_not_there_comes_with_those_that_are_nearly_so() {
        let own = [sample("checkpoints"), sample("logs")];
        assert!(named("chekpoints", &own).unwrap_err().starts_with("You have no volume named chekpoints. Nearly: checkpoints. "));
        let sentence = named("a\u{202e}b", &own).unwrap_err();
        assert!(sentence.starts_with("You have no volume named ab. The list"), "{sentence}");
        assert!(named(&"x".repeat(100_000), &own).unwrap_err().len() < 300);
    }
}
