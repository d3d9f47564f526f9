//! How many nodes may mount a volume at once, and may they write?

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// `PersistentVolumeClaim.spec.accessModes`, one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccessMode {
    ReadWriteOnce,
    ReadWriteMany,
    ReadOnlyMany,
    ReadWriteOncePod,
}

impl AccessMode {
    pub const ALL: [Self; 4] = [Self::ReadWriteOnce, Self::ReadWriteMany, Self::ReadOnlyMany, Self::ReadWriteOncePod];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadWriteOnce => "ReadWriteOnce",
            Self::ReadWriteMany => "ReadWriteMany",
            Self::ReadOnlyMany => "ReadOnlyMany",
            Self::ReadWriteOncePod => "ReadWriteOncePod",
        }
    }

    /// As `kubectl get pvc` abbreviates it.
    pub fn short(self) -> &'static str {
        match self {
            Self::ReadWriteOnce => "RWO",
            Self::ReadWriteMany => "RWX",
            Self::ReadOnlyMany => "ROX",
            Self::ReadWriteOncePod => "RWOP",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::ReadWriteOnce => "One node at a time",
            Self::ReadWriteMany => "Several nodes, read and write",
            Self::ReadOnlyMany => "Several nodes, read only",
            Self::ReadWriteOncePod => "One pod at a time",
        }
    }

    /// Whether several nodes mount it at once.
    pub fn is_for_many(self) -> bool {
        match self {
            Self::ReadWriteMany | Self::ReadOnlyMany => true,
            Self::ReadWriteOnce | Self::ReadWriteOncePod => false,
        }
    }
}

impl fmt::Display for AccessMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AccessMode {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or(())
    }
}

/// `ReadWriteOnce, ReadOnlyMany`: as sentences name them.
pub fn listed(modes: &[AccessMode]) -> String {
    modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(", ")
}

/// Reads a comma-separated list, such as `ReadWriteOnce,ReadOnlyMany`: at least one, each once. `Err` holds the sentence.
pub fn parse_modes(text: &str) -> Result<Vec<AccessMode>, String> {
    let mut modes = Vec::new();
    for part in text.split(',').map(str::trim).take(AccessMode::ALL.len() + 1) {
        if part.is_empty() {
            return Err("Choose how it will be used.".into());
        }
        let mode = part.parse().map_err(|()| format!("Use {}.", AccessMode::ALL.map(AccessMode::as_str).join(", ")))?;
        if modes.contains(&mode) {
            return Err(format!("{mode} is named twice."));
        }
        modes.push(mode);
    }
    // As the API server has it (kubernetes, pkg/apis/core/validation, `ValidatePersistentVolumeClaimSpec`).
    if modes.len() > 1 && modes.contains(&AccessMode::ReadWriteOncePod) {
        return Err("ReadWriteOncePod stands alone: it cannot be asked for together with another mode.".into());
    }
    Ok(modes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_once_each_in_the_order_given() {
        assert_eq!(parse_modes("ReadWriteOnce, ReadOnlyMany"), Ok(vec![AccessMode::ReadWriteOnce, AccessMode::ReadOnlyMany]));
        for bad in [
            "",
            "ReadWriteEverything",
            "ReadWriteOnce,ReadWriteOnce",
            "ReadWriteOnce,",
            "rwo",
            "ReadWriteOncePod,ReadWriteOnce",
            &"ReadWriteOnce,".repeat(1000),
        ] {
            assert!(parse_modes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_mode_reads_back() {
        for mode in AccessMode::ALL {
            assert_eq!(mode.as_str().parse(), Ok(mode));
        }
    }
}
