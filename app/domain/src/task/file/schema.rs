//! How does an editor know a task file? The table as a JSON Schema (2020-12). The reader says more than a schema can: what is valid
//! here may still be refused there, and nothing that is accepted there is invalid here.

use super::{
    envs,
    field::{FOREIGN, FOREIGN_RESOURCES},
    scalar::GPUS_MAX,
    table::{Field, RESOURCES, SCRATCH, TASK, Takes, VOLUME, VOLUME_AT_PATH},
};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// The schema of a task file.
#[derive(Clone, Copy, Debug)]
pub struct Schema;

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("$schema", "https://json-schema.org/draft/2020-12/schema")?;
        map.serialize_entry("title", "Task file")?;
        map.serialize_entry("type", "object")?;
        map.serialize_entry("required", &["name", "run"])?;
        entries(&mut map, &TASK, &FOREIGN)?;
        map.end()
    }
}

fn entries<M: SerializeMap>(map: &mut M, fields: &'static [Field], foreign: &'static [(&str, &str)]) -> Result<(), M::Error> {
    map.serialize_entry("properties", &Properties(fields, foreign))?;
    map.serialize_entry("additionalProperties", &false)
}

struct Properties(&'static [Field], &'static [(&'static str, &'static str)]);

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in self.0 {
            map.serialize_entry(field.name, &Typed(field.takes, field.what))?;
        }
        for (name, instead) in self.1 {
            map.serialize_entry(name, &Unused(instead))?;
        }
        map.end()
    }
}

/// A field of the family's other files: taken, and not used.
struct Unused(&'static str);

impl Serialize for Unused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("description", &format_args!("Not used here. {}", self.0))?;
        map.serialize_entry("deprecated", &true)?;
        map.end()
    }
}

