//! Which class fits what a person wants to do, and why? The choice is the portal's only as long as nobody makes another.

use super::{Offer, StorageClass};
use crate::access::{AccessMode, listed};

/// A class that fits, with the reason as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal<'a> {
    pub class: &'a StorageClass,
    pub why: String,
}

/// One node: the cluster's default. Several: the class that is most certain to be able, and none on a guess; of equals one that
/// is not deprecated, then the default, then the first. `Err` holds the sentence that says what can be had.
pub fn propose<'a>(modes: &[AccessMode], classes: &'a [StorageClass]) -> Result<Proposal<'a>, String> {
    if classes.is_empty() {
        return Err("The cluster offers no storage class. Ask an administrator to add one.".into());
    }
    if !modes.iter().any(|mode| mode.is_for_many()) {
        return default(modes, classes);
    }
    let is_able = |class: &&StorageClass| class.offers_all(modes) <= Offer::Likely;
    let rank = |class: &&StorageClass| (class.offers_all(modes), class.settings.deprecated.is_some(), !class.default);
    let class = classes.iter().filter(is_able).min_by_key(rank).ok_or_else(|| {
        let tried = AccessMode::ALL.into_iter().filter(|mode| classes.iter().any(|class| class.offers(*mode) <= Offer::Likely));
        let others = listed(&tried.collect::<Vec<_>>());
        format!("No class here is known to do {}. Ask an administrator for one that can. On offer: {others}.", listed(modes))
    })?;
    Ok(Proposal { class, why: why(class, modes) })
}

fn default<'a>(modes: &[AccessMode], classes: &'a [StorageClass]) -> Result<Proposal<'a>, String> {
    let class = classes.iter().find(|class| class.default).ok_or("The cluster has no default class. Choose one.")?;
    if class.offers_all(modes) == Offer::No {
        return Err(format!("The default class, {}, cannot do {}. Choose another.", class.title(), listed(modes)));
    }
    Ok(Proposal { class, why: "because it is the cluster's default".into() })
}

fn why(class: &StorageClass, modes: &[AccessMode]) -> String {
    let modes_named = listed(modes);
    match class.offers_all(modes) {
        Offer::Proven if class.settings.modes.is_some() => format!("because the administrators say that it can do {modes_named}"),
        Offer::Proven => format!("because a volume of it has {modes_named} here already"),
        Offer::Likely | Offer::Unknown | Offer::No if class.has_driver_for_many() => "because its driver is made for several nodes".into(),
        Offer::Likely | Offer::Unknown | Offer::No => "because it is named for several nodes".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage_class::{Binding, ClassSettings, Reclaim, order};
    use AccessMode::{ReadOnlyMany, ReadWriteMany, ReadWriteOnce, ReadWriteOncePod};

    fn class(name: &str, provisioner: &str) -> StorageClass {
        StorageClass {
            name: name.parse().unwrap(),
            provisioner: provisioner.into(),
            default: name == "standard",
            binding: Binding::Immediate,
            reclaim: Reclaim::Delete,
            expandable: false,
            description: None,
            proven: vec![],
            settings: ClassSettings::default(),
        }
    }

    fn proposed(modes: &[AccessMode], classes: &[StorageClass]) -> Result<(String, String), String> {
        propose(modes, classes).map(|proposal| (proposal.class.name.to_string(), proposal.why))
    }

    fn cluster(more: impl IntoIterator<Item = StorageClass>) -> Vec<StorageClass> {
        let mut classes: Vec<_> = more.into_iter().chain([class("standard", "ebs.csi.aws.com")]).collect();
        order(&mut classes);
        classes
    }

    #[test]
    fn g1_09_one_node_gets_the_clusters_default() {
        let classes = cluster([class("a-nfs", "nfs.csi.k8s.io")]);
        for modes in [[ReadWriteOnce], [ReadWriteOncePod]] {
            assert_eq!(proposed(&modes, &classes), Ok(("standard".into(), "because it is the cluster's default".into())));
        }
        let none = [class("a", "p")];
        assert_eq!(proposed(&[ReadWriteOnce], &none), Err("The cluster has no default class. Choose one.".into()));
        assert!(proposed(&[ReadWriteOnce], &[]).unwrap_err().contains("Ask an administrator"));
    }

    #[test]
    fn g1_08_several_nodes_get_a_class_whose_driver_is_made_for_them_with_the_reason() {
        for (name, driver) in [
            ("data", "csi.juicefs.com"),
            ("data", "k8s-sigs.io/nfs-subdir-external-provisioner"),
            ("data", "rook-ceph.cephfs.csi.ceph.com"),
        ] {
            let expected = Ok((name.to_owned(), "because its driver is made for several nodes".to_owned()));
            assert_eq!(proposed(&[ReadWriteMany], &cluster([class("aaa", "example.org/mine"), class(name, driver)])), expected, "{driver}");
        }
        let named = proposed(&[ReadWriteMany], &cluster([class("shared", "example.org/mine")]));
        assert_eq!(named, Ok(("shared".into(), "because it is named for several nodes".into())));
    }

    #[test]
    fn what_has_worked_here_comes_before_what_is_likely_and_both_before_what_is_deprecated() {
        let proven = StorageClass { proven: vec![ReadWriteMany], ..class("proven", "example.org/mine") };
        let (name, why) = proposed(&[ReadWriteMany], &cluster([class("a-nfs", "nfs.csi.k8s.io"), proven])).unwrap();
        assert_eq!((name.as_str(), why.as_str()), ("proven", "because a volume of it has ReadWriteMany here already"));
        let old = ClassSettings { deprecated: Some("It goes in May.".into()), ..ClassSettings::default() };
        let old = StorageClass { settings: old, ..class("a-nfs", "nfs.csi.k8s.io") };
        assert_eq!(proposed(&[ReadWriteMany], &cluster([old, class("b-nfs", "nfs.csi.k8s.io")])).unwrap().0, "b-nfs");
    }

    #[test]
    fn several_modes_need_a_class_that_can_do_all_of_them() {
        let reads = StorageClass { proven: vec![ReadOnlyMany], ..class("reads", "example.org/mine") };
        let classes = cluster([reads, class("z-nfs", "nfs.csi.k8s.io")]);
        assert_eq!(proposed(&[ReadOnlyMany], &classes).unwrap().0, "reads");
        assert_eq!(proposed(&[ReadOnlyMany, ReadWriteMany], &classes).unwrap().0, "z-nfs");
    }

    #[test]
    fn g1_10_without_a_class_that_can_the_sentence_says_whom_to_ask_and_what_is_on_offer() {
        let sentence =
            "No class here is known to do ReadWriteMany. Ask an administrator for one that can. On offer: ReadWriteOnce, ReadWriteOncePod.";
        assert_eq!(proposed(&[ReadWriteMany], &cluster([class("mine", "example.org/mine")])), Err(sentence.into()));
        let only_one_pod = ClassSettings { modes: Some(vec![ReadWriteOncePod]), ..ClassSettings::default() };
        let classes = [StorageClass { settings: only_one_pod, ..class("standard", "p") }];
        assert_eq!(
            proposed(&[ReadWriteOnce], &classes),
            Err("The default class, standard, cannot do ReadWriteOnce. Choose another.".into())
        );
    }
}
