//! What may a person do to volumes? Made and removed through their own cluster; the forms' posts end here.

use cluster::UserCluster;
use domain::{
    problem::Problem,
    volume::{DeleteForm, Volume, VolumeForm},
};

/// Checks the form against the classes of this moment, then makes the volume.
pub async fn create(caller: &UserCluster, form: &VolumeForm) -> Result<Volume, Problem> {
    let classes = caller.storage_classes().map_err(|error| crate::server::told(&error))?;
    let spec = form.check(&classes).map_err(Problem::invalid)?;
    caller.create_volume(&spec).await.map_err(|error| crate::server::told(&error))
}

/// Removes the volume that the person saw, once its name was typed.
pub async fn delete(caller: &UserCluster, id: &str, form: &DeleteForm) -> Result<(), Problem> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    let owned = caller.owned_volume(&id).await.map_err(|error| crate::server::told(&error))?;
    form.check(&owned.volume().name).map_err(Problem::invalid)?;
    owned.delete(&form.uid).await.map_err(|error| crate::server::told(&error))
}
