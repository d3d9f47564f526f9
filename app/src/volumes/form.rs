//! What shall the new volume be? A plain form, whole without scripts; [`FormChecks`](super::checks::FormChecks) adds to it.

use super::{checks::FormChecks, view};
use crate::{paths, ui::icon};
use domain::{
    access::AccessMode,
    problem::Problem,
    storage_class::{Binding, Offer, StorageClass},
    volume::{DESCRIPTION_MAX, VolumeForm},
};
use leptos::prelude::*;

/// `own` are the names that the person uses already. `problem` is why the post before was refused, if this is not the first
/// time that the form is shown.
pub fn new_volume(form: VolumeForm, problem: Option<Problem>, classes: &[StorageClass], own: &[String]) -> AnyView {
    let errors = problem.as_ref().map(|p| p.fields.clone()).unwrap_or_default();
    let general = problem.filter(|p| p.fields.is_empty()).map(|p| p.message);
    let more_open = !form.description.is_empty() || !form.mount_path.is_empty();
    let units = ["Mi", "Gi", "Ti"].map(|unit| view! { <option selected=form.unit == unit>{unit}</option> });
    let invalid = |name: &str| errors.get(name).is_some().then_some("true");
    // After a refusal the first wrong field has the focus, also without scripts.
    let first = ["name", "size", "description", "mount_path"].into_iter().find(|name| errors.get(name).is_some());
    let focus = |name: &str| first == Some(name);
    view! {
        {general.map(|text| view! {
            <section class="cause bad" role="alert">{icon("failed")}<div><h2>"The volume was not created"</h2><p>{text}</p></div></section>
        })}
        <form class="sheet card" id="new-volume" method="post" novalidate data-own=own.join(" ")>
            <div class="field">
                <label for="name">"Name"</label>
                <input class="text" id="name" name="name" value=form.name.clone() required maxlength="63" autocomplete="off" spellcheck="false"
                    aria-describedby="name-hint name-error" aria-invalid=invalid("name") autofocus=focus("name")/>
                <span class="hint" id="name-hint">"As tasks will call it, for example " <code>"train-images"</code> ". Yours alone; others may use the same. " <span id="name-count"></span></span>
                {slot("name-error", errors.get("name"))}
            </div>
            <div class="field">
                <label for="size">"Size"</label>
                <div class="row">
                    <input class="text short" id="size" name="size" value=form.size.clone() required maxlength="40" inputmode="decimal" autocomplete="off"
                        aria-describedby="size-hint size-error" aria-invalid=invalid("size") autofocus=focus("size")/>
                    <select class="text short" name="unit" aria-label="Unit">{units}</select>
                    <span class="hint" id="size-hint">"Plan a fifth more than your data needs."</span>
                </div>
                {slot("size-error", errors.get("size"))}
            </div>
            <fieldset class="field" aria-describedby="access-error">
                <legend>"Will several nodes write to it at the same time?"</legend>
                <div class="pick">{access(&form, classes)}</div>
                {slot("access-error", errors.get("access"))}
            </fieldset>
            <fieldset class="field" aria-describedby="class-error">
                <legend>"Class"</legend>
                <div class="pick">{choices(&form, classes)}</div>
                {slot("class-error", errors.get("class"))}
            </fieldset>
            <details class="field" open=more_open>
                <summary>"Description, default mount path"</summary>
                <div class="field">
                    <label for="description">"Description"</label>
                    <input class="text" id="description" name="description" value=form.description.clone() maxlength=DESCRIPTION_MAX.to_string()
                        aria-describedby="description-error" aria-invalid=invalid("description") autofocus=focus("description")/>
                    {slot("description-error", errors.get("description"))}
                </div>
                <div class="field">
                    <label for="mount_path">"Default mount path"</label>
                    <input class="text mono" id="mount_path" name="mount_path" value=form.mount_path.clone() placeholder="/data" autocomplete="off"
                        spellcheck="false" aria-describedby="mount-hint mount_path-error" aria-invalid=invalid("mount_path") autofocus=focus("mount_path")/>
                    <span class="hint" id="mount-hint">"Where tasks find it unless they say otherwise. Left empty: " <code>"/volumes/"</code> " and its name."</span>
                    {slot("mount_path-error", errors.get("mount_path"))}
                </div>
            </details>
            <div class="row">
                <button class="button first">"Create volume"</button>
                <a class="button" href=paths::VOLUMES>"Cancel"</a>
            </div>
        </form>
        <FormChecks/>
    }
    .into_any()
}

/// The place for a field's sentence: announced when one appears.
pub fn slot(id: &'static str, sentence: Option<&str>) -> impl IntoView + use<> {
    let sentence = sentence.map(str::to_owned);
    view! { <div id=id class="error" aria-live="polite">{sentence}</div> }
}

fn access(form: &VolumeForm, classes: &[StorageClass]) -> AnyView {
    let able = |mode: AccessMode| {
        let names: Vec<_> =
            classes.iter().filter(|c| matches!(c.offers(mode), Offer::Proven | Offer::Likely)).map(|c| c.name.to_string()).collect();
        if names.is_empty() { " Needs a class that can.".to_owned() } else { format!(" Offered by {}.", names.join(", ")) }
    };
    [
        (
            AccessMode::ReadWriteOnce,
            "No, one task on one node",
            "Read and write by one node at a time (ReadWriteOnce). Fast, fits most work.".to_owned(),
        ),
        (
            AccessMode::ReadWriteMany,
            "Yes, a task on several nodes, or several tasks at once",
            format!("Read and write by many nodes (ReadWriteMany).{}", able(AccessMode::ReadWriteMany)),
        ),
        (
            AccessMode::ReadOnlyMany,
            "Many read, nobody writes",
            format!("Read-only by many nodes (ReadOnlyMany), for finished datasets.{}", able(AccessMode::ReadOnlyMany)),
        ),
    ]
    .map(|(mode, label, hint)| {
        view! {
            <label>
                <input type="radio" name="access" value=mode.as_str() checked=form.access == mode.as_str()/>
                <span>{label}</span>
                <small>{hint}</small>
            </label>
        }
    })
    .into_any()
}

fn choices(form: &VolumeForm, classes: &[StorageClass]) -> AnyView {
    classes
        .iter()
        .map(|class| {
            view! {
                <label>
                    <input type="radio" name="class" value=class.name.to_string() checked=form.class == class.name.as_str()/>
                    <span>{class.name.to_string()} {class.default.then(|| view! { " " <span class="chip">"default"</span> })}</span>
                    <small>{view::class_in_words(class)} ", " {several(class)}</small>
                    <small class="outlook">{outlook(class)}</small>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

/// Whether a task on several nodes can use it at once.
fn several(class: &StorageClass) -> &'static str {
    match class.offers(AccessMode::ReadWriteMany) {
        Offer::Proven => "proven for several nodes",
        Offer::Likely => "made for several nodes",
        Offer::Unknown => "not known to work on several nodes",
        Offer::No => "one node only",
    }
}

/// What will happen with a volume of this class; shown under the one that is chosen.
fn outlook(class: &StorageClass) -> &'static str {
    match class.binding {
        Binding::WaitForFirstConsumer => {
            "What will happen: the volume is recorded at once and waits for its first use; the node is chosen when a task first mounts it. It costs nothing until then."
        }
        Binding::Immediate => "What will happen: the storage is made at once and is usually ready within seconds.",
    }
}
