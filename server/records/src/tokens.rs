//! Which API tokens are there, and whose is this one? Asked on every call with a token, and by the page that lists them.

use crate::db::{Db, plain, query};
use crate::{Error, people::Person, seconds};
use data_encoding::HEXLOWER;
use domain::{
    owner::{OwnerKey, Principal},
    token::{MOST_PER_PERSON, Scope, Secret, Token, TokenSpec},
};
use sqlx::Row;
use sqlx::any::AnyRow;
use time::OffsetDateTime;

/// Use is noted at most this often, so that most calls write nothing. Seconds.
const NOTED_EVERY: i64 = 60;

/// Tokens by the hash of their secret: a stolen database calls nothing.
#[derive(Clone, Debug)]
pub struct Tokens {
    db: Db,
}

/// A token, and its person as they were when they last signed in.
#[derive(Clone, Debug)]
pub struct Bearer {
    pub token: Token,
    pub person: Person,
}

/// Tokens with what is told of their person, and which of them.
macro_rules! with_person {
    ($which:literal) => {
        concat!(
            "SELECT tokens.*, issuer, subject, username, people.name AS person, admin, member_of, seen_at
             FROM tokens JOIN people ON people.owner = tokens.owner ",
            $which
        )
    };
}

impl Tokens {
    /// So many of everybody's are listed at once.
    pub const PAGE: usize = 200;

    pub(crate) fn new(db: Db) -> Self {
        Self { db }
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
        // Counted and added in one act: two at once cannot both be the last.
        let what = "make a token";
        let mut act = self.db.act(what, &format!("tokens {}", owner.as_str())).await?;
        let make = query(
            "INSERT INTO tokens (id, hash, owner, name, scopes, created_at, expires_at)
             SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM tokens WHERE owner = $3 AND expires_at > $6) < $8",
        )
        .bind(token.id.as_str())
        .bind(secret.hash().as_slice())
        .bind(owner.as_str())
        .bind(plain(&token.name).as_ref())
        .bind(scopes)
        .bind(token.created)
        .bind(token.expires)
        .bind(i64::try_from(MOST_PER_PERSON).unwrap_or(i64::MAX));
        let made = act.execute(what, make).await?;
        act.commit(what).await?;
        Ok((made == 1).then_some((token, secret)))
    }

    /// This person's tokens, the newest first. Expired ones stay for a while, so that nobody wonders where they went.
    pub async fn of(&self, owner: &OwnerKey) -> Result<Vec<Token>, Error> {
        let what = "list tokens";
        let failed = |cause| Error::Query { what, cause };
        let hers = query("SELECT * FROM tokens WHERE owner = $1 ORDER BY created_at DESC, id");
        let rows = self.db.all(what, hers.bind(owner.as_str())).await?;
        rows.iter().map(token).collect::<Result<_, _>>().map_err(failed)
    }

    /// Ends a token of this person at once. Answers what it was; another person's is as absent as one that never was.
    pub async fn revoke(&self, owner: &OwnerKey, id: &str) -> Result<Option<Token>, Error> {
        let what = "revoke a token";
        let failed = |cause| Error::Query { what, cause };
        let revoke = query("DELETE FROM tokens WHERE id = $1 AND owner = $2 RETURNING *");
        // Read to its end: only then is it so for everybody.
        let rows = self.db.all(what, revoke.bind(plain(id).as_ref()).bind(owner.as_str())).await?;
        rows.first().map(token).transpose().map_err(failed)
    }

    /// Everybody's tokens, the newest first, at most [`Tokens::PAGE`]; and whether there are more. `person` is part of a readable
    /// name, or exactly a subject; empty, it does not narrow.
    pub async fn everybodys(&self, person: &str) -> Result<(Vec<Bearer>, bool), Error> {
        let what = "list everybody's tokens";
        let failed = |cause| Error::Query { what, cause };
        let person = plain(person.trim());
        let all = query(with_person!(
            "WHERE $1 = '' OR subject = $1 OR instr(lower(username), $2) > 0 OR instr(lower(people.name), $2) > 0
             ORDER BY tokens.created_at DESC, tokens.id LIMIT $3"
        ))
        .bind(person.as_ref())
        .bind(person.to_ascii_lowercase())
        .bind(i64::try_from(Self::PAGE + 1).unwrap_or(i64::MAX));
        let rows = self.db.all(what, all).await?;
        let mut found: Vec<Bearer> = rows.iter().map(bearer).collect::<Result<_, _>>().map_err(failed)?;
        let more = found.len() > Self::PAGE;
        found.truncate(Self::PAGE);
        Ok((found, more))
    }

    /// Ends anybody's token at once. Answers what it was, and whose.
    pub async fn revoke_anybodys(&self, id: &str) -> Result<Option<Bearer>, Error> {
        let what = "revoke a token";
        let failed = |cause| Error::Query { what, cause };
        let found = self.db.first(what, query(with_person!("WHERE tokens.id = $1")).bind(plain(id).as_ref())).await?;
        let Some(row) = found else { return Ok(None) };
        let gone = self.db.execute(what, query("DELETE FROM tokens WHERE id = $1").bind(plain(id).as_ref())).await?;
        // Of two at once, one has done it.
        if gone == 0 { Ok(None) } else { bearer(&row).map(Some).map_err(failed) }
    }

    /// Who calls with this secret? Nobody, once the token was revoked or has expired.
    pub async fn bearer(&self, secret: &Secret) -> Result<Option<Bearer>, Error> {
        let what = "look up a token";
        let failed = |cause| Error::Query { what, cause };
        let now = now();
        let living = query(with_person!("WHERE hash = $1 AND expires_at > $2")).bind(secret.hash().as_slice()).bind(now);
        let Some(row) = self.db.first(what, living).await? else { return Ok(None) };
        let bearer = bearer(&row).map_err(failed)?;
        self.touch(&bearer.token, now).await;
        Ok(Some(bearer))
    }

    /// A failure is only noted: the call must not fail for it.
    async fn touch(&self, token: &Token, now: i64) {
        if token.used.is_some_and(|used| now - used < NOTED_EVERY) {
            return;
        }
        let moved = query("UPDATE tokens SET used_at = $1 WHERE id = $2").bind(now).bind(token.id.as_str());
        let moved = self.db.execute("note the use of a token", moved).await;
        if let Err(error) = moved {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last use of a token was not noted");
        }
    }
}

fn now() -> i64 {
    seconds(OffsetDateTime::now_utc())
}

fn token(row: &AnyRow) -> Result<Token, sqlx::Error> {
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

fn bearer(row: &AnyRow) -> Result<Bearer, sqlx::Error> {
    let (issuer, subject): (String, String) = (row.try_get("issuer")?, row.try_get("subject")?);
    let person = Person {
        principal: Principal::new(&issuer, &subject).map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        username: row.try_get("username")?,
        name: row.try_get("person")?,
        admin: row.try_get::<i64, _>("admin")? != 0,
        groups: serde_json::from_str(row.try_get("member_of")?).map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        seen: row.try_get("seen_at")?,
    };
    Ok(Bearer { token: token(row)?, person })
}
