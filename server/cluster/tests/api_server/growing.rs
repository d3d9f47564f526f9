//! What grows, what does not, and what may be said about a volume?

use crate::people::{Portal, growable, key, ready, wish};
use cluster::{Error, UserCluster};
use domain::{
    allowed::WhyNot,
    label::Labels,
    problem::{Code, Problem},
    quantity::Size,
    volume::{Volume, VolumeSpec, Words},
};
use serde_json::{Value, json};

fn mi(number: u64) -> Size {
    Size::from_bytes(number << 20)
}

async fn grow(person: &UserCluster, volume: &Volume, size: Size) -> Result<(), Error> {
    person.owned_volume(&volume.id).await?.expand(&volume.uid, size).await
}

async fn asked(portal: &Portal, volume: &Volume) -> Value {
    portal.live(volume).await["spec"]["resources"]["requests"]["storage"].clone()
}

#[tokio::test]
async fn c3_064_a_volume_grows_and_never_shrinks_and_the_list_shows_it_when_the_answer_comes() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = growable(&portal, &alice).await;
    grow(&alice, &made, mi(64)).await.unwrap();
    assert_eq!(asked(&portal, &made).await, "64Mi");
    assert_eq!(alice.volume(&made.id).unwrap().volume.requested, mi(64));
    // Equal is no change and no error.
    let before = portal.live(&made).await["metadata"]["resourceVersion"].clone();
    grow(&alice, &made, mi(64)).await.unwrap();
    assert_eq!(portal.live(&made).await["metadata"]["resourceVersion"], before);
    // It has not grown yet, so less may be asked for, but not what it has or less.
    grow(&alice, &made, mi(32)).await.unwrap();
    assert_eq!(asked(&portal, &made).await, "32Mi");
    for low in [16, 8] {
        let refused = grow(&alice, &made, mi(low)).await.unwrap_err().problem();
        assert_eq!(refused.code, Code::Invalid);
        assert!(refused.fields.get("size").is_some(), "{refused:?}");
    }
    assert_eq!(asked(&portal, &made).await, "32Mi");
    portal.end().await;
}

#[tokio::test]
async fn c3_064_a_class_without_growth_says_so_and_a_volume_that_is_not_there_yet_waits() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let class = growable(&portal, &alice).await.class.unwrap();
    let pending = alice.create_volume(&wish("pending", &class)).await.unwrap();
    let refused = grow(&alice, &pending, mi(64)).await.unwrap_err();
    assert!(matches!(refused, Error::NotAllowed(WhyNot::NotReady)), "{refused:?}");
    // Where waiting would not help, it is not what is said.
    let never = alice.create_volume(&wish("never", "standard")).await.unwrap();
    let refused = grow(&alice, &never, mi(64)).await.unwrap_err();
    assert!(matches!(refused, Error::NotAllowed(WhyNot::ClassCannotGrow)), "{refused:?}");
    let bound = ready(&portal, &alice, &wish("bound", "standard")).await;
    let refused = grow(&alice, &bound, mi(64)).await.unwrap_err();
    assert!(matches!(refused, Error::NotAllowed(WhyNot::ClassCannotGrow)), "{refused:?}");
    assert_eq!(refused.problem().code, Code::Invalid);
    assert_eq!(asked(&portal, &bound).await, "16Mi");
    portal.end().await;
}

#[tokio::test]
async fn c3_064_the_api_servers_own_refusal_to_grow_is_told_in_the_same_words() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = ready(&portal, &alice, &wish("bound", "standard")).await;
    let patch = json!({"spec": {"resources": {"requests": {"storage": "64Mi"}}}});
    let refused = portal.admin().patch_merge(&portal.claim(&made), &patch).await.unwrap_err();
    // What `classify` reads is what this API server says.
    assert!(refused.to_string().contains("is forbidden: only dynamically provisioned pvc can be resized"), "{refused}");
    portal.end().await;
}

