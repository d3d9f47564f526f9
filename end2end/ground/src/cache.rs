//! What is built once per machine, and how do two builds keep out of each other's way?
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

/// `${STOWAGE_CACHE:-~/.cache/stowage}/ground`: the only place that clones share.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    pub(crate) fn open() -> Result<Self> {
        let named = std::env::var_os("STOWAGE_CACHE").map(PathBuf::from);
        let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/stowage"));
        let root = named.or_else(home).context("neither STOWAGE_CACHE nor HOME is set")?.join("ground");
        std::fs::create_dir_all(root.join("grounds")).with_context(|| format!("cannot make {}", root.display()))?;
        Ok(Self { root })
    }

    /// Where the grounds of this machine are written down.
    pub(crate) fn grounds(&self) -> PathBuf {
        self.root.join("grounds")
    }

    /// The directory `name`, filled by `make` if it does not exist yet. It appears whole or not at all.
    pub(crate) async fn entry(&self, name: &str, make: impl AsyncFnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        let path = self.root.join(name);
        if path.exists() {
            return Ok(path);
        }
        let _lock = lock(&self.root.join(format!("{name}.lock")), &format!("another build of {name}")).await?;
        if path.exists() {
            return Ok(path);
        }
        // The lock is ours, so what lies here was left by a build that was ended.
        let partial = self.root.join(format!("{name}.partial"));
        if partial.exists() {
            std::fs::remove_dir_all(&partial)?;
        }
        std::fs::create_dir(&partial)?;
        make(&partial).await?;
        std::fs::rename(&partial, &path).with_context(|| format!("cannot keep {}", path.display()))?;
        Ok(path)
    }
}

/// Held until dropped; the system lets go of it when the process ends, however it ends.
pub(crate) async fn lock(path: &Path, other: &str) -> Result<File> {
    let mut waiting = tokio::time::interval(Duration::from_millis(100));
    let mut told = false;
    loop {
        match try_lock(path)? {
            Some(file) => return Ok(file),
            None if !told => println!("waiting for {other} …"),
            None => {}
        }
        told = true;
        waiting.tick().await;
    }
}

/// `None` if somebody else holds it.
pub(crate) fn try_lock(path: &Path) -> Result<Option<File>> {
    let file = File::options().create(true).append(true).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(cause).with_context(|| format!("cannot lock {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_build_leaves_nothing_half() {
        let root = std::env::temp_dir().join(format!("ground-cache-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        let cache = Cache { root: root.clone() };
        let failed = cache
            .entry("tool", async |dir: &Path| {
                std::fs::write(dir.join("half"), "")?;
                anyhow::bail!("no space")
            })
            .await;
        assert!(failed.is_err());
        assert!(!root.join("tool").exists());
        let path = cache.entry("tool", async |dir: &Path| Ok(std::fs::write(dir.join("whole"), "")?)).await.unwrap();
        assert!(path.join("whole").exists() && !path.join("half").exists());
        cache.entry("tool", async |_: &Path| anyhow::bail!("built twice")).await.unwrap();
        std::fs::remove_dir_all(root).unwrap();
    }
}