/// What a field takes, and its sentence.
struct Typed(Takes, &'static str);

impl Serialize for Typed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(takes, what) = *self;
        let mut map = serializer.serialize_map(None)?;
        if !what.is_empty() {
            map.serialize_entry("description", what)?;
        }
        match takes {
            Takes::TaskName => {
                map.serialize_entry("type", "string")?;
                map.serialize_entry("pattern", "^[A-Za-z][A-Za-z0-9_-]*$")?;
                map.serialize_entry("maxLength", &40)?;
            }
            Takes::Whole(low, high) => {
                map.serialize_entry("type", "integer")?;
                map.serialize_entry("minimum", &low)?;
                map.serialize_entry("maximum", &high)?;
            }
            // A program's `null`: nothing is asked for.
            Takes::Cores | Takes::Size => map.serialize_entry("type", &["string", "number", "null"])?,
            Takes::Gpus => {
                map.serialize_entry("type", &["string", "integer"])?;
                map.serialize_entry("minimum", &0)?;
                map.serialize_entry("maximum", &GPUS_MAX)?;
            }
            Takes::Time => {
                map.serialize_entry("type", &["string", "integer"])?;
                map.serialize_entry("minimum", &0)?;
            }
            Takes::Product | Takes::Image | Takes::Class => map.serialize_entry("type", "string")?,
            // A claim's name may be all digits.
            Takes::Volume => map.serialize_entry("type", &["string", "integer"])?,
            Takes::Flag => map.serialize_entry("type", "boolean")?,
            // A map is of the family's other files, where it names a repository.
            Takes::Folder => {
                map.serialize_entry("type", &["string", "object"])?;
                map.serialize_entry("pattern", "^/.")?;
            }
            Takes::Script(may_be_empty) => {
                map.serialize_entry("type", &["string", "number", "boolean", "null"][..if may_be_empty { 4 } else { 3 }])?;
            }
            // Several with a comma between them, too.
            Takes::Access => {
                let (one, several) = (OneOf { r#enum: takes.words() }, List { r#type: "array", items: OneOf { r#enum: takes.words() } });
                map.serialize_entry("anyOf", &(one, Pattern { pattern: "," }, several))?;
            }
            Takes::OneOf(words) => map.serialize_entry("enum", words)?,
            Takes::Variables => {
                map.serialize_entry("type", "object")?;
                map.serialize_entry("propertyNames", &Pattern { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" })?;
                map.serialize_entry("additionalProperties", &Type { r#type: &["string", "number", "boolean"] })?;
                map.serialize_entry("maxProperties", &envs::MOST)?;
            }
            Takes::Secrets => {
                map.serialize_entry("type", "object")?;
                map.serialize_entry("propertyNames", &Pattern { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" })?;
                map.serialize_entry("additionalProperties", &Matching { r#type: "string", pattern: NAME_AND_KEY })?;
                map.serialize_entry("maxProperties", &envs::MOST)?;
            }
            Takes::Fields(fields) => {
                map.serialize_entry("type", "object")?;
                let foreign: &[_] = if std::ptr::eq(fields, &RESOURCES[..]) { &FOREIGN_RESOURCES } else { &[] };
                entries(&mut map, fields, foreign)?;
            }
            Takes::Volumes => {
                let list = List { r#type: "array", items: either(Takes::Volume, &VOLUME) };
                map.serialize_entry("anyOf", &(by_path(either(Takes::Volume, VOLUME_AT_PATH)), list))?;
            }
            Takes::Scratch => {
                map.serialize_entry("type", "object")?;
                map.serialize_entry("propertyNames", &Pattern { pattern: "^/." })?;
                map.serialize_entry("additionalProperties", &either(Takes::Size, &SCRATCH))?;
            }
        }
        map.end()
    }
}

/// A short form, or the fields.
fn either(short: Takes, fields: &'static [Field]) -> AnyOf<(Typed, Typed)> {
    AnyOf { any_of: (Typed(short, ""), Typed(Takes::Fields(fields), "")) }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnyOf<T> {
    any_of: T,
}

#[derive(Serialize)]
struct Type {
    r#type: &'static [&'static str],
}

#[derive(Serialize)]
struct Pattern {
    pattern: &'static str,
}

#[derive(Serialize)]
struct Matching {
    r#type: &'static str,
    pattern: &'static str,
}

/// Of a Secret.
const NAME_AND_KEY: &str = "^ *[a-z][a-z0-9-]*/[A-Za-z_][A-Za-z0-9_]* *$";

#[derive(Serialize)]
struct OneOf {
    r#enum: Vec<&'static str>,
}

#[derive(Serialize)]
struct List<T> {
    r#type: &'static str,
    items: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ByPath<T> {
    r#type: &'static str,
    property_names: Pattern,
    additional_properties: T,
}

fn by_path<T>(additional_properties: T) -> ByPath<T> {
    ByPath { r#type: "object", property_names: Pattern { pattern: "^/." }, additional_properties }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::file::{Unreadable, tests::reads};
    use serde_json::{Map, Value};
    use std::{fs, path::Path};

    fn schema() -> Value {
        serde_json::to_value(Schema).unwrap()
    }

    /// What is wrong with a value, by the keywords that the schema uses; one that is not known here fails the test.
    fn wrong(schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let none = Map::new();
        let mut found = Vec::new();
        let object = value.as_object().unwrap_or(&none);
        for (keyword, rule) in schema.as_object().unwrap() {
            let holds = match keyword.as_str() {
                "$schema" | "title" | "description" | "deprecated" => true,
                "type" if rule.is_array() => rule.as_array().unwrap().iter().any(|kind| is(kind.as_str().unwrap(), value)),
                "type" => is(rule.as_str().unwrap(), value),
                "enum" => rule.as_array().unwrap().contains(value),
                "anyOf" => rule.as_array().unwrap().iter().any(|schema| wrong(schema, value, at).is_empty()),
                "required" => !value.is_object() || rule.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap())),
                "minimum" => value.as_u64().is_none_or(|number| number >= rule.as_u64().unwrap()),
                "maximum" => value.as_u64().is_none_or(|number| number <= rule.as_u64().unwrap()),
                "maxLength" => value.as_str().is_none_or(|text| text.len() as u64 <= rule.as_u64().unwrap()),
                "maxProperties" => object.len() as u64 <= rule.as_u64().unwrap(),
                "pattern" => value.as_str().is_none_or(|text| fits(rule.as_str().unwrap(), text)),
                "propertyNames" => object.keys().all(|name| wrong(rule, &Value::from(name.as_str()), at).is_empty()),
                "items" => {
                    found.extend(value.as_array().into_iter().flatten().flat_map(|value| wrong(rule, value, at)));
                    true
                }
                "properties" => {
                    let known = rule.as_object().unwrap();
                    let there = known.iter().filter_map(|(name, schema)| Some((name, schema, object.get(name)?)));
                    found.extend(there.flat_map(|(name, schema, value)| wrong(schema, value, &format!("{at}/{name}"))));
                    true
                }
                "additionalProperties" => {
                    let known = schema["properties"].as_object().unwrap_or(&none);
                    let more: Vec<_> = object.iter().filter(|(name, _)| !known.contains_key(*name)).collect();
                    if rule.as_bool() == Some(false) {
                        more.is_empty()
                    } else {
                        found.extend(more.into_iter().flat_map(|(name, value)| wrong(rule, value, &format!("{at}/{name}"))));
                        true
                    }
                }
                other => panic!("{other} is not known here"),
            };
            if !holds {
                found.push(format!("{at}: {keyword} {rule}"));
            }
        }
        found
    }

    fn is(kind: &str, value: &Value) -> bool {
        match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            other => panic!("{other} is no type"),
        }
    }

    fn fits(pattern: &str, text: &str) -> bool {
        let word = |more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
        match pattern {
            "^/." => text.len() > 1 && text.starts_with('/'),
            "," => text.contains(','),
            "^[A-Za-z][A-Za-z0-9_-]*$" => text.starts_with(|c: char| c.is_ascii_alphabetic()) && word("_-"),
            "^[A-Za-z_][A-Za-z0-9_]*$" => text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && word("_"),
            NAME_AND_KEY => text.split('/').count() == 2 && text.split('/').all(|part| !part.is_empty()) && word("_-/"),
            other => panic!("{other} is not known here"),
        }
    }

    /// The sample files that are YAML at all, with what the reader says.
    fn samples() -> Vec<(String, Value, Result<(), Unreadable>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/task/samples");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let read = files.filter_map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let value = serde_saphyr::from_str(&text).ok()?;
            Some((path.file_stem().unwrap().to_str().unwrap().to_owned(), value, reads(&text).map(drop)))
        });
        read.collect()
    }

    #[test]
    fn every_file_that_the_reader_takes_is_valid() {
        let schema = schema();
        let taken: Vec<_> = samples().into_iter().filter(|(_, _, said)| said.is_ok()).collect();
        assert!(taken.len() > 30, "{}", taken.len());
        for (name, value, _) in taken {
            let errors = wrong(&schema, &value, "");
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }

    #[test]
    fn c4_066_a_field_that_the_reader_does_not_know_is_not_valid() {
        let schema = schema();
        let is_unknown = |sentence: &str| sentence.contains("is not a field here") || sentence.contains("belongs to a Kubernetes object");
        let unknown = |said: &Unreadable| said.errors.iter().any(|error| is_unknown(&error.sentence));
        let files: Vec<_> = samples().into_iter().filter(|(_, _, said)| said.as_ref().is_err_and(unknown)).collect();
        assert!(files.len() > 1, "{}", files.len());
        for (name, value, _) in files {
            assert!(!wrong(&schema, &value, "").is_empty(), "{name}");
        }
        let least = |at: &str, field: &str| {
            let mut file = serde_json::json!({ "name": "a", "run": "ls", "resources": { "requests": {} }, "volumes": { "/a": { "name": "a" } }, "scratch": { "/s": { "size": "1Gi" } } });
            file.pointer_mut(at).unwrap()[field] = "x".into();
            file
        };
        for place in ["", "/resources", "/resources/requests", "/volumes/~1a", "/scratch/~1s"] {
            assert!(!wrong(&schema, &least(place, "hostPath"), "").is_empty(), "{place}");
        }
        assert_eq!(wrong(&schema, &least("", "setup"), ""), [""; 0]);
    }

    #[test]
    fn every_field_has_its_sentence() {
        for fields in [&TASK[..], &RESOURCES, &VOLUME, &SCRATCH] {
            assert!(fields.iter().all(|field| field.what.ends_with('.')), "{fields:?}");
        }
    }
}
