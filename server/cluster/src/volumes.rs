//! How is a volume changed? On the live object, proven to be the person's or taken by an administrator, and seen in the rows
//! afterwards.
//!
//! | Module | Answers |
//! |---|---|
//! | [`create`] | how is one made, tried, or found to be there already |
//! | [`change`] | how does one grow, and how do its words change |
//! | [`delete`] | how does one go, and how do many |
//! | [`cleanup`] | how do finished pods let go of one |
//! | [`handover`] | how does one get an owner, or another one |
//! | [`manifest`] | what does the cluster itself hold |

mod change;
mod cleanup;
mod create;
mod delete;
mod handover;
mod manifest;

pub use cleanup::Cleanup;
pub use handover::{Change, Handed, Mode};
pub use manifest::yaml;

use crate::{
    claim::ClaimRow,
    clock::now,
    error::Error,
    labels,
    object::{Page, Row},
    pods::Viewer,
    scope::{AdminCluster, Link, User, UserCluster, only},
    watch::rows::{Rows, VolumeRow},
};
use domain::{
    name::{ObjectName, VolumeId},
    owner::OwnerKey,
    volume::Volume,
};
use kube::{
    api::{GetParams, ListParams},
    core::Request,
};
use serde::de::DeserializeOwned;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
pub(crate) const CREATE_DEADLINE: Duration = Duration::from_secs(30);
/// How long an answer waits for its own write to appear in the rows.
const SEEN: Duration = Duration::from_secs(3);
const ATTEMPTS: u32 = 3;
/// A person waits these seconds rather than being told to come back.
const PATIENCE: u32 = 2;
const PAGE_SIZE: u32 = 500;
/// So many acts of one person are under way at once.
const PARALLEL: usize = 4;

pub(crate) async fn within<T>(deadline: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(deadline, work).await.unwrap_or(Err(Error::Slow))
}

/// In whose right a volume is changed: its owner's, or an administrator's.
#[derive(Clone)]
enum Right {
    Owner(User),
    Admin(User),
}

impl Right {
    fn user(&self) -> &User {
        match self {
            Self::Owner(user) | Self::Admin(user) => user,
        }
    }

    fn viewer(&self) -> Viewer<'_> {
        match self {
            Self::Owner(user) => Viewer::Owner(user.key()),
            Self::Admin(_) => Viewer::Admin,
        }
    }

    /// A live claim that is managed and, unless an administrator acts, this person's (security O5). Whatever else it is, it is
    /// not there.
    fn proven(&self, live: ClaimRow) -> Result<ClaimRow, Error> {
        match self {
            Self::Owner(user) => proven(live, user.key()),
            Self::Admin(_) if live.is_marked() => Ok(live),
            Self::Admin(_) => Err(Error::NotFound),
        }
    }
}

impl std::fmt::Debug for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Owner(user) => write!(f, "owner {:?}", user.key()),
            Self::Admin(user) => write!(f, "administrator {:?}", user.key()),
        }
    }
}

fn proven(live: ClaimRow, key: &OwnerKey) -> Result<ClaimRow, Error> {
    if live.is_marked() && live.owner().key() == Some(key) { Ok(live) } else { Err(Error::NotFound) }
}

impl UserCluster {
    /// The live volume, if it is this person's.
    pub async fn owned_volume(&self, id: &VolumeId) -> Result<Owned, Error> {
        let row = self.own_row(id)?;
        Owned::of(&self.link, Right::Owner(self.user.clone()), &row).await
    }

    fn own_row(&self, id: &VolumeId) -> Result<Arc<VolumeRow>, Error> {
        self.link.cache.rows(|rows| only(rows.of(self.user.key()).iter(), id, Viewer::Owner(self.user.key())))?
    }
}

impl AdminCluster {
    /// The live volume, whoever owns it. What is done with it is done by an administrator.
    pub async fn managed_volume(&self, id: &VolumeId) -> Result<Owned, Error> {
        let row = self.any_row(id)?;
        Owned::of(&self.link, Right::Admin(self.user.clone()), &row).await
    }

    fn any_row(&self, id: &VolumeId) -> Result<Arc<VolumeRow>, Error> {
        self.link.cache.rows(|rows| only(rows.all().iter(), id, Viewer::Admin))?
    }
}

/// A volume that its caller was found to own, or that an administrator took. The only thing that can be changed.
pub struct Owned {
    link: Arc<Link>,
    right: Right,
    name: ObjectName,
    live: ClaimRow,
    volume: Volume,
}

impl Owned {
    async fn of(link: &Arc<Link>, right: Right, row: &VolumeRow) -> Result<Self, Error> {
        let name: ObjectName = row.claim.meta.name.parse().map_err(Error::unexpected)?;
        let live = right.proven(within(DEADLINE, link.live(&name)).await?)?;
        let classes = match &right {
            Right::Owner(user) => link.classes_for(user)?,
            Right::Admin(_) => link.cache.rows(Rows::classes)?.to_vec(),
        };
        let volume = live.volume(row.around(right.viewer()), &classes, now());
        Ok(Self { link: Arc::clone(link), right, name, live, volume })
    }

    pub fn volume(&self) -> &Volume {
        &self.volume
    }

    /// Waits until the list shows what was done to this volume (or three seconds).
    async fn until_seen(&self, seen_uid: &str, is_done: impl Fn(&VolumeRow) -> bool) {
        let look = |rows: &Rows| {
            let waits = rows.claim(self.name.as_str()).is_some_and(|row| row.claim.meta.uid == seen_uid && !is_done(row));
            (!waits).then_some(())
        };
        self.link.cache.until_seen(SEEN, look).await;
    }
}

impl Link {
    fn claims(&self) -> Request {
        Request::new(ClaimRow::path(&self.namespace))
    }

    async fn live<T: DeserializeOwned>(&self, name: &ObjectName) -> Result<T, Error> {
        let request = self.claims().get(name.as_str(), &GetParams::default()).map_err(Error::unexpected)?;
        self.ask(request).await
    }

    /// The live claims of this person. The selector narrows; the proof decides, item by item.
    async fn own_claims(&self, key: &OwnerKey) -> Result<Vec<ClaimRow>, Error> {
        let claims = self.list::<ClaimRow>(Some(format!("{}={key}", labels::OWNER))).await?;
        Ok(claims.into_iter().filter_map(|claim| proven(claim, key).ok()).collect())
    }

    pub(crate) async fn list<R: Row>(&self, selector: Option<String>) -> Result<Vec<R>, Error> {
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
    pub(crate) async fn ask<T: DeserializeOwned>(&self, request: http::Request<Vec<u8>>) -> Result<T, Error> {
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
