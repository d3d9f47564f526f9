//! What does the portal remember that Kubernetes does not keep? Asked by `server` and `app`; the only crate that speaks SQL.

mod audit;
mod filters;
mod history;
mod idempotency;
mod people;
mod sessions;
mod sweep;
mod tokens;
mod turns;
mod usage;

pub use audit::{Audit, DONE, Entry, Filter, Line};
pub use filters::Filters;
pub use history::History;
pub use idempotency::{Attempt, Begun, Idempotency};
pub use people::{People, Person};
pub use sessions::{OWNER, PROVIDER_SESSION, Sessions};
pub use sweep::Sweep;
pub use tokens::{Bearer, Tokens};
pub use turns::{Turn, Turns};
pub use usage::Samples;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::watch;

#[derive(Debug, Error)]
pub enum Error {
    #[error("the records address must start with sqlite: (SQLite is the only kind in this version)")]
    Kind,
    #[error("could not make the folder of the records file {path}")]
    Folder {
        path: String,
        #[source]
        cause: std::io::Error,
    },
    #[error("could not open the records at {url}")]
    Open {
        url: String,
        #[source]
        cause: sqlx::Error,
    },
    #[error("could not bring the records to this version")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    #[error("the records did not answer while trying to {what}")]
    Query {
        what: &'static str,
        #[source]
        cause: sqlx::Error,
    },
}

/// A handle on the records; clones share one pool.
#[derive(Clone, Debug)]
pub struct Records {
    pool: SqlitePool,
    endings: watch::Sender<u64>,
    underway: watch::Sender<()>,
    queues: turns::Queues,
}

/// Held by whatever must still be written down when the portal ends.
#[derive(Debug)]
#[must_use = "the records wait for it only while it is held"]
pub struct Underway(#[expect(dead_code, reason = "counted by its sender")] watch::Receiver<()>);

impl Records {
    /// Opens `sqlite://path` (made when missing, readable by its owner only) or `sqlite::memory:`, and brings it to this version.
    pub async fn open(url: &str) -> Result<Self, Error> {
        if !url.starts_with("sqlite:") {
            return Err(Error::Kind);
        }
        let open = |cause| Error::Open { url: url.to_owned(), cause };
        let options = SqliteConnectOptions::from_str(url)
            .map_err(open)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(3));
        let memory = url.contains(":memory:");
        if !memory {
            prepare(options.get_filename())?;
        }
        // A database in memory is one connection: another would see another, empty database.
        let pool = SqlitePoolOptions::new()
            .max_connections(if memory { 1 } else { 4 })
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(3))
            .connect_with(options)
            .await
            .map_err(open)?;
        sqlx::migrate!().run(&pool).await.map_err(Error::Migrate)?;
        Ok(Self { pool, endings: watch::Sender::default(), underway: watch::Sender::default(), queues: turns::queues() })
    }

    /// Sessions that end when nobody used them for `idle`, and at their own end in any case.
    pub fn sessions(&self, idle: Duration) -> Sessions {
        Sessions::new(self.pool.clone(), idle, self.endings.clone())
    }

    pub fn people(&self) -> People {
        People::new(self.pool.clone())
    }

    pub fn tokens(&self) -> Tokens {
        Tokens::new(self.pool.clone())
    }

    pub fn audit(&self) -> Audit {
        Audit::new(self.pool.clone())
    }

    pub fn filters(&self) -> Filters {
        Filters::new(self.pool.clone())
    }

    pub fn samples(&self) -> Samples {
        Samples::new(self.pool.clone())
    }

    pub fn history(&self) -> History {
        History::new(self.pool.clone())
    }

    pub fn turns(&self) -> Turns {
        Turns::new(self.pool.clone(), Arc::clone(&self.queues))
    }

    pub fn idempotency(&self) -> Idempotency {
        Idempotency::new(self.pool.clone())
    }

    /// A random key of this name: made on first use, the same ever after, for every replica.
    pub async fn secret(&self, name: &str) -> Result<[u8; 32], Error> {
        let failed = |cause| Error::Query { what: "read a key", cause };
        let fresh: [u8; 32] = rand::random();
        sqlx::query("INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(fresh.as_slice())
            .execute(&self.pool)
            .await
            .map_err(failed)?;
        let value: Vec<u8> =
            sqlx::query_scalar("SELECT value FROM secrets WHERE name = ?").bind(name).fetch_one(&self.pool).await.map_err(failed)?;
        value.try_into().map_err(|_| failed(sqlx::Error::RowNotFound))
    }

    /// Do the records answer? Asked by the readiness check.
    pub async fn check(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(drop).map_err(|cause| Error::Query { what: "answer a check", cause })
    }

    /// Deletes what has expired, now and every `period`, until the handle is dropped. The audit trail is kept for so many days.
    pub fn sweep(&self, period: Duration, audit_days: u32) -> Sweep {
        Sweep::start(self.pool.clone(), period, audit_days)
    }

    /// An act begins whose end will be written here.
    pub fn begin(&self) -> Underway {
        Underway(self.underway.subscribe())
    }

    /// Returns when no act is under way any more. Without an end of its own: the caller has a deadline.
    pub async fn settled(&self) {
        self.underway.closed().await;
    }

    /// Ends every connection; later calls fail.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn millis(time: OffsetDateTime) -> i64 {
    time.unix_timestamp().saturating_mul(1000).saturating_add(i64::from(time.millisecond()))
}

fn seconds(time: OffsetDateTime) -> i64 {
    time.unix_timestamp()
}

/// The folder, and the file with the right mode from its first moment: sessions hold id tokens.
fn prepare(file: &Path) -> Result<(), Error> {
    let failed = |cause| Error::Folder { path: file.display().to_string(), cause };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop).map_err(failed)
}

#[cfg(test)]
mod tests;
