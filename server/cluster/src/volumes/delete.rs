//! How does a volume go, and how do many? Each is proven, unused and exactly the one that was seen.

use super::{ATTEMPTS, DEADLINE, Owned, PARALLEL, within};
use crate::{
    error::Error,
    pods::PodRow,
    scope::{AdminCluster, UserCluster},
};
use domain::{allowed::may_delete, name::VolumeId};
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
        ended: impl Fn(&VolumeId, &Result<(), Error>) -> E,
    ) -> Vec<(VolumeId, Result<(), Error>)> {
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
        ended: impl Fn(&VolumeId, &Result<(), Error>) -> E,
    ) -> Vec<(VolumeId, Result<(), Error>)> {
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

async fn deleted(found: Result<Owned, Error>, seen_uid: &str) -> Result<(), Error> {
    found?.delete(seen_uid).await
}

impl Owned {
    /// Deletes exactly the volume that the person saw, unless a pod works with it at this moment. One that is being
    /// deleted already stays so. The answer comes when the list shows it (or after three seconds more).
    pub async fn delete(mut self, seen_uid: &str) -> Result<(), Error> {
        if within(DEADLINE, self.request_deletion(seen_uid)).await? {
            info!(by = ?self.right, claim = %self.name, "volume deletion requested");
        }
        self.until_seen(seen_uid, |row| row.claim.is_deleting()).await;
        Ok(())
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
            let exactly_this =
                Preconditions { uid: Some(self.live.meta.uid.clone()), resource_version: Some(self.live.meta.resource_version.clone()) };
            let params = DeleteParams::background().preconditions(exactly_this);
            let request = self.link.claims().delete(self.name.as_str(), &params).map_err(Error::unexpected)?;
            // The answer is the object or a status, depending on the finalizers; that there is one suffices.
            let error = match self.link.ask::<IgnoredAny>(request).await {
                Ok(_) => return Ok(true),
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

    /// Asks the API server, not the rows: a pod of this very second counts.
    async fn check_unused(&self) -> Result<(), Error> {
        let pods = self.link.list::<PodRow>(None).await?;
        let uses: Vec<_> = pods
            .iter()
            .filter(|pod| pod.mounts(self.name.as_str()))
            .map(|pod| pod.mount(Vec::new()).seen_by(self.right.viewer()))
            .collect();
        may_delete(&uses).map_err(Error::InUse)
    }
}
