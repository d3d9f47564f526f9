//! What does a lease promise?

use super::place::Place;
use std::time::Duration;

const LASTS: Duration = Duration::from_secs(600);

#[tokio::test]
async fn of_two_portals_one_holds_the_lease_until_it_ends_it_or_it_has_run_out() {
    let place = Place::fresh().await;
    let records = [place.open().await, place.open().await];
    let [one, two] = [records[0].lease("trash", LASTS), records[1].lease("trash", LASTS)];
    assert!(one.is_held().await.unwrap() && !two.is_held().await.unwrap());
    assert!(one.is_held().await.unwrap(), "asked again it lasts anew");
    assert!(records[1].lease("usage", LASTS).is_held().await.unwrap(), "another act is another lease");
    one.end().await.unwrap();
    assert!(two.is_held().await.unwrap() && !one.is_held().await.unwrap());
    sqlx::query("UPDATE turns SET until = 0").execute(&records[0].db.pool).await.unwrap();
    assert!(one.is_held().await.unwrap());
    assert!(!two.is_held().await.unwrap(), "whoever slept has lost it");
    two.end().await.unwrap();
    assert!(one.is_held().await.unwrap(), "nobody ends another's");
}
