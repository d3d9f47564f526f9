//! How is a task asked for without writing a file? Fields that write one; whole without scripts.

use crate::{paths, ui::area::area as typed};
use domain::{
    access::AccessMode,
    secret::Secret,
    storage_class::StorageClass,
    task::{ScratchRow, SecretRow, TaskForm, VolumeRow, preflight::Line},
    volume::Volume,
};
use leptos::prelude::*;

/// Rows that are empty and can be filled in.
const SPARE: usize = 2;
const PATHS: [&str; 4] = ["/data", "/checkpoints", "/logs", "/output"];

/// What the fields are shown with.
pub struct Page<'a> {
    pub form: &'a TaskForm,
    /// The file cannot be read, so the fields are not what it says.
    pub stale: bool,
    pub own: &'a [Volume],
    /// Nothing while the cluster cannot say which there are.
    pub secrets: Option<&'a [Secret]>,
    pub classes: &'a [StorageClass],
    pub images: &'a [String],
    /// What must change, for the fields that it is about.
    pub refusals: &'a [&'a Line],
}

impl Page<'_> {
    /// What is wrong with a field of the file.
    fn wrong(&self, field: &str) -> String {
        let about = |line: &&&Line| line.sentence.split_once(": ").is_some_and(|(name, _)| name == field);
        self.refusals.iter().filter(about).filter_map(|line| Some(line.sentence.split_once(": ")?.1)).collect::<Vec<_>>().join(" ")
    }
}

pub fn fields(page: &Page<'_>) -> AnyView {
    let Page { form, stale, own, classes, images, secrets, .. } = page;
    let keys: Vec<String> =
        secrets.iter().copied().flatten().flat_map(|secret| secret.keys.iter().map(|key| format!("{}/{key}", secret.name))).collect();
    let volumes = form.volumes.iter().cloned().chain((0..SPARE).map(|_| VolumeRow::default()));
    let volumes = volumes.enumerate().map(|(index, row)| volume(index, &row, classes)).collect_view();
    let scratch = form.scratch.iter().cloned().chain((0..SPARE).map(|_| ScratchRow::default()));
    let scratch = scratch.enumerate().map(|(index, row)| scratch_row(index, &row)).collect_view();
    let from_secrets = form.secrets.iter().cloned().chain((!keys.is_empty()).then(SecretRow::default));
    let from_secrets = from_secrets.enumerate().map(|(index, row)| secret_row(index, &row, &keys)).collect_view();
    let names = own.iter().map(|volume| view! { <option value=volume.name.clone()>{volume.size().to_string()}</option> }).collect_view();
    view! {
        <section class="sheet card" id="task-fields" data-stale=stale.then_some("")>
            <header><h2>"With fields"</h2></header>
            <p class="small quiet">
                {if *stale { "The file cannot be read as it stands, so the fields may not show what it says." } else { "They write the file beside them. Its comments are lost when a field is changed." }}
            </p>
            <datalist id="images">{images.iter().map(|image| view! { <option value=image.clone()></option> }).collect_view()}</datalist>
            {text(page, "name", "Name", &form.name, "", "Starts with a letter; letters, digits, - and _; at most 40.")}
            {text(page, "image_id", "Image", &form.image_id, "registry/name:tag", "")}
            <div class="row asks">
                {short(page, "cpus", "Cores", &form.cpus, "1")}
                {short(page, "memory", "Memory", &form.memory, "1Gi")}
                {short(page, "accelerators", "GPUs", &form.accelerators, "0")}
                {short(page, "disk", "Local disk", &form.disk, "1Gi")}
            </div>
            <fieldset class="field">
                <legend>"Volumes"</legend>
                <span class="hint">"What is written there stays. A row with a size is made in the same step, if you have none of that name."</span>
                <datalist id="own-volumes">{names}</datalist>
                <datalist id="task-paths">{PATHS.map(|path| view! { <option value=path></option> })}</datalist>
                {volumes}
                {error(page, "volumes").1}
            </fieldset>
            <fieldset class="field">
                <legend>"Scratch space"</legend>
                <span class="hint">"Fast, and gone with its pod. In memory it counts against the task's memory; " <code>"/dev/shm"</code> " in memory is what programs share."</span>
                {scratch}
                {error(page, "scratch").1}
            </fieldset>
            {area(page, "setup", "Set up", &form.setup, 3, "Shell lines that run first, such as what to install.")}
            {area(page, "run", "Run", &form.run, 6, "Shell lines. The task ends with them.")}
            {area(page, "envs", "Variables", &form.envs, 3, "NAME=value, one per line. No passwords: they would stand in the task for its readers; they belong into a Secret. NODE_RANK, NUM_NODES and JOB_COMPLETION_INDEX are there by themselves.")}
            <fieldset class="field">
                <legend>"Variables from Secrets"</legend>
                <span class="hint">
                    {match secrets {
                        None => "Your Secrets cannot be asked for at the moment. ",
                        Some([]) => "Passwords and keys that nobody reads, not even you. You have none yet. ",
                        Some(_) => "Passwords and keys that nobody reads, not even you. ",
                    }}
                    <a href=paths::NEW_SECRET>"New Secret"</a>
                </span>
                {from_secrets}
                {error(page, "secrets").1}
            </fieldset>
            <details class="field">
                <summary>"Several nodes, several runs, time, folder"</summary>
                <div class="row asks">
                    {short(page, "num_nodes", "Nodes", &form.num_nodes, "1")}
                    {short(page, "completions", "Runs", &form.completions, "1")}
                    {short(page, "parallelism", "At a time", &form.parallelism, "all")}
                    {short(page, "retries", "Retries", &form.retries, "0")}
                </div>
                <div class="row asks">
                    {short(page, "time_limit", "Ended after", &form.time_limit, "12h")}
                    {short(page, "keep", "Kept for", &form.keep, "24h")}
                    {short(page, "gpu_type", "GPU product", &form.gpu_type, "any")}
                </div>
                <div class="row asks">
                    {short(page, "requests_cpus", "Cores, at least", &form.requests_cpus, "as above")}
                    {short(page, "requests_memory", "Memory, at least", &form.requests_memory, "as above")}
                    {short(page, "workdir", "Start in", &form.workdir, "/")}
                </div>
            </details>
            <button class="button" id="show-file" name="do" value="show">"Show as file"</button>
        </section>
    }
    .into_any()
}

