//! What do records on a server promise that a file cannot? That several portals share them, and that the server goes away and comes back.

use crate::postgres::place::Place;
use crate::postgres::{record, rows};
use crate::{Error, Records};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use std::time::Duration;
use time::Duration as Span;
use tower_sessions::SessionStore;

const IDLE: Duration = Duration::from_secs(1800);

/// Of this place, how many wait for somebody else.
async fn waiting(place: &Place) -> i64 {
    let mut ground = PgConnection::connect(&crate::postgres::place::ground()).await.unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'";
    sqlx::query_scalar(waiting).bind(place.role()).fetch_one(&mut ground).await.unwrap()
}

#[tokio::test]
async fn portals_that_start_at_the_same_moment_on_empty_records_all_come_up() {
    let place = Place::fresh().await;
    // Nobody gets past the first table, so that both are there when the first of them makes it.
    let mut gate = PgConnection::connect(&place.url).await.unwrap();
    gate.execute("BEGIN; CREATE TABLE _sqlx_migrations ()").await.unwrap();
    let start = async || Records::open(&place.url).await.unwrap().secret("login").await.unwrap();
    let both_wait = async {
        while waiting(&place).await < 2 {
            tokio::task::yield_now().await;
        }
        gate.execute("ROLLBACK").await.unwrap();
    };
    let (one, two, ()) = tokio::join!(start(), start(), both_wait);
    assert_eq!(one, two, "they share their keys");
}

#[tokio::test]
async fn d_31_connections_that_were_lost_are_made_anew_and_an_absent_server_is_an_error_within_seconds() {
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
