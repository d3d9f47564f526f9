//! Does nobody get more than one person may have, whatever they ask for at once; and what is said where a namespace has no room?

use crate::{
    people::{PATIENCE, Portal, growable, until, wish},
    tasks::plan,
};
use cluster::{Error, UserCluster};
use domain::{
    limits::{Amounts, PerPerson},
    problem::Code,
    quantity::Size,
    task::{
        Plan, Task, TaskState,
        cause::{Cause, CauseId, Facts, cause},
    },
    volume::VolumeSpec,
};
use futures::future::join_all;
use serde_json::{Value, json};

fn lasting(name: &str) -> Plan {
    plan(name, "trap 'exit 0' TERM; while :; do sleep 0.2; done")
}

/// How many were taken; what was refused was refused by the limit.
fn taken<T>(answers: Vec<Result<T, Error>>) -> usize {
    let refused = |answer: &Result<T, Error>| match answer {
        Ok(_) => false,
        Err(Error::BeyondLimit(_)) => true,
        Err(other) => panic!("{other:?}"),
    };
    answers.iter().filter(|answer| !refused(answer)).count()
}

#[tokio::test]
async fn of_many_tasks_at_once_only_as_many_as_allowed_are_made_and_what_is_over_makes_room() {
    let portal = Portal::limited(PerPerson { tasks: Some(2), ..PerPerson::default() }).await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let plans: Vec<_> = (0..6).map(|n| lasting(&format!("t{n}"))).collect();
    assert_eq!(taken(join_all(plans.iter().map(|plan| alice.submit(plan))).await), 2);
    let running = alice.tasks().unwrap();
    assert_eq!((running.len(), alice.has().unwrap().tasks), (2, 2));
    let refused = alice.submit(&lasting("more")).await.unwrap_err().problem();
    assert_eq!(refused.code, Code::Quota);
    assert!(refused.message.starts_with("You have 2 of 2 running tasks. Stop one that is not needed"), "{refused:?}");
    assert!(bob.submit(&lasting("his")).await.is_ok(), "another person has their own");
    alice.owned_task(&running[0].id).await.unwrap().stop(&running[0].uid).await.unwrap();
    until(alice.changes(), "it is over", || alice.task(&running[0].id).ok().filter(|detail| detail.task.state.is_over())).await;
    alice.submit(&lasting("next")).await.unwrap();
    portal.end().await;
}

#[tokio::test]
async fn a_growth_and_a_new_volume_at_once_do_not_both_take_what_is_left() {
    const MI: u64 = 1 << 20;
    let portal = Portal::limited(PerPerson { size: Some(Size::from_bytes(60 * MI)), ..PerPerson::default() }).await;
    let alice = portal.alice();
    let data = growable(&portal, &alice).await;
    assert_eq!(alice.has().unwrap(), Amounts { volumes: 1, bytes: 16 * MI, ..Amounts::default() });
    let new = VolumeSpec { size: Size::from_bytes(24 * MI), ..wish("fresh", "standard") };
    let owned = alice.owned_volume(&data.id).await.unwrap();
    let (grown, made) = futures::future::join(owned.expand(&data.uid, Size::from_bytes(40 * MI)), alice.create_volume(&new)).await;
    assert_eq!(taken(vec![grown, made.map(drop)]), 1);
    let asked = VolumeSpec { name: "more".parse().unwrap(), ..new };
    for refused in [alice.try_create(&asked).await.unwrap_err(), alice.create_volume(&asked).await.unwrap_err()] {
        let problem = refused.problem();
        assert!(problem.fields.get("size").unwrap().contains("Your volumes have 40 Mi of 60 Mi, so 20 Mi are left"), "{problem:?}");
    }
    portal.end().await;
}

async fn rule(portal: &Portal, kind: &str, plural: &str, spec: Value) {
    let rule = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "rule"}, "spec": spec});
    portal.admin().post(&portal.namespace.path(plural), &rule).await.unwrap();
}

/// The task's cause, once it is this one.
async fn explained(alice: &UserCluster, task: &Task, id: CauseId) -> Cause {
    until(alice.changes(), "its cause", || {
        let detail = alice.task(&task.id).ok()?;
        let now = detail.task.submitted;
        let cause = cause(&Facts { task: &detail.task, events: &detail.events, volumes: &[], now });
        (cause.id() == id).then_some(cause)
    })
    .await
}

