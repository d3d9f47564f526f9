//! What is where in a task, and what of it stays? Its volumes, its scratch space, and what every container has.

use super::view::Whose;
use domain::{
    quantity::Size,
    task::{Task, TaskMount, TaskScratch},
    volume::Volume,
};
use leptos::prelude::*;
use serde_json::Value;

const SHM: &str = "/dev/shm";
/// What container runtimes give where nothing else is asked for (opencontainers/runc, `specconv`).
const SHM_USUAL: &str = "64 Mi";

/// Every path that matters, what it is, how large, and whether it outlives the task. `file` is what was asked for, as JSON.
pub fn table(task: &Task, file: &str, volumes: &[Volume], whose: Whose) -> impl IntoView + use<> {
    let of_volumes = task.mounts.iter().map(|mount| volume(mount, volumes, whose)).collect_view();
    let of_scratch = task.scratch.iter().map(scratch).collect_view();
    let is_at = |path: &str| task.scratch.iter().any(|scratch| scratch.path == path) || task.mounts.iter().any(|mount| mount.path == path);
    let shm = (!is_at(SHM)).then(|| {
        line(
            SHM,
            "Shared memory of its programs. Too small for some: scratch space in memory at this path makes it larger".into(),
            SHM_USUAL.into(),
            GONE,
        )
    });
    let asked: Value = serde_json::from_str(file).unwrap_or_default();
    let disk = asked["resources"]["disk"].as_str().and_then(Size::from_kubernetes);
    let root = if is_at("/tmp") { "/ and all else" } else { "/, /tmp and all else" };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="What is where in the task">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Path"</th>
                        <th scope="col">"What it is"</th>
                        <th scope="col" class="num">"Size, at its end"</th>
                    </tr>
                </thead>
                <tbody>
                    {of_volumes} {of_scratch} {shm}
                    {line(root, "One file system on the node’s disk: the image’s own files and what is written beside the mounts. Whoever writes more is ended".into(), rounded(disk), GONE)}
                </tbody>
            </table>
        </div>
    }
}

const GONE: &str = "gone";

fn rounded(size: Option<Size>) -> String {
    size.map(|size| size.rounded()).unwrap_or_default()
}

fn scratch(scratch: &TaskScratch) -> AnyView {
    let what = match (scratch.path.as_str(), scratch.in_memory) {
        (SHM, true) => "Shared memory of its programs, as large as was asked for; counts against its memory",
        (_, true) => "Scratch space in memory: fastest, and counts against its memory",
        (_, false) => "Scratch space on the node’s disk, a file system apart from /",
    };
    line(&scratch.path, what.to_owned(), rounded(scratch.size), GONE)
}

fn volume(mount: &TaskMount, volumes: &[Volume], whose: Whose) -> AnyView {
    let known = volumes.iter().find(|volume| volume.claim == mount.claim);
    let what = match known {
        Some(volume) => view! { "Volume " <a href=whose.volume(volume)>{volume.name.clone()}</a> }.into_any(),
        None => view! { <span class="mono">{mount.claim.clone()}</span> <span class="under">"is not among the volumes any more"</span> }
            .into_any(),
    };
    let read_only = mount.read_only.then(|| view! { " " <span class="chip">"read-only"</span> });
    let stays = if known.is_some() { view! { <b>"stays"</b> }.into_any() } else { GONE.into_any() };
    view! {
        <tr>
            <th scope="row" class="mono wrap">{mount.path.clone()}</th>
            <td class="wrap">{what}{read_only}</td>
            <td class="num">{rounded(known.map(|volume| volume.size()))} <span class="under">{stays}</span></td>
        </tr>
    }
    .into_any()
}

fn line(path: &str, what: String, size: String, stays: &'static str) -> AnyView {
    view! { <tr><th scope="row" class="mono wrap">{path.to_owned()}</th><td class="wrap">{what}</td><td class="num">{size} <span class="under">{stays}</span></td></tr> }
        .into_any()
}