/// What is wrong stands below its field, and changes with what is said about the file.
fn error(page: &Page<'_>, name: &'static str) -> (Option<&'static str>, AnyView) {
    let of_file = match name {
        "requests_cpus" => "requests.cpus",
        "requests_memory" => "requests.memory",
        name => name,
    };
    let sentence = page.wrong(of_file);
    let invalid = (!sentence.is_empty()).then_some("true");
    let view = view! { <span class="error" id=format!("f-{name}-error") data-part=format!("error-{name}")>{(!sentence.is_empty()).then_some(sentence)}</span> };
    (invalid, view.into_any())
}

fn text(page: &Page<'_>, name: &'static str, label: &'static str, value: &str, placeholder: &'static str, hint: &'static str) -> AnyView {
    let (id, about) = (format!("f-{name}"), format!("f-{name}-hint f-{name}-error"));
    let list = (name == "image_id").then_some("images");
    let (invalid, error) = error(page, name);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input class="text" id=id.clone() name=name value=value.to_owned() placeholder=placeholder list=list autocomplete="off" spellcheck="false" aria-describedby=about aria-invalid=invalid/>
            <span class="hint" id=format!("{id}-hint")>{hint}</span>
            {error}
        </div>
    }
    .into_any()
}

fn short(page: &Page<'_>, name: &'static str, label: &'static str, value: &str, placeholder: &'static str) -> AnyView {
    let id = format!("f-{name}");
    let (invalid, error) = error(page, name);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input class="text" id=id.clone() name=name value=value.to_owned() placeholder=placeholder autocomplete="off" spellcheck="false" aria-describedby=format!("{id}-error") aria-invalid=invalid/>
            {error}
        </div>
    }
    .into_any()
}

fn area(page: &Page<'_>, name: &'static str, label: &'static str, value: &str, rows: u32, hint: &'static str) -> AnyView {
    let (id, about) = (format!("f-{name}"), format!("f-{name}-hint f-{name}-error"));
    let (invalid, error) = error(page, name);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea class="text mono" id=id.clone() name=name rows=rows.to_string() autocomplete="off" spellcheck="false" aria-describedby=about aria-invalid=invalid>{typed(value)}</textarea>
            <span class="hint" id=format!("{id}-hint")>{hint}</span>
            {error}
        </div>
    }
    .into_any()
}

