//! How does a volume go, and how do many? Each is proven, unused and exactly the one that was seen. Where there is a trash, it goes
//! there first ([`super::trash`]).

use super::{ATTEMPTS, DEADLINE, Owned, PARALLEL, within};
use crate::{
    claim::ClaimRow,
    clock::now,
    error::Error,
    object::Meta,
    pods::{PodRow, Viewer},
    scope::{AdminCluster, Link, UserCluster},
};
use domain::{
    allowed::may_delete,
    name::{ObjectName, VolumeId},
    volume::Removed,
};
use futures::{StreamExt, stream};
use kube::api::{DeleteParams, Preconditions};
use serde::de::IgnoredAny;
use tracing::info;

impl UserCluster {
    /// Deletes each of these own volumes that the person saw (id and uid), with the checks of a single deletion. None waits for
    /// or stops another; `ended` is told of each as it ends, and the answers are in the order of the question.
    pub async fn delete_all<E: Future<Output = ()>>(
        &self,
        chosen: Vec<(VolumeId, String)>,
        ended: impl Fn(&VolumeId, &Result<Removed, Error>) -> E,
    ) -> Vec<(VolumeId, Result<Removed, Error>)> {
        stream::iter(chosen)
            .map(async |(id, uid)| {
                let gone = deleted(self.owned_volume(&id).await, &uid).await;
                ended(&id, &gone).await;
                (id, gone)
            })
            .buffered(PARALLEL)
            .collect()
            .await
    }
}

impl AdminCluster {
    /// The same of anybody's volumes.
    pub async fn delete_all<E: Future<Output = ()>>(
        &self,
        chosen: Vec<(VolumeId, String)>,
        ended: impl Fn(&VolumeId, &Result<Removed, Error>) -> E,
    ) -> Vec<(VolumeId, Result<Removed, Error>)> {
        stream::iter(chosen)
            .map(async |(id, uid)| {
                let gone = deleted(self.managed_volume(&id).await, &uid).await;
                ended(&id, &gone).await;
                (id, gone)
            })
            .buffered(PARALLEL)
            .collect()
            .await
    }
}

async fn deleted(found: Result<Owned, Error>, seen_uid: &str) -> Result<Removed, Error> {
    found?.delete(seen_uid).await
}

impl Owned {
    /// Deletes exactly the volume that the person saw, unless a pod works with it at this moment; where there is a trash, it can be
    /// restored from there for a while. One that is being deleted, or is in the trash, already stays so. The answer comes when the
    /// list shows it (or after three seconds more).
    pub async fn delete(self, seen_uid: &str) -> Result<Removed, Error> {
        match self.link.trash_until(now()) {
            Some(until) => self.throw_away(seen_uid, until).await,
            None => self.delete_now(seen_uid).await,
        }
    }

    /// The same for good, also of what is in the trash.
    pub async fn delete_now(mut self, seen_uid: &str) -> Result<Removed, Error> {
        if within(DEADLINE, self.request_deletion(seen_uid)).await? {
            info!(by = ?self.right, claim = %self.name, "volume deletion requested");
        }
        self.until_seen(seen_uid, |row| row.claim.is_deleting()).await;
        Ok(Removed::ForGood)
    }

    /// Whether this call did it.
    async fn request_deletion(&mut self, seen_uid: &str) -> Result<bool, Error> {
        for _ in 0..ATTEMPTS {
            if self.live.meta.uid != seen_uid {
                return Err(Error::Stale);
            }
            if self.live.is_deleting() {
                return Ok(false);
            }
            self.check_unused().await?;
            self.link.close_window(&self.live).await?;
            let error = match self.link.delete_exactly(&self.name, &self.live.meta).await {
                Ok(()) => return Ok(true),
                Err(error) => error,
            };
            if !matches!(error, Error::Stale | Error::NotFound) && !error.leaves_open() {
                return Err(error);
            }
            // Changed meanwhile, gone meanwhile, or no answer: look again, prove again.
            self.live = match self.link.live(&self.name).await {
                Ok(live) => self.right.proven(live)?,
                Err(Error::NotFound) => return Ok(true),
                Err(_) => return Err(error),
            };
            if error.leaves_open() {
                return if self.live.meta.uid == seen_uid && self.live.is_deleting() { Ok(true) } else { Err(error) };
            }
        }
        Err(Error::Stale)
    }

    pub(super) async fn check_unused(&self) -> Result<(), Error> {
        self.link.check_unused(&self.name, self.right.viewer()).await
    }
}

impl Link {
    /// Asks the API server, not the rows: a pod of this very second counts.
    pub(super) async fn check_unused(&self, claim: &ObjectName, viewer: Viewer<'_>) -> Result<(), Error> {
        let pods = self.list::<PodRow>(None).await?;
        let uses: Vec<_> = pods
            .iter()
            .filter(|pod| pod.mounts(claim.as_str()) && !pod.is_window())
            .map(|pod| pod.mount(Vec::new()).seen_by(viewer))
            .collect();
        may_delete(&uses).map_err(Error::InUse)
    }

    /// Asks for the deletion of exactly this version of exactly this claim.
    pub(super) async fn delete_exactly(&self, claim: &ObjectName, seen: &Meta) -> Result<(), Error> {
        let exactly_this = Preconditions { uid: Some(seen.uid.to_string()), resource_version: Some(seen.resource_version.to_string()) };
        let params = DeleteParams::background().preconditions(exactly_this);
        let request = self.all::<ClaimRow>().delete(claim.as_str(), &params).map_err(Error::unexpected)?;
        // The answer is the object or a status, depending on the finalizers; that there is one suffices.
        self.ask::<IgnoredAny>(request).await.map(drop)
    }
}
