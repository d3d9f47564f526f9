//! When do expired rows leave the disk? `server` starts this once; reading never depends on it.

use crate::db::{Db, query};
use crate::{Error, Lease, millis, seconds};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::task::JoinHandle;

/// Expired tokens are listed for a month, so that whoever wonders sees why a script failed. Seconds.
const TOKENS_STAY: i64 = 30 * 86_400;

/// Runs until it is dropped.
#[derive(Debug)]
#[must_use = "the sweep ends when its handle is dropped"]
pub struct Sweep(JoinHandle<()>);

impl Sweep {
    pub(crate) fn start(db: Db, lease: Lease, period: Duration, audit_days: u32) -> Self {
        Self(tokio::spawn(async move {
            let mut clock = tokio::time::interval(period);
            clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                clock.tick().await;
                match round(&db, &lease, audit_days).await {
                    Ok(0) => {}
                    Ok(rows) => tracing::debug!(rows, "expired rows deleted"),
                    Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "expired rows stay for now"),
                }
            }
        }))
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// One of all that share the records does it.
async fn round(db: &Db, lease: &Lease, audit_days: u32) -> Result<u64, Error> {
    if lease.is_held().await? { expired(db, audit_days).await } else { Ok(0) }
}

pub(crate) async fn expired(db: &Db, audit_days: u32) -> Result<u64, Error> {
    let time = OffsetDateTime::now_utc();
    let (now, second) = (millis(time), seconds(time));
    let mut rows = crate::usage::thin(db, second).await?;
    for (text, before) in [
        ("DELETE FROM sessions WHERE idle_until <= $1 OR ends_at <= $1", now),
        ("DELETE FROM seen WHERE until <= $1", now),
        ("DELETE FROM tokens WHERE expires_at <= $1", second - TOKENS_STAY),
        ("DELETE FROM idempotency WHERE until <= $1", second),
        ("DELETE FROM tasks WHERE until <= $1", second),
        ("DELETE FROM turns WHERE until <= $1", now),
        ("DELETE FROM audit WHERE at <= $1", second - i64::from(audit_days) * 86_400),
    ] {
        rows += db.execute("delete expired rows", query(text).bind(before)).await?;
    }
    Ok(rows)
}
