//! What shall a new volume be? The page, blank, filled in by its address, or with what was refused.

use super::{
    form::{Form, form},
    pages::{notice, query, show},
    presets, preview,
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
    name::VolumeId,
    problem::{FieldErrors, Problem},
    storage_class::StorageClass,
    volume::{Preset, Volume, VolumeForm, taken_by},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn NewPage() -> impl IntoView {
    let page = server::caller().and_then(|caller| match use_context::<Refused<VolumeForm>>() {
        Some(refused) => Ok((again(&caller, refused), caller)),
        None => Ok((first(&caller)?, caller)),
    });
    let page = Suspend::new(async move {
        let page = match page {
            // A form that was sent has its answer already.
            Ok((form, caller)) if is_tried() && form.problem.is_none() => Ok((tried(form, &caller).await, caller)),
            page => page,
        };
        show(page, whole)
    });
    view! { <Frame title="New volume" section=Section::Volumes>{page}</Frame> }
}

fn whole((form_page, caller): (Form, UserCluster)) -> impl IntoView {
    let mark = form_page.problem.as_ref().map(|problem| {
        server::set_status(problem.code);
        view! { <Title text="Error: New volume · Stowage"/> }
    });
    let preview = preview::preview(&form_page, &caller);
    view! {
        {mark}
        <p class="crumbs"><a href=paths::VOLUMES>"Volumes"</a> " / New"</p>
        <div class="head"><h1>"New volume"</h1></div>
        {cluster_banner()}
        {again_news()}
        {for_backups()}
        {limits::of_volumes(&caller)}
        {presets::links(form_page.preset)}
        <div class="form">
            <div>{form(&form_page)}</div>
            <div>{preview} {good_to_know()}</div>
        </div>
    }
}

/// That the volume which this one replaces was deleted a moment ago, if it was.
fn again_news() -> Option<AnyView> {
    let sentence = match query("again").as_str() {
        "deleted" => "The old volume was deleted. This form has what it was asked for: choose what shall be different, then create it.",
        "trashed" => {
            "The old volume is in the trash and keeps its name until it is gone, so this form proposes another one. Choose what shall be \
             different, then create it."
        }
        _ => return None,
    };
    Some(notice("Now create it again", sentence).into_any())
}

/// That the way leads back to a backup when the volume is made.
fn for_backups() -> Option<AnyView> {
    let id: VolumeId = query("back_up").parse().ok()?;
    let back = paths::back_up_volume(&id);
    Some(view! { <p>"For backups. When it is made, you come back to " <a href=back>"where you left"</a> "." </p> }.into_any())
}

/// Whether the person has pressed the button that asks the cluster.
fn is_tried() -> bool {
    !query("try").is_empty()
}

/// Asks the cluster whether it would make this, if the form can be sent at all. Only when a person presses the button: what is
/// typed costs the API server nothing.
async fn tried(mut page: Form, caller: &UserCluster) -> Form {
    let said = match preview::wish(&page) {
        Ok((spec, _)) => caller.try_create(&spec).await.map_err(|error| server::told(&error)),
        Err(errors) => Err(Problem::invalid(errors)),
    };
    for (field, sentence) in said.as_ref().err().into_iter().flat_map(|problem| problem.fields.iter()) {
        page.errors.add(field, sentence);
    }
    Form { tried: Some(said), ..page }
}

/// The form as the address fills it in: a purpose first, then single fields. Nothing is refused yet; what was filled in is judged.
fn first(caller: &UserCluster) -> Result<Form, ApiError> {
    let (classes, own) = known(caller)?;
    let preset = purpose();
    let mut form = preset.map_or_else(VolumeForm::blank, |preset| preset.fill(caller.user().username(), &classes));
    let mut filled: Vec<&str> = preset.map(|_| "name").into_iter().collect();
    let given = use_query_map().get_untracked();
    for (name, field) in form.fields() {
        if let Some(value) = given.get(name) {
            *field = value;
            filled.push(name);
        }
    }
    let mut errors = FieldErrors::default();
    let wrong = form.check(&classes).err().unwrap_or_default();
    for (field, sentence) in wrong.iter().filter(|(field, _)| filled.contains(field) && !(*field == "name" && form.name.is_empty())) {
        errors.add(field, sentence);
    }
    if let Some(sentence) = taken_by(&form.name, &own) {
        errors.add("name", sentence);
    }
    Ok(Form { form, errors, problem: None, preset, tried: None, classes: Some(classes), own, restores: false })
}

/// The form as it was sent, with why it was not taken. What was typed is kept, also while the cluster cannot be asked.
fn again(caller: &UserCluster, Refused { form, problem }: Refused<VolumeForm>) -> Form {
    let (classes, own) = known(caller).map_or_else(|_| (None, Vec::new()), |(classes, own)| (Some(classes), own));
    Form { form, errors: problem.fields.clone(), problem: Some(problem), preset: purpose(), tried: None, classes, own, restores: false }
}

/// What the volume is for, if the address says so: by a link, or by the button that tries.
fn purpose() -> Option<Preset> {
    Preset::from_slug(&query("preset")).or_else(|| Preset::from_slug(&query("try")))
}

/// What can be chosen, and what the person has already.
fn known(caller: &UserCluster) -> Result<(Vec<StorageClass>, Vec<Volume>), ApiError> {
    Ok((caller.storage_classes()?, caller.volumes_and_trash()?))
}

/// What people ask while they fill in the form.
fn good_to_know() -> impl IntoView {
    view! {
        <details class="sheet card">
            <summary>"Good to know"</summary>
            <dl class="facts stacked">
                <dt>"Which size?"</dt>
                <dd>"Your data and a fifth more; little to try something, more for what grows. It can grow later only if its class can; it never shrinks."</dd>
                <dt>"Which class?"</dt>
                <dd>"The default fits most work; a fast one fits checkpoints and databases, a slow one an archive. It decides where the data lives and cannot be changed later. "<a href=paths::CLASSES>"Compare the classes"</a></dd>
                <dt>"Several nodes?"</dt>
                <dd>"Only if tasks on different nodes write at the same time; one node is faster. It needs a class that can; others refuse, and the volume's page says so."</dd>
                <dt>"One volume or several?"</dt>
                <dd>"One for each kind of data: each has its own size and class, and can be deleted by itself."</dd>
                <dt>"Who sees it?"</dt>
                <dd>"You, and the administrators. The name is yours; other people may use the same for theirs."</dd>
            </dl>
        </details>
    }
}
