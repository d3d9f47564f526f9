//! Shall tasks only read this volume from now on, or write to it again? Its owner decides, on a plain form.

use super::{
    change::{Again, Whose, cannot},
    detail::{VolumePage, pods},
    pages::{own_volume, show},
};
use crate::{
    pages::frame::{Frame, Section, cluster_banner},
    paths,
    server::Refused,
};
use domain::{access::AccessMode, allowed::may_edit, volume::PublishForm};
use leptos::prelude::*;

#[component]
pub fn PublishPage() -> impl IntoView {
    let refused = use_context::<Refused<PublishForm>>();
    view! {
        <Frame title="Publish volume" section=Section::Volumes>
            {show(own_volume(), |read| publish_view(read.data, &Again::of(refused)))}
        </Frame>
    }
}

fn publish_view(page: VolumePage, again: &Again<PublishForm>) -> AnyView {
    let volume = page.detail.volume;
    let name = volume.name.clone();
    if let Err(why) = may_edit(&volume) {
        return cannot(Whose::Mine, &volume, "Publish", format!("{name} cannot be changed now"), &why, paths::publish_volume(&volume.id));
    }
    let working = volume.working();
    let (heading, value, act) = if volume.read_only {
        (format!("Let tasks write to {name} again?"), "no", "Let tasks write again")
    } else {
        (format!("Publish {name} as read-only?"), "yes", "Publish as read-only")
    };
    let for_many = volume.modes.iter().any(|mode| mode.is_for_many());
    view! {
        {Whose::Mine.crumbs(&volume, "Publish")}
        <div class="narrow">
            <div class="head"><h1>{heading}</h1></div>
            {cluster_banner()}
            {again.general("Nothing was changed")}
            <form class="sheet card" method="post">
                <input type="hidden" name="uid" value=volume.uid.clone()/>
                <input type="hidden" name="read_only" value=value/>
                {if volume.read_only {
                    view! { <p>"Tasks that begin from now on can write to it again, unless their file says " <code>"read_only: true"</code> "."</p> }.into_any()
                } else {
                    view! {
                        <p>"For data that is finished. Every task that begins from now on mounts it for reading; one that insists on writing (" <code>"read_only: false"</code> ") is refused. You can take it back at any time."</p>
                    }
                    .into_any()
                }}
                {(working > 0).then(|| view! { <p><b>{pods(working)} " mounts it now"</b> " and goes on as it began. It can write until it ends, if it could before."</p> })}
                <p class="quiet">"It is a rule of this portal. Whoever makes pods with kubectl in this namespace can still write, for the access modes of a volume cannot be changed once it is made."</p>
                {(!for_many).then(|| view! {
                    <p class="quiet">
                        "It can be mounted by one node at a time. For many nodes that read at once, "
                        <a href=paths::with_query(paths::NEW_VOLUME, &[("access", AccessMode::ReadOnlyMany.as_str())])>"a volume with ReadOnlyMany"</a>
                        " or ReadWriteMany is needed."
                    </p>
                })}
                <div class="row">
                    <a class="button" href=paths::volume(&volume.id)>"Cancel"</a>
                    <button class="button first">{act}</button>
                </div>
            </form>
        </div>
    }
    .into_any()
}
