//! What was entered for a Secret, and is it one?

use super::{Hidden, SecretSpec, lines::pairs};
use crate::{
    name::{EnvName, SecretName},
    problem::FieldErrors,
};

pub const MOST_KEYS: usize = 32;
/// Bytes of all values together: what one form can send.
const MOST_BYTES: usize = 48 << 10;

/// One line of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueRow {
    pub key: String,
    pub value: Hidden,
}

/// The form for a new Secret, or for new values of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretForm {
    pub name: String,
    pub rows: Vec<ValueRow>,
    /// Pasted: `NAME=value` on each line.
    pub lines: Hidden,
    /// The uid of what the person saw, where values are replaced.
    pub uid: String,
}

impl SecretForm {
    /// From the pairs that a page sends: `name`, `key0`, `value0`, `lines`. Whether a field is none of these is all that is said of it.
    pub fn from_pairs(sent: impl IntoIterator<Item = (String, String)>) -> Result<Self, String> {
        let mut form = Self::default();
        for (field, text) in sent {
            let row = |prefix: &str| field.strip_prefix(prefix)?.parse::<usize>().ok().filter(|row| *row < MOST_KEYS);
            match (field.as_str(), row("key"), row("value")) {
                ("name", ..) => form.name = text,
                ("uid", ..) => form.uid = text,
                ("lines", ..) => form.lines = text.into(),
                (_, Some(row), _) => form.row(row).key = text,
                (_, _, Some(row)) => form.row(row).value = text.into(),
                _ => return Err(field),
            }
        }
        Ok(form)
    }

    fn row(&mut self, place: usize) -> &mut ValueRow {
        if self.rows.len() <= place {
            self.rows.resize(place + 1, ValueRow::default());
        }
        &mut self.rows[place]
    }

    /// What a page may show again: no value, and of the keys those that are keys.
    pub fn without_values(&self) -> Self {
        let key = |row: &ValueRow| {
            row.key.trim().parse::<EnvName>().is_ok().then(|| ValueRow { key: row.key.trim().to_owned(), ..ValueRow::default() })
        };
        let rows = self.rows.iter().filter_map(key).collect();
        Self { name: self.name.chars().take(SecretName::LONGEST).collect(), rows, lines: Hidden::default(), uid: self.uid.clone() }
    }

    /// What to make, or what to say. No sentence repeats what was entered as a value.
    pub fn check(&self) -> Result<SecretSpec, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.trim().parse::<SecretName>().map_err(|error| errors.add("name", error.to_string())).ok();
        let values = self.values().map_err(|sentence| errors.add("values", sentence)).ok();
        match (name, values) {
            (Some(name), Some(values)) => Ok(SecretSpec { name, values }),
            _ => Err(errors),
        }
    }

    fn values(&self) -> Result<Vec<(EnvName, Hidden)>, String> {
        let rows = self.rows.iter().map(|row| (row.key.trim().to_owned(), row.value.clone()));
        let rows = rows.filter(|(key, value)| !(key.is_empty() && value.is_empty()));
        let mut values: Vec<(EnvName, Hidden)> = Vec::new();
        for (key, value) in rows.chain(pairs(self.lines.reveal())?) {
            // What is no key may be a value in the wrong place.
            let key: EnvName = key.parse().map_err(|_| "One of the keys is none: letters, digits and _, and no digit first.".to_owned())?;
            if value.is_empty() {
                return Err(format!("{key} has no value. Enter one, or empty its key too."));
            }
            if value.reveal().contains('\0') {
                return Err(format!("{key} holds a byte of zero, which no variable can hold."));
            }
            if values.iter().any(|(known, _)| *known == key) {
                return Err(format!("{key} is there twice. Keep one of them."));
            }
            values.push((key, value));
        }
        let bytes: usize = values.iter().map(|(_, value)| value.reveal().len()).sum();
        match values.len() {
            0 => Err("Enter at least one key with its value.".to_owned()),
            many if many > MOST_KEYS => Err(format!("At most {MOST_KEYS} keys; here are {many}.")),
            _ if bytes > MOST_BYTES => Err(format!("All values together are {bytes} bytes; at most {MOST_BYTES} go in.")),
            _ => Ok(values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "canary-7f3a";

    fn form(sent: &[(&str, &str)]) -> SecretForm {
        SecretForm::from_pairs(sent.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned()))).unwrap()
    }

    #[test]
    fn rows_and_pasted_lines_are_one_secret() {
        let spec = form(&[("name", "s3"), ("key0", "ID"), ("value0", "a"), ("key1", ""), ("value1", ""), ("lines", "KEY=b\nZ='c'")])
            .check()
            .unwrap();
        let values: Vec<_> = spec.values.iter().map(|(key, value)| (key.as_str(), value.reveal())).collect();
        assert_eq!((spec.name.as_str(), values), ("s3", vec![("ID", "a"), ("KEY", "b"), ("Z", "c")]));
    }

    #[test]
    fn a_value_is_in_no_sentence_in_no_form_that_is_shown_again_and_in_no_line_for_programmers() {
        let twice = format!("A={CANARY}\nA={CANARY}");
        let wrong = [
            vec![("name", CANARY), ("key0", "1X"), ("value0", CANARY)],
            vec![("name", "s3"), ("key0", "canary 7f3a"), ("value0", CANARY)],
            vec![("name", "s3"), ("lines", CANARY)],
            vec![("name", "s3"), ("lines", twice.as_str())],
            vec![("name", "s3"), ("key0", ""), ("value0", CANARY)],
            vec![("name", "s3"), ("key0", "A"), ("value0", "")],
            vec![("name", "s3")],
        ];
        for sent in wrong {
            let form = form(&sent);
            let errors = form.check().unwrap_err();
            let told: String = errors.iter().map(|(_, sentence)| sentence).collect();
            assert!(!told.contains("7f3a") && errors.get("values").is_some(), "{sent:?}: {told}");
            let shown = form.without_values();
            let shown = (shown.rows, shown.lines.reveal().to_owned());
            assert!(!format!("{shown:?}{:?}", form.rows.iter().map(|row| &row.value).collect::<Vec<_>>()).contains("7f3a"), "{sent:?}");
        }
    }

    #[test]
    fn a_secret_has_bounds_and_a_form_no_other_fields() {
        let many: String = (0..=MOST_KEYS).map(|number| format!("K{number}=x\n")).collect();
        let long = "x".repeat(MOST_BYTES + 1);
        for lines in [many, format!("A={long}")] {
            assert!(form(&[("name", "s3"), ("lines", &lines)]).check().is_err());
        }
        for field in ["key", "key32", "keyx", "other", "value-1"] {
            assert_eq!(SecretForm::from_pairs([(field.to_owned(), CANARY.to_owned())]).unwrap_err(), field);
        }
    }
}
