//! What becomes of a task, from its submission to its end?

use crate::{
    interference::Fault,
    people::{PATIENCE, Portal, ready, until, wish},
    spoilt::{Spoilt, first},
};
use cluster::{Error, LogAsk, TaskDetail, UserCluster};
use domain::{
    access::AccessMode,
    allowed::WhyNot,
    name::TaskId,
    problem::Code,
    quantity::Size,
    task::{Attachments, Mount, Plan, PodState, Resources, Task, TaskSpec, TaskState, Want},
    volume::{Volume, VolumeSpec},
};
use futures::TryStreamExt;
use serde_json::{Value, json};

/// A task that runs this and needs little.
pub fn plan(name: &str, run: &str) -> Plan {
    let resources = Resources {
        cpu_millis: 100,
        memory: Size::from_bytes(32 << 20),
        disk: Size::from_bytes(16 << 20),
        gpus: 0,
        gpu_product: None,
        requested_cpu_millis: Some(5),
        requested_memory: Some(Size::from_bytes(8 << 20)),
    };
    Plan {
        spec: TaskSpec {
            name: name.parse().unwrap(),
            nodes: 1,
            image: "stowage.dev/busybox:1".parse().unwrap(),
            resources,
            volumes: Vec::new(),
            scratch: Vec::new(),
            envs: Vec::new(),
            secrets: Vec::new(),
            setup: None,
            run: run.into(),
            workdir: None,
            completions: 1,
            parallelism: 1,
            retries: 0,
            time_limit: 600,
            keep: 600,
        },
        mounts: Vec::new(),
        attached: Attachments::default(),
        purpose: None,
    }
}

fn mounting(mut plan: Plan, path: &str, claim: &str, uid: Option<&str>, new: Option<VolumeSpec>) -> Plan {
    let path: domain::name::MountPath = path.parse().unwrap();
    plan.spec.volumes.push(Want { path: Some(path.clone()), volume: claim.to_owned(), read_only: false, new: new.clone() });
    let claim = if new.is_some() { None } else { claim.parse().ok() };
    plan.mounts.push(Mount { path, claim, uid: uid.map(str::to_owned), new, read_only: false });
    plan
}

pub fn on(plan: Plan, path: &str, volume: &Volume) -> Plan {
    mounting(plan, path, &volume.claim, Some(&volume.uid), None)
}

async fn task_is(person: &UserCluster, id: &TaskId, what: &str, holds: impl Fn(&Task) -> bool) -> TaskDetail {
    until(person.changes(), what, || person.task(id).ok().filter(|detail| holds(&detail.task))).await
}

pub async fn is_in(person: &UserCluster, id: &TaskId, state: TaskState) -> Task {
    task_is(person, id, state.label(), |task| task.state == state).await.task
}

pub async fn log(person: &UserCluster, id: &TaskId, ask: &LogAsk) -> String {
    let read = async {
        let chunks: Vec<Vec<u8>> = person.task_logs(id, ask).await.unwrap().try_collect().await.unwrap();
        String::from_utf8(chunks.concat()).unwrap()
    };
    tokio::time::timeout(PATIENCE, read).await.expect("the log ends")
}

async fn live(portal: &Portal, task: &Task) -> Value {
    match portal.admin().get(&job(portal, task)).await {
        Err(absent) if absent.is_not_found() => Value::Null,
        answer => answer.unwrap(),
    }
}

fn job(portal: &Portal, task: &Task) -> String {
    format!("/apis/batch/v1/namespaces/{}/jobs/{}", portal.namespace.name(), task.job)
}

