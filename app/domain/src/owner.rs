//! Who is this person, towards the cluster? The owner key is the only thing that authorization looks at.

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};
use thiserror::Error;

/// Keeps owner keys apart from every other use of the same hash.
const DOMAIN_TAG: &str = "stowage.dev/owner/1";
const PREFIX: &str = "o1-";

/// A person as the identity provider vouches for them: issuer and subject of a verified id token, byte for byte.
/// No trimming, no case folding: two that differ in one byte are two people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    issuer: String,
    subject: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PrincipalError {
    #[error("the subject must be 1 to 255 printable ASCII characters (OpenID Connect Core, section 2)")]
    Subject,
    #[error("the issuer is empty")]
    Issuer,
}

impl Principal {
    pub fn new(issuer: &str, subject: &str) -> Result<Self, PrincipalError> {
        if issuer.is_empty() {
            return Err(PrincipalError::Issuer);
        }
        if subject.is_empty() || subject.len() > 255 || !subject.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(PrincipalError::Subject);
        }
        Ok(Self { issuer: issuer.to_owned(), subject: subject.to_owned() })
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// `o1-` and 52 characters: base32 of SHA-256 over tag, issuer and subject, each preceded by its length as 8 bytes.
/// Always a valid label value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OwnerKey(Arc<str>);

impl OwnerKey {
    pub fn of(principal: &Principal) -> Self {
        let mut hash = Sha256::new();
        for part in [DOMAIN_TAG, &principal.issuer, &principal.subject] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self(format!("{PREFIX}{}", BASE32_NOPAD.encode(&hash.finalize()).to_ascii_lowercase()).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OwnerKey {
    type Error = PrincipalError;
    fn try_from(text: String) -> Result<Self, PrincipalError> {
        Arc::<str>::from(text).try_into()
    }
}

impl TryFrom<Arc<str>> for OwnerKey {
    type Error = PrincipalError;
    fn try_from(text: Arc<str>) -> Result<Self, PrincipalError> {
        let good = text
            .strip_prefix(PREFIX)
            .is_some_and(|rest| rest.len() == 52 && rest.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
        if good { Ok(Self(text)) } else { Err(PrincipalError::Subject) }
    }
}

impl From<OwnerKey> for String {
    fn from(key: OwnerKey) -> String {
        key.0.as_ref().to_owned()
    }
}

impl fmt::Display for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shortened, so that logs can be correlated without carrying the whole key.
impl fmt::Debug for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnerKey({}…)", &self.0[..PREFIX.len() + 8])
    }
}

/// The `username` label: display and filter only, never a permission. `@` and every character that a label refuses become
/// `-`; both ends are trimmed; cut at 63; if nothing is left, `u-` and the start of the owner key.
pub fn username_label(preferred: &str, key: &OwnerKey) -> String {
    let clean: String =
        preferred.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' }).collect();
    let cut: String = clean.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).chars().take(63).collect();
    let name = cut.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.is_empty() { format!("u-{}", &key.0[PREFIX.len()..PREFIX.len() + 16]) } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn key(issuer: &str, subject: &str) -> OwnerKey {
        OwnerKey::of(&Principal::new(issuer, subject).unwrap())
    }

    #[test]
    fn people_who_look_alike_have_different_keys() {
        let people = [
            ("https://i", "a.b@x"),
            ("https://i", "a-b@x"),
            ("https://i", "a.b-x"),
            ("https://i", "a@b-x"),
            ("https://i", "Alice"),
            ("https://i", "alice"),
            ("https://i/", "alice"),
            ("http://i", "alice"),
            ("https://I", "alice"),
            ("https://i", "ab"),
            ("https://ia", "b"),
        ];
        let keys: HashSet<_> = people.iter().map(|(i, s)| key(i, s)).collect();
        assert_eq!(keys.len(), people.len());
    }

    #[test]
    fn a_key_never_changes_between_releases() {
        assert_eq!(key("https://id.example", "alice").as_str(), "o1-ns3cma3e7zmtta7tf352yvsqi5nxhy4222dk2op37eu3kp7gcp5q");
    }

    #[test]
    fn c1_012_subjects_that_openid_forbids_are_refused() {
        for bad in ["", " ", "a b", "a\n", "a\0", "\0", "é", &"a".repeat(256), &"a".repeat(300)] {
            assert_eq!(Principal::new("https://i", bad), Err(PrincipalError::Subject), "{bad:?}");
        }
        assert!(Principal::new("https://i", &"a".repeat(255)).is_ok());
        assert!(Principal::new("https://i", key("https://i", "x").as_str()).is_ok());
    }

    proptest! {
        #[test]
        fn every_key_is_a_valid_label_value_and_reads_back(issuer in "\\PC{1,60}", subject in "[!-~]{1,255}") {
            let key = key(&issuer, &subject);
            prop_assert_eq!(key.as_str().len(), 55);
            prop_assert!(is_label_value(key.as_str()));
            prop_assert_eq!(OwnerKey::try_from(key.as_str().to_owned()), Ok(key));
        }

        #[test]
        fn every_username_is_a_valid_label_value_and_stays_as_it_is(name in "\\PC{0,200}") {
            let key = key("https://i", "s");
            let label = username_label(&name, &key);
            prop_assert!(!label.is_empty() && is_label_value(&label), "{}", label);
            prop_assert_eq!(username_label(&label, &key), label);
        }
    }

    fn is_label_value(text: &str) -> bool {
        let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        text.len() <= 63
            && end(text.chars().next())
            && end(text.chars().last())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    }
}
