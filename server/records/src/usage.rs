//! How full was a volume, and when? Kept for a month, after a day no more than one sample of each hour.

use crate::Error;
use crate::db::{Db, query};
use domain::{
    quantity::Size,
    usage::{Files, Sample, Usage},
};
use sqlx::Row;
use sqlx::any::AnyRow;

const DAY: i64 = 86_400;
const STAYS: i64 = 30 * DAY;
const HOUR: i64 = 3600;

#[derive(Clone, Debug)]
pub struct Samples {
    db: Db,
}

impl Samples {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// By the uid of the claim. What is there already is left as it is.
    pub async fn keep(&self, samples: &[(String, Sample)]) -> Result<(), Error> {
        let what = "keep how full volumes are";
        let mut all = self.db.act(what, "usage").await?;
        for (claim, Sample { at, usage, files }) in samples {
            let keep = query(
                "INSERT INTO usage (claim, at, used, total, files_used, files_total) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT DO NOTHING",
            )
            .bind(claim.as_str())
            .bind(*at)
            .bind(stored(usage.used.bytes()))
            .bind(stored(usage.total.bytes()))
            .bind(files.map(|files| stored(files.used)))
            .bind(files.map(|files| stored(files.total)));
            all.execute(what, keep).await?;
        }
        all.commit(what).await
    }

    /// All that is kept of one claim, the oldest first.
    pub async fn of(&self, claim: &str) -> Result<Vec<Sample>, Error> {
        let what = "read how full a volume was";
        let failed = |cause| Error::Query { what, cause };
        let rows = self.db.all(what, query("SELECT * FROM usage WHERE claim = $1 ORDER BY at").bind(claim)).await?;
        rows.iter().map(sample).collect::<Result<_, _>>().map_err(failed)
    }

    /// The latest of each claim.
    pub async fn latest(&self) -> Result<Vec<(String, Sample)>, Error> {
        let what = "read how full volumes were";
        let failed = |cause| Error::Query { what, cause };
        let newest = "SELECT * FROM usage AS one WHERE NOT EXISTS (SELECT 1 FROM usage WHERE claim = one.claim AND at > one.at)";
        let rows = self.db.all(what, query(newest)).await?;
        rows.iter().map(|row| Ok((row.try_get("claim")?, sample(row)?))).collect::<Result<_, _>>().map_err(failed)
    }
}

/// Deletes what is too old, and of the hours before the last day all but the latest sample. How many were deleted.
pub(crate) async fn thin(db: &Db, now: i64) -> Result<u64, Error> {
    let what = "delete old samples";
    let old = db.execute(what, query("DELETE FROM usage WHERE at <= $1").bind(now - STAYS)).await?;
    let crowded = query(
        "DELETE FROM usage WHERE at <= $1 AND EXISTS
         (SELECT 1 FROM usage AS later WHERE later.claim = usage.claim AND later.at > usage.at AND later.at / $2 = usage.at / $2)",
    );
    Ok(old + db.execute(what, crowded.bind(now - DAY).bind(HOUR)).await?)
}

/// Databases hold signed numbers; no disk is larger than those.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn sample(row: &AnyRow) -> Result<Sample, sqlx::Error> {
    let number = |name: &str| row.try_get::<i64, _>(name).map(|number| u64::try_from(number).unwrap_or_default());
    let maybe = |name: &str| row.try_get::<Option<i64>, _>(name).map(|number| number.and_then(|number| u64::try_from(number).ok()));
    let files = maybe("files_used")?.zip(maybe("files_total")?).map(|(used, total)| Files { used, total });
    let usage = Usage { used: Size::from_bytes(number("used")?), total: Size::from_bytes(number("total")?) };
    Ok(Sample { at: row.try_get("at")?, usage, files })
}
