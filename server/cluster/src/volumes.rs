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
//! | [`trash`] | how is a deletion undone, and what goes for good when its time is over |
//! | [`manifest`] | what does the cluster itself hold |

mod change;
mod cleanup;
mod create;
mod delete;
mod handover;
mod manifest;
mod trash;

pub use cleanup::Cleanup;
pub use handover::{Change, Handed, Mode};
pub(crate) use manifest::without;
pub use manifest::yaml;
pub use trash::{Due, Sweeper};

use crate::{
    act::{ATTEMPTS, CREATE_DEADLINE, DEADLINE, Right, SEEN, within},
    claim::ClaimRow,
    clock::now,
    error::Error,
    labels,
    pods::Viewer,
    scope::{AdminCluster, Link, UserCluster, only},
    watch::rows::{Rows, VolumeRow},
};
use domain::{
    name::{ObjectName, VolumeId},
    owner::OwnerKey,
    volume::Volume,
};
use kube::core::Request;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// So many acts of one person are under way at once.
pub(crate) const PARALLEL: usize = 4;

impl Right {
    /// A live claim that this right is good for.
    fn proven(&self, live: ClaimRow) -> Result<ClaimRow, Error> {
        self.prove(live.is_marked(), &live.owner()).map(|()| live)
    }
}

pub(crate) fn proven(live: ClaimRow, key: &OwnerKey) -> Result<ClaimRow, Error> {
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
        self.all::<ClaimRow>()
    }

    async fn live<T: DeserializeOwned>(&self, name: &ObjectName) -> Result<T, Error> {
        self.get::<ClaimRow, T>(name).await
    }

    /// The live claims of this person. The selector narrows; the proof decides, item by item.
    pub(crate) async fn own_claims(&self, key: &OwnerKey) -> Result<Vec<ClaimRow>, Error> {
        let claims = self.list::<ClaimRow>(Some(format!("{}={key}", labels::OWNER))).await?;
        Ok(claims.into_iter().filter_map(|claim| proven(claim, key).ok()).collect())
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
}
