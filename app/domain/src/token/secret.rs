//! What does a token look like to whoever holds it? `stw_`, 256 random bits, and a checksum that tells typing errors from guesses.
//!
//! The prefix lets scanners of repositories find tokens that were committed by mistake.

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

const PREFIX: &str = "stw_";
const BODY: usize = 52;
const CHECK: usize = 6;

/// The whole text of a token. Shown to its person once; only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        let body = BASE32_NOPAD.encode(bytes).to_ascii_lowercase();
        Self(format!("{PREFIX}{body}{}", checksum(&body)))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// By this a token is known. No salt: nobody can guess 256 bits.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl FromStr for Secret {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let rest = text.strip_prefix(PREFIX).filter(|rest| rest.len() == BODY + CHECK && rest.is_ascii()).ok_or(())?;
        let (body, check) = rest.split_at(BODY);
        if checksum(body) == check { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

fn checksum(body: &str) -> String {
    let mut text = BASE32_NOPAD.encode(&Sha256::digest(body)).to_ascii_lowercase();
    text.truncate(CHECK);
    text
}

/// Never shown by accident.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(stw_…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_secret_reads_back_and_no_single_changed_letter_does(bytes: [u8; 32], place in 0usize..62, letter in "[a-z2-7]") {
            let secret = Secret::from_random(&bytes);
            prop_assert_eq!(secret.reveal().parse::<Secret>(), Ok(secret.clone()));
            let mut flipped = secret.reveal().to_owned();
            flipped.replace_range(place..=place, &letter);
            if flipped != secret.reveal() {
                prop_assert!(flipped.parse::<Secret>().is_err());
            }
        }

        #[test]
        fn nothing_else_is_a_secret(text in "\\PC{0,80}") {
            prop_assert!(text.parse::<Secret>().is_err());
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::from_random(&[7; 32])), "Secret(stw_…)");
    }
}
