//! What if more happens than anybody can look at? The portal keeps little of it, and the last word arrives.

use crate::faults::site;
use crate::live::Stream;
use crate::new_task::{short, small};
use crate::outages::until;
use crate::portal::{Place, Site as _, Trust};
use crate::visitor::Visitor;
use crate::volumes::{form, unique};
use anyhow::{Context, Result, ensure};
use ground::{Api, Ground};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};

const CHANGES: usize = 5000;
/// No two notices to one browser are closer (`live::SPACING`).
const SPACING: Duration = Duration::from_millis(50);
const LINES: usize = 65_536;

/// Changes this claim so often, as fast as it can be done.
async fn storm(api: &Api, claim: &str) -> Result<()> {
    let done = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..8 {
        let (api, claim, done) = (api.clone(), claim.to_owned(), Arc::clone(&done));
        senders.spawn(async move {
            while let number @ ..CHANGES = done.fetch_add(1, Ordering::SeqCst) {
                let patch = json!({"metadata": {"annotations": {"stowage.dev/description": format!("turn {number}")}}});
                match api.patch_merge(&claim, &patch).await {
                    // Another sender was quicker several times.
                    Err(error) if error.status() == Some(409) => drop(done.fetch_sub(1, Ordering::SeqCst)),
                    answer => drop(answer?),
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    Ok(())
}

#[tokio::test]
async fn d_38_a_storm_of_changes_of_one_volume_is_told_in_few_words_and_its_last_state_is_shown() -> Result<()> {
    let ground = Ground::current().await?;
    let namespace = ground.namespace("storm").await?;
    let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &[("kubernetes.namespace", namespace.name())]).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = alice.post(&portal.at("/volumes/new"), &form("stormy", "standard")).await?;
    let there = made.location.as_deref().with_context(|| format!("{made:?}"))?.split('?').next().unwrap_or_default().to_owned();
    let id = there.trim_start_matches("/volumes/").to_owned();
    let claim = namespace.path(&format!("persistentvolumeclaims/stormy-{id}"));
    // Two browsers: one only listens, the other reads its page again at every notice, and knows nothing else.
    let begun = Instant::now();
    let mut listening = Stream::open(&mut alice, &portal).await?;
    let listener = tokio::spawn(async move {
        let mut notices = 0_u32;
        // The end of the test ends the stream.
        while let Ok(Some(_)) = listening.next().await {
            notices += 1;
        }
        notices
    });
    let mut stream = Stream::open(&mut alice, &portal).await?;
    let (mut reader, page) = (alice.clone(), portal.at(&there));
    let reading = tokio::spawn(async move {
        loop {
            let text = reader.visit(&page).await?.text;
            if text.contains("the last word") {
                return anyhow::Ok(Instant::now());
            }
            stream.next().await.with_context(|| text)?.context("the stream ended")?;
        }
    });
    storm(ground.admin(), &claim).await?;
    let last = json!({"metadata": {"annotations": {"stowage.dev/description": "the last word"}}});
    ground.admin().patch_merge(&claim, &last).await?;
    let said = Instant::now();
    let shown = timeout(Duration::from_secs(10), reading).await.context("the last state is not shown")???;
    assert!(shown.saturating_duration_since(said) < Duration::from_secs(5), "{:?}", shown - said);
    let lasted = begun.elapsed();
    portal.end.now();
    let notices = listener.await?;
    let most = u32::try_from(lasted.as_millis() / SPACING.as_millis())? + 2;
    assert!((2..=most).contains(&notices), "{notices} notices in {lasted:?}");
    assert!(usize::try_from(notices)? < CHANGES / 5, "{notices} notices of {CHANGES} changes");
    namespace.delete().await
}

#[tokio::test]
async fn d_39_a_log_that_is_written_faster_than_it_is_read_is_not_kept_in_the_portal_and_loses_nothing() -> Result<()> {
    let ground = Ground::current().await?;
    let (site, namespace) = site(&ground, "torrent").await?;
    let running = site.start().await?;
    let mut alice = Visitor::signed_in(&site, "alice").await?;
    // About 60 MB, once somebody reads along.
    let write = format!("echo begun; sleep 4; x=$(head -c 900 /dev/zero | tr '\\0' x); seq {LINES} | sed \"s/$/ $x/\"; echo written");
    let file = small(&short("torrent")?, "")
        .replace("run: 'true'", &format!("run: |\n  {write}"))
        .replace("cpus: 50m", "cpus: 500m")
        .replace("disk: 16Mi", "disk: 512Mi");
    let made = alice.post(&site.at("/tasks/new"), &[("do", "submit"), ("key", &unique("key")?), ("file", &file)]).await?;
    let page = made.location.with_context(|| made.text.clone())?.split('?').next().unwrap_or_default().to_owned();
    until(&mut alice, &site.at(&format!("{page}/logs")), |_, text| text.contains(">begun<")).await?;
    let mut log = alice.open(Method::GET, &site.at(&format!("{page}/logs/follow")), |request| request).await?;
    ensure!(log.status() == StatusCode::OK, "{}", log.status());

    // Nobody takes anything, and the task is not held up by that.
    let (before, mut most) = (running.memory()?, 0);
    let mut pace = interval(Duration::from_millis(200));
    let jobs = format!("/apis/batch/v1/namespaces/{}/jobs", namespace.name());
    let written = async {
        loop {
            pace.tick().await;
            most = most.max(running.memory()?);
            if ground.admin().list(&jobs).await?.iter().any(|job| job["status"]["succeeded"] == 1) {
                return anyhow::Ok(());
            }
        }
    };
    timeout(Duration::from_secs(90), written).await.context("the task is held up")??;
    let mut heard = String::new();
    let mut next = 1;
    let reading = async {
        while let Some(piece) = log.chunk().await? {
            most = most.max(running.memory()?);
            heard.push_str(&String::from_utf8_lossy(&piece));
            let Some((whole, rest)) = heard.rsplit_once('\n') else { continue };
            for text in whole.lines().filter_map(|line| line.strip_prefix("data: ")?.split('\t').nth(2)) {
                if let Some((number, _)) = text.split_once(" x") {
                    ensure!(number == next.to_string(), "{next} is missing, {number} comes");
                    next += 1;
                }
            }
            heard = rest.to_owned();
        }
        Ok(())
    };
    timeout(Duration::from_secs(120), reading).await.context("the log does not end")??;
    assert_eq!(next - 1, LINES);
    assert!(most < before + (24 << 20), "{} MiB more", (most - before) >> 20);
    drop(running);
    namespace.delete().await
}
