//! How is the new volume asked for? A plain form, whole without scripts; [`checks`](super::checks) adds to it.

use super::view;
use crate::{pages::message::for_admins, paths, ui::icon};
use domain::{
    access::{AccessMode, listed, parse_modes},
    label::MOST_LABELS,
    problem::{Code, FieldErrors, Problem},
    storage_class::{Offer, StorageClass, propose},
    volume::{DESCRIPTION_MAX, Preset, Volume, VolumeForm},
};
use leptos::prelude::*;

/// The form as it is to be shown.
pub struct Form {
    pub form: VolumeForm,
    pub errors: FieldErrors,
    /// Why it was not taken, if this is not the first time that it is shown.
    pub problem: Option<Problem>,
    pub preset: Option<Preset>,
    /// What the cluster said when it was asked whether it would make this.
    pub tried: Option<Result<(), Problem>>,
    /// What can be chosen; `None` while the cluster cannot be asked.
    pub classes: Option<Vec<StorageClass>>,
    /// What the person has already, also in the trash: its names are taken.
    pub own: Vec<Volume>,
    /// Whether a backup is unpacked into it.
    pub restores: bool,
}

pub fn form(page: &Form) -> AnyView {
    let Form { form, errors, problem, preset, tried, classes, own, restores } = page;
    let classes = classes.as_deref();
    let more_open = [&form.description, &form.mount_path, &form.labels].into_iter().any(|text| !text.is_empty());
    let names = own.iter().map(|volume| volume.name.as_str()).collect::<Vec<_>>().join(" ");
    let units = ["Mi", "Gi", "Ti"].map(|unit| view! { <option selected=form.unit == unit>{unit}</option> });
    let invalid = |name: &str| errors.get(name).is_some().then_some("true");
    view! {
        <form class="sheet card" id="new-volume" method="post" novalidate data-own=names>
            {problem.as_ref().map(refused)}
            {tried.as_ref().map(verdict)}
            <div class="field">
                <label for="name">"Name"</label>
                <input class="text" id="name" name="name" value=form.name.clone() required maxlength="63" autocomplete="off" spellcheck="false"
                    aria-describedby="name-hint name-error" aria-invalid=invalid("name")/>
                <span class="hint" id="name-hint">"As tasks will call it. Say what it holds and which version: " <code>"imagenet-v2"</code> ", " <code>"prod-checkpoints"</code> ". Yours alone; others may use the same. " <span id="name-count">{form.name_count()}</span></span>
                {slot("name-error", errors.get("name"))}
                {in_trash(own)}
            </div>
            <div class="field">
                <label for="size">"Size"</label>
                <div class="row">
                    <input class="text short" id="size" name="size" value=form.size.clone() required maxlength="40" inputmode="decimal" autocomplete="off"
                        aria-describedby="size-hint size-error" aria-invalid=invalid("size")/>
                    <select class="text short" name="unit" aria-label="Unit">{units}</select>
                    <span class="hint" id="size-hint">{form.size_note()}"Plan a fifth more than your data needs."</span>
                </div>
                // Shown by `checks`, which does the sum in the browser: it is not sent.
                <div class="row" id="data-help" hidden>
                    <label class="hint" for="data-size">"How much data is there?"</label>
                    <input class="text short" id="data-size" placeholder="8Gi" maxlength="40" autocomplete="off" aria-describedby="data-hint"/>
                    <span class="hint" id="data-hint">"Fills in the size, with a fifth to spare."</span>
                </div>
                {slot("size-error", errors.get("size"))}
            </div>
            <fieldset class="field" id="access" aria-describedby="access-error">
                <legend>"Will several nodes write to it at the same time?"</legend>
                {access(form, classes.unwrap_or_default())}
                {slot("access-error", errors.get("access"))}
            </fieldset>
            <fieldset class="field" id="class" aria-describedby="fit class-error">
                <legend>"Class"</legend>
                <p class="hint" id="fit" aria-live="polite"><span data-part="fit">{classes.and_then(|classes| fit(form, classes))}</span></p>
                <div class="pick">{choices(form, classes)}</div>
                {slot("class-error", errors.get("class"))}
            </fieldset>
            <details class="field" open=more_open>
                <summary>"Description, default mount path, labels"</summary>
                <div class="field">
                    <label for="description">"Description"</label>
                    <input class="text" id="description" name="description" value=form.description.clone() maxlength=DESCRIPTION_MAX.to_string()
                        aria-describedby="description-error" aria-invalid=invalid("description")/>
                    {slot("description-error", errors.get("description"))}
                </div>
                <div class="field">
                    <label for="mount_path">"Default mount path"</label>
                    <input class="text mono" id="mount_path" name="mount_path" value=form.mount_path.clone() placeholder="/data" autocomplete="off" list="mount-paths"
                        spellcheck="false" aria-describedby="mount-hint mount_path-error" aria-invalid=invalid("mount_path")/>
                    <datalist id="mount-paths">{["/data", "/checkpoints", "/logs", "/output"].map(|path| view! { <option value=path></option> })}</datalist>
                    <span class="hint" id="mount-hint">"Where tasks find it unless they say otherwise. Left empty: " <code>"/volumes/"</code> " and its name."</span>
                    {slot("mount_path-error", errors.get("mount_path"))}
                </div>
                {labels_field(&form.labels, errors.get("labels"))}
            </details>
            <div class="row">
                <button class="button first">{if *restores { "Restore into a new volume" } else { "Create volume" }}</button>
                // The same page, with what would be made and whether the cluster would take it. A button sends one pair, so it
                // carries the purpose; the address keeps the rest of the form.
                {(!restores).then(|| view! {
                    <button class="button" id="preview" name="try" value=preset.map_or("form", Preset::slug) formmethod="get">"Preview"</button>
                })}
                <a class="button" href=paths::VOLUMES>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}

/// The names that cannot be seen in the list and are taken all the same.
fn in_trash(own: &[Volume]) -> Option<AnyView> {
    let names: Vec<_> = own.iter().filter(|volume| volume.trash.is_some()).map(|volume| volume.name.clone()).collect();
    (!names.is_empty()).then(|| {
        view! { <span class="hint">"Also taken, by what is in " <a href=paths::TRASH>"the trash"</a> ": " {names.join(", ")} "."</span> }.into_any()
    })
}

/// Why it was not taken, with a way to each field. Has the focus, so that it is read first.
fn refused(problem: &Problem) -> impl IntoView + use<> {
    view! {
        <section class="cause bad" id="refused" role="alert" tabindex="-1" autofocus>
            {icon("failed")}
            <div>
                <h2>"The volume was not created"</h2>
                {why(problem)}
            </div>
        </section>
    }
}

/// What the cluster said of it: nothing was made either way. Has the focus, so that it is read first.
fn verdict(tried: &Result<(), Problem>) -> AnyView {
    match tried {
        Ok(()) => view! {
            <section class="cause good" id="verdict" role="status" tabindex="-1" autofocus>
                {icon("ready")}
                <div><h2>"The cluster would accept this"</h2><p>"Nothing was made yet."</p></div>
            </section>
        }
        .into_any(),
        Err(problem) => {
            let is_answer = matches!(problem.code, Code::Invalid | Code::Quota | Code::Conflict);
            let heading = if is_answer { "This would not be accepted" } else { "The cluster could not be asked" };
            view! {
                <section class="cause bad" id="verdict" role="alert" tabindex="-1" autofocus>
                    {icon("failed")}
                    <div>
                        <h2>{heading}</h2>
                        {why(problem)}
                    </div>
                </section>
            }
            .into_any()
        }
    }
}

/// The sentence of a problem, with a way to each field.
fn why(problem: &Problem) -> impl IntoView + use<> {
    let line = |(field, sentence): (&str, &str)| view! { <li><a href=format!("#{field}")>{sentence.to_owned()}</a></li> };
    let fields = problem.fields.iter().map(line).collect_view();
    view! {
        <p>{problem.message.clone()}</p>
        {(!problem.fields.is_empty()).then(|| view! { <ul>{fields}</ul> })}
        {for_admins(problem)}
    }
}

/// Pairs of a person's own, in one line of text: whole without scripts.
pub fn labels_field(text: &str, error: Option<&str>) -> impl IntoView + use<> {
    let invalid = error.is_some().then_some("true");
    view! {
        <div class="field">
            <label for="labels">"Labels"</label>
            <input class="text mono" id="labels" name="labels" value=text.to_owned() placeholder="stage=prod team=vision" autocomplete="off"
                autocapitalize="off" spellcheck="false" maxlength="1400" aria-describedby="labels-hint labels-error" aria-invalid=invalid/>
            <span class="hint" id="labels-hint">"Pairs to filter by, such as " <code>"stage=prod"</code> ", parted by blanks; at most " {MOST_LABELS} "."</span>
            {slot("labels-error", error)}
        </div>
    }
}

/// The place for a field's sentence: announced when one appears.
pub fn slot(id: &'static str, sentence: Option<&str>) -> impl IntoView + use<> {
    let sentence = sentence.map(str::to_owned);
    view! { <div id=id class="error" aria-live="polite">{sentence}</div> }
}

fn access(form: &VolumeForm, classes: &[StorageClass]) -> impl IntoView + use<> {
    use AccessMode::{ReadOnlyMany, ReadWriteMany, ReadWriteOnce, ReadWriteOncePod};
    let mut chosen = parse_modes(&form.access).unwrap_or_default();
    chosen.sort_unstable();
    let option = |modes: &[AccessMode], label: &str, hint: &str| {
        let is_chosen = chosen == modes;
        let able: Vec<_> =
            classes.iter().filter(|class| class.offers_all(modes) <= Offer::Likely).map(|class| class.title().to_owned()).collect();
        let is_impossible = !classes.is_empty() && classes.iter().all(|class| class.offers_all(modes) == Offer::No);
        let by = match able.as_slice() {
            _ if is_impossible => " No class here can. Ask an administrator for one that can.".to_owned(),
            [] => " No class here is known for it; choose one to try.".to_owned(),
            able if able.len() == classes.len() => String::new(),
            able => format!(" Offered by {}.", able.join(", ")),
        };
        let value = modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>().join(",");
        view! {
            <label>
                <input type="radio" name="access" value=value checked=is_chosen disabled=is_impossible && !is_chosen/>
                <span>{label.to_owned()}</span>
                <small>{hint.to_owned()} " (" {listed(modes)} ")." {by}</small>
            </label>
        }
    };
    let together: [&[AccessMode]; 4] = [
        &[ReadWriteOnce, ReadOnlyMany],
        &[ReadWriteOnce, ReadWriteMany],
        &[ReadWriteMany, ReadOnlyMany],
        &[ReadWriteOnce, ReadWriteMany, ReadOnlyMany],
    ];
    let more_open = chosen == [ReadWriteOncePod] || chosen.len() > 1;
    let more = together.map(|modes| {
        let words: Vec<_> = modes.iter().map(|mode| mode.in_words()).collect();
        option(modes, &words.join("; "), "Its class must do all of them")
    });
    view! {
        <div class="pick">
            {option(&[ReadWriteOnce], "No, one task on one node", "Read and write by one node at a time. Fast, fits most work")}
            {option(&[ReadWriteMany], "Yes, a task on several nodes, or several tasks at once", "Read and write by many nodes")}
            {option(&[ReadOnlyMany], "Many read, nobody writes", "Read-only by many nodes, for finished datasets that its storage already holds. To fill one here first, make it for writing and publish it as read-only on its page")}
        </div>
        <details open=more_open>
            <summary>"More modes"</summary>
            <div class="pick">
                {option(&[ReadWriteOncePod], "One pod at a time", "Nothing else can mount it meanwhile, not even on the same node")}
                {more}
            </div>
        </details>
    }
}

fn choices(form: &VolumeForm, classes: Option<&[StorageClass]>) -> AnyView {
    let known = classes.unwrap_or_default();
    // What was typed is kept, also when it cannot be had.
    let is_kept = !form.class.is_empty() && known.iter().all(|class| class.name.as_str() != form.class);
    let kept = is_kept.then(|| {
        let why = if classes.is_some() { "There is no class of this name." } else { "The classes cannot be read at the moment." };
        view! { <label><input type="radio" name="class" value=form.class.clone() checked/><span>{form.class.clone()}</span><small>{why}</small></label> }
    });
    let class = |class: &StorageClass| {
        let title = class.title().to_owned();
        let name = (title != class.name.as_str()).then(|| view! { " " <code>{class.name.to_string()}</code> });
        view! {
            <label>
                <input type="radio" name="class" value=class.name.to_string() checked=form.class == class.name.as_str()/>
                <span>
                    {title} {name}
                    {class.default.then(|| view! { " " <span class="chip">"default"</span> })}
                    {class.settings.deprecated.is_some().then(|| view! { " " <span class="chip">"deprecated"</span> })}
                </span>
                <small>{class.settings.deprecated.clone().map(|why| format!("{why} "))} {view::class_in_words(class)} ", " {several(class)}</small>
            </label>
        }
    };
    view! {
        <label>
            <input type="radio" name="class" value="" checked=form.class.is_empty()/>
            <span>"Let the portal choose"</span>
            <small>"The one that fits how it will be used."</small>
        </label>
        {known.iter().map(class).collect_view()}
        {kept}
    }
    .into_any()
}

/// Which class fits how it will be used, and why; or what speaks against the one that is chosen.
fn fit(form: &VolumeForm, classes: &[StorageClass]) -> Option<AnyView> {
    let modes = parse_modes(&form.access).ok()?;
    let proposal = propose(&modes, classes);
    let chosen = classes.iter().find(|class| class.name.as_str() == form.class);
    let offer = chosen.map(|class| class.offers_all(&modes));
    let doubt = chosen.zip(offer).filter(|(_, offer)| *offer > Offer::Likely).map(|(class, offer)| match offer {
        Offer::No => format!("{} cannot do {}. ", class.title(), listed(&modes)),
        Offer::Proven | Offer::Likely | Offer::Unknown => format!("Nobody has tried {} with {} here. ", listed(&modes), class.title()),
    });
    // A class that somebody chose and that can is nobody else's to judge.
    if !form.class.is_empty() && doubt.is_none() {
        return None;
    }
    let verb = if form.class.is_empty() { "The portal takes " } else { "The portal would take " };
    let sentence = match proposal {
        Ok(proposal) => view! { {verb} <b>{proposal.class.title().to_owned()}</b> ", " {proposal.why} "." }.into_any(),
        Err(sentence) => sentence.into_any(),
    };
    Some(view! { {doubt} {sentence} }.into_any())
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
