//! What goes with this volume, and is it really meant? Its name is typed to delete it.

use super::{
    change::{Again, Whose, cannot},
    cleanup,
    detail::{VolumePage, pods, uses},
    form::slot,
    pages::{any_volume, own_volume, show},
    view,
};
use crate::{
    pages::frame::{Frame, cluster_banner},
    parts::Follow,
    paths,
    server::{Reading, Refused},
};
use domain::{
    allowed::offers_delete,
    volume::{Consequences, DeleteForm},
};
use leptos::prelude::*;

#[component]
pub fn DeletePage() -> impl IntoView {
    let refused = use_context::<Refused<DeleteForm>>();
    view! {
        <Frame title="Delete volume" section=Whose::Mine.section()>
            {show(own_volume(), |read| delete_view(read, Whose::Mine, Again::of(refused)))}
        </Frame>
    }
}

/// The same for anybody's volume. Administrators only.
#[component]
pub fn AnyDeletePage() -> impl IntoView {
    let refused = use_context::<Refused<DeleteForm>>();
    view! {
        <Frame title="Delete volume" section=Whose::Anybodys.section()>
            {show(any_volume(), |read| delete_view(read, Whose::Anybodys, Again::of(refused)))}
        </Frame>
    }
}

fn delete_view(read: Reading<VolumePage>, whose: Whose, again: Again<DeleteForm>) -> AnyView {
    let Reading { data: VolumePage { detail, class, tasks, .. }, revision, now } = read;
    let volume = detail.volume;
    let name = volume.name.clone();
    if let Err(why) = offers_delete(&volume) {
        let here = match whose {
            Whose::Mine => paths::delete_volume(&volume.id),
            Whose::Anybodys => paths::admin_delete_volume(&volume.id),
        };
        let blocked = cannot(whose, &volume, "Delete", format!("{name} cannot be deleted now"), &why, here);
        let using: Vec<_> = volume.used_by.iter().filter(|u| u.phase.is_use()).cloned().collect();
        if using.is_empty() {
            return blocked;
        }
        let (stream, everybody) = if whose == Whose::Mine { (paths::LIVE, false) } else { (paths::LIVE_ALL, true) };
        return view! {
            {blocked}
            <section class="sheet card" id="used-by">
                <header><h2>{format!("Waiting for {} to end", pods(using.len()))}</h2><span class="push small quiet">"this page follows by itself"</span></header>
                {uses(&using, &tasks, everybody, now)}
            </section>
            <Follow stream=stream.to_owned() revision/>
        }
        .into_any();
    }
    let told = Consequences::of(&volume, class.as_ref());
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
        {whose.crumbs(&volume, "Delete")}
        <div class="narrow">
            <div class="head"><h1>"Delete volume " {name.clone()} "?"</h1></div>
            {cluster_banner()}
            {again.general("Nothing was deleted")}
            <form class="sheet card" method="post" novalidate>
                <input type="hidden" name="uid" value=volume.uid.clone()/>
                <p><b>{told.data()}</b></p>
                <dl class="facts">
                    {owner.map(|owner| view! { <dt>"Owner"</dt><dd>{owner}</dd> })}
                    <dt>"State"</dt><dd>{view::badge(&volume.status)}</dd>
                    <dt>"Size"</dt><dd>{told.size.rounded()}</dd>
                    <dt>"Class"</dt><dd>{volume.class.clone().unwrap_or_else(|| "none".into())}</dd>
                    <dt>"Reclaim policy"</dt><dd>{told.reclaim_in_words()}</dd>
                    <dt>"PVC"</dt><dd class="mono">{volume.claim.clone()}</dd>
                    {(told.finished > 0).then(|| view! { <dt>"Finished pods"</dt><dd>{told.finished} " still refer to it; deletion completes when they are removed"</dd> })}
                </dl>
                <div class="field">
                    <label for="confirm">"Type " <code>{name.clone()}</code> " to confirm"</label>
                    <input class="text" id="confirm" name="confirm" value=typed autocomplete="off" autocapitalize="off" spellcheck="false" required
                        aria-describedby="confirm-error" aria-invalid=error.is_some().then_some("true")/>
                    {slot("confirm-error", error.as_deref())}
                </div>
                <div class="row">
                    <a class="button" href=whose.volume(&volume)>"Cancel"</a>
                    {(whose == Whose::Mine).then(|| cleanup::button(&volume))}
                    <button class="button danger first">"Delete volume"</button>
                </div>
            </form>
        </div>
    }
    .into_any()
}
