//! What goes with this volume, and is it really meant? Its name is typed to delete it.

mod again;

use super::{
    backup::known,
    change::{Again, Whose, cannot},
    cleanup,
    detail::{VolumePage, pods, uses},
    form::slot,
    pages::{any_volume, own_volume, query, show, with_history},
    view,
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, cluster_banner},
    parts::Follow,
    paths,
    server::{self, Reading, Refused},
    tasks::source::Source,
};
use domain::{
    allowed::offers_delete,
    volume::{Consequences, DeleteForm, Kind, Trash, Volume, Written},
};
use leptos::prelude::*;

/// What a deletion is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// To the trash, where there is one.
    Delete,
    /// For good, of what is in the trash.
    Now,
    /// To make another in its place.
    Again(Written),
}

/// `?again=` a class, or `yes`: the deletion leads on to a new volume like this one.
#[component]
pub fn DeletePage() -> impl IntoView {
    let refused = use_context::<Refused<DeleteForm>>();
    let again = query("again");
    let page = Suspend::new(async move {
        let read = with_history(own_volume(), server::caller().map(Source::Mine)).await;
        show(mine(read, &again), |(read, end)| delete_view(read, Whose::Mine, end, &again, Again::of(refused)))
    });
    view! { <Frame title="Delete volume" section=Whose::Mine.section()>{page}</Frame> }
}

/// The same for anybody's volume. Administrators only.
#[component]
pub fn AnyDeletePage() -> impl IntoView {
    let refused = use_context::<Refused<DeleteForm>>();
    let page = show(any_volume(), |read| {
        let end = end(&read.data.detail.volume);
        delete_view(read, Whose::Anybodys, end, "", Again::of(refused))
    });
    view! { <Frame title="Delete volume" section=Whose::Anybodys.section()>{page}</Frame> }
}

fn end(volume: &Volume) -> End {
    if volume.trash.is_some() { End::Now } else { End::Delete }
}

fn mine(read: Result<Reading<VolumePage>, ApiError>, again: &str) -> Result<(Reading<VolumePage>, End), ApiError> {
    let read = read?;
    let VolumePage { detail, class, tasks, history_failed } = &read.data;
    let end = if again.is_empty() || detail.volume.trash.is_some() {
        end(&detail.volume)
    } else {
        // What cannot be read may be a task that has mounted it.
        End::Again(Written::of(&detail.volume, class.as_ref(), !tasks.is_empty() || *history_failed))
    };
    Ok((read, end))
}

fn delete_view(read: Reading<VolumePage>, whose: Whose, end: End, again_with: &str, again: Again<DeleteForm>) -> AnyView {
    if let End::Again(Written::Mounted) = end {
        return again::another_like(&read.data.detail.volume, again_with);
    }
    match offers_delete(&read.data.detail.volume) {
        Ok(()) => form(&read.data, whose, end, again_with, &again),
        Err(why) => {
            let VolumePage { detail, tasks, .. } = read.data;
            let (volume, name) = (&detail.volume, &detail.volume.name);
            let blocked = cannot(whose, volume, "Delete", format!("{name} cannot be deleted now"), &why, whose.delete(volume));
            let using: Vec<_> = volume.used_by.iter().filter(|u| u.phase.is_use()).cloned().collect();
            if using.is_empty() {
                return blocked;
            }
            let (stream, everybody) = if whose == Whose::Mine { (paths::LIVE, false) } else { (paths::LIVE_ALL, true) };
            view! {
                {blocked}
                <section class="sheet card" id="used-by">
                    <header><h2>{format!("Waiting for {} to end", pods(using.len()))}</h2><span class="push small quiet">"this page follows by itself"</span></header>
                    {uses(&using, &tasks, everybody, read.now)}
                </section>
                <Follow stream=stream.to_owned() revision=read.revision/>
            }
            .into_any()
        }
    }
}

