//! What may a program do to volumes? List, look, make, delete: through the same person's cluster as the pages.

use super::{
    Api, Refusal,
    caller::Caller,
    once::{Made, MadeBy, attempt, make},
    openapi::Refused,
    read::{self, Asked, Nothing},
    shown::{Deleted, Volume, VolumeList},
};
use app::{
    audit::actions::{Act, audited},
    paths,
    server::told,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use domain::{
    access::AccessMode,
    audit::Verb,
    filter::Filter,
    label::Labels,
    name::VolumeId,
    problem::{Code, FieldErrors, Problem},
    token::Scope,
    volume::{DeleteForm, Removed, VolumeForm, named},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Every field of each volume.
    details: bool,
    /// Everybody's volumes. For administrators, with the scope `admin`.
    all_users: bool,
    /// What is in the trash, in place of the others.
    trash: bool,
    /// Only those that fit a filter, as it is written on the page of volumes: `class:fast size>10Gi unused:yes`.
    q: String,
}

/// Your volumes.
#[utoipa::path(get, path = "/api/volumes", tag = "volumes", operation_id = "list_volumes", params(ListQuery), responses((status = OK, body = VolumeList), Refused))]
pub async fn list(State(api): State<Api>, caller: Caller, Asked(asked): Asked<ListQuery>) -> Result<Json<VolumeList>, Refusal> {
    caller.may(Scope::VolumesRead)?;
    let volumes = if asked.all_users {
        caller.may(Scope::Admin)?;
        caller.cluster.admin()?.volumes_and_trash()?
    } else {
        caller.cluster.volumes_and_trash()?
    };
    let filter = Filter::read(&asked.q, asked.all_users);
    if !filter.refused.is_empty() {
        return Err(Problem::invalid(FieldErrors::one("q", filter.refused.join(" "))).into());
    }
    let (namespace, now) = (api.cluster.namespace(), app::server::now());
    let show = |volume| if asked.details { Volume::detailed(volume, namespace) } else { Volume::brief(volume) };
    Ok(Json(VolumeList {
        volumes: volumes.iter().filter(|volume| volume.trash.is_some() == asked.trash && filter.matches(*volume, now)).map(show).collect(),
    }))
}

/// One volume of yours.
#[utoipa::path(get, path = "/api/volumes/{id}", tag = "volumes", operation_id = "get_volume", params(("id" = String, Path, description = "The volume's id")), responses((status = OK, body = Volume), Refused))]
pub async fn get(State(api): State<Api>, caller: Caller, Path(id): Path<String>, _: Asked<Nothing>) -> Result<Json<Volume>, Refusal> {
    caller.may(Scope::VolumesRead)?;
    let detail = caller.cluster.volume(&volume_id(&id)?)?;
    Ok(Json(Volume::detailed(&detail.volume, api.cluster.namespace())))
}

/// One volume of yours, by its name.
///
/// Where there is none of this name, the answer names those that are nearly called so. What is in the trash has its name, and says so.
#[utoipa::path(get, path = "/api/volumes/by-name/{name}", tag = "volumes", operation_id = "get_volume_by_name", params(("name" = String, Path, description = "The volume's name; capitals make no difference")), responses((status = OK, body = Volume), Refused))]
pub async fn get_by_name(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    _: Asked<Nothing>,
) -> Result<Json<Volume>, Refusal> {
    caller.may(Scope::VolumesRead)?;
    let own = caller.cluster.volumes_and_trash()?;
    let volume = named(&name, &own).map_err(|sentence| Problem::new(Code::NotFound, sentence))?;
    Ok(Json(Volume::detailed(volume, api.cluster.namespace())))
}

/// What a new volume shall be.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CreateVolume {
    /// Starts with a letter; letters, digits, - and _; at most 63.
    #[schema(required, example = "train-images")]
    name: String,
    /// A number and a unit, or plain bytes.
    #[schema(required, example = "10Gi")]
    size: String,
    /// The cluster's default class if absent.
    storage_class: Option<String>,
    /// ReadWriteOnce if absent.
    access_modes: Option<Modes>,
    description: Option<String>,
    /// Where tasks find it unless they say otherwise.
    mount_path: Option<String>,
    /// Pairs to filter by, at most 10: keys without a prefix, by Kubernetes' rules for labels.
    #[schema(example = json!({"stage": "prod"}))]
    labels: BTreeMap<String, String>,
    /// Answers the volume of this name, if there is one and it is as asked for.
    if_absent: bool,
}

