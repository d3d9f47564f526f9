//! What may a volume, an id, a claim, a class and a path be called? Each name is a type that cannot hold a bad one.

use crate::text::is_invisible;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Names that the addresses of the portal already use.
const RESERVED: [&str; 2] = ["new", "create"];
/// Words of eight letters that stand in addresses where ids do: no volume has one of them for an id.
const WORDS_OF_ADDRESSES: [&str; 1] = ["download"];
const LABEL_MAX: usize = 63;

/// Why a name was not accepted. The text is the sentence for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    #[error("Enter a name.")]
    Empty,
    #[error("Use at most {LABEL_MAX} characters; this has {0}.")]
    TooLong(usize),
    #[error("A task's name has at most 40 characters; this has {0}.")]
    TooLongForTask(usize),
    #[error("No spaces in names.")]
    Spaces,
    #[error("Start with a letter.")]
    Start,
    #[error("End with a letter or a digit.")]
    End,
    #[error("Use only letters, digits, - and _; {0} is not one of them.")]
    Character(String),
    #[error("The portal uses this word itself.")]
    Reserved,
    #[error("Use small letters, digits and -, with a letter first and no - at the end; at most 40 characters.")]
    Secret,
    #[error("This is not a name of the right form.")]
    Form,
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::check(&text)?;
                Ok(Self(text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::try_from(text.to_owned())
            }
        }
    };
}

mod secret;
mod task;

pub use secret::{SecretName, secret_called};
pub use task::{AttachedPath, EnvName, ImageRef, TaskId, TaskName};

text_type! {
    /// What a person calls a volume: starts with a letter; letters, digits, `-`, `_`; 1 to 63; a valid label value.
    VolumeName
}

text_type! {
    /// Eight characters of `[a-z0-9]`: a handle for addresses, never a secret.
    VolumeId
}

text_type! {
    /// A name in the cluster: RFC 1123 subdomain (lower-case letters, digits, `-`, `.`; at most 253).
    ObjectName
}

text_type! {
    /// Where a volume appears inside a task: absolute, clean, not a system directory.
    MountPath
}

impl VolumeName {
    /// Characters.
    pub const LONGEST: usize = LABEL_MAX;

    fn check(text: &str) -> Result<(), NameError> {
        let Some(first) = text.chars().next() else { return Err(NameError::Empty) };
        if text.contains(char::is_whitespace) {
            return Err(NameError::Spaces);
        }
        if let Some(bad) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))) {
            return Err(NameError::Character(shown(bad)));
        }
        if text.len() > LABEL_MAX {
            return Err(NameError::TooLong(text.len()));
        }
        if !first.is_ascii_alphabetic() {
            return Err(NameError::Start);
        }
        // Label values end with a letter or a digit (apimachinery, IsValidLabelValue).
        if !text.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(NameError::End);
        }
        let lower = text.to_ascii_lowercase();
        // `xn--` announces an encoded foreign alphabet; a name that pretends to be one misleads.
        if RESERVED.contains(&lower.as_str()) || lower.starts_with("xn--") {
            return Err(NameError::Reserved);
        }
        Ok(())
    }

    /// The nearest good name, if what was typed leaves anything to build on.
    pub fn suggestion(text: &str) -> Option<Self> {
        let mut name = String::new();
        for c in text.trim().chars() {
            let c = if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
            if !(c == '-' && name.ends_with('-')) {
                name.push(c);
            }
        }
        let name: String = name.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).chars().take(LABEL_MAX).collect();
        name.trim_end_matches(['-', '_']).parse().ok()
    }
}

impl VolumeId {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

    fn check(text: &str) -> Result<(), NameError> {
        let good = text.len() == 8 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if WORDS_OF_ADDRESSES.contains(&text) {
            return Err(NameError::Reserved);
        }
        if good { Ok(()) } else { Err(NameError::Form) }
    }

    /// The id that a random number stands for.
    pub fn from_random(number: u64) -> Self {
        let id = Self::spelled(number);
        // One of two numbers in a row is no word.
        if Self::check(&id.0).is_ok() { id } else { Self::spelled(number.wrapping_add(1)) }
    }

    fn spelled(mut number: u64) -> Self {
        let mut text = String::with_capacity(8);
        for _ in 0..8 {
            let index = usize::try_from(number % 36).unwrap_or(0);
            text.push(char::from(Self::ALPHABET[index]));
            number /= 36;
        }
        Self(text)
    }
}

impl ObjectName {
    fn check(text: &str) -> Result<(), NameError> {
        let part = |p: &str| {
            !p.is_empty()
                && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !p.starts_with('-')
                && !p.ends_with('-')
        };
        if text.len() <= 253 && text.split('.').all(part) { Ok(()) } else { Err(NameError::Form) }
    }

    /// The claim's name: `{name}-{id}`, in lower case, `_` as `-`, cut so that the whole is at most 63.
    pub fn of_claim(name: &VolumeName, id: &VolumeId) -> Self {
        let lower = name.as_str().to_ascii_lowercase().replace('_', "-");
        let room = LABEL_MAX - 1 - id.as_str().len();
        let part: String = lower.chars().take(room).collect();
        Self(format!("{}-{id}", part.trim_end_matches('-')))
    }
}

impl MountPath {
    /// `/dev/shm`, the one system path that a task may replace: with space in memory, so that its programs can share more of it.
    pub fn shared_memory() -> Self {
        Self("/dev/shm".to_owned())
    }

