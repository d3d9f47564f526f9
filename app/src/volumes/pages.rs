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
    allowed::{WhyNot, offers_delete},
    storage_class::Reclaim,
    volume::{DeleteForm, Volume, VolumeForm},
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
                <span class="token"><span class="clip">"name: " {name.to_owned()}</span> <a href=paths::VOLUMES aria-label="Remove the filter">"×"</a></span>
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
                // The address stays in the history; the news does not.
                let welcome = (created && read.now.saturating_sub(volume.created) < 60).then(|| view! {
                    <section class="cause good" role="status">
                        {icon("ready")}
                        <div><h2>"Volume created"</h2><p>"Its id is " <code>{volume.id.to_string()}</code> ". How to use it is at the end of this page."</p></div>
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
    let workshop = query("preset") == "workshop";
    let read = server::caller().and_then(|caller| {
        let own: Vec<String> = caller.volumes()?.into_iter().map(|volume| volume.name).collect();
        Ok((caller.storage_classes()?, own, caller.user().username().to_owned()))
    });
    view! {
        <Frame title="New volume" section=Section::Volumes islands=true>
            {show(read, |(classes, own, username)| {
                let (form, problem) = match refused {
                    None if workshop => (VolumeForm::workshop(&username, &classes), None),
                    None => (VolumeForm::blank(&classes), None),
                    Some(Refused { form, problem }) => (form, Some(problem)),
                };
                let mark = problem.as_ref().map(|problem| {
                    server::set_status(problem.code);
                    view! { <Title text="Error: New volume · Stowage"/> }
                });
                view! {
                    {mark}
                    <p class="crumbs"><a href=paths::VOLUMES>"Volumes"</a> " / New"</p>
                    <div class="head"><h1>"New volume"</h1></div>
                    {cluster_banner()}
                    <div class="form">
                        <div>
                        {(!workshop).then(|| view! {
                            <p class="lead">
                                "In a workshop? " <a href=paths::WORKSHOP_VOLUME>"Fill in the exercise’s claim"</a> ": " <code>"vol-" {username}</code>
                                ", 1 Gi, for several nodes."
                            </p>
                        })}
                        {new_volume(form, problem, &classes, &own)}
                        </div>
                        {good_to_know()}
                    </div>
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

/// What people ask while they fill in the form.
fn good_to_know() -> impl IntoView {
    view! {
        <section class="sheet card">
            <header><h2>"Good to know"</h2></header>
            <dl class="facts stacked">
                <dt>"Which size?"</dt>
                <dd>"Your data and a fifth more. It can grow later only if its class can; it never shrinks."</dd>
                <dt>"Which class?"</dt>
                <dd>"The default fits most work. The class decides where the data lives and cannot be changed later. "<a href=paths::CLASSES>"Compare the classes"</a></dd>
                <dt>"Several nodes?"</dt>
                <dd>"Only if tasks on different nodes write at the same time. It needs a class that can; others refuse, and the volume's page says so."</dd>
                <dt>"Who sees it?"</dt>
                <dd>"You, and the administrators. The name is yours; other people may use the same for theirs."</dd>
            </dl>
        </section>
    }
}

/// In place of the form, when there is nothing to type yet.
fn cannot_delete(volume: &Volume, why: &WhyNot) -> AnyView {
    let heading = match why {
        WhyNot::InUse { .. } => "It is in use",
        WhyNot::DeletedAlready => "It is being deleted",
    };
    view! {
        <p class="crumbs">
            <a href=paths::VOLUMES>"Volumes"</a> " / " <a href=paths::volume(&volume.id)>{volume.name.clone()}</a> " / Delete"
        </p>
        <div class="narrow">
            <div class="head"><h1>{volume.name.clone()} " cannot be deleted now"</h1></div>
            {cluster_banner()}
            <section class="cause wait">{icon("warn")}<div><h2>{heading}</h2><p>{why.to_string()}</p></div></section>
            <div class="row">
                <a class="button" href=paths::volume(&volume.id)>"Back to the volume"</a>
                <a class="button first" href=paths::delete_volume(&volume.id)>"Check again"</a>
            </div>
        </div>
    }
    .into_any()
}

fn delete_view(page: VolumePage, refused: Option<Refused<DeleteForm>>) -> AnyView {
    let VolumePage { detail, class } = page;
    let volume = detail.volume;
    let name = volume.name.clone();
    if let Some(refused) = &refused {
        server::set_status(refused.problem.code);
    }
    let error = refused.as_ref().and_then(|r| r.problem.fields.get("confirm").map(str::to_owned));
    let general = refused.as_ref().filter(|r| r.problem.fields.is_empty()).map(|r| r.problem.message.clone());
    let typed = refused.map(|r| r.form.confirm).unwrap_or_default();
    let data = match class.as_ref().map(|c| c.reclaim) {
        Some(Reclaim::Delete) => "Its data is destroyed. This cannot be undone.",
        Some(Reclaim::Retain) => "The volume goes; its data is kept aside by the cluster, and only an administrator can bring it back.",
        None => "Its class is unknown, so expect that its data is destroyed. This cannot be undone.",
    };
    let finished = volume.used_by.iter().filter(|u| !u.phase.is_use()).count();
    if let Err(why) = offers_delete(&volume) {
        return cannot_delete(&volume, &why);
    }
    view! {
        <p class="crumbs"><a href=paths::VOLUMES>"Volumes"</a> " / " <a href=paths::volume(&volume.id)>{name.clone()}</a> " / Delete"</p>
        <div class="narrow">
            <div class="head"><h1>"Delete volume " {name.clone()} "?"</h1></div>
            {cluster_banner()}
            {general.map(|text| view! { <section class="cause bad" role="alert">{icon("failed")}<div><h2>"Nothing was deleted"</h2><p>{text}</p></div></section> })}
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
                    <button class="button danger first">"Delete volume"</button>
                </div>
            </form>
        </div>
    }
    .into_any()
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
