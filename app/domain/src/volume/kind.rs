//! What is a volume to a pod: folders and files, or a bare disk?

use serde::{Deserialize, Serialize};

/// Kubernetes' `volumeMode`. Scratch that goes with its pod is no volume: only what is kept is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Mounted at a path. What a claim is that says nothing else (core/v1, `PersistentVolumeClaimSpec.volumeMode`).
    #[default]
    Filesystem,
    /// A device without a file system, for programs that bring their own.
    Block,
}

impl Kind {
    /// From the words of the cluster.
    pub fn of(volume_mode: Option<&str>) -> Self {
        if volume_mode == Some("Block") { Self::Block } else { Self::Filesystem }
    }

    /// Its word in filters and calls.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filesystem => "filesystem",
            Self::Block => "block",
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Filesystem => "Files and folders",
            Self::Block => "Bare disk, without a file system",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn only_a_claim_that_says_so_is_a_bare_disk() {
        for (mode, kind) in [(None, "filesystem"), (Some("Filesystem"), "filesystem"), (Some("Block"), "block"), (Some(""), "filesystem")] {
            assert_eq!(Kind::of(mode).as_str(), kind);
        }
    }
}
