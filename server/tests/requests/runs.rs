//! What do people see of tasks that follow each other, and of what is where in them?

use crate::api::Program;
use crate::tasks::{Stage, json_of};
use crate::visitor::Visitor;
use crate::volumes::make;
use anyhow::{Context, Result};
use domain::name::TaskId;
use domain::task::{Task, TaskState};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::json;
use server::history::keep;
use std::time::Duration;

const SMALL: &str = "resources: {cpus: 50m, memory: 48Mi, disk: 32Mi, requests: {cpus: 5m, memory: 8Mi}}\ntime_limit: 10m\n";

/// What a person reads of a page: its text without tags.
fn words(html: &str) -> String {
    html.split('<').enumerate().map(|(n, piece)| if n == 0 { piece } else { piece.split_once('>').map_or("", |(_, rest)| rest) }).collect()
}

/// What stands in the part of a page that has this id.
fn part<'p>(page: &'p str, id: &str, end: &str) -> Result<&'p str> {
    let (_, rest) = page.split_once(&format!("id=\"{id}\"")).with_context(|| format!("no {id}: {page}"))?;
    Ok(rest.split(end).next().unwrap_or_default())
}

#[track_caller]
fn says(text: &str, sentence: &str) {
    assert!(text.contains(sentence), "{sentence}: {text}");
}

/// Submits a file through the page, and waits until it stands as asked.
async fn run(stage: &Stage, who: &mut Visitor, file: &str, state: TaskState) -> Result<Task> {
    let answer = who.post(&stage.portal.at("/tasks/new"), &[("do", "submit"), ("key", ""), ("file", file)]).await?;
    let to = answer.location.with_context(|| format!("not submitted: {}", answer.text))?;
    let id: TaskId = to.trim_start_matches("/tasks/").split('?').next().unwrap_or_default().parse()?;
    let task = stage.alice.task(&id)?.task;
    stage.until(&task, |task| task.state == state).await
}

/// 2.01, 2.04, 2.05, 2.06, 2.07, 2.44, 4.07, 4.09, 4.11 to 4.14
#[tokio::test]
async fn a_tasks_page_says_what_is_where_how_large_it_is_and_what_stays() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let made = make(&stage.portal, &mut alice, "data", "standard").await?;
    let other = make(&stage.portal, &mut alice, "other", "standard").await?;
    let file = format!(
        "name: places\n{SMALL}volumes:\n  /data: {}\nscratch:\n  /scratch: 8Mi\n  /dev/shm: {{size: 8Mi, medium: memory}}\nrun: df /scratch /dev/shm / /tmp\n",
        made.name
    );
    let task = run(&stage, &mut alice, &file, TaskState::Succeeded).await?;
    let page = stage.read(&mut alice, &format!("/tasks/{}", task.id)).await?;
    let mounts = part(&page, "mounts", "</section>")?;
    let rows: Vec<String> = mounts.split("<tr>").skip(2).map(words).collect();
    for (row, told) in rows.iter().zip([
        ["/data", &made.name, "10 Mi", "stays"],
        ["/scratch", "on the node’s disk, a file system apart from /", "8 Mi", "gone"],
        ["/dev/shm", "Shared memory of its programs, as large as was asked for", "8 Mi", "gone"],
        ["/, /tmp and all else", "One file system on the node’s disk", "32 Mi", "gone"],
    ]) {
        for text in told {
            says(row, text);
        }
    }
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(!page.contains(&other.name), "it has what it lists and nothing else");
    let facts = words(&page);
    for text in ["10 min at the latest", "1 day after its end"] {
        says(&facts, text);
    }
    // What the page says is what the programs find.
    let log = Program::of(&stage.portal, &mut alice).await?.get(&stage.portal, &format!("/api/tasks/{}/logs", task.id)).await?.text;
    let at = |path: &str| log.lines().find(|line| line.ends_with(&format!(" {path}"))).map(str::to_owned).unwrap_or_default();
    assert!(at("/dev/shm").starts_with("tmpfs") && at("/dev/shm").contains(" 8192 "), "{log}");
    // One disk of the node holds scratch space and the volume, so df names it once; / is a layer above the image.
    assert!(log.lines().nth(1).is_some_and(|line| !line.starts_with("overlay")) && at("/").starts_with("overlay"), "{log}");

    let plain = run(&stage, &mut alice, &format!("name: plain\n{SMALL}run: 'true'\n"), TaskState::Succeeded).await?;
    let page = stage.read(&mut alice, &format!("/tasks/{}", plain.id)).await?;
    says(&words(part(&page, "mounts", "</section>")?), "Too small for some: scratch space in memory at this path makes it larger64 Mi");
    Ok(())
}

