//! Which grounds has this machine had? Asked to clear away what a dead one of any clone left behind.
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::cache::{Cache, lock, try_lock};
use crate::layout::Layout;
use crate::state::{State, replace};
use crate::teardown::teardown;

/// Everything else about a ground follows from its directory.
#[derive(Serialize, Deserialize)]
struct Entry {
    dir: PathBuf,
    machine: String,
}

/// The cache may be shared with other machines or containers, whose processes cannot be seen from here.
fn machine() -> Result<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").context("cannot tell machines apart")?;
    let processes = std::fs::read_link("/proc/self/ns/pid").context("cannot tell containers apart")?;
    Ok(format!("{} {}", boot.trim(), processes.display()))
}

fn path(cache: &Cache, layout: &Layout) -> PathBuf {
    cache.grounds().join(format!("{}.json", layout.id()))
}

/// Only one `up` or `down` works on a ground at a time.
pub(crate) async fn hold(cache: &Cache, layout: &Layout) -> Result<File> {
    lock(&path(cache, layout).with_extension("lock"), "another `ground up` or `ground down` of this directory").await
}

/// Written before anything is started, so that whatever happens afterwards can be found.
pub(crate) fn enter(cache: &Cache, layout: &Layout) -> Result<()> {
    let entry = Entry { dir: layout.dir().to_owned(), machine: machine()? };
    replace(&path(cache, layout), &serde_json::to_vec(&entry)?)
}

pub(crate) fn leave(cache: &Cache, layout: &Layout) -> Result<()> {
    let path = path(cache, layout);
    if path.exists() { Ok(std::fs::remove_file(path)?) } else { Ok(()) }
}

/// Clears away the grounds that nobody holds and of which nothing, or only a part, still runs.
pub(crate) fn sweep(cache: &Cache, own: &Layout) -> Result<()> {
    for file in std::fs::read_dir(cache.grounds())?.flatten() {
        if file.path().extension().is_some_and(|extension| extension == "json")
            && let Err(cause) = sweep_one(cache, own, &file.path())
        {
            println!("leaving {} as it is: {cause:#}", file.path().display());
        }
    }
    Ok(())
}

fn sweep_one(cache: &Cache, own: &Layout, file: &Path) -> Result<()> {
    let entry: Entry = serde_json::from_slice(&std::fs::read(file)?)?;
    let other = Layout::of(entry.dir);
    if other.id() == own.id() || entry.machine != machine()? {
        return Ok(());
    }
    // Whoever holds it is at work on it.
    let Some(_lock) = try_lock(&file.with_extension("lock"))? else { return Ok(()) };
    // A state that this program cannot read is another version's, and may be of a ground that runs.
    let state = State::read(&other)?;
    if state.is_some_and(|state| state.components.iter().any(|component| component.process.is_alive())) {
        return Ok(());
    }
    println!("clearing away what the ground of {} left", other.dir().display());
    teardown(&other)?;
    leave(cache, &other)
}
