//! Which API tokens are there, and whose is this one? Asked on every call with a token, and by the page that lists them.

use crate::{Error, people::Person, seconds};
use data_encoding::HEXLOWER;
use domain::{
    owner::{OwnerKey, Principal},
    token::{MOST_PER_PERSON, Scope, Secret, Token, TokenSpec},
};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqlitePool};
use time::OffsetDateTime;

/// Use is noted at most this often, so that most calls write nothing. Seconds.
const NOTED_EVERY: i64 = 60;

/// Tokens by the hash of their secret: a stolen database calls nothing.
#[derive(Clone, Debug)]
pub struct Tokens {
    pool: SqlitePool,
}

/// A token, and its person as they were when they last signed in.
#[derive(Clone, Debug)]
pub struct Bearer {
    pub token: Token,
    pub person: Person,
}

/// What is told of a token together with its person.
const WITH_PERSON: &str = "SELECT tokens.*, issuer, subject, username, people.name AS person, admin, member_of, seen_at
     FROM tokens JOIN people ON people.owner = tokens.owner";

impl Tokens {
    /// So many of everybody's are listed at once.
    pub const PAGE: usize = 200;

    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// A new token of this person, who is known to `People`, and its secret, which is kept nowhere. Nothing if they have as many as
    /// they may.
    pub async fn create(&self, owner: &OwnerKey, spec: &TokenSpec) -> Result<Option<(Token, Secret)>, Error> {
        let secret = Secret::from_random(&rand::random());
        let id: [u8; 8] = rand::random();
        let created = now();
        let token = Token {
            id: HEXLOWER.encode(&id),
            name: spec.name().to_owned(),
            scopes: spec.scopes().to_vec(),
            created,
            expires: created + i64::from(spec.days()) * 86_400,
            used: None,
        };
        let scopes = token.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        // Counted and added in one statement: two at once cannot both be the last.
        let made = sqlx::query(
            "INSERT INTO tokens (id, hash, owner, name, scopes, created_at, expires_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE (SELECT count(*) FROM tokens WHERE owner = ?3 AND expires_at > ?6) < ?8",
        )
        .bind(&token.id)
        .bind(secret.hash().as_slice())
        .bind(owner.as_str())
        .bind(&token.name)
        .bind(scopes)
        .bind(token.created)
        .bind(token.expires)
        .bind(i64::try_from(MOST_PER_PERSON).unwrap_or(i64::MAX))
        .execute(&self.pool)
        .await
        .map_err(|cause| Error::Query { what: "make a token", cause })?;
        Ok((made.rows_affected() == 1).then_some((token, secret)))
    }

    /// This person's tokens, the newest first. Expired ones stay for a while, so that nobody wonders where they went.
    pub async fn of(&self, owner: &OwnerKey) -> Result<Vec<Token>, Error> {
        let failed = |cause| Error::Query { what: "list tokens", cause };
        let rows = sqlx::query("SELECT * FROM tokens WHERE owner = ? ORDER BY created_at DESC, id")
            .bind(owner.as_str())
            .fetch_all(&self.pool)
            .await
            .map_err(failed)?;
        rows.iter().map(token).collect::<Result<_, _>>().map_err(failed)
    }

    /// Ends a token of this person at once. Answers what it was; another person's is as absent as one that never was.
    pub async fn revoke(&self, owner: &OwnerKey, id: &str) -> Result<Option<Token>, Error> {
        let failed = |cause| Error::Query { what: "revoke a token", cause };
        let row = sqlx::query("DELETE FROM tokens WHERE id = ? AND owner = ? RETURNING *")
            .bind(id)
            .bind(owner.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed)?;
        row.as_ref().map(token).transpose().map_err(failed)
    }

