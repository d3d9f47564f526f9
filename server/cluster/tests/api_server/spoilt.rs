//! What comes of a request whose answer is lost, refused for now, or too late? Never two objects, never a false answer.

use crate::{
    interference::{Fault, Interference},
    people::{PATIENCE, gone, person, until, volume_is, wish},
};
use cluster::{Cluster, Error, Options, UserCluster};
use ground::{Ground, Namespace};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::timeout;

pub struct Spoilt {
    pub between: Interference,
    pub cluster: Cluster,
    pub alice: UserCluster,
    pub ground: Ground,
    pub namespace: Namespace,
}

impl Spoilt {
    pub async fn start() -> Self {
        let ground = Ground::current().await.unwrap();
        let namespace = ground.namespace("spoilt").await.unwrap();
        let between = Interference::start(&ground).await;
        let options =
            Options { kubeconfig: Some(between.kubeconfig.clone()), namespace: namespace.name().to_owned(), ..Options::default() };
        let cluster = Cluster::connect(options).await.unwrap();
        timeout(PATIENCE, cluster.synced()).await.unwrap();
        Self { between, alice: cluster.as_user(person("alice", false)), cluster, ground, namespace }
    }

    async fn claims(&self) -> usize {
        self.ground.admin().list(&self.namespace.path("persistentvolumeclaims")).await.unwrap().len()
    }
}

fn status(code: u16, reason: &str, retry_after: u32) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "spoilt", "reason": reason,
        "details": {"retryAfterSeconds": retry_after}, "code": code})
}

