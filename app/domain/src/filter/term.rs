//! What does one part of a filter ask, and does a volume answer it?

use super::{PROPERTIES, no_property};
use crate::{access::AccessMode, listing::Listed, quantity::Size};
use std::{cmp::Ordering, fmt};

/// One condition. Equal terms are written the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    negated: bool,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// A property that holds one of these texts.
    Text(Property, Vec<String>),
    Size(Compare, Size),
    /// Percent.
    Full(Compare, u64),
    /// Seconds.
    Age(Compare, i64),
    Unused(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    Name,
    Status,
    Phase,
    Class,
    Mode,
    UsedBy,
    Label,
    Kind,
    Text,
    Pvc,
    Owner,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// What parts a property from its value.
const OPERATORS: [char; 4] = [':', '<', '>', '='];
const AGES: [(&str, i64); 6] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 7 * 86_400), ("y", 365 * 86_400)];

impl Term {
    /// That the property is exactly this word of the data.
    fn one(property: Property, value: &str) -> Self {
        Self { negated: false, what: What::Text(property, vec![value.to_lowercase()]) }
    }

    pub fn status(word: &str) -> Self {
        Self::one(Property::Status, word)
    }

    pub fn class(name: &str) -> Self {
        Self::one(Property::Class, name)
    }

    /// A label of a person's own, as `key=value`.
    pub fn label(pair: &str) -> Self {
        Self::one(Property::Label, pair)
    }

    pub fn owner(username: &str) -> Self {
        Self::one(Property::Owner, username)
    }

    pub fn unused() -> Self {
        Self { negated: false, what: What::Unused(true) }
    }

    /// Reads one word; the error is a sentence.
    pub(super) fn read(word: &str, owners: bool) -> Result<Self, String> {
        let Some(split) = word.find(OPERATORS) else {
            return Ok(Self { negated: false, what: What::Text(Property::Name, vec![word.to_lowercase()]) });
        };
        let (name, rest) = word.split_at(split);
        let (negated, name) = match name.strip_prefix('-') {
            Some(name) => (true, name.to_lowercase()),
            None => (false, name.to_lowercase()),
        };
        let (compare, value) = Compare::read(rest);
        let value = value.trim_start_matches(OPERATORS);
        let hint = PROPERTIES.iter().find(|(known, _)| *known == name).map(|(_, hint)| *hint).ok_or_else(|| no_property(&name))?;
        if value.is_empty() {
            return Err(format!("“{word}” has no value yet. Write for example {hint}."));
        }
        let what = match name.as_str() {
            "size" => What::Size(compare, Size::typed(value).map_err(|error| format!("“{word}”: {error}"))?.size),
            "full" => What::Full(
                compare,
                percent(value).ok_or_else(|| format!("“{word}”: write a whole number of percent from 0 to 100, as full>80."))?,
            ),
            "age" => What::Age(compare, age(value).ok_or_else(|| format!("“{word}”: write an age as 12h, 30d or 8w."))?),
            _ if compare != Compare::Equal => return Err(format!("“{name}” cannot be compared; write {hint}. Size, full and age can.")),
            "unused" => What::Unused(yes(value).ok_or_else(|| format!("“{word}”: write unused:yes or unused:no."))?),
            "owner" if !owners => return Err("All volumes here are yours; “owner” is for the list of everybody’s volumes.".into()),
            _ => {
                let property = Property::of(&name).ok_or_else(|| no_property(&name))?;
                let values: Vec<_> = value
                    .split(',')
                    .map(|one| one.trim_start_matches(OPERATORS))
                    .filter(|one| !one.is_empty())
                    .map(str::to_lowercase)
                    .collect();
                if values.is_empty() {
                    return Err(format!("“{word}” has no value yet. Write for example {hint}."));
                }
                What::Text(property, values)
            }
        };
        Ok(Self { negated, what })
    }

    pub fn matches(&self, volume: &impl Listed, now: i64) -> bool {
        let holds = match &self.what {
            What::Text(property, values) => values.iter().any(|value| property.is(volume, value)),
            What::Size(compare, size) => compare.holds(volume.size().cmp(size)),
            What::Full(compare, percent) => volume.fullness().percent().is_some_and(|full| compare.holds(full.cmp(percent))),
            What::Age(compare, age) => compare.holds(now.saturating_sub(volume.created()).cmp(age)),
            What::Unused(unused) => volume.is_used() != *unused,
        };
        holds != self.negated
    }
}

