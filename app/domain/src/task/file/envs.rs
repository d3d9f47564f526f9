//! Which variables does a task's shell find, and which of them come from Secrets?

use super::{
    Reader,
    scalar::said,
    shown,
    tree::{Entry, Place, Value},
};
use crate::{name::EnvName, task::FromSecret};

pub(super) const MOST: usize = 200;

/// Set by the portal or by Kubernetes, so nobody else's to set.
const RESERVED: [&str; 4] = ["NODE_RANK", "NUM_NODES", "NODE_PEERS", "JOB_COMPLETION_INDEX"];
const RESERVED_BEGINNINGS: [&str; 2] = ["KUBERNETES_", "STOWAGE_"];

impl Reader<'_> {
    /// Values are texts exactly as they were typed: `1`, `yes`, `1.50`.
    pub(super) fn envs(&mut self, entry: Entry) -> Vec<(EnvName, String)> {
        let Value::Map(entries) = entry.value.value else {
            self.wrong(entry.value.at, "envs: Write a variable and its value on each line, for example EPOCHS: 10.");
            return Vec::new();
        };
        if entries.len() > MOST {
            self.wrong(entry.at, format!("envs: At most {MOST} variables; here are {}.", entries.len()));
        }
        let mut found = Vec::new();
        for Entry { at, key, value } in entries {
            let Some(name) = self.variable("envs", at, &key) else { continue };
            match said(&value) {
                Some(text) => {
                    self.places.envs.push(at);
                    found.push((name, text.to_owned()));
                }
                None => self.wrong(value.at, format!("envs: Give {key} a value on one line; \"\" is the empty one.")),
            }
        }
        found
    }

    /// The name of a variable that may be set, or what is wrong with it.
    fn variable(&mut self, field: &str, at: Place, key: &str) -> Option<EnvName> {
        let Ok(name) = key.parse::<EnvName>() else {
            let sentence = "is no name of a variable. Use letters, digits and _, and no digit first.";
            self.wrong(at, format!("{field}: “{}” {sentence}", shown(key)));
            return None;
        };
        if RESERVED.contains(&key) || RESERVED_BEGINNINGS.iter().any(|begin| key.starts_with(begin)) {
            self.wrong(at, format!("{field}: {key} is set by the portal or the cluster. Choose another name."));
            return None;
        }
        Some(name)
    }

    /// What stands behind a name is never repeated: it may be the secret itself, as in other tools' files.
    pub(super) fn secrets(&mut self, entry: Entry, envs: &[(EnvName, String)]) -> Vec<FromSecret> {
        let Value::Map(entries) = entry.value.value else {
            self.wrong(
                entry.value.at,
                "secrets: Write a variable and a Secret's name and key on each line, for example TOKEN: hugging-face/TOKEN.",
            );
            return Vec::new();
        };
        if entries.len() > MOST {
            self.wrong(entry.at, format!("secrets: At most {MOST} variables; here are {}.", entries.len()));
        }
        let mut found = Vec::new();
        for Entry { at, key, value } in entries {
            let Some(env) = self.variable("secrets", at, &key) else { continue };
            if envs.iter().any(|(name, _)| *name == env) {
                self.wrong(at, format!("secrets: {key} stands in envs too. Keep one of both."));
                continue;
            }
            match said(&value).and_then(|text| FromSecret::read(env, text)) {
                Some(from) => {
                    self.places.secrets.push(value.at);
                    found.push(from);
                }
                None => self.wrong(
                    value.at,
                    format!(
                        "secrets: Behind {key} stands no Secret's name and key. Put the value in at /secrets/new, and write name/key here."
                    ),
                ),
            }
        }
        found
    }
}
