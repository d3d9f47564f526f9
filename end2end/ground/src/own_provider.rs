//! How does a test get an identity provider to itself? The shared one must behave, since all tests sign in there.
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;
use tokio::time::Instant;

use crate::layout::Layout;
use crate::process::MARK;
use crate::{network, provider};

const DEADLINE: Duration = Duration::from_secs(30);

/// Has the same people and client as the ground's. Ends when dropped, or with the ground at the latest.
#[derive(Debug)]
pub struct OwnProvider {
    child: Child,
    dir: PathBuf,
    issuer: String,
    client_secret: String,
}

impl OwnProvider {
    pub(crate) async fn start(ground: &Layout, backchannel: Option<&str>) -> Result<Self> {
        let modules = std::fs::canonicalize(ground.join("config/provider/node_modules"));
        let modules = modules.context("the ground has no identity provider")?;
        let dir = ground.join("data/providers").join(HEXLOWER.encode(&rand::random::<[u8; 4]>()));
        std::fs::create_dir_all(dir.join("data"))?;
        let [port] = network::free_ports()?;
        let client_secret = HEXLOWER.encode(&rand::random::<[u8; 16]>());
        let mut command = provider::command(&Layout::of(dir.clone()), &modules, port, &client_secret)?;
        if let Some(uri) = backchannel {
            command.env(provider::BACKCHANNEL, uri);
        }
        command.env(MARK, ground.id()).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        let child = command.spawn().context("cannot start an identity provider")?;
        let mut own = Self { child, dir, issuer: provider::issuer(port), client_secret };
        own.wait_until_it_answers().await?;
        Ok(own)
    }

    async fn wait_until_it_answers(&mut self) -> Result<()> {
        let client = provider::client()?;
        let start = Instant::now();
        let mut look = tokio::time::interval(Duration::from_millis(50));
        while !provider::answers(&client, &self.issuer).await {
            if let Some(status) = self.child.try_wait()? {
                bail!("the identity provider ended with {status}");
            }
            if start.elapsed() > DEADLINE {
                bail!("the identity provider does not answer");
            }
            look.tick().await;
        }
        Ok(())
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn client_id(&self) -> &str {
        provider::CLIENT_ID
    }

    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// Holds until told `none`; `provider/behaviour.mjs` has the modes.
    pub async fn misbehave(&self, mode: &str) -> Result<()> {
        provider::misbehave(&self.issuer, mode).await
    }
}

impl Drop for OwnProvider {
    fn drop(&mut self) {
        // Each fails only if what it removes is gone already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        let _removed = std::fs::remove_dir_all(&self.dir);
    }
}
