//! What shall each pod have?

use super::{
    Reader,
    scalar::{self, cpus, gpus, product_name, size},
    table::{REQUESTS, RESOURCES},
    tree::{Entry, Place},
};
use crate::{
    name::ImageRef,
    quantity::Size,
    task::{Medium, Resources, Scratch},
};

const CPU_MILLIS: u64 = 1000;
const GIBIBYTE: u64 = 1 << 30;
const MEMORY: Size = Size::from_bytes(GIBIBYTE);

impl Reader<'_> {
    /// Image and resources; where nothing is said, one core, 1Gi of memory, and 1Gi of disk beside the scratch space.
    pub(super) fn resources(&mut self, entry: Option<Entry>, start: Place, scratch: &[Scratch]) -> Option<(Option<ImageRef>, Resources)> {
        let on_disk: u64 = scratch.iter().filter(|scratch| scratch.medium == Medium::Disk).map(|scratch| scratch.size.bytes()).sum();
        let mut found = Resources {
            cpu_millis: CPU_MILLIS,
            memory: MEMORY,
            disk: Size::from_bytes(on_disk.saturating_add(GIBIBYTE)),
            gpus: 0,
            gpu_product: None,
            requested_cpu_millis: None,
            requested_memory: None,
        };
        let Some(Entry { at, value, .. }) = entry else { return Some((self.default_image(start), found)) };
        self.places.fields.push(("resources".to_owned(), at));
        let mut fields = self.fields(value, "resources", &RESOURCES)?;
        let sized = |reader: &mut Self, fields: &mut super::Fields, key: &str| {
            let (size, note) = reader.read(fields, key, size)?;
            if let (Some(note), Some(at)) = (note, reader.places.of(key)) {
                reader.warn(at, format!("{key}: {note}"));
            }
            Some(size)
        };
        if let Some(millis) = self.read(&mut fields, "cpus", cpus) {
            found.cpu_millis = millis;
        }
        if let Some(memory) = sized(self, &mut fields, "memory") {
            found.memory = memory;
        }
        if let Some(disk) = sized(self, &mut fields, "disk") {
            found.disk = disk;
        }
        if let Some((count, product)) = self.read(&mut fields, "accelerators", gpus) {
            (found.gpus, found.gpu_product) = (count, product);
        }
        self.gpu_type(&mut fields, &mut found);
        let image = if fields.has("image_id") {
            self.read(&mut fields, "image_id", |node| {
                let text = scalar::said(node).ok_or("Name an image, for example python:3.12-slim.")?;
                // SkyPilot's mark for images of containers.
                let name = text.strip_prefix("docker:").unwrap_or(text);
                name.parse::<ImageRef>().map_err(|_| {
                    format!("“{}” is no image. Write registry/name:tag, all but the tag in small letters.", super::shown(text))
                })
            })
        } else {
            self.default_image(at)
        };
        if let Some(requests) = fields.take("requests") {
            let mut fields = self.fields(requests.value, "requests", &REQUESTS)?;
            found.requested_cpu_millis = fields.take("cpus").and_then(|entry| self.less(&entry, cpus, found.cpu_millis));
            let memory = |node: &_| size(node).map(|(size, _)| size);
            found.requested_memory = fields.take("memory").and_then(|entry| self.less(&entry, memory, found.memory));
        }
        Some((image, found))
    }

    fn default_image(&mut self, at: Place) -> Option<ImageRef> {
        if self.limits.image.is_none() {
            self.wrong(at, "image_id: Name an image below resources, for example image_id: python:3.12-slim.");
        }
        self.limits.image.clone()
    }

    fn gpu_type(&mut self, fields: &mut super::Fields, found: &mut Resources) {
        let Some(product) = self.read(fields, "gpu_type", |node| {
            let text = scalar::said(node).filter(|text| product_name(text));
            text.map(str::to_owned).ok_or_else(|| "Write the product as the nodes' label has it, for example NVIDIA-A10.".to_owned())
        }) else {
            return;
        };
        let at = self.places.of("gpu_type").unwrap_or(fields.at);
        if found.gpus == 0 {
            self.wrong(at, "gpu_type: Say how many GPUs with accelerators, or leave the type out.");
        }
        if found.gpu_product.as_ref().is_some_and(|known| *known != product) {
            self.wrong(at, "gpu_type: accelerators names another type. Name one.");
        }
        found.gpu_product = Some(product);
    }

    /// What is asked for apart from the limit is at most the limit.
    fn less<T: PartialOrd>(&mut self, entry: &Entry, read: impl FnOnce(&super::Node) -> Result<T, String>, limit: T) -> Option<T> {
        // A program's `null`: nothing is asked for.
        if scalar::text(&entry.value) == Some("null") {
            return None;
        }
        match read(&entry.value) {
            Ok(asked) if asked <= limit => Some(asked),
            Ok(_) => {
                self.wrong(entry.value.at, format!("requests.{0}: This is more than {0} beside requests.", entry.key));
                None
            }
            Err(sentence) => {
                self.wrong(entry.value.at, format!("requests.{}: {sentence}", entry.key));
                None
            }
        }
    }
}
