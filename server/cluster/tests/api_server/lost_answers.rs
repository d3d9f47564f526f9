//! What comes of a change whose answer is lost? It is looked up, and what is said is true.

use crate::{
    interference::Fault,
    people::{ISSUER, person, until, volume_is, wish},
    spoilt::{Spoilt, first},
};
use cluster::{Cleanup, Error, Mode};
use domain::{
    owner::Principal,
    volume::{Handover, UsePhase, Words},
};
use ground::Work;

fn words(text: &str) -> Words {
    Words { description: Some(text.to_owned()), ..Words::default() }
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_was_made_once_and_says_so() {
    let spoilt = Spoilt::start().await;
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    spoilt.between.spoil(first(9, "PATCH", || Fault::LoseAnswer));
    spoilt.alice.owned_volume(&made.id).await.unwrap().describe(&made.uid, &words("cats")).await.unwrap();
    assert_eq!(spoilt.between.heard("PATCH"), 1);
    assert_eq!(spoilt.alice.volume(&made.id).unwrap().volume.description.as_deref(), Some("cats"));

    spoilt.between.spoil(first(9, "PATCH", || Fault::LoseRequest));
    let refused = spoilt.alice.owned_volume(&made.id).await.unwrap().describe(&made.uid, &words("dogs")).await;
    assert!(matches!(refused, Err(Error::Unreachable { .. })), "{refused:?}");
    assert_eq!(spoilt.between.heard("PATCH"), 2);
    assert_eq!(spoilt.alice.volume(&made.id).unwrap().volume.description.as_deref(), Some("cats"));
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn a_transfer_whose_answer_is_lost_was_made_and_says_so() {
    let spoilt = Spoilt::start().await;
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    let admin = spoilt.cluster.as_user(person("root", true)).admin().unwrap();
    let to = Handover { name: "data".parse().unwrap(), principal: Principal::new(ISSUER, "bob").unwrap(), username: "bob".into() };
    spoilt.between.spoil(first(1, "PATCH", || Fault::LoseRequest));
    let refused = admin.transfer(&made.id, &made.uid, &to, Mode::Do).await;
    assert!(matches!(refused, Err(Error::Unreachable { .. })), "{refused:?}");
    assert!(spoilt.alice.volume(&made.id).is_ok());
    spoilt.between.spoil(first(1, "PATCH", || Fault::LoseAnswer));
    admin.transfer(&made.id, &made.uid, &to, Mode::Do).await.unwrap();
    assert!(spoilt.alice.volume(&made.id).is_err());
    assert_eq!(spoilt.between.heard("PATCH"), 2);
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn a_removal_of_pods_whose_answer_is_lost_is_looked_up() {
    let spoilt = Spoilt::start().await;
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    let hers = crate::people::key("alice");
    let labels = [("stowage.dev/owner", hers.as_str())];
    spoilt.ground.admin().start_pod(spoilt.namespace.name(), "done", &[(&made.claim, "/data")], &labels, Work::Nothing).await.unwrap();
    volume_is(&spoilt.alice, &made, "the pod has finished", |volume| volume.used_by.iter().any(|pod| pod.phase == UsePhase::Finished))
        .await;
    spoilt.between.spoil(first(1, "DELETE", || Fault::LoseRequest));
    let refused = spoilt.alice.owned_volume(&made.id).await.unwrap().remove_finished_pods(&made.uid).await;
    assert!(matches!(refused, Err(Error::Unreachable { .. })), "{refused:?}");
    spoilt.between.spoil(first(1, "DELETE", || Fault::LoseAnswer));
    let cleaned = spoilt.alice.owned_volume(&made.id).await.unwrap().remove_finished_pods(&made.uid).await.unwrap();
    assert_eq!(cleaned, Cleanup { removed: 1, of_others: 0 });
    until(spoilt.alice.changes(), "the pod is gone", || spoilt.alice.volume(&made.id).unwrap().volume.used_by.is_empty().then_some(()))
        .await;
    assert_eq!(spoilt.between.heard("DELETE"), 2);
    spoilt.namespace.delete().await.unwrap();
}
