//! What does a person note about a volume in pairs? `stage=prod`, by Kubernetes' rules for labels.

use crate::text::is_invisible;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// So many labels of their own may a volume have.
pub const MOST_LABELS: usize = 10;
/// Characters of a key, and of a value (apimachinery, pkg/api/validate/content, `LabelKey` and `LabelValue`).
const LONGEST: usize = 63;
/// Characters of what was typed within a sentence.
const SHOWN: usize = 40;

/// Pairs of key and value, in the order of keys. Keys have no prefix: that is the portal's own, so no label of a person can
/// pass for one of the portal's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// Pairs such as `stage=prod`, parted by blanks or commas. The error is a sentence.
    pub fn typed(text: &str) -> Result<Self, String> {
        let mut pairs = BTreeMap::new();
        for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()) {
            let (key, value) = word
                .split_once('=')
                .ok_or_else(|| format!("“{}” is not a pair. Write a key, = and a value, for example stage=prod.", shown(word)))?;
            if pairs.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(format!("The key “{}” is there twice. Keep one of them.", shown(key)));
            }
        }
        Self::try_from(pairs)
    }

    /// What is good among pairs that anybody may have written, at most as many as a volume may have.
    pub fn known<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let good = pairs.into_iter().filter(|(key, value)| check(key, value).is_ok()).take(MOST_LABELS);
        Self(good.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

impl TryFrom<BTreeMap<String, String>> for Labels {
    type Error = String;
    fn try_from(pairs: BTreeMap<String, String>) -> Result<Self, String> {
        if pairs.len() > MOST_LABELS {
            return Err(format!("A volume has at most {MOST_LABELS} labels; these are {}.", pairs.len()));
        }
        pairs.iter().try_for_each(|(key, value)| check(key, value))?;
        Ok(Self(pairs))
    }
}

impl From<Labels> for BTreeMap<String, String> {
    fn from(labels: Labels) -> Self {
        labels.0
    }
}

/// Reads back as the same labels.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.iter().enumerate() {
            write!(f, "{}{key}={value}", if index > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

fn check(key: &str, value: &str) -> Result<(), String> {
    let rule = "letters, digits, -, _ and ., with a letter or a digit at both ends, at most 63 characters";
    if key.contains('/') {
        return Err(format!("“{}” has a prefix; the keys of labels here have none. Leave out / and what is before it.", shown(key)));
    }
    if !is_good(key) {
        return Err(format!("“{}” cannot be a key. Use {rule}.", shown(key)));
    }
    if !value.is_empty() && !is_good(value) {
        return Err(format!("“{}” cannot be the value of {key}. Use {rule}.", shown(value)));
    }
    Ok(())
}

fn is_good(text: &str) -> bool {
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= LONGEST
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && end(text.chars().next())
        && end(text.chars().next_back())
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pairs_are_parted_by_blanks_or_commas_and_stand_in_the_order_of_keys() {
        let labels = Labels::typed(" team=vision,stage=prod\nEmpty= ").unwrap();
        assert_eq!(labels.to_string(), "Empty= stage=prod team=vision");
        assert_eq!((labels.get("stage"), labels.get("Empty"), labels.get("Stage")), (Some("prod"), Some(""), None));
        assert!(Labels::typed("  , ").unwrap().is_empty());
    }

    #[test]
    fn what_kubernetes_would_refuse_is_refused_with_a_sentence() {
        let long = "x".repeat(64);
        for (text, told) in [
            ("prod", "“prod” is not a pair"),
            ("=prod", "cannot be a key"),
            ("-a=b", "“-a” cannot be a key"),
            ("a_=b", "cannot be a key"),
            ("ä=b", "cannot be a key"),
            ("a=-b", "“-b” cannot be the value of a"),
            ("a=b=c", "cannot be the value"),
            ("a=ö", "cannot be the value"),
            ("stowage.dev/owner=o1-x", "has a prefix"),
            ("/a=b", "has a prefix"),
            ("a=1 a=2", "“a” is there twice"),
            (&format!("{long}=b"), "cannot be a key"),
            (&format!("a={long}"), "cannot be the value"),
        ] {
            let sentence = Labels::typed(text).unwrap_err();
            assert!(sentence.contains(told), "{text}: {sentence}");
        }
        let many = (0..=MOST_LABELS).map(|n| format!("k{n}=v ")).collect::<String>();
        assert!(Labels::typed(&many).unwrap_err().contains("at most 10 labels; these are 11"));
        assert!(Labels::typed(many.trim_end().rsplit_once(' ').unwrap().0).is_ok());
    }

    #[test]
    fn of_what_anybody_may_have_written_the_good_is_kept() {
        let labels = Labels::known([("a", "1"), ("b/c", "2"), ("d", "-"), ("e", "")]);
        assert_eq!(labels.to_string(), "a=1 e=");
        let names: Vec<_> = (0..50).map(|n| format!("k{n:02}")).collect();
        assert_eq!(Labels::known(names.iter().map(|name| (name.as_str(), "v"))).iter().count(), MOST_LABELS);
    }

    proptest! {
        #[test]
        fn labels_read_back_as_they_are_written(pairs in proptest::collection::btree_map("[a-zA-Z0-9]([a-z._-]{0,5}[A-Z0-9])?", "([a-z0-9]([a-z._-]{0,5}[a-z0-9])?)?", 0..10)) {
            let labels = Labels::try_from(pairs).unwrap();
            prop_assert_eq!(Labels::typed(&labels.to_string()), Ok(labels));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,300}") {
            let _ = Labels::typed(&text);
        }
    }
}
