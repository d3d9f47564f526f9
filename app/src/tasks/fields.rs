//! How is a task asked for without writing a file? Fields that write one; whole without scripts.

use crate::ui::area::area as typed;
use domain::{
    access::AccessMode,
    storage_class::StorageClass,
    task::{ScratchRow, TaskForm, VolumeRow},
    volume::Volume,
};
use leptos::prelude::*;

/// Rows that are empty and can be filled in.
const SPARE: usize = 2;
const PATHS: [&str; 4] = ["/data", "/checkpoints", "/logs", "/output"];

/// `stale`: the file cannot be read, so the fields are not what it says.
pub fn fields(form: &TaskForm, stale: bool, own: &[Volume], classes: &[StorageClass], key: &str) -> AnyView {
    let volumes = form.volumes.iter().cloned().chain((0..SPARE).map(|_| VolumeRow::default()));
    let volumes = volumes.enumerate().map(|(index, row)| volume(index, &row, classes)).collect_view();
    let scratch = form.scratch.iter().cloned().chain((0..SPARE).map(|_| ScratchRow::default()));
    let scratch = scratch.enumerate().map(|(index, row)| scratch_row(index, &row)).collect_view();
    let names = own.iter().map(|volume| view! { <option value=volume.name.clone()>{volume.size().to_string()}</option> }).collect_view();
    view! {
        <form class="sheet card" id="task-fields" method="post" novalidate data-stale=stale.then_some("")>
            <header><h2>"With fields"</h2></header>
            <p class="small quiet">
                {if stale { "The file cannot be read as it stands, so the fields may not show what it says." } else { "They write the file beside them. Its comments are lost when a field is changed." }}
            </p>
            <input type="hidden" name="key" value=key.to_owned()/>
            {text("name", "Name", &form.name, "", "Starts with a letter; letters, digits, - and _; at most 40.")}
            {text("image_id", "Image", &form.image_id, "registry/name:tag", "")}
            <div class="row asks">
                {short("cpus", "Cores", &form.cpus, "1")}
                {short("memory", "Memory", &form.memory, "1Gi")}
                {short("accelerators", "GPUs", &form.accelerators, "0")}
                {short("disk", "Local disk", &form.disk, "1Gi")}
            </div>
            <fieldset class="field">
                <legend>"Volumes"</legend>
                <span class="hint">"What is written there stays. A row with a size is made in the same step, if you have none of that name."</span>
                <datalist id="own-volumes">{names}</datalist>
                <datalist id="task-paths">{PATHS.map(|path| view! { <option value=path></option> })}</datalist>
                {volumes}
            </fieldset>
            <fieldset class="field">
                <legend>"Scratch space"</legend>
                <span class="hint">"Fast, and gone with its pod. In memory it counts against the task's memory; " <code>"/dev/shm"</code> " in memory is what programs share."</span>
                {scratch}
            </fieldset>
            {area("setup", "Set up", &form.setup, 3, "Shell lines that run first, such as what to install.")}
            {area("run", "Run", &form.run, 6, "Shell lines. The task ends with them.")}
            {area("envs", "Variables", &form.envs, 3, "NAME=value, one per line. No passwords: they would stand in the task for its readers. NODE_RANK, NUM_NODES and JOB_COMPLETION_INDEX are there by themselves.")}
            <details class="field">
                <summary>"Several nodes, several runs, time, folder"</summary>
                <div class="row asks">
                    {short("num_nodes", "Nodes", &form.num_nodes, "1")}
                    {short("completions", "Runs", &form.completions, "1")}
                    {short("parallelism", "At a time", &form.parallelism, "all")}
                    {short("retries", "Retries", &form.retries, "0")}
                </div>
                <div class="row asks">
                    {short("time_limit", "Ended after", &form.time_limit, "12h")}
                    {short("keep", "Kept for", &form.keep, "24h")}
                    {short("gpu_type", "GPU product", &form.gpu_type, "any")}
                </div>
                <div class="row asks">
                    {short("requests_cpus", "Cores, at least", &form.requests_cpus, "as above")}
                    {short("requests_memory", "Memory, at least", &form.requests_memory, "as above")}
                    {short("workdir", "Start in", &form.workdir, "/")}
                </div>
            </details>
            <button class="button" id="show-file" name="do" value="show">"Show as file"</button>
        </form>
    }
    .into_any()
}

fn text(name: &'static str, label: &'static str, value: &str, placeholder: &'static str, hint: &'static str) -> impl IntoView + use<> {
    let (id, about) = (format!("f-{name}"), format!("f-{name}-hint"));
    let hint = (!hint.is_empty()).then(|| view! { <span class="hint" id=about.clone()>{hint}</span> });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input class="text" id=id name=name value=value.to_owned() placeholder=placeholder autocomplete="off" spellcheck="false" aria-describedby=hint.is_some().then_some(about)/>
            {hint}
        </div>
    }
}

fn short(name: &'static str, label: &'static str, value: &str, placeholder: &'static str) -> impl IntoView + use<> {
    let id = format!("f-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input class="text" id=id name=name value=value.to_owned() placeholder=placeholder autocomplete="off" spellcheck="false"/>
        </div>
    }
}

fn area(name: &'static str, label: &'static str, value: &str, rows: u32, hint: &'static str) -> impl IntoView + use<> {
    let (id, about) = (format!("f-{name}"), format!("f-{name}-hint"));
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea class="text mono" id=id name=name rows=rows.to_string() autocomplete="off" spellcheck="false" aria-describedby=about.clone()>{typed(value)}</textarea>
            <span class="hint" id=about>{hint}</span>
        </div>
    }
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
