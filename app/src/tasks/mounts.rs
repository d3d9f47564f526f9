//! What is where in a task, and what of it stays? Its volumes, its scratch space, and what every container has.

use super::view::Whose;
use domain::{task::TaskMount, volume::Volume};
use leptos::prelude::*;
use serde_json::Value;

/// Every path that matters, and whether it outlives the task.
pub fn table(mounts: &[TaskMount], file: &str, volumes: &[Volume], whose: Whose) -> impl IntoView + use<> {
    let of_volumes = mounts.iter().map(|mount| volume(mount, volumes, whose)).collect_view();
    let asked: Value = serde_json::from_str(file).unwrap_or_default();
    let scratch: Vec<(String, String, bool)> = asked["scratch"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(path, scratch)| {
            let size = scratch["size"].as_str().unwrap_or_default();
            let size = domain::quantity::Size::from_kubernetes(size).map_or_else(|| size.to_owned(), |size| size.rounded());
            (path.clone(), size, scratch["medium"] == "memory")
        })
        .collect();
    let has_shm = scratch.iter().any(|(path, ..)| path == "/dev/shm");
    let of_scratch = scratch
        .into_iter()
        .map(|(path, size, memory)| {
            let what = match (path.as_str(), memory) {
                ("/dev/shm", true) => format!("Shared memory, {size}: counts against its memory"),
                (_, true) => format!("Scratch in memory, {size}: fast, and counts against its memory"),
                (_, false) => format!("Scratch on the node's disk, {size}: a file system of its own"),
            };
            line(path, what, "Gone when its pod is")
        })
        .collect_view();
    let shm = (!has_shm).then(|| {
        line(
            "/dev/shm".into(),
            "Shared memory, 64 MiB: ask for scratch of kind memory here if that is too small".into(),
            "Gone when its pod is",
        )
    });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="What is where in the task">
            <table>
                <thead><tr><th scope="col">"Path"</th><th scope="col">"What it is"</th><th scope="col">"Stays"</th></tr></thead>
                <tbody>
                    {of_volumes} {of_scratch} {shm}
                    {line("everything else".into(), "The image's own files and what is written beside them, such as /tmp; on the node's disk".into(), "Gone when its pod is")}
                </tbody>
            </table>
        </div>
    }
}

fn volume(mount: &TaskMount, volumes: &[Volume], whose: Whose) -> AnyView {
    let known = volumes.iter().find(|volume| volume.claim == mount.claim);
    let what = match known {
        Some(volume) => {
            let sizes = format!(" {}", volume.size().rounded());
            view! { <a href=whose.volume(volume)>{volume.name.clone()}</a> <span class="quiet">{sizes}</span> }.into_any()
        }
        None => view! { <span class="mono">{mount.claim.clone()}</span> <span class="under">"is not among the volumes any more"</span> }
            .into_any(),
    };
    let read_only = mount.read_only.then(|| view! { " " <span class="chip">"read-only"</span> });
    let stays = if known.is_some() { "Stays" } else { "Gone" };
    view! { <tr><th scope="row" class="mono wrap">{mount.path.clone()}</th><td class="wrap">{what}{read_only}</td><td>{stays}</td></tr> }
        .into_any()
}

fn line(path: String, what: String, stays: &'static str) -> impl IntoView {
    view! { <tr><th scope="row" class="mono wrap">{path}</th><td class="wrap">{what}</td><td class="wrap">{stays}</td></tr> }
}
