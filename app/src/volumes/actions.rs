//! What may a person do to volumes, and an administrator to anybody's? The forms' posts end here.

use super::bulk::Gone;
use crate::{
    audit::actions::{Act, Trail},
    limits::in_turn,
    server::told,
};
use cluster::{AdminCluster, Change, Cleanup, Mode, Owned, UserCluster};
use domain::{
    audit::Verb,
    name::{ObjectName, VolumeId},
    problem::{Code, FieldErrors, Problem},
    volume::{
        BulkDeleteForm, CleanupForm, DeleteForm, EditForm, ExpandForm, Handover, HandoverForm, PublishForm, Removed, RestoreForm, Volume,
        VolumeForm, Written,
    },
};
use futures::FutureExt;
use records::Records;
use std::collections::HashMap;

/// Checks the form against the classes of this moment, then makes the volume.
pub async fn create(records: &Records, caller: &UserCluster, form: &VolumeForm) -> Result<Volume, Problem> {
    let classes = caller.storage_classes().map_err(|error| told(&error))?;
    let spec = form.check(&classes).map_err(Problem::invalid)?;
    in_turn(records, caller, async { caller.create_volume(&spec).await.map_err(|error| told(&error)) }.boxed()).await
}

/// Asks for a larger size of the volume that the person saw.
pub async fn grow(records: &Records, caller: &UserCluster, id: &str, form: &ExpandForm) -> Result<(), Problem> {
    let owned = caller.owned_volume(&volume_id(id)?).await.map_err(|error| told(&error))?;
    let size = form.check().map_err(Problem::invalid)?;
    in_turn(records, caller, async { owned.expand(&form.uid, size).await.map_err(|error| told(&error)) }.boxed()).await
}

/// Says something else about the volume that the person saw.
pub async fn edit(caller: &UserCluster, id: &str, form: &EditForm) -> Result<(), Problem> {
    let owned = caller.owned_volume(&volume_id(id)?).await.map_err(|error| told(&error))?;
    let words = form.check().map_err(Problem::invalid)?;
    owned.describe(&form.uid, &words).await.map_err(|error| told(&error))
}

/// Removes the caller's finished pods that hold the volume that they saw.
pub async fn clean_up(caller: &UserCluster, id: &str, form: &CleanupForm) -> Result<Cleanup, Problem> {
    let owned = caller.owned_volume(&volume_id(id)?).await.map_err(|error| told(&error))?;
    owned.remove_finished_pods(&form.uid).await.map_err(|error| told(&error))
}

/// Removes the volume that the person saw, once its name was typed. Says what came of it, and what is to be shown next.
pub async fn delete(caller: &UserCluster, id: &str, form: &DeleteForm) -> Result<(Removed, Next), Problem> {
    let owned = caller.owned_volume(&volume_id(id)?).await.map_err(|error| told(&error))?;
    form.check(&owned.volume().name).map_err(Problem::invalid)?;
    let volume = owned.volume().clone();
    // The page said that nothing can be lost: that holds no longer when there is storage now.
    let had_none = form.now == "yes" && !form.again.is_empty();
    if had_none && Written::of(&volume, None, true) != Written::Never {
        return Err(told(&cluster::Error::Stale));
    }
    let removed = remove(owned, form).await?;
    let class = match form.again.as_str() {
        "" => return Ok((removed, Next::List)),
        "yes" => None,
        class => Some(class),
    };
    let like = VolumeForm::like(&volume, class);
    let next = match removed {
        // Its name is free when it is gone.
        Removed::ForGood => {
            caller.until_gone(&volume).await;
            like
        }
        Removed::ToTrash(_) => like.under_a_free_name(&caller.volumes_and_trash().unwrap_or_default()),
    };
    Ok((removed, Next::CreateAgain(Box::new(next))))
}

/// What follows a deletion.
pub enum Next {
    List,
    /// A new volume, asked for like this.
    CreateAgain(Box<VolumeForm>),
}

async fn remove(owned: Owned, form: &DeleteForm) -> Result<Removed, Problem> {
    let removed = if form.now == "yes" { owned.delete_now(&form.uid).await } else { owned.delete(&form.uid).await };
    removed.map_err(|error| told(&error))
}

/// Takes the volume that the person saw out of the trash.
pub async fn restore(caller: &UserCluster, id: &str, form: &RestoreForm) -> Result<(), Problem> {
    let owned = caller.owned_volume(&volume_id(id)?).await.map_err(|error| told(&error))?;
    owned.restore(&form.uid).await.map_err(|error| told(&error))
}

/// The same of anybody's volume.
pub async fn restore_anybodys(admin: &AdminCluster, id: &str, form: &RestoreForm) -> Result<(), Problem> {
    let owned = admin.managed_volume(&volume_id(id)?).await.map_err(|error| told(&error))?;
    owned.restore(&form.uid).await.map_err(|error| told(&error))
}

/// Publishes the volume that the person saw as read-only, or takes that back.
pub async fn publish(caller: &UserCluster, id: &str, form: &PublishForm) -> Result<(), Problem> {
    let owned = caller.owned_volume(&volume_id(id)?).await.map_err(|error| told(&error))?;
    owned.publish(&form.uid, form.is_read_only()).await.map_err(|error| told(&error))
}

