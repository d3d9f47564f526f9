//! Where do the records lie, and how are they asked? In a SQLite file or on a PostgreSQL server, with one text for each query.
//!
//! By sqlx's `Any`, and not by an enum of two typed pools: with the enum every query and every row would be written twice, or be generic
//! over both drivers. What `Any` demands, and what keeps the types exact: placeholders are `$1` (SQLite takes them as well); whole
//! numbers have 64 bits and truth is one of them; texts of queries are fixed, since its `QueryBuilder` knows no numbered places.

use crate::Error;
use sqlx::any::{AnyArguments, AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyPool, ConnectOptions, Connection, Executor, Transaction};
use std::borrow::Cow;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use tokio::time::timeout;

pub(crate) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
pub(crate) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long anything may take before the records count as away: also where a server has vanished without closing its connections.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a connection is waited for. Less than `PATIENCE`.
const CONNECTION: Duration = Duration::from_secs(4);
/// Another replica may be bringing the records to this version.
const MIGRATION: Duration = Duration::from_secs(120);
const CONNECTIONS: u32 = 10;

/// The server ends what takes longer than anybody waits for.
const SERVER_SESSION: &str = "SET application_name = 'stowage'; SET statement_timeout = '7s'; SET lock_timeout = '7s';
    SET idle_in_transaction_session_timeout = '10s'";
const FILE_SESSION: &str = "PRAGMA busy_timeout = 3000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON";

pub(crate) type Query = sqlx::query::Query<'static, Any, AnyArguments>;

pub(crate) fn query(text: &'static str) -> Query {
    sqlx::query(text)
}

/// What PostgreSQL can hold as text: everything but the character NUL, which no name that is found has.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// Clones share one pool.
#[derive(Clone, Debug)]
pub(crate) struct Db {
    pub(crate) pool: AnyPool,
    pub(crate) kind: Kind,
}

impl Db {
    /// Opens the records, and brings them to this version.
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        match url.split_once(':') {
            Some(("sqlite", _)) => Self::file(url).await,
            Some(("postgres" | "postgresql", _)) => Self::server(url).await,
            _ => Err(Error::Kind),
        }
    }

    async fn file(url: &str) -> Result<Self, Error> {
        let open = |cause| Error::Open { place: url.to_owned(), cause };
        // A database in memory is one connection: another would see another, empty database.
        let memory = url.contains(":memory:");
        let options = if memory {
            AnyConnectOptions::from_str(url).map_err(open)?
        } else {
            let options = SqliteConnectOptions::from_str(url).map_err(open)?.create_if_missing(true);
            prepare(options.get_filename())?;
            AnyConnectOptions::from_url(&options.to_url_lossy()).map_err(open)?
        };
        let pool = pool(FILE_SESSION)
            .max_connections(if memory { 1 } else { 4 })
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(3))
            .connect_with(options)
            .await
            .map_err(open)?;
        SQLITE.run(&pool).await.map_err(Error::Migrate)?;
        Ok(Self { pool, kind: Kind::Sqlite })
    }

    async fn server(url: &str) -> Result<Self, Error> {
        let open = |cause| Error::Open { place: without_secrets(url), cause };
        let late = |_| open(sqlx::Error::PoolTimedOut);
        let server = PgConnectOptions::from_str(url).map_err(open)?;
        match server.get_ssl_mode() {
            PgSslMode::Require => return Err(Error::Encryption("require")),
            PgSslMode::VerifyCa => return Err(Error::Encryption("verify-ca")),
            PgSslMode::VerifyFull => return Err(Error::Encryption("verify-full")),
            PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => {}
        }
        let options = AnyConnectOptions::from_str(url).map_err(open)?;
        // On a connection of its own, without the limits of those that answer people. sqlx lets one replica after the other do it.
        let migration = async {
            let mut connection = PgConnection::connect_with(&server).await.map_err(open)?;
            POSTGRES.run(&mut connection).await.map_err(Error::Migrate)?;
            connection.close().await.map_err(open)
        };
        timeout(MIGRATION, migration).await.map_err(late)??;
        let pool = pool(SERVER_SESSION)
            .max_connections(CONNECTIONS)
            // Whoever takes over from a server that ends is found within minutes.
            .max_lifetime(Duration::from_secs(600))
            .acquire_timeout(CONNECTION)
            .connect_with(options)
            .await
            .map_err(open)?;
        Ok(Self { pool, kind: Kind::Postgres })
    }

    /// How many rows it changed.
    pub(crate) async fn execute(&self, what: &'static str, query: Query) -> Result<u64, Error> {
        answer(what, async { Ok(query.execute(&self.pool).await?.rows_affected()) }).await
    }

    pub(crate) async fn first(&self, what: &'static str, query: Query) -> Result<Option<AnyRow>, Error> {
        answer(what, query.fetch_optional(&self.pool)).await
    }

    pub(crate) async fn all(&self, what: &'static str, query: Query) -> Result<Vec<AnyRow>, Error> {
        answer(what, query.fetch_all(&self.pool)).await
    }

    /// Several queries that happen together or not at all; of those under one `name`, one after the other. SQLite has one writer in
    /// any case; PostgreSQL lets others count the same rows in between unless there is a lock.
    pub(crate) async fn act(&self, what: &'static str, name: &str) -> Result<Act, Error> {
        answer(what, async {
            Ok(Act(match self.kind {
                Kind::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
                Kind::Postgres => {
                    let mut act = self.pool.begin().await?;
                    query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(name).execute(&mut *act).await?;
                    act
                }
            }))
        })
        .await
    }
}

