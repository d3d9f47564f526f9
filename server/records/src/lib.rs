//! What does the portal remember that Kubernetes does not keep? Asked by `server` and `app`; the only crate that speaks SQL.

mod audit;
mod db;
mod endings;
mod filters;
mod history;
mod idempotency;
mod lease;
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
pub use lease::Lease;
pub use people::{People, Person};
pub use sessions::{OWNER, PROVIDER_SESSION, Sessions};
pub use sweep::Sweep;
pub use tokens::{Bearer, Tokens};
pub use turns::{Turn, Turns};
pub use usage::Samples;

use db::{Db, query};
use endings::Endings;
use sqlx::Row;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::watch;

#[derive(Debug, Error)]
pub enum Error {
    #[error("the address of the records (records.url) must begin with sqlite: or postgres:")]
    Kind,
    #[error(
        "the address of the records (records.url) asks for encryption (sslmode={0}), which this version cannot do: let a program beside \
         the portal encrypt, such as a service mesh or a local proxy, and write sslmode=disable"
    )]
    Encryption(&'static str),
    #[error("could not make the folder of the records file {path}")]
    Folder {
        path: String,
        #[source]
        cause: std::io::Error,
    },
    #[error("could not open the records at {place}")]
    Open {
        /// The address without what is secret in it.
        place: String,
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
    db: Db,
    endings: Endings,
    underway: watch::Sender<()>,
    queues: turns::Queues,
}

/// Held by whatever must still be written down when the portal ends.
#[derive(Debug)]
#[must_use = "the records wait for it only while it is held"]
pub struct Underway(#[expect(dead_code, reason = "counted by its sender")] watch::Receiver<()>);

impl Records {
    /// Opens `sqlite://path` (made when missing, readable by its owner only), `sqlite::memory:` or `postgres://user:password@host/name`,
    /// and brings it to this version.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let db = Db::open(url).await?;
        let endings = Endings::of(&db, url);
        Ok(Self { db, endings, underway: watch::Sender::default(), queues: turns::queues() })
    }

    /// Sessions that end when nobody used them for `idle`, and at their own end in any case.
    pub fn sessions(&self, idle: Duration) -> Sessions {
        Sessions::new(self.db.clone(), idle, self.endings.clone())
    }

    pub fn people(&self) -> People {
        People::new(self.db.clone())
    }

    pub fn tokens(&self) -> Tokens {
        Tokens::new(self.db.clone())
    }

    pub fn audit(&self) -> Audit {
        Audit::new(self.db.clone())
    }

    pub fn filters(&self) -> Filters {
        Filters::new(self.db.clone())
    }

    pub fn samples(&self) -> Samples {
        Samples::new(self.db.clone())
    }

    pub fn history(&self) -> History {
        History::new(self.db.clone())
    }

    pub fn turns(&self) -> Turns {
        Turns::new(self.db.clone(), Arc::clone(&self.queues))
    }

    pub fn idempotency(&self) -> Idempotency {
        Idempotency::new(self.db.clone())
    }

    /// A random key of this name: made on first use, the same ever after, for every replica.
    pub async fn secret(&self, name: &str) -> Result<[u8; 32], Error> {
        let what = "read a key";
        let failed = |cause| Error::Query { what, cause };
        let fresh: [u8; 32] = rand::random();
        let make = query("INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        self.db.execute(what, make.bind(name.to_owned()).bind(fresh.to_vec())).await?;
        let row = self.db.first(what, query("SELECT value FROM secrets WHERE name = $1").bind(name.to_owned())).await?;
        let value: Vec<u8> = row.ok_or(sqlx::Error::RowNotFound).and_then(|row| row.try_get("value")).map_err(failed)?;
        value.try_into().map_err(|_| failed(sqlx::Error::RowNotFound))
    }

    /// Do the records answer? Asked by the readiness check.
    pub async fn check(&self) -> Result<(), Error> {
        self.db.execute("answer a check", query("SELECT 1")).await.map(drop)
    }

    /// Deletes what has expired, now and every `period`, until the handle is dropped. The audit trail is kept for so many days.
    pub fn sweep(&self, period: Duration, audit_days: u32) -> Sweep {
        Sweep::start(self.db.clone(), self.lease("sweep", 2 * period), period, audit_days)
    }

    /// What is to be done once, however many portals share the records: whoever holds the lease of this name does it. A holder that has
    /// not asked for so long is taken to have ended.
    pub fn lease(&self, act: &str, lasts: Duration) -> Lease {
        Lease::new(self.db.clone(), act, lasts)
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
        self.db.pool.close().await;
    }
}

fn millis(time: OffsetDateTime) -> i64 {
    time.unix_timestamp().saturating_mul(1000).saturating_add(i64::from(time.millisecond()))
}

fn seconds(time: OffsetDateTime) -> i64 {
    time.unix_timestamp()
}

#[cfg(test)]
#[path = "tests/mod.rs"]
#[expect(dead_code, reason = "a file belongs to one portal, and does not go away")]
mod sqlite;

#[cfg(test)]
#[path = "tests/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "the same promises are kept on PostgreSQL")]
mod postgres;

#[cfg(test)]
#[path = "tests/server.rs"]
mod server;
