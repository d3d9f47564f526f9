//! What goes with this volume, and is it really meant? Its name is typed to delete it.

use super::{
    change::{Again, Whose, cannot},
    cleanup,
    detail::VolumePage,
    form::slot,
    pages::{any_volume, own_volume, show},
    view,
};
use crate::{
    pages::frame::{Frame, cluster_banner},
    paths,
    server::Refused,
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
            {show(own_volume(), |read| delete_view(read.data, Whose::Mine, Again::of(refused)))}
        </Frame>
    }
}

/// The same for anybody's volume. Administrators only.
#[component]
pub fn AnyDeletePage() -> impl IntoView {
    let refused = use_context::<Refused<DeleteForm>>();
    view! {
        <Frame title="Delete volume" section=Whose::Anybodys.section()>
            {show(any_volume(), |read| delete_view(read.data, Whose::Anybodys, Again::of(refused)))}
        </Frame>
    }
}

fn delete_view(page: VolumePage, whose: Whose, again: Again<DeleteForm>) -> AnyView {
    let VolumePage { detail, class } = page;
    let volume = detail.volume;
    let name = volume.name.clone();
    if let Err(why) = offers_delete(&volume) {
        let here = match whose {
            Whose::Mine => paths::delete_volume(&volume.id),
            Whose::Anybodys => paths::admin_delete_volume(&volume.id),
        };
        return cannot(whose, &volume, "Delete", format!("{name} cannot be deleted now"), &why, here);
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
