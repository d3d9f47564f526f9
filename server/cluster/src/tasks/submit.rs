//! How is a task made? Everything that belongs to it hangs on its Job, so what is made in part is found by the Job, and goes with it.
//!
//! The Job of a task with peers or attached files is made suspended; then what lies between its pods and its files, which the Job
//! owns; then the Job may start and is marked as complete. If the portal ends in between, the task is shown as incomplete: it can be
//! resumed from there, or deleted.

use super::OwnedTask;
use crate::{
    act::{ATTEMPTS, CREATE_DEADLINE, DEADLINE, Right, SEEN, within},
    claim::{ClaimRow, claim},
    clock::now,
    error::Error,
    job::{Order, job_name, peers},
    jobs::JobRow,
    labels,
    pods::Viewer,
    scope::{Link, UserCluster},
    volumes::{proven, yaml},
    watch::rows::Rows,
    word::Word,
};
use domain::{
    allowed::WhyNot,
    name::{ObjectName, TaskId, VolumeId},
    problem::FieldErrors,
    task::{Mount, Plan, Task},
    volume::not_for_writing,
};
use kube::core::Request;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tracing::info;

/// Stands for the ids that are drawn when it is made.
const DRAFT: &str = "xxxxxxxx";

impl UserCluster {
    /// Makes the task, and the volumes that are new in it. The answer comes when the person's list shows it (or after three
    /// seconds more).
    pub async fn submit(&self, plan: &Plan) -> Result<Task, Error> {
        self.submit_as(&TaskId::from_random(rand::random()), plan).await
    }

    /// The same under an id that the caller drew: the second time, the task of the first is the answer.
    pub async fn submit_as(&self, id: &TaskId, plan: &Plan) -> Result<Task, Error> {
        let name: ObjectName = job_name(&plan.spec.name, id).parse().map_err(Error::unexpected)?;
        let made = within(CREATE_DEADLINE, async {
            let _turn = self.link.creating_task(self.user.key()).lock().await;
            if let Some(known) = self.known(id, &name).await? {
                return Ok(known);
            }
            self.may_submit(plan).await?;
            let proven = self.proven_claims(plan).await?;
            self.proven_secrets(plan).await?;
            // What the cluster refuses is refused before anything is made.
            self.try_job(plan, &proven, id).await?;
            let claims = self.all_claims(plan, proven).await?;
            let job = self.create_job(plan, &claims, id, &name).await?;
            info!(owner = ?self.user.key(), job = %job.meta.name, "task submitted");
            Ok(job)
        })
        .await?;
        if made.is_incomplete() {
            let files = self.order(plan, &[], id).config_map(Some(&made.meta.uid))?;
            // What fails here leaves a task that is shown as incomplete, which is what it is.
            within(DEADLINE, self.link.complete(&made, files.as_ref())).await?;
        }
        Ok(self.shown_task(&made).await)
    }

    /// Asks the API server whether it would make this. Nothing is made.
    pub async fn try_submit(&self, plan: &Plan) -> Result<(), Error> {
        within(CREATE_DEADLINE, async {
            let claims = self.proven_claims(plan).await?;
            self.proven_secrets(plan).await?;
            self.try_job(plan, &claims, &TaskId::from_random(rand::random())).await
        })
        .await
    }

    /// All that [`UserCluster::submit`] would send now, as YAML documents.
    pub fn task_draft(&self, plan: &Plan) -> Result<String, Error> {
        let (id, volume_id): (TaskId, VolumeId) = (DRAFT.parse().map_err(Error::unexpected)?, DRAFT.parse().map_err(Error::unexpected)?);
        let claims: Vec<_> = plan.mounts.iter().map(|mount| (drafted(mount, &volume_id), mount.uid.clone())).collect();
        let claims: Vec<_> = claims.into_iter().filter_map(|(name, uid)| Some((name?, uid))).collect();
        let new = plan.mounts.iter().filter(|mount| mount.claim.is_none()).filter_map(|mount| mount.new.as_ref());
        let order = self.order(plan, &claims, &id);
        let mut objects: Vec<Value> = Vec::new();
        for spec in new {
            let object = claim(spec, &volume_id, &self.user, &self.link.namespace, now());
            objects.push(serde_json::to_value(object).map_err(Error::unexpected)?);
        }
        objects.extend(order.between(None));
        objects.extend(order.config_map(None)?);
        objects.push(order.job());
        let texts: Vec<_> = objects.iter().map(yaml).collect::<Result<_, _>>()?;
        Ok(texts.join("---\n"))
    }

    fn order<'a>(&'a self, plan: &'a Plan, claims: &'a [(ObjectName, Option<String>)], id: &'a TaskId) -> Order<'a> {
        Order { plan, claims, id, user: &self.user, namespace: &self.link.namespace, settings: &self.link.pods, now: now() }
    }

