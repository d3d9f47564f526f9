//! How is a volume made and removed? On the live object, proven to be the person's, and seen in the rows afterwards.

use crate::{
    claim::{ClaimRow, claim},
    clock::now,
    error::Error,
    labels,
    object::{Page, Row},
    pods::{PodRow, Viewer},
    scope::{Link, User, UserCluster, only},
    watch::rows::Rows,
};
use domain::{
    allowed::may_delete,
    name::{ObjectName, VolumeId},
    volume::{Volume, VolumeSpec},
};
use kube::{
    api::{DeleteParams, GetParams, ListParams, PostParams, Preconditions},
    core::Request,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};
use tracing::info;

const DEADLINE: Duration = Duration::from_secs(10);
pub(crate) const CREATE_DEADLINE: Duration = Duration::from_secs(30);
/// How long an answer waits for its own write to appear in the rows.
const SEEN: Duration = Duration::from_secs(3);
const ATTEMPTS: u32 = 3;
/// A person waits these seconds rather than being told to come back.
const PATIENCE: u32 = 2;
const PAGE_SIZE: u32 = 500;

async fn within<T>(deadline: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(deadline, work).await.unwrap_or(Err(Error::Slow))
}

impl UserCluster {
    /// Makes a volume in this person's name. The answer comes when their list shows it (or after three seconds more).
    pub async fn create_volume(&self, spec: &VolumeSpec) -> Result<Volume, Error> {
        let made = within(CREATE_DEADLINE, async {
            let _turn = self.link.creating(self.user.key()).lock().await;
            let own = self.link.own_claims(&self.user).await?;
            if let Some(taken) = own.iter().find(|claim| claim.display_name().eq_ignore_ascii_case(spec.name.as_str())) {
                return Err(Error::Taken { name: taken.display_name().to_owned() });
            }
            self.create_claim(spec, &own).await
        })
        .await?;
        info!(owner = ?self.user.key(), claim = made.meta.name, "volume created");
        let viewer = Viewer::Owner(self.user.key());
        let seen = |rows: &Rows| {
            let row = rows.claim(&made.meta.name).filter(|row| row.claim.meta.uid == made.meta.uid)?;
            Some(row.volume(viewer, &rows.classes(), now()))
        };
        if let Some(volume) = self.link.cache.until_seen(SEEN, seen).await {
            return Ok(volume);
        }
        let classes = self.link.cache.rows(Rows::classes).unwrap_or_default();
        Ok(made.volume(Vec::new(), &[], &classes, now()))
    }

    async fn create_claim(&self, spec: &VolumeSpec, own: &[ClaimRow]) -> Result<ClaimRow, Error> {
        for _ in 0..ATTEMPTS {
            let id = self.link.free_id(own);
            let body = serde_json::to_vec(&claim(spec, &id, &self.user, &self.link.namespace, now())).map_err(Error::unexpected)?;
            let request = self.link.claims().create(&PostParams::default(), body).map_err(Error::unexpected)?;
            let error = match self.link.ask(request).await {
                Ok(made) => return Ok(made),
                // Somebody had this name in the cluster already: another id. Quota is counted optimistically, so of two
                // creates at once one can fail with a conflict that means nothing: again.
                Err(Error::Stale) => continue,
                Err(error) => error,
            };
            if !error.leaves_open() {
                return Err(error);
            }
            // No answer says nothing about what happened. The name is known, so the cluster can say.
            return match self.link.live(&ObjectName::of_claim(&spec.name, &id)).await {
                Ok(made) => proven(made, &self.user).map_err(|_| error),
                Err(_) => Err(error),
            };
        }
        Err(Error::Busy { retry_after: None })
    }

    /// The live volume, if it is this person's.
    pub async fn owned_volume(&self, id: &VolumeId) -> Result<Owned, Error> {
        let viewer = Viewer::Owner(self.user.key());
        let row = self.link.cache.rows(|rows| only(rows.of(self.user.key()).iter(), id, viewer))??;
        let name: ObjectName = row.claim.meta.name.parse().map_err(Error::unexpected)?;
        let live = proven(within(DEADLINE, self.link.live(&name)).await?, &self.user)?;
        let classes = self.link.cache.rows(Rows::classes)?;
        let used_by = row.volume(viewer, &classes, now()).used_by;
        let volume = live.volume(used_by, &row.events(viewer), &classes, now());
        Ok(Owned { link: Arc::clone(&self.link), user: self.user.clone(), name, live, volume })
    }
}

