//! The pages about volumes: mine, one of mine, a new one, its deletion; and everybody's, for administrators.

use super::{
    api::{self, VolumeList},
    detail::{VolumePage, detail},
    form::{new_volume, slot},
    table::VolumeTable,
    view,
};
use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section, cluster_banner},
        message,
    },
    paths,
    server::{self, Reading, Refused},
    ui::icon,
};
use domain::{
    allowed::may_delete,
    storage_class::Reclaim,
    volume::{DeleteForm, VolumeForm},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// One of the caller's own volumes, by the id in the address.
fn own_volume() -> Result<Reading<VolumePage>, ApiError> {
    let (caller, id) = (server::caller()?, server::volume_id(&param("id"))?);
    server::reading(caller.changes(), || Ok(VolumePage::new(caller.volume(&id)?, &caller.storage_classes()?)))
}

/// Anybody's volume, by the id in the address. Administrators only.
fn any_volume() -> Result<Reading<VolumePage>, ApiError> {
    let (caller, admin, id) = (server::caller()?, server::admin()?, server::volume_id(&param("id"))?);
    server::reading(admin.changes(), || Ok(VolumePage::new(admin.volume(&id)?, &caller.storage_classes()?)))
}

/// What was read, or the problem in its place.
fn show<T, V: IntoView + 'static>(read: Result<T, ApiError>, view: impl FnOnce(T) -> V) -> AnyView {
    match read {
        Ok(data) => view(data).into_any(),
        Err(error) => message::problem(&error.0),
    }
}

fn query(name: &str) -> String {
    use_query_map().with_untracked(|query| query.get(name)).unwrap_or_default()
}

fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default()
}

#[component]
pub fn ListPage() -> impl IntoView {
    let q = query("q");
    let deleted = query("done") == "deleted";
    let (url, filtered) = (paths::with_query(api::LIST, "q", &q), !q.is_empty());
    let list = Suspend::new(async move {
        show(api::list_volumes(q.clone()).await, |first: VolumeList| {
            view! {
                <div class="head">
                    <h1>"Volumes"</h1>
                    <div class="push"><a class="button first" href=paths::NEW_VOLUME>{icon("plus")}"New volume"</a></div>
                </div>
                {deleted.then(|| notice("Deletion was asked for", "The volume leaves this list when the cluster has removed it."))}
                {narrowed(&q)}
                <VolumeTable first url everybody=false filtered/>
            }
        })
    });
    view! { <Frame title="Volumes" section=Section::Volumes islands=true>{list}</Frame> }
}

/// Says what the list is narrowed to, with the way back.
fn narrowed(name: &str) -> Option<impl IntoView + use<>> {
    (!name.is_empty()).then(|| {
        view! {
            <p class="filter-line">
                <span class="token">"name: " {name.to_owned()} <a href=paths::VOLUMES aria-label="Remove the filter">"×"</a></span>
            </p>
        }
    })
}

fn notice(heading: &'static str, sentence: &'static str) -> impl IntoView {
    view! { <section class="cause good" role="status">{icon("ready")}<div><h2>{heading}</h2><p>{sentence}</p></div></section> }
}

#[component]
pub fn DetailPage() -> impl IntoView {
    let created = query("done") == "created";
    view! {
        <Frame title="Volume" section=Section::Volumes islands=true>
            {show(own_volume(), |read| {
                let volume = &read.data.detail.volume;
                let welcome = created.then(|| view! {
                    <section class="cause good" role="status">
                        {icon("ready")}
                        <div><h2>"Volume created"</h2><p>"Its id is " <code>{volume.id.to_string()}</code> ". Name it in a task to use it."</p></div>
                    </section>
                });
                view! { <Title text=format!("{} · Stowage", volume.name)/> {welcome} {detail(read, false)} }
            })}
        </Frame>
    }
}

#[component]
pub fn NewPage() -> impl IntoView {
    let refused = use_context::<Refused<VolumeForm>>();
    let classes = server::caller().and_then(|caller| Ok(caller.storage_classes()?));
    view! {
        <Frame title="New volume" section=Section::Volumes islands=true>
            {show(classes, |classes| {
                let (form, problem) = match refused {
                    None => (VolumeForm::blank(&classes), None),
                    Some(Refused { form, problem }) => (form, Some(problem)),
                };
                if let Some(problem) = &problem {
                    server::set_status(problem.code);
                }
                view! {
                    <p class="crumbs"><a href=paths::VOLUMES>"Volumes"</a> " / New"</p>
                    <div class="head"><h1>"New volume"</h1></div>
                    {cluster_banner()}
                    <div class="narrow">{new_volume(form, problem, &classes)}</div>
                }
            })}
        </Frame>
    }
}

