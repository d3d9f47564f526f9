//! Who has signed in, and what did the provider say about them last? Tokens act as the person described here.

use crate::Error;
use crate::db::{Db, plain, query};
use domain::owner::{OwnerKey, Principal};

/// A person as a verified id token described them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub principal: Principal,
    pub username: String,
    pub name: String,
    pub admin: bool,
    /// Of the groups that classes are for, those that they were in.
    pub groups: Vec<String>,
    /// When they signed in. Seconds since 1970.
    pub seen: i64,
}

#[derive(Clone, Debug)]
pub struct People {
    db: Db,
}

impl People {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// At each sign-in: what the provider says now replaces what it said before.
    pub async fn signed_in(&self, person: &Person) -> Result<(), Error> {
        self.put(
            "INSERT INTO people (owner, issuer, subject, username, name, admin, member_of, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (owner) DO UPDATE SET username = excluded.username, name = excluded.name, admin = excluded.admin,
             member_of = excluded.member_of, seen_at = excluded.seen_at",
            person,
        )
        .await
    }

    /// Somebody whose session began before anybody was noted. A session may be older than the last sign-in, so it changes nothing.
    pub async fn known(&self, person: &Person) -> Result<(), Error> {
        self.put(
            "INSERT INTO people (owner, issuer, subject, username, name, admin, member_of, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT DO NOTHING",
            person,
        )
        .await
    }

    async fn put(&self, statement: &'static str, person: &Person) -> Result<(), Error> {
        let put = query(statement)
            .bind(OwnerKey::of(&person.principal).as_str())
            .bind(person.principal.issuer())
            .bind(person.principal.subject())
            .bind(plain(&person.username).as_ref())
            .bind(plain(&person.name).as_ref())
            .bind(i64::from(person.admin))
            .bind(serde_json::Value::from(person.groups.clone()).to_string())
            .bind(person.seen);
        self.db.execute("note a person", put).await.map(drop)
    }
}