/// A volume that its caller was found to own. The only thing that can be changed.
pub struct Owned {
    link: Arc<Link>,
    user: User,
    name: ObjectName,
    live: ClaimRow,
    volume: Volume,
}

impl Owned {
    pub fn volume(&self) -> &Volume {
        &self.volume
    }

    /// Deletes exactly the volume that the person saw, unless a pod works with it at this moment. One that is being
    /// deleted already stays so. The answer comes when the list shows it (or after three seconds more).
    pub async fn delete(mut self, seen_uid: &str) -> Result<(), Error> {
        if within(DEADLINE, self.request_deletion(seen_uid)).await? {
            info!(owner = ?self.user.key(), claim = %self.name, "volume deletion requested");
        }
        let leaving = |rows: &Rows| {
            let still = rows.claim(self.name.as_str()).is_some_and(|row| row.claim.meta.uid == seen_uid && !row.claim.is_deleting());
            (!still).then_some(())
        };
        self.link.cache.until_seen(SEEN, leaving).await;
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
                Ok(live) => proven(live, &self.user)?,
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
        let viewer = Viewer::Owner(self.user.key());
        let pods = self.link.list::<PodRow>(None).await?;
        let uses: Vec<_> = pods.iter().filter(|pod| pod.mounts(self.name.as_str())).map(|pod| pod.mount().seen_by(viewer)).collect();
        may_delete(&uses).map_err(Error::InUse)
    }
}

/// A live claim that is managed and this person's (security O5). Whatever else it is, it is not there.
fn proven(live: ClaimRow, user: &User) -> Result<ClaimRow, Error> {
    if live.is_marked() && live.owner().key() == Some(user.key()) { Ok(live) } else { Err(Error::NotFound) }
}

impl Link {
    fn claims(&self) -> Request {
        Request::new(ClaimRow::path(&self.namespace))
    }

    async fn live(&self, name: &ObjectName) -> Result<ClaimRow, Error> {
        let request = self.claims().get(name.as_str(), &GetParams::default()).map_err(Error::unexpected)?;
        self.ask(request).await
    }

    /// The live claims of this person. The selector narrows; the proof decides, item by item.
    async fn own_claims(&self, user: &User) -> Result<Vec<ClaimRow>, Error> {
        let claims = self.list::<ClaimRow>(Some(format!("{}={}", labels::OWNER, user.key()))).await?;
        Ok(claims.into_iter().filter_map(|claim| proven(claim, user).ok()).collect())
    }

    async fn list<R: Row>(&self, selector: Option<String>) -> Result<Vec<R>, Error> {
        let (mut all, mut next) = (Vec::new(), None);
        loop {
            let params =
                ListParams { label_selector: selector.clone(), limit: Some(PAGE_SIZE), continue_token: next, ..ListParams::default() };
            let request = Request::new(R::path(&self.namespace)).list(&params).map_err(Error::unexpected)?;
            let page: Page = self.ask(request).await?;
            next = Some(page.metadata.next.clone()).filter(|token| !token.is_empty());
            all.extend(page.rows());
            if next.is_none() {
                return Ok(all);
            }
        }
    }

    /// An id that no known volume has.
    fn free_id(&self, own: &[ClaimRow]) -> VolumeId {
        loop {
            let id = VolumeId::from_random(rand::random());
            let known = self.cache.rows(|rows| rows.has_id(&id)).unwrap_or(false);
            if !known && own.iter().all(|claim| claim.id() != id) {
                return id;
            }
        }
    }

    /// One request. If the API server asks for a moment's patience it is asked again: a 429 means that nothing was done.
    async fn ask<T: DeserializeOwned>(&self, request: http::Request<Vec<u8>>) -> Result<T, Error> {
        let mut asked = 1;
        loop {
            let mut error = match self.client.request(request.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => Error::from(error),
            };
            if let Error::Busy { retry_after } = &error
                && asked < ATTEMPTS
                && retry_after.unwrap_or(1) <= PATIENCE
            {
                asked += 1;
                sleep(Duration::from_secs(retry_after.unwrap_or(1).into())).await;
                continue;
            }
            if let Error::Unreachable { since, .. } = &mut error {
                *since = self.cache.health().down_since;
            }
            return Err(error);
        }
    }
}
