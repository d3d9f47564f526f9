//! Which of a person's volumes has this name, and if none has, which was meant?

use super::{Volume, taken, taken_in_trash};
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

/// The sentence for a name that one of these volumes has, and what to do about it.
pub fn taken_by(name: &str, own: &[Volume]) -> Option<String> {
    let holder = own.iter().find(|volume| volume.name.eq_ignore_ascii_case(name))?;
    let known = &holder.name;
    match holder.trash {
        _ if holder.status.is_deleting() => {
            Some(format!("{known} is being deleted and has its name until it is gone. Wait a moment, or choose another name."))
        }
        Some(trash) => Some(taken_in_trash(known, trash)),
        None => taken(name, [known.as_str()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cause::tests::deleting,
        volume::{Trash, sample},
    };

    #[test]
    fn a_volume_is_found_by_its_name_whatever_the_case_and_the_exact_one_first() {
        let own = [sample("Train"), sample("train"), sample("logs")];
        assert_eq!(named("train", &own).unwrap().name, "train");
        assert_eq!(named("TRAIN", &own).unwrap().name, "Train");
    }

    #[test]
    fn a_name_is_taken_also_by_what_is_in_the_trash_or_on_its_way_out() {
        let own =
            [sample("Data"), Volume { trash: Some(Trash::Until(0)), ..sample("old") }, Volume { status: deleting(), ..sample("leaving") }];
        assert!(taken_by("data", &own).unwrap().starts_with("You already have a volume named Data."));
        assert!(taken_by("OLD", &own).unwrap().starts_with("old is in the trash until"));
        assert!(taken_by("leaving", &own).unwrap().starts_with("leaving is being deleted"));
        assert_eq!(taken_by("new", &own), None);
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
