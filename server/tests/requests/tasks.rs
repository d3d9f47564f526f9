//! What do people get of their tasks: the pages, the log, the end; and what do others get of them?

use crate::api::Program;
use crate::portal::{Place, Portal, Trust};
use crate::visitor::{Page, Visitor};
use crate::volumes::make;
use anyhow::{Context, Result};
use cluster::{User, UserCluster};
use domain::owner::Principal;
use domain::quantity::Size;
use domain::task::{Attachments, Mount, Plan, Resources, Task, TaskSpec, TaskState, Want};
use ground::{Ground, Namespace};
use reqwest::{Method, StatusCode, header::ACCEPT};
use serde_json::{Value, json};
use std::time::Duration;

const ALICE: &str = "a11ce000-5d1f-4c7e-9a52-1f0c6e1d0001";
const PATIENCE: Duration = Duration::from_secs(60);

/// A portal of a namespace of its own, and alice as the cluster knows her.
pub struct Stage {
    pub portal: Portal,
    pub alice: UserCluster,
    /// Goes with the test.
    namespace: Namespace,
}

impl Stage {
    pub async fn new() -> Result<Self> {
        Self::with(&[]).await
    }

    /// With these settings.
    pub async fn with(settings: &[(&'static str, &str)]) -> Result<Self> {
        let ground = Ground::current().await?;
        let namespace = ground.namespace("tasks").await?;
        let settings = [&[("kubernetes.namespace", namespace.name())], settings].concat();
        let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &settings).await?;
        let user = User::from_session(Principal::new(ground.issuer(), ALICE)?, "alice".into(), "Alice".into(), false);
        let alice = portal.cluster.as_user(user);
        Ok(Self { portal, alice, namespace })
    }

    pub async fn submit(&self, name: &str, run: &str) -> Result<Task> {
        self.submit_with(name, run, Vec::new(), 600).await
    }

    /// Its Job stays for `keep` seconds after its end.
    pub async fn submit_with(&self, name: &str, run: &str, mounts: Vec<Mount>, keep: u32) -> Result<Task> {
        Ok(self.alice.submit(&plan(name, run, mounts, keep)?).await?)
    }

    pub fn namespace(&self) -> &str {
        self.namespace.name()
    }

    pub async fn until(&self, task: &Task, holds: impl Fn(&Task) -> bool) -> Result<Task> {
        let mut changes = self.alice.changes();
        let seen = async {
            loop {
                changes.borrow_and_update();
                let now = self.alice.task(&task.id)?.task;
                if holds(&now) {
                    return anyhow::Ok(now);
                }
                changes.changed().await?;
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.context("the task does not come to that")?
    }

    pub async fn read(&self, who: &mut Visitor, path: &str) -> Result<String> {
        let page = who.visit(&self.portal.at(path)).await?;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        Ok(page.text)
    }
}

/// A small task.
pub fn plan(name: &str, run: &str, mounts: Vec<Mount>, keep: u32) -> Result<Plan> {
    let resources = Resources {
        cpu_millis: 100,
        memory: Size::from_bytes(32 << 20),
        disk: Size::from_bytes(16 << 20),
        gpus: 0,
        gpu_product: None,
        requested_cpu_millis: Some(5),
        requested_memory: Some(Size::from_bytes(8 << 20)),
    };
    let spec = TaskSpec {
        name: name.parse()?,
        nodes: 1,
        image: "stowage.dev/busybox:1".parse()?,
        resources,
        volumes: mounts
            .iter()
            .map(|mount| Want { path: Some(mount.path.clone()), volume: "data".into(), read_only: mount.read_only, new: None })
            .collect(),
        scratch: Vec::new(),
        envs: vec![("HF_TOKEN".parse()?, "hf_verysecret".into()), ("EPOCHS".parse()?, "3".into())],
        secrets: Vec::new(),
        setup: None,
        run: run.into(),
        workdir: None,
        completions: 1,
        parallelism: 1,
        retries: 0,
        time_limit: 600,
        keep,
    };
    Ok(Plan { spec, mounts, attached: Attachments::default(), purpose: None })
}

pub fn json_of(page: &Page) -> Result<Value> {
    Ok(serde_json::from_str(&page.text)?)
}

/// 0.54, 0.102, 2.06, 2.97, 4.16
#[tokio::test]
async fn a_task_is_read_on_its_page_in_the_list_by_calls_and_in_its_log() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let empty = stage.read(&mut alice, "/tasks").await?;
    assert!(empty.contains("No tasks yet") && empty.contains("href=\"/tasks/new\""), "{empty}");
    let task = stage.submit("Reads", "printf '\\033[31m<img src=x onerror=alert(1)>\\033[0m\\n'; echo second; echo $EPOCHS").await?;
    let over = stage.until(&task, |task| task.state == TaskState::Succeeded).await?;
    let list = stage.read(&mut alice, "/tasks").await?;
    assert!(list.contains("Reads") && list.contains("Succeeded"), "{list}");
    assert!(stage.read(&mut alice, "/tasks?q=state:failed").await?.contains("No task matches"));
    let page = stage.read(&mut alice, &format!("/tasks/{}", task.id)).await?;
    for text in [
        "Nothing is kept",
        "What is where",
        "/dev/shm",
        "Other ways",
        "kubectl -n",
        "EPOCHS",
        "its name looks like a secret",
        "Submitted",
        "Run again",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("hf_verysecret"), "a secret is on the page");
    let yaml = stage.read(&mut alice, &format!("/tasks/{}/yaml", task.id)).await?;
    assert!(yaml.contains("kind: Job") && !yaml.contains("managedFields"), "{yaml}");
    let log = stage.read(&mut alice, &format!("/tasks/{}/logs", task.id)).await?;
    assert!(log.contains("&lt;img src=x onerror=alert(1)&gt;") && !log.contains("<img"), "{log}");
    assert!(log.contains("class=\"c1\"") && log.contains("second") && !log.contains("data-follow=\"/"), "{log}");

    let program = Program::of(&stage.portal, &mut alice).await?;
    let calls = json_of(&program.get(&stage.portal, "/api/tasks?details=true&q=reads").await?)?;
    let shown = &calls["tasks"][0];
    assert_eq!(
        (&shown["id"], &shown["status"], &shown["pods"][0]["exit_code"]),
        (&json!(task.id), &json!("Succeeded"), &json!(0)),
        "{calls}"
    );
    let text = program.get(&stage.portal, &format!("/api/tasks/{}/logs?tail=2", task.id)).await?;
    assert_eq!((text.text.as_str(), text.headers["content-type"].to_str()?), ("second\n3\n", "text/plain; charset=utf-8"));
    let exactly = format!("/api/tasks/{}/logs?pod={}", task.id, over.pods[0].name);
    assert!(program.get(&stage.portal, &exactly).await?.text.contains("\u{1b}[31m<img"), "as it was written");
    for (path, status) in [("logs?pod=other", 404), ("logs?pod=A%20B", 404), ("logs?tail=100001", 422), ("logs?x=1", 422)] {
        assert_eq!(program.get(&stage.portal, &format!("/api/tasks/{}/{path}", task.id)).await?.status.as_u16(), status, "{path}");
    }
    Ok(())
}

/// 2.97: follow, and go on without a line twice.
#[tokio::test]
async fn a_log_is_followed_to_its_end_and_no_line_comes_twice() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.submit("follows", "echo one; echo two; sleep 3; echo three").await?;
    stage.until(&task, |task| task.state == TaskState::Running).await?;
    let follow = stage.portal.at(&format!("/tasks/{}/logs/follow", task.id));
    let answer = alice.open(Method::GET, &follow, |request| request.header(ACCEPT, "text/event-stream")).await?;
    assert_eq!((answer.status(), answer.headers()["content-type"].to_str()?), (StatusCode::OK, "text/event-stream"));
    let all = tokio::time::timeout(PATIENCE, answer.text()).await.context("the stream ends with the task")??;
    for line in ["\tone\n", "\ttwo\n", "\tthree\n"] {
        assert_eq!(all.matches(line).count(), 1, "{line}: {all}");
    }
    // Without data, no browser tells the page of it (HTML, 9.2.6).
    assert!(all.contains("event: ended\ndata: over\n"), "{all}");
    // From the first place on: what came before it does not come again.
    let first = all.lines().find_map(|line| line.strip_prefix("id: ")).context("a place")?.to_owned();
    let again = alice.open(Method::GET, &follow, |request| request.header("last-event-id", &first)).await?;
    let rest = tokio::time::timeout(PATIENCE, again.text()).await??;
    assert!(!rest.contains("\tone\n") && rest.contains("\tthree\n"), "{first}: {rest}");
    Ok(())
}

/// 0.103, 4.15
#[tokio::test]
async fn a_task_is_stopped_and_deleted_through_its_pages_on_record() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.submit("stops", "sleep 300").await?;
    stage.until(&task, |task| task.state == TaskState::Running).await?;
    let page = format!("/tasks/{}", task.id);
    let stop = stage.portal.at(&format!("{page}/stop"));
    assert!(stage.read(&mut alice, &format!("{page}/stop")).await?.contains("half a minute"));
    let former = alice.post(&stop, &[("uid", "another")]).await?;
    assert_eq!(former.status, StatusCode::CONFLICT, "{}", former.text);
    let to = alice.post(&stop, &[("uid", &task.uid)]).await?.location.context("a way on")?;
    assert!(to.starts_with(&format!("{page}?done=stopped")), "{to}");
    stage.until(&task, |task| task.state == TaskState::Stopped).await?;
    let over = alice.post(&stop, &[("uid", &task.uid)]).await?;
    assert_eq!(over.status, StatusCode::CONFLICT, "{}", over.text);
    assert!(over.text.contains("It is over"), "{}", over.text);
    assert!(stage.read(&mut alice, &format!("{page}/delete")).await?.contains("Delete task stops?"));
    let to = alice.post(&stage.portal.at(&format!("{page}/delete")), &[("uid", &task.uid)]).await?.location.context("a way on")?;
    assert!(to.starts_with("/tasks?done=deleted"), "{to}");
    let mut admin = Visitor::signed_in(&stage.portal, "admin").await?;
    let trail = stage.read(&mut admin, "/admin/audit").await?;
    assert!(trail.contains("Stop task") && trail.contains("Delete task"), "{trail}");
    Ok(())
}