#[component]
pub fn DeletePage() -> impl IntoView {
    let refused = use_context::<Refused<DeleteForm>>();
    view! {
        <Frame title="Delete volume" section=Section::Volumes islands=false>
            {show(own_volume(), |read| delete_view(read.data, refused))}
        </Frame>
    }
}

fn delete_view(page: VolumePage, refused: Option<Refused<DeleteForm>>) -> impl IntoView {
    let VolumePage { detail, class } = page;
    let volume = detail.volume;
    let name = volume.name.clone();
    if let Some(refused) = &refused {
        server::set_status(refused.problem.code);
    }
    let error = refused.as_ref().and_then(|r| r.problem.fields.get("confirm").map(str::to_owned));
    let general = refused.as_ref().filter(|r| r.problem.fields.is_empty()).map(|r| r.problem.message.clone());
    let typed = refused.map(|r| r.form.confirm).unwrap_or_default();
    let held = may_delete(&volume.used_by).err().map(|why| why.to_string());
    let data = match class.as_ref().map(|c| c.reclaim) {
        Some(Reclaim::Delete) => "Its data is destroyed. This cannot be undone.",
        Some(Reclaim::Retain) => "The volume goes; its data is kept aside by the cluster, and only an administrator can bring it back.",
        None => "Its class is unknown, so expect that its data is destroyed. This cannot be undone.",
    };
    let finished = volume.used_by.iter().filter(|u| !u.phase.is_use()).count();
    let blocked = held.is_some();
    view! {
        <p class="crumbs"><a href=paths::VOLUMES>"Volumes"</a> " / " <a href=paths::volume(&volume.id)>{name.clone()}</a> " / Delete"</p>
        <div class="narrow">
            <div class="head"><h1>"Delete volume " {name.clone()} "?"</h1></div>
            {cluster_banner()}
            {general.map(|text| view! { <section class="cause bad" role="alert">{icon("failed")}<div><h2>"Nothing was deleted"</h2><p>{text}</p></div></section> })}
            {held.map(|why| view! { <section class="cause wait">{icon("warn")}<div><h2>"It is in use"</h2><p>{why}</p></div></section> })}
            <form class="sheet card" method="post" novalidate>
                <input type="hidden" name="uid" value=volume.uid.clone()/>
                <p><b>{data}</b></p>
                <dl class="facts">
                    <dt>"State"</dt><dd>{view::badge(&volume.status)}</dd>
                    <dt>"Size"</dt><dd>{volume.size().rounded()}</dd>
                    <dt>"Class"</dt><dd>{volume.class.clone().unwrap_or_else(|| "none".into())}</dd>
                    <dt>"PVC"</dt><dd class="mono">{volume.claim.clone()}</dd>
                    {(finished > 0).then(|| view! { <dt>"Finished pods"</dt><dd>{finished} " still refer to it; deletion completes when they are removed"</dd> })}
                </dl>
                <div class="field">
                    <label for="confirm">"Type " <code>{name.clone()}</code> " to confirm"</label>
                    <input class="text" id="confirm" name="confirm" value=typed autocomplete="off" autocapitalize="off" spellcheck="false" required
                        aria-describedby="confirm-error" aria-invalid=error.is_some().then_some("true")/>
                    {slot("confirm-error", error.as_deref())}
                </div>
                <div class="row">
                    <a class="button" href=paths::volume(&volume.id)>"Cancel"</a>
                    {if blocked {
                        view! { <a class="button first" href=paths::delete_volume(&volume.id)>"Look again"</a> }.into_any()
                    } else {
                        view! { <button class="button danger first">"Delete volume"</button> }.into_any()
                    }}
                </div>
            </form>
        </div>
    }
}

#[component]
pub fn AllPage() -> impl IntoView {
    let owner = query("owner");
    let (url, filtered) = (paths::with_query(api::LIST_ALL, "owner", &owner), !owner.is_empty());
    let list = Suspend::new(async move {
        show(api::list_all_volumes(owner.clone()).await, |first: VolumeList| {
            view! {
                <div class="head"><h1>"All volumes"</h1></div>
                <form class="filter" role="search" aria-label="Owners">
                    {icon("find")}
                    <input name="owner" type="search" value=owner aria-label="Filter by owner" placeholder="Filter by owner" autocomplete="off" maxlength="63"/>
                    <button class="button">"Filter"</button>
                </form>
                <VolumeTable first url everybody=true filtered/>
            }
        })
    });
    view! { <Frame title="All volumes" section=Section::AllVolumes islands=true>{list}</Frame> }
}

#[component]
pub fn AnyDetailPage() -> impl IntoView {
    view! {
        <Frame title="Volume" section=Section::AllVolumes islands=true>
            {show(any_volume(), |read| view! { <Title text=format!("{} · Stowage", read.data.detail.volume.name)/> {detail(read, true)} })}
        </Frame>
    }
}
