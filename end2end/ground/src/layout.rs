//! Where is everything of one ground? Asked by whatever starts, finds or ends a part of it.
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// A socket's path holds 107 bytes at most; the longest name below `run` takes about 45.
const LONGEST_RUN: usize = 60;

/// The first `length` hex digits of what identifies `bytes`.
pub(crate) fn fingerprint(bytes: impl AsRef<[u8]>, length: usize) -> String {
    let mut digits = HEXLOWER.encode(&Sha256::digest(bytes));
    digits.truncate(length);
    digits
}

/// The directories and names of one ground; all follow from its directory, so a later process finds what an earlier
/// one left, even if that one died before it wrote anything down.
#[derive(Debug, Clone)]
pub struct Layout {
    id: String,
    dir: PathBuf,
}

impl Layout {
    /// Makes the directory, since its real path is what the names are made from.
    pub fn new(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let dir = dir.canonicalize().with_context(|| format!("cannot find {}", dir.display()))?;
        Ok(Self::of(dir))
    }

    /// The layout of a directory that may be gone.
    pub(crate) fn of(dir: PathBuf) -> Self {
        Self { id: fingerprint(dir.as_os_str().as_encoded_bytes(), 6), dir }
    }

    /// `GROUND_DIR`, or `target/ground` of the workspace around the current directory.
    pub fn default_dir() -> PathBuf {
        if let Some(dir) = std::env::var_os("GROUND_DIR") {
            return PathBuf::from(dir);
        }
        let here = std::env::current_dir().unwrap_or_default();
        let root = here.ancestors().find(|dir| dir.join("Cargo.lock").exists());
        root.unwrap_or(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))).join("target/ground")
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Sockets and what is mounted: below the ground's directory, unless that would make the sockets' paths too long.
    pub(crate) fn run(&self) -> PathBuf {
        let below = self.dir.join("run");
        if below.as_os_str().len() <= LONGEST_RUN { below } else { PathBuf::from(format!("/tmp/stowage-{}", self.id)) }
    }

    pub(crate) fn containerd_socket(&self) -> PathBuf {
        self.run().join("containerd.sock")
    }

    /// PostgreSQL's, which another user must reach: below the ground's directory, unless one above is closed to others.
    pub(crate) fn postgres(&self) -> PathBuf {
        let open = |dir: &Path| std::fs::metadata(dir).is_ok_and(|dir| dir.permissions().mode() & 0o001 != 0);
        if self.dir.ancestors().all(open) { self.dir.join("postgres") } else { PathBuf::from(format!("/tmp/stowage-{}-postgres", self.id)) }
    }

    /// Where the kubelet keeps what its pods mount, and finds its plugins.
    pub(crate) fn kubelet(&self) -> PathBuf {
        self.run().join("kubelet")
    }

    /// Go sends a socket's path as the name of the server, with percent signs that Rust's HTTP library takes only
    /// before an `@`.
    pub(crate) fn csi_socket(&self) -> PathBuf {
        self.kubelet().join("plugins_registry/loop-csi@node.sock")
    }

    /// The CSI driver's volumes, each a file.
    pub fn disks(&self) -> PathBuf {
        self.join("data/disks")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.join("logs")
    }

    pub(crate) fn log(&self, component: &str) -> PathBuf {
        self.logs().join(format!("{component}.log"))
    }

    pub(crate) fn audit_log(&self) -> PathBuf {
        self.logs().join("audit.jsonl")
    }

    pub(crate) fn certificates(&self) -> PathBuf {
        self.join("certificates")
    }

    pub(crate) fn certificate(&self, name: &str) -> PathBuf {
        self.certificates().join(format!("{name}.crt"))
    }

    pub(crate) fn key(&self, name: &str) -> PathBuf {
        self.certificates().join(format!("{name}.key"))
    }

    pub(crate) fn kubeconfig(&self, name: &str) -> PathBuf {
        self.join("kubeconfigs").join(name)
    }

    /// An interface's name has 15 characters at most.
    pub(crate) fn bridge(&self) -> String {
        format!("sw-{}", self.id)
    }

    /// Below every cgroup hierarchy: the parent of all pods, so that two kubelets do not clear away each other's.
    pub(crate) fn cgroup(&self) -> String {
        format!("stowage-{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_directory_keeps_its_sockets_elsewhere() {
        let short = Layout::of(PathBuf::from("/home/me/target/ground"));
        assert_eq!(short.run(), PathBuf::from("/home/me/target/ground/run"));
        let long = Layout::of(PathBuf::from(format!("/{}/ground", "x".repeat(80))));
        assert_eq!(long.run(), PathBuf::from(format!("/tmp/stowage-{}", long.id())));
        assert!(long.run().join("kubelet/pod-resources/kubelet.sock.1234567890").as_os_str().len() < 108);
        let longest = Layout::of(PathBuf::from(format!("/{}", "x".repeat(LONGEST_RUN - "//run".len()))));
        assert!(longest.run().starts_with(longest.dir()) && longest.csi_socket().as_os_str().len() < 108);
    }

    #[test]
    fn two_directories_share_no_name() {
        let one = Layout::of(PathBuf::from("/one"));
        let two = Layout::of(PathBuf::from("/two"));
        assert_ne!(one.bridge(), two.bridge());
        assert!(one.bridge().len() <= 15);
    }
}
