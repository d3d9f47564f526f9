//! What does a person have, and may they have more? Counted on the live objects, one after the other with all that the same person
//! makes through this portal. With several portals, `app` lets one act at a time.

use crate::{
    act::Right,
    claim::ClaimRow,
    error::Error,
    jobs::JobRow,
    labels,
    scope::{Link, UserCluster},
    watch::rows::Rows,
};
use domain::{
    limits::{Amounts, PerPerson},
    owner::OwnerKey,
    quantity::Size,
    quota::Room,
    task::Plan,
    volume::VolumeSpec,
};

impl UserCluster {
    /// The most that one person may have here.
    pub fn limits(&self) -> &PerPerson {
        &self.link.limits
    }

    /// What this person has, by the rows.
    pub fn has(&self) -> Result<Amounts, Error> {
        let (claims, jobs) = self.link.cache.rows(|rows| (rows.of(self.user.key()), rows.tasks_of(self.user.key())))?;
        Ok(held_by(claims.iter().map(|row| row.claim.as_ref())) + self.link.run_by(jobs.iter().map(|row| row.job.as_ref())))
    }

    /// What the namespace's quotas have no room for of this task, by the rows.
    pub fn no_room(&self, plan: &Plan) -> Result<Vec<Room>, Error> {
        let quota = self.link.cache.rows(Rows::task_quota)?;
        Ok(quota.judge(&plan.spec, &self.link.pods.gpu_resource))
    }

    pub(crate) fn fits(&self, has: Amounts, more: Amounts) -> Result<(), Error> {
        self.link.fits(has, more)
    }

    /// Whether this person may have this task, and the volumes that are new in it, at this moment.
    pub(crate) async fn may_submit(&self, plan: &Plan) -> Result<(), Error> {
        let (limits, key) = (&self.link.limits, self.user.key());
        let mut has = Amounts::default();
        if limits.limits_tasks() {
            let jobs =
                self.link.list::<JobRow>(Some(format!("{}={},{}={key}", labels::TASK_MARKER, labels::MARKED, labels::OWNER))).await?;
            let right = Right::Owner(self.user.clone());
            let own = jobs.iter().filter(|job| right.prove(job.is_marked(), &job.owner()).is_ok());
            has = has + self.link.run_by(own);
        }
        let more = plan.amounts();
        if limits.limits_volumes() && more.volumes > 0 {
            has = has + held_by(self.link.own_claims(key).await?.iter());
        }
        self.fits(has, more)
    }
}

impl Link {
    fn fits(&self, has: Amounts, more: Amounts) -> Result<(), Error> {
        let beyond = self.limits.refuses(has, more);
        if beyond.is_empty() { Ok(()) } else { Err(Error::BeyondLimit(beyond)) }
    }

    /// Whether this volume may have this size.
    pub(crate) async fn may_grow(&self, key: &OwnerKey, uid: &str, size: Size) -> Result<(), Error> {
        if self.limits.size.is_none() {
            return Ok(());
        }
        let own = self.own_claims(key).await?;
        let takes = own.iter().find(|claim| claim.meta.uid == uid).map_or(0, |claim| claim.takes().bytes());
        self.fits(held_by(own.iter()), Amounts { bytes: size.bytes().saturating_sub(takes), ..Amounts::default() })
    }

    /// What the tasks that are not over have.
    fn run_by<'a>(&self, jobs: impl Iterator<Item = &'a JobRow>) -> Amounts {
        jobs.filter(|job| !job.is_over())
            .map(|job| Amounts { tasks: 1, gpus: job.gpus(&self.pods.gpu_resource), ..Amounts::default() })
            .fold(Amounts::default(), |sum, one| sum + one)
    }
}

pub(crate) fn held_by<'a>(claims: impl Iterator<Item = &'a ClaimRow>) -> Amounts {
    claims
        .map(|claim| Amounts { volumes: 1, bytes: claim.takes().bytes(), ..Amounts::default() })
        .fold(Amounts::default(), |sum, one| sum + one)
}

pub(crate) fn of_volume(spec: &VolumeSpec) -> Amounts {
    Amounts { volumes: 1, bytes: spec.size.bytes(), ..Amounts::default() }
}
