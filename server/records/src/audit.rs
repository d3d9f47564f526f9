//! Who did what? Written after every act, read by administrators.

use crate::db::{Db, plain, query};
use crate::{Error, seconds};
use domain::{
    audit::Verb,
    owner::{OwnerKey, Principal},
};
use sqlx::Row;
use sqlx::any::AnyRow;
use time::OffsetDateTime;

/// One act, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub principal: Principal,
    pub username: String,
    pub verb: Verb,
    /// What it was about; empty if it never came to be.
    pub object_id: String,
    pub object_name: String,
    /// Whose that was: the owner key and the readable name. Both empty if it was nobody's, or if nobody knows.
    pub owner: String,
    pub owner_name: String,
    /// The same of whoever it was given to.
    pub new_owner: Option<(String, String)>,
    pub request_id: String,
    /// The name of the token; nothing for a page.
    pub token: Option<String>,
    /// [`DONE`], or the code of the refusal.
    pub outcome: String,
}

const HOUR: i64 = 3600;
const READ: &str = "read the audit trail";
const WRITE: &str = "write the audit trail";

/// The outcome of what was not refused.
pub const DONE: &str = "done";

/// One act, as it is read. A verb that this version does not know is shown as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: i64,
    /// Seconds since 1970.
    pub at: i64,
    pub issuer: String,
    pub subject: String,
    pub username: String,
    pub verb: String,
    pub object_id: String,
    pub object_name: String,
    pub owner: String,
    pub owner_name: String,
    pub new_owner: Option<String>,
    pub new_owner_name: Option<String>,
    pub request_id: String,
    pub token: Option<String>,
    pub outcome: String,
    /// How many attempts of this kind it stands for; the others may have been on something else.
    pub times: u32,
}

/// Which lines; what is empty does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the readable name of whoever acted, owned it or got it; or exactly the subject of who acted, or the key of an owner.
    pub person: String,
    pub verb: Option<Verb>,
    /// The id, or part of the name, of what it was about.
    pub object: String,
}

#[derive(Clone, Debug)]
pub struct Audit {
    db: Db,
}

impl Audit {
    pub const PAGE: usize = 50;
    /// So many refused attempts of a kind have lines of their own in an hour.
    pub const APART: u32 = 20;

    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds a line. Of one person's refused attempts of an hour, those beyond [`Self::APART`] of a kind are counted on the last line
    /// of that kind: whoever tries a thousand times fills nothing.
    pub async fn record(&self, entry: &Entry) -> Result<(), Error> {
        if entry.outcome != DONE && self.fold(entry).await? {
            return Ok(());
        }
        let add = query(
            "INSERT INTO audit (at, issuer, subject, username, verb, object_id, object_name, owner, owner_name, new_owner, new_owner_name,
                                request_id, token, outcome)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(seconds(OffsetDateTime::now_utc()))
        .bind(entry.principal.issuer())
        .bind(entry.principal.subject())
        .bind(plain(&entry.username).as_ref())
        .bind(entry.verb.as_str())
        .bind(plain(&entry.object_id).as_ref())
        .bind(plain(&entry.object_name).as_ref())
        .bind(plain(&entry.owner).as_ref())
        .bind(plain(&entry.owner_name).as_ref())
        .bind(entry.new_owner.as_ref().map(|(key, _)| key.as_str()))
        .bind(entry.new_owner.as_ref().map(|(_, name)| plain(name).into_owned()))
        .bind(plain(&entry.request_id).as_ref())
        .bind(entry.token.as_deref())
        .bind(entry.outcome.as_str());
        self.db.execute(WRITE, add).await.map(drop)
    }

    /// Whether there was a line to count it on.
    async fn fold(&self, entry: &Entry) -> Result<bool, Error> {
        let fold = query(
            "WITH alike AS (SELECT id FROM audit WHERE at > $1 AND issuer = $2 AND subject = $3 AND verb = $4 AND outcome = $5)
             UPDATE audit SET times = times + 1 WHERE id = (SELECT max(id) FROM alike) AND (SELECT count(*) FROM alike) >= $6",
        )
        .bind(seconds(OffsetDateTime::now_utc()) - HOUR)
        .bind(entry.principal.issuer())
        .bind(entry.principal.subject())
        .bind(entry.verb.as_str())
        .bind(entry.outcome.as_str())
        .bind(i64::from(Self::APART));
        Ok(self.db.execute(WRITE, fold).await? > 0)
    }

