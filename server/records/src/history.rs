//! How did tasks go that the cluster has forgotten? Read by the key of their owner, or by administrators.

use crate::db::{Db, query};
use crate::{Error, seconds};
use domain::{
    name::TaskId,
    owner::OwnerKey,
    task::{Task, TaskRecord},
};
use sqlx::Row;
use sqlx::any::AnyRow;
use time::OffsetDateTime;

/// So many tasks are in a list, the newest.
const LIST_MAX: i64 = 500;
const DAY: i64 = 86_400;
const READ: &str = "read the history of tasks";

#[derive(Clone, Debug)]
pub struct History {
    db: Db,
}

impl History {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Writes this down for so many days, over what was known of it, unless its owner has deleted it.
    pub async fn write(&self, owner: &OwnerKey, record: &TaskRecord, days: u32) -> Result<(), Error> {
        let what = "write the history of tasks";
        let json = |cause: serde_json::Error| Error::Query { what, cause: sqlx::Error::Encode(cause.into()) };
        let mut rest = serde_json::to_value(record).map_err(json)?;
        let task = rest["task"].take();
        let write = query(
            "INSERT INTO tasks (uid, id, owner, submitted, task, rest, until) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (uid) DO UPDATE SET task = excluded.task, rest = excluded.rest WHERE tasks.task IS NOT NULL",
        )
        .bind(record.task.uid.as_str())
        .bind(record.task.id.as_str())
        .bind(owner.as_str())
        .bind(record.task.submitted)
        .bind(task.to_string())
        .bind(rest.to_string())
        .bind(until(days));
        self.db.execute(what, write).await.map(drop)
    }

    /// Whether the task of this uid is written down, or deleted.
    pub async fn has(&self, uid: &str) -> Result<bool, Error> {
        self.db.first(READ, query("SELECT 1 FROM tasks WHERE uid = $1").bind(uid)).await.map(|row| row.is_some())
    }

    /// One person's, newest first.
    pub async fn list(&self, owner: &OwnerKey) -> Result<Vec<Task>, Error> {
        let hers = query("SELECT task FROM tasks WHERE owner = $1 AND task IS NOT NULL ORDER BY submitted DESC, uid LIMIT $2");
        let rows = self.db.all(READ, hers.bind(owner.as_str()).bind(LIST_MAX)).await?;
        tasks(&rows).map(|tasks| tasks.into_iter().map(|task| Task { owner_subject: None, ..task }).collect())
    }

    /// Everybody's, newest first.
    pub async fn list_all(&self) -> Result<Vec<Task>, Error> {
        let all = query("SELECT task FROM tasks WHERE task IS NOT NULL ORDER BY submitted DESC, uid LIMIT $1").bind(LIST_MAX);
        tasks(&self.db.all(READ, all).await?)
    }

    /// One of this person's. Another's is as absent as one that never was.
    pub async fn one(&self, owner: &OwnerKey, id: &TaskId) -> Result<Option<TaskRecord>, Error> {
        let hers = query("SELECT task, rest FROM tasks WHERE owner = $1 AND id = $2 AND task IS NOT NULL ORDER BY submitted DESC LIMIT 1");
        let row = self.db.first(READ, hers.bind(owner.as_str()).bind(id.as_str())).await?;
        record(row).map(|record| record.map(|record| TaskRecord { task: Task { owner_subject: None, ..record.task }, ..record }))
    }

    /// One of anybody's.
    pub async fn any(&self, id: &TaskId) -> Result<Option<TaskRecord>, Error> {
        let any = query("SELECT task, rest FROM tasks WHERE id = $1 AND task IS NOT NULL ORDER BY submitted DESC LIMIT 1");
        record(self.db.first(READ, any.bind(id.as_str())).await?)
    }

    /// Whose the task is that `any` gives.
    pub async fn owner_of(&self, id: &TaskId) -> Result<Option<OwnerKey>, Error> {
        let any = query("SELECT owner FROM tasks WHERE id = $1 AND task IS NOT NULL ORDER BY submitted DESC LIMIT 1");
        let Some(row) = self.db.first(READ, any.bind(id.as_str())).await? else { return Ok(None) };
        let owner: String = row.try_get("owner").map_err(unread)?;
        OwnerKey::try_from(owner).map(Some).map_err(|cause| unread(sqlx::Error::Decode(cause.into())))
    }

    /// Takes what is written down of a task away, and leaves a mark so that it is not written again. Asked when a person deletes
    /// the task. `task` is theirs: proven by whoever asks.
    pub async fn forget(&self, owner: &OwnerKey, task: &Task, days: u32) -> Result<(), Error> {
        let forget = query(
            "INSERT INTO tasks (uid, id, owner, submitted, task, rest, until) VALUES ($1, $2, $3, $4, NULL, NULL, $5)
             ON CONFLICT (uid) DO UPDATE SET task = NULL, rest = NULL WHERE tasks.owner = excluded.owner",
        )
        .bind(task.uid.as_str())
        .bind(task.id.as_str())
        .bind(owner.as_str())
        .bind(task.submitted)
        .bind(until(days));
        self.db.execute("delete from the history of tasks", forget).await.map(drop)
    }
}

fn until(days: u32) -> i64 {
    seconds(OffsetDateTime::now_utc()).saturating_add(i64::from(days) * DAY)
}

fn unread(cause: sqlx::Error) -> Error {
    Error::Query { what: READ, cause }
}

/// One that an older version wrote and this one cannot read costs only itself.
fn tasks(rows: &[AnyRow]) -> Result<Vec<Task>, Error> {
    let texts: Vec<String> = rows.iter().map(|row| row.try_get("task")).collect::<Result<_, _>>().map_err(unread)?;
    let read =
        |text: &String| serde_json::from_str(text).inspect_err(|error| tracing::warn!(%error, "a task of the history cannot be read")).ok();
    Ok(texts.iter().filter_map(read).collect())
}

fn record(row: Option<AnyRow>) -> Result<Option<TaskRecord>, Error> {
    let Some(row) = row else { return Ok(None) };
    let (task, rest): (String, String) = (row.try_get("task").map_err(unread)?, row.try_get("rest").map_err(unread)?);
    let json = |cause: serde_json::Error| unread(sqlx::Error::Decode(cause.into()));
    let mut whole: serde_json::Value = serde_json::from_str(&rest).map_err(json)?;
    whole["task"] = serde_json::from_str(&task).map_err(json)?;
    serde_json::from_value(whole).map(Some).map_err(json)
}
