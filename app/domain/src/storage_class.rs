//! Which kinds of storage does the cluster offer, in words a person can choose by?

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

impl StorageClass {
    pub fn offers(&self, mode: AccessMode) -> Offer {
        let ends = |list: &[&str]| list.iter().any(|end| self.provisioner.ends_with(end));
        let is_named = || NAMED_FOR_MANY.iter().any(|word| self.name.as_str().contains(word));
        match mode {
            _ if self.proven.contains(&mode) => Offer::Proven,
            AccessMode::ReadWriteOnce | AccessMode::ReadWriteOncePod => Offer::Likely,
            AccessMode::ReadWriteMany | AccessMode::ReadOnlyMany if ends(&MANY_NODES) => Offer::Likely,
            AccessMode::ReadWriteMany if ends(&ONE_NODE) => Offer::No,
            AccessMode::ReadWriteMany | AccessMode::ReadOnlyMany if is_named() => Offer::Likely,
            AccessMode::ReadWriteMany | AccessMode::ReadOnlyMany => Offer::Unknown,
        }
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
}
