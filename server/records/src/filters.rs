//! Which filters has a person named? Read with each list of theirs.

use crate::Error;
use crate::db::{Db, plain, query};
use domain::{
    filter::{MOST_SAVED, SavedFilter},
    owner::OwnerKey,
};
use sqlx::Row;

#[derive(Clone, Debug)]
pub struct Filters {
    db: Db,
}

impl Filters {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Keeps it, in the place of one of the same name. `false` if the person has as many as they may.
    pub async fn save(&self, owner: &OwnerKey, filter: &SavedFilter) -> Result<bool, Error> {
        let what = "save a filter";
        // Counted and added in one act: two at once cannot both be the last.
        let mut act = self.db.act(what, &format!("filters {}", owner.as_str())).await?;
        let save = query(
            "INSERT INTO filters (owner, name, q)
             SELECT $1, $2, $3 WHERE (SELECT count(*) FROM filters WHERE owner = $1 AND name <> $2) < $4
             ON CONFLICT (owner, name) DO UPDATE SET q = excluded.q",
        )
        .bind(owner.as_str())
        .bind(plain(&filter.name).as_ref())
        .bind(plain(&filter.q).as_ref())
        .bind(i64::try_from(MOST_SAVED).unwrap_or(i64::MAX));
        let saved = act.execute(what, save).await? == 1;
        act.commit(what).await?;
        Ok(saved)
    }

    /// This person's, by name.
    pub async fn of(&self, owner: &OwnerKey) -> Result<Vec<SavedFilter>, Error> {
        let what = "list filters";
        let failed = |cause| Error::Query { what, cause };
        let hers = query("SELECT name, q FROM filters WHERE owner = $1 ORDER BY lower(name), name");
        let rows = self.db.all(what, hers.bind(owner.as_str())).await?;
        rows.iter()
            .map(|row| Ok(SavedFilter { name: row.try_get("name")?, q: row.try_get("q")? }))
            .collect::<Result<_, _>>()
            .map_err(failed)
    }

    /// Takes it away. What is gone already is as wanted.
    pub async fn forget(&self, owner: &OwnerKey, name: &str) -> Result<(), Error> {
        let forget = query("DELETE FROM filters WHERE owner = $1 AND name = $2").bind(owner.as_str()).bind(plain(name).as_ref());
        self.db.execute("forget a filter", forget).await.map(drop)
    }
}