fn volume(index: usize, row: &VolumeRow, classes: &[StorageClass]) -> AnyView {
    let name = |column: &str| format!("volume{index}_{column}");
    let number = index + 1;
    let is_new = !(row.size.is_empty() && row.class.is_empty() && row.access.is_empty());
    let chosen = row.class.clone();
    let offered = classes.iter().map(|class| {
        view! { <option value=class.name.to_string() selected=chosen == class.name.as_str()>{class.title().to_owned()}</option> }
    });
    let unknown = (!chosen.is_empty() && classes.iter().all(|class| class.name.as_str() != chosen))
        .then(|| view! { <option value=chosen.clone() selected>{chosen.clone()}</option> });
    let modes = AccessMode::ALL.map(|mode| {
        view! { <option value=mode.as_str() selected=row.access == mode.as_str()>{mode.in_words()}</option> }
    });
    let several = row.access.contains(',').then(|| view! { <option value=row.access.clone() selected>{row.access.clone()}</option> });
    view! {
        <div class="row asks" role="group" aria-label=format!("Volume {number}")>
            <input class="text mono" name=name("path") value=row.path.clone() placeholder="/data" list="task-paths" aria-label="Path" autocomplete="off" spellcheck="false"/>
            <input class="text" name=name("name") value=row.name.clone() placeholder="Name" list="own-volumes" aria-label="Volume" autocomplete="off" spellcheck="false"/>
            <label class="tick"><input type="checkbox" name=name("read_only") value="true" checked=!row.read_only.is_empty()/> "read only"</label>
            <details open=is_new>
                <summary>"New"</summary>
                <div class="row asks">
                    <input class="text" name=name("size") value=row.size.clone() placeholder="10Gi" aria-label="Size of a new volume" autocomplete="off"/>
                    <select class="text" name=name("class") aria-label="Class of a new volume"><option value="">"Any class that fits"</option>{offered.collect_view()}{unknown}</select>
                    <select class="text" name=name("access") aria-label="Access to a new volume"><option value="">"One node"</option>{modes}{several}</select>
                </div>
            </details>
        </div>
    }
    .into_any()
}

fn secret_row(index: usize, row: &SecretRow, keys: &[String]) -> AnyView {
    let name = |column: &str| format!("secret{index}_{column}");
    let chosen = row.from.clone();
    let offered = keys.iter().map(|key| view! { <option value=key.clone() selected=chosen == *key>{key.clone()}</option> }).collect_view();
    // One that is not there stays as it was written, and is said.
    let unknown =
        (!chosen.is_empty() && !keys.contains(&chosen)).then(|| view! { <option value=chosen.clone() selected>{chosen.clone()}</option> });
    view! {
        <div class="row asks" role="group" aria-label=format!("Variable from a Secret {}", index + 1)>
            <select class="text" name=name("from") aria-label="Secret and key"><option value="">"Choose a Secret"</option>{offered}{unknown}</select>
            <input class="text mono" name=name("env") value=row.env.clone() placeholder="As the key" aria-label="Variable" autocomplete="off" spellcheck="false"/>
        </div>
    }
    .into_any()
}

fn scratch_row(index: usize, row: &ScratchRow) -> AnyView {
    let name = |column: &str| format!("scratch{index}_{column}");
    view! {
        <div class="row asks" role="group" aria-label=format!("Scratch space {}", index + 1)>
            <input class="text mono" name=name("path") value=row.path.clone() placeholder="/scratch" aria-label="Path" autocomplete="off" spellcheck="false"/>
            <input class="text" name=name("size") value=row.size.clone() placeholder="10Gi" aria-label="Size" autocomplete="off"/>
            <select class="text" name=name("medium") aria-label="Where">
                <option value="">"on disk"</option>
                <option value="memory" selected=row.medium == "memory">"in memory"</option>
                <option value="shm" selected=row.medium == "shm">"in memory, as shared memory"</option>
            </select>
        </div>
    }
    .into_any()
}
