//! How is a task asked for with fields, and how is a file made of them? The file is the truth; the fields write it and read it.

mod write;

use super::{
    Medium, Scratch, TaskSpec, Want,
    file::{cores, time},
};
use crate::access::listed;

/// The fields of the page, all text. What they say is judged where the file is read, at its line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskForm {
    pub name: String,
    pub num_nodes: String,
    pub cpus: String,
    pub memory: String,
    pub disk: String,
    pub accelerators: String,
    pub gpu_type: String,
    pub image_id: String,
    pub requests_cpus: String,
    pub requests_memory: String,
    pub volumes: Vec<VolumeRow>,
    pub scratch: Vec<ScratchRow>,
    /// A variable and its value on each line: `NAME=value`; a value in double quotes may hold `\n`, `\"` and `\\`.
    pub envs: String,
    pub secrets: Vec<SecretRow>,
    pub workdir: String,
    pub setup: String,
    pub run: String,
    pub completions: String,
    pub parallelism: String,
    pub retries: String,
    pub time_limit: String,
    pub keep: String,
}

/// One line of volumes. A size makes it a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeRow {
    pub path: String,
    pub name: String,
    /// Says anything or nothing, as a box that is ticked or not.
    pub read_only: String,
    pub size: String,
    pub class: String,
    pub access: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScratchRow {
    pub path: String,
    pub size: String,
    /// `memory`, `shm` for memory at `/dev/shm`, or anything else for the disk.
    pub medium: String,
}

/// A variable, and the Secret and key that it comes from: `name/key`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretRow {
    pub env: String,
    pub from: String,
}

/// Where programs look for the memory that they share (`shm_open(3)`).
const SHARED_MEMORY: &str = "/dev/shm";
/// Rows of one kind that are read; nobody fills in more.
const ROWS_MAX: usize = 32;

impl TaskForm {
    pub fn of(spec: &TaskSpec) -> Self {
        let many = |number: u32, usual: u32| if number == usual { String::new() } else { number.to_string() };
        let resources = &spec.resources;
        Self {
            name: spec.name.to_string(),
            num_nodes: many(spec.nodes, 1),
            cpus: cores(resources.cpu_millis),
            memory: resources.memory.to_string(),
            disk: resources.disk.to_string(),
            accelerators: many(resources.gpus, 0),
            gpu_type: resources.gpu_product.clone().unwrap_or_default(),
            image_id: spec.image.to_string(),
            requests_cpus: resources.requested_cpu_millis.map(cores).unwrap_or_default(),
            requests_memory: resources.requested_memory.map(|memory| memory.to_string()).unwrap_or_default(),
            volumes: spec.volumes.iter().map(VolumeRow::of).collect(),
            scratch: spec.scratch.iter().map(ScratchRow::of).collect(),
            envs: spec.envs.iter().map(|(name, value)| format!("{name}={}\n", on_one_line(value))).collect(),
            secrets: spec.secrets.iter().map(|from| SecretRow { env: from.env.to_string(), from: from.to_string() }).collect(),
            workdir: spec.workdir.as_ref().map(ToString::to_string).unwrap_or_default(),
            setup: spec.setup.clone().unwrap_or_default(),
            run: spec.run.clone(),
            completions: many(spec.completions, 1),
            parallelism: many(spec.parallelism, spec.completions),
            retries: many(spec.retries, 0),
            time_limit: time(spec.time_limit),
            keep: time(spec.keep),
        }
    }