/// 0.48, 2.60, 2.95, 4.39, 4.40
#[tokio::test]
async fn a_task_is_run_again_under_its_name_and_the_volume_shows_the_chain_of_all_runs() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let made = make(&stage.portal, &mut alice, "data", "standard").await?;
    let file = |name: &str, volume: &str, run: &str| format!("name: {name}\n{SMALL}volumes:\n  /data: {volume}\nrun: {run}\n");
    let sweep = file("sweep", &made.name, "echo run >> /data/runs; sleep 300");
    let first = run(&stage, &mut alice, &sweep, TaskState::Running).await?;

    let again = format!("/tasks/new?again={}", first.id);
    let early = stage.read(&mut alice, &again).await?;
    let told = part(&early, "earlier", "</section>")?;
    says(&words(told), "sweep is not over yet");
    says(&words(told), "Both would write to the same volumes at the same time.");
    says(told, &format!("action=\"/tasks/{}/stop\"", first.id));
    let mut bob = Visitor::signed_in(&stage.portal, "bob").await?;
    assert!(!stage.read(&mut bob, &again).await?.contains("sweep is not over"), "another's is as absent as none");
    alice.post(&stage.portal.at(&format!("/tasks/{}/stop", first.id)), &[("uid", &first.uid)]).await?;
    stage.until(&first, |task| task.state == TaskState::Stopped).await?;
    let later = stage.read(&mut alice, &again).await?;
    assert!(!later.contains("id=\"earlier\"") && later.contains("echo run"), "{later}");

    let quick = sweep.replace("sleep 300", "cat /data/runs");
    let second = run(&stage, &mut alice, &quick, TaskState::Succeeded).await?;
    assert_eq!((second.name.as_str(), second.job != first.job), ("sweep", true), "one name, two Jobs: nothing collides");
    let looks = file("analyse", &format!("{{name: {}, read_only: true}}", made.name), "cat /data/runs");
    let third = run(&stage, &mut alice, &looks, TaskState::Succeeded).await?;
    let program = Program::of(&stage.portal, &mut alice).await?;
    let log = program.get(&stage.portal, &format!("/api/tasks/{}/logs", third.id)).await?.text;
    assert_eq!(log, "run\nrun\n", "what the first run wrote is still there");

    let page = stage.read(&mut alice, &made.page()).await?;
    let chain: Vec<&str> = part(&page, "tasks", "</section>")?.split("<li>").skip(1).collect();
    assert_eq!(chain.len(), 3, "{chain:?}");
    for (link, (task, told)) in chain.iter().zip([
        (&first, ["run 1", "Stopped", "written to /data"]),
        (&second, ["run 2", "Succeeded", "written to /data"]),
        (&third, ["analyse", "Succeeded", "read /data"]),
    ]) {
        says(link, &format!("href=\"/tasks/{}\"", task.id));
        for text in told {
            says(&words(link), text);
        }
    }
    Ok(())
}

/// 0.46, 0.79, 1.44
#[tokio::test]
async fn c4_078_two_nodes_on_a_volume_for_one_are_refused_before_they_are_asked_for_and_when_forced() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let made = make(&stage.portal, &mut alice, "one-node", "standard").await?;
    let program = Program::of(&stage.portal, &mut alice).await?;
    let send = async |path: &str, file: String| {
        program.send(&stage.portal, Method::POST, path, |request| request.header(CONTENT_TYPE, "text/yaml").body(file)).await
    };
    let own = format!("name: two\nnum_nodes: 2\n{SMALL}volumes:\n  /data: {}\nrun: 'true'\n", made.name);
    let new =
        format!("name: two\nnum_nodes: 2\n{SMALL}volumes:\n  /data: {{name: fresh, size: 10Mi, access: ReadWriteOnce}}\nrun: 'true'\n");
    for file in [own, new] {
        let judged = json_of(&send("/api/tasks/preflight", file.clone()).await?)?;
        assert_eq!((&judged["ok"], &judged["manifest"]), (&json!(false), &json!(null)), "{judged}");
        says(&judged.to_string(), "Use a volume with ReadWriteMany, or set num_nodes to 1.");
        let forced = send("/api/tasks/submit", file.clone()).await?;
        assert_eq!(forced.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", forced.text);
        says(&forced.text, "can be mounted by one node at a time");
        let sent = alice.post(&stage.portal.at("/tasks/new"), &[("do", "submit"), ("key", ""), ("file", &file)]).await?;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", sent.text);
    }
    assert!(stage.alice.tasks()?.is_empty() && stage.alice.volumes()?.len() == 1, "nothing was made");
    Ok(())
}

/// 4.30: the home page and what is found do not forget with the cluster.
#[tokio::test]
async fn a_task_whose_job_is_gone_is_found_and_needs_its_owner_until_it_is_run_again() -> Result<()> {
    let stage = Stage::new().await?;
    let _keeping = keep(stage.portal.cluster.keeper(), stage.portal.records.history(), 90);
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let failed = stage.submit_with("brief", "echo 'no such model' >&2; exit 3", Vec::new(), 1).await?;
    gone(&stage, &failed).await?;

    let link = format!("href=\"/tasks/{}\"", failed.id);
    let found = stage.read(&mut alice, "/find?q=brie").await?;
    let found = part(&found, "main", "</main>")?;
    for text in [link.as_str(), "removed by the cluster", "Failed"] {
        says(found, text);
    }
    let home = stage.read(&mut alice, "/").await?;
    let needs = part(&home, "tasks-failed", "</section>")?;
    for text in [link.as_str(), "Failed", "exit code 3"] {
        says(needs, text);
    }
    let mut bob = Visitor::signed_in(&stage.portal, "bob").await?;
    for path in ["/", "/find?q=brief"] {
        assert!(!stage.read(&mut bob, path).await?.contains(&link), "{path}");
    }

    let again = stage.submit_with("brief", "true", Vec::new(), 600).await?;
    stage.until(&again, |task| task.state == TaskState::Succeeded).await?;
    let home = stage.read(&mut alice, "/").await?;
    assert!(!home.contains("id=\"tasks-failed\""), "it was run again: {home}");
    let over = part(&home, "tasks-over", "</section>")?;
    assert!(over.contains(&link) && over.find(&format!("/tasks/{}\"", again.id)) < over.find(&link), "the latest first: {over}");
    Ok(())
}

/// Until the cluster has removed its Job, and it is written down.
async fn gone(stage: &Stage, task: &Task) -> Result<()> {
    let mut look = tokio::time::interval(Duration::from_millis(50));
    let gone = async {
        while !(matches!(stage.alice.task(&task.id), Err(cluster::Error::NotFound))
            && stage.portal.records.history().has(&task.uid).await?)
        {
            look.tick().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(90), gone).await.context("the Job goes, and is written down")?
}