impl Property {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "status" => Self::Status,
            "phase" => Self::Phase,
            "class" => Self::Class,
            "mode" => Self::Mode,
            "used-by" => Self::UsedBy,
            "label" => Self::Label,
            "kind" => Self::Kind,
            "text" => Self::Text,
            "pvc" => Self::Pvc,
            "owner" => Self::Owner,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Status => "status",
            Self::Phase => "phase",
            Self::Class => "class",
            Self::Mode => "mode",
            Self::UsedBy => "used-by",
            Self::Label => "label",
            Self::Kind => "kind",
            Self::Text => "text",
            Self::Pvc => "pvc",
            Self::Owner => "owner",
        }
    }

    /// `value` is in lower case. Names of the cluster's and of people must be whole, unless a `*` says otherwise; a volume's own
    /// texts need only hold it.
    fn is(self, volume: &impl Listed, value: &str) -> bool {
        match self {
            Self::Name => holds(volume.name(), value),
            Self::Status => whole(&volume.status().word(), value) || whole(volume.status().as_str(), value),
            Self::Phase => whole(volume.phase(), value),
            Self::Class => whole(volume.class().unwrap_or("none"), value),
            Self::Mode => volume.modes().iter().any(|mode: &AccessMode| whole(mode.short(), value) || whole(mode.as_str(), value)),
            Self::UsedBy => volume.users().iter().any(|user| holds(user, value)),
            // A key alone asks whether there is one, whatever its value.
            Self::Label => volume.labels().iter().any(|(key, text)| whole(key, value) || whole(&format!("{key}={text}"), value)),
            Self::Kind => whole(volume.kind().as_str(), value),
            Self::Text => volume.description().is_some_and(|text| holds(&text, value)) || holds(volume.name(), value),
            Self::Pvc => holds(volume.claim(), value),
            Self::Owner => whole(owner(volume), value),
        }
    }
}

/// Whose it is, as filters and facets call it.
pub(crate) fn owner(volume: &impl Listed) -> &str {
    if volume.username().is_empty() { "unclaimed" } else { volume.username() }
}

fn whole(text: &str, pattern: &str) -> bool {
    let text = text.to_lowercase();
    if pattern.contains('*') { fits(&text, pattern) } else { text == pattern }
}

fn holds(text: &str, pattern: &str) -> bool {
    let text = text.to_lowercase();
    if pattern.contains('*') { fits(&text, pattern) } else { text.contains(pattern) }
}

/// Whether the whole text fits a pattern in which each `*` stands for any text. Linear in the text for each part.
fn fits(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// `80`, `80%`.
fn percent(text: &str) -> Option<u64> {
    text.strip_suffix('%').unwrap_or(text).parse().ok().filter(|percent| *percent <= 100)
}

/// `30d`, `12h`, `2w`: whole numbers.
fn age(text: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let (_, seconds) = AGES.iter().find(|(name, _)| *name == unit)?;
    number.parse::<i64>().ok()?.checked_mul(*seconds)
}

fn age_in_words(seconds: i64) -> String {
    let fitting = AGES.iter().rev().find(|(_, unit)| seconds % unit == 0 && seconds >= *unit);
    let (name, unit) = fitting.unwrap_or(&("s", 1));
    format!("{}{name}", seconds / unit)
}

fn yes(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

impl Compare {
    const ALL: [(&str, Self); 6] =
        [(">=", Self::AtLeast), ("<=", Self::AtMost), (">", Self::Above), ("<", Self::Below), (":", Self::Equal), ("=", Self::Equal)];

    /// The sign at the beginning, and the rest.
    fn read(text: &str) -> (Self, &str) {
        let text = text.strip_prefix(':').filter(|rest| rest.starts_with(['<', '>'])).unwrap_or(text);
        Self::ALL.iter().find_map(|(sign, compare)| Some((*compare, text.strip_prefix(sign)?))).unwrap_or((Self::Equal, text))
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Equal => ":",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Above => order.is_gt(),
            Self::AtLeast => order.is_ge(),
            Self::Below => order.is_lt(),
            Self::AtMost => order.is_le(),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.negated { "-" } else { "" };
        let text = match &self.what {
            What::Text(Property::Name, values) if !self.negated && values.len() == 1 && !values.concat().contains(OPERATORS) => {
                values.concat()
            }
            What::Text(property, values) => format!("{not}{}:{}", property.word(), values.join(",")),
            What::Size(compare, size) => format!("{not}size{}{size}", compare.sign()),
            What::Full(compare, percent) => format!("{not}full{}{percent}", compare.sign()),
            What::Age(compare, age) => format!("{not}age{}{}", compare.sign(), age_in_words(*age)),
            What::Unused(unused) => format!("{not}unused:{}", if *unused { "yes" } else { "no" }),
        };
        if text.contains(char::is_whitespace) { write!(f, "\"{text}\"") } else { f.write_str(&text) }
    }
}
