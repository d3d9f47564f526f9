//! What may a Secret be called, and what is it called in the cluster?

#[cfg(feature = "owner")]
use super::ObjectName;
use super::{NameError, RESERVED};
#[cfg(feature = "owner")]
use crate::owner::OwnerKey;
use serde::{Deserialize, Serialize};
use std::fmt;

const SECRET_MAX: usize = 40;

text_type! {
    /// What a person calls a Secret: small letters, digits and `-`, a letter first, at most 40 characters.
    SecretName
}

impl SecretName {
    /// Characters.
    pub const LONGEST: usize = SECRET_MAX;

    fn check(text: &str) -> Result<(), NameError> {
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if text.is_empty() {
            Err(NameError::Empty)
        } else if !plain || text.len() > SECRET_MAX || !text.starts_with(|c: char| c.is_ascii_lowercase()) || text.ends_with('-') {
            Err(NameError::Secret)
        } else if RESERVED.contains(&text) {
            Err(NameError::Reserved)
        } else {
            Ok(())
        }
    }
}

#[cfg(feature = "owner")]
impl ObjectName {
    /// `s-{owner key}-{name}`: whose it is follows from it, as the admission policies ask, and one person has each name once.
    pub fn of_secret(owner: &OwnerKey, name: &SecretName) -> Self {
        Self(format!("s-{owner}-{name}"))
    }
}

/// What a person calls the Secret of this name in the cluster, if it can be one.
pub fn secret_called(object: &str) -> Option<SecretName> {
    // `o1-` and 52 characters (`owner::OwnerKey`).
    let name = object.strip_prefix("s-o1-")?.get(52..)?.strip_prefix('-')?;
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_fit_into_addresses_and_into_the_cluster() {
        let longest = "a".repeat(SECRET_MAX);
        let owner = format!("o1-{}", "a".repeat(52));
        for good in ["a", "s3", "hugging-face", &longest] {
            assert!(good.parse::<SecretName>().is_ok(), "{good}");
        }
        for bad in ["", "S3", "3s", "a b", "a_b", "a-", "-a", "a/b", "a.b", "new", "create", "é", &"a".repeat(SECRET_MAX + 1)] {
            assert!(bad.parse::<SecretName>().is_err(), "{bad}");
        }
        for odd in ["", "s-o1-x", "stowage", &format!("s-{owner}"), &format!("s-{owner}-"), &format!("s-{owner}-New")] {
            assert_eq!(secret_called(odd), None, "{odd}");
        }
    }

    #[cfg(feature = "owner")]
    #[test]
    fn what_a_secret_is_called_in_the_cluster_says_whose_it_is_and_what_they_call_it() {
        let key = |subject| OwnerKey::of(&crate::owner::Principal::new("https://id", subject).unwrap());
        let name: SecretName = "a".repeat(SECRET_MAX).parse().unwrap();
        let (alices, bobs) = (ObjectName::of_secret(&key("alice"), &name), ObjectName::of_secret(&key("bob"), &name));
        assert_ne!(alices, bobs);
        assert_eq!((ObjectName::check(alices.as_str()), secret_called(alices.as_str())), (Ok(()), Some(name)));
    }
}
