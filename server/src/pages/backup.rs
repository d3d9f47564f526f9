//! Where do the forms that back up and restore lead? To the backups of the volume, and to the task that restores.

use super::{Pages, Posted, posts::news};
use app::{
    audit::actions::Act,
    paths,
    tasks::submit::{Once, Submitted},
    volumes::backup::order,
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use data_encoding::HEXLOWER;
use domain::{
    audit::Verb,
    name::VolumeId,
    volume::{BackupForm, Volume, VolumeForm},
};
use http::{Uri, request::Parts};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

pub(super) fn routes() -> Router<Pages> {
    Router::new().route(&paths::back_up_volume(&"{id}"), post(back_up)).route(paths::RESTORE_BACKUP, post(restore))
}

/// A value of an address.
fn query(uri: &Uri, name: &str) -> String {
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// To the backup that this volume was made for, if the address of its form names one.
pub(super) fn way_back(uri: &Uri, made: &Volume) -> Option<String> {
    let id: VolumeId = query(uri, "back_up").parse().ok()?;
    Some(format!("{}?to={}", paths::back_up_volume(&id), made.id))
}

/// What a form came to, on record as the task that it is.
fn submitted(made: Option<&Submitted>) -> Option<Act> {
    match made {
        Some((_, false)) => None,
        Some((task, true)) => Some(Act::own(Verb::SubmitTask, task.id.as_str(), &task.name)),
        None => Some(Act::own(Verb::SubmitTask, "", "")),
    }
}

/// Of the page that a form is on: with another choice, it is another backup.
fn once(key: &str, id: &str, to: &str) -> Option<Once> {
    let body = format!("{id} {to}").into_bytes();
    (!key.is_empty()).then(|| Once { key: format!("backup {key} {}", HEXLOWER.encode(&Sha256::digest(&body))), body })
}

async fn back_up(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<BackupForm>) -> Response {
    let to = format!("{}?done=begun", paths::back_up_volume(&id));
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (typed, portal) = (form.clone(), pages.portal.clone());
            let act = async move {
                let once = once(&form.key, &id, &form.to);
                order::back_up(&portal, &caller, &id, &form.to, once).await
            };
            (typed, pages.audited(&parts, submitted, act).await)
        }
        Err(problem) => (BackupForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|_| to)).await
}

async fn restore(State(pages): State<Pages>, parts: Parts, posted: Posted<VolumeForm>) -> Response {
    let backup = query(&parts.uri, "backup");
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (typed, portal) = (form.clone(), pages.portal.clone());
            let act = async move { order::restore(&portal, &caller, &backup, &form, None).await };
            (typed, pages.audited(&parts, submitted, act).await)
        }
        Err(problem) => (VolumeForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|(task, _)| news(&paths::task(&task.id), "restoring"))).await
}
