//! How did tasks go that the cluster has forgotten? Read by the key of their owner, or by administrators.

use crate::{Error, seconds};
use domain::{
    name::TaskId,
    owner::OwnerKey,
    task::{Task, TaskRecord},
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqlitePool};
use time::OffsetDateTime;

/// So many tasks are in a list, the newest.
const LIST_MAX: i64 = 500;
const DAY: i64 = 86_400;

#[derive(Clone, Debug)]
pub struct History {
    pool: SqlitePool,
}

impl History {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Writes this down for so many days, over what was known of it, unless its owner has deleted it.
    pub async fn write(&self, owner: &OwnerKey, record: &TaskRecord, days: u32) -> Result<(), Error> {
        let failed = |cause| Error::Query { what: "write the history of tasks", cause };
        let json = |cause: serde_json::Error| failed(sqlx::Error::Encode(cause.into()));
        let mut rest = serde_json::to_value(record).map_err(json)?;
        let task = rest["task"].take();
        sqlx::query(
            "INSERT INTO tasks (uid, id, owner, submitted, task, rest, until) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (uid) DO UPDATE SET task = excluded.task, rest = excluded.rest WHERE task IS NOT NULL",
        )
        .bind(&record.task.uid)
        .bind(record.task.id.as_str())
        .bind(owner.as_str())
        .bind(record.task.submitted)
        .bind(task.to_string())
        .bind(rest.to_string())
        .bind(until(days))
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(failed)
    }

    /// Whether the task of this uid is written down, or deleted.
    pub async fn has(&self, uid: &str) -> Result<bool, Error> {
        let known = sqlx::query("SELECT 1 FROM tasks WHERE uid = ?").bind(uid).fetch_optional(&self.pool).await;
        known.map(|row| row.is_some()).map_err(|cause| Error::Query { what: "read the history of tasks", cause })
    }

    /// One person's, newest first.
    pub async fn list(&self, owner: &OwnerKey) -> Result<Vec<Task>, Error> {
        let query = "SELECT task FROM tasks WHERE owner = ? AND task IS NOT NULL ORDER BY submitted DESC LIMIT ?";
        let rows = sqlx::query(query).bind(owner.as_str()).bind(LIST_MAX).fetch_all(&self.pool).await;
        tasks(rows).map(|tasks| tasks.into_iter().map(|task| Task { owner_subject: None, ..task }).collect())
    }

    /// Everybody's, newest first.
    pub async fn list_all(&self) -> Result<Vec<Task>, Error> {
        let query = "SELECT task FROM tasks WHERE task IS NOT NULL ORDER BY submitted DESC LIMIT ?";
        tasks(sqlx::query(query).bind(LIST_MAX).fetch_all(&self.pool).await)
    }

    /// One of this person's. Another's is as absent as one that never was.
    pub async fn one(&self, owner: &OwnerKey, id: &TaskId) -> Result<Option<TaskRecord>, Error> {
        let query = "SELECT task, rest FROM tasks WHERE owner = ? AND id = ? AND task IS NOT NULL ORDER BY submitted DESC LIMIT 1";
        let row = sqlx::query(query).bind(owner.as_str()).bind(id.as_str()).fetch_optional(&self.pool).await;
        record(row).map(|record| record.map(|record| TaskRecord { task: Task { owner_subject: None, ..record.task }, ..record }))
    }

    /// One of anybody's.
    pub async fn any(&self, id: &TaskId) -> Result<Option<TaskRecord>, Error> {
        let query = "SELECT task, rest FROM tasks WHERE id = ? AND task IS NOT NULL ORDER BY submitted DESC LIMIT 1";
        record(sqlx::query(query).bind(id.as_str()).fetch_optional(&self.pool).await)
    }

    /// Whose the task is that `any` gives.
    pub async fn owner_of(&self, id: &TaskId) -> Result<Option<OwnerKey>, Error> {
        let failed = |cause| Error::Query { what: "read the history of tasks", cause };
        let query = "SELECT owner FROM tasks WHERE id = ? AND task IS NOT NULL ORDER BY submitted DESC LIMIT 1";
        let row = sqlx::query(query).bind(id.as_str()).fetch_optional(&self.pool).await.map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let owner: String = row.try_get("owner").map_err(failed)?;
        OwnerKey::try_from(owner).map(Some).map_err(|cause| failed(sqlx::Error::Decode(cause.into())))
    }

    /// Takes what is written down of a task away, and leaves a mark so that it is not written again. Asked when a person deletes
    /// the task. `task` is theirs: proven by whoever asks.
    pub async fn forget(&self, owner: &OwnerKey, task: &Task, days: u32) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO tasks (uid, id, owner, submitted, task, rest, until) VALUES (?, ?, ?, ?, NULL, NULL, ?)
             ON CONFLICT (uid) DO UPDATE SET task = NULL, rest = NULL WHERE owner = excluded.owner",
        )
        .bind(&task.uid)
        .bind(task.id.as_str())
        .bind(owner.as_str())
        .bind(task.submitted)
        .bind(until(days))
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(|cause| Error::Query { what: "delete from the history of tasks", cause })
    }
}

fn until(days: u32) -> i64 {
    seconds(OffsetDateTime::now_utc()).saturating_add(i64::from(days) * DAY)
}

/// One that an older version wrote and this one cannot read costs only itself.
fn tasks(rows: Result<Vec<SqliteRow>, sqlx::Error>) -> Result<Vec<Task>, Error> {
    let failed = |cause| Error::Query { what: "read the history of tasks", cause };
    let texts: Vec<String> = rows.map_err(failed)?.iter().map(|row| row.try_get("task")).collect::<Result<_, _>>().map_err(failed)?;
    let read =
        |text: &String| serde_json::from_str(text).inspect_err(|error| tracing::warn!(%error, "a task of the history cannot be read")).ok();
    Ok(texts.iter().filter_map(read).collect())
}

fn record(row: Result<Option<SqliteRow>, sqlx::Error>) -> Result<Option<TaskRecord>, Error> {
    let failed = |cause| Error::Query { what: "read the history of tasks", cause };
    let Some(row) = row.map_err(failed)? else { return Ok(None) };
    let (task, rest): (String, String) = (row.try_get("task").map_err(failed)?, row.try_get("rest").map_err(failed)?);
    let json = |cause: serde_json::Error| failed(sqlx::Error::Decode(cause.into()));
    let mut whole: serde_json::Value = serde_json::from_str(&rest).map_err(json)?;
    whole["task"] = serde_json::from_str(&task).map_err(json)?;
    serde_json::from_value(whole).map(Some).map_err(json)
}
