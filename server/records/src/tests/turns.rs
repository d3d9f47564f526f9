use super::{fresh, place::Place};
use crate::Records;

use domain::owner::{OwnerKey, Principal};
use std::{
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(30);

fn key(subject: &str) -> OwnerKey {
    OwnerKey::of(&Principal::new("https://id.example", subject).unwrap())
}

/// Two portals have handles of their own on the same records.
async fn two() -> (Place, [Records; 2]) {
    let place = Place::fresh().await;
    let portals = [place.open().await, place.open().await];
    (place, portals)
}

#[tokio::test]
async fn of_two_portals_only_one_acts_for_a_person_at_a_time() {
    let (_place, portals) = two().await;
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let acts = (0..12).map(|n| {
        let (turns, inside, most) = (portals[n % 2].turns(), Arc::clone(&inside), Arc::clone(&most));
        tokio::spawn(async move {
            let turn = turns.take(&key("a"), PATIENCE).await.unwrap().unwrap();
            most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Ordering::SeqCst);
            turn.end().await.unwrap();
        })
    });
    for act in acts.collect::<Vec<_>>() {
        act.await.unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nobody_waits_for_another_person_and_nobody_waits_for_ever() {
    let (_place, portals) = two().await;
    let hers = portals[0].turns().take(&key("a"), PATIENCE).await.unwrap().unwrap();
    let his = portals[1].turns().take(&key("b"), PATIENCE).await.unwrap().unwrap();
    for portal in &portals {
        assert!(portal.turns().take(&key("a"), Duration::from_millis(120)).await.unwrap().is_none(), "it is hers");
    }
    his.end().await.unwrap();
    hers.end().await.unwrap();
    portals[1].turns().take(&key("a"), PATIENCE).await.unwrap().unwrap().end().await.unwrap();
}

#[tokio::test]
async fn the_turn_of_a_portal_that_ended_in_between_runs_out() {
    let records = fresh().await;
    drop(records.turns().take(&key("a"), PATIENCE).await.unwrap().unwrap());
    assert!(records.turns().take(&key("a"), Duration::from_millis(120)).await.unwrap().is_none(), "nobody knows how it ended");
    sqlx::query("UPDATE turns SET until = 0").execute(&records.db.pool).await.unwrap();
    let next = records.turns().take(&key("a"), PATIENCE).await.unwrap().unwrap();
    next.end().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM turns").fetch_one(&records.db.pool).await.unwrap();
    assert_eq!(left, 0);
}
