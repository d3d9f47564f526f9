//! Are the records the same on both kinds of database, and do they come up, go away and come back as they should?

use super::place::{Place, on_postgres};
use super::{fresh, record, rows};
use crate::db::{POSTGRES, SQLITE};
use crate::{Error, Records};
use sqlx::Row;
use std::collections::BTreeMap;
use std::time::Duration;
use time::Duration as Span;
use tower_sessions::SessionStore;

const IDLE: Duration = Duration::from_secs(1800);

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
async fn portals_that_start_at_the_same_moment_on_empty_records_all_come_up() {
    let place = Place::fresh().await;
    let start = async || Records::open(&place.url).await.unwrap().secret("login").await.unwrap();
    let mut keys = Vec::new();
    if on_postgres() {
        let four = tokio::join!(start(), start(), start(), start());
        keys.extend([four.0, four.1, four.2, four.3]);
    } else {
        // A file belongs to one portal.
        keys.push(start().await);
    }
    keys.dedup();
    assert_eq!(keys.len(), 1, "they share their keys");
    assert_eq!(place.open().await.secret("login").await.unwrap(), keys[0], "and find them again");
}

#[tokio::test]
async fn d_31_connections_that_were_lost_are_made_anew_and_an_absent_server_is_an_error_within_seconds() {
    if !on_postgres() {
        return;
    }
    let place = Place::fresh().await;
    let records = place.open().await;
    let sessions = records.sessions(IDLE);
    let mut one = record(Span::hours(1));
    sessions.create(&mut one).await.unwrap();
    place.becomes("LOGIN").await;
    assert!(sessions.lives(&one.id).await.unwrap(), "no caller sees that a connection was lost");
    place.becomes("NOLOGIN").await;
    let asked = tokio::time::timeout(Duration::from_secs(20), sessions.load(&one.id)).await.unwrap();
    assert!(asked.is_err(), "an error, and not an absent session");
    assert!(matches!(Records::open(&place.url).await, Err(Error::Open { place: told, .. }) if !told.contains("records_")));
    place.becomes("LOGIN").await;
    assert!(sessions.load(&one.id).await.unwrap().is_some());
}

#[tokio::test]
async fn d_33_on_a_server_that_only_reads_sessions_live_on_and_nothing_is_said_to_be_written() {
    if !on_postgres() {
        return;
    }
    let place = Place::fresh().await;
    let records = place.open().await;
    let sessions = records.sessions(IDLE);
    let mut one = record(Span::hours(1));
    sessions.create(&mut one).await.unwrap();
    sqlx::query("UPDATE sessions SET idle_until = idle_until - 600000").execute(&records.db.pool).await.unwrap();
    place.becomes("SET default_transaction_read_only = on").await;
    assert!(sessions.load(&one.id).await.unwrap().is_some(), "although its use cannot be noted");
    assert!(sessions.create(&mut record(Span::hours(1))).await.is_err());
    assert!(sessions.delete(&one.id).await.is_err(), "nobody is told that they are signed out");
    assert!(records.lease("sweep", IDLE).is_held().await.is_err());
    place.becomes("RESET default_transaction_read_only").await;
    sessions.delete(&one.id).await.unwrap();
    assert_eq!(rows(&records).await, 0);
}

#[tokio::test]
async fn the_end_of_a_session_on_one_replica_is_told_on_the_other_also_after_a_lost_connection() {
    if !on_postgres() {
        return;
    }
    let place = Place::fresh().await;
    let (here, there) = (place.open().await, place.open().await);
    let mut endings = there.sessions(IDLE).endings();
    let moves = async |endings: &mut tokio::sync::watch::Receiver<u64>| {
        tokio::time::timeout(Duration::from_secs(10), endings.changed()).await.unwrap().unwrap();
    };
    // Once it listens, it says so: something may have been missed.
    moves(&mut endings).await;
    for _ in 0..2 {
        let mut one = record(Span::hours(1));
        here.sessions(IDLE).create(&mut one).await.unwrap();
        here.sessions(IDLE).delete(&one.id).await.unwrap();
        moves(&mut endings).await;
        assert!(!there.sessions(IDLE).lives(&one.id).await.unwrap());
        place.becomes("LOGIN").await;
        moves(&mut endings).await;
    }
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