    /// From the pairs that a page sends: rows are numbered, `volume0_path`, `scratch1_size`. What the page does not have is named.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, String> {
        let mut form = Self::default();
        for (key, value) in pairs {
            let value = value.replace("\r\n", "\n");
            let Some(place) = form.field(&key) else { return Err(key) };
            *place = value;
        }
        // Choices alone are no wish: they stay behind when somebody empties a row.
        form.volumes.retain(|row| says(&[&row.path, &row.name, &row.size]));
        form.scratch.retain(|row| says(&[&row.path, &row.size]));
        form.secrets.retain(|row| says(&[&row.env, &row.from]));
        Ok(form)
    }

    fn field(&mut self, key: &str) -> Option<&mut String> {
        if let Some((row, column)) = row_of(key, "volume") {
            let row = at(&mut self.volumes, row);
            return match column {
                "path" => Some(&mut row.path),
                "name" => Some(&mut row.name),
                "read_only" => Some(&mut row.read_only),
                "size" => Some(&mut row.size),
                "class" => Some(&mut row.class),
                "access" => Some(&mut row.access),
                _ => None,
            };
        }
        if let Some((row, column)) = row_of(key, "scratch") {
            let row = at(&mut self.scratch, row);
            return match column {
                "path" => Some(&mut row.path),
                "size" => Some(&mut row.size),
                "medium" => Some(&mut row.medium),
                _ => None,
            };
        }
        if let Some((row, column)) = row_of(key, "secret") {
            let row = at(&mut self.secrets, row);
            return match column {
                "env" => Some(&mut row.env),
                "from" => Some(&mut row.from),
                _ => None,
            };
        }
        match key {
            "name" => Some(&mut self.name),
            "num_nodes" => Some(&mut self.num_nodes),
            "cpus" => Some(&mut self.cpus),
            "memory" => Some(&mut self.memory),
            "disk" => Some(&mut self.disk),
            "accelerators" => Some(&mut self.accelerators),
            "gpu_type" => Some(&mut self.gpu_type),
            "image_id" => Some(&mut self.image_id),
            "requests_cpus" => Some(&mut self.requests_cpus),
            "requests_memory" => Some(&mut self.requests_memory),
            "envs" => Some(&mut self.envs),
            "workdir" => Some(&mut self.workdir),
            "setup" => Some(&mut self.setup),
            "run" => Some(&mut self.run),
            "completions" => Some(&mut self.completions),
            "parallelism" => Some(&mut self.parallelism),
            "retries" => Some(&mut self.retries),
            "time_limit" => Some(&mut self.time_limit),
            "keep" => Some(&mut self.keep),
            _ => None,
        }
    }
}

fn says(texts: &[&str]) -> bool {
    texts.iter().any(|text| !text.trim().is_empty())
}

/// `volume3_path`: 3 and `path`.
fn row_of<'a>(key: &'a str, kind: &str) -> Option<(usize, &'a str)> {
    let (number, column) = key.strip_prefix(kind)?.split_once('_')?;
    Some((number.parse().ok().filter(|number| *number < ROWS_MAX)?, column))
}

fn at<T: Default + Clone>(rows: &mut Vec<T>, index: usize) -> &mut T {
    if rows.len() <= index {
        rows.resize(index + 1, T::default());
    }
    &mut rows[index]
}

impl VolumeRow {
    fn of(want: &Want) -> Self {
        let row = Self {
            path: want.path.as_ref().map(ToString::to_string).unwrap_or_default(),
            name: want.volume.clone(),
            read_only: if want.read_only { "true".to_owned() } else { String::new() },
            ..Self::default()
        };
        match &want.new {
            Some(new) => {
                Self { size: new.size.to_string(), class: new.class.to_string(), access: listed(&new.modes).replace(' ', ""), ..row }
            }
            None => row,
        }
    }
}

impl ScratchRow {
    fn of(scratch: &Scratch) -> Self {
        let medium = match scratch.medium {
            Medium::Disk => "",
            Medium::Memory if scratch.path.as_str() == SHARED_MEMORY => "shm",
            Medium::Memory => "memory",
        };
        Self { path: scratch.path.to_string(), size: scratch.size.to_string(), medium: medium.to_owned() }
    }
}

/// A value as a line of variables has it.
fn on_one_line(value: &str) -> String {
    let bare = !value.contains(['\n', '\t']) && !value.starts_with('"') && value.trim() == value;
    if bare { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests;
