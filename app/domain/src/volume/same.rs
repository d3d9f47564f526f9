//! Is the volume that is there the one that was asked for? If not, how do the two differ?

use super::{Volume, VolumeSpec};

/// What differs, in words; empty when the volume is as asked for.
pub fn differences(spec: &VolumeSpec, volume: &Volume) -> Vec<String> {
    let mut differences = Vec::new();
    if volume.requested != spec.size {
        differences.push(format!("its size is {}, not {}", volume.requested, spec.size));
    }
    if volume.class.as_deref() != Some(spec.class.as_str()) {
        differences.push(format!("its class is {}, not {}", volume.class.as_deref().unwrap_or("none"), spec.class));
    }
    let (mut has, mut wanted) = (volume.modes.clone(), spec.modes.clone());
    has.sort_unstable();
    wanted.sort_unstable();
    if has != wanted {
        let words = |modes: &[crate::access::AccessMode]| modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(", ");
        differences.push(format!("its access is {}, not {}", words(&has), words(&wanted)));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::AccessMode, label::Labels, quantity::Size, volume::sample};

    fn spec() -> VolumeSpec {
        VolumeSpec {
            name: "data".parse().unwrap(),
            size: Size::from_bytes(10 << 30),
            class: "standard".parse().unwrap(),
            modes: vec![AccessMode::ReadWriteOnce],
            description: Some("words are no difference".into()),
            mount_path: None,
            labels: Labels::default(),
        }
    }

    #[test]
    fn size_class_and_access_decide_and_words_do_not() {
        assert_eq!(differences(&spec(), &sample("data")), [] as [String; 0]);
        let other = VolumeSpec {
            size: Size::from_bytes(20 << 30),
            class: "fast".parse().unwrap(),
            modes: vec![AccessMode::ReadWriteMany],
            ..spec()
        };
        let told = ["its size is 10Gi, not 20Gi", "its class is standard, not fast", "its access is ReadWriteOnce, not ReadWriteMany"];
        assert_eq!(differences(&other, &sample("data")), told);
    }

    #[test]
    fn the_order_of_modes_is_no_difference() {
        let modes = vec![AccessMode::ReadOnlyMany, AccessMode::ReadWriteOnce];
        let volume = Volume { modes: vec![AccessMode::ReadWriteOnce, AccessMode::ReadOnlyMany], ..sample("data") };
        assert!(differences(&VolumeSpec { modes, ..spec() }, &volume).is_empty());
    }
}
