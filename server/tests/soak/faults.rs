//! What goes wrong meanwhile? The ways to the API server and to the records, and the portal itself.

use crate::portal::Site as _;
use crate::process::{Running, Site};
use crate::told::{End, Told};
use anyhow::{Context, Result, ensure};
use ground::FaultProxy;
use rand::RngExt;
use rand::rngs::StdRng;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::{Instant, interval, timeout};

pub struct Ways {
    pub cluster: FaultProxy,
    /// If they are on a server.
    pub records: Option<FaultProxy>,
}

pub struct Faults {
    site: Arc<Site>,
    running: Running,
    ways: Ways,
    told: Arc<Told>,
    random: StdRng,
    pid: Arc<AtomicU32>,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Cut,
    Stalled,
    Slow,
}

impl Faults {
    pub fn new(site: Arc<Site>, running: Running, ways: Ways, told: Arc<Told>, random: StdRng) -> Self {
        let pid = Arc::new(AtomicU32::new(running.pid().unwrap_or_default()));
        Self { site, running, ways, told, random, pid }
    }

    /// Of the portal that runs now.
    pub fn pid(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.pid)
    }

    /// Until it is stopped; the portal is not ended any more after `stays`. What it answers with is still open, and needed.
    pub async fn happen(mut self, stays: Instant, mut stopped: watch::Receiver<bool>) -> Result<(Running, Ways)> {
        loop {
            // Now and then it stays calm for so long that nothing may fail any more.
            let quiet = if self.random.random_bool(0.2) { 30_000..60_000 } else { 1_000..8_000 };
            let quiet = Duration::from_millis(self.random.random_range(quiet));
            if timeout(quiet, stopped.wait_for(|stopped| *stopped)).await.is_ok() {
                return Ok((self.running, self.ways));
            }
            let fault = self.random.random_range(0..if Instant::now() < stays { 10 } else { 6 });
            self.told.disturbed();
            match fault {
                6..=8 => self.ends(fault == 6).await?,
                9 => {
                    self.ways.cluster.cut();
                    self.ends(false).await?;
                    self.ways.cluster.restore();
                }
                _ => self.way().await?,
            }
            self.told.restored();
        }
    }

    /// Something is wrong on a way, for a while.
    async fn way(&mut self) -> Result<()> {
        let how = [How::Cut, How::Stalled, How::Slow][self.random.random_range(0..3)];
        let to_records = self.random.random_bool(0.4);
        let (name, way) = match &self.ways.records {
            Some(records) if to_records => ("records", records),
            Some(_) | None => ("cluster", &self.ways.cluster),
        };
        let end = Instant::now() + Duration::from_millis(self.random.random_range(1_000..5_000));
        let mut pace = interval(Duration::from_millis(150));
        let mut passes = false;
        while Instant::now() < end {
            pace.tick().await;
            match how {
                How::Cut => way.cut(),
                How::Slow if passes => way.restore(),
                How::Stalled | How::Slow => way.stall(),
            }
            passes = !passes;
        }
        way.restore();
        self.told.count(&format!("fault: {name} {how:?}").to_lowercase(), End::Done);
        Ok(())
    }

    /// The portal is asked to end, or killed; and is started again on its records.
    async fn ends(&mut self, asked: bool) -> Result<()> {
        self.pid.store(0, Ordering::SeqCst);
        if asked {
            let pid = self.running.pid()?;
            let sent = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().await?;
            ensure!(sent.success(), "no signal");
            let status = self.running.ends().await.context("it was asked to end")?;
            ensure!(status.success(), "asked to end, it ended with {status}");
        } else {
            self.running.killed().await?;
        }
        self.told.count(if asked { "fault: portal restarted" } else { "fault: portal killed" }, End::Done);
        self.running = self.site.start().await.with_context(|| format!("it does not start again at {}", self.site.url()))?;
        self.pid.store(self.running.pid()?, Ordering::SeqCst);
        Ok(())
    }
}
