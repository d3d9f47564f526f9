//! What may a person do to tasks, and an administrator to anybody's? The forms' posts end here.

use super::source::Source;
use crate::server::{Portal, records_failed, told};
use cluster::{AdminCluster, OwnedTask, UserCluster};
use domain::{name::TaskId, owner::OwnerKey, problem::Problem, task::SeenForm};

/// Ends the task that the person saw; its record and its log stay.
pub async fn stop(caller: &UserCluster, id: &str, form: &SeenForm) -> Result<(), Problem> {
    let owned = caller.owned_task(&task_id(id)?).await.map_err(|error| told(&error))?;
    owned.stop(&form.uid).await.map_err(|error| told(&error))
}

/// Makes what is missing of the task that the person saw.
pub async fn resume(caller: &UserCluster, id: &str, form: &SeenForm) -> Result<(), Problem> {
    let owned = caller.owned_task(&task_id(id)?).await.map_err(|error| told(&error))?;
    owned.resume(&form.uid).await.map_err(|error| told(&error))
}

/// Removes the task that the person saw, with its log and what was kept of it.
pub async fn delete(portal: &Portal, caller: &UserCluster, id: &str, form: &SeenForm) -> Result<(), Problem> {
    let id = task_id(id)?;
    let found = caller.owned_task(&id).await;
    let source = Source::Mine(caller.clone());
    end(portal, &source, &id, found, Some(caller.user().key().clone()), form).await
}

pub async fn stop_anybodys(admin: &AdminCluster, id: &str, form: &SeenForm) -> Result<(), Problem> {
    let owned = admin.managed_task(&task_id(id)?).await.map_err(|error| told(&error))?;
    owned.stop(&form.uid).await.map_err(|error| told(&error))
}

pub async fn delete_anybodys(portal: &Portal, admin: &AdminCluster, id: &str, form: &SeenForm) -> Result<(), Problem> {
    let id = task_id(id)?;
    let owner = match admin.owner_of_task(&id) {
        Some(owner) => Some(owner),
        None => portal.records.history().owner_of(&id).await.map_err(|error| records_failed(&error))?,
    };
    let found = admin.managed_task(&id).await;
    let source = Source::Anybodys(admin.clone());
    end(portal, &source, &id, found, owner, form).await
}

/// Deletes what the cluster has, and forgets what was kept: it would come back from the records.
async fn end(
    portal: &Portal,
    source: &Source,
    id: &TaskId,
    found: Result<OwnedTask, cluster::Error>,
    owner: Option<OwnerKey>,
    form: &SeenForm,
) -> Result<(), Problem> {
    let task = match found {
        Ok(owned) => {
            let task = owned.task().clone();
            owned.delete(&form.uid).await.map_err(|error| told(&error))?;
            task
        }
        Err(cluster::Error::NotFound) => {
            let task = source.kept(portal, id).await?.ok_or_else(Problem::not_found)?.task;
            if task.uid != form.uid {
                return Err(told(&cluster::Error::Stale));
            }
            task
        }
        Err(error) => return Err(told(&error)),
    };
    // What is nobody's was never written down.
    let Some(owner) = owner else { return Ok(()) };
    portal.records.history().forget(&owner, &task, portal.task_days).await.map_err(|error| {
        let problem = records_failed(&error);
        let sentence = "What the portal's records keep of the task could not be removed. If it is still among the tasks in a moment, delete it once more.";
        Problem { message: sentence.into(), ..problem }
    })
}

/// An id from an address; anything else is as absent as a random one.
pub fn task_id(text: &str) -> Result<TaskId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
