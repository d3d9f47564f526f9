//! How does a program take a volume out of the trash?

use super::{
    Api, Refusal,
    caller::Caller,
    openapi::Refused,
    read::{Asked, Nothing},
    shown::Volume,
    volumes::volume_id,
};
use app::{
    audit::actions::{Act, audited},
    server::told,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::audit::Verb;

/// Take a volume of yours out of the trash. One that is not there stays as it is.
#[utoipa::path(post, path = "/api/volumes/{id}/restore", tag = "volumes", operation_id = "restore_volume", params(("id" = String, Path, description = "The volume's id")), responses((status = OK, body = Volume), Refused))]
pub async fn restore(State(api): State<Api>, caller: Caller, Path(id): Path<String>, _: Asked<Nothing>) -> Result<Json<Volume>, Refusal> {
    caller.may_change(Act::tried(Verb::RestoreVolume, &id)).await?;
    let id = volume_id(&id)?;
    let owned = caller.cluster.owned_volume(&id).await.map_err(|error| told(&error));
    let owned = caller.told(Act::own(Verb::RestoreVolume, id.as_str(), ""), owned).await?;
    let (act, uid) = (Act::own(Verb::RestoreVolume, id.as_str(), &owned.volume().name), owned.volume().uid.clone());
    audited(&api.records, caller.by, move |_| act, async move { owned.restore(&uid).await.map_err(|error| told(&error)) }).await?;
    Ok(Json(Volume::detailed(&caller.cluster.volume(&id)?.volume, api.cluster.namespace())))
}
