//! Which kinds of storage does the cluster offer, in words a person can choose by?

mod proposal;
mod settings;

pub use proposal::{Proposal, propose};
pub use settings::{ClassSettings, Classes};

use crate::{access::AccessMode, name::ObjectName};
use serde::{Deserialize, Serialize};

/// When a claim of this class gets its storage (`StorageClass.volumeBindingMode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binding {
    Immediate,
    WaitForFirstConsumer,
}

/// What happens to the data when the volume is deleted (`StorageClass.reclaimPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reclaim {
    Delete,
    Retain,
}

/// Whether a class can do an access mode. Kubernetes does not say, so a cluster's own experience counts most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Offer {
    /// A bound volume of this class has the mode.
    Proven,
    /// The driver is known for it.
    Likely,
    Unknown,
    /// The driver is known not to.
    No,
}

impl Offer {
    pub const ALL: [Self; 4] = [Self::Proven, Self::Likely, Self::Unknown, Self::No];

    pub fn label(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
            Self::Unknown => "unknown",
            Self::No => "no",
        }
    }

    /// What the label means.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Proven => "a volume of this class has the mode here already, or the administrators have tried it",
            Self::Likely => "the driver or the name of the class is known for it",
            Self::Unknown => "nobody has tried; the volume may wait forever",
            Self::No => "the driver cannot, or the administrators have said so",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageClass {
    pub name: ObjectName,
    pub provisioner: String,
    pub default: bool,
    pub binding: Binding,
    pub reclaim: Reclaim,
    pub expandable: bool,
    pub description: Option<String>,
    /// Modes that a bound volume of this class has.
    pub proven: Vec<AccessMode>,
    /// What the administrators say about it.
    #[serde(default)]
    pub settings: ClassSettings,
}

/// Block devices that attach to one node, by the end of the driver's name.
const ONE_NODE: [&str; 8] = [
    "ebs.csi.aws.com",
    "pd.csi.storage.gke.io",
    "disk.csi.azure.com",
    "kubernetes.io/aws-ebs",
    "kubernetes.io/gce-pd",
    "kubernetes.io/azure-disk",
    "cinder.csi.openstack.org",
    "rbd.csi.ceph.com",
];
/// File systems that many nodes mount, by the end of the driver's name.
const MANY_NODES: [&str; 8] = [
    "nfs.csi.k8s.io",
    "cephfs.csi.ceph.com",
    "csi.juicefs.com",
    "nfs-subdir-external-provisioner",
    "efs.csi.aws.com",
    "filestore.csi.storage.gke.io",
    "file.csi.azure.com",
    "nfs-client-provisioner",
];

/// What classes that many nodes mount are usually called, whatever their driver.
const NAMED_FOR_MANY: [&str; 5] = ["cephfs", "nfs", "juicefs", "shared", "rwx"];

/// What quick and slow classes are usually called.
const NAMED_FAST: [&str; 4] = ["fast", "ssd", "nvme", "premium"];
const NAMED_SLOW: [&str; 5] = ["slow", "hdd", "archive", "cold", "cheap"];

impl StorageClass {
    pub fn offers(&self, mode: AccessMode) -> Offer {
        if let Some(able) = &self.settings.modes {
            return if able.contains(&mode) { Offer::Proven } else { Offer::No };
        }
        match mode {
            _ if self.proven.contains(&mode) => Offer::Proven,
            AccessMode::ReadWriteOnce | AccessMode::ReadWriteOncePod => Offer::Likely,
            AccessMode::ReadWriteMany | AccessMode::ReadOnlyMany if self.has_driver_for_many() => Offer::Likely,
            AccessMode::ReadWriteMany if self.has_driver(&ONE_NODE) => Offer::No,
            AccessMode::ReadWriteMany | AccessMode::ReadOnlyMany if self.is_called(&NAMED_FOR_MANY) => Offer::Likely,
            AccessMode::ReadWriteMany | AccessMode::ReadOnlyMany => Offer::Unknown,
        }
    }

    /// A volume has all of its modes: the class can do as much as the one that it can do least.
    pub fn offers_all(&self, modes: &[AccessMode]) -> Offer {
        modes.iter().map(|mode| self.offers(*mode)).max().unwrap_or(Offer::Unknown)
    }

    /// What people know it by.
    pub fn title(&self) -> &str {
        self.settings.title.as_deref().unwrap_or(self.name.as_str())
    }

    /// What the administrators say of it, or else the class itself.
    pub fn description(&self) -> Option<&str> {
        self.settings.description.as_deref().or(self.description.as_deref())
    }

