//! Which claims carry our labels and say what cannot be? Told to administrators only.

use crate::{error::Error, scope::AdminCluster, watch::rows::Rows};
use domain::{name::VolumeId, volume::Unreadable};
use std::collections::HashMap;

impl AdminCluster {
    /// By the name of the claim, with the reasons; [`volumes`](Self::volumes) has them as far as they can be read.
    pub fn unreadable(&self) -> Result<Vec<Unreadable>, Error> {
        self.link.cache.rows(unreadable)
    }
}

fn unreadable(rows: &Rows) -> Vec<Unreadable> {
    let all = rows.all();
    let mut claims: HashMap<VolumeId, usize> = HashMap::new();
    for row in all.iter() {
        *claims.entry(row.claim.id()).or_default() += 1;
    }
    let told = all.iter().map(|row| {
        let (id, mut reasons) = (row.claim.id(), row.claim.contradictions());
        if claims.get(&id).is_some_and(|claims| *claims > 1) {
            reasons.push(format!("another claim has its id {id}"));
        }
        Unreadable { id, claim: row.claim.meta.name.clone(), reasons }
    });
    told.filter(|one| !one.reasons.is_empty()).collect()
}