    /// The task that this id stands for already. An id names one task, so another's, or one with another name, is a conflict.
    async fn known(&self, id: &TaskId, name: &ObjectName) -> Result<Option<JobRow>, Error> {
        let selector = format!("{}={},{}={id}", labels::TASK_MARKER, labels::MARKED, labels::TASK_ID);
        let mut known = self.link.list::<JobRow>(Some(selector)).await?;
        let Some(first) = known.pop() else { return Ok(None) };
        let is_this = known.is_empty() && first.meta.name == name.as_str();
        Right::Owner(self.user.clone()).prove(first.is_marked(), &first.owner()).map_err(|_| Error::Stale)?;
        if is_this { Ok(Some(first)) } else { Err(Error::Stale) }
    }

    /// Every claim that is there already, proven on the live object to be this person's (security O7). A new one has none.
    async fn proven_claims(&self, plan: &Plan) -> Result<Vec<Option<ClaimRow>>, Error> {
        let mut all = Vec::with_capacity(plan.mounts.len());
        for (place, mount) in plan.mounts.iter().enumerate() {
            all.push(match &mount.claim {
                Some(name) => Some(self.proven_claim(name, mount, &word(plan, place)).await?),
                None => None,
            });
        }
        Ok(all)
    }

    async fn proven_claim(&self, name: &ObjectName, mount: &Mount, word: &str) -> Result<ClaimRow, Error> {
        let live = match self.link.get::<ClaimRow, ClaimRow>(name).await {
            Ok(live) => proven(live, self.user.key()),
            Err(error) => Err(error),
        };
        match live {
            Err(Error::NotFound) => Err(refused(format!("You have no volume called {word}."))),
            Err(error) => Err(error),
            Ok(live) if live.is_deleting() => {
                Err(refused(format!("{word} is being deleted, so it cannot be mounted any more. Choose another volume.")))
            }
            Ok(live) if live.trash().is_some() => {
                Err(refused(format!("{word} is in the trash, so it cannot be mounted. Restore it first.")))
            }
            // Published since the file was judged.
            Ok(live) if live.is_read_only() && !mount.read_only => Err(refused(not_for_writing(word))),
            Ok(live) if mount.uid.as_ref().is_some_and(|uid| *uid != *live.meta.uid) => Err(Error::Stale),
            Ok(live) => Ok(live),
        }
    }

    /// The claims in the order of the mounts; those that are new are made now, each name once.
    async fn all_claims(&self, plan: &Plan, proven: Vec<Option<ClaimRow>>) -> Result<Vec<(ObjectName, Option<String>)>, Error> {
        let mut claims = Vec::with_capacity(plan.mounts.len());
        for (place, (mount, claim)) in plan.mounts.iter().zip(proven).enumerate() {
            let (name, uid) = match (claim, &mount.new) {
                (Some(claim), _) => (claim.meta.name.to_string(), claim.meta.uid.to_string()),
                (None, Some(spec)) => {
                    let (volume, _) = self.create_if_absent(spec).await?;
                    (volume.claim, volume.uid)
                }
                (None, None) => return Err(refused(format!("You have no volume called {}.", word(plan, place)))),
            };
            claims.push((name.parse().map_err(Error::unexpected)?, Some(uid)));
        }
        Ok(claims)
    }

    async fn try_job(&self, plan: &Plan, proven: &[Option<ClaimRow>], id: &TaskId) -> Result<(), Error> {
        let volume_id: VolumeId = DRAFT.parse().map_err(Error::unexpected)?;
        let names = plan.mounts.iter().zip(proven).filter_map(|(mount, claim)| {
            let name = drafted(mount, &volume_id)?;
            Some((name, claim.as_ref().map(|claim| claim.meta.uid.to_string())))
        });
        let claims: Vec<_> = names.collect();
        let order = self.order(plan, &claims, id);
        self.link.post::<IgnoredAny>(&self.link.all::<JobRow>(), &order.job(), true).await?;
        match order.config_map(None)? {
            Some(files) => self.link.try_files(&files).await,
            None => Ok(()),
        }
    }

    async fn create_job(
        &self,
        plan: &Plan,
        claims: &[(ObjectName, Option<String>)],
        id: &TaskId,
        name: &ObjectName,
    ) -> Result<JobRow, Error> {
        let job = self.order(plan, claims, id).job();
        for _ in 0..ATTEMPTS {
            let error = match self.link.post(&self.link.all::<JobRow>(), &job, false).await {
                Ok(made) => return Ok(made),
                Err(error) => error,
            };
            if !matches!(error, Error::Stale) && !error.leaves_open() {
                return Err(error);
            }
            // No answer says nothing about what happened, and a conflict may be with what an earlier attempt made. The name is
            // known, so the cluster can say.
            return match self.link.proven_job(name, &Right::Owner(self.user.clone())).await {
                Ok((made, _)) => Ok(made),
                // Quota is counted optimistically, so a create can fail with a conflict that means nothing: again.
                Err(Error::NotFound) if matches!(error, Error::Stale) => continue,
                Err(_) => Err(error),
            };
        }
        Err(Error::Busy { retry_after: None })
    }

