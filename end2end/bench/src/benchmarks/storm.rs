//! 9: a thousand changes in a second with 500 tabs open. What does one change cost for each tab that it concerns, against sending
//! made bytes to everybody?
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinHandle;

use crate::Bench;
use crate::baselines::{Baseline, EVENT_BYTES};
use crate::dataset::{self, set_status};
use crate::figure::Figure;
use crate::pairs::Pairs;
use crate::tab::{self, PER_PERSON, Tab};

const EVENTS: usize = 1000;
const AT_ONCE: usize = 32;
const DEADLINE: Duration = Duration::from_secs(90);

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let mut tabs = tab::open(&bench.portal, 2, bench.tabs()).await?;
    let people = bench.tabs().div_ceil(PER_PERSON);
    let claims: Vec<usize> =
        (2..2 + people).flat_map(|owner| bench.dataset.claims_of(owner)).filter(|claim| dataset::Dataset::is_bound(*claim)).collect();
    let mut baseline = Baseline::start("broadcast", bench.ground.admin_kubeconfig())?;
    let port: u16 = baseline.heard().await?.parse()?;
    let (received, listeners) = listen(port, bench.tabs()).await?;
    let (mut pairs, mut lost, mut notes) = (Pairs::default(), 0, Vec::new());
    for turn in 0..if bench.quick { 1 } else { 4 } {
        let storm = storm(bench, &mut tabs, &claims, turn).await?;
        let broadcast = broadcast(&mut baseline, bench.tabs(), &received).await?;
        lost += storm.lost;
        // The first one warms up, where there are more.
        if turn > 0 || bench.quick {
            pairs.add(storm.cpu_us, broadcast);
            notes.push(storm.note);
        }
    }
    listeners.iter().for_each(JoinHandle::abort);
    for claim in claims {
        set_status(bench.ground.admin(), claim, "Bound", &dataset::size(claim)).await?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of tabs")]
    let lost = lost as f64;
    let figure = pairs.figure("9 storm: CPU per event and tab concerned", "µs", [1.0, 2.0]);
    let note = format!("{}; {}", figure.note, notes.join("; "));
    Ok(vec![figure.note(note), Figure::counted("9 storm: tabs that end up wrong", "tabs", [lost, 1.0], [0.0, 0.0])])
}

struct Storm {
    /// Microseconds for each change and tab.
    cpu_us: f64,
    lost: usize,
    note: String,
}

async fn storm(bench: &Bench, tabs: &mut [Tab], claims: &[usize], turn: usize) -> Result<Storm> {
    let process = bench.portal.process()?;
    let notices = || tabs_notices(tabs);
    let (cpu, heard, start) = (process.cpu()?, notices(), Instant::now());
    // Phases go back and forth; the last change of each claim leaves a size that no other has.
    let rounds = EVENTS.div_ceil(claims.len());
    for round in 0..rounds {
        let last = round + 1 == rounds;
        let count = if last { claims.len() } else { (EVENTS - claims.len()).min(claims.len()) };
        let change = |claim: usize| async move {
            let (phase, size) = if last { ("Bound", final_size(turn, claim)) } else { ("Pending", dataset::size(claim)) };
            set_status(bench.ground.admin(), claim, phase, &size).await.map(drop)
        };
        stream::iter(claims.iter().take(count).map(|claim| change(*claim))).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    }
    let took = start.elapsed();
    let mut lost = 0;
    for tab in tabs.iter_mut() {
        let mine = claims.iter().filter(|claim| bench.dataset.owner(**claim) == tab.owner);
        let texts: Vec<String> = mine.map(|claim| shown(&final_size(turn, *claim))).collect();
        ensure!(!texts.is_empty(), "member-{} has nothing that changes", tab.owner);
        lost += usize::from(tab.shows(&texts, DEADLINE.saturating_sub(start.elapsed())).await.is_err());
    }
    let settled = start.elapsed();
    let spent = process.cpu()? - cpu;
    let readings = tabs_notices(tabs) - heard;
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let cpu_us = spent * 1e6 / (EVENTS * PER_PERSON) as f64;
    let note = format!(
        "{EVENTS} changes in {:.1} s, all tabs right after {:.1} s, {readings} readings, {spent:.2} s CPU",
        took.as_secs_f64(),
        settled.as_secs_f64()
    );
    Ok(Storm { cpu_us, lost, note })
}

fn tabs_notices(tabs: &[Tab]) -> usize {
    tabs.iter().map(|tab| tab.notices.load(Ordering::Relaxed)).sum()
}

fn final_size(turn: usize, claim: usize) -> String {
    // Below 1024, so that it is shown whole.
    format!("{}Mi", 2 + (claim * 7 + turn * 131) % 1000)
}

fn shown(size: &str) -> String {
    format!(">{} Mi<", size.trim_end_matches("Mi"))
}

/// Those who listen, and how many bytes all of them have received.
async fn listen(port: u16, count: usize) -> Result<(Arc<AtomicUsize>, Vec<JoinHandle<()>>)> {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    let (received, mut listeners) = (Arc::new(AtomicUsize::new(0)), Vec::new());
    for _ in 0..count {
        let mut answer = client.get(format!("http://127.0.0.1:{port}/")).send().await.context("the broadcast does not answer")?;
        let received = Arc::clone(&received);
        listeners.push(tokio::spawn(async move {
            while let Ok(Some(chunk)) = answer.chunk().await {
                received.fetch_add(chunk.len(), Ordering::Relaxed);
            }
        }));
    }
    Ok((received, listeners))
}

/// Microseconds of the broadcaster for each event and listener, once everybody has all of them.
async fn broadcast(baseline: &mut Baseline, listeners: usize, received: &AtomicUsize) -> Result<f64> {
    let process = baseline.process()?;
    let (before, expected) = (process.cpu()?, received.load(Ordering::Relaxed) + EVENTS * listeners * EVENT_BYTES);
    baseline.tell(&EVENTS.to_string()).await?;
    baseline.heard().await?;
    let (mut look, start) = (tokio::time::interval(Duration::from_millis(10)), Instant::now());
    while received.load(Ordering::Relaxed) < expected {
        ensure!(start.elapsed() < DEADLINE, "the broadcast does not reach everybody");
        look.tick().await;
    }
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    Ok((process.cpu()? - before) * 1e6 / (EVENTS * listeners) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_size_is_shown_whole() {
        assert_eq!(shown(&final_size(0, 1)), ">9 Mi<");
        assert!((0..100_000).all(|claim| final_size(3, claim).len() <= 6));
    }
}
