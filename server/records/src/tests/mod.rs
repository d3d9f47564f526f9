//! What do the records promise? Compiled once for SQLite and once for PostgreSQL.

mod api;
mod filters;
mod history;
mod lease;
pub(crate) mod place;
mod schema;
mod turns;
mod usage;

use self::place::Place;
use crate::*;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use time::Duration as Span;
use tower_sessions::session::{Id, Record};
use tower_sessions::{Expiry, Session, SessionStore};

const IDLE: Duration = Duration::from_secs(1800);

/// Records that nobody else has.
async fn fresh() -> Records {
    Place::records().await
}

pub(crate) fn record(ends_in: Span) -> Record {
    Record { id: Id::default(), data: [("n".to_owned(), json!(1))].into(), expiry_date: OffsetDateTime::now_utc() + ends_in }
}

pub(crate) async fn rows(records: &Records) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(&records.db.pool).await.unwrap()
}

#[tokio::test]
async fn what_is_made_is_read_back_changed_and_deleted() {
    let sessions = fresh().await.sessions(IDLE);
    let mut one = record(Span::hours(8));
    sessions.create(&mut one).await.unwrap();
    assert_eq!(sessions.load(&one.id).await.unwrap().unwrap().data, one.data);
    one.data.insert("n".to_owned(), json!(2));
    sessions.save(&one).await.unwrap();
    assert_eq!(sessions.load(&one.id).await.unwrap().unwrap().data["n"], json!(2));
    sessions.delete(&one.id).await.unwrap();
    assert!(sessions.load(&one.id).await.unwrap().is_none());
    assert!(!sessions.lives(&one.id).await.unwrap());
}

#[tokio::test]
async fn an_id_that_exists_is_refused() {
    let sessions = fresh().await.sessions(IDLE);
    let mut first = record(Span::hours(1));
    sessions.create(&mut first).await.unwrap();
    let mut second = Record { data: [("n".to_owned(), json!("theirs"))].into(), ..first.clone() };
    assert!(sessions.create(&mut second).await.is_err());
    assert_eq!(sessions.load(&first.id).await.unwrap().unwrap().data, first.data);
}

#[tokio::test]
async fn a_save_after_the_sign_out_does_not_bring_the_session_back() {
    let records = fresh().await;
    let sessions = records.sessions(IDLE);
    let mut one = record(Span::hours(1));
    sessions.create(&mut one).await.unwrap();
    sessions.delete(&one.id).await.unwrap();
    sessions.save(&one).await.unwrap();
    assert!(sessions.load(&one.id).await.unwrap().is_none());
    assert_eq!(rows(&records).await, 0);
}