#[tokio::test]
async fn a_task_runs_on_its_volume_and_its_owner_sees_it_through() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let data = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let mut plan = on(plan("Train_1", "echo \"$GREETING $$(x) $(pwd)\" | tee /data/out\ncat /data/out"), "/data", &data);
    plan.spec.setup = Some("GREETING='it'\"'\"'s '\"$A\"".into());
    plan.spec.envs = vec![("A".parse().unwrap(), "$(NODE_RANK) ok".into())];
    plan.spec.workdir = Some("/data".parse().unwrap());
    let made = alice.submit(&plan).await.unwrap();
    assert_eq!((made.name.as_str(), made.username.as_str(), made.nodes), ("Train_1", "alice-example.org", 1));
    assert_eq!(alice.tasks().unwrap().len(), 1, "listed at once");
    let over = is_in(&alice, &made.id, TaskState::Succeeded).await;
    assert_eq!((over.pods.len(), over.pods[0].exit_code, over.pods[0].state), (1, Some(0), PodState::Succeeded));
    assert!(over.started >= Some(over.submitted) && over.ended >= over.started, "{over:?}");
    assert_eq!((over.mounts[0].path.as_str(), over.mounts[0].claim.as_str()), ("/data", data.claim.as_str()));
    let said = log(&alice, &made.id, &LogAsk::default()).await;
    assert_eq!(said, "it's $(NODE_RANK) ok 1(x) /data\nit's $(NODE_RANK) ok 1(x) /data\n", "the shell alone reads what was written");
    let detail = alice.task(&made.id).unwrap();
    assert!(detail.events.iter().any(|event| event.reason == "SuccessfulCreate"), "{:?}", detail.events);
    assert_eq!(
        (detail.envs, detail.run, detail.workdir.as_deref()),
        (vec![("A".into(), "$(NODE_RANK) ok".into())], plan.spec.run, Some("/data"))
    );
    assert_eq!(detail.resources, "0.1 CPUs, 32 Mi of memory, 16 Mi of disk");
    // The volume knows its task.
    let used = alice.volume(&data.id).unwrap().volume.used_by;
    assert_eq!(used[0].task.as_deref(), Some("Train_1"));
    // c3_059: a claim of one's own is mounted, and which one it was is written down.
    let job = live(&portal, &made).await;
    let claims: Value = serde_json::from_str(job["metadata"]["annotations"]["stowage.dev/claims"].as_str().unwrap()).unwrap();
    assert_eq!(claims, json!({ (data.claim.as_str()): data.uid }));

    // Another person's task is not there.
    assert!(bob.tasks().unwrap().is_empty());
    assert!(matches!(bob.task(&made.id), Err(Error::NotFound)));
    assert!(matches!(bob.owned_task(&made.id).await.err(), Some(Error::NotFound)));
    assert!(matches!(bob.task_logs(&made.id, &LogAsk::default()).await.err(), Some(Error::NotFound)));
    portal.end().await;
}

#[tokio::test]
async fn a_task_that_fails_says_with_which_code_and_the_rest_of_its_script_does_not_run() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let mut plan = plan("fails", "echo two; exit 3");
    plan.spec.setup = Some("echo one".into());
    let made = alice.submit(&plan).await.unwrap();
    let failed = is_in(&alice, &made.id, TaskState::Failed).await;
    assert_eq!(
        (failed.pods[0].exit_code, failed.pods[0].state, failed.pods[0].reason.as_deref()),
        (Some(3), PodState::Failed, Some("Error"))
    );
    assert_eq!(log(&alice, &made.id, &LogAsk { tail_lines: Some(1), ..LogAsk::default() }).await, "two\n");
    assert_eq!(log(&alice, &made.id, &LogAsk { rank: Some(0), ..LogAsk::default() }).await, "one\ntwo\n");
    let refused = alice.owned_task(&made.id).await.unwrap().stop(&made.uid).await.unwrap_err();
    assert!(matches!(refused, Error::NotAllowed(WhyNot::TaskIsOver)), "{refused:?}");

    let mut plan = self::plan("setup-fails", "echo never");
    plan.spec.setup = Some("false".into());
    let made = alice.submit(&plan).await.unwrap();
    is_in(&alice, &made.id, TaskState::Failed).await;
    assert_eq!(log(&alice, &made.id, &LogAsk::default()).await, "");
    portal.end().await;
}

