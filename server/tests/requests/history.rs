//! Is it known how a task went when the cluster has forgotten it?

use cluster::{Cluster, Options, User, UserCluster};
use domain::name::TaskId;
use domain::owner::{OwnerKey, Principal};
use domain::quantity::Size;
use domain::task::{Attachments, Plan, PodState, Resources, TaskRecord, TaskSpec, TaskState};
use ground::{Ground, Namespace};
use records::{History, Records};
use serde_json::Value;
use server::{background::Background, history::keep};
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(90);

struct Desk {
    ground: Ground,
    namespace: Namespace,
    cluster: Cluster,
    history: History,
    keeping: Background,
}

fn person(subject: &str) -> (User, OwnerKey) {
    let principal = Principal::new("https://id.example", subject).unwrap();
    let key = OwnerKey::of(&principal);
    (User::from_session(principal, subject.to_owned(), subject.to_owned(), false), key)
}

impl Desk {
    async fn start() -> Self {
        Self::on("sqlite::memory:").await
    }

    async fn on(records: &str) -> Self {
        let ground = Ground::current().await.unwrap();
        let namespace = ground.namespace("history").await.unwrap();
        let options = Options {
            kubeconfig: Some(ground.portal_kubeconfig().to_owned()),
            namespace: namespace.name().to_owned(),
            ..Options::default()
        };
        let cluster = Cluster::connect(options).await.unwrap();
        timeout(PATIENCE, cluster.synced()).await.unwrap();
        let history = Records::open(records).await.unwrap().history();
        let keeping = keep(cluster.keeper(), history.clone(), 90);
        Self { ground, namespace, cluster, history, keeping }
    }

    fn alice(&self) -> UserCluster {
        self.cluster.as_user(person("alice").0)
    }

    async fn written(&self, id: &TaskId) -> TaskRecord {
        let (_, key) = person("alice");
        let mut look = tokio::time::interval(Duration::from_millis(50));
        let reading = async {
            loop {
                look.tick().await;
                if let Some(record) = self.history.one(&key, id).await.unwrap() {
                    return record;
                }
            }
        };
        timeout(PATIENCE, reading).await.expect("it is written down")
    }

    async fn end(self) {
        drop(self.keeping);
        self.namespace.delete().await.unwrap();
    }
}

fn plan(name: &str, run: &str, keep: u32) -> Plan {
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
            keep,
        },
        mounts: Vec::new(),
        attached: Attachments::default(),
        purpose: None,
    }
}

#[tokio::test]
async fn d_13_a_task_is_known_with_its_logs_when_its_job_is_gone_after_seconds() {
    let desk = Desk::start().await;
    let alice = desk.alice();
    let (_, bob) = person("bob");
    let mut asked = plan("brief", "i=0; while [ $i -lt 4000 ]; do echo \"line $i of a long log\"; i=$((i+1)); done; exit 3", 1);
    asked.spec.retries = 1;
    let made = alice.submit(&asked).await.unwrap();
    let job = format!("/apis/batch/v1/namespaces/{}/jobs/{}", desk.namespace.name(), made.job);
    desk.ground.admin().wait_until(&job, PATIENCE, Value::is_null).await.unwrap();
    let record = desk.written(&made.id).await;
    assert_eq!((record.task.state, record.task.uid.as_str()), (TaskState::Failed, made.uid.as_str()));
    let codes: Vec<_> = record.task.pods.iter().map(|pod| (pod.state, pod.exit_code)).collect();
    assert_eq!(codes, [(PodState::Failed, Some(3)); 2], "each attempt");
    assert_eq!(record.logs.len(), 2);
    for log in &record.logs {
        assert!(log.is_cut && log.text.len() <= domain::task::LOG_KEPT && log.text.starts_with("line "), "{} bytes", log.text.len());
        assert!(log.text.ends_with("line 3999 of a long log\n"));
    }
    assert!(record.yaml.contains("kind: Job") && record.file.contains("exit 3"), "{}", record.yaml);
    assert!(record.events.iter().any(|event| event.reason == "SuccessfulCreate"), "{:?}", record.events);
    assert_eq!(desk.history.one(&bob, &made.id).await.unwrap(), None);

    // Also one that is not asked to stay at all: it does until its log can have been read.
    let made = alice.submit(&plan("briefer", "echo done", 0)).await.unwrap();
    let record = desk.written(&made.id).await;
    assert_eq!((record.task.state, record.task.pods[0].exit_code), (TaskState::Succeeded, Some(0)));
    assert_eq!(record.logs[0].text, "done\n");
    desk.end().await;
}