/// A list, or the same as one text with commas.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Modes {
    List(Vec<String>),
    Text(String),
}

impl Modes {
    /// As the form has it.
    pub(super) fn text(self) -> String {
        match self {
            Self::List(modes) => modes.join(","),
            Self::Text(text) => text,
        }
    }
}

impl CreateVolume {
    /// The form that the page would send, with the sentences of what no form can hold.
    fn form(self) -> (VolumeForm, FieldErrors) {
        let mut errors = FieldErrors::default();
        // The empty class is Kubernetes' word for volumes that were made beforehand.
        if self.storage_class.as_deref() == Some("") {
            errors.add("storage_class", "Name a class, or leave the field out for the default.");
        }
        let access = match self.access_modes {
            None => AccessMode::ReadWriteOnce.to_string(),
            Some(modes) => {
                let list = if let Modes::List(modes) = &modes { modes.as_slice() } else { &[] };
                if let Some(odd) = list.iter().find(|mode| mode.contains(',')) {
                    errors.add("access_modes", format!("{odd} is not one access mode. Name each by itself."));
                }
                modes.text()
            }
        };
        // As text, a bad pair could become two good ones.
        let labels = Labels::try_from(self.labels).map_err(|sentence| errors.add("labels", sentence)).unwrap_or_default();
        let form = VolumeForm {
            name: self.name,
            size: self.size,
            unit: String::new(),
            class: self.storage_class.unwrap_or_default(),
            access,
            description: self.description.unwrap_or_default(),
            mount_path: self.mount_path.unwrap_or_default(),
            labels: labels.to_string(),
        };
        (form, errors)
    }
}

/// The form's fields by the names that they have here.
pub(super) fn rename(errors: &FieldErrors, mut into: FieldErrors) -> FieldErrors {
    for (field, sentence) in errors.iter() {
        let field = match field {
            "class" => "storage_class",
            "access" => "access_modes",
            same => same,
        };
        into.add(field, sentence);
    }
    into
}

/// Make a volume.
///
/// With an `Idempotency-Key`, a call that is sent again within 24 hours answers the same volume (200) and makes nothing.
#[utoipa::path(
    post, path = "/api/volumes/create", tag = "volumes", operation_id = "create_volume",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of 1 to 255 visible characters, new for each volume")),
    request_body = CreateVolume,
    responses((status = CREATED, description = "It was made", body = Volume), (status = OK, description = "It was there", body = Volume), Refused)
)]
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    _: Asked<Nothing>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    caller.may_change(Act::tried(Verb::CreateVolume, "")).await?;
    let body = read::bytes(sent)?;
    let wanted: CreateVolume = read::json(&headers, &body)?;
    let attempt = attempt(&headers, &caller.cluster, &body)?;
    let if_absent = wanted.if_absent;
    let (form, errors) = wanted.form();
    let classes = caller.cluster.storage_classes().map_err(|error| told(&error));
    let checked = form.check(&caller.told(Act::own(Verb::CreateVolume, "", &form.name), classes).await?);
    let spec = match checked {
        Ok(spec) if errors.is_empty() => spec,
        Ok(_) => return Err(Problem::invalid(errors).into()),
        Err(others) => return Err(Problem::invalid(rename(&others, errors)).into()),
    };
    let (name, namespace, records) = (form.name, api.cluster.namespace().to_owned(), api.records.clone());
    let act = async move { make(&api, &caller.cluster, attempt, &spec, if_absent).await };
    let Made { volume, by } = audited(
        &records,
        caller.by,
        move |made: Option<&Made>| match made {
            Some(Made { by: MadeBy::Nobody, .. }) => None,
            Some(Made { volume, by: MadeBy::ThisCall | MadeBy::AnEarlierCall }) => {
                Some(Act::own(Verb::CreateVolume, volume.id.as_str(), &volume.name))
            }
            None => Some(Act::own(Verb::CreateVolume, "", name)),
        },
        act,
    )
    .await?;
    let status = if by == MadeBy::ThisCall { StatusCode::CREATED } else { StatusCode::OK };
    let place = format!("{}/{}", paths::API_VOLUMES, volume.id);
    Ok((status, [(header::LOCATION, place)], Json(Volume::detailed(&volume, &namespace))).into_response())
}

