//! Is every line of a task's log there once: in pages, in the stream, in the file; whatever happens to pods and connections?

use crate::api::Program;
use crate::portal::{Place, Portal, Trust};
use crate::tasks::{Stage, plan};
use crate::visitor::Visitor;
use anyhow::{Context, Result, ensure};
use cluster::User;
use domain::owner::Principal;
use domain::task::{PodState, Task, TaskState};
use flate2::read::GzDecoder;
use futures::{Stream, StreamExt};
use ground::{FaultProxy, Ground};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::{io::Read, pin::Pin, time::Duration};

const PATIENCE: Duration = Duration::from_secs(90);

/// A stream as a browser hears it.
struct Follow {
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    heard: String,
}

impl Follow {
    async fn open(visitor: &mut Visitor, portal: &Portal, path: &str, last: Option<&str>) -> Result<Self> {
        let with = |request: reqwest::RequestBuilder| match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let answer = visitor.open(Method::GET, &portal.at(path), with).await?;
        ensure!(answer.status() == StatusCode::OK, "{path}: {}", answer.status());
        let body = futures::stream::unfold(answer, |mut answer| async move {
            let piece = answer.chunk().await.transpose()?;
            Some((piece.map(|piece| piece.to_vec()), answer))
        });
        Ok(Self { body: Box::pin(body), heard: String::new() })
    }

    async fn until(&mut self, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let hearing = async {
            while !holds(self) {
                let piece = self.body.next().await.with_context(|| format!("the stream ended: {}", self.heard))??;
                self.heard.push_str(&String::from_utf8_lossy(&piece));
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, hearing).await.context("nothing more comes")?
    }

    async fn hear_all(&mut self) -> Result<()> {
        self.until(|follow| follow.heard.contains("event: ended")).await
    }

    /// The texts of whole messages: what is cut off was not heard.
    fn lines(&self) -> Vec<String> {
        let whole = self.heard.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
        whole.lines().filter_map(|line| line.strip_prefix("data: ")?.split('\t').nth(2).map(str::to_owned)).collect()
    }

    fn last_id(&self) -> Option<&str> {
        let whole = self.heard.rsplit_once("\n\n")?.0;
        whole.lines().rev().find_map(|line| line.strip_prefix("id: "))
    }
}

fn numbers(from: u32, to: u32) -> Vec<String> {
    (from..=to).map(|number| format!("line {number}")).collect()
}

/// Prints `line 1` to `line {count}`, ten in a tenth of a second.
fn counting(count: u32) -> String {
    format!("i=0; while [ $i -lt {count} ]; do i=$((i+1)); echo line $i; [ $((i%10)) = 0 ] && sleep 0.1; done; true")
}

async fn running(stage: &Stage, task: &Task) -> Result<Task> {
    stage.until(task, |task| task.pods.iter().any(|pod| pod.state.has_log())).await
}

/// 2.97
#[tokio::test]
async fn a_stream_that_is_lost_anywhere_goes_on_without_a_line_lost_or_doubled() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.submit("counts", &counting(300)).await?;
    running(&stage, &task).await?;
    let path = format!("/tasks/{}/logs/follow", task.id);
    let mut lines = Vec::new();
    let mut last: Option<String> = None;
    for enough in [1, 40, 90] {
        let mut follow = Follow::open(&mut alice, &stage.portal, &path, last.as_deref()).await?;
        follow.until(|follow| follow.lines().len() >= enough).await?;
        lines.extend(follow.lines());
        last = follow.last_id().map(str::to_owned);
    }
    let mut follow = Follow::open(&mut alice, &stage.portal, &path, last.as_deref()).await?;
    follow.hear_all().await?;
    lines.extend(follow.lines());
    assert_eq!(lines, numbers(1, 300));
    Ok(())
}

