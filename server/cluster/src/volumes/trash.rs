//! How is a deletion undone, and what goes for good when its time is over?
//!
//! What is in the trash is a claim with an annotation that says until when. Whoever may write claims may write any time, and could
//! give themselves the volume just as well: the annotation is a promise to people, not a lock. A time that cannot be read keeps a
//! volume for ever; only a person ends that.

use super::{DEADLINE, Owned, within};
use crate::{
    claim::ClaimRow,
    clock::now,
    error::Error,
    labels,
    pods::Viewer,
    scope::{Cluster, Link, UserCluster},
    watch::rows::Rows,
};
use domain::{
    allowed::WhyNot,
    name::ObjectName,
    owner::OwnerKey,
    text,
    volume::{Removed, Trash, Volume},
};
use serde_json::json;
use std::sync::Arc;
use tracing::info;

impl Owned {
    /// Marks exactly the volume that the person saw, unless a pod works with it at this moment.
    pub(super) async fn throw_away(self, seen_uid: &str, until: i64) -> Result<Removed, Error> {
        if self.live.meta.uid != seen_uid {
            return Err(Error::Stale);
        }
        if self.live.is_deleting() {
            return Ok(Removed::ForGood);
        }
        if let Some(trash) = self.live.trash() {
            return Ok(Removed::ToTrash(trash));
        }
        within(DEADLINE, async {
            self.check_unused().await?;
            self.link.close_window(&self.live).await
        })
        .await?;
        let mark = json!({"metadata": {"annotations": {labels::TRASH_UNTIL: text::machine_date(until)}}});
        self.change(
            seen_uid,
            "volume moved to the trash",
            |live| Ok((live.trash().is_none() && !live.is_deleting()).then(|| mark.clone())),
        )
        .await?;
        Ok(Removed::ToTrash(Trash::Until(until)))
    }

    /// Takes exactly the volume that the person saw out of the trash. One that is not there stays as it is.
    pub async fn restore(self, seen_uid: &str) -> Result<(), Error> {
        self.change(seen_uid, "volume restored", |live| {
            if live.is_deleting() {
                return Err(Error::NotAllowed(WhyNot::DeletedAlready));
            }
            Ok(live.trash().map(|_| json!({"metadata": {"annotations": {labels::TRASH_UNTIL: null}}})))
        })
        .await
    }
}

impl UserCluster {
    /// Waits until this volume is gone and its name is free (or three seconds).
    pub async fn until_gone(&self, volume: &Volume) {
        let look = |rows: &Rows| {
            let is_there = rows.claim(&volume.claim).is_some_and(|row| *row.claim.meta.uid == volume.uid);
            (!is_there).then_some(())
        };
        self.link.cache.until_seen(crate::act::SEEN, look).await;
    }
}

/// Removes what is due, in the portal's own name.
#[derive(Clone)]
pub struct Sweeper {
    link: Arc<Link>,
}

/// A volume whose time in the trash is over.
#[derive(Clone, Debug)]
pub struct Due {
    pub volume: Volume,
    /// Nothing if nobody provably owns it.
    pub owner: Option<OwnerKey>,
}

impl Cluster {
    pub fn sweeper(&self) -> Sweeper {
        Sweeper { link: Arc::clone(&self.link) }
    }
}

impl Sweeper {
    /// What is due now, as the rows know it.
    pub fn due(&self) -> Result<Vec<Due>, Error> {
        let now = now();
        let rows = self.link.cache.rows(Rows::all)?;
        let due = rows.iter().filter(|row| is_due(&row.claim, now));
        Ok(due.map(|row| Due { volume: row.volume(Viewer::Admin, &[], now), owner: row.owner.key().cloned() }).collect())
    }

    /// Removes exactly this volume, if it is still due and nothing works with it at this moment.
    pub async fn remove(&self, due: &Due) -> Result<(), Error> {
        let name: ObjectName = due.volume.claim.parse().map_err(Error::unexpected)?;
        within(DEADLINE, async {
            let live: ClaimRow = self.link.live(&name).await?;
            // Restored meanwhile, or another of the same name.
            if *live.meta.uid != due.volume.uid || !is_due(&live, now()) {
                return Err(Error::Stale);
            }
            self.link.check_unused(&name, Viewer::Admin).await?;
            self.link.close_window(&live).await?;
            self.link.delete_exactly(&name, &live.meta).await
        })
        .await?;
        info!(claim = %name, "volume removed: its time in the trash is over");
        Ok(())
    }
}

fn is_due(claim: &ClaimRow, now: i64) -> bool {
    claim.is_marked() && !claim.is_deleting() && claim.trash().is_some_and(|trash| trash.is_due(now))
}