    const SYSTEM: [&str; 13] =
        ["/proc", "/sys", "/dev", "/etc", "/bin", "/sbin", "/usr", "/lib", "/lib64", "/boot", "/run", "/var/run", "/var/lib/kubelet"];

    fn check(text: &str) -> Result<(), NameError> {
        let clean = text
            .strip_prefix('/')
            .is_some_and(|rest| rest.len() < 1024 && rest.split('/').all(|part| !part.is_empty() && part != "." && part != ".."));
        let plain = !text.chars().any(|c| c == ':' || is_invisible(c));
        let system = Self::SYSTEM.iter().any(|s| text == *s || text.strip_prefix(s).is_some_and(|rest| rest.starts_with('/')));
        if clean && plain && !system { Ok(()) } else { Err(NameError::Form) }
    }
}

/// A character as it can be shown: by itself if visible, else by its code point.
fn shown(c: char) -> String {
    if c.is_ascii_graphic() || c.is_alphanumeric() { format!("“{c}”") } else { format!("U+{:04X}", u32::from(c)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_volume_has_a_word_of_the_addresses_for_an_id() {
        let spell = |word: &str| {
            let digit = |b: u8| VolumeId::ALPHABET.iter().position(|a| *a == b).and_then(|at| u64::try_from(at).ok()).unwrap();
            word.bytes().rev().fold(0, |number, b| number * 36 + digit(b))
        };
        for word in WORDS_OF_ADDRESSES {
            assert!(word.parse::<VolumeId>().is_err(), "{word}");
            assert_eq!(VolumeId::spelled(spell(word)).as_str(), word);
            assert_ne!(VolumeId::from_random(spell(word)).as_str(), word);
            assert!(VolumeId::check(VolumeId::from_random(spell(word)).as_str()).is_ok());
        }
    }

    #[test]
    fn volume_names_follow_the_label_rules() {
        for good in ["a", "A", "a_b", "train-images", "Vol2", &"a".repeat(63)] {
            assert!(good.parse::<VolumeName>().is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "",
            "-a",
            "a-",
            "a_",
            "1a",
            "a.b",
            "my data",
            &long,
            "new",
            "Create",
            "xn--a",
            "😀",
            "a\u{202e}",
            "<img src=x onerror=1>",
            "'; rm -rf /",
            "é",
        ] {
            assert!(bad.parse::<VolumeName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refused_name_comes_with_the_nearest_good_one() {
        for (typed, suggested) in [("vol alice", "vol-alice"), ("my.data!", "my-data"), ("9lives", "lives"), (" x ", "x")] {
            assert_eq!(VolumeName::suggestion(typed).map(String::from), Some(suggested.to_owned()), "{typed}");
        }
        assert_eq!(VolumeName::suggestion("😀"), None);
    }

    #[test]
    fn c3_042_043_ids_are_eight_small_characters_and_nothing_else() {
        assert!("abc12345".parse::<VolumeId>().is_ok());
        for bad in [
            "",
            " ",
            "*",
            ".",
            "..",
            "../",
            "\0",
            "abc1234",
            "abc123456",
            "ABC12345",
            "abc12345,username!=x",
            "abc12345)",
            "a in (b)",
            "!x",
            "=x",
            "!bc12345",
            "abc1234\0",
            "abc1234\n",
            "a/b/c/d/",
            "ａbc12345",
        ] {
            assert!(bad.parse::<VolumeId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn c3_048_050_object_names_cannot_leave_their_collection() {
        assert!("vol-alice-abc12345".parse::<ObjectName>().is_ok());
        for bad in [
            "",
            "a#frag",
            "a%23frag",
            "a?dryRun=All",
            "a/status",
            "a/../../secrets/db",
            "a%2fb",
            "a%2f..%2f..%2fsecrets%2fdb",
            "a%252fb",
            "A",
            "-a",
            "a..b",
        ] {
            assert!(bad.parse::<ObjectName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn mount_paths_are_absolute_clean_and_not_the_systems() {
        for good in ["/data", "/volumes/a", "/procession", "/home/user/run-1"] {
            assert!(good.parse::<MountPath>().is_ok(), "{good}");
        }
        for bad in [
            "data",
            "/",
            "",
            "/proc",
            "/dev/shm/../../",
            "/var/run/secrets/kubernetes.io",
            "/etc",
            "/a:b",
            "/a\nb",
            "/a//b",
            "/a/",
            "/a/./b",
        ] {
            assert!(bad.parse::<MountPath>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_claim_name_is_a_valid_object_name_of_at_most_63(name in "[A-Za-z][A-Za-z0-9_-]{0,61}[A-Za-z0-9]", number: u64) {
            if let Ok(name) = name.parse::<VolumeName>() {
                let claim = ObjectName::of_claim(&name, &VolumeId::from_random(number));
                prop_assert!(claim.as_str().len() <= 63);
                prop_assert!(ObjectName::check(claim.as_str()).is_ok(), "{}", claim);
            }
        }

        #[test]
        fn every_random_number_is_an_id(number: u64) {
            prop_assert!(VolumeId::check(VolumeId::from_random(number).as_str()).is_ok());
        }

        #[test]
        fn suggestions_are_always_valid(text in "\\PC{0,80}") {
            if let Some(name) = VolumeName::suggestion(&text) {
                prop_assert!(VolumeName::check(name.as_str()).is_ok());
            }
        }
    }
}
