//! What comes of an API server that is slow, of a token that is changed, of a finalizer that nobody lifts, and of many people?

use crate::{
    interference::{Fault, Interference},
    people::{PATIENCE, Portal, person, volume_is, wish},
    spoilt::Spoilt,
};
use cluster::{Cluster, Error, Options};
use domain::{cause::CauseId, volume::Words};
use ground::Ground;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::time::{interval, timeout};

#[tokio::test]
async fn d_14_the_portal_removes_no_finalizer() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("held", "standard")).await.unwrap();
    let hold = |finalizers: &[&str]| json!({"metadata": {"finalizers": finalizers}});
    portal.admin().patch_merge(&portal.claim(&made), &hold(&["example.org/detach"])).await.unwrap();
    alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    volume_is(&alice, &made, "it is held", |volume| volume.status.id() == CauseId::HeldByFinalizer).await;
    // All that a person can do about a deletion.
    let again = alice.owned_volume(&made.id).await.unwrap();
    again.delete(&made.uid).await.unwrap();
    alice.owned_volume(&made.id).await.unwrap().remove_finished_pods(&made.uid).await.unwrap();
    // Kubernetes' own, which protects claims in use, comes and goes beside it.
    let left = portal.live(&made).await["metadata"]["finalizers"].clone();
    assert!(left.as_array().is_some_and(|left| left.contains(&json!("example.org/detach"))), "{left}");
    portal.admin().patch_merge(&portal.claim(&made), &hold(&[])).await.unwrap();
    portal.admin().wait_until(&portal.claim(&made), PATIENCE, Value::is_null).await.unwrap();
    portal.end().await;
}

#[tokio::test]
async fn d_16_with_a_slow_api_server_lists_answer_at_once_and_an_act_asks_twice_at_most() {
    let spoilt = Spoilt::start().await;
    let made = spoilt.alice.create_volume(&wish("data", "standard")).await.unwrap();
    let calls = || ["GET ", "POST ", "PATCH ", "DELETE "].map(|method| spoilt.between.heard(method)).iter().sum::<usize>();
    // Watches are open already; from now on whoever asks waits.
    spoilt.between.spoil(|request| (!request.contains("watch=true")).then_some(Fault::Late(Duration::from_secs(2))));
    let before = calls();
    let asked = Instant::now();
    let another = wish("more", "standard");
    let creating = spoilt.alice.create_volume(&another);
    let reading = async {
        for _ in 0..1000 {
            assert!(spoilt.alice.volumes().unwrap().iter().any(|volume| volume.uid == made.uid));
        }
        asked.elapsed()
    };
    let (created, read) = tokio::join!(creating, reading);
    created.unwrap();
    assert!(asked.elapsed() >= Duration::from_secs(2) && read < Duration::from_secs(2), "{:?} {read:?}", asked.elapsed());
    assert!(calls() - before <= 2, "a create asked {} times", calls() - before);
    let before = calls();
    let owned = spoilt.alice.owned_volume(&made.id).await.unwrap();
    owned.describe(&made.uid, &Words { description: Some("slowly".into()), ..Words::default() }).await.unwrap();
    // The proof that it is theirs, and the act itself.
    assert!(calls() - before <= 2, "a change asked {} times", calls() - before);

    spoilt.between.spoil(|request| request.starts_with("PATCH").then_some(Fault::Late(Duration::from_secs(60))));
    let (before, asked) = (spoilt.between.heard("PATCH"), Instant::now());
    let words = Words { description: Some("never".into()), ..Words::default() };
    let refused = spoilt.alice.owned_volume(&made.id).await.unwrap().describe(&made.uid, &words).await;
    assert!(matches!(refused, Err(Error::Slow)), "{refused:?}");
    assert!(asked.elapsed() < Duration::from_secs(25), "{:?}", asked.elapsed());
    assert_eq!(spoilt.between.heard("PATCH") - before, 1, "what was not answered is not asked again");
    spoilt.namespace.delete().await.unwrap();
}

/// A token of the portal's own account.
async fn token(ground: &Ground) -> String {
    let path = "/api/v1/namespaces/stowage-system/serviceaccounts/stowage/token";
    let answer = ground.admin().post(path, &json!({"spec": {"expirationSeconds": 3600}})).await.unwrap();
    answer["status"]["token"].as_str().unwrap().to_owned()
}