#[tokio::test]
async fn c4_078_two_nodes_write_to_one_volume_each_with_its_rank() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let shared = VolumeSpec { modes: vec![AccessMode::ReadWriteMany], ..wish("shared", "shared") };
    let run = "echo \"$NODE_RANK of $NUM_NODES: $(hostname)\" > /shared/$NODE_RANK\nuntil [ -e /shared/0 ] && [ -e /shared/1 ]; do sleep 0.2; done\ncat /shared/0 /shared/1\necho \"$NODE_PEERS\"";
    let mut plan = mounting(plan("two", run), "/shared", "shared", None, Some(shared));
    plan.spec.nodes = 2;
    (plan.spec.completions, plan.spec.parallelism) = (2, 2);
    let made = alice.submit(&plan).await.unwrap();
    assert_eq!((made.nodes, made.completions), (2, 2));
    let over = is_in(&alice, &made.id, TaskState::Succeeded).await;
    assert_eq!(over.pods.iter().map(|pod| pod.rank).collect::<Vec<_>>(), [0, 1]);
    let name = &made.job;
    let expected = format!("0 of 2: {name}-0\n1 of 2: {name}-1\n{name}-0.{name}\n{name}-1.{name}\n");
    for rank in [0, 1] {
        assert_eq!(log(&alice, &made.id, &LogAsk { rank: Some(rank), ..LogAsk::default() }).await, expected);
    }
    assert_eq!(alice.volumes().unwrap()[0].name, "shared", "made in the same step");
    // What lies between them goes with it.
    let service = portal.namespace.path(&format!("services/{name}"));
    let policy = format!("/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies/{name}", portal.namespace.name());
    assert_eq!(portal.admin().get(&policy).await.unwrap()["metadata"]["ownerReferences"][0]["uid"], json!(made.uid));
    let live = portal.admin().get(&service).await.unwrap();
    assert_eq!((&live["spec"]["clusterIP"], &live["metadata"]["ownerReferences"][0]["uid"]), (&json!("None"), &json!(made.uid)));
    alice.owned_task(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    assert!(alice.tasks().unwrap().is_empty(), "gone when the answer comes");
    portal.admin().wait_until(&service, PATIENCE, Value::is_null).await.unwrap();
    portal.admin().wait_until(&policy, PATIENCE, Value::is_null).await.unwrap();
    portal.end().await;
}

#[tokio::test]
async fn a_task_is_followed_while_it_runs_and_stopped_with_its_record() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let run = "trap 'echo bye; exit 143' TERM\necho hello\nwhile :; do sleep 0.2; done";
    let made = alice.submit(&plan("long", run)).await.unwrap();
    is_in(&alice, &made.id, TaskState::Running).await;
    let mut followed = alice.task_logs(&made.id, &LogAsk { follow: true, ..LogAsk::default() }).await.unwrap();
    assert_eq!(followed.try_next().await.unwrap().unwrap(), b"hello\n");
    assert!(matches!(bob.owned_task(&made.id).await.err(), Some(Error::NotFound)));

    let stale = alice.owned_task(&made.id).await.unwrap().stop("another-uid").await;
    assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    alice.owned_task(&made.id).await.unwrap().stop(&made.uid).await.unwrap();
    assert!(matches!(alice.task(&made.id).unwrap().task.state, TaskState::Stopping | TaskState::Stopped));
    // Again changes nothing.
    let again = alice.owned_task(&made.id).await.unwrap().stop(&made.uid).await;
    assert!(matches!(again, Ok(()) | Err(Error::NotAllowed(WhyNot::TaskIsOver))), "{again:?}");
    let rest: Vec<Vec<u8>> = tokio::time::timeout(PATIENCE, followed.try_collect()).await.expect("the log ends").unwrap();
    assert_eq!(rest.concat(), b"bye\n");
    let stopped = is_in(&alice, &made.id, TaskState::Stopped).await;
    assert!(stopped.ended >= Some(stopped.submitted));
    let pods = portal.namespace.path(&format!("pods?labelSelector=batch.kubernetes.io/job-name={}", made.job));
    let running = |pods: &Value| pods["items"].as_array().is_some_and(|pods| pods.iter().all(|pod| pod["status"]["phase"] != "Running"));
    portal.admin().wait_until(&pods, PATIENCE, running).await.unwrap();
    portal.end().await;
}

