//! What do the records promise about how full volumes were?

use super::fresh;
use crate::usage::thin;
use domain::{
    quantity::Size,
    usage::{Files, Sample, Usage},
};

const DAY: i64 = 86_400;
const NOW: i64 = 100 * DAY;

fn sample(at: i64) -> Sample {
    let usage = Usage { used: Size::from_bytes(5), total: Size::from_bytes(10) };
    Sample { at, usage, files: (at % 2 == 0).then_some(Files { used: 1, total: 2 }) }
}

fn of(claim: &str, at: i64) -> (String, Sample) {
    (claim.to_owned(), sample(at))
}

#[tokio::test]
async fn what_is_kept_is_read_back_by_claim_and_the_latest_of_each() {
    let samples = fresh().await.samples();
    assert_eq!(samples.latest().await.unwrap(), []);
    samples.keep(&[of("a", 20), of("a", 11), of("b", 13)]).await.unwrap();
    samples.keep(&[of("a", 20)]).await.unwrap();
    assert_eq!(samples.of("a").await.unwrap(), [sample(11), sample(20)]);
    assert_eq!(samples.of("c").await.unwrap(), []);
    let mut latest = samples.latest().await.unwrap();
    latest.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert_eq!(latest, [("a".to_owned(), sample(20)), ("b".to_owned(), sample(13))]);
}

#[tokio::test]
async fn samples_stay_for_a_month_and_after_a_day_one_of_each_hour_stays() {
    let records = fresh().await;
    let samples = records.samples();
    // One a minute of the last three hours of two days ago, of another claim too, and of today.
    let minutes = |from: i64| (0..180).map(move |minute| sample(from + 60 * minute));
    let (before, today) = (NOW - 2 * DAY, NOW - DAY + 60);
    let all = minutes(before).chain(minutes(today)).chain([sample(NOW - 30 * DAY), sample(NOW - 29 * DAY)]);
    samples.keep(&all.map(|sample| ("a".to_owned(), sample)).collect::<Vec<_>>()).await.unwrap();
    samples.keep(&minutes(before).map(|sample| ("b".to_owned(), sample)).collect::<Vec<_>>()).await.unwrap();
    thin(&records.db, NOW).await.unwrap();
    let kept: Vec<_> = samples.of("a").await.unwrap().iter().map(|sample| sample.at).collect();
    let hours = [before + 59 * 60, before + 119 * 60, before + 179 * 60];
    assert_eq!(kept[..4], [vec![NOW - 29 * DAY], hours.to_vec()].concat());
    assert_eq!(kept[4..], minutes(today).map(|sample| sample.at).collect::<Vec<_>>());
    assert_eq!(samples.of("b").await.unwrap().iter().map(|sample| sample.at).collect::<Vec<_>>(), hours);
    assert_eq!(thin(&records.db, NOW).await.unwrap(), 0, "once is enough");
}

#[tokio::test]
async fn closed_records_are_an_error_and_not_an_empty_past() {
    let records = fresh().await;
    records.close().await;
    let samples = records.samples();
    assert!(samples.keep(&[of("a", 1)]).await.is_err());
    assert!(samples.of("a").await.is_err() && samples.latest().await.is_err());
}
