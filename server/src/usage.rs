//! When is it measured how full volumes are, and what becomes of it? By one portal of all that share the records, whoever looks.

use crate::background::Background;
use cluster::{Cluster, Measured};
use records::{Lease, Records, Samples};
use std::time::Duration;
use tracing::warn;

/// What was measured before comes back at once; then every so often all is measured anew.
pub fn measure(cluster: Cluster, records: Records, every: Duration) -> Background {
    Background::start("measuring volumes", move || rounds(cluster.clone(), records.clone(), every))
}

async fn rounds(cluster: Cluster, records: Records, every: Duration) {
    // Outlasts a round that comes late.
    let (samples, lease) = (records.samples(), records.lease("usage", every * 5 / 2));
    cluster.synced().await;
    remember(&cluster, &samples).await;
    let mut clock = tokio::time::interval(every);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        round(&cluster, &samples, &lease).await;
    }
}

/// Gives the cluster what the records know, so that a restart forgets nothing.
pub async fn remember(cluster: &Cluster, samples: &Samples) {
    match samples.latest().await {
        Ok(latest) => cluster.remember(&latest.into_iter().map(|(uid, sample)| Measured { uid, sample }).collect::<Vec<_>>()),
        Err(error) => warn!(error = &error as &dyn std::error::Error, "what was measured before is not known"),
    }
}

/// Measures once and keeps it, or reads what another portal has measured. What fails is for the log: pages show the age of what they
/// have.
async fn round(cluster: &Cluster, samples: &Samples, lease: &Lease) {
    // While the records are away, each measures for itself.
    if matches!(lease.is_held().await, Ok(false)) {
        return remember(cluster, samples).await;
    }
    let measured = match cluster.measure().await {
        Ok(measured) => measured,
        Err(error) => return warn!(error = &error as &dyn std::error::Error, "how full volumes are was not measured"),
    };
    let measured: Vec<_> = measured.into_iter().map(|Measured { uid, sample }| (uid, sample)).collect();
    if let Err(error) = samples.keep(&measured).await {
        warn!(error = &error as &dyn std::error::Error, "how full volumes are was measured and not kept");
    }
}
