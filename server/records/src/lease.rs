//! Which replica does what is to be done once for all of them? Whoever holds the lease; it runs out by itself when its holder ends.

use crate::Error;
use crate::db::{Db, query};
use crate::millis;
use std::time::Duration;
use time::OffsetDateTime;

/// One replica's claim to an act that has a name. Kept with the turns of people, whose keys begin otherwise.
#[derive(Clone, Debug)]
pub struct Lease {
    db: Db,
    name: String,
    holder: [u8; 16],
    lasts: Duration,
}

impl Lease {
    pub(crate) fn new(db: Db, act: &str, lasts: Duration) -> Self {
        Self { db, name: format!("lease {act}"), holder: rand::random(), lasts }
    }

    /// Whether this replica may act: takes the lease if it is free, and makes it last anew if it is this one's. Asked right before
    /// each act: a process that was stopped in between has lost it without noticing.
    pub async fn is_held(&self) -> Result<bool, Error> {
        let now = millis(OffsetDateTime::now_utc());
        let until = now.saturating_add(i64::try_from(self.lasts.as_millis()).unwrap_or(i64::MAX));
        let take = query(
            "INSERT INTO turns (owner, holder, until) VALUES ($1, $2, $3)
             ON CONFLICT (owner) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE turns.until <= $4 OR turns.holder = excluded.holder",
        );
        let take = take.bind(self.name.as_str()).bind(self.holder.as_slice()).bind(until).bind(now);
        Ok(self.db.execute("take a lease", take).await? == 1)
    }

    /// The next one need not wait until it has run out.
    pub async fn end(&self) -> Result<(), Error> {
        let end = query("DELETE FROM turns WHERE owner = $1 AND holder = $2");
        self.db.execute("end a lease", end.bind(self.name.as_str()).bind(self.holder.as_slice())).await.map(drop)
    }
}
