//! The pages about volumes: one of mine, and anybody's for administrators. What changes one has a page of its own: [`super::grow`],
//! [`super::edit`], [`super::delete`] and so on.

use super::{
    detail::{VolumePage, detail},
    fullness::Forecast,
    news,
};
use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section},
        message,
    },
    server::{self, Reading},
    tasks::source::Source,
    ui::icon,
};
use domain::{
    audit::{PORTAL, Verb},
    text,
    usage::full_at,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// One of the caller's own volumes, by the id in the address.
pub(super) fn own_volume() -> Result<Reading<VolumePage>, ApiError> {
    let (caller, id) = (server::caller()?, server::volume_id(&param("id"))?);
    server::reading(caller.changes(), || {
        let detail = caller.volume(&id)?;
        let class = caller.class_of(&detail.volume)?;
        Ok(VolumePage::new(detail, class.as_slice(), caller.tasks()?))
    })
}

/// Anybody's volume, by the id in the address. Administrators only.
pub(super) fn any_volume() -> Result<Reading<VolumePage>, ApiError> {
    let (admin, id) = (server::admin()?, server::volume_id(&param("id"))?);
    server::reading(admin.changes(), || Ok(VolumePage::new(admin.volume(&id)?, &admin.storage_classes()?, admin.tasks()?)))
}

/// Adds the tasks whose Job the cluster has removed. If they cannot be read, the volume can be shown all the same.
pub(super) async fn with_history(
    read: Result<Reading<VolumePage>, ApiError>,
    source: Result<Source, ApiError>,
) -> Result<Reading<VolumePage>, ApiError> {
    let mut read = read?;
    let kept = source?.all_kept(&server::portal()?.records.history(), &mut read.data.tasks).await;
    match kept {
        Ok(kept) => read.data.add(kept),
        Err(error) => {
            drop(server::records_failed(&error));
            read.data.history_failed = true;
        }
    }
    Ok(read)
}

/// What was read, or the problem in its place.
pub(crate) fn show<T, V: IntoView + 'static>(read: Result<T, ApiError>, view: impl FnOnce(T) -> V) -> AnyView {
    match read {
        Ok(data) => view(data).into_any(),
        Err(error) => message::problem(&error.0),
    }
}

pub(crate) fn query(name: &str) -> String {
    use_query_map().with_untracked(|query| query.get(name)).unwrap_or_default()
}

/// Every value of one query parameter.
pub(crate) fn query_list(name: &str) -> Vec<String> {
    use_query_map().with_untracked(|query| query.get_all(name)).unwrap_or_default()
}

pub(crate) fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

pub(crate) fn notice(heading: &'static str, sentence: impl Into<String>) -> impl IntoView {
    let sentence = sentence.into();
    view! { <section class="cause good" role="status">{icon("ready")}<div><h2>{heading}</h2><p>{sentence}</p></div></section> }
}

/// So long an owner is told what an administrator did. Seconds.
const TOLD_FOR: i64 = 30 * 86_400;

/// What an administrator last did to this own volume, from the audit trail.
async fn by_an_admin(read: &Reading<VolumePage>) -> Option<String> {
    let (volume, user) = (&read.data.detail.volume, server::user().ok()?);
    let audit = server::portal().ok()?.records.audit();
    let found = audit.last_by_another(volume.id.as_str(), user.key(), user.principal(), read.now.saturating_sub(TOLD_FOR)).await;
    match found {
        Ok(line) => line.map(|line| {
            let what = line.verb.parse().map_or("changed", Verb::happened);
            let by = if line.issuer == PORTAL { "the portal, by itself" } else { "an administrator" };
            format!("Changed by {by}: {what}, {} ago.", text::age(line.at, read.now))
        }),
        Err(error) => {
            // The volume can be shown all the same.
            tracing::error!(error = &error as &dyn std::error::Error, "the audit trail could not be asked");
            Some("Whether an administrator changed this volume cannot be read right now.".to_owned())
        }
    }
}

#[component]
pub fn DetailPage() -> impl IntoView {
    let created = query("done") == "created";
    let news = news::of(server::now());
    let page = Suspend::new(async move {
        let read = with_history(own_volume(), server::caller().map(Source::Mine)).await;
        let by_an_admin = match &read {
            Ok(read) => by_an_admin(read).await,
            Err(_) => None,
        };
        show(with_forecast(read).await, |(read, forecast)| {
            let volume = &read.data.detail.volume;
            // The address stays in the history; the news does not.
            let welcome = (created && read.now.saturating_sub(volume.created) < 60).then(|| view! {
                <section class="cause good" role="status">
                    {icon("ready")}
                    <div><h2>"Volume created"</h2><p>"Its id is " <code>{volume.id.to_string()}</code> ". How to use it is at the end of this page."</p></div>
                </section>
            });
            view! { <Title text=format!("{} · Stowage", volume.name)/> {welcome} {news} {detail(read, forecast, false, by_an_admin)} }
        })
    });
    view! { <Frame title="Volume" section=Section::Volumes>{page}</Frame> }
}

/// The same with when it will be full, by what the records keep.
async fn with_forecast(read: Result<Reading<VolumePage>, ApiError>) -> Result<(Reading<VolumePage>, Forecast), ApiError> {
    let read = read?;
    let volume = &read.data.detail.volume;
    if volume.fullness.sample().is_none() {
        return Ok((read, Ok(None)));
    }
    let samples = server::portal()?.records.samples().of(&volume.uid).await;
    let forecast = samples.map(|samples| full_at(&samples)).map_err(|error| drop(server::records_failed(&error)));
    Ok((read, forecast))
}

#[component]
pub fn AnyDetailPage() -> impl IntoView {
    let read = any_volume();
    let page = Suspend::new(async move {
        let read = with_history(read, server::admin().map(Source::Anybodys)).await;
        show(with_forecast(read).await, |(read, forecast)| {
            let news = news::of(read.now);
            view! { <Title text=format!("{} · Stowage", read.data.detail.volume.name)/> {news} {detail(read, forecast, true, None)} }
        })
    });
    view! { <Frame title="Volume" section=Section::AllVolumes>{page}</Frame> }
}
