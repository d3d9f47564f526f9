//! How does a program see the files of a volume? It opens the volume, lists its folders, and reads its files.

use super::{
    Api, Refusal,
    caller::Caller,
    openapi::Refused,
    read::{self, Asked, Nothing},
    volumes::volume_id,
};
use crate::pages::files::send;
use app::{
    audit::actions::{Act, audited},
    server::told,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, RawQuery, State, rejection::BytesRejection},
    response::Response,
};
use domain::{
    audit::Verb,
    problem::Problem,
    text,
    token::Scope,
    volume::files::{self, EntryKind, FilePath, Window, shown},
};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "described here, and read as bytes")]
pub struct PathQuery {
    /// Names with / between them, from the volume's root; absent: the root. Any bytes, percent-encoded.
    #[serde(default)]
    #[param(required = false)]
    path: String,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FolderQuery {
    /// Names with / between them, from the volume's root; absent: the root. Any bytes, percent-encoded.
    path: String,
    /// `next` of the page before.
    after: String,
}

/// A page of a folder: folders first, then by the bytes of the names.
#[derive(Serialize, ToSchema)]
pub struct Files {
    entries: Vec<Entry>,
    /// On all pages.
    total: u64,
    /// To send as `after`; absent on the last page.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Entry {
    /// To be read by people: what is no text is replaced.
    name: String,
    /// To send as `path`, encoded already.
    path: String,
    /// `folder`, `file`, `link` or `other`.
    kind: &'static str,
    /// In bytes.
    size: u64,
    #[schema(format = DateTime)]
    changed_at: String,
    /// As `chmod` takes it.
    #[schema(example = "0644")]
    mode: String,
    /// Where a link points. It is not followed.
    target: Option<String>,
}

/// Whether the volume can be read.
#[derive(Serialize, ToSchema)]
pub struct Opened {
    /// `false`: it is being opened; ask again in a few seconds.
    open: bool,
}

fn path(query: Option<&str>) -> Result<FilePath, Problem> {
    FilePath::of_query(query.unwrap_or_default()).map_err(files::Refused::problem)
}

/// Open a volume of yours, so that its files can be read.
///
/// Makes a pod that mounts it read-only and ends by itself ten minutes after the last call. Call it again until it says `open`.
#[utoipa::path(
    post, path = "/api/volumes/{id}/files/open", tag = "files", operation_id = "open_files",
    params(("id" = String, Path, description = "The volume's id")),
    responses((status = OK, body = Opened), Refused)
)]
pub async fn open(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    _: Asked<Nothing>,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Opened>, Refusal> {
    let may = caller.may(Scope::VolumesRead);
    caller.told(Act::tried(Verb::OpenFiles, &id), may).await?;
    drop(read::bytes(sent)?);
    let id = volume_id(&id)?;
    let volume = caller.cluster.volume(&id).map_err(|error| told(&error));
    let volume = caller.told(Act::own(Verb::OpenFiles, id.as_str(), ""), volume).await?.volume;
    if caller.cluster.window(&id).await? != Window::Open {
        let (act, cluster, wanted) = (Act::own(Verb::OpenFiles, id.as_str(), &volume.name), caller.cluster.clone(), id.clone());
        let open = async move { cluster.open_window(&wanted).await.map_err(|error| told(&error)) };
        audited(&api.records, caller.by, move |_: Option<&()>| act, open).await?;
    }
    Ok(Json(Opened { open: caller.cluster.window(&id).await? == Window::Open }))
}

/// What is in a folder of a volume of yours, 500 entries at a time. The volume must be open.
#[utoipa::path(
    get, path = "/api/volumes/{id}/files", tag = "files", operation_id = "list_files",
    params(("id" = String, Path, description = "The volume's id"), FolderQuery),
    responses((status = OK, body = Files), Refused)
)]
pub async fn list(
    caller: Caller,
    Path(id): Path<String>,
    Asked(asked): Asked<FolderQuery>,
    RawQuery(query): RawQuery,
) -> Result<Json<Files>, Refusal> {
    caller.may(Scope::VolumesRead)?;
    let folder = path(query.as_deref())?;
    let listing = caller.cluster.list_files(&volume_id(&id)?, &folder, &asked.after).await?;
    let entry = |entry: files::Entry| Entry {
        name: shown(&entry.name),
        path: folder.join(&entry.name).encoded(),
        kind: match entry.kind {
            EntryKind::Folder => "folder",
            EntryKind::File => "file",
            EntryKind::Link => "link",
            EntryKind::Other => "other",
        },
        size: entry.size,
        changed_at: text::machine_date(entry.modified),
        mode: format!("{:04o}", entry.mode),
        target: entry.target.map(|target| shown(&target)),
    };
    let next = Some(listing.next).filter(|next| !next.is_empty());
    Ok(Json(Files { entries: listing.entries.into_iter().map(entry).collect(), total: listing.total, next }))
}

/// A file of a volume of yours, as it is. The volume must be open. Parts can be asked for (`Range`), so that a download can go on where
/// it broke off; what was written to the file meanwhile is not sent.
#[utoipa::path(
    get, path = "/api/volumes/{id}/file", tag = "files", operation_id = "read_file",
    params(("id" = String, Path, description = "The volume's id"), PathQuery),
    responses((status = OK, body = Vec<u8>, content_type = "application/octet-stream"), Refused)
)]
pub async fn read(
    caller: Caller,
    Path(id): Path<String>,
    _: Asked<PathQuery>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    caller.may(Scope::VolumesRead)?;
    Ok(send(&caller.cluster, &volume_id(&id)?, &path(query.as_deref())?, &headers).await?)
}
