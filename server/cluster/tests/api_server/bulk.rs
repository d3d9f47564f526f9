//! What becomes of each when many volumes are deleted together?

use crate::people::{Portal, gone, wish};
use cluster::Error;
use domain::allowed::WhyNot;
use ground::Work;
use std::sync::Mutex;

#[tokio::test]
async fn one_that_cannot_go_stops_no_other_and_anothers_is_never_touched() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let mut free = Vec::new();
    for number in 0..6 {
        free.push(alice.create_volume(&wish(&format!("free-{number}"), "standard")).await.unwrap());
    }
    let busy = alice.create_volume(&wish("busy", "standard")).await.unwrap();
    let stale = alice.create_volume(&wish("stale", "standard")).await.unwrap();
    let his = bob.create_volume(&wish("his", "standard")).await.unwrap();
    portal.admin().start_pod(portal.namespace.name(), "worker", &[(&busy.claim, "/data")], &[], Work::UntilDeleted).await.unwrap();

    let mut chosen = vec![
        (his.id.clone(), his.uid.clone()),
        (busy.id.clone(), busy.uid.clone()),
        (stale.id.clone(), "00000000-0000-0000-0000-000000000000".to_owned()),
        ("zzzzzzzz".parse().unwrap(), his.uid.clone()),
    ];
    chosen.extend(free.iter().map(|volume| (volume.id.clone(), volume.uid.clone())));
    let asked: Vec<_> = chosen.iter().map(|(id, _)| id.clone()).collect();
    // Told while the others are still under way: whoever writes it down loses little when the portal dies.
    let told = Mutex::new(Vec::new());
    let answers = alice
        .delete_all(chosen, |id, result| {
            let leaving = free.iter().filter(|volume| alice.volume(&volume.id).map_or(true, |now| now.volume.status.is_deleting())).count();
            told.lock().unwrap().push((id.clone(), result.is_ok(), leaving));
            async {}
        })
        .await;
    assert_eq!(answers.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), asked, "in the order of the question");
    let told = told.into_inner().unwrap();
    for (id, result) in &answers {
        assert_eq!(told.iter().filter(|(other, is_ok, _)| other == id && *is_ok == result.is_ok()).count(), 1, "{told:?}");
    }
    assert!(told[0].2 < free.len(), "the first was told before all had gone: {told:?}");
    let results: Vec<_> = answers.into_iter().map(|(_, result)| result).collect();
    assert!(matches!(results[0], Err(Error::NotFound)) && matches!(results[3], Err(Error::NotFound)), "{results:?}");
    assert!(matches!(&results[1], Err(Error::InUse(WhyNot::InUse { by })) if by == &["worker"]), "{results:?}");
    assert!(matches!(results[2], Err(Error::Stale)), "{results:?}");
    assert!(results[4..].iter().all(Result::is_ok), "{results:?}");
    for volume in &free {
        gone(&alice, volume).await;
    }
    for kept in [&busy, &stale] {
        assert!(!alice.volume(&kept.id).unwrap().volume.status.is_deleting());
    }
    assert!(bob.volume(&his.id).is_ok());
    portal.end().await;
}

#[tokio::test]
async fn c3_045_an_id_that_two_own_claims_carry_deletes_neither() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let one = alice.create_volume(&wish("one", "standard")).await.unwrap();
    let two = alice.create_volume(&wish("two", "standard")).await.unwrap();
    let same = serde_json::json!({"metadata": {"labels": {"volume-id": one.id}}});
    portal.admin().patch_merge(&portal.claim(&two), &same).await.unwrap();
    crate::people::until(alice.changes(), "both claims carry the id", || alice.volume(&two.id).is_err().then_some(())).await;
    let answers = alice.delete_all(vec![(one.id.clone(), one.uid.clone())], |_, _| async {}).await;
    assert!(matches!(&answers[0].1, Err(Error::Ambiguous { claims, .. }) if claims.len() == 2), "{answers:?}");
    for claim in [&one, &two] {
        assert!(portal.live(claim).await["metadata"]["deletionTimestamp"].is_null());
    }
    portal.end().await;
}
