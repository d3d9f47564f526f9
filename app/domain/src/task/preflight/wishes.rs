//! May the task have what it asks for, and what will be lost at its end?

use super::{Known, Level, Lines};
use crate::{
    quantity::Size,
    task::{
        Medium, Mount, TaskSpec,
        file::{Places, cores, time},
        secret::is_secret,
    },
};

pub(super) fn judge(spec: &TaskSpec, places: &Places, known: &Known<'_>, lines: &mut Lines) {
    limits(spec, places, known, lines);
    scratch(spec, places, lines);
    variables(spec, places, lines);
    if let Some(workdir) = &spec.workdir {
        let is_below =
            |path: &str| workdir.as_str() == path || workdir.as_str().strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let mounted = spec.volumes.iter().any(|want| want.path.as_ref().is_none_or(|path| is_below(path.as_str())))
            || spec.scratch.iter().any(|scratch| is_below(scratch.path.as_str()));
        if !mounted {
            let told = format!("{workdir} is in none of the mounts: it is there only if the image has it.");
            lines.say(Level::Note, places.of("workdir"), told);
        }
    }
}

fn limits(spec: &TaskSpec, places: &Places, known: &Known<'_>, lines: &mut Lines) {
    let limits = known.limits;
    let mut too_much = |field: &str, asked: &str, most: &str| {
        lines.say(
            Level::Refusal,
            places.of(field),
            format!("{field}: {asked} is more than a task may have here ({most}). Ask for less, or ask an administrator."),
        );
    };
    if spec.nodes > limits.max_nodes {
        too_much("num_nodes", &spec.nodes.to_string(), &limits.max_nodes.to_string());
    }
    if spec.parallelism > limits.max_nodes {
        too_much("parallelism", &spec.parallelism.to_string(), &limits.max_nodes.to_string());
    }
    if spec.resources.cpu_millis > limits.max_cpu_millis {
        too_much("cpus", &cores(spec.resources.cpu_millis), &cores(limits.max_cpu_millis));
    }
    if spec.resources.memory > limits.max_memory {
        too_much("memory", &spec.resources.memory.to_string(), &limits.max_memory.to_string());
    }
    if spec.time_limit > limits.max_time {
        too_much("time_limit", &time(spec.time_limit), &time(limits.max_time));
    }
    if spec.resources.gpus > 0 {
        match (&limits.gpu_resource, &spec.resources.gpu_product) {
            (None, _) => {
                lines.say(Level::Refusal, places.of("accelerators"), "accelerators: This installation has no GPUs. Leave the field out.")
            }
            (Some(_), Some(product)) => {
                let told = format!("Only nodes whose GPUs are {product} can run this; it waits until one is free.");
                lines.say(Level::Note, places.of("gpu_type").or_else(|| places.of("accelerators")), told);
            }
            (Some(_), None) => {}
        }
    }
    match limits.refuses_image(&spec.image) {
        Some(sentence) => lines.say(Level::Refusal, places.of("image_id").or_else(|| places.of("resources")), sentence),
        None => lines.say(Level::Ok, places.of("image_id").or_else(|| places.of("resources")), format!("Image {}.", spec.image)),
    }
    lines.say(Level::Ok, None, outline(spec));
    if spec.nodes > 1 {
        let told = format!(
            "Each pod finds its number in NODE_RANK, from 0 to {}, how many they are in NUM_NODES, and all their names in NODE_PEERS, one a line.",
            spec.nodes - 1
        );
        lines.say(Level::Note, places.of("num_nodes"), told);
    }
    if spec.completions > 1 {
        let told = format!("Each run finds its number in JOB_COMPLETION_INDEX, from 0 to {}.", spec.completions - 1);
        lines.say(Level::Note, places.of("completions"), told);
    }
}

fn outline(spec: &TaskSpec) -> String {
    let resources = &spec.resources;
    let pods = match (spec.nodes, spec.completions) {
        (1, 1) => "One pod".to_owned(),
        (1, runs) => format!("{runs} runs, {} at a time, each", spec.parallelism),
        (nodes, _) => format!("{nodes} pods, each"),
    };
    let gpus = match resources.gpus {
        0 => String::new(),
        1 => ", 1 GPU".to_owned(),
        n => format!(", {n} GPUs"),
    };
    let cores = cores(resources.cpu_millis);
    let noun = if cores == "1" { "core" } else { "cores" };
    format!("{pods} with {cores} {noun}, {} of memory{gpus}; ended after {} at the latest.", resources.memory, time(spec.time_limit))
}

/// Memory scratch is the pods' memory (emptyDir, medium Memory); scratch on disk is ephemeral storage, and whoever uses more than
/// was asked for is evicted.
fn scratch(spec: &TaskSpec, places: &Places, lines: &mut Lines) {
    let sum = |medium: Medium| {
        spec.scratch.iter().filter(|scratch| scratch.medium == medium).map(|scratch| scratch.size.bytes()).fold(0, u64::saturating_add)
    };
    let place = |medium: Medium| {
        let first = spec.scratch.iter().position(|scratch| scratch.medium == medium)?;
        places.scratch.get(first).copied()
    };
    let (in_memory, memory) = (Size::from_bytes(sum(Medium::Memory)), spec.resources.memory);
    if in_memory >= memory {
        let told = format!(
            "Scratch space in memory ({in_memory}) counts against memory ({memory}) and leaves nothing for the program. Ask for more memory, or put it on disk."
        );
        lines.say(Level::Refusal, place(Medium::Memory), told);
    } else if in_memory.bytes() > 0 {
        let left = Size::from_bytes(memory.bytes() - in_memory.bytes());
        let told = format!(
            "Scratch space in memory ({in_memory}) counts against memory ({memory}): {} are left for the program when it is full. It is gone with its pod and shared with no other.",
            left.rounded()
        );
        let level = if in_memory.bytes() > memory.bytes() / 2 { Level::Warning } else { Level::Note };
        lines.say(level, place(Medium::Memory), told);
    }
    let (on_disk, disk) = (Size::from_bytes(sum(Medium::Disk)), spec.resources.disk);
    if on_disk > disk {
        let told = format!("Scratch space on disk ({on_disk}) counts against disk ({disk}): a pod that uses more is ended. Raise disk.");
        lines.say(Level::Warning, place(Medium::Disk), told);
    }
}

/// Names only: no value is ever said.
fn variables(spec: &TaskSpec, places: &Places, lines: &mut Lines) {
    for (index, (name, value)) in spec.envs.iter().enumerate() {
        let place = places.envs.get(index).copied();
        let upper = name.as_str().to_ascii_uppercase();
        if !value.is_empty() && is_secret(name.as_str()) {
            let told = format!(
                "{name} looks like a secret, and its value stands in the file and in the cluster for whoever may read the task. Put it into a Secret at /secrets/new, and name that below secrets."
            );
            lines.say(Level::Warning, place, told);
        } else if matches!(upper.as_str(), "PATH" | "LD_PRELOAD" | "LD_LIBRARY_PATH") {
            lines.say(Level::Note, place, format!("{name} replaces the image's own: programs may not be found."));
        }
    }
}

/// What is left at the end.
pub(super) fn kept(spec: &TaskSpec, mounts: &[Mount], lines: &mut Lines) {
    if spec.volumes.is_empty() {
        lines.say(Level::Warning, None, "No volume is mounted: all results are lost at the end. Mount one and write to it.");
    } else if !mounts.is_empty() && mounts.iter().all(|mount| mount.read_only) {
        lines.say(Level::Warning, None, "All volumes are mounted for reading only: all results are lost at the end.");
    }
}
