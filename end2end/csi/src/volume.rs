//! Which volumes are there? Each is a file with its file system, and beside it a file with what its class allows.
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tokio::sync::Mutex;
use tonic::Status;

use crate::capacity::capacity;
use crate::limits::Limits;
use crate::messages::CapacityRange;
use crate::mount;

const DISK: &str = "disk";
const LIMITS: &str = "limits";

#[derive(Debug)]
pub(crate) struct Volumes {
    dir: PathBuf,
    /// Two at a time could share what is left of a pool, or make the same volume.
    changing: Mutex<()>,
}

fn failed(cause: std::io::Error) -> Status {
    Status::internal(cause.to_string())
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A file's name, so no path.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl Volumes {
    pub(crate) fn open(dir: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(dir)?;
        Ok(Self { dir: dir.to_owned(), changing: Mutex::default() })
    }

    fn path(&self, id: &str, what: &str) -> PathBuf {
        self.dir.join(format!("{id}.{what}"))
    }

    /// The file of a volume that exists.
    pub(crate) fn disk(&self, id: &str) -> Result<PathBuf, Status> {
        let path = self.path(id, DISK);
        if is_id(id) && path.exists() { Ok(path) } else { Err(Status::not_found(format!("there is no volume {id}"))) }
    }

    fn limits(&self, id: &str) -> Result<Limits, Status> {
        let bytes = fs::read(self.path(id, LIMITS)).map_err(failed)?;
        serde_json::from_slice(&bytes).map_err(|cause| failed(cause.into()))
    }

    /// What the pool's volumes take, but for the volume `id`.
    fn taken(&self, limits: &Limits, id: &str) -> Result<u64, Status> {
        let mut sum = 0_u64;
        for entry in fs::read_dir(&self.dir).map_err(failed)?.flatten() {
            let path = entry.path();
            let Some(other) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
            let is_disk = path.extension().is_some_and(|extension| extension == DISK);
            if is_disk && other != id && limits.pool.is_some() && self.limits(other)?.pool == limits.pool {
                sum = sum.saturating_add(entry.metadata().map_err(failed)?.len());
            }
        }
        Ok(sum)
    }

    /// Makes the volume `name`, whose id that is too; asked again, answers as before. Says its capacity.
    pub(crate) async fn create(&self, name: &str, range: CapacityRange, parameters: &HashMap<String, String>) -> Result<i64, Status> {
        if !is_id(name) {
            return Err(Status::invalid_argument(format!("{name:?} cannot be a volume's name")));
        }
        let limits = Limits::parse(parameters).map_err(|cause| Status::invalid_argument(cause.to_string()))?;
        let _changing = self.changing.lock().await;
        let size = capacity(range, &limits, self.taken(&limits, name)?)?;
        if let Ok(disk) = self.disk(name) {
            let existing = fs::metadata(disk).map_err(failed)?.len();
            let fits = existing >= size && (range.limit_bytes == 0 || signed(existing) <= range.limit_bytes);
            return if fits { Ok(signed(existing)) } else { Err(Status::already_exists(format!("{name} has {existing} bytes"))) };
        }
        let limits = serde_json::to_vec(&limits).map_err(|cause| failed(cause.into()))?;
        fs::write(self.path(name, LIMITS), limits).map_err(failed)?;
        // Whole or not at all.
        let partial = self.path(name, "partial");
        File::create(&partial).and_then(|file| file.set_len(size)).map_err(failed)?;
        mount::make_file_system(&partial).await?;
        fs::rename(partial, self.path(name, DISK)).map_err(failed)?;
        Ok(signed(size))
    }

    /// Removes the volume, if there is one.
    pub(crate) async fn delete(&self, id: &str) -> Result<(), Status> {
        let _changing = self.changing.lock().await;
        let Ok(disk) = self.disk(id) else { return Ok(()) };
        if mount::device(&disk).await?.is_some() {
            return Err(Status::failed_precondition(format!("volume {id} is mounted")));
        }
        for path in [disk, self.path(id, LIMITS)] {
            match fs::remove_file(path) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(failed(cause)),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Makes the disk larger; the file system in it follows on the node. Never makes it smaller.
    pub(crate) async fn expand(&self, id: &str, range: CapacityRange) -> Result<i64, Status> {
        let _changing = self.changing.lock().await;
        let disk = self.disk(id)?;
        let existing = fs::metadata(&disk).map_err(failed)?.len();
        if signed(existing) >= range.required_bytes {
            return Ok(signed(existing));
        }
        let limits = self.limits(id)?;
        let size = capacity(range, &limits, self.taken(&limits, id)?)?;
        File::options().write(true).open(disk).and_then(|file| file.set_len(size)).map_err(failed)?;
        Ok(signed(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_never_leads_out_of_the_directory() {
        assert!(is_id("pvc-0a1b"));
        for id in ["", "..", "../a", "a/b", "a.b", "A"] {
            assert!(!is_id(id), "{id}");
        }
    }
}
