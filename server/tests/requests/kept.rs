//! What do people get of a task whose Job the cluster has removed?

use crate::api::Program;
use crate::tasks::{Stage, json_of};
use crate::visitor::Visitor;
use crate::volumes::make;
use anyhow::{Context, Result};
use domain::task::{Mount, Task, TaskState};
use reqwest::{Method, StatusCode};
use serde_json::json;
use server::{background::Background, history::keep};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(90);
const REMOVED: &str = "removed this task's Job; this is what was kept of it";

fn keeping(stage: &Stage) -> Background {
    keep(stage.portal.cluster.keeper(), stage.portal.records.history(), 90)
}

/// Until the portal has no such Job.
async fn removed(stage: &Stage, task: &Task) -> Result<()> {
    let mut changes = stage.alice.changes();
    let gone = async {
        while !matches!(stage.alice.task(&task.id), Err(cluster::Error::NotFound)) {
            changes.changed().await?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, gone).await.context("the Job goes")?
}

/// Until it is gone and written down.
async fn written(stage: &Stage, task: &Task) -> Result<()> {
    removed(stage, task).await?;
    noted(stage, task).await
}

async fn noted(stage: &Stage, task: &Task) -> Result<()> {
    let mut look = tokio::time::interval(Duration::from_millis(50));
    let written = async {
        while !stage.portal.records.history().has(&task.uid).await? {
            look.tick().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, written).await.context("it is written down")?
}

/// The text as it stands in a page.
fn plain(page: &str) -> String {
    page.replace("&#x27;", "'").replace("&#39;", "'")
}

/// 0.04, 2.02, 4.30
#[tokio::test]
async fn a_task_whose_job_is_gone_is_still_on_its_page_with_its_log_until_its_owner_deletes_it() -> Result<()> {
    let stage = Stage::new().await?;
    let _keeping = keeping(&stage);
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let made = make(&stage.portal, &mut alice, "data", "standard").await?;
    let volume = stage.alice.volume(&made.id.parse()?)?.volume;
    let mount =
        Mount { path: "/data".parse()?, claim: volume.claim.parse().ok(), uid: Some(volume.uid.clone()), new: None, read_only: false };
    let task = stage.submit_with("brief", "echo 'first <b>'; echo last", vec![mount], 1).await?;
    written(&stage, &task).await?;

    let own = format!("/tasks/{}", task.id);
    let page = plain(&stage.read(&mut alice, &own).await?);
    for text in [REMOVED, "Succeeded", "Run again", &format!("href=\"{own}/delete\""), &format!("href=\"{own}/logs\""), &made.page()] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("/stop"), "{page}");
    let log = plain(&stage.read(&mut alice, &format!("{own}/logs")).await?);
    for text in [REMOVED, "<code>first &lt;b&gt;<", "<code>last<"] {
        assert!(log.contains(text), "{text}: {log}");
    }
    assert!(!log.contains("data-follow=\"/") && !log.contains("KiB were kept"), "{log}");
    let yaml = plain(&stage.read(&mut alice, &format!("{own}/yaml")).await?);
    assert!(yaml.contains(REMOVED) && yaml.contains("kind: Job"), "{yaml}");
    let list = stage.read(&mut alice, "/tasks").await?;
    assert!(list.contains(&format!("href=\"{own}\"")) && list.contains("removed by the cluster"), "{list}");
    assert!(stage.read(&mut alice, "/tasks?q=state:failed").await?.contains("No task matches"));
    assert!(stage.read(&mut alice, &format!("/tasks/new?again={}", task.id)).await?.contains("echo last"));
    assert!(stage.read(&mut alice, &made.page()).await?.contains(&format!("href=\"{own}\"")), "its volume names it");

    let program = Program::of(&stage.portal, &mut alice).await?;
    let api = format!("/api/tasks/{}", task.id);
    let told = json_of(&program.get(&stage.portal, &api).await?)?;
    assert_eq!((&told["kept"], &told["status"], &told["pods"][0]["exit_code"]), (&json!(true), &json!("Succeeded"), &json!(0)), "{told}");
    let all = json_of(&program.get(&stage.portal, "/api/tasks").await?)?;
    assert_eq!(
        (&all["tasks"][0]["id"], &all["tasks"][0]["kept"], &all["history_error"]),
        (&json!(task.id), &json!(true), &json!(null)),
        "{all}"
    );
    assert_eq!(program.get(&stage.portal, &format!("{api}/logs")).await?.text, "first <b>\nlast\n");
    assert_eq!(program.get(&stage.portal, &format!("{api}/logs?tail=1")).await?.text, "last\n");
    for wrong in ["pod=other", "rank=1"] {
        assert_eq!(program.get(&stage.portal, &format!("{api}/logs?{wrong}")).await?.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let mut admin = Visitor::signed_in(&stage.portal, "admin").await?;
    assert!(stage.read(&mut admin, "/admin/tasks").await?.contains(&format!("/admin/tasks/{}\"", task.id)));
    let seen = plain(&stage.read(&mut admin, &format!("/admin/tasks/{}", task.id)).await?);
    assert!(seen.contains(REMOVED) && seen.contains("alice"), "{seen}");

    let mut bob = Visitor::signed_in(&stage.portal, "bob").await?;
    let bobs = Program::of(&stage.portal, &mut bob).await?;
    for page in ["", "/logs", "/yaml", "/delete"] {
        let theirs = bob.visit(&stage.portal.at(&format!("{own}{page}"))).await?;
        assert!(theirs.status == StatusCode::NOT_FOUND && !theirs.text.contains("brief"), "{page}: {}", theirs.text);
    }
    assert!(!stage.read(&mut bob, "/tasks").await?.contains("brief"));
    let delete = stage.portal.at(&format!("{own}/delete"));
    assert_eq!(bob.post(&delete, &[("uid", &task.uid)]).await?.status, StatusCode::NOT_FOUND);
    for (method, path) in [(Method::GET, ""), (Method::GET, "/logs"), (Method::DELETE, "")] {
        let answer = bobs.send(&stage.portal, method.clone(), &format!("{api}{path}"), |request| request).await?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
    }

    assert_eq!(alice.post(&delete, &[("uid", "another")]).await?.status, StatusCode::CONFLICT);
    assert!(stage.read(&mut alice, &format!("{own}/delete")).await?.contains("Delete task brief?"), "nothing was done to it");
    let to = alice.post(&delete, &[("uid", &task.uid)]).await?.location.context("a way on")?;
    assert!(to.starts_with("/tasks?done=deleted"), "{to}");
    for page in ["", "/logs", "/yaml"] {
        assert_eq!(alice.visit(&stage.portal.at(&format!("{own}{page}"))).await?.status, StatusCode::NOT_FOUND, "{page}");
    }
    assert_eq!(program.get(&stage.portal, &api).await?.status, StatusCode::NOT_FOUND);
    assert!(stage.read(&mut alice, "/tasks").await?.contains("No tasks yet"));
    Ok(())
}

#[tokio::test]
async fn a_task_that_ran_and_was_stopped_is_not_said_to_have_never_run() -> Result<()> {
    let stage = Stage::new().await?;
    let _keeping = keeping(&stage);
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.submit_with("stopped", "sleep 300", Vec::new(), 600).await?;
    stage.until(&task, |task| task.state == TaskState::Running).await?;
    alice.post(&stage.portal.at(&format!("/tasks/{}/stop", task.id)), &[("uid", &task.uid)]).await?;
    stage.until(&task, |task| task.state == TaskState::Stopped).await?;
    noted(&stage, &task).await?;
    let list = stage.read(&mut alice, "/tasks").await?;
    assert!(list.contains("Stopped") && !list.contains("never ran"), "{list}");
    Ok(())
}

#[tokio::test]
async fn a_task_that_is_deleted_does_not_come_back_from_the_history() -> Result<()> {
    let stage = Stage::new().await?;
    let _keeping = keeping(&stage);
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let mut admin = Visitor::signed_in(&stage.portal, "admin").await?;
    let program = Program::of(&stage.portal, &mut alice).await?;
    let (live, kept) = (stage.submit_with("live", "echo", Vec::new(), 600).await?, stage.submit_with("kept", "echo", Vec::new(), 1).await?);
    stage.until(&live, |task| task.state == TaskState::Succeeded).await?;
    let api = format!("/api/tasks/{}", live.id);
    assert_eq!(json_of(&program.get(&stage.portal, &api).await?)?["kept"], json!(false));
    let gone = program.send(&stage.portal, Method::DELETE, &api, |request| request).await?;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text);
    written(&stage, &live).await?;
    assert_eq!(program.get(&stage.portal, &api).await?.status, StatusCode::NOT_FOUND);

    written(&stage, &kept).await?;
    let delete = stage.portal.at(&format!("/admin/tasks/{}/delete", kept.id));
    assert!(admin.post(&delete, &[("uid", &kept.uid)]).await?.location.is_some(), "an administrator may delete anybody's");
    assert_eq!(alice.visit(&stage.portal.at(&format!("/tasks/{}", kept.id))).await?.status, StatusCode::NOT_FOUND);
    assert!(stage.read(&mut admin, "/admin/audit").await?.contains("alice"), "it is on record whose it was");
    Ok(())
}
