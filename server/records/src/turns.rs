//! Whose turn is it? What one person makes is counted and made one act after the other, also when several portals share the records:
//! a lease for each person, which runs out by itself when a portal ends in between.

use crate::db::{Db, query};
use crate::{Error, millis};
use domain::owner::OwnerKey;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};
use time::OffsetDateTime;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::{Instant, sleep, timeout_at},
};

/// Longer than any act takes, with what the API server may still be doing when nobody waits for its answer any more.
const LASTS: i64 = 90_000;
/// How often it is looked whether another portal has come to its end.
const LOOK: Duration = Duration::from_millis(50);

/// Within one portal nobody looks at the records but whoever is next. People share a few queues by their key, so that there is
/// nothing to clean up.
pub(crate) type Queues = Arc<[Arc<Mutex<()>>; 64]>;

pub(crate) fn queues() -> Queues {
    Arc::new(std::array::from_fn(|_| Arc::default()))
}

#[derive(Clone, Debug)]
pub struct Turns {
    db: Db,
    queues: Queues,
}

/// A person's turn. Whoever drops it without ending it keeps it until it has run out: that is right when nobody knows whether what
/// was asked for will still be done.
#[derive(Debug)]
#[must_use = "a turn that is not ended lasts until it runs out"]
pub struct Turn {
    db: Db,
    owner: OwnerKey,
    holder: [u8; 16],
    _queue: OwnedMutexGuard<()>,
}

impl Turns {
    pub(crate) fn new(db: Db, queues: Queues) -> Self {
        Self { db, queues }
    }

    /// Waits for this person's turn; nothing if it has not come after `patience`. What is asked of the records is never broken off:
    /// a turn that was taken would be nobody's.
    pub async fn take(&self, owner: &OwnerKey, patience: Duration) -> Result<Option<Turn>, Error> {
        let end = Instant::now() + patience;
        let mut hasher = DefaultHasher::new();
        owner.as_str().hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % 64).unwrap_or_default();
        let Ok(queue) = timeout_at(end, Arc::clone(&self.queues[place]).lock_owned()).await else { return Ok(None) };
        let holder: [u8; 16] = rand::random();
        loop {
            if self.is_taken(owner, &holder).await? {
                return Ok(Some(Turn { db: self.db.clone(), owner: owner.clone(), holder, _queue: queue }));
            }
            if Instant::now() + LOOK >= end {
                return Ok(None);
            }
            sleep(LOOK).await;
        }
    }

    /// Whether it was free, and is this holder's now.
    async fn is_taken(&self, owner: &OwnerKey, holder: &[u8; 16]) -> Result<bool, Error> {
        let now = millis(OffsetDateTime::now_utc());
        let take = query(
            "INSERT INTO turns (owner, holder, until) VALUES ($1, $2, $3)
             ON CONFLICT (owner) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE turns.until <= $4",
        );
        let take = take.bind(owner.as_str()).bind(holder.as_slice()).bind(now + LASTS).bind(now);
        Ok(self.db.execute("take a turn", take).await? == 1)
    }
}

impl Turn {
    /// The next one may begin.
    pub async fn end(self) -> Result<(), Error> {
        let end = query("DELETE FROM turns WHERE owner = $1 AND holder = $2");
        self.db.execute("end a turn", end.bind(self.owner.as_str()).bind(self.holder.as_slice())).await.map(drop)
    }
}
