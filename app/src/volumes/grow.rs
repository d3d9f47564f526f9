//! How large shall this volume become? A plain form, whole without scripts.

use super::{
    change::{Again, Whose, cannot},
    detail::VolumePage,
    form::slot,
    pages::{own_volume, show},
};
use crate::{
    limits,
    pages::frame::{Frame, Section, cluster_banner},
    paths,
    server::{self, Refused},
    ui::icon,
};
use domain::{allowed::may_expand, volume::ExpandForm};
use leptos::prelude::*;

#[component]
pub fn GrowPage() -> impl IntoView {
    let refused = use_context::<Refused<ExpandForm>>();
    view! {
        <Frame title="Grow volume" section=Section::Volumes>
            {show(own_volume(), |read| grow_view(read.data, Again::of(refused)))}
        </Frame>
    }
}

fn grow_view(page: VolumePage, again: Again<ExpandForm>) -> AnyView {
    let VolumePage { detail, class, .. } = page;
    let volume = detail.volume;
    let name = volume.name.clone();
    if let Err(why) = may_expand(&volume, class.as_ref()) {
        return cannot(Whose::Mine, &volume, "Grow", format!("{name} cannot grow now"), &why, paths::grow_volume(&volume.id));
    }
    let error = again.field("size");
    let form = again.form.clone().unwrap_or_else(|| ExpandForm { unit: "Gi".into(), ..ExpandForm::default() });
    let units = ["Mi", "Gi", "Ti"].map(|unit| view! { <option selected=form.unit == unit>{unit}</option> });
    let under_way = volume.requested > volume.size();
    let failed = detail.growth_error.filter(|_| under_way).map(|said| {
        view! {
            <section class="cause bad" role="status">
                {icon("failed")}
                <div>
                    <h2>"The last growth failed"</h2>
                    <p>"The driver said: " {said} " You may ask for less than " {volume.requested.rounded()} ", as long as it is more than it has."</p>
                </div>
            </section>
        }
    });
    view! {
        {Whose::Mine.crumbs(&volume, "Grow")}
        <div class="narrow">
            <div class="head"><h1>"Grow volume " {name}</h1></div>
            {cluster_banner()}
            {again.general("Nothing was changed")}
            {failed}
            <form class="sheet card" method="post" novalidate>
                <input type="hidden" name="uid" value=volume.uid.clone()/>
                {server::caller().ok().and_then(|caller| limits::of_volumes(&caller))}
                <p>"A volume can only grow: it never shrinks again, and its data stays as it is."</p>
                <dl class="facts">
                    <dt>"It has"</dt><dd title=format!("{} bytes", volume.size().bytes())>{volume.size().rounded()}</dd>
                    {under_way.then(|| view! { <dt>"It was asked to have"</dt><dd>{volume.requested.rounded()}</dd> })}
                    <dt>"Class"</dt><dd>{volume.class.clone().unwrap_or_else(|| "none".into())}</dd>
                </dl>
                <div class="field">
                    <label for="size">"New size"</label>
                    <div class="row">
                        <input class="text short" id="size" name="size" value=form.size required maxlength="40" inputmode="decimal" autocomplete="off"
                            aria-describedby="size-hint size-error" aria-invalid=error.is_some().then_some("true") autofocus=error.is_some()/>
                        <select class="text short" name="unit" aria-label="Unit">{units}</select>
                        <span class="hint" id="size-hint">"The whole size, not what is added."</span>
                    </div>
                    {slot("size-error", error.as_deref())}
                </div>
                <div class="row">
                    <a class="button" href=paths::volume(&volume.id)>"Cancel"</a>
                    <button class="button first">"Grow volume"</button>
                </div>
            </form>
        </div>
    }
    .into_any()
}