/// The first so many requests that begin like this.
pub fn first(mut number: usize, start: &'static str, fault: fn() -> Fault) -> impl FnMut(&str) -> Option<Fault> + Send {
    move |request| {
        let hit = number > 0 && request.starts_with(start);
        number -= usize::from(hit);
        hit.then(fault)
    }
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_made_one_volume_and_says_so() {
    let spoilt = Spoilt::start().await;
    spoilt.between.spoil(first(9, "POST", || Fault::LoseAnswer));
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    assert_eq!((made.name.as_str(), spoilt.claims().await, spoilt.between.heard("POST")), ("data", 1, 1));
    assert_eq!(spoilt.alice.volumes().unwrap()[0].uid, made.uid);
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn a_create_that_never_arrived_is_an_error_and_made_nothing() {
    let spoilt = Spoilt::start().await;
    spoilt.between.spoil(first(9, "POST", || Fault::LoseRequest));
    let refused = spoilt.alice.create_volume(&wish("data", "standard")).await;
    assert!(matches!(refused, Err(Error::Unreachable { .. })), "{refused:?}");
    assert_eq!((spoilt.claims().await, spoilt.between.heard("POST")), (0, 1));
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn a_create_is_sent_once_even_if_the_answer_is_a_timeout() {
    let spoilt = Spoilt::start().await;
    spoilt.between.spoil(first(9, "POST", || Fault::Answer(504, status(504, "Timeout", 0))));
    let refused = spoilt.alice.create_volume(&wish("data", "standard")).await;
    assert!(matches!(refused, Err(Error::Slow)), "{refused:?}");
    assert_eq!(spoilt.between.heard("POST"), 1);
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn d_09_a_moments_patience_is_given_and_a_long_wait_is_passed_on() {
    let spoilt = Spoilt::start().await;
    spoilt.between.spoil(first(1, "POST", || Fault::Answer(429, status(429, "TooManyRequests", 1))));
    let asked = Instant::now();
    spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    assert!(asked.elapsed() >= Duration::from_secs(1));
    assert_eq!((spoilt.claims().await, spoilt.between.heard("POST")), (1, 2));

    spoilt.between.spoil(first(9, "POST", || Fault::Answer(429, status(429, "TooManyRequests", 3600))));
    let refused = spoilt.alice.create_volume(&wish("more", "standard")).await;
    assert!(matches!(refused, Err(Error::Busy { retry_after: Some(3600) })), "{refused:?}");
    assert_eq!(spoilt.between.heard("POST"), 3);
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn a_delete_whose_answer_is_lost_is_looked_up() {
    let spoilt = Spoilt::start().await;
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    spoilt.between.spoil(first(1, "DELETE", || Fault::LoseRequest));
    let refused = spoilt.alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await;
    assert!(matches!(refused, Err(Error::Unreachable { .. })), "{refused:?}");
    assert_eq!(spoilt.claims().await, 1);

    spoilt.between.spoil(first(1, "DELETE", || Fault::LoseAnswer));
    spoilt.alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    gone(&spoilt.alice, &made).await;
    assert_eq!(spoilt.between.heard("DELETE"), 2);
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn d_04_a_watch_that_ends_goes_on_where_it_was_and_one_that_is_too_old_lists_again() {
    let spoilt = Spoilt::start().await;
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    let claims = spoilt.namespace.path("persistentvolumeclaims");
    let watches = format!("GET {claims}?&watch=true");
    let lists = || spoilt.between.heard(&format!("GET {claims}?&labelSelector=skypilot"));
    assert_eq!((lists(), spoilt.between.heard(&watches)), (1, 1));

    spoilt.between.hang_up();
    let describe = |text: &str| json!({"metadata": {"annotations": {"stowage.dev/description": text}}});
    let path = format!("{claims}/{}", made.claim);
    spoilt.ground.admin().patch_merge(&path, &describe("one")).await.unwrap();
    volume_is(&spoilt.alice, &made, "a change in the gap", |volume| volume.description.as_deref() == Some("one")).await;
    assert_eq!((lists(), spoilt.between.heard(&watches)), (1, 2), "no second list");

    let old = watches.clone();
    let mut refusals = 1;
    spoilt.between.spoil(move |request| {
        let hit = refusals > 0 && request.starts_with(&old);
        refusals -= usize::from(hit);
        hit.then(|| Fault::Answer(410, status(410, "Expired", 0)))
    });
    spoilt.between.hang_up();
    spoilt.ground.admin().patch_merge(&path, &describe("two")).await.unwrap();
    volume_is(&spoilt.alice, &made, "a change in the gap", |volume| volume.description.as_deref() == Some("two")).await;
    assert_eq!(lists(), 2);
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn d_06_a_right_to_watch_that_is_missing_is_named_and_comes_back_by_itself() {
    let spoilt = Spoilt::start().await;
    let namespace = spoilt.namespace.name().to_owned();
    let forbidden = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403,
        "message": format!("pods is forbidden: User \"u\" cannot list resource \"pods\" in API group \"\" in the namespace \"{namespace}\"")});
    spoilt.between.spoil(move |request| request.contains("/pods").then(|| Fault::Answer(403, forbidden.clone())));
    let options = Options { kubeconfig: Some(spoilt.between.kubeconfig.clone()), namespace, ..Options::default() };
    let cluster = Cluster::connect(options).await.unwrap();
    let alice = cluster.as_user(person("alice", false));
    let lacks = |error: &Error| matches!(error, Error::MissingRight(right) if right.what == "list pods");
    until(alice.changes(), "the missing right", || alice.volumes().err().filter(lacks)).await;
    spoilt.between.spoil(|_| None);
    until(alice.changes(), "the rows", || alice.volumes().ok()).await;
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn a_change_that_cannot_be_read_costs_only_itself() {
    let spoilt = Spoilt::start().await;
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    let claims = spoilt.namespace.path("persistentvolumeclaims");
    let path = format!("{claims}/{}", made.claim);
    let live = spoilt.ground.admin().get(&path).await.unwrap();
    let version = live["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let watches = format!("GET {claims}?&watch=true");
    let lists = || spoilt.between.heard(&format!("GET {claims}?&labelSelector=skypilot"));
    let before = lists();
    let odd = |what: &str, name: &str, uid: &str| json!({"type": what, "object": {"metadata": {"name": name, "uid": uid, "resourceVersion": version, "finalizers": 5}}});
    // Each is all that one watch says before it ends; the last one is true as far as the portal can know.
    let mut lines = vec![
        odd("DELETED", &made.claim, &made.uid),
        json!({"type": "ADDED", "object": "nonsense"}),
        odd("MODIFIED", &made.claim, &made.uid),
        json!({"nonsense": 1}),
    ];
    spoilt.between.spoil(move |request| {
        let hit = request.starts_with(&watches) && !lines.is_empty();
        hit.then(|| Fault::Answer(200, lines.pop().unwrap()))
    });
    spoilt.between.hang_up();
    gone(&spoilt.alice, &made).await;
    let describe = json!({"metadata": {"annotations": {"stowage.dev/description": "after"}}});
    spoilt.ground.admin().patch_merge(&path, &describe).await.unwrap();
    volume_is(&spoilt.alice, &made, "the change that follows", |volume| volume.description.as_deref() == Some("after")).await;
    assert_eq!((lists(), before), (1, 1), "the watch goes on; nothing is listed anew");
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn an_event_with_an_odd_count_is_an_event() {
    let spoilt = Spoilt::start().await;
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    let events = spoilt.namespace.path("events");
    let event = json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "odd"}, "reason": "Odd", "message": "m", "type": "Normal", "count": -1,
        "involvedObject": {"kind": "PersistentVolumeClaim", "namespace": spoilt.namespace.name(), "name": made.claim, "uid": made.uid}});
    let lists = || spoilt.between.heard(&format!("GET {events}?&limit"));
    let before = lists();
    spoilt.ground.admin().post(&events, &event).await.unwrap();
    let seen = || spoilt.alice.volume(&made.id).unwrap().events.into_iter().find(|event| event.reason == "Odd");
    assert_eq!(until(spoilt.alice.changes(), "the odd event", seen).await.count, 1);
    assert_eq!((lists(), before), (1, 1));
    spoilt.namespace.delete().await.unwrap();
}
