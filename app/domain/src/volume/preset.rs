//! What is the volume for? A purpose fills the form; nothing of it is kept but what the form says.

use super::VolumeForm;
use crate::{
    access::AccessMode,
    name::VolumeName,
    storage_class::{StorageClass, propose},
};

/// A purpose that many people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    TrainingData,
    Checkpoints,
    Logs,
    Results,
    SharedCache,
    Archive,
    Workshop,
}

impl Preset {
    pub const ALL: [Self; 7] =
        [Self::TrainingData, Self::Checkpoints, Self::Logs, Self::Results, Self::SharedCache, Self::Archive, Self::Workshop];
    /// One volume for each kind of data, so that each has the size, the class and the life that fits it.
    pub const SET: [Self; 4] = [Self::TrainingData, Self::Checkpoints, Self::Logs, Self::Results];

    /// As it stands in addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::TrainingData => "training-data",
            Self::Checkpoints => "checkpoints",
            Self::Logs => "logs",
            Self::Results => "results",
            Self::SharedCache => "shared-cache",
            Self::Archive => "archive",
            Self::Workshop => "workshop",
        }
    }

    pub fn from_slug(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.slug() == text)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::TrainingData => "Training data",
            Self::Checkpoints => "Checkpoints",
            Self::Logs => "Logs",
            Self::Results => "Results",
            Self::SharedCache => "Shared cache",
            Self::Archive => "Archive",
            Self::Workshop => "Workshop exercise",
        }
    }

    /// The form for this purpose. A class is filled in only where the purpose speaks for one; otherwise the portal chooses.
    pub fn fill(self, username: &str, classes: &[StorageClass]) -> VolumeForm {
        let one = AccessMode::ReadWriteOnce;
        let (name, size, access, description, mount_path) = match self {
            Self::TrainingData => ("training-data-v1", "100", one, "Data that training reads", "/data"),
            Self::Checkpoints => ("checkpoints-v1", "50", one, "States of a model to go on from", "/checkpoints"),
            Self::Logs => ("logs", "10", one, "What tasks write about themselves", "/logs"),
            Self::Results => ("results-v1", "20", one, "What tasks leave behind", "/output"),
            Self::SharedCache => ("cache", "50", AccessMode::ReadWriteMany, "Packages and models that many tasks download", "/cache"),
            Self::Archive => ("archive", "500", one, "Kept, and seldom read", "/archive"),
            Self::Workshop => return workshop(username, classes),
        };
        let fits = |class: &&StorageClass| match self {
            Self::Checkpoints => class.is_fast(),
            Self::Archive => class.is_slow(),
            Self::TrainingData | Self::Logs | Self::Results | Self::SharedCache | Self::Workshop => false,
        };
        let class = classes.iter().filter(|class| class.settings.deprecated.is_none()).find(fits);
        VolumeForm {
            name: name.into(),
            size: size.into(),
            class: class.map(|class| class.name.to_string()).unwrap_or_default(),
            access: access.to_string(),
            description: description.into(),
            mount_path: mount_path.into(),
            ..VolumeForm::blank()
        }
    }

    /// What tasks set so that their tools keep their downloads on the volume.
    pub fn variables(self, mount_path: &str) -> Vec<(&'static str, String)> {
        match self {
            Self::SharedCache => [("UV_CACHE_DIR", "uv"), ("HF_HOME", "huggingface"), ("PIP_CACHE_DIR", "pip")]
                .map(|(variable, folder)| (variable, format!("{mount_path}/{folder}")))
                .into(),
            Self::TrainingData | Self::Checkpoints | Self::Logs | Self::Results | Self::Archive | Self::Workshop => Vec::new(),
        }
    }
}

/// The claim of the storage tutorial: `vol-` and the person's name, 1Gi, written by many nodes.
fn workshop(username: &str, classes: &[StorageClass]) -> VolumeForm {
    let many = AccessMode::ReadWriteMany;
    VolumeForm {
        name: VolumeName::suggestion(&format!("vol-{username}")).map(String::from).unwrap_or_default(),
        size: "1".into(),
        class: propose(&[many], classes).map(|proposal| proposal.class.name.to_string()).unwrap_or_default(),
        access: many.to_string(),
        ..VolumeForm::blank()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage_class::{Binding, ClassSettings, Reclaim};

    fn class(name: &str) -> StorageClass {
        StorageClass {
            name: name.parse().unwrap(),
            provisioner: "example.org/mine".into(),
            default: name == "standard",
            binding: Binding::Immediate,
            reclaim: Reclaim::Delete,
            expandable: false,
            description: None,
            proven: vec![],
            settings: ClassSettings::default(),
        }
    }

    #[test]
    fn every_preset_is_a_form_that_can_be_sent_as_it_is() {
        let classes = [class("standard"), class("shared")];
        for preset in Preset::ALL {
            let spec = preset.fill("alice", &classes).check(&classes);
            assert!(spec.is_ok(), "{preset:?}: {spec:?}");
            assert_eq!(Preset::from_slug(preset.slug()), Some(preset));
        }
        assert_eq!(Preset::from_slug("nothing"), None);
    }

    #[test]
    fn checkpoints_are_for_the_fast_class_and_archives_for_the_slow_one_if_there_is_one() {
        let classes = [class("standard"), class("fast-ssd"), class("slow-hdd")];
        let chosen = |preset: Preset, classes: &[StorageClass]| preset.fill("alice", classes).class;
        assert_eq!(chosen(Preset::Checkpoints, &classes), "fast-ssd");
        assert_eq!(chosen(Preset::Archive, &classes), "slow-hdd");
        assert_eq!(chosen(Preset::TrainingData, &classes), "", "the portal chooses");
        assert_eq!((chosen(Preset::Checkpoints, &classes[..1]).as_str(), chosen(Preset::Archive, &classes[..1]).as_str()), ("", ""));
        let old = ClassSettings { deprecated: Some("It goes in May.".into()), ..ClassSettings::default() };
        assert_eq!(chosen(Preset::Checkpoints, &[StorageClass { settings: old, ..class("fast-ssd") }]), "");
    }

    #[test]
    fn g4_21_the_workshops_claim_takes_the_class_that_fits_best() {
        let classes = [class("standard"), class("rook-cephfs")];
        let spec = Preset::Workshop.fill("alice", &classes).check(&classes).unwrap();
        assert_eq!((spec.name.as_str(), spec.size.to_string().as_str(), spec.class.as_str()), ("vol-alice", "1Gi", "rook-cephfs"));
        assert_eq!(spec.modes, [AccessMode::ReadWriteMany]);
    }

    #[test]
    fn g1_34_a_shared_cache_comes_with_the_variables_that_fill_it() {
        let variables = Preset::SharedCache.variables("/cache");
        let named: Vec<_> = variables.iter().map(|(variable, path)| (*variable, path.as_str())).collect();
        assert_eq!(named, [("UV_CACHE_DIR", "/cache/uv"), ("HF_HOME", "/cache/huggingface"), ("PIP_CACHE_DIR", "/cache/pip")]);
        assert!(Preset::Logs.variables("/logs").is_empty());
    }
}
