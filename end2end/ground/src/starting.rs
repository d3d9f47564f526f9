//! What has been started so far, and is it ready? Used by `up` only.
use std::cell::RefCell;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

use crate::layout::Layout;
use crate::process::{Started, start};
use crate::progress::words;
use crate::state::Component;

/// Generous, since a machine may be busy with a build at the same time.
const DEADLINE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(50);

pub(crate) struct Starting<'a> {
    pub(crate) layout: &'a Layout,
    started: RefCell<Vec<Started>>,
}

impl<'a> Starting<'a> {
    pub(crate) fn new(layout: &'a Layout) -> Self {
        Self { layout, started: RefCell::default() }
    }

    pub(crate) fn start(&self, name: &'static str, command: Command) -> Result<()> {
        let started = start(self.layout, name, command)?;
        self.started.borrow_mut().push(started);
        Ok(())
    }

    /// Waits until `ready`; an error as soon as one of the processes has ended, or much too late.
    pub(crate) async fn wait(&self, what: &str, ready: impl AsyncFn() -> bool) -> Result<()> {
        let begin = Instant::now();
        let mut look = tokio::time::interval(LOOK);
        loop {
            look.tick().await;
            if ready().await {
                println!("{what}: {}", words(begin.elapsed()));
                return Ok(());
            }
            self.check()?;
            if begin.elapsed() > DEADLINE {
                bail!("{what}: not within {}; see the logs in {}", words(DEADLINE), self.layout.logs().display());
            }
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.started.borrow_mut().iter_mut().try_for_each(Started::check)
    }

    pub(crate) fn components(&self, now: jiff::Timestamp) -> Vec<Component> {
        let started = self.started.borrow();
        let component = |started: &Started| Component { name: started.name.to_owned(), process: started.process, since: now };
        started.iter().map(component).collect()
    }
}