/// The root of a failure is told with its last lines.
#[tokio::test]
async fn a_failed_task_says_how_it_ended_and_what_it_said_last() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.submit("fails", "echo loading; echo 'no such model' >&2; exit 3").await?;
    stage.until(&task, |task| task.state == TaskState::Failed).await?;
    let page = stage.read(&mut alice, &format!("/tasks/{}", task.id)).await?;
    for text in ["data-cause=\"exit-error\"", "exit code 3", "no such model", "Read its log"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let home = stage.read(&mut alice, "/").await?;
    assert!(home.contains("Tasks that need you") && home.contains("fails"), "{home}");
    Ok(())
}

#[tokio::test]
async fn c4_084_another_persons_task_is_answered_exactly_as_one_that_never_was() -> Result<()> {
    let stage = Stage::new().await?;
    let task = stage.submit("private", "echo mine; sleep 300").await?;
    stage.until(&task, |task| task.state == TaskState::Running).await?;
    let mut bob = Visitor::signed_in(&stage.portal, "bob").await?;
    let program = Program::of(&stage.portal, &mut bob).await?;
    assert!(!stage.read(&mut bob, "/tasks").await?.contains("private"));
    for page in ["", "/logs", "/logs/follow", "/yaml", "/stop", "/resume", "/delete"] {
        let (theirs, nobodys) = (format!("/tasks/{}{page}", task.id), format!("/tasks/zzzzzzzz{page}"));
        let (theirs, nobodys) = (bob.visit(&stage.portal.at(&theirs)).await?, bob.visit(&stage.portal.at(&nobodys)).await?);
        assert_eq!((theirs.status, nobodys.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{page}");
        assert!(!theirs.text.contains("private") && !theirs.text.contains("mine"), "{page}: {}", theirs.text);
    }
    for act in ["stop", "resume", "delete"] {
        let answer = bob.post(&stage.portal.at(&format!("/tasks/{}/{act}", task.id)), &[("uid", &task.uid)]).await?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{act}: {}", answer.text);
        let answer = bob.post(&stage.portal.at(&format!("/admin/tasks/{}/{act}", task.id)), &[("uid", &task.uid)]).await?;
        assert!([403, 404, 405].contains(&answer.status.as_u16()), "{act}: {}", answer.status);
    }
    for (method, path) in [(Method::GET, ""), (Method::GET, "/logs"), (Method::POST, "/stop"), (Method::DELETE, "")] {
        let ask = |id: &str| format!("/api/tasks/{id}{path}");
        let theirs = program.send(&stage.portal, method.clone(), &ask(task.id.as_str()), |request| request).await?;
        let nobodys = program.send(&stage.portal, method.clone(), &ask("zzzzzzzz"), |request| request).await?;
        assert_eq!((theirs.status, nobodys.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{method} {path}");
        assert_eq!(json_of(&theirs)?["message"], json_of(&nobodys)?["message"], "{method} {path}");
    }
    for (path, status) in [("/api/tasks?user=", 422), ("/api/tasks?user=&all_users=true", 422), ("/api/tasks?user=alice", 403)] {
        assert_eq!(program.get(&stage.portal, path).await?.status.as_u16(), status, "{path}");
    }
    assert_eq!(stage.alice.task(&task.id)?.task.state, TaskState::Running, "nothing was done to it");
    let mut admin = Visitor::signed_in(&stage.portal, "admin").await?;
    let all = stage.read(&mut admin, "/admin/tasks").await?;
    assert!(all.contains("private") && all.contains("alice"), "{all}");
    let stop = stage.portal.at(&format!("/admin/tasks/{}/stop", task.id));
    assert!(admin.post(&stop, &[("uid", &task.uid)]).await?.location.is_some(), "an administrator may stop it");
    Ok(())
}

/// 0.03, 0.04, 0.54, 0.56, 0.80, 0.81, 2.02, 2.44
#[tokio::test]
async fn a_volume_leads_to_its_tasks_which_can_be_stopped_there_and_their_data_stays() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let made = make(&stage.portal, &mut alice, "data", "standard").await?;
    let volume = stage.alice.volume(&made.id.parse()?)?.volume;
    let mount =
        Mount { path: "/data".parse()?, claim: volume.claim.parse().ok(), uid: Some(volume.uid.clone()), new: None, read_only: false };
    let task = stage.submit_with("writes", "echo kept > /data/out; sleep 300", vec![mount], 600).await?;
    stage.until(&task, |task| task.state == TaskState::Running).await?;
    let (link, stop) = (format!("href=\"/tasks/{}\"", task.id), format!("action=\"/tasks/{}/stop\"", task.id));
    let page = stage.read(&mut alice, &made.page()).await?;
    let new = format!("href=\"/tasks/new?volume={}\"", made.name);
    for text in [link.as_str(), &stop, &new, "Tasks with it"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let blocked = stage.read(&mut alice, &format!("{}/delete", made.page())).await?;
    assert!(blocked.contains("Waiting for 1 pod to end") && blocked.contains(&stop) && blocked.contains("data-stream"), "{blocked}");
    assert!(!blocked.contains("name=\"confirm\""), "{blocked}");
    let own = stage.read(&mut alice, &format!("/tasks/{}", task.id)).await?;
    assert!(own.contains(&format!("href=\"{}\"", made.page())) && own.contains("/data"), "{own}");

    alice.post(&stage.portal.at(&format!("/tasks/{}/stop", task.id)), &[("uid", &task.uid)]).await?;
    stage.until(&task, |task| task.state == TaskState::Stopped).await?;
    let over = stage.read(&mut alice, &format!("/tasks/{}", task.id)).await?;
    assert!(over.contains("Its volumes and their data stay"), "{over}");
    let page = stage.read(&mut alice, &made.page()).await?;
    assert!(page.contains("Tasks with it") && page.contains(&link) && !page.contains(&stop), "{page}");
    assert!(stage.read(&mut alice, &format!("{}/delete", made.page())).await?.contains("name=\"confirm\""));
    Ok(())
}
