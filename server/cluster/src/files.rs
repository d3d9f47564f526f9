//! What is in a volume? A pod of one shape is made beside it when its person asks to look; the portal runs a program of its own in it
//! (crate `files`) and passes on what that answers.
//!
//! | Module | Answers |
//! |---|---|
//! | [`job`] | which objects is such a pod made of |
//! | [`run`] | how is the program asked |

mod job;
mod run;

pub use run::{ByteStream, FileRead};

use crate::{
    act::{ATTEMPTS, DEADLINE, SEEN, within},
    claim::ClaimRow,
    error::Error,
    jobs::JobRow,
    pods::PodRow,
    scope::{Link, UserCluster, only},
    watch::rows::{Rows, VolumeRow},
};
use domain::{
    allowed::WhyNot,
    event::Event,
    name::{ObjectName, VolumeId},
    owner::OwnerKey,
    volume::files::{FilePath, Listing, PAGE, Refused, Window},
};
use kube::api::{DeleteParams, Preconditions};
use serde::de::IgnoredAny;
use std::sync::Arc;
use tracing::info;

impl UserCluster {
    /// How it stands with what looks into this own volume.
    pub async fn window(&self, id: &VolumeId) -> Result<Window, Error> {
        if self.link.pods.files_image.is_none() {
            return Ok(Window::Off);
        }
        let row = self.row(id)?;
        if let Some((pod, events)) = standing(&row, self.user.key()) {
            return Ok(state(pod, events));
        }
        // The Job may be there without a pod, for a moment or because its pod is refused.
        let made = within(DEADLINE, self.link.window_job(&row.claim)).await?;
        let Some(job) = made.filter(|job| job.owner().key() == Some(self.user.key()) && !job.is_deleting()) else {
            return Ok(Window::Closed);
        };
        let events = self.link.cache.rows(|rows| rows.events_of(&job.meta.uid))?;
        Ok(if job.is_over() { Window::Failed { events } } else { Window::Starting { events } })
    }

    /// Makes what looks into this own volume, unless it is there. It cannot write, and ends by itself.
    pub async fn open_window(&self, id: &VolumeId) -> Result<(), Error> {
        let image = self.link.pods.files_image.as_deref().ok_or(Error::File(Refused::Off))?;
        let owned = self.owned_volume(id).await?;
        if let Some(trash) = owned.volume().trash {
            return Err(Error::NotAllowed(WhyNot::InTrash(trash)));
        }
        if owned.volume().status.is_deleting() {
            return Err(Error::NotAllowed(WhyNot::DeletedAlready));
        }
        let row = self.row(id)?;
        if standing(&row, self.user.key()).is_some_and(|(pod, _)| !is_over(pod)) {
            return Ok(());
        }
        let node = row.mounts.iter().find_map(|mount| mount.holds_on());
        let claim: ObjectName = owned.volume().claim.parse().map_err(Error::unexpected)?;
        let order = job::Order {
            id,
            claim: &claim,
            user: &self.user,
            namespace: &self.link.namespace,
            image,
            run_as_user: self.link.pods.run_as_user,
            node,
        };
        within(DEADLINE, self.make_window(&order)).await?;
        info!(claim = %claim, "a pod was made to look into a volume");
        let seen = |rows: &Rows| rows.claim(claim.as_str()).and_then(|row| standing(row, self.user.key()).map(drop));
        self.link.cache.until_seen(SEEN, seen).await;
        Ok(())
    }

    async fn make_window(&self, order: &job::Order<'_>) -> Result<(), Error> {
        let name = order.name()?;
        for _ in 0..ATTEMPTS {
            match self.link.post::<IgnoredAny>(&self.link.all::<JobRow>(), &order.job(), false).await {
                Ok(_) => return Ok(()),
                // One is there: another page's, which serves this one too, or one that is over and has not gone yet.
                Err(Error::Stale) => {}
                Err(error) => return Err(error),
            }
            match self.link.get::<JobRow, JobRow>(&name).await {
                Ok(job) if job.owner().key() != Some(self.user.key()) || job.is_over() => self.link.remove_job(&name, &job).await?,
                Ok(_) => return Ok(()),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy { retry_after: None })
    }

    /// A page of a folder of this own volume; `after` is [`Listing::next`] of the page before it.
    pub async fn list_files(&self, id: &VolumeId, path: &FilePath, after: &str) -> Result<Listing, Error> {
        let is_key = after.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) && after != "-";
        if !is_key || after.len() > 1024 {
            return Err(Error::File(Refused::Path));
        }
        let pod = self.open_pod(id).await?;
        let after = if after.is_empty() { "-" } else { after };
        within(DEADLINE, self.link.list_files(&pod, path, after, PAGE)).await
    }

