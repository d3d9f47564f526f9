use super::*;
use domain::owner::Principal;
use records::{Filter, Line};
use std::time::Duration;
use tokio::sync::oneshot;

fn by() -> By {
    let user = User::from_session(Principal::new("https://i", "a").unwrap(), "alice".into(), "Alice".into(), false);
    By { user, token: None, request_id: "r".into() }
}

async fn lines(records: &Records) -> Vec<Line> {
    records.audit().page(&Filter::default(), None).await.unwrap().0
}

#[tokio::test]
async fn the_end_waits_for_an_act_that_nobody_waits_for_any_more() {
    let records = Records::open("sqlite::memory:").await.unwrap();
    let (begun, is_under_way) = oneshot::channel();
    let (go, may_end) = oneshot::channel::<()>();
    let act = async move {
        begun.send(()).unwrap();
        may_end.await.unwrap();
        Ok(())
    };
    let asked = tokio::spawn({
        let records = records.clone();
        async move { audited(&records, by(), |_| Act::own(Verb::DeleteVolume, "abcdefgh", "v"), act).await }
    });
    is_under_way.await.unwrap();
    asked.abort();
    let ending = tokio::spawn({
        let records = records.clone();
        async move {
            records.settled().await;
            let lines = lines(&records).await;
            records.close().await;
            lines
        }
    });
    tokio::task::yield_now().await;
    assert!(!ending.is_finished(), "the act is under way");
    go.send(()).unwrap();
    let lines = tokio::time::timeout(Duration::from_secs(5), ending).await.unwrap().unwrap();
    assert_eq!(lines.iter().map(|line| (line.verb.as_str(), line.outcome.as_str())).collect::<Vec<_>>(), [("volume.delete", "done")]);
}

#[tokio::test]
async fn what_was_typed_is_on_record_only_as_far_as_it_can_be_a_name() {
    let records = Records::open("sqlite::memory:").await.unwrap();
    let trail = Trail::new(&records, by());
    let refused = |code| Problem::new(code, "no");
    for (id, code) in [
        ("abcdefgh", Code::NotFound),
        ("not an id", Code::NotFound),
        ("<script>alert(1)</script>", Code::Forbidden),
        ("abcdefgh", Code::Invalid),
        ("abcdefgh", Code::Malformed),
    ] {
        trail.ended(Act::tried(Verb::DeleteVolume, id), Some(&refused(code))).await;
    }
    let long = format!("a\u{202e}{}", "x".repeat(100_000));
    trail.ended(Act::own(Verb::CreateVolume, "", &long), Some(&refused(Code::ClusterSlow))).await;
    let told: Vec<_> = lines(&records).await.into_iter().rev().map(|line| (line.object_id, line.object_name, line.outcome)).collect();
    let cut = format!("a{}", "x".repeat(252));
    assert_eq!(
        told,
        [
            ("abcdefgh".into(), String::new(), "not_found".to_owned()),
            (String::new(), String::new(), "forbidden".into()),
            (String::new(), cut, "cluster_slow".into())
        ]
    );
}

#[tokio::test]
async fn an_attempt_on_what_is_not_theirs_does_not_say_that_it_is() {
    let records = Records::open("sqlite::memory:").await.unwrap();
    let gone = async { Err::<(), _>(Problem::not_found()) };
    assert!(audited(&records, by(), |_| Act::own(Verb::GrowVolume, "abcdefgh", ""), gone).await.is_err());
    let lines = lines(&records).await;
    assert_eq!((lines.len(), lines[0].username.as_str(), lines[0].owner.as_str(), lines[0].owner_name.as_str()), (1, "alice", "", ""));
}
