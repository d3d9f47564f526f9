//! How are the texts of rows kept? What many objects say, such as a class or a person, is there once.

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use std::{
    borrow::Borrow,
    collections::HashSet,
    fmt,
    ops::Deref,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// A text that never changes. A copy of it takes no room of its own.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Word(Arc<str>);

/// Those of which there is one.
#[derive(Default)]
struct Common {
    words: HashSet<Word>,
    /// With so many, those that nobody says any more are forgotten.
    most: usize,
}

static COMMON: LazyLock<Mutex<Common>> = LazyLock::new(Mutex::default);
const FEW: usize = 1000;
/// Names have at most 253 bytes. Whoever may write an object may write any number of longer texts, which would stay for a while.
const LONGEST: usize = 256;

impl Word {
    /// The same as every other common word of this text.
    pub(crate) fn common(text: &str) -> Self {
        COMMON.lock().unwrap_or_else(PoisonError::into_inner).word(text)
    }
}

impl Common {
    fn word(&mut self, text: &str) -> Word {
        if text.len() > LONGEST {
            return text.into();
        }
        if let Some(word) = self.words.get(text) {
            return word.clone();
        }
        if self.words.len() >= self.most {
            self.words.retain(|word| Arc::strong_count(&word.0) > 1);
            self.most = FEW.max(2 * self.words.len());
        }
        let word = Word::from(text);
        self.words.insert(word.clone());
        word
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Word> for Arc<str> {
    fn from(word: Word) -> Self {
        word.0
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Read(|text| Self::from(text)))
    }
}

/// A word made of the text itself, without a copy in between.
struct Read(fn(&str) -> Word);

impl Visitor<'_> for Read {
    type Value = Word;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Word, E> {
        Ok(self.0(text))
    }
}

/// What many objects say; nothing where it is absent or null.
#[derive(Deserialize)]
struct Shared(#[serde(deserialize_with = "shared")] Word);

fn shared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    deserializer.deserialize_str(Read(Word::common))
}

pub(crate) fn common<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Word>, D::Error> {
    Ok(Option::<Shared>::deserialize(deserializer)?.map(|Shared(word)| word))
}

/// As much of it as is read, at most so many bytes.
pub(crate) fn common_cut<'de, const BYTES: usize, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Word>, D::Error> {
    let cut = |word: Word| if word.len() > BYTES { Word::common(&word[..word.floor_char_boundary(BYTES)]) } else { word };
    Ok(common(deserializer)?.map(cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_there_once_and_are_forgotten_when_nobody_says_them() {
        let mut common = Common::default();
        let (one, other) = (common.word("fast"), common.word("fast"));
        assert!(Arc::ptr_eq(&one.0, &other.0) && one == "fast");
        let kept: Vec<_> = (0..3 * FEW).map(|n| common.word(&n.to_string())).collect();
        assert_eq!(common.words.len(), kept.len() + 1);
        drop(kept);
        (0..4 * FEW).for_each(|n| drop(common.word(&format!("{n} again"))));
        assert!(common.words.len() <= common.most && common.words.len() < 4 * FEW, "{} words", common.words.len());
        assert!(Arc::ptr_eq(&one.0, &common.word("fast").0), "what is still said stays");
        let (before, long) = (common.words.len(), "x".repeat(LONGEST + 1));
        assert!(common.word(&long) == long.as_str() && common.words.len() == before, "nobody fills the memory with long ones");
    }
}
