//! How does each kind of object enter the rows, and leave them?

use crate::{
    claim::ClaimRow,
    events::EventRow,
    jobs::JobRow,
    object::Row,
    pods::PodRow,
    quotas::QuotaRow,
    storage_classes::ClassRow,
    watch::{revision::Concerned, rows::Rows},
};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Claims,
    Pods,
    Events,
    Classes,
    Quotas,
    Jobs,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [Self::Claims, Self::Pods, Self::Events, Self::Classes, Self::Quotas, Self::Jobs];

    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Claims => ClaimRow::PLURAL,
            Self::Pods => PodRow::PLURAL,
            Self::Events => EventRow::PLURAL,
            Self::Classes => ClassRow::PLURAL,
            Self::Quotas => QuotaRow::PLURAL,
            Self::Jobs => JobRow::PLURAL,
        }
    }
}

/// A kind whose objects are kept as rows.
pub(crate) trait Kept: Row {
    const KIND: Kind;
    fn count(rows: &Rows) -> usize;
    /// What is not among `all` is gone.
    fn replace(rows: &mut Rows, all: impl IntoIterator<Item = Self>);
    fn apply(self, rows: &mut Rows) -> Concerned;
    fn remove(&self, rows: &mut Rows) -> Concerned;
    /// Removes what is known under this name and uid: the deleted object itself could not be read.
    fn forget(rows: &mut Rows, name: &str, uid: &str) -> Concerned;
}

impl Kept for ClaimRow {
    const KIND: Kind = Kind::Claims;

    fn count(rows: &Rows) -> usize {
        rows.volumes.len()
    }

    fn replace(rows: &mut Rows, all: impl IntoIterator<Item = Self>) {
        rows.volumes.clear();
        rows.claim_by_uid.clear();
        rows.claims_by_owner.clear();
        for claim in all {
            rows.put_claim(claim);
        }
        rows.publish_all();
    }

    fn apply(self, rows: &mut Rows) -> Concerned {
        let concerned = rows.put_claim(self);
        rows.publish(concerned)
    }

    fn remove(&self, rows: &mut Rows) -> Concerned {
        let concerned = rows.take_claim(&self.meta.name);
        rows.publish(concerned)
    }

    fn forget(rows: &mut Rows, name: &str, uid: &str) -> Concerned {
        // A claim that was made again under the name is another one.
        if rows.claim(name).is_some_and(|row| row.claim.meta.uid != uid) {
            return Concerned::Nobody;
        }
        let concerned = rows.take_claim(name);
        rows.publish(concerned)
    }
}

impl Kept for PodRow {
    const KIND: Kind = Kind::Pods;

    fn count(rows: &Rows) -> usize {
        rows.pods.len()
    }

    fn replace(rows: &mut Rows, all: impl IntoIterator<Item = Self>) {
        rows.pods.clear();
        rows.pod_by_uid.clear();
        rows.pods_by_claim.clear();
        rows.tasks.pods.clear();
        for pod in all {
            rows.put_pod(pod);
        }
        rows.renew_all();
    }

    fn apply(self, rows: &mut Rows) -> Concerned {
        let touched = rows.put_pod(self);
        rows.renew_touched(&touched)
    }

    fn remove(&self, rows: &mut Rows) -> Concerned {
        Self::forget(rows, &self.meta.name, &self.meta.uid)
    }

    fn forget(rows: &mut Rows, name: &str, _uid: &str) -> Concerned {
        let touched = rows.take_pod(name);
        rows.renew_touched(&touched)
    }
}

impl Kept for JobRow {
    const KIND: Kind = Kind::Jobs;

    fn count(rows: &Rows) -> usize {
        rows.count_jobs()
    }

    fn replace(rows: &mut Rows, all: impl IntoIterator<Item = Self>) {
        rows.clear_jobs();
        for job in all {
            rows.put_job(job);
        }
    }

    fn apply(self, rows: &mut Rows) -> Concerned {
        rows.put_job(self)
    }

    fn remove(&self, rows: &mut Rows) -> Concerned {
        rows.depart(self.clone())
    }

    fn forget(rows: &mut Rows, name: &str, uid: &str) -> Concerned {
        // A Job that was made again under the name is another one.
        if rows.job(name).is_some_and(|row| row.job.meta.uid != uid) {
            return Concerned::Nobody;
        }
        rows.take_job(name)
    }
}

impl Kept for EventRow {
    const KIND: Kind = Kind::Events;

    fn count(rows: &Rows) -> usize {
        rows.events.values().map(BTreeMap::len).sum()
    }

    fn replace(rows: &mut Rows, all: impl IntoIterator<Item = Self>) {
        rows.events.clear();
        for event in all {
            rows.put_event(&event);
        }
        rows.renew_all();
    }

    fn apply(self, rows: &mut Rows) -> Concerned {
        rows.put_event(&self);
        rows.renew_uid(self.about())
    }

    fn remove(&self, rows: &mut Rows) -> Concerned {
        rows.take_event(self.about(), &self.meta.name);
        rows.renew_uid(self.about())
    }

    fn forget(rows: &mut Rows, name: &str, _uid: &str) -> Concerned {
        // What it was about is not known, but names of events are unique.
        let Some(about) = rows.events.iter().find(|(_, events)| events.contains_key(name)).map(|(uid, _)| uid.clone()) else {
            return Concerned::Nobody;
        };
        rows.take_event(&about, name);
        rows.renew_uid(&about)
    }
}

impl Kept for ClassRow {
    const KIND: Kind = Kind::Classes;

    fn count(rows: &Rows) -> usize {
        rows.classes.len()
    }

    fn replace(rows: &mut Rows, all: impl IntoIterator<Item = Self>) {
        rows.classes = all.into_iter().map(|class| (class.meta.name.clone(), class)).collect();
        rows.publish_classes();
    }

    fn apply(self, rows: &mut Rows) -> Concerned {
        rows.classes.insert(self.meta.name.clone(), self);
        rows.publish_classes()
    }

    fn remove(&self, rows: &mut Rows) -> Concerned {
        Self::forget(rows, &self.meta.name, &self.meta.uid)
    }

    fn forget(rows: &mut Rows, name: &str, _uid: &str) -> Concerned {
        rows.classes.remove(name);
        rows.publish_classes()
    }
}

/// What is left is asked for where somebody makes a volume, and no page that is open follows it: that others make and delete
/// volumes concerns nobody.
impl Kept for QuotaRow {
    const KIND: Kind = Kind::Quotas;

    fn count(rows: &Rows) -> usize {
        rows.quotas.len()
    }

    fn replace(rows: &mut Rows, all: impl IntoIterator<Item = Self>) {
        rows.quotas = all.into_iter().map(|quota| (quota.meta.name.clone(), quota)).collect();
    }

    fn apply(self, rows: &mut Rows) -> Concerned {
        rows.quotas.insert(self.meta.name.clone(), self);
        Concerned::Nobody
    }

    fn remove(&self, rows: &mut Rows) -> Concerned {
        Self::forget(rows, &self.meta.name, &self.meta.uid)
    }

    fn forget(rows: &mut Rows, name: &str, _uid: &str) -> Concerned {
        rows.quotas.remove(name);
        Concerned::Nobody
    }
}