#[tokio::test]
async fn a_log_that_is_opened_before_its_program_has_started_waits_for_it() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let mut asked = plan("early", "true", Vec::new(), 600)?;
    asked.spec.image = "stowage.dev/absent:1".parse()?;
    let task = stage.alice.submit(&asked).await?;
    stage.until(&task, |task| task.pods.iter().any(|pod| pod.state == PodState::Starting)).await?;
    let mut follow = Follow::open(&mut alice, &stage.portal, &format!("/tasks/{}/logs/follow", task.id), None).await?;
    stage.alice.owned_task(&task.id).await?.stop(&task.uid).await?;
    follow.hear_all().await?;
    assert!(follow.lines().is_empty(), "{}", follow.heard);
    Ok(())
}

#[tokio::test]
async fn a_stream_stays_open_while_the_api_server_is_away_and_no_line_is_lost_or_doubled() -> Result<()> {
    let ground = Ground::current().await?;
    let proxy = FaultProxy::start(ground.api_address()).await?;
    let portal = Place::free().await?.portal_via(&ground, Trust::from(&ground), &proxy).await?;
    tokio::time::timeout(PATIENCE, portal.cluster.synced()).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let user =
        User::from_session(Principal::new(ground.issuer(), "a11ce000-5d1f-4c7e-9a52-1f0c6e1d0001")?, "alice".into(), "Alice".into(), false);
    let cluster = portal.cluster.as_user(user);
    let task = cluster.submit(&plan("cut", &counting(400), Vec::new(), 600)?).await?;
    let mut changes = cluster.changes();
    let begun = async {
        while !cluster.task(&task.id)?.task.pods.iter().any(|pod| pod.state.has_log()) {
            changes.changed().await?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, begun).await.context("it runs")??;
    let mut follow = Follow::open(&mut alice, &portal, &format!("/tasks/{}/logs/follow", task.id), None).await?;
    follow.until(|follow| follow.lines().len() >= 30).await?;
    proxy.cut();
    follow.until(|follow| follow.heard.contains("event: lost")).await?;
    proxy.restore();
    follow.hear_all().await?;
    assert_eq!(follow.lines(), numbers(1, 400));
    assert!(follow.heard.contains("event: found"), "it says that it goes on");
    cluster.owned_task(&task.id).await?.delete(&task.uid).await?;
    Ok(())
}

#[tokio::test]
async fn the_log_of_a_pod_that_is_replaced_goes_on_with_its_successor_and_says_so() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let run = format!("trap 'echo bye; exit 143' TERM; ({}) & wait $!", counting(150));
    let task = stage.submit("moves", &run).await?;
    let first = running(&stage, &task).await?.pods[0].name.clone();
    let path = format!("/tasks/{}/logs/follow", task.id);
    let mut follow = Follow::open(&mut alice, &stage.portal, &path, None).await?;
    follow.until(|follow| follow.lines().len() >= 20).await?;
    // As a node that is drained does.
    let pod = format!("/api/v1/namespaces/{}/pods/{first}", stage.namespace());
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": first, "namespace": stage.namespace()}});
    Ground::current().await?.admin().post(&format!("{pod}/eviction"), &eviction).await?;
    follow.until(|follow| follow.heard.contains("was replaced by")).await?;
    // Whoever comes back at this moment is told the rest, and not again that it was replaced.
    let told = follow.lines();
    let last = follow.last_id().context("a place")?.to_owned();
    let mut again = Follow::open(&mut alice, &stage.portal, &path, Some(&last)).await?;
    follow.hear_all().await?;
    again.hear_all().await?;
    let lines = follow.lines();
    assert_eq!([told, again.lines()].concat(), lines);
    let at = lines.iter().position(|line| line.contains("was replaced by")).context("it says so")?;
    let second = stage.until(&task, |task| task.state == TaskState::Succeeded).await?.current_pods()[0].name.clone();
    assert_eq!(lines[at], format!("\u{2}— pod {first} was replaced by {second}, its log goes on here —"));
    let before = u32::try_from(at)? - 1;
    assert_eq!((&lines[..at - 1], lines[at - 1].as_str()), (numbers(1, before).as_slice(), "bye"));
    assert_eq!(lines[at + 1..], numbers(1, 150), "the second one from its beginning on");
    Ok(())
}