#[tokio::test]
async fn c3_040_a_stranger_and_a_stale_tab_change_nothing() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let made = growable(&portal, &alice).await;
    let never = "zzzzzzzz".parse().unwrap();
    for id in [&made.id, &never] {
        assert_eq!(bob.owned_volume(id).await.err().unwrap().problem(), Problem::not_found());
        assert_eq!(bob.manifest(id).await.unwrap_err().problem(), Problem::not_found());
    }
    let former = "00000000-0000-0000-0000-000000000000";
    let owned = || alice.owned_volume(&made.id);
    let words = Words { description: Some("d".into()), ..Words::default() };
    assert!(matches!(owned().await.unwrap().expand(former, mi(64)).await, Err(Error::Stale)));
    assert!(matches!(owned().await.unwrap().describe(former, &words).await, Err(Error::Stale)));
    assert!(matches!(owned().await.unwrap().remove_finished_pods(former).await, Err(Error::Stale)));
    // Taken from her between proof and act: it is not there any more.
    let (growth, words_too) = (owned().await.unwrap(), owned().await.unwrap());
    let relabel = json!({"metadata": {"labels": {"stowage.dev/owner": key("bob")}}});
    portal.admin().patch_merge(&portal.claim(&made), &relabel).await.unwrap();
    assert!(matches!(growth.expand(&made.uid, mi(64)).await, Err(Error::NotFound)));
    assert!(matches!(words_too.describe(&made.uid, &words).await, Err(Error::NotFound)));
    let live = portal.live(&made).await;
    assert_eq!(live["spec"]["resources"]["requests"]["storage"], "16Mi");
    assert!(live["metadata"]["annotations"]["stowage.dev/description"].is_null());
    portal.end().await;
}

#[tokio::test]
async fn words_are_said_and_taken_away_and_nothing_else_changes() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let pairs = |text| Labels::typed(text).unwrap();
    let spec = VolumeSpec {
        description: Some("old".into()),
        mount_path: "/old".parse().ok(),
        labels: pairs("stage=dev old=yes"),
        ..wish("data", "standard")
    };
    let made = alice.create_volume(&spec).await.unwrap();
    let describe = async |words: Words| alice.owned_volume(&made.id).await.unwrap().describe(&made.uid, &words).await;
    describe(Words { description: Some("cats".into()), mount_path: "/cats".parse().ok(), labels: pairs("stage=prod owner=me") })
        .await
        .unwrap();
    let seen = alice.volume(&made.id).unwrap().volume;
    assert_eq!((seen.description.as_deref(), seen.mount_path.as_str()), (Some("cats"), "/cats"));
    assert_eq!(seen.labels, pairs("stage=prod owner=me"));
    let labels = portal.live(&made).await["metadata"]["labels"].clone();
    assert_eq!((&labels["label.stowage.dev/owner"], &labels["label.stowage.dev/old"]), (&json!("me"), &json!(null)));
    assert_eq!(labels["stowage.dev/owner"], json!(key("alice")), "whatever a person calls their labels, the owner stays");
    describe(Words::default()).await.unwrap();
    let seen = alice.volume(&made.id).unwrap().volume;
    assert_eq!((seen.description, seen.mount_path.as_str()), (None, "/volumes/data"));
    assert!(seen.labels.is_empty());
    let annotations = portal.live(&made).await["metadata"]["annotations"].clone();
    assert_eq!(annotations["stowage.dev/owner-sub"], "alice", "the proof of who owns it stays");
    let keys: Vec<&String> = annotations.as_object().unwrap().keys().filter(|key| key.starts_with("stowage.dev/")).collect();
    assert_eq!(keys, ["stowage.dev/owner-iss", "stowage.dev/owner-sub"]);
    // A change that somebody else made in between is kept.
    let owned = alice.owned_volume(&made.id).await.unwrap();
    portal.admin().patch_merge(&portal.claim(&made), &json!({"metadata": {"labels": {"team": "x"}}})).await.unwrap();
    owned.describe(&made.uid, &Words { description: Some("dogs".into()), ..Words::default() }).await.unwrap();
    let live = portal.live(&made).await;
    assert_eq!(
        (&live["metadata"]["labels"]["team"], &live["metadata"]["annotations"]["stowage.dev/description"]),
        (&json!("x"), &json!("dogs"))
    );
    portal.end().await;
}

#[tokio::test]
async fn the_manifest_is_the_live_claim_without_bookkeeping() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let live = alice.manifest(&made.id).await.unwrap();
    assert_eq!((&live["metadata"]["uid"], &live["kind"]), (&json!(made.uid), &json!("PersistentVolumeClaim")));
    assert!(live["metadata"]["managedFields"].is_null());
    let text = cluster::yaml(&live).unwrap();
    assert!(text.contains(&format!("name: {}", made.claim)) && text.contains("storageClassName: standard"), "{text}");
    portal.end().await;
}
