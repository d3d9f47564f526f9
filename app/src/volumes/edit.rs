//! What shall be said about this volume? Its description, where tasks find it, its labels; a plain form, whole without scripts.

use super::{
    change::{Again, Whose, cannot},
    detail::VolumePage,
    form::{labels_field, slot},
    pages::{own_volume, show},
};
use crate::{
    pages::frame::{Frame, Section, cluster_banner},
    paths,
    server::Refused,
};
use domain::{
    allowed::may_edit,
    volume::{DESCRIPTION_MAX, EditForm},
};
use leptos::prelude::*;

#[component]
pub fn EditPage() -> impl IntoView {
    let refused = use_context::<Refused<EditForm>>();
    view! {
        <Frame title="Edit volume" section=Section::Volumes>
            {show(own_volume(), |read| edit_view(read.data, Again::of(refused)))}
        </Frame>
    }
}

fn edit_view(page: VolumePage, again: Again<EditForm>) -> AnyView {
    let volume = page.detail.volume;
    let name = volume.name.clone();
    if let Err(why) = may_edit(&volume) {
        return cannot(Whose::Mine, &volume, "Edit", format!("{name} cannot be edited now"), &why, paths::edit_volume(&volume.id));
    }
    let (description, path, labels) = (again.field("description"), again.field("mount_path"), again.field("labels"));
    let form = again.form.clone().unwrap_or_else(|| EditForm::of(&volume));
    let invalid = |error: &Option<String>| error.is_some().then_some("true");
    view! {
        {Whose::Mine.crumbs(&volume, "Edit")}
        <div class="narrow">
            <div class="head"><h1>"Edit volume " {name.clone()}</h1></div>
            {cluster_banner()}
            {again.general("Nothing was changed")}
            <form class="sheet card" method="post" novalidate>
                <input type="hidden" name="uid" value=volume.uid.clone()/>
                <div class="field">
                    <label for="description">"Description"</label>
                    <input class="text" id="description" name="description" value=form.description maxlength=DESCRIPTION_MAX.to_string()
                        aria-describedby="description-error" aria-invalid=invalid(&description) autofocus=description.is_some()/>
                    {slot("description-error", description.as_deref())}
                </div>
                <div class="field">
                    <label for="mount_path">"Default mount path"</label>
                    <input class="text mono" id="mount_path" name="mount_path" value=form.mount_path placeholder=format!("/volumes/{name}") autocomplete="off"
                        spellcheck="false" aria-describedby="mount-hint mount_path-error" aria-invalid=invalid(&path)
                        autofocus=path.is_some() && description.is_none()/>
                    <span class="hint" id="mount-hint">"Where tasks find it unless they say otherwise. Left empty: " <code>"/volumes/" {name}</code> ". What runs already keeps its path."</span>
                    {slot("mount_path-error", path.as_deref())}
                </div>
                {labels_field(&form.labels, labels.as_deref())}
                <div class="row">
                    <a class="button" href=paths::volume(&volume.id)>"Cancel"</a>
                    <button class="button first">"Save"</button>
                </div>
            </form>
        </div>
    }
    .into_any()
}