#[tokio::test]
async fn a_task_that_finds_no_room_in_the_quota_says_so_with_numbers_before_and_after_and_starts_when_there_is_some() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    rule(&portal, "ResourceQuota", "resourcequotas", json!({"hard": {"limits.memory": "40Mi", "pods": "9"}})).await;
    let counted = |quota: &Value| !quota["status"]["used"].is_null();
    portal.admin().wait_until(&portal.namespace.path("resourcequotas/rule"), PATIENCE, counted).await.unwrap();
    let first = alice.submit(&lasting("first")).await.unwrap();
    until(alice.changes(), "it runs", || alice.task(&first.id).ok().filter(|detail| detail.task.state == TaskState::Running)).await;
    let next = lasting("next");
    let room = until(alice.changes(), "the quota is known", || alice.no_room(&next).unwrap().pop()).await;
    let known = "The namespace's quota allows 40 Mi of memory for all people together";
    assert_eq!(
        (room.is_never, room.sentence),
        (false, format!("{known}, 32 Mi of memory are taken, and this asks for 32 Mi of memory: it waits until others end."))
    );
    // The cluster takes the Job, and refuses its pods.
    alice.try_submit(&next).await.unwrap();
    let second = alice.submit(&next).await.unwrap();
    let told = explained(&alice, &second, CauseId::QuotaReached).await;
    let (_, sentence) = told.explanation().unwrap();
    assert!(sentence.contains(&format!("{known}; 32 Mi of memory are taken, and this asks for 32 Mi of memory.")), "{sentence}");
    alice.owned_task(&first.id).await.unwrap().stop(&first.uid).await.unwrap();
    until(alice.changes(), "it starts by itself", || alice.task(&second.id).ok().filter(|detail| detail.task.state == TaskState::Running))
        .await;
    portal.end().await;
}

#[tokio::test]
async fn pods_that_a_limit_range_or_pod_security_refuses_are_told_in_sentences() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let good = alice.submit(&plan("good", "true")).await.unwrap();
    // The same Job with a pod that may not be: the portal makes none, so the administrator does.
    let jobs = format!("/apis/batch/v1/namespaces/{}/jobs", portal.namespace.name());
    let mut weak = portal.admin().get(&format!("{jobs}/{}", good.job)).await.unwrap();
    let (labels, annotations) = (weak["metadata"]["labels"].clone(), weak["metadata"]["annotations"].clone());
    weak["metadata"] = json!({"name": "weak-weak1234", "labels": labels, "annotations": annotations});
    for field in ["/metadata/labels", "/spec/template/metadata/labels"] {
        let labels = weak.pointer_mut(field).unwrap().as_object_mut().unwrap();
        labels.retain(|key, _| !key.contains("controller-uid") && !key.contains("job-name"));
        labels.insert("task-id".into(), "weak1234".into());
    }
    weak["spec"].as_object_mut().unwrap().remove("selector");
    weak.as_object_mut().unwrap().remove("status");
    weak["spec"]["template"]["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    portal.admin().post(&jobs, &weak).await.unwrap();
    let weak = until(alice.changes(), "the weak one", || alice.tasks().unwrap().into_iter().find(|task| task.job == "weak-weak1234")).await;
    let told = explained(&alice, &weak, CauseId::RulesRefused).await;
    let (_, sentence) = told.explanation().unwrap();
    assert!(sentence.contains("violates PodSecurity \"restricted:latest\": privileged"), "{sentence}");

    rule(&portal, "LimitRange", "limitranges", json!({"limits": [{"type": "Container", "max": {"memory": "20Mi"}}]})).await;
    // The limit takes effect when the API server's own watch has seen it.
    let mut pod = portal.admin().get(&format!("{jobs}/{}", good.job)).await.unwrap()["spec"]["template"].clone();
    (pod["apiVersion"], pod["kind"], pod["metadata"]["name"]) = ("v1".into(), "Pod".into(), "tried".into());
    let seen = async { while portal.admin().post(&portal.namespace.path("pods?dryRun=All"), &pod).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, seen).await.unwrap();
    let large = alice.submit(&plan("large", "true")).await.unwrap();
    let told = explained(&alice, &large, CauseId::LimitRefused).await;
    let (_, sentence) = told.explanation().unwrap();
    assert!(sentence.contains("One pod may have at most 20 Mi of memory, and it asks for 32 Mi of memory."), "{sentence}");
    portal.end().await;
}
