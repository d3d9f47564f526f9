//! What does the configuration allow a task?

use super::Reader;
use cluster::PodSettings;
use domain::{name::ImageRef, quantity::Size, task::Limits};

/// What tasks may have, and whose rights their processes have.
#[derive(Clone, Debug)]
pub struct Tasks {
    pub limits: Limits,
    pub run_as_user: u32,
    /// By which nodes tell the product of their GPUs.
    pub gpu_label: String,
    /// Of what looks into volumes.
    pub files_image: Option<String>,
}

impl Tasks {
    /// What is the same for the pods of all tasks.
    pub fn pods(&self) -> PodSettings {
        let usual = PodSettings::default();
        PodSettings {
            run_as_user: self.run_as_user,
            gpu_resource: self.limits.gpu_resource.clone().unwrap_or(usual.gpu_resource),
            gpu_label: self.gpu_label.clone(),
            files_image: self.files_image.clone(),
        }
    }
}

impl Reader<'_> {
    pub(super) fn tasks(&mut self) -> Tasks {
        let image = self.text("tasks.image");
        let image = match image.parse::<ImageRef>() {
            _ if image.is_empty() => None,
            Ok(image) => Some(image),
            Err(_) => {
                self.wrong("tasks.image", "must be an image such as docker.io/library/python:3.12-slim");
                None
            }
        };
        let files_image = Some(self.text("files.image")).filter(|image| !image.is_empty());
        if files_image.as_ref().is_some_and(|image| image.parse::<ImageRef>().is_err()) {
            self.wrong("files.image", "must be an image such as ghcr.io/example/stowage-files:1");
        }
        let hours = |hours: u64| u32::try_from(hours * 3600).unwrap_or(u32::MAX);
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let limits = Limits {
            image,
            images: self.list("tasks.images"),
            digest: self.yes_or_no("tasks.image_digest"),
            max_time: hours(self.between("tasks.max_hours", 1, 24 * 30)),
            max_nodes: number(self.between("tasks.max_nodes", 1, 64)),
            max_cpu_millis: 1000 * self.between("tasks.max_cpus", 1, 1024),
            max_memory: self.size("tasks.max_memory"),
            gpu_resource: Some(self.text("tasks.gpu_resource")).filter(|name| !name.is_empty()),
            keep: hours(self.between("tasks.keep_hours", 0, 24 * 30)),
        };
        let run_as_user = number(self.between("tasks.run_as_user", 1, u64::from(i32::MAX.unsigned_abs())));
        Tasks { limits, run_as_user, gpu_label: self.label("tasks.gpu_label"), files_image }
    }

    /// A key of a label, with or without a prefix: it goes into selectors as it is.
    fn label(&mut self, key: &str) -> String {
        let label = self.text(key);
        let good = |part: &str| {
            let ends = |c: char| c.is_ascii_alphanumeric();
            part.starts_with(ends)
                && part.ends_with(ends)
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let (prefix, name) = label.split_once('/').unwrap_or(("x", &label));
        if !(good(prefix) && prefix.len() <= 253 && good(name) && name.len() <= 63) {
            self.wrong(key, "must be a label such as nvidia.com/gpu.product");
        }
        label
    }

    pub(super) fn yes_or_no(&mut self, key: &str) -> bool {
        match self.text(key).as_str() {
            "true" => true,
            "false" => false,
            _ => {
                self.wrong(key, "must be true or false");
                false
            }
        }
    }

    fn size(&mut self, key: &str) -> Size {
        Size::typed(&self.text(key)).map(|typed| typed.size).unwrap_or_else(|_| {
            self.wrong(key, "must be a size such as 256Gi");
            Size::from_bytes(0)
        })
    }
}
