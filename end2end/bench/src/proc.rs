//! What has a process cost so far? The kernel has counted.
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// Linux reports processor time to programs in hundredths of a second on every architecture (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Debug, Clone, Copy)]
pub struct Process(pub u32);

impl Process {
    /// Seconds of processor time, in user and kernel mode.
    pub fn cpu(self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0)).context("the process has ended")?;
        // The name, in brackets, may itself hold spaces and brackets.
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().unwrap_or_default());
        Ok(ticks.sum::<f64>() / TICKS_PER_SECOND)
    }

    /// The most memory that it ever held, in bytes.
    pub fn peak_memory(self) -> Result<f64> {
        self.memory("VmHWM:")
    }

    /// From now on, the peak is that of what comes (proc(5), `clear_refs`).
    pub fn forget_peak(self) -> Result<()> {
        std::fs::write(format!("/proc/{}/clear_refs", self.0), "5").context("the kernel does not forget a peak")
    }

    /// What it holds now, in bytes.
    pub fn memory_now(self) -> Result<f64> {
        self.memory("VmRSS:")
    }

    fn memory(self, key: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0)).context("the process has ended")?;
        let line = status.lines().find_map(|line| line.strip_prefix(key)).context("the kernel does not tell its memory")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024.0)
    }

    /// Asks it to end.
    pub fn terminate(self) {
        // If it fails, the process has ended by itself.
        let _ended = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.0)]).stderr(Stdio::null()).status();
    }
}
