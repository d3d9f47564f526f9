//! What was measured of each volume last, and why is there nothing of the others?

use crate::{
    pods::PodRow,
    usage::Measured,
    watch::{
        revision::Concerned,
        rows::{Rows, concerned},
    },
};
use domain::{
    quantity::Size,
    usage::{Fullness, Reported, Sample, Unknown, shared},
    volume::UsePhase,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Whether the nodes can be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Measuring {
    /// Nobody has asked yet, or nobody does.
    #[default]
    Off,
    Refused,
    On,
}

/// The latest samples, by the uid of the claim.
#[derive(Default)]
pub(crate) struct Samples {
    latest: HashMap<String, Sample>,
    /// Those whose figures are of a file system that is more than the volume.
    shared: HashSet<String>,
    measuring: Measuring,
}

/// A claim, as much of it as its figures are compared by.
struct Compared<'a> {
    uid: &'a str,
    class: Option<&'a str>,
    size: Size,
}

impl Samples {
    /// Keeps what is newer, and forgets what is no claim's any more.
    fn note(&mut self, measured: &[Measured], claims: &[Compared<'_>]) {
        for Measured { uid, sample } in measured {
            let kept = self.latest.entry(uid.clone()).or_insert(*sample);
            if kept.at <= sample.at {
                *kept = *sample;
            }
        }
        let compared: Vec<_> = claims.iter().filter_map(|claim| Some((claim, self.latest.get(claim.uid)?))).collect();
        let reported: Vec<_> =
            compared.iter().map(|(claim, sample)| Reported { class: claim.class, size: claim.size, total: sample.usage.total }).collect();
        let found = compared.iter().zip(shared(&reported)).filter(|(_, is_shared)| *is_shared);
        self.shared = found.map(|((claim, _), _)| claim.uid.to_owned()).collect();
        let there: HashSet<_> = claims.iter().map(|claim| claim.uid).collect();
        self.latest.retain(|uid, _| there.contains(uid.as_str()));
    }

    pub(super) fn fullness(&self, uid: &str, is_bound: bool, is_mounted: bool) -> Fullness {
        match (self.latest.get(uid), self.measuring) {
            (Some(sample), _) if self.shared.contains(uid) => Fullness::Shared(*sample),
            (Some(sample), _) => Fullness::Measured(*sample),
            (None, _) if !is_bound => Fullness::Unknown(Unknown::NoStorage),
            (None, Measuring::Off) => Fullness::Unknown(Unknown::Off),
            (None, Measuring::Refused) => Fullness::Unknown(Unknown::Refused),
            (None, Measuring::On) if is_mounted => Fullness::Unknown(Unknown::NotTold),
            (None, Measuring::On) => Fullness::Unknown(Unknown::NotMounted),
        }
    }
}

impl Rows {
    pub(super) fn is_mounted(&self, claim: &str) -> bool {
        let pods = self.pods_by_claim.get(claim).into_iter().flatten().filter_map(|pod| self.pods.get(pod));
        pods.map(PodRow::phase).any(|phase| phase == UsePhase::Running)
    }

    /// Takes what was measured. That a figure was measured again and is the same concerns nobody.
    pub(super) fn measured(&mut self, measured: &[Measured], measuring: Option<Measuring>) -> Concerned {
        let former = self.samples.measuring;
        self.samples.measuring = measuring.unwrap_or(former);
        let claims: Vec<_> = self
            .volumes
            .values()
            .map(|row| Compared { uid: &row.claim.meta.uid, class: row.claim.class(), size: row.claim.size() })
            .collect();
        self.samples.note(measured, &claims);
        let (mut changed, mut news) = (Vec::new(), Vec::new());
        for (name, row) in &self.volumes {
            let fullness = self.samples.fullness(&row.claim.meta.uid, row.claim.is_bound(), self.is_mounted(name));
            if fullness != row.fullness {
                changed.push((name.clone(), row.filled(fullness)));
            }
            if !fullness.says_the_same_as(&row.fullness) {
                news.push(row.owner.clone());
            }
        }
        let owners: Vec<_> = changed.iter().map(|(_, row)| row.owner.clone()).collect();
        self.volumes.extend(changed.into_iter().map(|(name, row)| (name, Arc::new(row))));
        self.publish(concerned(owners));
        concerned(news)
    }
}
