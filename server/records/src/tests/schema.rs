//! Are the records the same on both kinds of database?

use super::fresh;
use super::place::{Place, on_postgres};
use crate::Records;
use crate::db::{POSTGRES, SQLITE};
use sqlx::Row;
use std::collections::BTreeMap;

/// The columns of each table, and whether they may be empty.
type Tables = BTreeMap<String, BTreeMap<String, bool>>;

fn tables(rows: Vec<sqlx::any::AnyRow>) -> Tables {
    let mut tables = Tables::new();
    for row in rows {
        let table: String = row.get("place");
        tables.entry(table).or_default().insert(row.get("name"), row.get::<i64, _>("empty") != 0);
    }
    tables
}

async fn of_sqlite() -> Tables {
    let records = Records::open("sqlite::memory:").await.unwrap();
    let all = "SELECT m.name AS place, c.name AS name, c.\"notnull\" = 0 AND c.pk = 0 AS empty
               FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
    tables(sqlx::query(all).fetch_all(&records.db.pool).await.unwrap())
}

#[tokio::test]
async fn both_kinds_have_the_same_tables_and_columns_by_the_same_migrations() {
    let numbers =
        |migrator: &sqlx::migrate::Migrator| migrator.iter().map(|step| (step.version, step.description.clone())).collect::<Vec<_>>();
    assert_eq!(numbers(&SQLITE), numbers(&POSTGRES));
    let here = if on_postgres() {
        let all = "SELECT table_name::text AS place, column_name::text AS name, (is_nullable = 'YES')::int::bigint AS empty
                   FROM information_schema.columns WHERE table_schema = current_schema()";
        tables(sqlx::query(all).fetch_all(&fresh().await.db.pool).await.unwrap())
    } else {
        of_sqlite().await
    };
    assert!(here.len() > 9, "{here:?}");
    assert_eq!(here, of_sqlite().await);
}

#[tokio::test]
async fn a_key_is_found_again_when_the_records_are_opened_anew() {
    let place = Place::fresh().await;
    let key = place.open().await.secret("login").await.unwrap();
    assert_eq!(place.open().await.secret("login").await.unwrap(), key);
}

#[tokio::test]
async fn names_with_characters_that_a_database_cannot_hold_are_found_by_nobody_and_fail_nothing() {
    let records = fresh().await;
    let nobody = records.tokens();
    assert!(nobody.everybodys("a\0b").await.unwrap().0.is_empty());
    assert!(nobody.revoke_anybodys("a\0b").await.unwrap().is_none());
    let filter = crate::Filter { person: "\0".into(), object: "\0".into(), ..Default::default() };
    assert!(records.audit().page(&filter, None).await.unwrap().0.is_empty());
}
