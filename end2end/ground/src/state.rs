//! What is running? Written by `up` once everything is, read by everyone else.
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::layout::Layout;
use crate::process::Process;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// The identity provider alone.
    Provider,
    /// An API server that keeps whatever it is told: nothing reconciles, so measurements are not disturbed.
    ApiServer,
    /// A cluster without a node: claims stay Pending, pods are never scheduled.
    ControlPlane,
    Whole,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    pub name: String,
    pub process: Process,
    pub since: jiff::Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub extent: Extent,
    pub components: Vec<Component>,
    /// Absent when only the identity provider runs.
    pub api: Option<SocketAddr>,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// PostgreSQL, as a role that may make others. Absent where only a part of the ground runs.
    #[serde(default)]
    pub postgres: Option<String>,
}

const FILE: &str = "state.json";

impl State {
    /// `None` when there is no ground, or one that is not complete (yet).
    pub fn read(layout: &Layout) -> Result<Option<Self>> {
        let path = layout.join(FILE);
        match std::fs::read(&path) {
            Ok(bytes) => {
                let state = serde_json::from_slice(&bytes);
                Ok(Some(state.with_context(|| format!("{} is damaged; run `ground down`", path.display()))?))
            }
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    pub(crate) fn write(&self, layout: &Layout) -> Result<()> {
        replace(&layout.join(FILE), &serde_json::to_vec_pretty(self)?)
    }

    pub(crate) fn remove(layout: &Layout) -> Result<()> {
        match std::fs::remove_file(layout.join(FILE)) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => Err(cause).context("cannot remove the state"),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub fn all_up(&self) -> bool {
        self.components.iter().all(|component| component.process.is_alive())
    }
}

/// Readers see the old file or the new one, never half of one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let partial = path.with_extension("partial");
    std::fs::write(&partial, bytes).with_context(|| format!("cannot write {}", partial.display()))?;
    std::fs::rename(&partial, path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let dir = std::env::temp_dir().join(format!("ground-state-{}", std::process::id()));
        let layout = Layout::new(&dir).unwrap();
        assert_eq!(State::read(&layout).unwrap(), None);
        let state = State {
            extent: Extent::Whole,
            components: vec![Component {
                name: "etcd".into(),
                process: Process { pid: 7, started: 11 },
                since: "2026-01-02T03:04:05Z".parse().unwrap(),
            }],
            api: Some(([127, 0, 0, 1], 6443).into()),
            issuer: "http://127.0.0.1:1".into(),
            client_id: "stowage".into(),
            client_secret: "secret".into(),
            postgres: Some("postgres://stowage:secret@127.0.0.1:1/postgres".into()),
        };
        state.write(&layout).unwrap();
        assert_eq!(State::read(&layout).unwrap(), Some(state));
        State::remove(&layout).unwrap();
        State::remove(&layout).unwrap();
        assert_eq!(State::read(&layout).unwrap(), None);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