/// Of a page without scripts.
fn shown(page: &str) -> Vec<String> {
    page.split("<code>").skip(1).filter_map(|rest| Some(rest.split_once("</code>")?.0.trim_end_matches("<!>").to_owned())).collect()
}

fn link(page: &str, label: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!(">{label}</a>"))?;
    Some(before.rsplit_once("href=\"")?.1.split('"').next()?.replace("&amp;", "&"))
}

#[tokio::test]
async fn without_scripts_a_long_log_is_read_page_by_page_and_each_line_is_on_one() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.submit("pages", "i=0; while [ $i -lt 2500 ]; do i=$((i+1)); echo line $i; done").await?;
    stage.until(&task, |task| task.state == TaskState::Succeeded).await?;
    let mut page = stage.read(&mut alice, &format!("/tasks/{}/logs", task.id)).await?;
    let mut lines = shown(&page);
    assert!(lines.len() <= 1000 && lines.last().is_some_and(|line| line == "line 2500"), "{}", lines.len());
    assert_eq!((link(&page, "Newer"), link(&page, "Last lines")), (None, None));
    while let Some(older) = link(&page, "Older") {
        page = stage.read(&mut alice, &older).await?;
        lines = [shown(&page), lines].concat();
    }
    assert_eq!(lines, numbers(1, 2500));
    // And forwards, from the beginning.
    page = stage.read(&mut alice, &link(&page, "Last lines").context("a way to the end")?).await?;
    page = stage.read(&mut alice, &link(&page, "First lines").context("a way to the beginning")?).await?;
    lines = shown(&page);
    assert_eq!(link(&page, "Older"), None);
    while let Some(newer) = link(&page, "Newer") {
        page = stage.read(&mut alice, &newer).await?;
        lines.extend(shown(&page));
    }
    assert_eq!(lines, numbers(1, 2500));
    for odd in ["from=x", "before=-1", "from=9999999999.000000000", "before=0.000000000"] {
        assert_eq!(alice.visit(&stage.portal.at(&format!("/tasks/{}/logs?{odd}", task.id))).await?.status, StatusCode::OK, "{odd}");
    }
    for nothing in ["pod=other", "rank=x", "rank=-1"] {
        let path = format!("/tasks/{}/logs?{nothing}", task.id);
        assert_eq!(alice.visit(&stage.portal.at(&path)).await?.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    // The viewer reads what came before its first line.
    let end = stage.read(&mut alice, &format!("/tasks/{}/logs", task.id)).await?;
    let (_, rest) = end.split_once("data-older=\"").context("a way to all of it")?;
    let path = rest.split('"').next().unwrap_or_default().replace("&amp;", "&");
    let mut whole = Follow::open(&mut alice, &stage.portal, &path, None).await?;
    whole.hear_all().await?;
    assert_eq!([whole.lines(), shown(&end)].concat(), numbers(1, 2500));
    Ok(())
}

async fn file(program: &Program, stage: &Stage, path: &str) -> Result<(String, Vec<u8>)> {
    let answer = Visitor::new()?.open(Method::GET, &stage.portal.at(path), |request| request.bearer_auth(program.token())).await?;
    ensure!(answer.status() == StatusCode::OK, "{path}: {}", answer.status());
    let name = answer.headers().get("content-disposition").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Ok((name, answer.bytes().await?.to_vec()))
}

/// 0.47
#[tokio::test]
async fn several_ranks_are_read_together_by_time_each_alone_and_as_files() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let run = "r=$JOB_COMPLETION_INDEX; sleep $r; for i in 1 2 3; do echo rank $r says $i; sleep 2; done";
    let mut asked = plan("both", run, Vec::new(), 600)?;
    (asked.spec.completions, asked.spec.parallelism) = (2, 2);
    let task = stage.alice.submit(&asked).await?;
    stage.until(&task, |task| task.state == TaskState::Succeeded).await?;
    let page = stage.read(&mut alice, &format!("/tasks/{}/logs", task.id)).await?;
    let (lines, times): (Vec<_>, Vec<_>) = (shown(&page), page.split("datetime=\"").skip(1).map(|rest| &rest[..24]).collect());
    assert_eq!(lines.len(), 6, "{page}");
    assert!(times.is_sorted(), "{times:?}");
    assert!(page.contains(">0</b><code>rank 0 says 1<") && page.contains(">1</b><code>rank 1 says 1<"), "{page}");
    let one = stage.read(&mut alice, &format!("/tasks/{}/logs?rank=1", task.id)).await?;
    assert_eq!(shown(&one), [1, 2, 3].map(|i| format!("rank 1 says {i}")));
    assert!(!one.contains("</b><code>"), "one rank needs no names");

    let program = Program::of(&stage.portal, &mut alice).await?;
    let api = format!("/api/tasks/{}/logs", task.id);
    let stem = format!("both-{}", task.id);
    let (name, text) = file(&program, &stage, &format!("{api}?rank=1&download=true")).await?;
    assert_eq!(
        (name, String::from_utf8(text)?),
        (format!("attachment; filename=\"{stem}-rank1.log\""), "rank 1 says 1\nrank 1 says 2\nrank 1 says 3\n".into())
    );
    let (name, packed) = file(&program, &stage, &format!("{api}?all_ranks=true&download=true&gzip=true")).await?;
    assert_eq!(name, format!("attachment; filename=\"{stem}.log.gz\""));
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut text)?;
    let named: Vec<_> = text.lines().map(|line| line.split_once("] ").map_or(line, |(_, said)| said)).collect();
    assert_eq!(named, lines, "in the order of the page: {text}");
    assert!(text.lines().all(|line| line.starts_with("[0] rank 0") || line.starts_with("[1] rank 1")), "{text}");
    let (_, timed) = file(&program, &stage, &format!("{api}?all_ranks=true&timestamps=true")).await?;
    assert!(String::from_utf8(timed)?.lines().collect::<Vec<_>>().is_sorted());
    assert_eq!(program.get(&stage.portal, &format!("{api}?all_ranks=true&rank=1")).await?.status, StatusCode::UNPROCESSABLE_ENTITY);
    Ok(())
}

