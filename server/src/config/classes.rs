//! What does the configuration say about storage classes?

use super::{Reader, words};
use domain::access::{AccessMode, listed};
use domain::name::ObjectName;
use domain::storage_class::Classes;

impl Reader<'_> {
    pub(super) fn classes(&mut self) -> Classes {
        let mut classes = Classes::new();
        let layers = self.layers;
        for (class, setting, value, origin) in layers.classes() {
            let mut wrong = |what: &str| self.problems.add(format!("classes.{class}.{setting} ({origin}) {what}"));
            let Ok(name) = class.parse::<ObjectName>() else {
                wrong("names no class: names have small letters, digits, - and .");
                continue;
            };
            let said = classes.entry(name).or_default();
            let text = Some(value.trim().to_owned()).filter(|text| !text.is_empty());
            match setting {
                "title" => said.title = text,
                "description" => said.description = text,
                "deprecated" => said.deprecated = text,
                "groups" => said.groups = words(value),
                "hidden" => match value {
                    "true" => said.hidden = true,
                    "false" => said.hidden = false,
                    _ => wrong("must be true or false"),
                },
                "modes" => match words(value).iter().map(|word| word.parse()).collect::<Result<Vec<AccessMode>, ()>>() {
                    Ok(modes) => said.modes = Some(modes).filter(|modes| !modes.is_empty()),
                    Err(()) => wrong(&format!("must be a list of {}", listed(&AccessMode::ALL))),
                },
                _ => wrong("is not read"),
            }
        }
        classes
    }
}
