//! Does the portal's account hold what it needs, and nothing that would let one fault of the portal reach everything?

use cluster::Cluster;
use domain::rights::{Right, Standing};
use std::time::Duration;
use thiserror::Error;
use tokio::time::{sleep, timeout};

/// The start waits so long for a cluster that does not answer.
const AT_START: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_secs(300);
const AFTER_SILENCE: Duration = Duration::from_secs(10);

/// The account is more powerful than a portal should be, and nobody has said that this is meant.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "the portal's account may also {}; take these rights from it, or set kubernetes.accept_dangerous_rights to true if they are meant",
    names(.0)
)]
pub struct Dangerous(Vec<Right>);

/// Looks at the start and every few minutes; the log hears of what has changed.
pub struct Checking {
    cluster: Cluster,
    measures: bool,
    accepts: bool,
    last: Option<Standing>,
}

impl Checking {
    /// `measures`: nodes are asked how full volumes are. `accepts`: dangerous rights are meant.
    pub fn new(cluster: Cluster, measures: bool, accepts: bool) -> Self {
        Self { cluster, measures, accepts, last: None }
    }

    /// The first look. A cluster that is away does not keep the portal from starting.
    pub async fn start(&mut self) -> Result<(), Dangerous> {
        timeout(AT_START, self.look()).await.unwrap_or(Ok(()))
    }

    /// Looks on. Returns only if the first answer came after the start, and is that the portal should not have started.
    pub async fn go_on(&mut self) -> Dangerous {
        loop {
            sleep(if self.last.is_some() { BETWEEN } else { AFTER_SILENCE }).await;
            if let Err(dangerous) = self.look().await {
                return dangerous;
            }
        }
    }

    async fn look(&mut self) -> Result<(), Dangerous> {
        let standing = match self.cluster.review_rights(self.measures).await {
            Ok(standing) => standing,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the rights of the portal's account could not be looked up");
                return Ok(());
            }
        };
        let dangerous: Vec<Right> = standing.dangerous().cloned().collect();
        let is_first = self.last.is_none();
        if self.last.as_ref() != Some(&standing) {
            tell(&standing);
            self.last = Some(standing);
        }
        // Later, other people are at work: what an administrator tries for a moment ends no portal.
        if is_first && !self.accepts && !dangerous.is_empty() { Err(Dangerous(dangerous)) } else { Ok(()) }
    }
}

fn tell(standing: &Standing) {
    for right in &standing.missing {
        tracing::error!(%right, "the portal's account lacks a right");
    }
    for right in &standing.excess {
        tracing::warn!(%right, "the portal's account has a right that the portal does not need");
    }
    if standing.missing.is_empty() && standing.excess.is_empty() {
        tracing::info!("the portal's account has exactly the rights that it needs");
    }
}

/// As a sentence has them; the first few are enough.
fn names(rights: &[Right]) -> String {
    const SHOWN: usize = 5;
    let mut names: Vec<String> = rights.iter().take(SHOWN).map(Right::to_string).collect();
    if rights.len() > SHOWN {
        names.push(format!("{} more", rights.len() - SHOWN));
    }
    names.join(", ")
}
