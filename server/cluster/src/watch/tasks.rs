//! How do tasks stand in the rows? A Job, its pods, and what was said about each.

use crate::{
    events::naming_only,
    jobs::JobRow,
    labels::Owner,
    pods::{PodRow, Viewer},
    watch::{
        revision::Concerned,
        rows::{Rows, concerned},
    },
    word::Word,
};
use domain::{
    event::{Event, newest_first},
    owner::OwnerKey,
    task::{Task, TaskPod},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use tracing::warn;

/// A Job with all that is said about it: what one task is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRow {
    pub(crate) job: Arc<JobRow>,
    pub(crate) owner: Owner,
    pods: Vec<TaskPod>,
    events: Vec<Event>,
    /// What lies behind its volumes: names that only administrators read.
    storage: Vec<String>,
}

impl TaskRow {
    pub(crate) fn task(&self, viewer: Viewer<'_>, now: i64) -> Task {
        match viewer {
            Viewer::Owner(_) => {
                let mut pods = self.pods.clone();
                for event in pods.iter_mut().flat_map(|pod| &mut pod.events) {
                    *event = naming_only(event.clone(), &self.visible(), &self.storage);
                }
                self.job.task(pods, now)
            }
            Viewer::Admin => self.with_proven_owner(self.job.task(self.pods.clone(), now)),
        }
    }

    /// The names of pods that the owner may know: the task's own.
    fn visible(&self) -> Vec<&str> {
        self.pods.iter().map(|pod| pod.name.as_str()).collect()
    }

    /// Administrators see who provably owns it, and nobody's name where nobody does.
    fn with_proven_owner(&self, task: Task) -> Task {
        let Some(key) = self.owner.key() else { return Task { username: String::new(), owner_subject: None, ..task } };
        let username = if task.username.is_empty() { key.as_str().chars().take(12).collect() } else { task.username };
        Task { username, owner_subject: self.job.meta.annotations.owner_subject.as_deref().map(str::to_owned), ..task }
    }

    /// What the cluster said about the Job itself, newest first.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }
}

/// Jobs and the indexes that ask for them.
#[derive(Default)]
pub(crate) struct Tasks {
    rows: BTreeMap<Word, Arc<TaskRow>>,
    by_uid: HashMap<Word, Word>,
    by_owner: HashMap<OwnerKey, BTreeSet<Word>>,
    /// The names of pods by the uid of the Job that made them, also of Jobs that are not here yet.
    pub(super) pods: HashMap<Word, BTreeSet<Word>>,
    /// Tasks that were over when their Jobs were deleted, until they are taken: a Job may go in the moment of its end.
    departed: Vec<Arc<TaskRow>>,
}

/// So many are kept for whoever takes them.
const DEPARTED_MAX: usize = 500;

impl Rows {
    /// One owner's tasks, by the name of the Job.
    pub(crate) fn tasks_of(&self, owner: &OwnerKey) -> Vec<Arc<TaskRow>> {
        self.tasks.by_owner.get(owner).into_iter().flatten().filter_map(|name| self.tasks.rows.get(name)).cloned().collect()
    }

    pub(crate) fn all_tasks(&self) -> Vec<Arc<TaskRow>> {
        self.tasks.rows.values().cloned().collect()
    }

    pub(crate) fn job(&self, name: &str) -> Option<&Arc<TaskRow>> {
        self.tasks.rows.get(name)
    }

    pub(super) fn count_jobs(&self) -> usize {
        self.tasks.rows.len()
    }

    pub(super) fn clear_jobs(&mut self) {
        self.tasks.rows.clear();
        self.tasks.by_uid.clear();
        self.tasks.by_owner.clear();
    }