#[tokio::test]
async fn c3_058_another_persons_claim_is_refused_like_one_that_never_was_and_nothing_is_made() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let his = bob.create_volume(&wish("his", "standard")).await.unwrap();
    let hers = alice.create_volume(&wish("hers", "standard")).await.unwrap();
    let refusal = async |claim: &str, uid: Option<&str>| {
        let asked = mounting(plan("train", "cat /data/*"), "/data", claim, uid, None);
        let tried = alice.try_submit(&asked).await.unwrap_err().problem();
        let submitted = alice.submit(&asked).await.unwrap_err().problem();
        assert_eq!(tried, submitted, "a try says what the submission says");
        submitted
    };
    let (theirs, unknown) = (refusal(&his.claim, None).await, refusal("never-there-12345678", None).await);
    assert_eq!((theirs.code, unknown.code), (Code::Invalid, Code::Invalid));
    let sentence = |problem: &domain::problem::Problem, claim: &str| problem.fields.get("volumes").unwrap().replace(claim, "X");
    assert_eq!(sentence(&theirs, &his.claim), sentence(&unknown, "never-there-12345678"));
    assert_eq!(refusal(&hers.claim, Some("another-uid")).await.code, Code::Conflict);
    // A new volume beside it is not made either.
    let both = mounting(plan("train", "true"), "/new", "new-one", None, Some(wish("fresh", "standard")));
    let both = mounting(both, "/data", &his.claim, None, None);
    assert!(alice.submit(&both).await.is_err());
    assert_eq!(alice.volumes().unwrap().len(), 1);
    let jobs = format!("/apis/batch/v1/namespaces/{}/jobs", portal.namespace.name());
    assert!(portal.admin().list(&jobs).await.unwrap().is_empty());
    portal.end().await;
}

