//! How does a task end before its time, and how does it go?
//!
//! A task is stopped by a deadline that has passed, with a mark that says who it was. The Job controller then ends the pods, and the
//! Job is over once the last of them is: it keeps its record, and leaves the cluster at its time like every other. A suspended Job
//! would never be over, would never leave, and would start again for whoever resumes it.

use super::OwnedTask;
use crate::{
    act::{ATTEMPTS, DEADLINE, within},
    clock::now,
    error::Error,
    jobs::JobRow,
    labels,
    watch::tasks::TaskRow,
};
use domain::{allowed::WhyNot, text};
use kube::api::{DeleteParams, Preconditions};
use serde::de::IgnoredAny;
use serde_json::json;
use tracing::info;

impl OwnedTask {
    /// Ends exactly the task that the person saw. One that is stopping already stays so; one that is over is a refusal. The answer
    /// comes when the list shows it (or after three seconds more); its pods may take half a minute to end.
    pub async fn stop(mut self, seen_uid: &str) -> Result<(), Error> {
        if within(DEADLINE, self.request_stop(seen_uid)).await? {
            info!(by = ?self.right, job = %self.name, "task stop requested");
        }
        self.until_seen(seen_uid, |row| row.job.is_asked_to_stop() || row.job.is_over()).await;
        Ok(())
    }

    /// Whether this call did it.
    async fn request_stop(&mut self, seen_uid: &str) -> Result<bool, Error> {
        for _ in 0..ATTEMPTS {
            if self.live.meta.uid != seen_uid {
                return Err(Error::Stale);
            }
            if self.live.is_asked_to_stop() && !self.live.is_over() {
                return Ok(false);
            }
            if self.live.is_over() {
                return Err(Error::NotAllowed(WhyNot::TaskIsOver));
            }
            if self.live.is_incomplete() {
                return Err(Error::NotAllowed(WhyNot::TaskIncomplete));
            }
            let patch = json!({
                "metadata": { "annotations": { labels::STOPPED_AT: text::machine_date(now()) } },
                "spec": { "activeDeadlineSeconds": 1 },
            });
            let error = match self.link.patch::<JobRow>(&self.name, &self.live.meta, patch, false).await {
                Ok(()) => return Ok(true),
                Err(error) => error,
            };
            if !matches!(error, Error::Stale) && !error.leaves_open() {
                return Err(error);
            }
            self.look_again(&error).await?;
            if error.leaves_open() {
                let was_done = self.live.meta.uid == seen_uid && self.live.is_asked_to_stop();
                return if was_done { Ok(true) } else { Err(error) };
            }
        }
        Err(Error::Stale)
    }

    /// Changed meanwhile, or no answer: look again, prove again.
    async fn look_again(&mut self, error: &Error) -> Result<(), Error> {
        match self.link.proven_job(&self.name, &self.right).await {
            Ok((live, manifest)) => {
                (self.live, self.manifest) = (live, manifest);
                Ok(())
            }
            Err(Error::NotFound) => Err(Error::NotFound),
            Err(_) if error.leaves_open() => Err(Error::Slow),
            Err(other) => Err(other),
        }
    }

    /// Deletes exactly the task that the person saw, with its pods and what they wrote; volumes stay. The answer comes when the list
    /// shows it (or after three seconds more).
    pub async fn delete(self, seen_uid: &str) -> Result<(), Error> {
        if self.live.meta.uid != seen_uid {
            return Err(Error::Stale);
        }
        within(DEADLINE, self.request_deletion()).await?;
        info!(by = ?self.right, job = %self.name, "task deletion requested");
        self.until_seen(seen_uid, |row: &TaskRow| row.job.is_deleting()).await;
        Ok(())
    }

    async fn request_deletion(&self) -> Result<(), Error> {
        let exactly_this = Preconditions { uid: Some(self.live.meta.uid.to_string()), resource_version: None };
        let params = DeleteParams::background().preconditions(exactly_this);
        let request = self.link.all::<JobRow>().delete(self.name.as_str(), &params).map_err(Error::unexpected)?;
        let error = match self.link.ask::<IgnoredAny>(request).await {
            // Gone meanwhile, or another Job of this name by now.
            Ok(_) | Err(Error::NotFound | Error::Stale) => return Ok(()),
            Err(error) => error,
        };
        if !error.leaves_open() {
            return Err(error);
        }
        match self.link.get::<JobRow, JobRow>(&self.name).await {
            Err(Error::NotFound) => Ok(()),
            Ok(live) if live.meta.uid != self.live.meta.uid || live.is_deleting() => Ok(()),
            Ok(_) | Err(_) => Err(error),
        }
    }
}