    pub(super) fn put_job(&mut self, mut job: JobRow) -> Concerned {
        // Only the watch needs the version; without it, a Job that looks the same is the same.
        job.meta.resource_version = Word::default();
        let (name, uid, owner) = (job.meta.name.clone(), job.meta.uid.clone(), job.owner());
        if owner == Owner::Contradicted {
            warn!(job = %name, "owner label and owner annotations name different people; the task is hidden from both");
        }
        let row = self.task_row(Arc::new(job), owner.clone());
        if self.tasks.rows.get(&name).is_some_and(|former| **former == row) {
            return Concerned::Nobody;
        }
        let former = self.take_job(&name);
        self.tasks.by_uid.insert(uid, name.clone());
        if let Some(key) = owner.key() {
            self.tasks.by_owner.entry(key.clone()).or_default().insert(name.clone());
        }
        self.tasks.rows.insert(name, Arc::new(row));
        former.and(concerned([owner]))
    }

    pub(super) fn take_job(&mut self, name: &str) -> Concerned {
        let Some(row) = self.tasks.rows.remove(name) else { return Concerned::Nobody };
        self.tasks.by_uid.remove(&row.job.meta.uid);
        if let Some(key) = row.owner.key()
            && let Some(names) = self.tasks.by_owner.get_mut(key)
        {
            names.remove(name);
            if names.is_empty() {
                self.tasks.by_owner.remove(key);
            }
        }
        concerned([row.owner.clone()])
    }

    /// A Job is deleted; this is how it last was.
    pub(super) fn depart(&mut self, mut job: JobRow) -> Concerned {
        if job.is_over() && self.tasks.departed.len() < DEPARTED_MAX {
            job.meta.resource_version = Word::default();
            let owner = job.owner();
            let row = self.task_row(Arc::new(job.clone()), owner);
            self.tasks.departed.push(Arc::new(row));
        }
        let is_another = self.job(&job.meta.name).is_some_and(|row| row.job.meta.uid != job.meta.uid);
        if is_another { Concerned::Nobody } else { self.take_job(&job.meta.name) }
    }

    pub(crate) fn take_departed(&mut self) -> Vec<Arc<TaskRow>> {
        std::mem::take(&mut self.tasks.departed)
    }

    fn task_row(&self, job: Arc<JobRow>, owner: Owner) -> TaskRow {
        let uid = &job.meta.uid;
        let named = self.tasks.pods.get(uid).into_iter().flatten().filter_map(|name| self.pods.get(name));
        let own: Vec<_> = named.filter(|pod| pod.is_part_of(uid, &owner)).collect();
        let claims: BTreeSet<_> = own.iter().flat_map(|pod| pod.claims()).collect();
        let storage = claims.into_iter().filter_map(|claim| self.claim(claim)).flat_map(|row| row.claim.storage_names()).collect();
        let mut pods: Vec<_> = own.into_iter().map(|pod| pod.task_pod(self.events_of(&pod.meta.uid))).collect();
        pods.sort_by(|a, b| (a.rank, a.created, &a.name).cmp(&(b.rank, b.created, &b.name)));
        let events = newest_first(self.events_of(uid));
        TaskRow { job, owner, pods, events, storage }
    }

    /// Puts the task of this Job together again, after its pods or what was said about them changed.
    pub(super) fn renew_task(&mut self, job_uid: &str) -> Concerned {
        let Some(former) = self.tasks.by_uid.get(job_uid).and_then(|name| self.tasks.rows.get(name)) else { return Concerned::Nobody };
        let row = self.task_row(Arc::clone(&former.job), former.owner.clone());
        if **former == row {
            return Concerned::Nobody;
        }
        let (name, owner) = (row.job.meta.name.clone(), row.owner.clone());
        self.tasks.rows.insert(name, Arc::new(row));
        concerned([owner])
    }

    pub(super) fn renew_all_tasks(&mut self) {
        let uids: Vec<_> = self.tasks.by_uid.keys().cloned().collect();
        for uid in uids {
            self.renew_task(&uid);
        }
    }

    /// Notes whose pod this is, or is no more.
    pub(super) fn note_pod(&mut self, pod: &PodRow, is_there: bool) {
        let Some(job) = pod.meta.controller.as_ref().filter(|_| pod.is_of_a_task()) else { return };
        if is_there {
            self.tasks.pods.entry(job.clone()).or_default().insert(pod.meta.name.clone());
        } else if let Some(names) = self.tasks.pods.get_mut(job) {
            names.remove(&pod.meta.name);
            if names.is_empty() {
                self.tasks.pods.remove(job);
            }
        }
    }
}
