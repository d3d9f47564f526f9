//! Who shall own this volume from now on? For administrators; the former owner loses it.

use super::{
    change::{Again, Whose, cannot},
    detail::VolumePage,
    handover::{self, Wording},
    pages::{any_volume, show},
};
use crate::{
    pages::frame::{Frame, Section},
    paths,
    server::{self, Refused},
};
use domain::{
    allowed::may_edit,
    volume::{HandoverForm, KnownOwner},
};
use leptos::prelude::*;

#[component]
pub fn TransferPage() -> impl IntoView {
    let refused = use_context::<Refused<HandoverForm>>();
    let read = any_volume().and_then(|read| Ok((read.data, server::admin()?.owners()?)));
    view! {
        <Frame title="Transfer volume" section=Section::AllVolumes>
            {show(read, |(page, known)| transfer_view(page, &known, Again::of(refused)))}
        </Frame>
    }
}

fn transfer_view(page: VolumePage, known: &[KnownOwner], again: Again<HandoverForm>) -> AnyView {
    let volume = page.detail.volume;
    let name = volume.name.clone();
    if let Err(why) = may_edit(&volume) {
        let here = paths::admin_transfer_volume(&volume.id);
        return cannot(Whose::Anybodys, &volume, "Transfer", format!("{name} cannot be transferred now"), &why, here);
    }
    let wording = Wording {
        act: "Transfer volume",
        heading: format!("Transfer volume {name}"),
        lead: "The volume and its data become another person's. Its owner loses it at once.",
        back: paths::admin_volume(&volume.id),
    };
    view! { {Whose::Anybodys.crumbs(&volume, "Transfer")} {handover::view(&volume, known, wording, again)} }.into_any()
}