/// How a deletion is confirmed: in the query or in the body.
#[derive(Default, Deserialize, IntoParams, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Confirmation {
    /// The volume's name.
    confirm: Option<String>,
    /// Goes without the name, and no further: what is not yours or is used is not deleted, and where there is a trash it goes there.
    force: bool,
    /// For good, without the trash; also what is in it.
    now: bool,
    /// Only if it is exactly this volume.
    uid: Option<String>,
}

impl Confirmation {
    fn is_empty(&self) -> bool {
        self.confirm.is_none() && !self.force && !self.now && self.uid.is_none()
    }
}

/// Delete a volume of yours, and its data.
///
/// Where the portal has a trash, the volume goes there first: the answer says `InTrash` and until when it can be restored. Asking
/// again changes nothing; `now=true` is for good.
#[utoipa::path(
    delete, path = "/api/volumes/{id}", tag = "volumes", operation_id = "delete_volume",
    params(("id" = String, Path, description = "The volume's id"), Confirmation),
    request_body(content = Option<Confirmation>, description = "In place of the query"),
    responses((status = OK, body = Deleted), Refused)
)]
pub async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(asked): Asked<Confirmation>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Deleted>, Refusal> {
    caller.may_change(Act::tried(Verb::DeleteVolume, &id)).await?;
    let body = read::bytes(sent)?;
    let confirmation = if body.is_empty() {
        asked
    } else if asked.is_empty() {
        read::json(&headers, &body)?
    } else {
        let sentence = "Confirm in the query or in the body, not in both.";
        return Err(Problem::invalid(FieldErrors::one("confirm", sentence)).into());
    };
    let id = volume_id(&id)?;
    let owned = caller.cluster.owned_volume(&id).await.map_err(|error| told(&error));
    let owned = caller.told(Act::own(Verb::DeleteVolume, id.as_str(), ""), owned).await?;
    let (name, pvc_name) = (owned.volume().name.clone(), owned.volume().claim.clone());
    if !confirmation.force {
        DeleteForm { confirm: confirmation.confirm.unwrap_or_default(), ..DeleteForm::default() }.check(&name).map_err(|_| {
            let sentence = format!("Confirm with the volume's name, confirm={name}, or use force=true.");
            Problem::invalid(FieldErrors::one("confirm", sentence))
        })?;
    }
    let uid = confirmation.uid.unwrap_or_else(|| owned.volume().uid.clone());
    let act = Act::own(Verb::DeleteVolume, id.as_str(), &name);
    let what = move |how: Option<&Removed>| match how {
        Some(how) => act.removed(*how),
        None => act,
    };
    let delete = async move {
        let removed = if confirmation.now { owned.delete_now(&uid).await } else { owned.delete(&uid).await };
        removed.map_err(|error| told(&error))
    };
    let (status, trash_until) = match audited(&api.records, caller.by, what, delete).await? {
        Removed::ToTrash(trash) => ("InTrash".to_owned(), trash.machine_date()),
        Removed::ForGood => match caller.cluster.volume(&id) {
            Ok(detail) => (detail.volume.status.phase().to_owned(), None),
            Err(_) => ("Deleted".to_owned(), None),
        },
    };
    Ok(Json(Deleted { id: id.to_string(), name, pvc_name, status, trash_until }))
}

/// An id from an address; anything else is as absent as a random one.
pub(super) fn volume_id(text: &str) -> Result<VolumeId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
