//! Which processes belong to a ground, and how are they started and ended?
//!
//! Every process of a ground carries the ground's id in its environment and hands it down to its children. So they
//! are found even if whoever started them died before it could write their ids down.
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::layout::Layout;

pub(crate) const MARK: &str = "STOWAGE_GROUND";

/// A process that cannot be mistaken for a later one with the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pub pid: u32,
    /// In clock ticks since the machine started.
    pub started: u64,
}

impl Process {
    fn find(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(Self { pid, started: start_of_living(&stat)? })
    }

    pub fn is_alive(&self) -> bool {
        Self::find(self.pid).as_ref() == Some(self)
    }
}

/// The start time from `/proc/<pid>/stat`; none for a process that has ended and only waits for its parent.
fn start_of_living(stat: &str) -> Option<u64> {
    // The name, in brackets, may itself hold spaces and brackets.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    match fields.next()? {
        "Z" | "X" => None,
        _ => fields.nth(18)?.parse().ok(),
    }
}

/// A process that was just started; it lives on when this is dropped.
pub(crate) struct Started {
    pub(crate) name: &'static str,
    pub(crate) process: Process,
    child: Child,
    log: std::path::PathBuf,
}

impl Started {
    /// An error with the end of its log if it has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let end = lines.get(lines.len().saturating_sub(8)..).unwrap_or_default().join("\n");
        bail!("{} ended with {status}. The end of {}:\n{end}", self.name, self.log.display())
    }
}

/// Starts `command` on its own: no terminal, own process group, output to its log.
pub(crate) fn start(layout: &Layout, name: &'static str, mut command: Command) -> Result<Started> {
    let log = layout.log(name);
    let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let child = command
        .env(MARK, layout.id())
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {name} ({})", command.get_program().display()))?;
    let process = Process::find(child.id()).with_context(|| format!("{name} ended at once; see {}", log.display()))?;
    Ok(Started { name, process, child, log })
}

fn pids() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn file_holds(path: &Path, text: &[u8]) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.windows(text.len()).any(|window| window == text))
}

/// The processes that carry the ground's mark, containerd's shims among them.
pub(crate) fn marked(layout: &Layout) -> Vec<Process> {
    let mark = format!("{MARK}={}\0", layout.id());
    // The environment of a shim may have been rebuilt; its command line names our socket.
    let socket = layout.containerd_socket();
    pids()
        .into_iter()
        .filter_map(Process::find)
        .filter(|process| {
            let proc = Path::new("/proc").join(process.pid.to_string());
            file_holds(&proc.join("environ"), mark.as_bytes())
                // PostgreSQL's processes write their titles over their environment.
                || std::fs::read_link(proc.join("cwd")).is_ok_and(|dir| dir.starts_with(layout.postgres()))
                || (file_holds(&proc.join("cmdline"), b"containerd-shim")
                    && file_holds(&proc.join("cmdline"), socket.as_os_str().as_encoded_bytes()))
        })
        .collect()
}

pub(crate) fn living(pids: impl IntoIterator<Item = u32>) -> Vec<Process> {
    pids.into_iter().filter_map(Process::find).collect()
}

/// Ends the processes at once.
pub(crate) fn kill(processes: &[Process]) {
    for process in processes.iter().filter(|process| process.is_alive()) {
        // The shell's own `kill` is on every machine. If it fails, the process has ended by itself.
        let _ended_by_itself = Command::new("sh").args(["-c", &format!("kill -KILL {}", process.pid)]).stderr(Stdio::null()).status();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reused_id_is_not_the_same_process() {
        let me = Process::find(std::process::id()).unwrap();
        assert!(me.is_alive());
        assert!(!Process { started: me.started + 1, ..me }.is_alive());
    }

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let fields = (4..=21).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(start_of_living(&format!("1 (a) b) S {fields} 4711 9")), Some(4711));
        assert_eq!(start_of_living(&format!("1 (a) Z {fields} 4711 9")), None);
    }
}