    /// The newest lines before this one, and the line to go on before if there are older ones. Pages begin at a line and not at a
    /// number of lines, so that acts in between move nothing.
    pub async fn page(&self, filter: &Filter, before: Option<i64>) -> Result<(Vec<Line>, Option<i64>), Error> {
        let failed = |cause| Error::Query { what: READ, cause };
        let (person, object) = (plain(filter.person.trim()), plain(filter.object.trim()));
        let page = query(
            "SELECT * FROM audit WHERE id < $1
             AND ($2 = '' OR subject = $2 OR owner = $2 OR new_owner = $2
                  OR instr(lower(username), $3) > 0 OR instr(lower(owner_name), $3) > 0 OR instr(lower(new_owner_name), $3) > 0)
             AND ($4 = '' OR verb = $4)
             AND ($5 = '' OR object_id = $5 OR instr(lower(object_name), $6) > 0)
             ORDER BY id DESC LIMIT $7",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(person.as_ref())
        .bind(person.to_ascii_lowercase())
        .bind(filter.verb.map_or("", Verb::as_str))
        .bind(object.as_ref())
        .bind(object.to_ascii_lowercase())
        .bind(i64::try_from(Self::PAGE + 1).unwrap_or(i64::MAX));
        let rows = self.db.all(READ, page).await?;
        let mut lines: Vec<Line> = rows.iter().map(line).collect::<Result<_, _>>().map_err(failed)?;
        let more = lines.len() > Self::PAGE;
        lines.truncate(Self::PAGE);
        let next = lines.last().filter(|_| more).map(|line| line.id);
        Ok((lines, next))
    }

    /// Whether it is on record that somebody made this.
    pub async fn has_made(&self, verb: Verb, object_id: &str) -> Result<bool, Error> {
        let made = query("SELECT 1 FROM audit WHERE object_id = $1 AND verb = $2 AND outcome = $3 LIMIT 1");
        self.db.first(READ, made.bind(plain(object_id).as_ref()).bind(verb.as_str()).bind(DONE)).await.map(|row| row.is_some())
    }

    /// The last thing that somebody else did to what this person owns, since then (seconds since 1970).
    pub async fn last_by_another(
        &self,
        object_id: &str,
        owner: &OwnerKey,
        principal: &Principal,
        since: i64,
    ) -> Result<Option<Line>, Error> {
        let failed = |cause| Error::Query { what: READ, cause };
        let last = query(
            "SELECT * FROM audit WHERE object_id = $1 AND outcome = $2 AND at > $3 AND (owner = $4 OR new_owner = $4)
             AND NOT (issuer = $5 AND subject = $6) ORDER BY id DESC LIMIT 1",
        )
        .bind(plain(object_id).as_ref())
        .bind(DONE)
        .bind(since)
        .bind(owner.as_str())
        .bind(principal.issuer())
        .bind(principal.subject());
        let row = self.db.first(READ, last).await?;
        row.as_ref().map(line).transpose().map_err(failed)
    }
}

fn line(row: &AnyRow) -> Result<Line, sqlx::Error> {
    Ok(Line {
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        issuer: row.try_get("issuer")?,
        subject: row.try_get("subject")?,
        username: row.try_get("username")?,
        verb: row.try_get("verb")?,
        object_id: row.try_get("object_id")?,
        object_name: row.try_get("object_name")?,
        owner: row.try_get("owner")?,
        owner_name: row.try_get("owner_name")?,
        new_owner: row.try_get("new_owner")?,
        new_owner_name: row.try_get("new_owner_name")?,
        request_id: row.try_get("request_id")?,
        token: row.try_get("token")?,
        outcome: row.try_get("outcome")?,
        times: u32::try_from(row.try_get::<i64, _>("times")?).unwrap_or(u32::MAX),
    })
}