/// Undone when it is dropped without its `commit`.
pub(crate) struct Act(Transaction<'static, Any>);

impl Act {
    pub(crate) async fn execute(&mut self, what: &'static str, query: Query) -> Result<u64, Error> {
        answer(what, async { Ok(query.execute(&mut *self.0).await?.rows_affected()) }).await
    }

    pub(crate) async fn first(&mut self, what: &'static str, query: Query) -> Result<Option<AnyRow>, Error> {
        answer(what, query.fetch_optional(&mut *self.0)).await
    }

    pub(crate) async fn commit(self, what: &'static str) -> Result<(), Error> {
        answer(what, self.0.commit()).await
    }
}

async fn answer<T>(what: &'static str, asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Error> {
    let cause = match timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(cause)) => cause,
        Err(_) => sqlx::Error::PoolTimedOut,
    };
    Err(Error::Query { what, cause })
}

fn pool(session: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .min_connections(1)
        .after_connect(move |connection, _| Box::pin(async move { connection.execute(session).await.map(drop) }))
}

/// As it may be written into a log.
fn without_secrets(url: &str) -> String {
    let address = url.split(['?', '#']).next().unwrap_or_default();
    match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{place}"),
        _ => address.to_owned(),
    }
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
mod unit {
    use super::{Db, without_secrets};
    use crate::Error;

    #[test]
    fn the_password_of_the_records_is_in_no_message() {
        for (url, told) in [
            ("postgres://stowage:p@ss@db:5432/stowage?password=x", "postgres://db:5432/stowage"),
            ("postgres://db/stowage", "postgres://db/stowage"),
        ] {
            assert_eq!(without_secrets(url), told);
        }
    }

    #[tokio::test]
    async fn records_that_must_be_encrypted_are_refused_before_anything_is_sent() {
        for mode in ["require", "verify-ca", "verify-full"] {
            // Nobody listens there: it would be another error.
            let refused = Db::open(&format!("postgres://stowage:secret@127.0.0.1:9/stowage?sslmode={mode}")).await;
            let Err(error @ Error::Encryption(_)) = refused else { panic!("{mode}: {refused:?}") };
            let told = error.to_string();
            assert!(
                told.contains(&format!("sslmode={mode}")) && told.contains("records.url") && told.contains("sslmode=disable"),
                "{told}"
            );
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