#[tokio::test]
async fn c2_032_twenty_requests_that_write_while_the_person_signs_out_leave_nothing() {
    let place = Place::fresh().await;
    let records = place.open().await;
    let store = Arc::new(records.sessions(IDLE));
    let mut one = record(Span::hours(1));
    store.create(&mut one).await.unwrap();
    let writes = (0..20).map(|n| {
        let session = Session::new(Some(one.id), Arc::clone(&store), Some(Expiry::OnInactivity(Span::hours(1))));
        tokio::spawn(async move {
            session.insert("n", n).await?;
            tokio::task::yield_now().await;
            session.save().await
        })
    });
    let writes: Vec<_> = writes.collect();
    store.delete(&one.id).await.unwrap();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    assert!(store.load(&one.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_new_id_keeps_the_content_and_kills_the_old_id() {
    let records = fresh().await;
    let store = Arc::new(records.sessions(IDLE));
    let mut one = record(Span::hours(1));
    store.create(&mut one).await.unwrap();
    let session = Session::new(Some(one.id), Arc::clone(&store), None);
    session.cycle_id().await.unwrap();
    session.save().await.unwrap();
    let fresh = session.id().unwrap();
    assert_ne!(fresh, one.id);
    assert!(store.load(&one.id).await.unwrap().is_none());
    assert_eq!(store.load(&fresh).await.unwrap().unwrap().data, one.data);
    assert_eq!(rows(&records).await, 1);
}

#[tokio::test]
async fn c2_035_a_session_past_its_end_is_gone_however_often_it_is_used() {
    let sessions = fresh().await.sessions(IDLE);
    let mut one = record(Span::milliseconds(-1));
    sessions.create(&mut one).await.unwrap();
    assert!(sessions.load(&one.id).await.unwrap().is_none());
    one.expiry_date = OffsetDateTime::now_utc() + Span::hours(9);
    sessions.save(&one).await.unwrap();
    assert!(sessions.load(&one.id).await.unwrap().is_none(), "a save must not move the end");
}

#[tokio::test]
async fn use_moves_the_idle_limit_and_looking_does_not() {
    let records = fresh().await;
    let sessions = records.sessions(IDLE);
    let mut one = record(Span::hours(8));
    sessions.create(&mut one).await.unwrap();
    let limit = async || -> i64 { sqlx::query_scalar("SELECT idle_until FROM sessions").fetch_one(&records.db.pool).await.unwrap() };
    let soon = millis(OffsetDateTime::now_utc() + Span::minutes(2));
    sqlx::query("UPDATE sessions SET idle_until = $1").bind(soon).execute(&records.db.pool).await.unwrap();
    assert!(sessions.lives(&one.id).await.unwrap());
    assert_eq!(limit().await, soon);
    sessions.load(&one.id).await.unwrap().unwrap();
    assert!(limit().await > soon);
    sqlx::query("UPDATE sessions SET idle_until = 1").execute(&records.db.pool).await.unwrap();
    assert!(sessions.load(&one.id).await.unwrap().is_none());
    assert!(!sessions.lives(&one.id).await.unwrap());
}

#[tokio::test]
async fn all_sessions_of_a_person_or_of_a_provider_session_can_be_ended() {
    let records = fresh().await;
    let sessions = records.sessions(IDLE);
    for (owner, sid) in [("o1-a", "i s1"), ("o1-a", "i s2"), ("o1-b", "i s3"), ("o1-b", "i s4")] {
        let mut one = record(Span::hours(1));
        one.data = [(OWNER.to_owned(), json!(owner)), (PROVIDER_SESSION.to_owned(), json!(sid))].into();
        sessions.create(&mut one).await.unwrap();
    }
    let until = soon();
    assert_eq!(sessions.end_by_message("1", until, None, Some("o1-a")).await.unwrap(), Some(2));
    assert_eq!(sessions.end_by_message("2", until, Some("i s3"), None).await.unwrap(), Some(1));
    assert_eq!(sessions.end_by_message("3", until, Some("i s3"), None).await.unwrap(), Some(0));
    assert_eq!(rows(&records).await, 1);
}

#[tokio::test]
async fn the_cookie_value_is_not_in_the_database() {
    let records = fresh().await;
    let mut one = record(Span::hours(1));
    records.sessions(IDLE).create(&mut one).await.unwrap();
    let id: Vec<u8> = sqlx::query_scalar("SELECT id FROM sessions").fetch_one(&records.db.pool).await.unwrap();
    assert_eq!(id, Sha256::digest(one.id.to_string()).to_vec());
}

#[tokio::test]
async fn the_sweep_deletes_what_expired_and_ends_with_its_handle() {
    let records = fresh().await;
    let sessions = records.sessions(IDLE);
    let mut old = record(Span::hours(-1));
    let mut living = record(Span::hours(1));
    sessions.create(&mut old).await.unwrap();
    sessions.create(&mut living).await.unwrap();
    let sweep = records.sweep(Duration::from_secs(3600), 365);
    tokio::time::timeout(Duration::from_secs(5), async {
        while rows(&records).await != 1 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert!(sessions.lives(&living.id).await.unwrap());
    drop(sweep);
}

#[tokio::test]
async fn a_closed_store_is_an_error_and_not_an_absent_session() {
    let records = fresh().await;
    let sessions = records.sessions(IDLE);
    records.close().await;
    let mut one = record(Span::hours(1));
    assert!(sessions.load(&one.id).await.is_err());
    assert!(sessions.lives(&one.id).await.is_err());
    assert!(sessions.create(&mut one).await.is_err());
    assert!(sessions.save(&one).await.is_err());
    assert!(records.check().await.is_err());
}

#[tokio::test]
async fn a_secret_is_made_once() {
    let records = fresh().await;
    let first = records.secret("login").await.unwrap();
    assert_eq!(records.secret("login").await.unwrap(), first);
    assert_ne!(records.secret("other").await.unwrap(), first);
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused() {
    assert!(matches!(Records::open("mysql://db/stowage").await, Err(Error::Kind)));
}

fn soon() -> OffsetDateTime {
    OffsetDateTime::now_utc() + Span::minutes(5)
}

async fn owned(sessions: &Sessions, owner: &str, provider_session: Option<&str>) -> Id {
    let mut one = record(Span::hours(1));
    one.data.insert(OWNER.to_owned(), json!(owner));
    if let Some(name) = provider_session {
        one.data.insert(PROVIDER_SESSION.to_owned(), json!(name));
    }
    sessions.create(&mut one).await.unwrap();
    one.id
}

#[tokio::test]
async fn c2_037_a_message_that_could_not_be_acted_on_may_be_sent_again_and_then_counts_once() {
    let records = fresh().await;
    let sessions = records.sessions(IDLE);
    let one = owned(&sessions, "o1-a", Some("i s1")).await;
    sqlx::query("ALTER TABLE sessions RENAME TO away").execute(&records.db.pool).await.unwrap();
    assert!(sessions.end_by_message("jti", soon(), Some("i s1"), None).await.is_err());
    sqlx::query("ALTER TABLE away RENAME TO sessions").execute(&records.db.pool).await.unwrap();
    assert!(sessions.lives(&one).await.unwrap());
    assert_eq!(sessions.end_by_message("jti", soon(), Some("i s1"), None).await.unwrap(), Some(1));
    assert_eq!(sessions.end_by_message("jti", soon(), Some("i s1"), None).await.unwrap(), None, "a repetition");
    assert!(!sessions.lives(&one).await.unwrap());
}

#[tokio::test]
async fn a_message_about_a_session_also_ends_the_owners_sessions_that_name_none() {
    let records = fresh().await;
    let sessions = records.sessions(IDLE);
    let named = owned(&sessions, "o1-a", Some("i s1")).await;
    let unnamed = owned(&sessions, "o1-a", None).await;
    let elsewhere = owned(&sessions, "o1-a", Some("i s2")).await;
    let other = owned(&sessions, "o1-b", None).await;
    assert_eq!(sessions.end_by_message("1", soon(), None, None).await.unwrap(), Some(0), "about nobody");
    assert_eq!(sessions.end_by_message("2", soon(), Some("i s1"), Some("o1-a")).await.unwrap(), Some(2));
    for (id, lives) in [(named, false), (unnamed, false), (elsewhere, true), (other, true)] {
        assert_eq!(sessions.lives(&id).await.unwrap(), lives);
    }
}
