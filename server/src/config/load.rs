//! Which value of a key counts? Asked by `Config`; knows files, environment and flags, and no types.

use super::settings::{CLASS_SETTINGS, SETTINGS, find, find_class, nearest, variable};
use config::{File, FileFormat, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Variables of the same prefix that are not settings.
const OTHER_VARIABLES: &[&str] = &["STOWAGE_CONFIG", "STOWAGE_DEV", "STOWAGE_LOG", "STOWAGE_CACHE"];

/// Everything that is wrong with a configuration, one sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    pub(super) fn add(&mut self, sentence: String) {
        self.0.push(sentence);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        self.0.iter().try_for_each(|sentence| write!(f, "\n  - {sentence}"))
    }
}

impl std::error::Error for Problems {}

/// Values by key with where they come from; a later layer replaces an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    values: BTreeMap<&'static str, (String, String)>,
    /// By class and setting.
    classes: BTreeMap<(String, &'static str), (String, String)>,
    problems: Problems,
}

impl Layers {
    /// The TOML file.
    pub fn file(&mut self, path: &Path) -> &mut Self {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => self.toml(&text, &name),
            Err(cause) => {
                self.problems.add(format!("{name} cannot be read: {cause}"));
                self
            }
        }
    }

    /// What a TOML file holds; `origin` names it in messages.
    pub fn toml(&mut self, text: &str, origin: &str) -> &mut Self {
        let parsed = config::Config::builder().add_source(File::from_str(text, FileFormat::Toml)).build();
        let mut pairs = Vec::new();
        match parsed.and_then(|parsed| flatten("", parsed.cache, &mut pairs)) {
            Ok(()) => self.layer(origin, pairs),
            Err(cause) => {
                self.problems.add(format!("{origin}: {cause}"));
                self
            }
        }
    }

    /// `STOWAGE_SECTION__KEY`, as in `std::env::vars()`.
    pub fn environment(&mut self, variables: impl Iterator<Item = (String, String)>) -> &mut Self {
        let ours = variables.filter(|(name, _)| name.starts_with("STOWAGE_") && !OTHER_VARIABLES.contains(&name.as_str()));
        let pairs = ours.map(|(name, value)| (name["STOWAGE_".len()..].to_ascii_lowercase().replace("__", "."), value));
        let pairs: Vec<_> = pairs.collect();
        self.layer("environment", pairs)
    }

    /// Flags, and what tests give.
    pub fn flags<'a>(&mut self, pairs: impl IntoIterator<Item = (&'a str, String)>) -> &mut Self {
        let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        self.layer("flag", pairs)
    }

    fn layer(&mut self, origin: &str, pairs: Vec<(String, String)>) -> &mut Self {
        let given: Vec<String> = pairs.iter().map(|(key, _)| key.clone()).collect();
        for (key, value) in pairs {
            if let Some((class, setting)) = find_class(&key).filter(|_| origin != "environment") {
                self.classes.insert((class.to_owned(), setting), (value, origin.to_owned()));
                continue;
            }
            let from_file = key.strip_suffix("_file").and_then(find).filter(|setting| setting.secret);
            match (find(&key), from_file) {
                (Some(setting), _) => {
                    self.values.insert(setting.key, (value, origin.to_owned()));
                }
                (None, Some(setting)) if given.iter().any(|other| other == setting.key) => {
                    self.problems.add(format!("{origin} gives both {} and {key}: keep one", setting.key));
                }
                (None, Some(setting)) => match std::fs::read_to_string(&value) {
                    Ok(text) => {
                        self.values.insert(setting.key, (text.trim_end_matches(['\r', '\n']).to_owned(), origin.to_owned()));
                    }
                    Err(cause) => self.problems.add(format!("{key} ({origin}): {value} cannot be read: {cause}")),
                },
                (None, None) => self.problems.add(unknown(origin, &key)),
            }
        }
        self
    }

    pub(super) fn get(&self, key: &str) -> &str {
        self.values.get(key).map_or_else(|| find(key).map_or("", |setting| setting.default), |(value, _)| value)
    }

    pub(super) fn origin(&self, key: &str) -> &str {
        self.values.get(key).map_or("default", |(_, origin)| origin)
    }

    /// What is said about classes: class, setting, value, origin.
    pub(super) fn classes(&self) -> impl Iterator<Item = (&str, &'static str, &str, &str)> {
        self.classes.iter().map(|((class, setting), (value, origin))| (class.as_str(), *setting, value.as_str(), origin.as_str()))
    }

    pub(super) fn problems(&self) -> &Problems {
        &self.problems
    }

    /// The whole configuration as TOML, with where each value comes from.
    pub fn print(&self, redacted: bool) -> String {
        let mut text = String::new();
        let mut section = "";
        for setting in SETTINGS {
            let (head, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
            if head != section {
                text += &format!("\n[{head}]\n");
                section = head;
            }
            let value = self.get(setting.key);
            let value = if redacted && setting.secret && !value.is_empty() { "[redacted]" } else { value };
            text += &format!("{name} = {} # {}\n", serde_json::Value::from(value), self.origin(setting.key));
        }
        let mut section = "";
        for (class, setting, value, origin) in self.classes() {
            if class != section {
                text += &format!("\n[classes.{}]\n", serde_json::Value::from(class));
                section = class;
            }
            text += &format!("{setting} = {} # {origin}\n", serde_json::Value::from(value));
        }
        text
    }
}

fn unknown(origin: &str, key: &str) -> String {
    if key.starts_with("classes.") {
        let known = CLASS_SETTINGS.iter().map(|setting| setting.key).collect::<Vec<_>>().join(", ");
        return format!("{key} ({origin}) is not a setting; the file and flags take classes.<name> with {known}");
    }
    let written = |key: &str| if origin == "environment" { variable(key) } else { key.to_owned() };
    match nearest(key.strip_suffix("_file").unwrap_or(key)) {
        Some(near) => format!("{} ({origin}) is not a setting; did you mean {}?", written(key), written(near)),
        None => format!("{} ({origin}) is not a setting; `stowage config keys` lists them", written(key)),
    }
}

/// Tables become dotted keys, arrays become words.
fn flatten(prefix: &str, value: Value, pairs: &mut Vec<(String, String)>) -> Result<(), config::ConfigError> {
    if let Ok(table) = value.clone().into_table() {
        return table.into_iter().try_for_each(|(key, value)| {
            let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            flatten(&key, value, pairs)
        });
    }
    let text = match value.clone().into_array() {
        Ok(words) => words.into_iter().map(Value::into_string).collect::<Result<Vec<_>, _>>()?.join(" "),
        Err(_) => value.into_string()?,
    };
    pairs.push((prefix.to_owned(), text));
    Ok(())
}