/// What becomes of the data, and what the button says.
fn words(told: &Consequences, end: End) -> (String, &'static str) {
    let until = server::portal().ok().and_then(|portal| portal.cluster.trash_until());
    match (end, until) {
        (End::Again(Written::Never), _) => (
            "No storage was ever made for it, so nothing can be lost. It goes at once; then the form for a new volume opens, filled in with what this one was asked for."
                .to_owned(),
            "Delete and create again",
        ),
        (End::Now, _) | (_, None) => {
            let label = match end {
                End::Delete => "Delete volume",
                End::Now => "Delete now",
                End::Again(_) => "Delete and create again",
            };
            (told.data().to_owned(), label)
        }
        (End::Again(_), Some(until)) => (told.data_after(Trash::Until(until)), "Move to the trash and create again"),
        (End::Delete, Some(until)) => (told.data_after(Trash::Until(until)), "Move to the trash"),
    }
}

fn form(page: &VolumePage, whose: Whose, end: End, again_with: &str, again: &Again<DeleteForm>) -> AnyView {
    let (volume, name) = (&page.detail.volume, page.detail.volume.name.clone());
    let told = Consequences::of(volume, page.class.as_ref());
    let (fate, label) = words(&told, end);
    let heading = match end {
        End::Delete => format!("Delete volume {name}?"),
        End::Now => format!("Delete volume {name} now?"),
        End::Again(_) => format!("Delete {name} and create it again?"),
    };
    // What never had storage leaves nothing that could be restored; its name must be free at once.
    let now = matches!(end, End::Now | End::Again(Written::Never));
    let error = again.field("confirm");
    let typed = again.form.as_ref().map(|form| form.confirm.clone()).unwrap_or_default();
    let owner = match (whose, &volume.owner_subject) {
        (Whose::Mine, _) => None,
        (Whose::Anybodys, Some(subject)) => {
            Some(view! { {volume.username.clone()} <span class="under mono">{subject.clone()}</span> }.into_any())
        }
        (Whose::Anybodys, None) => Some(view! { "unclaimed: no person provably owns it" }.into_any()),
    };
    view! {
        {whose.crumbs(volume, "Delete")}
        <div class="narrow">
            <div class="head"><h1>{heading}</h1></div>
            {cluster_banner()}
            {again.general("Nothing was deleted")}
            {(end == End::Again(Written::NoMountKnown)).then(|| again::not_known(volume, again_with))}
            <form class="sheet card" method="post" novalidate>
                <input type="hidden" name="uid" value=volume.uid.clone()/>
                {now.then(|| view! { <input type="hidden" name="now" value="yes"/> })}
                {matches!(end, End::Again(_)).then(|| view! { <input type="hidden" name="again" value=again_with.to_owned()/> })}
                <p><b>{fate}</b></p>
                <dl class="facts">
                    {owner.map(|owner| view! { <dt>"Owner"</dt><dd>{owner}</dd> })}
                    <dt>"State"</dt><dd>{view::badge(&volume.status)}</dd>
                    <dt>"Size"</dt><dd>{told.size.rounded()}</dd>
                    <dt>"Class"</dt><dd>{volume.class.clone().unwrap_or_else(|| "none".into())}</dd>
                    <dt>"Reclaim policy"</dt><dd>{told.reclaim_in_words()}</dd>
                    <dt>"PVC"</dt><dd class="mono">{volume.claim.clone()}</dd>
                    {(whose == Whose::Mine && volume.kind == Kind::Filesystem).then(|| {
                        let own = server::caller().and_then(|caller| Ok(caller.volumes_and_trash()?)).unwrap_or_default();
                        view! { <dt>"Last whole backup"</dt><dd>{known::last_whole(volume, &page.tasks, &own, page.history_failed)}</dd> }
                    })}
                    {(told.finished > 0).then(|| view! { <dt>"Finished pods"</dt><dd>{told.finished} " still refer to it; deletion completes when they are removed"</dd> })}
                </dl>
                <div class="field">
                    <label for="confirm">"Type " <code>{name}</code> " to confirm"</label>
                    <input class="text" id="confirm" name="confirm" value=typed autocomplete="off" autocapitalize="off" spellcheck="false" required
                        aria-describedby="confirm-error" aria-invalid=error.is_some().then_some("true")/>
                    {slot("confirm-error", error.as_deref())}
                </div>
                <div class="row">
                    <a class="button" href=whose.volume(volume)>"Cancel"</a>
                    {(whose == Whose::Mine).then(|| cleanup::button(volume))}
                    <button class="button danger first">{label}</button>
                </div>
            </form>
        </div>
    }
    .into_any()
}
