//! What does a task file ask for? YAML in the words of k8s-cli, read strictly: every refusal has its line and column.
//!
//! | Module | Answers |
//! |---|---|
//! | `tree` | what does the text say, and where |
//! | [`table`] | which fields are there, and what do they take |
//! | `field` | which fields does a map have that it should not |
//! | [`Schema`] | how does the table look to other programs |
//! | `scalar` | how are numbers, sizes and times read |
//! | `resources`, `volumes`, `envs` | what do these sections ask for |

mod envs;
mod field;
mod resources;
mod scalar;
mod schema;
pub mod table;
mod tree;
mod volumes;

pub use scalar::{cores, time};
pub use schema::Schema;
pub use tree::{BYTES_MAX, Place, Remark, text};

use super::{Limits, TaskSpec};
use crate::{
    name::{MountPath, TaskName, VolumeName},
    storage_class::StorageClass,
};
use field::{Fields, shown};
use table::{NODES_MAX, RETRIES_MAX, RUNS_MAX, TASK};
use tree::{Entry, Node, Value, tree};

/// A file that could be read, with what it says and does not mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFile {
    pub spec: TaskSpec,
    pub warnings: Vec<Remark>,
    pub places: Places,
}

/// Where things stand in a file, for whoever has something to say about them later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// In the order of [`TaskSpec::volumes`].
    pub volumes: Vec<Place>,
    /// Where one is asked for writing in so many words (`read_only: false`), and which.
    pub writes: Vec<(usize, Place)>,
    /// In the order of [`TaskSpec::scratch`].
    pub scratch: Vec<Place>,
    /// In the order of [`TaskSpec::envs`].
    pub envs: Vec<Place>,
    /// In the order of [`TaskSpec::secrets`].
    pub secrets: Vec<Place>,
    /// Fields by their names, those of `resources` too.
    fields: Vec<(String, Place)>,
}

impl Places {
    pub fn of(&self, field: &str) -> Option<Place> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, place)| *place)
    }
}

/// Everything that is wrong with a file, in the order of its lines; at least one error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub errors: Vec<Remark>,
    pub warnings: Vec<Remark>,
}

/// Reads a file. Classes are needed for volumes that are made in the same step.
pub fn read(text: &str, limits: &Limits, classes: &[StorageClass]) -> Result<TaskFile, Unreadable> {
    let node = tree(text).map_err(|error| Unreadable { errors: vec![error], warnings: Vec::new() })?;
    let mut reader = Reader { limits, classes, errors: Vec::new(), warnings: Vec::new(), places: Places::default() };
    let spec = reader.task(node);
    let Reader { mut errors, mut warnings, places, .. } = reader;
    errors.sort_by_key(|error| error.place);
    warnings.sort_by_key(|warning| warning.place);
    match spec {
        Some(spec) if errors.is_empty() => Ok(TaskFile { spec, warnings, places }),
        _ => Err(Unreadable { errors, warnings }),
    }
}

/// Notes what is wrong and goes on, so that one reading finds all of it.
struct Reader<'a> {
    limits: &'a Limits,
    classes: &'a [StorageClass],
    errors: Vec<Remark>,
    warnings: Vec<Remark>,
    places: Places,
}

