//! Which new volume shall a backup become? The form for a new volume, filled in for it.

use super::{
    backup::order,
    form::{Form, form},
    pages::{query, show},
};
use crate::{
    error::ApiError,
    limits,
    pages::frame::{Frame, Section, cluster_banner},
    paths,
    server::{self, Refused},
};
use cluster::UserCluster;
use domain::{
    access::AccessMode,
    problem::FieldErrors,
    text,
    volume::{BackupState, KnownBackup, Volume, VolumeForm},
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn RestorePage() -> impl IntoView {
    let refused = use_context::<Refused<VolumeForm>>();
    let backup = query("backup");
    let page = Suspend::new(async move {
        let read = read(&backup, refused).await;
        show(read, |(known, on, page, caller)| whole(&known, &on, &page, &caller))
    });
    view! { <Frame title="Restore a backup" section=Section::Volumes>{page}</Frame> }
}

async fn read(backup: &str, refused: Option<Refused<VolumeForm>>) -> Result<(KnownBackup, Volume, Form, UserCluster), ApiError> {
    let (caller, portal) = (server::caller()?, server::portal()?);
    let (known, on) = order::known(&portal, &caller, backup).await.map_err(|problem| server::fail(problem.into()))?;
    let own = caller.volumes_and_trash()?;
    let (form, problem) = match refused {
        Some(Refused { form, problem }) => (form, Some(problem)),
        None => (first(&known, &own), None),
    };
    let errors = problem.as_ref().map_or_else(FieldErrors::default, |problem| problem.fields.clone());
    let classes = caller.storage_classes().ok();
    let page = Form { form, errors, problem, preset: None, tried: None, classes, own, restores: true };
    Ok((known, on, page, caller))
}

/// As large as it was, under its name or one like it.
fn first(known: &KnownBackup, own: &[Volume]) -> VolumeForm {
    let size = known.backup.size.max(known.least()).to_string();
    let (number, unit) = size.split_at(size.trim_end_matches(char::is_alphabetic).len());
    // A unit that cannot be picked stays with its number, and outweighs what is picked.
    let (size, unit) = if matches!(unit, "Mi" | "Gi" | "Ti") { (number, unit) } else { (size.as_str(), "Gi") };
    let blank = VolumeForm {
        name: known.backup.name.clone(),
        size: size.to_owned(),
        unit: unit.to_owned(),
        access: AccessMode::ReadWriteOnce.to_string(),
        ..VolumeForm::blank()
    };
    if own.iter().any(|volume| volume.name.eq_ignore_ascii_case(&blank.name)) { blank.under_a_free_name(own) } else { blank }
}

fn whole(known: &KnownBackup, on: &Volume, page: &Form, caller: &UserCluster) -> AnyView {
    let backup = &known.backup;
    let mark = page.problem.as_ref().map(|problem| {
        server::set_status(problem.code);
        view! { <Title text="Error: Restore a backup · Stowage"/> }
    });
    let counted = match known.state {
        BackupState::Whole(Some(counted)) => Some(view! {
            <dt>"Holds"</dt><dd>{counted.files.to_string()} " files, " {counted.bytes.rounded()}</dd>
            <dt>"Archive"</dt><dd>{counted.packed.rounded()}</dd>
        }),
        BackupState::Whole(None) | BackupState::Running | BackupState::Failed => None,
    };
    view! {
        {mark}
        <p class="crumbs"><a href=paths::VOLUMES>"Volumes"</a> " / Restore a backup"</p>
        <div class="head"><h1>"Restore " {backup.name.clone()} " as a new volume"</h1></div>
        {cluster_banner()}
        {limits::of_volumes(caller)}
        <div class="form">
            <div>{form(page)}</div>
            <div>
                <section class="sheet card">
                    <header><h2>"The backup"</h2></header>
                    <dl class="facts">
                        <dt>"Of"</dt><dd>{backup.name.clone()} ", " {backup.size.rounded()}</dd>
                        <dt>"Made"</dt><dd>{text::date(backup.at)}</dd>
                        {counted}
                        <dt>"On"</dt><dd><a href=paths::volume(&on.id)>{on.name.clone()}</a> <span class="under mono">{backup.path()}</span></dd>
                        <dt>"Task"</dt><dd><a href=paths::task(&known.task)>{known.task.to_string()}</a></dd>
                    </dl>
                    <p>"The new volume is made, and a task unpacks the backup into it. The archive is compared with its hash, then every file with its own: if one differs, the task fails, names it, and leaves the volume empty."</p>
                    <p class="quiet">"Nothing that you have is written over. To use the new one in the place of the old, name it in your tasks."</p>
                </section>
            </div>
        </div>
    }
    .into_any()
}
