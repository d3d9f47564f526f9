//! How does a program publish a volume as read-only, and take that back?

use super::{
    Api, Refusal,
    caller::Caller,
    openapi::Refused,
    read::{self, Asked, Nothing},
    shown::Volume,
    volumes::volume_id,
};
use app::{
    audit::actions::{Act, audited},
    server::told,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
};
use domain::audit::Verb;
use http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

/// Whether tasks may write to a volume.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Tasks that begin from now on only read it; `false` takes that back.
    read_only: bool,
}

/// Publish a volume of yours as read-only, or let tasks write to it again.
///
/// A rule of the portal for its own tasks: pods that are made by other means are not bound by it, and what has the volume mounted
/// already goes on as it began.
#[utoipa::path(
    post, path = "/api/volumes/{id}/publish", tag = "volumes", operation_id = "publish_volume",
    params(("id" = String, Path, description = "The volume's id")),
    request_body = Publish,
    responses((status = OK, body = Volume), Refused)
)]
pub async fn publish(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    _: Asked<Nothing>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Volume>, Refusal> {
    caller.may_change(Act::tried(Verb::PublishVolume, &id)).await?;
    let Publish { read_only } = read::json(&headers, &read::bytes(sent)?)?;
    let verb = if read_only { Verb::PublishVolume } else { Verb::UnpublishVolume };
    let id = volume_id(&id)?;
    let owned = caller.cluster.owned_volume(&id).await.map_err(|error| told(&error));
    let owned = caller.told(Act::own(verb, id.as_str(), ""), owned).await?;
    let (act, uid) = (Act::own(verb, id.as_str(), &owned.volume().name), owned.volume().uid.clone());
    let change = async move { owned.publish(&uid, read_only).await.map_err(|error| told(&error)) };
    audited(&api.records, caller.by, move |_| act, change).await?;
    Ok(Json(Volume::detailed(&caller.cluster.volume(&id)?.volume, api.cluster.namespace())))
}
