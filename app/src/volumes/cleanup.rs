//! Which finished pods still hold this volume, and shall they go? Only the caller's own do.

use super::{
    change::{Again, Whose},
    detail::VolumePage,
    pages::{own_volume, show},
};
use crate::{
    pages::frame::{Frame, Section, cluster_banner},
    paths,
    server::Refused,
};
use domain::volume::{CleanupForm, Use, Volume};
use leptos::prelude::*;

/// The way to the page, if there is anything to remove.
pub fn button(volume: &Volume) -> Option<impl IntoView + use<>> {
    let finished = finished(volume).count();
    let href = paths::clean_up_volume(&volume.id);
    (finished > 0)
        .then(|| view! { <a class="button" href=href>{if finished == 1 { "Remove finished pod" } else { "Remove finished pods" }}</a> })
}

fn finished(volume: &Volume) -> impl Iterator<Item = &Use> {
    volume.used_by.iter().filter(|u| !u.phase.is_use())
}

#[component]
pub fn CleanupPage() -> impl IntoView {
    let refused = use_context::<Refused<CleanupForm>>();
    view! {
        <Frame title="Remove finished pods" section=Section::Volumes>
            {show(own_volume(), |read| cleanup_view(read.data, Again::of(refused)))}
        </Frame>
    }
}

fn cleanup_view(page: VolumePage, again: Again<CleanupForm>) -> AnyView {
    let volume = page.detail.volume;
    let pods = finished(&volume).map(|u| view! { <li>{u.label().to_owned()}</li> }).collect_view();
    let none = pods.is_empty();
    view! {
        {Whose::Mine.crumbs(&volume, "Finished pods")}
        <div class="narrow">
            <div class="head"><h1>"Remove the finished pods of " {volume.name.clone()}</h1></div>
            {cluster_banner()}
            {again.general("Nothing was removed")}
            <form class="sheet card" method="post">
                <input type="hidden" name="uid" value=volume.uid.clone()/>
                {if none {
                    view! { <p>"No finished pod mounts this volume."</p> }.into_any()
                } else {
                    view! {
                        <p>"These pods have finished. They do nothing any more, but the cluster keeps a volume that is being deleted for as long as they are there. Their logs go with them; the data on the volume stays."</p>
                        <ul>{pods}</ul>
                        <p>"Only pods of your own are removed."</p>
                    }
                    .into_any()
                }}
                <div class="row">
                    <a class="button" href=paths::volume(&volume.id)>"Cancel"</a>
                    {(!none).then(|| view! { <button class="button first">"Remove finished pods"</button> })}
                </div>
            </form>
        </div>
    }
    .into_any()
}
