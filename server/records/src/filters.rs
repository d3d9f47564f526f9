//! Which filters has a person named? Read with each list of theirs.

use crate::Error;
use domain::{
    filter::{MOST_SAVED, SavedFilter},
    owner::OwnerKey,
};
use sqlx::{Row, SqlitePool};

#[derive(Clone, Debug)]
pub struct Filters {
    pool: SqlitePool,
}

impl Filters {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Keeps it, in the place of one of the same name. `false` if the person has as many as they may.
    pub async fn save(&self, owner: &OwnerKey, filter: &SavedFilter) -> Result<bool, Error> {
        // Counted and added in one statement: two at once cannot both be the last.
        let saved = sqlx::query(
            "INSERT INTO filters (owner, name, q)
             SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM filters WHERE owner = ?1 AND name <> ?2) < ?4
             ON CONFLICT (owner, name) DO UPDATE SET q = excluded.q",
        )
        .bind(owner.as_str())
        .bind(&filter.name)
        .bind(&filter.q)
        .bind(i64::try_from(MOST_SAVED).unwrap_or(i64::MAX))
        .execute(&self.pool)
        .await
        .map_err(|cause| Error::Query { what: "save a filter", cause })?;
        Ok(saved.rows_affected() == 1)
    }

    /// This person's, by name.
    pub async fn of(&self, owner: &OwnerKey) -> Result<Vec<SavedFilter>, Error> {
        let failed = |cause| Error::Query { what: "list filters", cause };
        let rows = sqlx::query("SELECT name, q FROM filters WHERE owner = ? ORDER BY name COLLATE NOCASE, name")
            .bind(owner.as_str())
            .fetch_all(&self.pool)
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| Ok(SavedFilter { name: row.try_get("name")?, q: row.try_get("q")? }))
            .collect::<Result<_, _>>()
            .map_err(failed)
    }

    /// Takes it away. What is gone already is as wanted.
    pub async fn forget(&self, owner: &OwnerKey, name: &str) -> Result<(), Error> {
        sqlx::query("DELETE FROM filters WHERE owner = ? AND name = ?")
            .bind(owner.as_str())
            .bind(name)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(|cause| Error::Query { what: "forget a filter", cause })
    }
}
