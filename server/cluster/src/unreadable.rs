//! Which claims carry our labels and say what cannot be? Told to administrators only.

use crate::{error::Error, scope::AdminCluster, watch::rows::VolumeRow};
use domain::{name::VolumeId, volume::Unreadable};
use std::{collections::HashMap, sync::Arc};

impl AdminCluster {
    /// By the name of the claim, with the reasons; [`volumes`](Self::volumes) has them as far as they can be read.
    pub fn unreadable(&self) -> Result<Vec<Unreadable>, Error> {
        self.link.cache.rows(|rows| rows.unreadable().to_vec())
    }
}

/// `all` is everybody's rows.
pub(crate) fn unreadable(all: &[Arc<VolumeRow>]) -> Vec<Unreadable> {
    let mut claims: HashMap<VolumeId, usize> = HashMap::new();
    for row in all.iter() {
        *claims.entry(row.claim.id()).or_default() += 1;
    }
    let told = all.iter().map(|row| {
        let (id, mut reasons) = (row.claim.id(), if row.is_odd { row.claim.contradictions(&row.owner) } else { Vec::new() });
        if claims.get(&id).is_some_and(|claims| *claims > 1) {
            reasons.push(format!("another claim has its id {id}"));
        }
        Unreadable { id, claim: row.claim.meta.name.to_string(), reasons }
    });
    told.filter(|one| !one.reasons.is_empty()).collect()
}
