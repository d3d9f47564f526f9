//! How is a volume made, tried without being made, or found to be there already?

use super::{ATTEMPTS, CREATE_DEADLINE, DEADLINE, SEEN, proven, within};
use crate::{
    claim::{Around, ClaimRow, claim},
    clock::now,
    error::Error,
    limits::{held_by, of_volume},
    pods::Viewer,
    scope::UserCluster,
    watch::rows::Rows,
};
use domain::{
    name::{ObjectName, VolumeId},
    volume::{Volume, VolumeSpec, differences},
};
use kube::api::PostParams;
use serde::de::IgnoredAny;
use tracing::info;

enum Made {
    New(ClaimRow),
    /// This person has a volume of this name.
    Known(ClaimRow),
}

impl UserCluster {
    /// Makes a volume in this person's name. The answer comes when their list shows it (or after three seconds more).
    pub async fn create_volume(&self, spec: &VolumeSpec) -> Result<Volume, Error> {
        match self.make(spec).await? {
            Made::New(claim) => Ok(self.shown(&claim).await),
            Made::Known(claim) => Err(taken(&claim)),
        }
    }

    /// The same, unless the person has a volume of this name: then that one, if it is as asked for. Says whether it was made.
    pub async fn create_if_absent(&self, spec: &VolumeSpec) -> Result<(Volume, bool), Error> {
        let known = match self.make(spec).await? {
            Made::New(claim) => return Ok((self.shown(&claim).await, true)),
            Made::Known(claim) if claim.trash().is_some() => return Err(taken(&claim)),
            Made::Known(claim) => claim,
        };
        let volume = self.shown(&known).await;
        let mut differences = differences(spec, &volume);
        if known.is_deleting() {
            differences.push("it is being deleted".to_owned());
        }
        if differences.is_empty() { Ok((volume, false)) } else { Err(Error::Differs { name: volume.name, differences }) }
    }

    /// Asks the API server whether it would make this. Nothing is made. One request: which names are taken is in the rows.
    pub async fn try_create(&self, spec: &VolumeSpec) -> Result<(), Error> {
        let own = self.link.cache.rows(|rows| rows.of(self.user.key()))?;
        if let Some(known) = own.iter().find(|row| row.claim.display_name().eq_ignore_ascii_case(spec.name.as_str())) {
            return Err(taken(&known.claim));
        }
        self.fits(held_by(own.iter().map(|row| row.claim.as_ref())), of_volume(spec))?;
        let body = self.body(spec, &self.link.free_id(&[]))?;
        let params = PostParams { dry_run: true, ..PostParams::default() };
        let request = self.link.claims().create(&params, body).map_err(Error::unexpected)?;
        within(DEADLINE, self.link.ask::<IgnoredAny>(request)).await.map(drop)
    }

    async fn make(&self, spec: &VolumeSpec) -> Result<Made, Error> {
        let made = within(CREATE_DEADLINE, async {
            let _turn = self.link.creating(self.user.key()).lock().await;
            let own = self.link.own_claims(self.user.key()).await?;
            match named(&own, spec) {
                Some(known) => Ok(Made::Known(known.clone())),
                None => {
                    self.fits(held_by(own.iter()), of_volume(spec))?;
                    self.create_claim(spec, &own).await.map(Made::New)
                }
            }
        })
        .await?;
        if let Made::New(claim) = &made {
            info!(owner = ?self.user.key(), claim = %claim.meta.name, "volume created");
        }
        Ok(made)
    }

    /// The volume as the list shows it, once it does.
    async fn shown(&self, claim: &ClaimRow) -> Volume {
        let viewer = Viewer::Owner(self.user.key());
        let classes = self.link.classes_for(&self.user).unwrap_or_default();
        let seen = |rows: &Rows| {
            let row = rows.claim(&claim.meta.name).filter(|row| row.claim.meta.uid == claim.meta.uid)?;
            Some(row.volume(viewer, &classes, now()))
        };
        if let Some(volume) = self.link.cache.until_seen(SEEN, seen).await {
            return volume;
        }
        claim.volume(Around::default(), &classes, now())
    }

    fn body(&self, spec: &VolumeSpec, id: &VolumeId) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(&claim(spec, id, &self.user, &self.link.namespace, now())).map_err(Error::unexpected)
    }

    async fn create_claim(&self, spec: &VolumeSpec, own: &[ClaimRow]) -> Result<ClaimRow, Error> {
        for _ in 0..ATTEMPTS {
            let id = self.link.free_id(own);
            let body = self.body(spec, &id)?;
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
                Ok(made) => proven(made, self.user.key()).map_err(|_| error),
                Err(_) => Err(error),
            };
        }
        Err(Error::Busy { retry_after: None })
    }
}

/// Why its name cannot be had.
fn taken(claim: &ClaimRow) -> Error {
    let name = claim.display_name().to_owned();
    match claim.trash() {
        Some(trash) => Error::TakenInTrash { name, trash },
        None => Error::Taken { name },
    }
}

/// The claim that has this name already, whatever the case of its letters.
fn named<'a>(own: &'a [ClaimRow], spec: &VolumeSpec) -> Option<&'a ClaimRow> {
    own.iter().find(|claim| claim.display_name().eq_ignore_ascii_case(spec.name.as_str()))
}
