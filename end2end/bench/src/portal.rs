//! How is the portal that is measured run? The release build, as a process of its own, so that the kernel counts for it alone.
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ground::{Browser, Ground};
use tokio::process::{Child, Command};

use crate::proc;

pub const START: Duration = Duration::from_secs(60);

/// Where the portal's program and site are, and where it may write.
#[derive(Debug, Clone)]
pub struct Place {
    pub program: PathBuf,
    pub site: PathBuf,
    pub dir: PathBuf,
    /// Of the portal's own, beside those that all have.
    pub settings: Vec<(String, String)>,
}

impl Place {
    /// The same program with records of its own.
    pub fn beside(&self, name: &str) -> Result<Self> {
        let dir = self.dir.join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir)?;
        }
        std::fs::create_dir_all(&dir)?;
        Ok(Self { dir, ..self.clone() })
    }
}

#[derive(Debug)]
pub struct Portal {
    pub url: String,
    pub began: Instant,
    child: Child,
    client: reqwest::Client,
}

impl Portal {
    /// Started, and not waited for. Sessions live on in `dir` from one start to the next, if `port` is the same.
    pub fn spawn(place: &Place, kubeconfig: &Path, port: u16) -> Result<Self> {
        let url = format!("http://127.0.0.1:{port}");
        let log = std::fs::File::create(place.dir.join("portal.log"))?;
        let began = Instant::now();
        let child = Command::new(&place.program)
            .env("KUBECONFIG", kubeconfig)
            .env("STOWAGE_LISTEN__ADDRESS", format!("127.0.0.1:{port}"))
            .env("STOWAGE_PUBLIC_URL", &url)
            .env("STOWAGE_RECORDS__URL", format!("sqlite://{}", place.dir.join("portal.db").display()))
            .env("STOWAGE_SITE__NAME", "bench")
            // All of the tabs' people sign in from one address.
            .env("STOWAGE_LIMITS__SIGN_INS_PER_MINUTE", "100000")
            .env("LEPTOS_SITE_ROOT", &place.site)
            .env("LEPTOS_HASH_FILES", "true")
            .env("LEPTOS_ENV", "PROD")
            .envs(place.settings.clone())
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", place.program.display()))?;
        Ok(Self { url, began, child, client: reqwest::Client::builder().no_proxy().tls_certs_only([]).build()? })
    }

    pub async fn start(place: &Place, ground: &Ground) -> Result<Self> {
        for left in ["portal.db", "portal.db-wal", "portal.db-shm"] {
            let path = place.dir.join(left);
            if path.exists() {
                std::fs::remove_file(path)?;
            }
        }
        let mut portal = Self::spawn(place, ground.portal_kubeconfig(), free_port()?)?;
        portal.ready().await?;
        Ok(portal)
    }

    /// Waits until it has read the cluster.
    pub async fn ready(&mut self) -> Result<()> {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        while self.began.elapsed() < START {
            look.tick().await;
            if let Some(status) = self.child.try_wait()? {
                bail!("the portal ended with {status}; its log is portal.log");
            }
            let Ok(answer) = self.client.get(format!("{}/readyz?verbose", self.url)).send().await else { continue };
            if answer.text().await?.contains("cluster is in step") {
                return Ok(());
            }
        }
        bail!("the portal was not ready within {} s", START.as_secs())
    }

    pub fn port(&self) -> Result<u16> {
        Ok(self.url.rsplit(':').next().unwrap_or_default().parse()?)
    }

    pub fn process(&self) -> Result<proc::Process> {
        Ok(proc::Process(self.child.id().context("the portal has ended")?))
    }

    /// Ended as a person would end it.
    pub async fn stop(mut self) -> Result<()> {
        self.process()?.terminate();
        self.child.wait().await?;
        Ok(())
    }

    pub async fn sign_in(&self, user: &str) -> Result<Visitor> {
        let browser = ground::sign_in(&self.url, user).await?;
        Ok(Visitor { cookie: browser.cookie_header(), url: self.url.clone(), client: self.client.clone(), browser })
    }
}

pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub cookie: String,
    pub url: String,
    client: reqwest::Client,
    /// What it signed in with.
    pub browser: Browser,
}

impl Visitor {
    pub fn ask(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie).header("accept", "text/html")
    }

    /// The page at `path`, uncompressed, and how long it took to its last byte.
    pub async fn page(&self, path: &str) -> Result<(String, Duration)> {
        let start = Instant::now();
        let answer = self.ask(path).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{path} answers {status}");
        }
        Ok((text, start.elapsed()))
    }

    /// The same page as a script on it reads it again.
    pub async fn reading(&self, path: &str) -> Result<String> {
        let fetch = [("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors"), ("sec-fetch-site", "same-origin")];
        let request = fetch.into_iter().fold(self.ask(path), |request, (name, value)| request.header(name, value));
        Ok(request.send().await?.error_for_status()?.text().await?)
    }

    /// The bytes of `path` as a browser downloads them.
    pub async fn download(&self, path: &str) -> Result<usize> {
        let answer = self.ask(path).header("accept-encoding", "gzip, deflate, br, zstd").send().await?.error_for_status()?;
        Ok(answer.bytes().await?.len())
    }
}
