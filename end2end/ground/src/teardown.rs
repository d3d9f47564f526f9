//! How does a ground end, whatever state it is in? From what the machine shows, not from what was written down.
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::layout::Layout;
use crate::state::State;
use crate::{cgroups, loops, mounts, network, process};

const DEADLINE: Duration = Duration::from_secs(20);
/// Everything that a ground makes below its directory, except for the logs, which stay to be read.
const PARTS: [&str; 5] = ["certificates", "config", "data", "kubeconfigs", "run"];

/// Ends all processes, unmounts, removes the interface, the control groups and the data.
pub(crate) fn teardown(layout: &Layout) -> Result<()> {
    State::remove(layout)?;
    end_processes(layout)?;
    remove_shim_sockets(layout);
    mounts::clear(&[layout.join("data"), layout.join("run"), layout.run()])?;
    detach_loops(&layout.join("data"))?;
    network::remove_bridge(layout)?;
    cgroups::remove(layout)?;
    remove_traces(layout);
    let parts = PARTS.iter().map(|part| layout.join(part)).chain([layout.run(), layout.postgres()]);
    for part in parts.filter(|part| part.exists()) {
        std::fs::remove_dir_all(part)?;
    }
    Ok(())
}

fn end_processes(layout: &Layout) -> Result<()> {
    let start = Instant::now();
    loop {
        let mut processes = process::marked(layout);
        processes.extend(process::living(cgroups::processes(layout)));
        if processes.is_empty() {
            return Ok(());
        }
        if start.elapsed() > DEADLINE {
            let pids: Vec<_> = processes.iter().map(|process| process.pid.to_string()).collect();
            bail!("processes {} do not end", pids.join(", "));
        }
        process::kill(&processes);
        pause();
    }
}

fn detach_loops(dir: &Path) -> Result<()> {
    let start = Instant::now();
    loop {
        let left = loops::detach(dir);
        let Some(device) = left.first() else { return Ok(()) };
        if start.elapsed() > DEADLINE {
            bail!("{} is still in use and cannot be detached", device.display());
        }
        pause();
    }
}

/// The end of a foreign process or of the last use of a device cannot be awaited, only seen.
#[expect(clippy::disallowed_methods, reason = "runs on its own between two looks at the system")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// containerd keeps its shims' sockets in one directory for the whole machine and writes down which are whose.
fn remove_shim_sockets(layout: &Layout) {
    let tasks = layout.run().join("containerd/io.containerd.runtime.v2.task/k8s.io");
    for task in entries(&tasks) {
        let address = std::fs::read_to_string(task.join("address")).unwrap_or_default();
        if let Some(socket) = address.trim().strip_prefix("unix://") {
            remove_quietly(Path::new(socket));
        }
    }
}

/// Two places outside the directory where the network plugins and the kubelet write, by their own fixed paths.
fn remove_traces(layout: &Layout) {
    let network = format!("{}-", layout.bridge());
    for result in entries(Path::new("/var/lib/cni/results")) {
        if result.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&network)) {
            remove_quietly(&result);
        }
    }
    for link in entries(Path::new("/var/log/containers")) {
        if std::fs::read_link(&link).is_ok_and(|target| target.starts_with(layout.dir())) {
            remove_quietly(&link);
        }
    }
}

fn entries(dir: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn remove_quietly(path: &Path) {
    if let Err(cause) = std::fs::remove_file(path)
        && cause.kind() != ErrorKind::NotFound
    {
        println!("could not remove {}: {cause}", path.display());
    }
}
