//! Do values reach tasks, and nobody else?

use crate::{
    people::{PATIENCE, Portal, key, until},
    tasks::{is_in, log, plan},
};
use cluster::{Error, LogAsk, UserCluster};
use domain::{
    name::{ObjectName, SecretName},
    problem::Code,
    secret::{Secret, SecretSpec},
    task::{FromSecret, Plan, TaskState},
};
use ground::ACCOUNT;
use serde_json::{Value, json};

fn spec(name: &str, values: &[(&str, &str)]) -> SecretSpec {
    let value = |(key, value): &(&str, &str)| (key.parse().unwrap(), (*value).to_owned().into());
    SecretSpec { name: name.parse().unwrap(), values: values.iter().map(value).collect() }
}

fn name(text: &str) -> SecretName {
    text.parse().unwrap()
}

fn reading(mut plan: Plan, env: &str, from: &str) -> Plan {
    plan.spec.secrets.push(FromSecret::read(env.parse().unwrap(), from).unwrap());
    plan
}

/// Where the values are, and what is known about them.
fn paths(portal: &Portal, owner: &str, secret: &str) -> [String; 2] {
    let object = ObjectName::of_secret(&key(owner), &name(secret));
    ["secrets", "configmaps"].map(|kind| portal.namespace.path(&format!("{kind}/{object}")))
}

async fn are_there(portal: &Portal, owner: &str, secret: &str) -> [bool; 2] {
    let mut there = [false; 2];
    for (path, there) in paths(portal, owner, secret).iter().zip(&mut there) {
        *there = match portal.admin().get(path).await {
            Err(absent) if absent.is_not_found() => false,
            answer => answer.map(|_| true).unwrap(),
        };
    }
    there
}

async fn names(person: &UserCluster) -> Vec<String> {
    person.secrets().await.unwrap().iter().map(|secret| secret.name.to_string()).collect()
}

#[tokio::test]
async fn g2_82_what_is_put_in_reaches_the_task_and_nobody_reads_it_from_the_portal() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let made = alice.create_secret(&spec("s3", &[("ID", "one"), ("KEY", "two $(ID) $$ \"lines\"\nlast")])).await.unwrap();
    assert_eq!(made.keys.iter().map(|key| key.as_str()).collect::<Vec<_>>(), ["ID", "KEY"]);
    let shown = alice.secrets().await.unwrap();
    assert_eq!((shown.as_slice(), shown[0].is_incomplete), (&[made.clone()][..], false));

    let reads = reading(reading(plan("reads", "echo \"$A|$B\""), "A", "s3/ID"), "B", "s3/KEY");
    alice.try_submit(&reads).await.unwrap();
    let task = alice.submit(&reads).await.unwrap();
    is_in(&alice, &task.id, TaskState::Succeeded).await;
    assert_eq!(log(&alice, &task.id, &LogAsk::default()).await, "one|two $(ID) $$ \"lines\"\nlast\n");
    let detail = alice.task(&task.id).unwrap();
    assert_eq!(detail.secrets, [("A".to_owned(), "s3/ID".to_owned()), ("B".to_owned(), "s3/KEY".to_owned())]);
    assert!(!format!("{detail:?}").contains("lines"), "its values are nowhere in what is known of it");
    let using = alice.tasks_with_secrets().unwrap();
    assert!(using.len() == 1 && using[0].0.id == task.id && using[0].1.contains("s3"), "{using:?}");

    // Bob's of this name is another one.
    assert_eq!(names(&bob).await, [""; 0]);
    bob.create_secret(&spec("s3", &[("ID", "bobs")])).await.unwrap();
    let his = bob.submit(&reading(plan("reads", "echo $A"), "A", "s3/ID")).await.unwrap();
    is_in(&bob, &his.id, TaskState::Succeeded).await;
    assert_eq!(log(&bob, &his.id, &LogAsk::default()).await, "bobs\n");

    let account = portal.admin().acting_as(ACCOUNT);
    let [values, _] = paths(&portal, "alice", "s3");
    for path in [values, portal.namespace.path("secrets")] {
        assert_eq!(account.get(&path).await.unwrap_err().status(), Some(403), "the portal cannot read {path}");
    }
    portal.end().await;
}

#[tokio::test]
async fn another_persons_secret_is_as_absent_as_one_that_never_was() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let made = alice.create_secret(&spec("s3", &[("ID", "one")])).await.unwrap();
    assert!(matches!(bob.secret(&made.name).await, Err(Error::NotFound)));
    assert!(matches!(bob.delete_secret(&made.name, &made.uid).await, Err(Error::NotFound)));
    assert!(matches!(bob.replace_secret(&spec("s3", &[("ID", "bobs")]), &made.uid).await, Err(Error::NotFound)));
    let refused = async |plan: &Plan| bob.submit(plan).await.unwrap_err().problem();
    let hers = refused(&reading(plan("reads", "true"), "A", "s3/ID")).await;
    let never = refused(&reading(plan("reads", "true"), "A", "s4/ID")).await;
    assert_eq!(hers.fields.get("secrets").unwrap().replace("s3", "s4"), never.fields.get("secrets").unwrap());
    assert_eq!(bob.tasks().unwrap(), [], "nothing was made");
    assert_eq!(are_there(&portal, "alice", "s3").await, [true, true]);

    // What carries another's mark is nobody's, whatever it is called.
    let [_, about] = paths(&portal, "alice", "s3");
    let stolen = json!({"metadata": {"annotations": {"stowage.dev/owner-sub": "bob"}}});
    portal.admin().patch_merge(&about, &stolen).await.unwrap();
    assert_eq!((names(&alice).await, names(&bob).await), (vec![], vec![]));
    portal.end().await;
}

