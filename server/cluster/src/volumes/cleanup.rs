//! How do finished pods let go of a volume? Only those of whoever asks are removed; the others are counted and not named.

use super::{DEADLINE, Owned, PARALLEL, within};
use crate::{error::Error, object::Row, pods::PodRow, watch::rows::Rows};
use domain::volume::UsePhase;
use futures::{StreamExt, stream};
use kube::{
    api::{DeleteParams, Preconditions},
    core::Request,
};
use serde::de::IgnoredAny;
use tracing::info;

/// What became of the finished pods that mount a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleanup {
    pub removed: usize,
    /// Finished pods that are not this person's, so that they stayed.
    pub of_others: usize,
}

impl Owned {
    /// Removes the finished pods of this person that mount exactly the volume that they saw. The answer comes when the rows no
    /// longer have them (or after three seconds more).
    pub async fn remove_finished_pods(self, seen_uid: &str) -> Result<Cleanup, Error> {
        if self.live.meta.uid != seen_uid {
            return Err(Error::Stale);
        }
        let (removed, of_others) = within(DEADLINE, self.remove_own_finished()).await?;
        if !removed.is_empty() {
            info!(by = ?self.right, claim = %self.name, pods = removed.len(), "finished pods removed");
        }
        let gone = |rows: &Rows| {
            let stays = |pod: &PodRow| rows.pod(&pod.meta.name).is_some_and(|row| row.meta.uid == pod.meta.uid && !row.is_deleting());
            (!removed.iter().any(stays)).then_some(())
        };
        self.link.cache.until_seen(super::SEEN, gone).await;
        Ok(Cleanup { removed: removed.len(), of_others: of_others.len() })
    }

    async fn remove_own_finished(&self) -> Result<(Vec<PodRow>, Vec<PodRow>), Error> {
        let (own, others): (Vec<_>, Vec<_>) = self.finished_pods().await?.into_iter().partition(|pod| pod.is_of(self.right.user().key()));
        let each: Vec<_> = own.iter().map(|pod| self.remove_pod(pod)).collect();
        let removed: Vec<_> = stream::iter(each).buffer_unordered(PARALLEL).collect().await;
        // Without an answer it may have happened: what is gone is gone, whoever removed it.
        if let Some(error) = removed.into_iter().find_map(Result::err) {
            let Ok(left) = self.finished_pods().await else { return Err(error) };
            if left.iter().any(|pod| own.iter().any(|asked| asked.meta.uid == pod.meta.uid)) {
                return Err(error);
            }
        }
        Ok((own, others))
    }

    /// Asks the API server, not the rows.
    async fn finished_pods(&self) -> Result<Vec<PodRow>, Error> {
        let pods = self.link.list::<PodRow>(None).await?;
        let holds = |pod: &PodRow| pod.mounts(self.name.as_str()) && pod.phase() == UsePhase::Finished && !pod.is_deleting();
        Ok(pods.into_iter().filter(holds).collect())
    }

    /// A finished pod stays finished, so its uid says enough.
    async fn remove_pod(&self, pod: &PodRow) -> Result<(), Error> {
        let exactly_this = Preconditions { uid: Some(pod.meta.uid.to_string()), resource_version: None };
        let params = DeleteParams::background().preconditions(exactly_this);
        let pods = Request::new(PodRow::path(&self.link.namespace));
        match self.link.ask::<IgnoredAny>(pods.delete(&pod.meta.name, &params).map_err(Error::unexpected)?).await {
            // Gone meanwhile, or another pod of this name.
            Ok(_) | Err(Error::NotFound | Error::Stale) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
