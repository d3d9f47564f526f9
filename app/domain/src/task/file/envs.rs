//! Which variables does a task's shell find?

use super::{
    Reader,
    scalar::said,
    shown,
    tree::{Entry, Value},
};
use crate::name::EnvName;

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
            let name = match key.parse::<EnvName>() {
                Ok(name) => name,
                Err(_) => {
                    let sentence = "is no name of a variable. Use letters, digits and _, and no digit first.";
                    self.wrong(at, format!("envs: “{}” {sentence}", shown(&key)));
                    continue;
                }
            };
            if RESERVED.contains(&key.as_str()) || RESERVED_BEGINNINGS.iter().any(|begin| key.starts_with(begin)) {
                self.wrong(at, format!("envs: {key} is set by the portal or the cluster. Choose another name."));
                continue;
            }
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
}