#[tokio::test]
async fn a_task_that_ends_and_goes_while_nothing_can_be_written_is_written_down_afterwards() {
    let records = Ground::current().await.unwrap().own_records().await.unwrap();
    let desk = Desk::on(&records.url()).await;
    let alice = desk.alice();
    records.only_read().await.unwrap();
    let made = alice.submit(&plan("unwritten", "echo done", 0)).await.unwrap();
    let mut changes = alice.changes();
    let gone = async {
        while alice.task(&made.id).is_ok() {
            changes.changed().await.unwrap();
        }
    };
    timeout(PATIENCE, gone).await.expect("its Job goes");
    assert!(!desk.history.has(&made.uid).await.unwrap());
    records.back().await.unwrap();
    let record = desk.written(&made.id).await;
    assert_eq!((record.task.state, record.logs[0].text.as_str()), (TaskState::Succeeded, "done\n"));
    desk.end().await;
}

#[tokio::test]
async fn what_a_stopped_task_wrote_last_is_kept_and_one_that_its_owner_deleted_while_it_ran_is_not() {
    let desk = Desk::start().await;
    let alice = desk.alice();
    let run = "trap 'echo bye; exit 143' TERM; echo hello; while :; do sleep 0.2; done";
    let (stopped, deleted) =
        (alice.submit(&plan("stopped", run, 600)).await.unwrap(), alice.submit(&plan("deleted", run, 600)).await.unwrap());
    let mut changes = alice.changes();
    let running = async {
        while alice.tasks().unwrap().iter().any(|task| task.state != TaskState::Running) {
            changes.changed().await.unwrap();
        }
    };
    timeout(PATIENCE, running).await.expect("both run");
    alice.owned_task(&deleted.id).await.unwrap().delete(&deleted.uid).await.unwrap();
    alice.owned_task(&stopped.id).await.unwrap().stop(&stopped.uid).await.unwrap();
    let record = desk.written(&stopped.id).await;
    assert_eq!(record.task.state, TaskState::Stopped);
    assert_eq!(record.logs.iter().map(|log| log.text.as_str()).collect::<Vec<_>>(), ["hello\nbye\n"]);
    assert_eq!(record.task.pods.len(), 1);
    assert!(record.task.pods[0].state == PodState::Failed, "{:?}", record.task.pods);
    assert!(!desk.history.has(&deleted.uid).await.unwrap());
    desk.end().await;
}

#[tokio::test]
async fn a_portal_that_starts_later_writes_down_what_is_over() {
    let desk = Desk::start().await;
    let alice = desk.alice();
    drop(desk.keeping);
    let made = alice.submit(&plan("early", "echo done", 600)).await.unwrap();
    let mut changes = alice.changes();
    let over = async {
        while !alice.task(&made.id).unwrap().task.state.is_over() {
            changes.changed().await.unwrap();
        }
    };
    timeout(PATIENCE, over).await.expect("it ends");
    assert!(!desk.history.has(&made.uid).await.unwrap());
    let desk = Desk { keeping: keep(desk.cluster.keeper(), desk.history.clone(), 90), ..desk };
    assert_eq!(desk.written(&made.id).await.logs[0].text, "done\n");
    desk.end().await;
}