    /// The task as the list shows it, once it does.
    async fn shown_task(&self, job: &JobRow) -> Task {
        let viewer = Viewer::Owner(self.user.key());
        let seen = |rows: &Rows| {
            let row = rows.job(&job.meta.name).filter(|row| row.job.meta.uid == job.meta.uid && !row.job.is_incomplete())?;
            Some(row.task(viewer, now()))
        };
        match self.link.cache.until_seen(SEEN, seen).await {
            Some(task) => task,
            None => job.task(Vec::new(), now()),
        }
    }
}

impl OwnedTask {
    /// Makes what is missing of exactly the task that the person saw, and lets it start.
    pub async fn resume(self, seen_uid: &str) -> Result<(), Error> {
        if self.live.meta.uid != seen_uid {
            return Err(Error::Stale);
        }
        if !self.live.is_incomplete() {
            return Err(Error::NotAllowed(WhyNot::TaskIsWhole));
        }
        within(DEADLINE, self.link.complete(&self.live, None)).await?;
        info!(by = ?self.right, job = %self.name, "task resumed");
        self.until_seen(seen_uid, |row| !row.job.is_incomplete()).await;
        Ok(())
    }
}

impl Link {
    /// Makes what this Job needs and is not there, and lets the Job start. Files can only be made by whoever has them.
    async fn complete(&self, job: &JobRow, files: Option<&Value>) -> Result<(), Error> {
        let name: ObjectName = job.meta.name.parse().map_err(Error::unexpected)?;
        if job.has_files() {
            self.store_files(job, files).await?;
        }
        if job.has_peers() {
            self.complete_peers(&name, job).await?;
        }
        self.let_start(&name, job).await
    }

    /// Makes what lies between the pods of this Job, as far as it is not there.
    async fn complete_peers(&self, name: &ObjectName, job: &JobRow) -> Result<(), Error> {
        let (known, proof) = (&job.meta.labels, &job.meta.annotations);
        let labels = present([
            (labels::TASK_MARKER, &known.task_marker),
            (labels::TASK_ID, &known.task_id),
            (labels::TASK_NAME, &known.task_name),
            (labels::USERNAME, &known.username),
            (labels::OWNER, &known.owner),
        ]);
        let identity = present([(labels::OWNER_ISSUER, &proof.owner_issuer), (labels::OWNER_SUBJECT, &proof.owner_subject)]);
        for (path, object) in peers::between(name.as_str(), &self.namespace, Some(&job.meta.uid), &labels, &identity) {
            match self.post::<IgnoredAny>(&Request::new(path), &object, false).await {
                // One of this name is there: an earlier attempt made it, for nothing else in the namespace is called so.
                Ok(_) | Err(Error::Stale) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn let_start(&self, name: &ObjectName, job: &JobRow) -> Result<(), Error> {
        let started = json!({ "metadata": { "annotations": { labels::COMPLETE: labels::MARKED } }, "spec": { "suspend": false } });
        let mut live = job.clone();
        for _ in 0..ATTEMPTS {
            let error = match self.patch::<JobRow>(name, &live.meta, started.clone(), false).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if !matches!(error, Error::Stale) && !error.leaves_open() {
                return Err(error);
            }
            // The Job controller writes its status meanwhile; without an answer, look.
            live = match self.get::<JobRow, JobRow>(name).await {
                Ok(live) if live.meta.uid == job.meta.uid => live,
                Ok(_) | Err(Error::NotFound) => return Err(Error::NotFound),
                Err(_) => return Err(error),
            };
            if !live.is_incomplete() {
                return Ok(());
            }
            if error.leaves_open() {
                return Err(error);
            }
        }
        Err(Error::Stale)
    }
}

/// Those that have a value, as a map.
fn present<const N: usize>(pairs: [(&str, &Option<Word>); N]) -> Value {
    Value::Object(pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.as_deref()?.into()))).collect())
}

fn refused(sentence: String) -> Error {
    Error::Invalid(FieldErrors::one("volumes", sentence))
}

/// What the person called the volume of this mount.
fn word(plan: &Plan, place: usize) -> String {
    plan.spec.volumes.get(place).map(|want| want.volume.clone()).unwrap_or_default()
}

fn drafted(mount: &Mount, id: &VolumeId) -> Option<ObjectName> {
    mount.claim.clone().or_else(|| mount.new.as_ref().map(|spec| ObjectName::of_claim(&spec.name, id)))
}