    /// Everybody's tokens, the newest first, at most [`Tokens::PAGE`]; and whether there are more. `person` is part of a readable
    /// name, or exactly a subject; empty, it does not narrow.
    pub async fn everybodys(&self, person: &str) -> Result<(Vec<Bearer>, bool), Error> {
        let failed = |cause| Error::Query { what: "list everybody's tokens", cause };
        let mut query = QueryBuilder::<Sqlite>::new(WITH_PERSON);
        let person = person.trim();
        if !person.is_empty() {
            query.push(" WHERE instr(lower(username), lower(").push_bind(person.to_owned()).push(")) > 0");
            query.push(" OR instr(lower(people.name), lower(").push_bind(person.to_owned()).push(")) > 0");
            query.push(" OR subject = ").push_bind(person.to_owned());
        }
        query.push(" ORDER BY tokens.created_at DESC, tokens.id LIMIT ").push_bind(i64::try_from(Self::PAGE + 1).unwrap_or(i64::MAX));
        let rows = query.build().fetch_all(&self.pool).await.map_err(failed)?;
        let mut found: Vec<Bearer> = rows.iter().map(bearer).collect::<Result<_, _>>().map_err(failed)?;
        let more = found.len() > Self::PAGE;
        found.truncate(Self::PAGE);
        Ok((found, more))
    }

    /// Ends anybody's token at once. Answers what it was, and whose.
    pub async fn revoke_anybodys(&self, id: &str) -> Result<Option<Bearer>, Error> {
        let failed = |cause| Error::Query { what: "revoke a token", cause };
        let mut query = QueryBuilder::<Sqlite>::new(WITH_PERSON);
        query.push(" WHERE tokens.id = ").push_bind(id.to_owned());
        let Some(row) = query.build().fetch_optional(&self.pool).await.map_err(failed)? else { return Ok(None) };
        let gone = sqlx::query("DELETE FROM tokens WHERE id = ?").bind(id).execute(&self.pool).await.map_err(failed)?;
        // Of two at once, one has done it.
        if gone.rows_affected() == 0 { Ok(None) } else { bearer(&row).map(Some).map_err(failed) }
    }

    /// Who calls with this secret? Nobody, once the token was revoked or has expired.
    pub async fn bearer(&self, secret: &Secret) -> Result<Option<Bearer>, Error> {
        let failed = |cause| Error::Query { what: "look up a token", cause };
        let now = now();
        let mut query = QueryBuilder::<Sqlite>::new(WITH_PERSON);
        query.push(" WHERE hash = ").push_bind(secret.hash().to_vec()).push(" AND expires_at > ").push_bind(now);
        let found = query.build().fetch_optional(&self.pool).await.map_err(failed)?;
        let Some(row) = found else { return Ok(None) };
        let bearer = bearer(&row).map_err(failed)?;
        self.touch(&bearer.token, now).await;
        Ok(Some(bearer))
    }

    /// A failure is only noted: the call must not fail for it.
    async fn touch(&self, token: &Token, now: i64) {
        if token.used.is_some_and(|used| now - used < NOTED_EVERY) {
            return;
        }
        let moved = sqlx::query("UPDATE tokens SET used_at = ? WHERE id = ?").bind(now).bind(&token.id).execute(&self.pool).await;
        if let Err(error) = moved {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last use of a token was not noted");
        }
    }
}

fn now() -> i64 {
    seconds(OffsetDateTime::now_utc())
}

fn token(row: &SqliteRow) -> Result<Token, sqlx::Error> {
    let scopes: String = row.try_get("scopes")?;
    Ok(Token {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        // A scope that this version does not know grants nothing.
        scopes: scopes.split(' ').filter_map(|scope| scope.parse::<Scope>().ok()).collect(),
        created: row.try_get("created_at")?,
        expires: row.try_get("expires_at")?,
        used: row.try_get("used_at")?,
    })
}

fn bearer(row: &SqliteRow) -> Result<Bearer, sqlx::Error> {
    let (issuer, subject): (String, String) = (row.try_get("issuer")?, row.try_get("subject")?);
    let person = Person {
        principal: Principal::new(&issuer, &subject).map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        username: row.try_get("username")?,
        name: row.try_get("person")?,
        admin: row.try_get("admin")?,
        groups: serde_json::from_str(row.try_get("member_of")?).map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        seen: row.try_get("seen_at")?,
    };
    Ok(Bearer { token: token(row)?, person })
}