#[tokio::test]
async fn new_values_take_the_place_of_all_old_ones_and_a_task_reads_those() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let first = alice.create_secret(&spec("s3", &[("ID", "one"), ("KEY", "two")])).await.unwrap();
    let taken = alice.create_secret(&spec("s3", &[("ID", "x")])).await.unwrap_err().problem();
    assert_eq!((taken.code, taken.fields.get("name").is_some()), (Code::Conflict, true));

    let second = alice.replace_secret(&spec("s3", &[("ID", "three")]), &first.uid).await.unwrap();
    assert_ne!(first.uid, second.uid);
    assert!(matches!(alice.replace_secret(&spec("s3", &[("ID", "x")]), &first.uid).await, Err(Error::Stale)));
    assert!(matches!(alice.delete_secret(&first.name, &first.uid).await, Err(Error::Stale)));
    let refused = alice.submit(&reading(plan("reads", "true"), "A", "s3/KEY")).await.unwrap_err().problem();
    assert!(refused.fields.get("secrets").unwrap().starts_with("Your Secret s3 has no key KEY."), "{refused:?}");
    let task = alice.submit(&reading(plan("reads", "echo $A"), "A", "s3/ID")).await.unwrap();
    is_in(&alice, &task.id, TaskState::Succeeded).await;
    assert_eq!(log(&alice, &task.id, &LogAsk::default()).await, "three\n");

    alice.delete_secret(&second.name, &second.uid).await.unwrap();
    assert_eq!(are_there(&portal, "alice", "s3").await, [false, false], "both are gone at once");
    assert!(matches!(alice.delete_secret(&second.name, &second.uid).await, Err(Error::NotFound)));
    portal.end().await;
}

#[tokio::test]
async fn a_secret_whose_values_are_missing_says_so_and_can_be_put_in_again() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    alice.create_secret(&spec("other", &[("ID", "one")])).await.unwrap();
    let made = alice.create_secret(&spec("s3", &[("ID", "one")])).await.unwrap();
    let [values, about] = paths(&portal, "alice", "s3");
    portal.admin().delete(&values).await.unwrap();
    let incomplete: Vec<bool> = alice.secrets().await.unwrap().iter().map(|secret| secret.is_incomplete).collect();
    assert_eq!(incomplete, [false, true]);
    let reads = reading(plan("reads", "echo $A"), "A", "s3/ID");
    let refused = alice.submit(&reads).await.unwrap_err().problem();
    assert!(refused.fields.get("secrets").unwrap().contains("are missing"), "{refused:?}");
    let again = alice.replace_secret(&spec("s3", &[("ID", "two")]), &made.uid).await.unwrap();
    assert_eq!(alice.secret(&again.name).await.unwrap(), Secret { is_incomplete: false, ..again });
    alice.try_submit(&reads).await.unwrap();

    // What is known of them takes the values along.
    portal.admin().delete(&about).await.unwrap();
    portal.admin().wait_until(&values, PATIENCE, Value::is_null).await.unwrap();
    assert_eq!(names(&alice).await, ["other"]);
    portal.end().await;
}

#[tokio::test]
async fn a_pod_whose_secret_was_deleted_waits_until_it_is_put_in_again() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let made = alice.create_secret(&spec("s3", &[("ID", "one")])).await.unwrap();
    let mut stays = reading(plan("stays", "echo $A; trap 'exit 1' TERM; while :; do sleep 0.2; done"), "A", "s3/ID");
    stays.spec.retries = 1;
    let task = alice.submit(&stays).await.unwrap();
    let first = is_in(&alice, &task.id, TaskState::Running).await.pods.remove(0).name;
    alice.delete_secret(&made.name, &made.uid).await.unwrap();
    portal.admin().delete(&portal.namespace.path(&format!("pods/{first}"))).await.unwrap();
    let waits = || {
        let pods = alice.task(&task.id).ok()?.task.pods;
        pods.into_iter().find(|pod| pod.name != first && pod.reason.as_deref() == Some("CreateContainerConfigError"))
    };
    let pod = until(alice.changes(), "its container cannot be set up", waits).await;
    let object = ObjectName::of_secret(&key("alice"), &made.name);
    assert_eq!(pod.message.as_deref(), Some(format!("secret \"{object}\" not found").as_str()), "as its cause reads it");

    alice.create_secret(&spec("s3", &[("ID", "two")])).await.unwrap();
    let runs = || {
        alice
            .task(&task.id)
            .ok()
            .filter(|detail| detail.task.pods.iter().any(|now| now.name == pod.name && now.started.is_some()))
            .map(drop)
    };
    until(alice.changes(), "it starts by itself", runs).await;
    portal.end().await;
}
