//! Can a deletion be undone for a while, and what goes when its time is over?

use crate::{
    people::{PATIENCE, Portal, person, until, wish},
    tasks::{on, plan},
};
use cluster::{Cluster, Error, Options, UserCluster};
use domain::{
    allowed::WhyNot,
    volume::{Removed, Trash, Volume, Words},
};
use ground::Work;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

const HOUR: i64 = 3600;

/// A portal of the same namespace in which a deletion can be undone for an hour.
async fn with_trash(portal: &Portal) -> Cluster {
    let options = Options {
        kubeconfig: Some(portal.ground.portal_kubeconfig().to_owned()),
        namespace: portal.namespace.name().to_owned(),
        trash: Some(Duration::from_secs(HOUR.unsigned_abs())),
        ..Options::default()
    };
    let cluster = Cluster::connect(options).await.unwrap();
    timeout(PATIENCE, cluster.synced()).await.expect("every watch lists once");
    cluster
}

async fn delete(person: &UserCluster, volume: &Volume) -> Result<Removed, Error> {
    person.owned_volume(&volume.id).await.unwrap().delete(&volume.uid).await
}

async fn restore(person: &UserCluster, volume: &Volume) -> Result<(), Error> {
    person.owned_volume(&volume.id).await?.restore(&volume.uid).await
}

/// Somebody writes this time with kubectl; seen when this returns.
async fn written(portal: &Portal, person: &UserCluster, volume: &Volume, time: &str) {
    let patch = json!({"metadata": {"annotations": {"stowage.dev/trash-until": time}}});
    portal.admin().patch_merge(&portal.claim(volume), &patch).await.unwrap();
    let seen = || person.volumes_and_trash().unwrap().iter().find(|other| other.uid == volume.uid)?.trash;
    until(person.changes(), "the time in the trash", seen).await;
}

#[tokio::test]
async fn g0_53_a_deleted_volume_is_in_the_trash_and_comes_back_as_it_was() {
    let portal = Portal::start().await;
    let cluster = with_trash(&portal).await;
    let (alice, bob) = (cluster.as_user(person("alice", false)), cluster.as_user(person("bob", false)));
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let before = portal.live(&made).await;
    let expected = cluster.trash_until().unwrap();
    let Removed::ToTrash(trash @ Trash::Until(until)) = delete(&alice, &made).await.unwrap() else { panic!("not in the trash") };
    assert!((expected..expected + 60).contains(&until), "{until}");
    assert!(alice.volumes().unwrap().is_empty(), "it is not listed when the answer comes");
    assert_eq!(alice.volumes_and_trash().unwrap()[0].trash, Some(trash));
    let live = portal.live(&made).await;
    assert_eq!(live["metadata"]["annotations"]["stowage.dev/trash-until"], json!(domain::text::machine_date(until)));
    assert!(live["metadata"]["deletionTimestamp"].is_null());

    assert_eq!(delete(&alice, &made).await.unwrap(), Removed::ToTrash(trash), "asked again, its time does not move");
    assert!(matches!(alice.create_volume(&wish("DATA", "standard")).await, Err(Error::TakenInTrash { .. })));
    let absent = alice.create_if_absent(&wish("data", "standard")).await.unwrap_err();
    assert!(matches!(&absent, Error::TakenInTrash { .. }) && absent.problem().fields.get("name").unwrap().contains("Restore it"));
    assert!(matches!(alice.try_create(&wish("data", "standard")).await, Err(Error::TakenInTrash { .. })));
    let owned = async || alice.owned_volume(&made.id).await.unwrap();
    let words = Words { description: Some("x".into()), ..Words::default() };
    for refused in [owned().await.describe(&made.uid, &words).await, owned().await.publish(&made.uid, true).await] {
        assert!(matches!(refused, Err(Error::NotAllowed(WhyNot::InTrash(_)))), "{refused:?}");
    }
    let mounted = alice.submit(&on(plan("train", "true"), "/data", &made)).await.unwrap_err();
    assert!(mounted.problem().fields.get("volumes").unwrap().contains("is in the trash"), "{mounted:?}");

    assert!(matches!(restore(&bob, &made).await, Err(Error::NotFound)));
    assert!(matches!(owned().await.restore("00000000-0000-0000-0000-000000000000").await, Err(Error::Stale)));
    restore(&alice, &made).await.unwrap();
    assert_eq!(alice.volumes().unwrap()[0].trash, None);
    let after = portal.live(&made).await;
    for field in ["annotations", "labels", "uid", "name"] {
        assert_eq!(after["metadata"][field], before["metadata"][field], "{field}");
    }
    restore(&alice, &made).await.unwrap();
    assert!(delete(&alice, &made).await.is_ok());
    assert_eq!(owned().await.delete_now(&made.uid).await.unwrap(), Removed::ForGood);
    portal.admin().wait_until(&portal.claim(&made), PATIENCE, Value::is_null).await.unwrap();
    portal.end().await;
}

