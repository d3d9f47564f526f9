//! Which volumes and which scratch space does a task want, and where?

use super::{
    Fields, Reader, path,
    scalar::{said, size, text, yes_or_no},
    shown,
    table::{SCRATCH, VOLUME, VOLUME_AT_PATH},
    tree::{Entry, Node, Place, Value},
};
use crate::{
    access::AccessMode,
    name::{MountPath, ObjectName, VolumeName},
    problem::FieldErrors,
    task::{Medium, Scratch, Want},
    volume::VolumeForm,
};

/// The one system path that is given: memory that programs share.
const SHARED_MEMORY: &str = "/dev/shm";

impl Reader<'_> {
    /// `path: name`, `path: {name, ...}`, or a list of names whose volumes know their paths.
    pub(super) fn volumes(&mut self, entry: Entry) -> Vec<Want> {
        let mut wants = Vec::new();
        match entry.value.value {
            Value::Map(entries) => {
                for Entry { at, key, value } in entries {
                    let path = path(&key).map_err(|sentence| self.wrong(at, format!("volumes: {sentence}"))).ok();
                    let want = self.want(value, path.as_ref());
                    if let (Some(path), Some(want)) = (path, want) {
                        self.places.volumes.push(at);
                        wants.push(Want { path: Some(path), ..want });
                    }
                }
            }
            Value::List(nodes) => {
                for node in nodes {
                    let at = node.at;
                    if let Some(want) = self.want(node, None) {
                        self.places.volumes.push(at);
                        wants.push(want);
                    }
                }
            }
            Value::Text { .. } => {
                self.wrong(entry.value.at, "volumes: Write a path and a volume's name on each line, for example /data: train-images.");
            }
        }
        wants
    }

    fn want(&mut self, node: Node, path: Option<&MountPath>) -> Option<Want> {
        if matches!(node.value, Value::Map(_)) {
            return self.want_of_fields(node, path);
        }
        let at = node.at;
        let name = said(&node).map(str::to_owned);
        let volume = self.volume_name(at, name)?;
        Some(Want { path: None, volume, read_only: false, new: None })
    }

    fn want_of_fields(&mut self, node: Node, path: Option<&MountPath>) -> Option<Want> {
        let known = if path.is_some() { VOLUME_AT_PATH } else { &VOLUME };
        let mut fields = self.fields(node, "A volume", known)?;
        let own_path = self.own_path(&mut fields);
        let writes = fields.place("read_only");
        let read_only = match fields.take("read_only") {
            Some(entry) => yes_or_no(&entry.value).map_err(|sentence| self.wrong(entry.value.at, format!("read_only: {sentence}"))).ok()?,
            None => false,
        };
        if let Some(at) = writes.filter(|_| !read_only) {
            self.places.writes.push((self.places.volumes.len(), at));
        }
        let name = fields.take("name");
        let (at, typed) = name.map_or((fields.at, None), |entry| (entry.value.at, said(&entry.value).map(str::to_owned)));
        let is_new = ["size", "class", "access"].iter().any(|field| fields.has(field));
        if !is_new {
            let volume = self.volume_name(at, typed)?;
            return Some(Want { path: own_path?, volume, read_only, new: None });
        }
        let mut places = vec![("name", at)];
        let mut word = |reader: &mut Self, fields: &mut Fields, key: &'static str| {
            let entry = fields.take(key)?;
            places.push((key, entry.value.at));
            let text = match &entry.value.value {
                Value::List(modes) => Some(modes.iter().filter_map(text).collect::<Vec<_>>().join(",")),
                Value::Text { .. } | Value::Map(_) => said(&entry.value).map(str::to_owned),
            };
            if text.as_deref().is_none_or(str::is_empty) {
                reader.wrong(entry.value.at, format!("{key}: Give a value, or leave the field out."));
            }
            text
        };
        let size = word(self, &mut fields, "size");
        let class = word(self, &mut fields, "class");
        let access = word(self, &mut fields, "access");
        let form = VolumeForm {
            name: typed.unwrap_or_default(),
            size: size.unwrap_or_default(),
            class: class.unwrap_or_default(),
            access: access.unwrap_or_else(|| AccessMode::ReadWriteOnce.to_string()),
            ..VolumeForm::default()
        };
        match form.check(self.classes) {
            Ok(spec) => Some(Want { path: own_path?, volume: spec.name.to_string(), read_only, new: Some(spec) }),
            Err(errors) => {
                self.say(&errors, &places, fields.at);
                None
            }
        }
    }

    fn say(&mut self, errors: &FieldErrors, places: &[(&str, Place)], otherwise: Place) {
        for (field, sentence) in errors.iter() {
            let place = places.iter().find(|(name, _)| *name == field).map_or(otherwise, |(_, place)| *place);
            self.wrong(place, format!("{field}: {sentence}"));
        }
    }

    /// The path in a list's item: `Some(None)` if there is none, `None` if it is no path.
    fn own_path(&mut self, fields: &mut Fields) -> Option<Option<MountPath>> {
        let Some(entry) = fields.take("path") else { return Some(None) };
        let read = said(&entry.value).ok_or_else(|| "Write an absolute path, for example /data.".to_owned()).and_then(path);
        read.map_err(|sentence| self.wrong(entry.value.at, format!("path: {sentence}"))).ok().map(Some)
    }

    /// What may be the name of a volume or of a claim.
    fn volume_name(&mut self, at: Place, typed: Option<String>) -> Option<String> {
        let Some(name) = typed.filter(|name| !name.is_empty()) else {
            self.wrong(at, "volumes: Name a volume of yours here.");
            return None;
        };
        if name.parse::<VolumeName>().is_ok() || name.parse::<ObjectName>().is_ok() {
            return Some(name);
        }
        let typed = shown(&name);
        let sentence = if name.contains('/') {
            format!(
                "“{typed}” is no volume's name: a volume of another namespace, or a folder of one, cannot be mounted. Write the name alone."
            )
        } else if name.ends_with(":ro") || name.ends_with(":rw") {
            format!("“{typed}” is no volume's name. For reading only, write {{name: …, read_only: true}}.")
        } else {
            format!("“{typed}” is neither a volume's name nor a claim's. The page of volumes has both.")
        };
        self.wrong(at, format!("volumes: {sentence}"));
        None
    }

    /// `path: size`, or `path: {size, medium: memory}`.
    pub(super) fn scratch(&mut self, entry: Entry) -> Vec<Scratch> {
        let Value::Map(entries) = entry.value.value else {
            self.wrong(entry.value.at, "scratch: Write a path and a size on each line, for example /scratch: 10Gi.");
            return Vec::new();
        };
        let mut found = Vec::new();
        for Entry { at, key, value } in entries {
            let asked = match value.value {
                Value::Map(_) => self.scratch_of_fields(value),
                Value::Text { .. } | Value::List(_) => self.scratch_size(&value).map(|size| (size, Medium::Disk)),
            };
            let shared = asked.is_some_and(|(_, medium)| medium == Medium::Memory) && key == SHARED_MEMORY;
            let path = if shared { Ok(MountPath::shared_memory()) } else { path(&key) };
            let path = path.map_err(|sentence| self.wrong(at, format!("scratch: {sentence}"))).ok();
            if let (Some(path), Some((size, medium))) = (path, asked) {
                self.places.scratch.push(at);
                found.push(Scratch { path, size, medium });
            }
        }
        found
    }

    fn scratch_size(&mut self, node: &Node) -> Option<crate::quantity::Size> {
        match size(node) {
            Ok((size, note)) => {
                if let Some(note) = note {
                    self.warn(node.at, format!("scratch: {note}"));
                }
                Some(size)
            }
            Err(sentence) => {
                self.wrong(node.at, format!("scratch: {sentence}"));
                None
            }
        }
    }

    fn scratch_of_fields(&mut self, node: Node) -> Option<(crate::quantity::Size, Medium)> {
        let mut fields = self.fields(node, "Scratch space", &SCRATCH)?;
        let medium = match fields.take("medium") {
            None => Medium::Disk,
            Some(entry) => match said(&entry.value) {
                Some("memory") => Medium::Memory,
                Some("disk") => Medium::Disk,
                Some(_) | None => {
                    self.wrong(entry.value.at, "medium: Write disk or memory.");
                    return None;
                }
            },
        };
        match fields.take("size") {
            Some(entry) => self.scratch_size(&entry.value).map(|size| (size, medium)),
            None => {
                self.wrong(fields.at, "size: Scratch space needs a size, for example size: 1Gi.");
                None
            }
        }
    }

    /// One path has one thing. Those that the volumes know themselves are compared when they are known.
    pub(super) fn refuse_doubled(&mut self, volumes: &[Want], scratch: &[Scratch]) {
        let volumes = volumes.iter().zip(self.places.volumes.clone()).filter_map(|(want, at)| Some((want.path.clone()?, at)));
        let scratch = scratch.iter().zip(self.places.scratch.clone()).map(|(scratch, at)| (scratch.path.clone(), at));
        let mut seen: Vec<(MountPath, Place)> = Vec::new();
        for (path, at) in volumes.chain(scratch).collect::<Vec<_>>() {
            match seen.iter().find(|(known, _)| *known == path) {
                Some((_, first)) => self.wrong(at, format!("{path} is used twice; the first is on line {}.", first.line)),
                None => seen.push((path, at)),
            }
        }
    }
}
