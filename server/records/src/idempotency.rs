//! Was this asked before? A request that is sent again under the same key makes nothing twice (draft-ietf-httpapi-idempotency-key-header).

use crate::db::{Db, Query, query};
use crate::{Error, seconds};
use domain::owner::OwnerKey;
use sha2::{Digest, Sha256};
use sqlx::Row;
use time::OffsetDateTime;

/// How long a key is remembered. Seconds.
const REMEMBERED: i64 = 24 * 3600;
/// After this long whoever began has stopped: nothing that a request does takes longer. Seconds.
const BUSY: i64 = 60;

/// A person's key with what was sent under it.
#[derive(Clone, Debug)]
pub struct Attempt {
    owner: OwnerKey,
    key: [u8; 32],
    body: [u8; 32],
}

impl Attempt {
    pub fn new(owner: OwnerKey, key: &str, body: &[u8]) -> Self {
        Self { owner, key: Sha256::digest(key).into(), body: Sha256::digest(body).into() }
    }
}

/// What an attempt finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    First,
    /// An earlier attempt ended, and nobody knows whether it made anything.
    Again,
    /// The id of what an earlier attempt made.
    Made(String),
    /// Another attempt is at it now.
    Underway,
    /// The key was used for something else.
    Other,
}

#[derive(Clone, Debug)]
pub struct Idempotency {
    db: Db,
}

impl Idempotency {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Takes the key, unless somebody has it. Whoever gets `First` or `Again` ends with `made`, `failed` or `unknown`.
    pub async fn begin(&self, attempt: &Attempt) -> Result<Begun, Error> {
        let what = "look at an idempotency key";
        let failed = |cause| Error::Query { what, cause };
        let now = seconds(OffsetDateTime::now_utc());
        let mut act = self.db.act(what, &format!("key {}", attempt.owner.as_str())).await?;
        let known = query("SELECT body, made, busy_until FROM idempotency WHERE owner = $1 AND key = $2 AND until > $3");
        let known = known.bind(attempt.owner.as_str()).bind(attempt.key.as_slice()).bind(now);
        let found = act.first(what, known).await?;
        let begun = match found {
            None => Begun::First,
            Some(row) => {
                let body: Vec<u8> = row.try_get("body").map_err(failed)?;
                let made: Option<String> = row.try_get("made").map_err(failed)?;
                let busy_until: i64 = row.try_get("busy_until").map_err(failed)?;
                match made {
                    _ if body != attempt.body => Begun::Other,
                    Some(id) => Begun::Made(id),
                    None if busy_until > now => Begun::Underway,
                    None => Begun::Again,
                }
            }
        };
        if matches!(begun, Begun::First | Begun::Again) {
            let take = query(
                "INSERT INTO idempotency (owner, key, body, made, busy_until, until) VALUES ($1, $2, $3, NULL, $4, $5)
                 ON CONFLICT (owner, key) DO UPDATE SET body = excluded.body, made = NULL, busy_until = excluded.busy_until,
                 until = excluded.until",
            )
            .bind(attempt.owner.as_str())
            .bind(attempt.key.as_slice())
            .bind(attempt.body.as_slice())
            .bind(now + BUSY)
            .bind(now + REMEMBERED);
            act.execute(what, take).await?;
        }
        act.commit(what).await?;
        Ok(begun)
    }

    /// It was made, under this id.
    pub async fn made(&self, attempt: &Attempt, id: &str) -> Result<(), Error> {
        self.end(query("UPDATE idempotency SET made = $3 WHERE owner = $1 AND key = $2"), attempt, Some(id)).await
    }

    /// Nothing was made: the key is free again.
    pub async fn failed(&self, attempt: &Attempt) -> Result<(), Error> {
        self.end(query("DELETE FROM idempotency WHERE owner = $1 AND key = $2 AND made IS NULL"), attempt, None).await
    }

    /// It may have been made: the next attempt looks.
    pub async fn unknown(&self, attempt: &Attempt) -> Result<(), Error> {
        self.end(query("UPDATE idempotency SET busy_until = 0 WHERE owner = $1 AND key = $2 AND made IS NULL"), attempt, None).await
    }

    async fn end(&self, statement: Query, attempt: &Attempt, id: Option<&str>) -> Result<(), Error> {
        let mut end = statement.bind(attempt.owner.as_str()).bind(attempt.key.as_slice());
        if let Some(id) = id {
            end = end.bind(id);
        }
        self.db.execute("note an idempotency key", end).await.map(drop)
    }
}