#[tokio::test]
async fn the_same_id_makes_one_task_and_a_lost_answer_too() {
    let spoilt = Spoilt::start().await;
    let alice = &spoilt.alice;
    let id: TaskId = "once1234".parse().unwrap();
    let asked = plan("once", "true");
    let (one, two) = futures::future::join(alice.submit_as(&id, &asked), alice.submit_as(&id, &asked)).await;
    assert_eq!(one.unwrap().uid, two.unwrap().uid);
    assert!(matches!(alice.submit_as(&id, &plan("other", "true")).await, Err(Error::Stale)), "an id is one task");

    let jobs = format!("/apis/batch/v1/namespaces/{}/jobs", spoilt.namespace.name());
    let made = |request: &str| request.starts_with("POST /apis/batch") && !request.contains("dryRun");
    let mut left = 1;
    spoilt.between.spoil(move |request| {
        let hit = left > 0 && made(request);
        left -= i32::from(hit);
        hit.then_some(Fault::LoseAnswer)
    });
    let lost = alice.submit(&plan("lost", "true")).await.unwrap();
    assert_eq!(alice.tasks().unwrap().iter().filter(|task| task.name == "lost").count(), 1);
    assert_eq!(alice.task(&lost.id).unwrap().task.uid, lost.uid);
    spoilt.between.spoil(move |request| made(request).then_some(Fault::LoseRequest));
    let refused = alice.submit(&plan("never", "true")).await;
    assert!(matches!(refused, Err(Error::Unreachable { .. })), "{refused:?}");
    assert_eq!(spoilt.ground.admin().list(&jobs).await.unwrap().len(), 2);
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn d_12_a_task_that_was_made_in_part_is_shown_as_such_and_can_be_resumed_or_removed() {
    let spoilt = Spoilt::start().await;
    let alice = &spoilt.alice;
    let mut asked = plan("two", "true");
    asked.spec.nodes = 2;
    let services = "POST /api/v1/namespaces";
    for (name, resumes) in [("resumed", true), ("removed", false)] {
        asked.spec.name = name.parse().unwrap();
        spoilt.between.spoil(first(1, services, || Fault::LoseRequest));
        assert!(alice.submit(&asked).await.is_err());
        let part = until(alice.changes(), "the part", || alice.tasks().unwrap().into_iter().find(|task| task.name == name)).await;
        assert_eq!(part.state, TaskState::Incomplete);
        let owned = alice.owned_task(&part.id).await.unwrap();
        if resumes {
            owned.resume(&part.uid).await.unwrap();
            is_in(alice, &part.id, TaskState::Succeeded).await;
            let again = alice.owned_task(&part.id).await.unwrap().resume(&part.uid).await;
            assert!(matches!(again, Err(Error::NotAllowed(WhyNot::TaskIsWhole))), "{again:?}");
        } else {
            assert!(matches!(
                alice.owned_task(&part.id).await.unwrap().stop(&part.uid).await,
                Err(Error::NotAllowed(WhyNot::TaskIncomplete))
            ));
            owned.delete(&part.uid).await.unwrap();
            assert!(alice.task(&part.id).is_err());
        }
    }
    spoilt.namespace.delete().await.unwrap();
}

/// What the portal makes beside a Job belongs to it, so that the cluster removes it also when the Job went before it came.
#[tokio::test]
async fn d_12_a_service_whose_job_is_gone_leaves_by_itself() {
    let spoilt = Spoilt::start().await;
    let alice = &spoilt.alice;
    let mut asked = plan("alone", "true");
    asked.spec.nodes = 2;
    spoilt.between.spoil(first(1, "POST /api/v1/namespaces", || Fault::LoseRequest));
    assert!(alice.submit(&asked).await.is_err());
    let part = until(alice.changes(), "the part", || alice.tasks().unwrap().pop()).await;
    assert_eq!((part.state, alice.has().unwrap().tasks), (TaskState::Incomplete, 1), "what is made in part counts");
    let owned = alice.owned_task(&part.id).await.unwrap();
    let admin = spoilt.ground.admin();
    let job = format!("/apis/batch/v1/namespaces/{}/jobs/{}", spoilt.namespace.name(), part.job);
    admin.delete(&job).await.unwrap();
    admin.wait_until(&job, PATIENCE, Value::is_null).await.unwrap();
    assert!(matches!(owned.resume(&part.uid).await, Err(Error::NotFound)));
    admin.wait_until(&spoilt.namespace.path(&format!("services/{}", part.job)), PATIENCE, Value::is_null).await.unwrap();
    assert_eq!(spoilt.between.heard("POST /api/v1/namespaces"), 2, "the Service was made without its Job");
    spoilt.namespace.delete().await.unwrap();
}

#[tokio::test]
async fn what_the_cluster_refuses_is_said_and_leaves_nothing_behind() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let quota =
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "rule"}, "spec": {"hard": {"count/jobs.batch": "0"}}});
    portal.admin().post(&portal.namespace.path("resourcequotas"), &quota).await.unwrap();
    let counted = |quota: &Value| !quota["status"]["used"].is_null();
    portal.admin().wait_until(&portal.namespace.path("resourcequotas/rule"), PATIENCE, counted).await.unwrap();
    let asked = mounting(plan("train", "true"), "/data", "fresh", None, Some(wish("fresh", "standard")));
    for refused in [alice.try_submit(&asked).await.unwrap_err(), alice.submit(&asked).await.unwrap_err()] {
        assert_eq!(refused.problem().code, Code::Quota, "{refused:?}");
        let sentence = refused.problem().message;
        assert!(sentence.contains("allows 0 tasks; 0 tasks are there, with those that are over. Delete a task"), "{sentence}");
    }
    assert!(alice.volumes().unwrap().is_empty() && alice.tasks().unwrap().is_empty());
    portal.end().await;
}