#[tokio::test]
async fn g0_53_only_what_is_due_is_removed_whatever_somebody_has_written() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let mut made = Vec::new();
    for (name, time) in
        [("past", "2001-01-01T00:00:00Z"), ("far", "9998-12-31T23:59:59Z"), ("odd", "tomorrow"), ("blank", ""), ("kept", "")]
    {
        let volume = alice.create_volume(&wish(name, "standard")).await.unwrap();
        if name != "kept" {
            written(&portal, &alice, &volume, time).await;
        }
        made.push(volume);
    }
    assert_eq!(alice.volumes().unwrap().iter().map(|volume| volume.name.as_str()).collect::<Vec<_>>(), ["kept"]);
    let told = portal.cluster.as_user(person("admin", true)).admin().unwrap().unreadable().unwrap();
    let told: Vec<_> = told.iter().map(|claim| claim.reasons.join(" ")).collect();
    assert_eq!(told.iter().filter(|reason| reason.contains("never removed by itself")).count(), 2, "{told:?}");

    let sweeper = portal.cluster.sweeper();
    let due = sweeper.due().unwrap();
    assert_eq!(due.iter().map(|due| due.volume.name.as_str()).collect::<Vec<_>>(), ["past"]);
    sweeper.remove(&due[0]).await.unwrap();
    portal.admin().wait_until(&portal.claim(&made[0]), PATIENCE, Value::is_null).await.unwrap();
    for left in &made[1..] {
        assert!(portal.live(left).await["metadata"]["deletionTimestamp"].is_null(), "{}", left.name);
    }
    // A time that cannot be read ends no way out.
    restore(&alice, &made[2]).await.unwrap();
    assert!(alice.volumes().unwrap().iter().any(|volume| volume.name == "odd"));
    portal.end().await;
}

#[tokio::test]
async fn g0_53_what_was_restored_or_is_in_use_is_not_removed_though_it_was_due() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    written(&portal, &alice, &made, "2001-01-01T00:00:00Z").await;
    let sweeper = portal.cluster.sweeper();
    let due = sweeper.due().unwrap().remove(0);
    restore(&alice, &made).await.unwrap();
    assert!(matches!(sweeper.remove(&due).await, Err(Error::Stale)));

    written(&portal, &alice, &made, "2001-01-01T00:00:00Z").await;
    portal.admin().start_pod(portal.namespace.name(), "user", &[(&made.claim, "/data")], &[], Work::UntilDeleted).await.unwrap();
    let due = sweeper.due().unwrap().remove(0);
    assert!(matches!(sweeper.remove(&due).await, Err(Error::InUse(_))));
    assert!(portal.live(&made).await["metadata"]["deletionTimestamp"].is_null());
    portal.end().await;
}

#[tokio::test]
async fn g0_53_what_a_pod_works_with_does_not_go_to_the_trash_either() {
    let portal = Portal::start().await;
    let cluster = with_trash(&portal).await;
    let alice = cluster.as_user(person("alice", false));
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    portal.admin().start_pod(portal.namespace.name(), "user", &[(&made.claim, "/data")], &[], Work::UntilDeleted).await.unwrap();
    let refused = delete(&alice, &made).await.unwrap_err();
    assert!(matches!(&refused, Error::InUse(WhyNot::InUse { by }) if by == &["user"]), "{refused:?}");
    assert_eq!(portal.live(&made).await["metadata"]["annotations"]["stowage.dev/trash-until"], Value::Null);
    portal.end().await;
}