    /// The bytes of a file of this own volume, from a place on; as many as there are, or so many.
    pub async fn read_file(&self, id: &VolumeId, path: &FilePath, from: u64, length: Option<u64>) -> Result<FileRead, Error> {
        let pod = self.open_pod(id).await?;
        within(DEADLINE, self.link.read_file(&pod, path, from, length)).await
    }

    /// A folder of this own volume as `.tar.gz`, while it is packed.
    pub async fn archive_folder(&self, id: &VolumeId, path: &FilePath) -> Result<ByteStream, Error> {
        let pod = self.open_pod(id).await?;
        within(DEADLINE, self.link.archive_folder(&pod, path)).await
    }

    fn row(&self, id: &VolumeId) -> Result<Arc<VolumeRow>, Error> {
        self.link.cache.rows(|rows| only(rows.of(self.user.key()).iter(), id, crate::pods::Viewer::Owner(self.user.key())))?
    }

    /// The pod that looks into this volume, proven on the live object: names are used again.
    async fn open_pod(&self, id: &VolumeId) -> Result<ObjectName, Error> {
        let row = self.row(id)?;
        let Some((pod, _)) = standing(&row, self.user.key()) else { return Err(Error::File(Refused::Closed)) };
        if is_over(pod) {
            return Err(Error::File(Refused::Closed));
        }
        if !pod.runs() {
            return Err(Error::File(Refused::Starting));
        }
        let name: ObjectName = pod.meta.name.parse().map_err(Error::unexpected)?;
        let live: PodRow = match within(DEADLINE, self.link.get::<PodRow, PodRow>(&name)).await {
            Err(Error::NotFound) => return Err(Error::File(Refused::Closed)),
            other => other?,
        };
        let is_it = live.meta.uid == pod.meta.uid && is_window_of(&live, &row.claim, self.user.key());
        if is_it && live.runs() { Ok(name) } else { Err(Error::File(Refused::Closed)) }
    }
}

fn is_window_of(pod: &PodRow, claim: &ClaimRow, key: &OwnerKey) -> bool {
    let is_made = pod.meta.controller.is_some() && pod.meta.labels.files.as_deref() == Some(claim.id().as_str());
    is_made && pod.is_of(key) && pod.mounts(&claim.meta.name) && !pod.is_deleting()
}

/// The newest that is this person's.
fn standing<'a>(row: &'a VolumeRow, key: &OwnerKey) -> Option<(&'a PodRow, &'a [Event])> {
    let own = row.windows.iter().filter(|(pod, _)| is_window_of(pod, &row.claim, key));
    own.max_by_key(|(pod, _)| (!is_over(pod), pod.meta.creation_timestamp.0)).map(|(pod, events)| (pod, events.as_slice()))
}

fn is_over(pod: &PodRow) -> bool {
    pod.phase() == domain::volume::UsePhase::Finished
}

fn state(pod: &PodRow, events: &[Event]) -> Window {
    match (is_over(pod), pod.runs()) {
        (true, _) if pod.has_succeeded() => Window::Closed,
        (true, _) => Window::Failed { events: events.to_vec() },
        (false, true) => Window::Open,
        (false, false) => Window::Starting { events: events.to_vec() },
    }
}

impl Link {
    async fn window_job(&self, claim: &ClaimRow) -> Result<Option<JobRow>, Error> {
        match self.get::<JobRow, JobRow>(&job::name(&claim.id())?).await {
            Ok(job) => Ok(Some(job)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What looks into a volume does not keep it from being deleted.
    pub(crate) async fn close_window(&self, claim: &ClaimRow) -> Result<(), Error> {
        if self.pods.files_image.is_none() {
            return Ok(());
        }
        match self.window_job(claim).await? {
            Some(job) if job.meta.labels.files.as_deref() == Some(claim.id().as_str()) => {
                self.remove_job(&job::name(&claim.id())?, &job).await
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn remove_job(&self, name: &ObjectName, job: &JobRow) -> Result<(), Error> {
        let exactly_this = Preconditions { uid: Some(job.meta.uid.to_string()), resource_version: None };
        let params = DeleteParams::background().preconditions(exactly_this);
        let request = self.all::<JobRow>().delete(name.as_str(), &params).map_err(Error::unexpected)?;
        match self.ask::<IgnoredAny>(request).await {
            Ok(_) | Err(Error::NotFound | Error::Stale) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
