//! Which of a person's volumes does a word in a task file mean? Never anybody else's: those are not looked at.

use crate::{near::near, volume::Volume};

/// How a word was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Name,
    Claim,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved<'a> {
    pub volume: &'a Volume,
    pub step: Step,
}

impl Resolved<'_> {
    pub fn in_words(&self) -> String {
        match self.step {
            Step::Name => format!("resolved by name to PVC {}", self.volume.claim),
            Step::Claim => format!("taken as PVC name {}", self.volume.claim),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// With the own names that are near it.
    Missing { near: Vec<String> },
    /// Volumes of before, or made by other means: the portal gives no name twice.
    Several { claims: Vec<String> },
}

/// By the name first, as unique as the portal keeps it (whatever the case of its letters); then by the claim's own name.
/// `own` is what the person provably owns.
pub fn resolve<'a>(typed: &str, own: &'a [Volume]) -> Result<Resolved<'a>, Unresolved> {
    let named: Vec<&Volume> = own.iter().filter(|volume| volume.name.eq_ignore_ascii_case(typed)).collect();
    match named.as_slice() {
        [volume] => return Ok(Resolved { volume, step: Step::Name }),
        [] => {}
        several => return Err(Unresolved::Several { claims: several.iter().map(|volume| volume.claim.clone()).collect() }),
    }
    if let Some(volume) = own.iter().find(|volume| volume.claim == typed) {
        return Ok(Resolved { volume, step: Step::Claim });
    }
    let near = near(typed, own.iter().filter(|volume| volume.trash.is_none()).map(|volume| volume.name.as_str()))
        .into_iter()
        .map(str::to_owned)
        .collect();
    Err(Unresolved::Missing { near })
}

impl Unresolved {
    /// The sentence for whoever typed it. Another person's volume is as absent as one that never was.
    pub fn in_words(&self, typed: &str) -> String {
        match self {
            Self::Missing { near } if near.is_empty() => {
                format!(
                    "You have no volume and no claim named {typed}. The page of volumes lists what you have; other people's cannot be used."
                )
            }
            Self::Missing { near } => format!("You have no volume and no claim named {typed}. Did you mean {}?", near.join(" or ")),
            Self::Several { claims } => {
                format!("Several of your volumes are named {typed}. Write the claim's name instead: {}.", claims.join(" or "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::sample;

    fn own() -> Vec<Volume> {
        vec![sample("train-images"), sample("Results"), Volume { name: "odd".into(), claim: "train-images-old".into(), ..sample("odd") }]
    }

    #[test]
    fn g0_32_a_name_is_looked_for_first_whatever_the_case_of_its_letters() {
        let own = own();
        for (typed, claim) in
            [("train-images", "train-images-abcdefgh"), ("TRAIN-images", "train-images-abcdefgh"), ("results", "Results-abcdefgh")]
        {
            let resolved = resolve(typed, &own).unwrap();
            assert_eq!((resolved.volume.claim.as_str(), resolved.step), (claim, Step::Name), "{typed}");
        }
        assert_eq!(resolve("results", &own).unwrap().in_words(), "resolved by name to PVC Results-abcdefgh");
    }

    #[test]
    fn c3_059_a_claim_of_ones_own_is_found_by_its_name() {
        let own = own();
        let resolved = resolve("train-images-old", &own).unwrap();
        assert_eq!((resolved.volume.name.as_str(), resolved.step), ("odd", Step::Claim));
        assert_eq!(resolved.in_words(), "taken as PVC name train-images-old");
        assert!(resolve("TRAIN-IMAGES-OLD", &own).is_err(), "claims have one spelling");
    }

    #[test]
    fn g0_33_a_name_outweighs_a_claim_that_is_called_the_same() {
        let own = [sample("a"), Volume { claim: "a".into(), ..sample("b") }];
        assert_eq!(resolve("a", &own).unwrap().volume.name, "a");
    }

    #[test]
    fn c3_058_what_is_not_ones_own_is_as_absent_as_what_never_was() {
        let own = own();
        let anothers = resolve("bobs-data-zzzzzzzz", &own).unwrap_err();
        assert_eq!(anothers, Unresolved::Missing { near: vec![] });
        let never = resolve("bobs-data-yyyyyyyy", &own).unwrap_err();
        assert_eq!(anothers.in_words("x"), never.in_words("x"));
        assert!(resolve("", &own).is_err() && resolve("train-images", &[]).is_err());
    }

    #[test]
    fn g0_77_a_slip_is_told_with_the_names_that_are_near() {
        let told = resolve("train-imges", &own()).unwrap_err().in_words("train-imges");
        assert_eq!(told, "You have no volume and no claim named train-imges. Did you mean train-images?");
    }

    #[test]
    fn g0_36_two_of_one_name_are_told_with_both_claims_and_can_be_named_by_them() {
        let own = [sample("data"), Volume { claim: "data-2".into(), ..sample("DATA") }];
        let clash = resolve("data", &own).unwrap_err();
        assert_eq!(
            clash.in_words("data"),
            "Several of your volumes are named data. Write the claim's name instead: data-abcdefgh or data-2."
        );
        assert_eq!(resolve("data-2", &own).unwrap().step, Step::Claim);
    }
}