#[tokio::test]
async fn an_administrator_sees_whose_task_it_is_and_may_stop_it() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let admin = portal.cluster.as_user(crate::people::person("root", true)).admin().unwrap();
    let made = alice.submit(&plan("long", "trap 'exit 0' TERM; echo on; while :; do sleep 0.2; done")).await.unwrap();
    is_in(&alice, &made.id, TaskState::Running).await;
    let seen = admin.task(&made.id).unwrap().task;
    assert_eq!((seen.owner_subject.as_deref(), seen.username.as_str()), (Some("alice"), "alice-example.org"));
    let mut followed = admin.task_logs(&made.id, &LogAsk { follow: true, ..LogAsk::default() }).await.unwrap();
    assert_eq!(tokio::time::timeout(PATIENCE, followed.try_next()).await.unwrap().unwrap().as_deref(), Some(&b"on\n"[..]));
    admin.managed_task(&made.id).await.unwrap().stop(&made.uid).await.unwrap();
    is_in(&alice, &made.id, TaskState::Stopped).await;
    portal.end().await;
}

#[tokio::test]
async fn h_every_kind_of_task_passes_the_api_servers_restricted_rules() {
    let portal = Portal::start().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/job/golden");
    let mut tried = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let objects: Vec<Value> = serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        for mut object in objects {
            object["metadata"]["namespace"] = portal.namespace.name().into();
            let name = portal.namespace.name();
            let path = match object["kind"].as_str().unwrap() {
                "Job" => format!("/apis/batch/v1/namespaces/{name}/jobs"),
                "Service" => portal.namespace.path("services"),
                "NetworkPolicy" => format!("/apis/networking.k8s.io/v1/namespaces/{name}/networkpolicies"),
                other => unreachable!("{other}"),
            };
            portal.admin().post(&format!("{path}?dryRun=All&fieldValidation=Strict"), &object).await.unwrap();
            if object["kind"] != "Job" {
                continue;
            }
            // The rules are enforced on pods. The annotation is what the Job controller adds.
            let mut pod = object["spec"]["template"].take();
            (pod["apiVersion"], pod["kind"], pod["metadata"]["name"]) = ("v1".into(), "Pod".into(), "tried".into());
            let pods = portal.namespace.path("pods?dryRun=All&fieldValidation=Strict");
            portal.admin().post(&pods, &pod).await.unwrap();
            tried += 1;
            let rules = [
                ("/spec/securityContext/runAsNonRoot", json!(false)),
                ("/spec/securityContext/seccompProfile", json!(null)),
                ("/spec/containers/0/securityContext/allowPrivilegeEscalation", json!(true)),
                ("/spec/containers/0/securityContext/capabilities", json!({})),
            ];
            for (field, weaker) in rules {
                let mut pod = pod.clone();
                *pod.pointer_mut(field).unwrap() = weaker;
                let refused = portal.admin().post(&pods, &pod).await.unwrap_err();
                assert!(refused.to_string().contains("violates PodSecurity"), "{field}: {refused}");
            }
        }
    }
    assert!(tried >= 50, "{tried}");
    portal.end().await;
}

#[tokio::test]
async fn a_volume_that_is_being_deleted_cannot_be_mounted_anew() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let data = ready(&portal, &alice, &wish("data", "standard")).await;
    let uses = alice.submit(&on(plan("uses", "trap 'exit 0' TERM; while :; do sleep 0.2; done"), "/data", &data)).await.unwrap();
    is_in(&alice, &uses.id, TaskState::Running).await;
    let in_use = alice.owned_volume(&data.id).await.unwrap().delete(&data.uid).await.unwrap_err();
    assert!(matches!(in_use, Error::InUse(_)), "{in_use:?}");
    portal.admin().delete(&portal.claim(&data)).await.unwrap();
    let refused = alice.submit(&on(plan("late", "true"), "/data", &data)).await.unwrap_err();
    assert!(refused.problem().fields.get("volumes").unwrap().contains("being deleted"), "{refused:?}");
    portal.end().await;
}
