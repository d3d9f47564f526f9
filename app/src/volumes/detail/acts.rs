//! What can be done with this volume now, and why not the rest?

use crate::{paths, volumes::cleanup};
use domain::{
    allowed::{WhyNot, may_back_up, may_edit, may_expand, may_transfer, offers_delete},
    storage_class::StorageClass,
    volume::{Volume, files::FilePath},
};
use leptos::prelude::*;

/// What can be done with it. What cannot be done now stays where it is, can be reached, and says why.
pub fn actions(volume: &Volume, class: Option<&StorageClass>, everybody: bool) -> AnyView {
    let id = &volume.id;
    let delete = if everybody { paths::admin_delete_volume(id) } else { paths::delete_volume(id) };
    // What takes it out of there stands in the notice.
    if volume.trash.is_some() {
        let yaml = if everybody { paths::admin_volume_yaml(id) } else { paths::volume_yaml(id) };
        return view! { {(!everybody).then(|| cleanup::button(volume))} <a class="button" href=yaml>"YAML"</a> }.into_any();
    }
    if everybody {
        let adopt = volume.owner_subject.is_none().then(|| {
            let href = paths::with_query(paths::ADMIN_ADOPT, &[("claim", &volume.claim)]);
            view! { <a class="button" href=href>"Adopt"</a> }
        });
        return view! {
            {adopt}
            {action("Transfer", "button", paths::admin_transfer_volume(id), may_transfer(volume), "why-no-transfer")}
            <a class="button" href=paths::admin_volume_yaml(id)>"YAML"</a>
            {action("Delete", "button danger", delete, offers_delete(volume), "why-not")}
        }
        .into_any();
    }
    view! {
        {cleanup::button(volume)}
        {(!volume.status.is_deleting()).then(|| view! { <a class="button" href=paths::new_task_with(&volume.name)>"Use in new task"</a> })}
        {action("Grow", "button", paths::grow_volume(id), may_expand(volume, class), "why-no-growth")}
        {action("Back up", "button", paths::back_up_volume(id), may_back_up(volume), "why-no-backup")}
        {action("Edit", "button", paths::edit_volume(id), may_edit(volume), "why-no-edit")}
        {(!volume.status.is_deleting()).then(|| view! { <a class="button" href=paths::volume_files(id, &FilePath::default())>"Files"</a> })}
        <a class="button" href=paths::volume_yaml(id)>"YAML"</a>
        {action("Delete", "button danger", delete, offers_delete(volume), "why-not")}
    }
    .into_any()
}

fn action(label: &'static str, class: &'static str, href: String, may: Result<(), WhyNot>, id: &'static str) -> AnyView {
    match may {
        Ok(()) => view! { <a class=class href=href>{label}</a> }.into_any(),
        // The reason shows on hover and on focus, and is read out.
        Err(why) => view! {
            <span class="why">
                <a class=class role="link" aria-disabled="true" tabindex="0" aria-describedby=id>{label}</a>
                <span class="reason small" id=id role="note">{why.to_string()}</span>
            </span>
        }
        .into_any(),
    }
}
