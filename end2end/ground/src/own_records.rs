//! How does a test get a database to itself? A role of its own on the ground's PostgreSQL, with a schema of the same name.
use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;
use tokio::process::Command;

/// Stays until the ground goes down.
#[derive(Debug)]
pub struct OwnRecords {
    server: String,
    role: String,
}

impl OwnRecords {
    pub(crate) async fn make(server: &str) -> Result<Self> {
        let role = format!("own_{}", HEXLOWER.encode(&rand::random::<[u8; 6]>()));
        let own = Self { server: server.to_owned(), role };
        own.tell(&format!("CREATE ROLE {0} LOGIN PASSWORD '{0}'; CREATE SCHEMA AUTHORIZATION {0}", own.role)).await?;
        Ok(own)
    }

    /// What `records.url` takes.
    pub fn url(&self) -> String {
        let place = self.server.rsplit_once('@').map_or("", |(_, place)| place);
        format!("postgres://{0}:{0}@{place}", self.role)
    }

    /// Nobody gets in any more, and whoever is in is thrown out.
    pub async fn away(&self) -> Result<()> {
        self.become_("NOLOGIN").await
    }

    /// As after a failover to a server that takes no changes.
    pub async fn only_read(&self) -> Result<()> {
        self.become_("SET default_transaction_read_only = on").await
    }

    pub async fn back(&self) -> Result<()> {
        self.become_("LOGIN").await?;
        self.become_("RESET default_transaction_read_only").await
    }

    /// The first column of the first row of what this selects, as text.
    pub async fn ask(&self, select: &str) -> Result<String> {
        self.run(&format!("SET search_path = {}; {select}", self.role)).await
    }

    async fn become_(&self, how: &str) -> Result<()> {
        let ended = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}'", self.role);
        self.tell(&format!("ALTER ROLE {} {how}; {ended}", self.role)).await
    }

    async fn tell(&self, statements: &str) -> Result<()> {
        self.run(statements).await.map(drop)
    }

    async fn run(&self, statements: &str) -> Result<String> {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--command", statements]);
        let answer = psql.arg(&self.server).output().await.context("psql cannot be run; it is part of Debian's postgresql")?;
        if !answer.status.success() {
            bail!("PostgreSQL refuses: {}", String::from_utf8_lossy(&answer.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
    }
}
