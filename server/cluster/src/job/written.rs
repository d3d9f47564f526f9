//! How is what was asked for written down on the Job? With the fields of a task file, so that it can be read back and asked for again.

use domain::{
    quantity::Size,
    task::{Medium, Plan, Resources},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The file's fields, as JSON, which is YAML as well. A volume that was new is by now one that is there.
pub(crate) fn written(plan: &Plan) -> Value {
    let spec = &plan.spec;
    let mut file = Map::new();
    let mut put = |field: &str, value: Value| file.insert(field.to_owned(), value);
    put("name", json!(spec.name));
    if spec.nodes > 1 {
        put("num_nodes", spec.nodes.into());
    }
    put("resources", resources(&spec.resources, spec.image.as_str()));
    if !plan.mounts.is_empty() {
        let volumes = spec.volumes.iter().zip(&plan.mounts).map(|(want, mount)| {
            let named = if mount.read_only { json!({ "name": want.volume, "read_only": true }) } else { want.volume.clone().into() };
            (mount.path.to_string(), named)
        });
        put("volumes", Value::Object(volumes.collect()));
    }
    if !spec.scratch.is_empty() {
        let scratch = spec.scratch.iter().map(|scratch| {
            let medium = match scratch.medium {
                Medium::Disk => "disk",
                Medium::Memory => "memory",
            };
            (scratch.path.to_string(), json!({ "size": scratch.size.to_string(), "medium": medium }))
        });
        put("scratch", Value::Object(scratch.collect()));
    }
    if !spec.envs.is_empty() {
        put("envs", Value::Object(spec.envs.iter().map(|(name, value)| (name.to_string(), value.clone().into())).collect()));
    }
    if !spec.secrets.is_empty() {
        put("secrets", Value::Object(spec.secrets.iter().map(|from| (from.env.to_string(), from.to_string().into())).collect()));
    }
    if let Some(workdir) = &spec.workdir {
        put("workdir", json!(workdir));
    }
    if let Some(setup) = &spec.setup {
        put("setup", setup.clone().into());
    }
    put("run", spec.run.clone().into());
    if spec.completions > 1 {
        put("completions", spec.completions.into());
        put("parallelism", spec.parallelism.into());
    }
    if spec.retries > 0 {
        put("retries", spec.retries.into());
    }
    put("time_limit", spec.time_limit.into());
    put("keep", spec.keep.into());
    Value::Object(file)
}

fn resources(asked: &Resources, image: &str) -> Value {
    let mut resources = json!({
        "cpus": cpus(asked.cpu_millis), "memory": asked.memory.to_string(), "disk": asked.disk.to_string(), "image_id": image,
    });
    match (&asked.gpu_product, asked.gpus) {
        (_, 0) => {}
        (Some(product), gpus) => resources["accelerators"] = format!("{product}:{gpus}").into(),
        (None, gpus) => resources["accelerators"] = gpus.into(),
    }
    if asked.requested_cpu_millis.is_some() || asked.requested_memory.is_some() {
        let cpus = asked.requested_cpu_millis.map(cpus);
        resources["requests"] = json!({ "cpus": cpus, "memory": asked.requested_memory.map(|memory| memory.to_string()) });
    }
    resources
}

/// `2`, `0.5`.
fn cpus(millis: u64) -> String {
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What the page of a task shows of it, read back. Whatever is not as it was written is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Written {
    pub(crate) envs: Map<String, Value>,
    pub(crate) secrets: Map<String, Value>,
    pub(crate) setup: Option<String>,
    pub(crate) run: String,
    pub(crate) workdir: Option<String>,
    resources: WrittenResources,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct WrittenResources {
    cpus: String,
    memory: String,
    disk: String,
    accelerators: Value,
}

impl Written {
    pub(crate) fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// `2 CPUs, 4 Gi of memory, 1 GPU (A100)`: what each pod gets.
    pub(crate) fn resources_in_words(&self) -> String {
        let Some(memory) = Size::from_kubernetes(&self.resources.memory) else { return String::new() };
        let cpus = &self.resources.cpus;
        let mut words = vec![format!("{cpus} {}", if cpus == "1" { "CPU" } else { "CPUs" }), format!("{} of memory", memory.rounded())];
        words.extend(Size::from_kubernetes(&self.resources.disk).map(|disk| format!("{} of disk", disk.rounded())));
        let gpus = |number: &str| if number == "1" { "1 GPU".to_owned() } else { format!("{number} GPUs") };
        match &self.resources.accelerators {
            Value::Number(number) => words.push(gpus(&number.to_string())),
            Value::String(text) => words.extend(text.split_once(':').map(|(product, number)| format!("{} ({product})", gpus(number)))),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {}
        }
        words.join(", ")
    }
}
