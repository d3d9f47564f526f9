//! How does a test get the portal as a process of its own, in a file system of its own?

use crate::portal::{self, Site as _};
use crate::visitor::Visitor;
use anyhow::{Context, Result, ensure};
use ground::Ground;
use reqwest::StatusCode;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};

pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a portal needs to be started, again and again on the same records.
pub struct Site {
    url: String,
    address: String,
    issuer: String,
    client_secret: String,
    pub kubeconfig: PathBuf,
    /// Of this site alone.
    pub folder: PathBuf,
    pub records: PathBuf,
    pub settings: Vec<(&'static str, String)>,
    /// What is logged.
    pub log_filter: &'static str,
    /// Shell commands for a mount namespace of its own, as root of which the portal then runs.
    pub mounts: String,
}

impl portal::Site for Site {
    fn url(&self) -> &str {
        &self.url
    }
}

impl Site {
    pub async fn new(ground: &Ground) -> Result<Self> {
        // The port is free again in a moment, and nobody else is given it soon.
        let address = TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?.to_string();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("site-{}", address.replace(['.', ':'], "-")));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let records = folder.join("records");
        std::fs::create_dir_all(&records)?;
        Ok(Self {
            url: format!("http://{address}"),
            address,
            issuer: ground.issuer().to_owned(),
            client_secret: ground.client_secret().to_owned(),
            kubeconfig: ground.portal_kubeconfig().to_owned(),
            folder,
            records,
            settings: Vec::new(),
            log_filter: "info",
            mounts: String::new(),
        })
    }

    /// Another provider than the ground's.
    pub fn trust(&mut self, trust: portal::Trust) {
        (self.issuer, self.client_secret) = (trust.issuer, trust.client_secret);
    }

    fn command(&self) -> Command {
        let mut command = if self.mounts.is_empty() {
            Command::new(env!("CARGO_BIN_EXE_stowage"))
        } else {
            let mut command = Command::new("unshare");
            let script = format!("set -e; {}; exec \"$@\"", self.mounts);
            command.args(["--mount", "--propagation", "private", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_stowage")]);
            command
        };
        let set = |key: &str, value: &str| format!("--set={key}={value}");
        command.args([
            set("listen.address", &self.address),
            set("public_url", &self.url),
            set("oidc.issuer", &self.issuer),
            set("oidc.client_id", "stowage"),
            set("oidc.client_secret", &self.client_secret),
            set("oidc.scopes", "openid profile email groups"),
            set("tasks.image", "stowage.dev/busybox:1"),
            set("kubernetes.kubeconfig", &self.kubeconfig.display().to_string()),
            set("records.url", &format!("sqlite://{}/stowage.db", self.records.display())),
        ]);
        command.args(self.settings.iter().map(|(key, value)| set(key, value)));
        command.env("STOWAGE_LOG", self.log_filter);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs until it ends by itself: whether it was well, and what it said.
    pub async fn run_to_the_end(&self) -> Result<(bool, String)> {
        let output = timeout(PATIENCE, self.command().output()).await.context("it does not end")??;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    pub async fn start(&self) -> Result<Running> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.join("log"))?;
        let mut running = Running { child: self.command().stdout(log).spawn()? };
        let mut pace = interval(Duration::from_millis(50));
        let ready = async {
            loop {
                pace.tick().await;
                if let Some(status) = running.child.try_wait()? {
                    anyhow::bail!("it ended with {status}: {}", self.log()?);
                }
                if self.readiness().await == Some(StatusCode::OK) {
                    return Ok(());
                }
            }
        };
        timeout(PATIENCE, ready).await.context("it does not start")??;
        Ok(running)
    }

    /// What a kubelet that connects anew is told; nothing if nobody listens.
    pub async fn readiness(&self) -> Option<StatusCode> {
        Some(Visitor::new().ok()?.visit(&self.at("/readyz")).await.ok()?.status)
    }

    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.folder.join("log"))?)
    }

    /// A file of the portal's own view.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        // In its place, not in its stead: what is mounted elsewhere stays the same file.
        std::fs::write(&path, text)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?;
        Ok(path)
    }
}

/// A portal that runs; killed when dropped.
pub struct Running {
    child: Child,
}

impl Running {
    pub fn pid(&self) -> Result<u32> {
        self.child.id().context("it has ended")
    }

    pub async fn signal(&self, name: &str) -> Result<()> {
        // The shell's own `kill` is on every machine.
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.pid()?)]).status().await?;
        ensure!(sent.success(), "no signal {name}");
        Ok(())
    }

    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// How much memory it has, in bytes.
    pub fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a size")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? << 10)
    }

    /// As a node does that has lost its patience, or its power.
    pub async fn killed(&mut self) -> Result<ExitStatus> {
        self.child.start_kill()?;
        self.ends().await
    }

    pub async fn ends(&mut self) -> Result<ExitStatus> {
        Ok(timeout(PATIENCE, self.child.wait()).await.context("it does not end")??)
    }

    /// A path as this process sees it.
    pub fn seen(&self, path: &Path) -> Result<PathBuf> {
        Ok(Path::new("/proc").join(self.pid()?.to_string()).join("root").join(path.strip_prefix("/")?))
    }
}
