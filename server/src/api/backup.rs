//! How does a program back a volume up, and make a new one of a backup? With the same tasks as the pages.

use super::{
    Api, Refusal,
    caller::Caller,
    new_task::SubmittedTask,
    once,
    openapi::Refused,
    read::{self, Asked, Nothing},
    volumes::{Modes, rename},
};
use app::{
    audit::actions::{Act, audited},
    paths,
    tasks::submit::{Once, Submitted},
    volumes::backup::order,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use domain::{
    audit::Verb,
    problem::{FieldErrors, Problem},
    token::Scope,
    volume::VolumeForm,
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;

/// Where a backup is written to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackUp {
    /// Another volume of yours: its id, its name or its claim.
    #[schema(example = "archive")]
    to: String,
}

/// A backup, and the new volume that it is unpacked into.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreBackup {
    /// The id of the task that has written the backup.
    #[schema(example = "abc12345")]
    backup: String,
    /// Of the new volume; you have none of this name.
    #[schema(example = "train-images-2")]
    name: String,
    /// As large as the volume was that was backed up, if absent.
    #[schema(example = "10Gi")]
    size: Option<String>,
    /// The cluster's default class if absent.
    storage_class: Option<String>,
    /// ReadWriteOnce if absent.
    access_modes: Option<Modes>,
}

/// Back a volume of yours up into another one.
///
/// The answer is the task that does it. When it has succeeded, the backup is there whole; otherwise nothing of it is. With an
/// `Idempotency-Key`, a call that is sent again within 24 hours answers the same task (200) and runs nothing.
#[utoipa::path(
    post, path = "/api/volumes/{id}/backup", tag = "volumes", operation_id = "back_up_volume",
    params(
        ("id" = String, Path, description = "The volume's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of 1 to 255 visible characters, new for each backup"),
    ),
    request_body = BackUp,
    responses((status = CREATED, description = "It was begun", body = SubmittedTask), (status = OK, description = "It was there", body = SubmittedTask), Refused)
)]
pub async fn back_up(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    _: Asked<Nothing>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    caller.may(Scope::TasksWrite)?;
    let body = read::bytes(sent)?;
    let BackUp { to } = read::json(&headers, &body)?;
    let once = once::key(&headers)?.map(|key| Once { key, body: [format!("backup {id} ").as_bytes(), &body].concat() });
    let (portal, cluster) = (api.portal.clone(), caller.cluster);
    let act = async move { order::back_up(&portal, &cluster, &id, &to, once).await };
    let done = audited(&api.portal.records, caller.by, submitted, act).await?;
    Ok(answer(&done))
}

/// Make a new volume of a backup.
///
/// The answer is the task that unpacks it and compares every file with its hash. Nothing that is there is written over. With an
/// `Idempotency-Key`, a call that is sent again within 24 hours answers the same task (200) and makes nothing.
#[utoipa::path(
    post, path = "/api/volumes/restore", tag = "volumes", operation_id = "restore_backup",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of 1 to 255 visible characters, new for each volume")),
    request_body = RestoreBackup,
    responses((status = CREATED, description = "It was begun", body = SubmittedTask), (status = OK, description = "It was there", body = SubmittedTask), Refused)
)]
pub async fn restore(
    State(api): State<Api>,
    caller: Caller,
    _: Asked<Nothing>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    caller.may(Scope::TasksWrite)?;
    let body = read::bytes(sent)?;
    let RestoreBackup { backup, name, size, storage_class, access_modes } = read::json(&headers, &body)?;
    let once = once::key(&headers)?.map(|key| Once { key, body: [b"restore ".as_slice(), &body].concat() });
    let form = VolumeForm {
        name,
        size: size.unwrap_or_default(),
        class: storage_class.unwrap_or_default(),
        access: access_modes.map(Modes::text).unwrap_or_default(),
        ..VolumeForm::default()
    };
    let (portal, cluster) = (api.portal.clone(), caller.cluster);
    let act = async move { order::restore(&portal, &cluster, &backup, &form, once).await };
    let done = audited(&api.portal.records, caller.by, submitted, act).await;
    let named = |problem: Problem| Problem { fields: rename(&problem.fields, FieldErrors::default()), ..problem };
    Ok(answer(&done.map_err(named)?))
}

fn submitted(made: Option<&Submitted>) -> Option<Act> {
    match made {
        Some((_, false)) => None,
        Some((task, true)) => Some(Act::own(Verb::SubmitTask, task.id.as_str(), &task.name)),
        None => Some(Act::own(Verb::SubmitTask, "", "")),
    }
}

fn answer((task, is_new): &Submitted) -> Response {
    let status = if *is_new { StatusCode::CREATED } else { StatusCode::OK };
    let place = format!("{}/{}", paths::API_TASKS, task.id);
    (status, [(header::LOCATION, place)], Json(SubmittedTask::from(task))).into_response()
}
