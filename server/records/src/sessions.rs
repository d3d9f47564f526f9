//! Which sessions live? Asked by the session layer on every request, by sign-out, and by streams that wait.

use crate::db::{Db, query};
use crate::endings::Endings;
use crate::{Error, millis};
use async_trait::async_trait;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::HashMap;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::watch;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store;

/// The entry of a session that says whose it is; copied to a column, so that all sessions of a person can be ended.
pub const OWNER: &str = "owner";
/// The entry that names the provider's own session (`issuer sid`); copied to a column for the same reason.
pub const PROVIDER_SESSION: &str = "provider_session";

/// Sessions by the hash of their id: a stolen database opens no session.
///
/// Guarantees: a row is made only by `create` and never again after `delete`; its end never moves; `load` answers living rows only.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Db,
    idle: Duration,
    endings: Endings,
}

impl Sessions {
    pub(crate) fn new(db: Db, idle: Duration, endings: Endings) -> Self {
        Self { db, idle, endings }
    }

    /// Moves when sessions were ended, here or on another replica, so that whoever waits can look whether it was theirs.
    pub fn endings(&self) -> watch::Receiver<u64> {
        self.endings.subscribe()
    }

    /// Does this session still live? Does not count as use, unlike `load`.
    pub async fn lives(&self, id: &Id) -> Result<bool, Error> {
        let now = millis(OffsetDateTime::now_utc());
        let living = query("SELECT 1 FROM sessions WHERE id = $1 AND idle_until > $2 AND ends_at > $2").bind(hash(id)).bind(now);
        self.db.first("look at a session", living).await.map(|row| row.is_some())
    }

    /// Acts on a message of the provider, once: answers how many sessions ended, and nothing if the message was acted on before `until`.
    ///
    /// With a session at the provider, its sessions end, and those of the owner that are not known to belong to any; without one, every
    /// session of the owner. That the message was seen and what it ends are one act: a message that failed may be sent again.
    pub async fn end_by_message(
        &self,
        message: &str,
        until: OffsetDateTime,
        provider_session: Option<&str>,
        owner: Option<&str>,
    ) -> Result<Option<u64>, Error> {
        let what = "end sessions";
        let seen = Sha256::digest(message);
        let mut act = self.db.act(what, "messages of the provider").await?;
        let note = query("INSERT INTO seen (id, until) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        if act.execute(what, note.bind(seen.as_slice()).bind(millis(until))).await? == 0 {
            return Ok(None);
        }
        // What is not given is NULL here, which equals nothing.
        let end = query(if provider_session.is_some() {
            "DELETE FROM sessions WHERE provider_session = $1 OR (owner = $2 AND provider_session IS NULL)"
        } else {
            "DELETE FROM sessions WHERE $1 IS NULL AND owner = $2"
        });
        let ended = act.execute(what, end.bind(provider_session).bind(owner)).await?;
        act.commit(what).await?;
        self.endings.tell();
        Ok(Some(ended))
    }

    fn idle_until(&self, now: i64, ends_at: i64) -> i64 {
        now.saturating_add(i64::try_from(self.idle.as_millis()).unwrap_or(i64::MAX)).min(ends_at)
    }

    /// Use moves the idle limit, at most about thirty times per limit, so that most reads write nothing. A failure is only noted:
    /// the answer that is being made must not fail for it.
    async fn touch(&self, id: &Id, now: i64, idle_until: i64, ends_at: i64) {
        let next = self.idle_until(now, ends_at);
        let step = i64::try_from(self.idle.as_millis() / 30).unwrap_or(i64::MAX);
        if next - idle_until < step.max(1) {
            return;
        }
        let moved = query("UPDATE sessions SET idle_until = $1 WHERE id = $2").bind(next).bind(hash(id));
        let moved = self.db.execute("move the idle limit of a session", moved).await;
        if let Err(error) = moved {
            tracing::warn!(error = &error as &dyn std::error::Error, "the idle limit of a session was not moved");
        }
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let ends_at = millis(record.expiry_date);
        let make = query(
            "INSERT INTO sessions (id, owner, provider_session, data, idle_until, ends_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING",
        )
        .bind(hash(&record.id))
        .bind(entry(&record.data, OWNER))
        .bind(entry(&record.data, PROVIDER_SESSION))
        .bind(encode(&record.data)?)
        .bind(self.idle_until(millis(OffsetDateTime::now_utc()), ends_at))
        .bind(ends_at);
        match self.db.execute("make a session", make).await.map_err(backend)? {
            1 => Ok(()),
            _ => Err(session_store::Error::Backend("a session with this id exists already".to_owned())),
        }
    }

    /// Changes what a living row holds. A row that is gone stays gone: a request that was under way while its person signed out
    /// cannot bring the session back. The end stays where `create` put it.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let save = query("UPDATE sessions SET owner = $1, provider_session = $2, data = $3 WHERE id = $4")
            .bind(entry(&record.data, OWNER))
            .bind(entry(&record.data, PROVIDER_SESSION))
            .bind(encode(&record.data)?)
            .bind(hash(&record.id));
        if self.db.execute("save a session", save).await.map_err(backend)? == 0 {
            tracing::debug!("a session ended while it was in use; what it held is dropped");
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let now = millis(OffsetDateTime::now_utc());
        let living = query("SELECT data, idle_until, ends_at FROM sessions WHERE id = $1 AND idle_until > $2 AND ends_at > $2");
        let found = self.db.first("look up a session", living.bind(hash(id)).bind(now)).await.map_err(backend)?;
        let Some(row) = found else { return Ok(None) };
        let record = decode(*id, &row)?;
        self.touch(id, now, row.try_get("idle_until").map_err(odd)?, row.try_get("ends_at").map_err(odd)?).await;
        Ok(Some(record))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.db.execute("end a session", query("DELETE FROM sessions WHERE id = $1").bind(hash(id))).await.map_err(backend)?;
        self.endings.tell();
        Ok(())
    }
}

/// Of the cookie's text, 128 random bits: no salt needed.
fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.to_string()).to_vec()
}

fn entry<'a>(data: &'a HashMap<String, Value>, key: &str) -> Option<&'a str> {
    data.get(key).and_then(Value::as_str)
}

fn encode(data: &HashMap<String, Value>) -> session_store::Result<String> {
    serde_json::to_string(data).map_err(|cause| session_store::Error::Encode(cause.to_string()))
}

fn decode(id: Id, row: &AnyRow) -> session_store::Result<Record> {
    let data: String = row.try_get("data").map_err(odd)?;
    let ends_at: i64 = row.try_get("ends_at").map_err(odd)?;
    Ok(Record {
        id,
        data: serde_json::from_str(&data).map_err(|cause| session_store::Error::Decode(cause.to_string()))?,
        expiry_date: OffsetDateTime::from_unix_timestamp(ends_at / 1000)
            .map_err(|cause| session_store::Error::Decode(cause.to_string()))?,
    })
}

fn odd(cause: sqlx::Error) -> session_store::Error {
    session_store::Error::Decode(cause.to_string())
}

fn backend(error: Error) -> session_store::Error {
    let Error::Query { what, cause } = error else { return session_store::Error::Backend(error.to_string()) };
    session_store::Error::Backend(format!("the records did not answer while trying to {what}: {cause}"))
}