impl Reader<'_> {
    fn wrong(&mut self, at: Place, sentence: impl Into<String>) {
        self.errors.push(Remark::new(at, sentence));
    }

    fn warn(&mut self, at: Place, sentence: impl Into<String>) {
        self.warnings.push(Remark::new(at, sentence));
    }

    /// What a field says, if it is there; what is wrong with it is noted.
    fn read<T>(&mut self, fields: &mut Fields, key: &str, read: impl FnOnce(&Node) -> Result<T, String>) -> Option<T> {
        let Entry { at, key, value } = fields.take(key)?;
        self.places.fields.push((key.clone(), at));
        read(&value).map_err(|sentence| self.wrong(value.at, format!("{key}: {sentence}"))).ok()
    }

    fn task(&mut self, node: Node) -> Option<TaskSpec> {
        if matches!(node.value, Value::Text { .. } | Value::List(_)) {
            self.wrong(node.at, "A task file has fields, one per line: name, resources, volumes, run.");
            return None;
        }
        let mut fields = self.fields(node, "A task", &TASK)?;
        let start = fields.at;
        let name = self.name(&mut fields);
        let nodes = self.read(&mut fields, "num_nodes", |node| scalar::whole(node, 1, NODES_MAX)).unwrap_or(1);
        let completions_at = fields.place("completions");
        let completions = self.read(&mut fields, "completions", |node| scalar::whole(node, 1, RUNS_MAX)).unwrap_or(1);
        let parallelism = self.read(&mut fields, "parallelism", |node| scalar::whole(node, 1, RUNS_MAX));
        let retries = self.read(&mut fields, "retries", |node| scalar::whole(node, 0, RETRIES_MAX)).unwrap_or(0);
        let time_limit = self.read(&mut fields, "time_limit", |node| scalar::seconds(node, 1)).unwrap_or(self.limits.max_time);
        let keep = self.read(&mut fields, "keep", |node| scalar::seconds(node, 0)).unwrap_or(self.limits.keep);
        if let Some(at) = self.places.of("time_limit").filter(|_| time_limit < 60) {
            self.warn(at, format!("time_limit: The task is ended after {time_limit} seconds. Write 30m or 12h if more is meant."));
        }
        if nodes > 1 && completions > 1 {
            let at = completions_at.unwrap_or(start);
            self.wrong(at, "completions: Several runs and several nodes exclude each other. Keep completions or num_nodes.");
        }
        if let Some(parallelism) = parallelism.filter(|parallelism| *parallelism > completions) {
            let at = self.places.of("parallelism").unwrap_or(start);
            self.wrong(at, format!("parallelism: {parallelism} at the same time is more than there are runs ({completions})."));
        }
        let volumes = fields.take("volumes").map(|entry| self.volumes(entry)).unwrap_or_default();
        let scratch = fields.take("scratch").map(|entry| self.scratch(entry)).unwrap_or_default();
        self.refuse_doubled(&volumes, &scratch);
        let envs = fields.take("envs").map(|entry| self.envs(entry)).unwrap_or_default();
        let secrets = fields.take("secrets").map(|entry| self.secrets(entry, &envs)).unwrap_or_default();
        let setup = self.read(&mut fields, "setup", |node| Ok(script(node)?.filter(|text| !text.trim().is_empty()))).flatten();
        let run = self.run(&mut fields);
        let workdir = self.workdir(&mut fields);
        let (image, resources) = self.resources(fields.take("resources"), start, &scratch)?;
        Some(TaskSpec {
            name: name?,
            nodes,
            image: image?,
            resources,
            volumes,
            scratch,
            envs,
            secrets,
            setup,
            run: run?,
            workdir,
            completions,
            // All at once, as far as the installation lets it.
            parallelism: parallelism.unwrap_or(completions.min(self.limits.max_nodes)),
            retries,
            time_limit,
            keep,
        })
    }

    fn name(&mut self, fields: &mut Fields) -> Option<TaskName> {
        if !fields.has("name") {
            self.wrong(fields.at, "name: The task needs a name, for example name: train.");
            return None;
        }
        self.read(fields, "name", |node| {
            let text = scalar::said(node).ok_or("Enter a name, for example train.")?;
            text.parse::<TaskName>().map_err(|error| {
                let short: String = text.chars().take(40).collect();
                let hint = VolumeName::suggestion(&short).filter(|name| name.as_str() != text).map(|name| format!(" Try {name}."));
                format!("{error}{}", hint.unwrap_or_default())
            })
        })
    }

    fn run(&mut self, fields: &mut Fields) -> Option<String> {
        if !fields.has("run") {
            self.wrong(fields.at, "run: The task needs something to run, for example run: python train.py.");
            return None;
        }
        self.read(fields, "run", |node| {
            script(node)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| "There is nothing to run. Write shell lines.".to_owned())
        })
    }

    fn workdir(&mut self, fields: &mut Fields) -> Option<MountPath> {
        let at = fields.place("workdir")?;
        if fields.is_map("workdir") {
            fields.take("workdir");
            self.warn(
                at,
                "“workdir” with fields is not used here. No repository is fetched; clone it in setup, into a volume or scratch space.",
            );
            return None;
        }
        self.read(fields, "workdir", |node| {
            let text = scalar::said(node).ok_or("Name the folder in which the shell starts, or leave the field out.")?;
            path(text).map_err(|sentence| format!("{sentence} It is where the shell starts; nothing is uploaded."))
        })
    }
}

/// Shell lines.
fn script(node: &Node) -> Result<Option<String>, String> {
    match &node.value {
        Value::Text { .. } => Ok(scalar::said(node).map(str::to_owned)),
        Value::List(_) | Value::Map(_) => {
            Err("Write shell lines as one text: put | after the colon and the lines below, indented.".to_owned())
        }
    }
}

/// A place in the task's file system, or why it is none.
fn path(text: &str) -> Result<MountPath, String> {
    text.parse().map_err(|_| {
        let typed = shown(text);
        if !text.starts_with('/') {
            format!("“{typed}” is no absolute path. Begin with /, for example /data.")
        } else if text == "/" {
            "The task's whole file system cannot be replaced. Name a folder in it, for example /data.".to_owned()
        } else if text.contains(':') || text.chars().any(crate::text::is_invisible) {
            format!("“{typed}” holds a character that a path here does not take.")
        } else if text.split('/').skip(1).any(|part| matches!(part, "" | "." | "..")) {
            format!("“{typed}” is no clean path. Write it without //, . and .. and without / at the end.")
        } else if text.len() > 1024 {
            "This path is too long.".to_owned()
        } else {
            format!("“{typed}” is the system's own. Use a place like /data.")
        }
    })
}

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod samples;
#[cfg(test)]
pub(super) mod tests;
