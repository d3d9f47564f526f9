//! Which fields has a task file, which are known from files of the same family, and which are nobody's?

use super::{
    Reader,
    table::{Field, RESOURCES, TASK},
    tree::{Entry, Node, Place, Value},
};
use crate::{near::near, text::is_invisible};

/// Fields of SkyPilot's task files that have no meaning here, and what to do instead.
pub(super) const FOREIGN: [(&str, &str); 8] = [
    ("file_mounts", "No files are copied into the task. Put them into a volume first."),
    ("storage_mounts", "Buckets are not mounted. Fetch what is needed in setup, into a volume or scratch space."),
    ("service", "Tasks serve nothing to the outside; this one runs to its end."),
    ("inputs", "Inputs are not watched. Mount the volume that holds them."),
    ("outputs", "Outputs are not collected. Write them to a volume."),
    ("pool", "There are no pools; the cluster chooses the nodes."),
    ("event_callback", "Nothing is called when it ends. Its page shows how it stands."),
    ("secret_mounts", "Secrets are handed over as variables alone: name them below secrets."),
];
pub(super) const FOREIGN_RESOURCES: [(&str, &str); 19] = [
    ("any_of", "One set of resources is asked for: the fields beside it."),
    ("ordered", "One set of resources is asked for: the fields beside it."),
    ("use_spot", "The cluster chooses the nodes."),
    ("spot_recovery", "Use retries to begin again after a failure."),
    ("job_recovery", "Use retries to begin again after a failure."),
    ("cloud", "There is one cluster."),
    ("infra", "There is one cluster."),
    ("region", "There is one cluster."),
    ("zone", "There is one cluster."),
    ("instance_type", "The cluster chooses the nodes; ask for cpus, memory and accelerators."),
    ("accelerator_args", "Only how many GPUs and of which type."),
    ("disk_size", "Use disk for space on the node."),
    ("disk_tier", "The class of a volume decides how fast it is."),
    ("local_disk", "Use disk for space on the node."),
    ("network_tier", "The cluster's network is one for all."),
    ("ports", "Tasks serve nothing to the outside."),
    ("labels", "Labels are the portal's own."),
    ("autostop", "A task ends by itself, at the latest after time_limit."),
    ("max_hourly_cost", "Nothing is charged here."),
];

/// The fields of one map, each taken once.
pub(super) struct Fields {
    pub at: Place,
    entries: Vec<Entry>,
}

impl Fields {
    pub fn take(&mut self, key: &str) -> Option<Entry> {
        let place = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(place))
    }

    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    pub fn place(&self, key: &str) -> Option<Place> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.at)
    }

    pub fn is_map(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key && matches!(entry.value.value, Value::Map(_)))
    }
}

impl Reader<'_> {
    /// The fields of a map that has only these, or those of the family; what else there is, is said.
    pub(super) fn fields(&mut self, node: Node, what: &str, known: &[Field]) -> Option<Fields> {
        let Node { at, value: Value::Map(entries) } = node else {
            self.wrong(node.at, format!("{what} has fields: {}.", listed(known)));
            return None;
        };
        let foreign: &[(&str, &str)] = match what {
            "A task" => &FOREIGN,
            "resources" => &FOREIGN_RESOURCES,
            _ => &[],
        };
        let (known_entries, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| has(known, &entry.key));
        for Entry { at, key, .. } in others {
            if let Some((_, instead)) = foreign.iter().find(|(name, _)| *name == key) {
                self.warn(at, format!("“{key}” is not used here. {instead}"));
            } else {
                self.wrong(at, unknown(&key, what, known));
            }
        }
        Some(Fields { at, entries: known_entries })
    }
}

fn has(fields: &[Field], key: &str) -> bool {
    fields.iter().any(|field| field.name == key)
}

fn listed(fields: &[Field]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}

fn unknown(key: &str, what: &str, known: &[Field]) -> String {
    let typed = shown(key);
    if what == "A task" && matches!(key, "apiVersion" | "kind" | "spec" | "metadata" | "podSpec") {
        return format!("“{typed}” belongs to a Kubernetes object. A task file says what to run; the portal writes the Job itself.");
    }
    // What stands elsewhere in the file is named with its place.
    let elsewhere = [("A task", &TASK[..], ""), ("resources", &RESOURCES[..], "below resources")];
    for (other, fields, place) in elsewhere {
        if other != what && has(fields, key) && !has(known, key) {
            let place = if place.is_empty() { "at the beginning of a line, beside name" } else { place };
            return format!("“{typed}” is not a field here; it stands {place}.");
        }
    }
    match near(key, known.iter().map(|field| field.name)).first() {
        Some(meant) => format!("“{typed}” is not a field here. Did you mean “{meant}”?"),
        None => format!("“{typed}” is not a field here. {what} has: {}.", listed(known)),
    }
}

/// What was typed, so that it can be seen: short, and what is invisible by its code point.
pub(super) fn shown(text: &str) -> String {
    let seen: String =
        text.chars().take(40).map(|c| if is_invisible(c) { format!("[U+{:04X}]", u32::from(c)) } else { c.to_string() }).collect();
    if text.chars().count() > 40 { format!("{seen}…") } else { seen }
}