fn changed(kubeconfig: &Path, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut read: Value = serde_json::from_slice(&std::fs::read(kubeconfig).unwrap()).unwrap();
    change(&mut read);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, read.to_string()).unwrap();
    file
}

#[tokio::test]
async fn d_18_a_token_that_is_changed_in_its_file_is_used_within_a_minute_without_a_restart() {
    let ground = Ground::current().await.unwrap();
    let namespace = ground.namespace("token").await.unwrap();
    let between = Interference::start(&ground).await;
    let (old, new) = (token(&ground).await, token(&ground).await);
    assert_ne!(old, new);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("token-{}", namespace.name()));
    std::fs::write(&file, &old).unwrap();
    let kubeconfig = changed(&between.kubeconfig, &format!("rotating-{}", namespace.name()), |read| {
        *read.pointer_mut("/users/0/user").unwrap() = json!({"tokenFile": file});
    });
    let options = Options { kubeconfig: Some(kubeconfig), namespace: namespace.name().to_owned(), ..Options::default() };
    let cluster = Cluster::connect(options).await.unwrap();
    timeout(PATIENCE, cluster.synced()).await.unwrap();
    let alice = cluster.as_user(person("alice", false));
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    assert!(between.heard_by(&old) > 0 && between.heard_by(&new) == 0);
    // As the kubelet does it: another file in its place.
    let next = file.with_extension("next");
    std::fs::write(&next, &new).unwrap();
    std::fs::rename(&next, &file).unwrap();
    let (rotated, mut pace) = (Instant::now(), interval(Duration::from_millis(500)));
    while between.heard_by(&new) == 0 {
        pace.tick().await;
        assert!(rotated.elapsed() < Duration::from_secs(75), "the new token is not used");
        alice.owned_volume(&made.id).await.unwrap();
    }
    let used = between.heard_by(&old);
    alice.owned_volume(&made.id).await.unwrap();
    assert_eq!(between.heard_by(&old), used, "the old one is not used again");
    namespace.delete().await.unwrap();
}

#[tokio::test]
async fn d_37_each_kind_is_watched_once_however_many_people_look() {
    let spoilt = Spoilt::start().await;
    let watches = || spoilt.between.asked(|request| request.contains("watch=true"));
    let everything = || spoilt.between.heard("");
    let kinds = |requests: &[String]| {
        let mut kinds: Vec<_> = requests.iter().map(|request| request.split('?').next().unwrap_or_default().to_owned()).collect();
        kinds.sort();
        kinds
    };
    let before = everything();
    spoilt.alice.create_volume(&wish("first", "standard")).await.unwrap();
    let (begun, asked) = (kinds(&watches()), everything());
    assert!(begun.len() > 5, "{begun:?}");
    assert!(begun.windows(2).all(|pair| pair[0] != pair[1]), "one watch of a kind: {begun:?}");

    // Every other one is alice in another browser; the others look at everybody's.
    let mut streams = Vec::new();
    for number in 0..100 {
        let subject = if number % 2 == 0 { "alice".to_owned() } else { format!("admin-{number}") };
        let person = spoilt.cluster.as_user(person(&subject, number % 2 == 1));
        assert!(person.tasks().unwrap().is_empty());
        let (volumes, stream) = match person.clone().admin() {
            Ok(admin) => (admin.volumes().unwrap(), admin.changes()),
            Err(_) => (person.volumes().unwrap(), person.changes()),
        };
        assert_eq!(volumes.len(), 1);
        streams.push(stream);
    }
    spoilt.alice.create_volume(&wish("second", "standard")).await.unwrap();
    for stream in &mut streams {
        timeout(PATIENCE, stream.changed()).await.unwrap().unwrap();
    }
    assert_eq!(kinds(&watches()), begun, "and everybody hears of it by the same watches");
    let (first, second) = (asked - before, everything() - asked);
    assert!(second < first + 20, "a hundred who look ask the API server nothing: {first} requests for a volume, then {second}");
    spoilt.namespace.delete().await.unwrap();
}
