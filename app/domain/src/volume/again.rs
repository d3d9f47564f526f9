//! Can a volume be deleted and made again without a loss? That depends on whether anything can have been written to it.

use super::{Volume, VolumeForm};
use crate::{
    access::AccessMode,
    storage_class::{Binding, StorageClass},
};

/// What the portal knows of what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// No storage was ever made for it, so there is nothing that could hold data.
    Never,
    /// It has storage, and no pod or task is known that mounted it. That it is empty cannot be proven: pods of before, and those that
    /// were made by other means, have left nothing to see.
    NoMountKnown,
    /// Something has mounted it, and may have written.
    Mounted,
}

impl Written {
    /// `mounted` says whether a task is known, also one that is over, that has it.
    pub fn of(volume: &Volume, class: Option<&StorageClass>, mounted: bool) -> Self {
        if volume.status.phase() == "Pending" && volume.capacity.is_none() {
            return Self::Never;
        }
        // Storage that waits for its first use is made because a pod came.
        let waited = class.is_none_or(|class| class.binding == Binding::WaitForFirstConsumer);
        if waited || mounted || !volume.used_by.is_empty() || volume.fullness.sample().is_some() {
            return Self::Mounted;
        }
        Self::NoMountKnown
    }

    /// Whether "delete and create again" is offered.
    pub fn may_go(self) -> bool {
        self != Self::Mounted
    }
}

impl VolumeForm {
    /// What this volume was asked for, with another class if one is named.
    pub fn like(volume: &Volume, class: Option<&str>) -> Self {
        let mount_path = if volume.mount_path == format!("/volumes/{}", volume.name) { String::new() } else { volume.mount_path.clone() };
        Self {
            name: volume.name.clone(),
            size: volume.requested.to_string(),
            unit: String::new(),
            class: class.or(volume.class.as_deref()).unwrap_or_default().to_owned(),
            access: volume.modes.iter().map(|mode: &AccessMode| mode.as_str()).collect::<Vec<_>>().join(","),
            description: volume.description.clone().unwrap_or_default(),
            mount_path,
            labels: volume.labels.to_string(),
        }
    }

    /// The same under a name that none of these volumes has: `data-2`, `data-3`.
    pub fn under_a_free_name(self, own: &[Volume]) -> Self {
        let stem: String = self.name.chars().take(59).collect();
        let is_free = |name: &String| !own.iter().any(|volume| volume.name.eq_ignore_ascii_case(name));
        let name = (2..1000).map(|number| format!("{stem}-{number}")).find(is_free).unwrap_or_default();
        Self { name, ..self }
    }

    /// Name and value of each field that says something, for an address.
    pub fn pairs(mut self) -> Vec<(&'static str, String)> {
        self.fields().into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cause::tests::in_phase,
        quantity::Size,
        storage_class::{ClassSettings, Reclaim},
        volume::{Use, UsePhase, sample},
    };

    fn class(binding: Binding) -> StorageClass {
        StorageClass {
            name: "standard".parse().unwrap(),
            provisioner: "p".into(),
            default: false,
            binding,
            reclaim: Reclaim::Delete,
            expandable: false,
            description: None,
            proven: vec![],
            settings: ClassSettings::default(),
        }
    }

    #[test]
    fn g0_88_only_what_never_had_storage_is_known_to_be_empty() {
        let pending = Volume { status: in_phase("Pending"), capacity: None, ..sample("data") };
        let (at_once, first_use) = (class(Binding::Immediate), class(Binding::WaitForFirstConsumer));
        assert_eq!(Written::of(&pending, None, false), Written::Never);
        assert_eq!(Written::of(&pending, Some(&first_use), true), Written::Never, "a pod that waits for it has written nothing");
        assert_eq!(Written::of(&sample("data"), Some(&at_once), false), Written::NoMountKnown);
        let used = Volume {
            used_by: vec![Use { pod: "p".into(), task: None, node: None, phase: UsePhase::Finished, since: 0, events: vec![] }],
            ..sample("data")
        };
        for (volume, class, mounted) in [
            (sample("data"), Some(&at_once), true),
            (used, Some(&at_once), false),
            (sample("data"), Some(&first_use), false),
            (sample("data"), None, false),
        ] {
            assert_eq!(Written::of(&volume, class, mounted), Written::Mounted);
        }
        let lost = Volume { status: in_phase("Lost"), ..sample("data") };
        assert_eq!(Written::of(&lost, Some(&first_use), false), Written::Mounted);
        let grown = Volume { status: in_phase("Pending"), ..sample("data") };
        assert_ne!(Written::of(&grown, Some(&at_once), false), Written::Never, "what has a capacity had storage");
    }

    #[test]
    fn g0_88_the_form_is_filled_in_from_the_old_volume_with_the_other_class() {
        let old = Volume {
            requested: Size::from_bytes(20 << 30),
            description: Some("cats".into()),
            mount_path: "/cats".into(),
            modes: vec![AccessMode::ReadWriteOnce, AccessMode::ReadOnlyMany],
            ..sample("data")
        };
        let form = VolumeForm::like(&old, Some("fast"));
        assert_eq!(
            form.clone().pairs(),
            [
                ("name", "data".to_owned()),
                ("size", "20Gi".into()),
                ("class", "fast".into()),
                ("access", "ReadWriteOnce,ReadOnlyMany".into()),
                ("description", "cats".into()),
                ("mount_path", "/cats".into())
            ]
        );
        assert_eq!(VolumeForm::like(&sample("data"), None).mount_path, "", "the default path follows the name");
        let own = [sample("data"), sample("Data-2")];
        assert_eq!(form.under_a_free_name(&own).name, "data-3");
    }
}
