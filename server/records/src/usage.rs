//! How full was a volume, and when? Kept for a month, after a day no more than one sample of each hour.

use crate::Error;
use domain::{
    quantity::Size,
    usage::{Files, Sample, Usage},
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqlitePool};

const DAY: i64 = 86_400;
const STAYS: i64 = 30 * DAY;
const HOUR: i64 = 3600;

#[derive(Clone, Debug)]
pub struct Samples {
    pool: SqlitePool,
}

impl Samples {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// By the uid of the claim. What is there already is left as it is.
    pub async fn keep(&self, samples: &[(String, Sample)]) -> Result<(), Error> {
        let failed = |cause| Error::Query { what: "keep how full volumes are", cause };
        let mut all = self.pool.begin().await.map_err(failed)?;
        for (claim, Sample { at, usage, files }) in samples {
            sqlx::query(
                "INSERT INTO usage (claim, at, used, total, files_used, files_total) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(claim)
            .bind(at)
            .bind(stored(usage.used.bytes()))
            .bind(stored(usage.total.bytes()))
            .bind(files.map(|files| stored(files.used)))
            .bind(files.map(|files| stored(files.total)))
            .execute(&mut *all)
            .await
            .map_err(failed)?;
        }
        all.commit().await.map_err(failed)
    }

    /// All that is kept of one claim, the oldest first.
    pub async fn of(&self, claim: &str) -> Result<Vec<Sample>, Error> {
        let failed = |cause| Error::Query { what: "read how full a volume was", cause };
        let rows =
            sqlx::query("SELECT * FROM usage WHERE claim = ? ORDER BY at").bind(claim).fetch_all(&self.pool).await.map_err(failed)?;
        rows.iter().map(sample).collect::<Result<_, _>>().map_err(failed)
    }

    /// The latest of each claim.
    pub async fn latest(&self) -> Result<Vec<(String, Sample)>, Error> {
        let failed = |cause| Error::Query { what: "read how full volumes were", cause };
        let newest = "SELECT * FROM usage AS one WHERE NOT EXISTS (SELECT 1 FROM usage WHERE claim = one.claim AND at > one.at)";
        let rows = sqlx::query(newest).fetch_all(&self.pool).await.map_err(failed)?;
        rows.iter().map(|row| Ok((row.try_get("claim")?, sample(row)?))).collect::<Result<_, _>>().map_err(failed)
    }
}

/// Deletes what is too old, and of the hours before the last day all but the latest sample. How many were deleted.
pub(crate) async fn thin(pool: &SqlitePool, now: i64) -> Result<u64, sqlx::Error> {
    let old = sqlx::query("DELETE FROM usage WHERE at <= ?").bind(now - STAYS).execute(pool).await?;
    let crowded = "DELETE FROM usage WHERE at <= ? AND EXISTS
        (SELECT 1 FROM usage AS later WHERE later.claim = usage.claim AND later.at > usage.at AND later.at / ? = usage.at / ?)";
    let crowded = sqlx::query(crowded).bind(now - DAY).bind(HOUR).bind(HOUR).execute(pool).await?;
    Ok(old.rows_affected() + crowded.rows_affected())
}

/// SQLite holds signed numbers; no disk is larger than those.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn sample(row: &SqliteRow) -> Result<Sample, sqlx::Error> {
    let number = |name: &str| row.try_get::<i64, _>(name).map(|number| u64::try_from(number).unwrap_or_default());
    let maybe = |name: &str| row.try_get::<Option<i64>, _>(name).map(|number| number.and_then(|number| u64::try_from(number).ok()));
    let files = maybe("files_used")?.zip(maybe("files_total")?).map(|(used, total)| Files { used, total });
    let usage = Usage { used: Size::from_bytes(number("used")?), total: Size::from_bytes(number("total")?) };
    Ok(Sample { at: row.try_get("at")?, usage, files })
}