/// Removes each of the volumes that the person saw, once their number was typed. One that stays stops no other; each is on the trail
/// as it ends.
pub async fn delete_all(caller: &UserCluster, form: &BulkDeleteForm, trail: &Trail, acts: &Acts) -> Result<Vec<Gone>, Problem> {
    let chosen = form.check().map_err(Problem::invalid)?;
    let names = names(caller.volumes().map_err(|error| told(&error))?);
    let results = caller.delete_all(chosen, |id, result| ended(trail, acts, id, result)).await;
    absent(trail, &results).await;
    Ok(gone(results, &names))
}

/// The same of anybody's volumes.
pub async fn delete_all_anybodys(admin: &AdminCluster, form: &BulkDeleteForm, trail: &Trail, acts: &Acts) -> Result<Vec<Gone>, Problem> {
    let chosen = form.check().map_err(Problem::invalid)?;
    let names = names(admin.volumes().map_err(|error| told(&error))?);
    let results = admin.delete_all(chosen, |id, result| ended(trail, acts, id, result)).await;
    absent(trail, &results).await;
    Ok(gone(results, &names))
}

/// What the deletion of each is called on the trail, from before it began.
pub type Acts = HashMap<String, Act>;

fn ended(trail: &Trail, acts: &Acts, id: &VolumeId, result: &Result<Removed, cluster::Error>) -> impl Future<Output = ()> + Send + use<> {
    let act = acts.get(id.as_str()).cloned().unwrap_or_else(|| Act::tried(Verb::DeleteVolume, id.as_str()));
    let act = result.as_ref().map_or(act.clone(), |how| act.removed(*how));
    let (trail, refusal) = (trail.clone(), result.as_ref().err().map(cluster::Error::problem));
    async move {
        // Hundreds of made-up ids are one attempt: see `absent`.
        if refusal.as_ref().is_none_or(|problem| problem.code != Code::NotFound) {
            trail.ended(act, refusal.as_ref()).await;
        }
    }
}

/// One line for all that were chosen and are not there, or not theirs.
async fn absent(trail: &Trail, results: &[(VolumeId, Result<Removed, cluster::Error>)]) {
    let mut absent = results.iter().filter(|(_, result)| matches!(result, Err(cluster::Error::NotFound))).map(|(id, _)| id);
    if let Some(first) = absent.next() {
        let more = match absent.count() {
            0 => String::new(),
            more => format!("and {more} more"),
        };
        trail.ended(Act::tried(Verb::DeleteVolume, first.as_str()).on(first.as_str(), more), Some(&Problem::not_found())).await;
    }
}

fn names(volumes: Vec<Volume>) -> HashMap<VolumeId, String> {
    volumes.into_iter().map(|volume| (volume.id, volume.name)).collect()
}

fn gone(results: Vec<(VolumeId, Result<Removed, cluster::Error>)>, names: &HashMap<VolumeId, String>) -> Vec<Gone> {
    let told_of = |(id, result): (VolumeId, Result<Removed, cluster::Error>)| Gone {
        name: names.get(&id).cloned().unwrap_or_else(|| id.to_string()),
        result: result.map_err(|error| told(&error)),
    };
    results.into_iter().map(told_of).collect()
}

/// Removes anybody's volume that the administrator saw, once its name was typed.
pub async fn delete_anybodys(admin: &AdminCluster, id: &str, form: &DeleteForm) -> Result<Removed, Problem> {
    let owned = admin.managed_volume(&volume_id(id)?).await.map_err(|error| told(&error))?;
    form.check(&owned.volume().name).map_err(Problem::invalid)?;
    remove(owned, form).await
}

/// What a form that hands a volume over led to.
pub enum HandedOver {
    /// Nothing yet: this is what would change.
    Proposed(Vec<Change>),
    /// The id that it has now, and whose it is.
    Done(VolumeId, Handover),
}

/// Gives anybody's volume to another person, once the administrator has seen what will change.
pub async fn transfer(admin: &AdminCluster, id: &str, form: &HandoverForm) -> Result<HandedOver, Problem> {
    let id = volume_id(id)?;
    let to = form.check(&admin.owners().map_err(|error| told(&error))?).map_err(Problem::invalid)?;
    match mode(form) {
        Mode::Try => admin
            .transfer(&id, &form.uid, &to, Mode::Try)
            .await
            .map(|would| HandedOver::Proposed(would.changes))
            .map_err(|error| told(&error)),
        Mode::Do => admin
            .transfer(&id, &form.uid, &to, Mode::Do)
            .await
            .map(|done| HandedOver::Done(done.id, to.clone()))
            .map_err(|error| told(&error)),
    }
}

/// Gives a claim that is nobody's to a person, once the administrator has seen what will change.
pub async fn adopt(admin: &AdminCluster, form: &HandoverForm) -> Result<HandedOver, Problem> {
    let claim: ObjectName =
        form.claim.parse().map_err(|_| Problem::invalid(FieldErrors::one("name", "Choose a claim from the list first.")))?;
    let to = form.check(&admin.owners().map_err(|error| told(&error))?).map_err(Problem::invalid)?;
    match mode(form) {
        Mode::Try => admin
            .adopt(&claim, &form.uid, &to, Mode::Try)
            .await
            .map(|would| HandedOver::Proposed(would.changes))
            .map_err(|error| told(&error)),
        Mode::Do => admin
            .adopt(&claim, &form.uid, &to, Mode::Do)
            .await
            .map(|done| HandedOver::Done(done.id, to.clone()))
            .map_err(|error| told(&error)),
    }
}

fn mode(form: &HandoverForm) -> Mode {
    if form.confirmed == "yes" { Mode::Do } else { Mode::Try }
}

fn volume_id(text: &str) -> Result<VolumeId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
