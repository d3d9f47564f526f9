//! What do administrators' lists show of everybody's volumes? Filter, counts and order ask the rows; only what is on the page becomes a
//! volume.

use crate::{clock::now, error::Error, pods::Viewer, scope::AdminCluster, watch::rows::VolumeRow};
use domain::{
    access::AccessMode,
    cause::CauseId,
    label::Labels,
    listing::{Listed, Listing, View, arrange},
    quantity::Size,
    storage_class::StorageClass,
    usage::Fullness,
    volume::Kind,
};
use std::{borrow::Cow, sync::Arc};

/// Everybody's volumes, at one moment.
pub struct Everybody {
    rows: Arc<[Arc<VolumeRow>]>,
    classes: Arc<[StorageClass]>,
    now: i64,
}

impl AdminCluster {
    pub fn everybody(&self) -> Result<Everybody, Error> {
        let (rows, classes) = self.link.cache.rows(|rows| (rows.all(), rows.classes()))?;
        Ok(Everybody { rows, classes, now: now() })
    }
}

impl Everybody {
    /// How many are in the trash. The list has none of them.
    pub fn trashed(&self) -> usize {
        self.rows.iter().filter(|row| row.claim.is_trashed()).count()
    }

    pub fn arranged(&self, view: &View) -> Listing {
        let seen = |row| Seen { row, classes: &self.classes, now: self.now };
        let listed: Vec<_> = self.rows.iter().filter(|row| !row.claim.is_trashed()).map(|row| seen(row.as_ref())).collect();
        arrange(&listed, view, self.now, |seen| seen.row.volume(Viewer::Admin, &self.classes, self.now))
    }
}

/// One of them, as lists know it: all that its volume would say.
struct Seen<'a> {
    row: &'a VolumeRow,
    classes: &'a [StorageClass],
    now: i64,
}

impl Listed for Seen<'_> {
    fn id(&self) -> Cow<'_, str> {
        self.row.claim.id().to_string().into()
    }

    fn name(&self) -> &str {
        self.row.claim.display_name()
    }

    fn claim(&self) -> &str {
        &self.row.claim.meta.name
    }

    fn uid(&self) -> &str {
        &self.row.claim.meta.uid
    }

    fn username(&self) -> &str {
        self.row.proven_name()
    }

    fn status(&self) -> CauseId {
        self.row.status(self.classes, self.now)
    }

    fn phase(&self) -> &str {
        self.row.claim.phase()
    }

    fn size(&self) -> Size {
        self.row.claim.size()
    }

    fn fullness(&self) -> Fullness {
        self.row.fullness()
    }

    fn class(&self) -> Option<&str> {
        self.row.claim.named_class()
    }

    fn kind(&self) -> Kind {
        self.row.claim.kind()
    }

    fn modes(&self) -> &[AccessMode] {
        self.row.claim.modes()
    }

    fn users(&self) -> Vec<&str> {
        self.row.users().collect()
    }

    fn created(&self) -> i64 {
        self.row.claim.created(self.now)
    }

    fn description(&self) -> Option<Cow<'_, str>> {
        self.row.claim.description().map(Cow::Owned)
    }

    fn mount_path(&self) -> Cow<'_, str> {
        self.row.claim.mount_path()
    }

    fn labels(&self) -> &Labels {
        &self.row.claim.meta.labels.own
    }
}

#[cfg(test)]
mod tests;
