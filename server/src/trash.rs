//! When does what is in the trash go for good? One portal of all looks every minute; each removal is on the audit trail as its own act.

use crate::background::Background;
use cluster::{Cluster, Due, Error};
use domain::{
    audit::{PORTAL, Verb},
    owner::Principal,
};
use records::{DONE, Entry, Lease, Records};
use std::time::Duration;
use tracing::{debug, error, warn};

const EVERY: Duration = Duration::from_secs(60);
/// Outlasts a round that comes late.
const LEASE: Duration = Duration::from_secs(150);

/// Looks every minute. Also where deletions are at once: something may be in the trash from before.
pub fn sweep(cluster: Cluster, records: Records) -> Background {
    Background::start("emptying the trash", move || rounds(cluster.clone(), records.clone()))
}

async fn rounds(cluster: Cluster, records: Records) {
    cluster.synced().await;
    let lease = records.lease("trash", LEASE);
    let mut clock = tokio::time::interval(EVERY);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        round(&cluster, &records, &lease).await;
    }
}

/// Removes all that is due, if it is this portal's turn.
pub async fn round(cluster: &Cluster, records: &Records, lease: &Lease) {
    let sweeper = cluster.sweeper();
    let due = match sweeper.due() {
        Ok(due) => due,
        Err(error) => return debug!(error = &error as &dyn std::error::Error, "what is due in the trash is not known"),
    };
    for due in due {
        match lease.is_held().await {
            Ok(true) => {}
            Ok(false) => return,
            // What cannot be put on record is not done.
            Err(error) => return warn!(error = &error as &dyn std::error::Error, "what is due in the trash stays for now"),
        }
        // The portal does not end between the removal and its line.
        let _underway = records.begin();
        match sweeper.remove(&due).await {
            Ok(()) => record(records, &due).await,
            // Its page says what it waits for.
            Err(Error::InUse(why)) => debug!(claim = due.volume.claim, %why, "a volume stays in the trash while it is in use"),
            // Restored, or gone, since it was seen.
            Err(Error::Stale | Error::NotFound) => {}
            Err(error) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    claim = due.volume.claim,
                    "a volume that is due was not removed; it is tried again"
                );
            }
        }
    }
}

async fn record(records: &Records, due: &Due) {
    let Ok(principal) = Principal::new(PORTAL, "portal") else { return };
    let entry = Entry {
        principal,
        username: "the portal".to_owned(),
        verb: Verb::DeleteVolume,
        object_id: due.volume.id.to_string(),
        object_name: due.volume.name.clone(),
        owner: due.owner.as_ref().map(ToString::to_string).unwrap_or_default(),
        owner_name: due.volume.username.clone(),
        new_owner: None,
        request_id: String::new(),
        token: None,
        outcome: DONE.to_owned(),
    };
    if let Err(error) = records.audit().record(&entry).await {
        error!(error = &error as &dyn std::error::Error, ?entry, "an act is missing in the audit trail");
    }
}
