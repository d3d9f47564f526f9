//! When do expired rows leave the disk? `server` starts this once; reading never depends on it.

use crate::{Error, millis, seconds};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteQueryResult;
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
    pub(crate) fn start(pool: SqlitePool, period: Duration, audit_days: u32) -> Self {
        Self(tokio::spawn(async move {
            let mut clock = tokio::time::interval(period);
            clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                clock.tick().await;
                match expired(&pool, audit_days).await {
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

pub(crate) async fn expired(pool: &SqlitePool, audit_days: u32) -> Result<u64, Error> {
    let failed = |cause| Error::Query { what: "delete expired rows", cause };
    let time = OffsetDateTime::now_utc();
    let (now, second) = (millis(time), seconds(time));
    let sessions = sqlx::query("DELETE FROM sessions WHERE idle_until <= ? OR ends_at <= ?")
        .bind(now)
        .bind(now)
        .execute(pool)
        .await
        .map_err(failed)?;
    let seen = sqlx::query("DELETE FROM seen WHERE until <= ?").bind(now).execute(pool).await.map_err(failed)?;
    let tokens = sqlx::query("DELETE FROM tokens WHERE expires_at <= ?").bind(second - TOKENS_STAY).execute(pool).await.map_err(failed)?;
    let keys = sqlx::query("DELETE FROM idempotency WHERE until <= ?").bind(second).execute(pool).await.map_err(failed)?;
    let samples = crate::usage::thin(pool, second).await.map_err(failed)?;
    let tasks = sqlx::query("DELETE FROM tasks WHERE until <= ?").bind(second).execute(pool).await.map_err(failed)?;
    let turns = sqlx::query("DELETE FROM turns WHERE until <= ?").bind(now).execute(pool).await.map_err(failed)?;
    let oldest = second - i64::from(audit_days) * 86_400;
    let audit = sqlx::query("DELETE FROM audit WHERE at <= ?").bind(oldest).execute(pool).await.map_err(failed)?;
    let rows: u64 = [sessions, seen, tokens, keys, tasks, turns, audit].iter().map(SqliteQueryResult::rows_affected).sum();
    Ok(rows + samples)
}