    /// What is worth knowing about its kind of driver.
    pub fn note(&self) -> Option<&'static str> {
        self.has_driver_for_many().then_some("A shared file system: slow with very many small files. Pack them into archives.")
    }

    pub fn is_fast(&self) -> bool {
        self.is_called(&NAMED_FAST) && !self.is_slow()
    }

    pub fn is_slow(&self) -> bool {
        self.is_called(&NAMED_SLOW)
    }

    fn has_driver(&self, ends: &[&str]) -> bool {
        ends.iter().any(|end| self.provisioner.ends_with(end))
    }

    fn has_driver_for_many(&self) -> bool {
        self.has_driver(&MANY_NODES)
    }

    fn is_called(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.name.as_str().contains(word))
    }

    pub fn binding_in_words(&self) -> &'static str {
        match self.binding {
            Binding::Immediate => "made at once",
            Binding::WaitForFirstConsumer => "binds on first use",
        }
    }

    pub fn reclaim_in_words(&self) -> &'static str {
        match self.reclaim {
            Reclaim::Delete => "data is destroyed when it is deleted",
            Reclaim::Retain => "data is kept aside when it is deleted",
        }
    }

    pub fn growth_in_words(&self) -> &'static str {
        if self.expandable { "can grow" } else { "cannot grow" }
    }
}

/// Default first, then by name: the order in which people choose.
pub fn order(classes: &mut [StorageClass]) {
    classes.sort_by(|a, b| b.default.cmp(&a.default).then_with(|| a.name.cmp(&b.name)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(provisioner: &str) -> StorageClass {
        StorageClass {
            name: "c".parse().unwrap(),
            provisioner: provisioner.into(),
            default: false,
            binding: Binding::Immediate,
            reclaim: Reclaim::Delete,
            expandable: false,
            description: None,
            proven: vec![],
            settings: ClassSettings::default(),
        }
    }

    #[test]
    fn a_driver_is_recognised_by_the_end_of_its_name() {
        assert_eq!(class("ebs.csi.aws.com").offers(AccessMode::ReadWriteMany), Offer::No);
        assert_eq!(class("rook-ceph.cephfs.csi.ceph.com").offers(AccessMode::ReadWriteMany), Offer::Likely);
        assert_eq!(class("example.org/mine").offers(AccessMode::ReadWriteMany), Offer::Unknown);
        assert_eq!(class("example.org/mine").offers(AccessMode::ReadWriteOnce), Offer::Likely);
    }

    #[test]
    fn a_name_says_what_the_driver_does_not_but_never_against_it() {
        let named = |provisioner| StorageClass { name: "shared".parse().unwrap(), ..class(provisioner) };
        assert_eq!(named("example.org/mine").offers(AccessMode::ReadWriteMany), Offer::Likely);
        assert_eq!(named("ebs.csi.aws.com").offers(AccessMode::ReadWriteMany), Offer::No);
    }

    #[test]
    fn what_the_cluster_has_done_outweighs_what_is_known() {
        let class = StorageClass { proven: vec![AccessMode::ReadWriteMany], ..class("ebs.csi.aws.com") };
        assert_eq!(class.offers(AccessMode::ReadWriteMany), Offer::Proven);
    }

    #[test]
    fn g1_38_to_43_classes_of_the_guide_are_told_apart_by_the_end_of_the_drivers_name() {
        for (name, provisioner, many) in [
            ("standard", "pd.csi.storage.gke.io", Offer::No),
            ("standard", "kubernetes.io/gce-pd", Offer::No),
            ("standard", "disk.csi.azure.com", Offer::No),
            ("gp2", "kubernetes.io/aws-ebs", Offer::No),
            ("gp3", "ebs.csi.aws.com", Offer::No),
            ("pd-standard", "pd.csi.storage.gke.io", Offer::No),
            ("pd-ssd", "pd.csi.storage.gke.io", Offer::No),
            ("juicefs-sc", "csi.juicefs.com", Offer::Likely),
            ("nfs-client", "cluster.local/nfs-subdir-external-provisioner", Offer::Likely),
            ("nfs-client", "nfs.csi.k8s.io", Offer::Likely),
            ("cephfs", "rook-ceph.cephfs.csi.ceph.com", Offer::Likely),
            ("block", "rook-ceph.rbd.csi.ceph.com", Offer::No),
            ("local", "rancher.io/local-path", Offer::Unknown),
        ] {
            let class = StorageClass { name: name.parse().unwrap(), ..class(provisioner) };
            assert_eq!(class.offers(AccessMode::ReadWriteMany), many, "{name} by {provisioner}");
            assert_eq!(class.offers(AccessMode::ReadWriteOnce), Offer::Likely, "{name} by {provisioner}");
        }
    }

    #[test]
    fn what_the_administrators_say_about_modes_is_all_there_is() {
        let said = ClassSettings { modes: Some(vec![AccessMode::ReadWriteMany]), ..ClassSettings::default() };
        let class = StorageClass { proven: vec![AccessMode::ReadWriteOnce], settings: said, ..class("ebs.csi.aws.com") };
        assert_eq!(class.offers(AccessMode::ReadWriteMany), Offer::Proven);
        assert_eq!(class.offers(AccessMode::ReadWriteOnce), Offer::No);
        assert_eq!(class.offers_all(&[AccessMode::ReadWriteMany, AccessMode::ReadWriteOnce]), Offer::No);
    }

    #[test]
    fn only_shared_file_systems_are_noted_as_slow_with_small_files() {
        assert!(class("rook-ceph.cephfs.csi.ceph.com").note().is_some());
        assert_eq!(class("ebs.csi.aws.com").note(), None);
    }
}
