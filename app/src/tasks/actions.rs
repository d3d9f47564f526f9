//! What may a person do to tasks, and an administrator to anybody's? The forms' posts end here.

use crate::server::told;
use cluster::{AdminCluster, UserCluster};
use domain::{name::TaskId, problem::Problem, task::SeenForm};

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

/// Removes the task that the person saw, with its log.
pub async fn delete(caller: &UserCluster, id: &str, form: &SeenForm) -> Result<(), Problem> {
    let owned = caller.owned_task(&task_id(id)?).await.map_err(|error| told(&error))?;
    owned.delete(&form.uid).await.map_err(|error| told(&error))
}

pub async fn stop_anybodys(admin: &AdminCluster, id: &str, form: &SeenForm) -> Result<(), Problem> {
    let owned = admin.managed_task(&task_id(id)?).await.map_err(|error| told(&error))?;
    owned.stop(&form.uid).await.map_err(|error| told(&error))
}

pub async fn delete_anybodys(admin: &AdminCluster, id: &str, form: &SeenForm) -> Result<(), Problem> {
    let owned = admin.managed_task(&task_id(id)?).await.map_err(|error| told(&error))?;
    owned.delete(&form.uid).await.map_err(|error| told(&error))
}

/// An id from an address; anything else is as absent as a random one.
pub fn task_id(text: &str) -> Result<TaskId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