#[tokio::test]
async fn each_try_at_a_rank_has_a_log_of_its_own() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let mut asked = plan("tries", "date +%s%N; echo tried; exit 3", Vec::new(), 600)?;
    asked.spec.retries = 1;
    let task = stage.alice.submit(&asked).await?;
    let over = stage.until(&task, |task| task.state == TaskState::Failed).await?;
    assert_eq!(over.pods.iter().map(|pod| pod.state).collect::<Vec<_>>(), [PodState::Failed; 2]);
    let page = stage.read(&mut alice, &format!("/tasks/{}/logs", task.id)).await?;
    let mut logs = Vec::new();
    for label in ["Try 1 of 2", "Try 2 of 2"] {
        let href = link(&page, label).with_context(|| format!("{label}: {page}"))?;
        let log = stage.read(&mut alice, &href).await?;
        assert!(log.contains("aria-current=\"page\"") && shown(&log).len() == 2, "{log}");
        logs.push(shown(&log)[0].clone());
    }
    assert_ne!(logs[0], logs[1]);
    Ok(())
}

#[tokio::test]
async fn c6_104_a_person_reads_twenty_logs_at_once_and_is_told_when_there_are_more() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let task = stage.submit("many", "echo begun; sleep 300").await?;
    running(&stage, &task).await?;
    let path = format!("/tasks/{}/logs/follow", task.id);
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Follow::open(&mut alice, &stage.portal, &path, None).await?);
    }
    let answer = alice.ask(&stage.portal.at(&path)).await?;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text);
    assert!(answer.headers.contains_key("retry-after") && answer.text.contains("Too many logs"), "{}", answer.text);
    let page = stage.read(&mut alice, &format!("/tasks/{}/logs", task.id)).await?;
    assert!(page.contains("begun"), "pages are answered all the same");
    drop(open);
    Ok(())
}
