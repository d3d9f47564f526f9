//! What do people see while the API server is away, and how soon is all well again?

use crate::people::{Portal, gone, person, until, wish};
use cluster::{Cluster, Error, Options, UserCluster};
use ground::{FaultProxy, Ground, Namespace};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// What is promised for the recovery.
const SOON: Duration = Duration::from_secs(30);

struct Far {
    proxy: FaultProxy,
    cluster: Cluster,
    ground: Ground,
    namespace: Namespace,
}

impl Far {
    async fn start(away: bool) -> Self {
        let ground = Ground::current().await.unwrap();
        let namespace = ground.namespace("far").await.unwrap();
        let proxy = FaultProxy::start(ground.api_address()).await.unwrap();
        if away {
            proxy.cut();
        }
        let kubeconfig = ground.portal_kubeconfig_via(proxy.address()).unwrap();
        let cluster =
            Cluster::connect(Options { kubeconfig: Some(kubeconfig), namespace: namespace.name().to_owned(), ..Options::default() })
                .await
                .unwrap();
        if !away {
            timeout(SOON, cluster.synced()).await.unwrap();
        }
        Self { proxy, cluster, ground, namespace }
    }

    fn alice(&self) -> UserCluster {
        self.cluster.as_user(person("alice", false))
    }

    /// Waits for the cluster to be called away, or to be called back.
    async fn is_down(&self, down: bool) {
        let health = || self.cluster.health();
        let what = if down { "the outage is noticed" } else { "the outage is over" };
        until(self.alice().changes(), what, || (health().synced && health().down_since.is_some() == down).then_some(())).await;
    }
}

#[tokio::test]
async fn d_01_with_the_api_server_away_at_start_reads_say_since_when_and_recover_by_themselves() {
    let far = Far::start(true).await;
    let alice = far.alice();
    let since = until(alice.changes(), "the first failure", || far.cluster.health().down_since).await;
    let health = far.cluster.health();
    assert!(!health.synced && health.watches.iter().all(|watch| !watch.synced && watch.last_contact.is_none()));
    for refused in [alice.volumes().map(drop), alice.storage_classes().map(drop), alice.volume(&"abcdefgh".parse().unwrap()).map(drop)] {
        assert!(matches!(refused, Err(Error::Unreachable { since: Some(at), .. }) if at == since), "{refused:?}");
    }
    let refused = alice.create_volume(&wish("data", "standard")).await;
    assert!(matches!(refused, Err(Error::Unreachable { since: Some(_), .. })), "{refused:?}");

    let restored = Instant::now();
    far.proxy.restore();
    timeout(SOON, far.is_down(false)).await.unwrap();
    println!("recovered after {:?}", restored.elapsed());
    assert!(alice.volumes().unwrap().is_empty());
    alice.create_volume(&wish("data", "standard")).await.unwrap();
    far.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn d_02_during_an_outage_the_last_rows_stay_and_what_was_deleted_meanwhile_disappears_after_it() {
    let far = Far::start(false).await;
    let alice = far.alice();
    let stays = alice.create_volume(&wish("stays", "standard")).await.unwrap();
    let goes = alice.create_volume(&wish("goes", "standard")).await.unwrap();
    assert_eq!(far.cluster.health().down_since, None);

    let cut = Instant::now();
    far.proxy.cut();
    timeout(Duration::from_secs(5), far.is_down(true)).await.expect("a cut of idle watches is noticed at once");
    println!("noticed after {:?}", cut.elapsed());
    assert_eq!(alice.volumes().unwrap().len(), 2, "the last good rows stay readable");
    assert!(alice.volume(&goes.id).is_ok());
    let refused = alice.owned_volume(&goes.id).await.err();
    assert!(matches!(refused, Some(Error::Unreachable { since: Some(_), .. })), "{refused:?}");
    let claim = far.namespace.path(&format!("persistentvolumeclaims/{}", goes.claim));
    far.ground.admin().delete(&claim).await.unwrap();
    far.ground.admin().wait_until(&claim, SOON, serde_json::Value::is_null).await.unwrap();
    let before = *alice.changes().borrow();

    far.proxy.restore();
    timeout(SOON, gone(&alice, &goes)).await.unwrap();
    timeout(SOON, far.is_down(false)).await.unwrap();
    assert_ne!(*alice.changes().borrow(), before);
    assert_eq!(alice.volumes().unwrap().iter().map(|volume| &volume.uid).collect::<Vec<_>>(), [&stays.uid]);
    far.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn d_03_an_api_server_that_never_answers_ends_in_an_error_at_the_deadline() {
    let far = Far::start(false).await;
    let alice = far.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    far.proxy.stall();
    let asked = Instant::now();
    let refused = alice.owned_volume(&made.id).await.err();
    assert!(matches!(refused, Some(Error::Slow)), "{refused:?}");
    assert!((9..15).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    far.proxy.restore();
    timeout(SOON, alice.owned_volume(&made.id)).await.unwrap().unwrap();
    far.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn the_watches_end_with_the_last_handle() {
    let far = Far::start(false).await;
    let alice = far.alice();
    assert!(far.proxy.connections() >= 4, "one watch per kind");
    let Far { proxy, cluster, namespace, .. } = far;
    drop(cluster);
    assert!(alice.volumes().is_ok() && proxy.connections() >= 4, "somebody still reads");
    drop(alice);
    let closed = async {
        while proxy.connections() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, closed).await.expect("nothing is left open");
    namespace.delete().await.unwrap();
}

#[tokio::test]
async fn any_number_of_readers_costs_the_api_server_nothing() {
    let portal = Portal::start().await;
    let proxy = FaultProxy::start(portal.ground.api_address()).await.unwrap();
    let kubeconfig = portal.ground.portal_kubeconfig_via(proxy.address()).unwrap();
    let cluster =
        Cluster::connect(Options { kubeconfig: Some(kubeconfig), namespace: portal.namespace.name().to_owned(), ..Options::default() })
            .await
            .unwrap();
    timeout(SOON, cluster.synced()).await.unwrap();
    proxy.cut();
    // Nothing passes any more, and every read still answers.
    for number in 0..1000 {
        let reader = cluster.as_user(person(&format!("reader-{number}"), false));
        assert!(reader.volumes().unwrap().is_empty() && !reader.storage_classes().unwrap().is_empty());
    }
    portal.end().await;
}
