//! What do the words mean? In the order in which people meet them.

use super::frame::{Frame, Section};
use crate::{paths, server};
use leptos::prelude::*;

#[component]
pub fn HelpPage() -> impl IntoView {
    let namespace = server::portal().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    let words = WORDS.map(|(id, word, sentence)| view! { <dt id=id>{word}</dt><dd>{sentence}</dd> });
    view! {
        <Frame title="Help" section=Section::Help>
            <div class="head"><h1>"What the words mean"</h1></div>
            <p class="lead">"You ask for a volume; the cluster finds storage for it; your tasks mount it. These are the words for that, here and in kubectl."</p>
            <section class="sheet card prose">
                <header><h2>"Words"</h2></header>
                <dl class="facts stacked">{words}</dl>
            </section>
            <section class="sheet card prose">
                <header><h2>"Where your files go"</h2></header>
                <p>
                    "A task writes to the path where it mounts the volume: the volume’s own mount path, " <code>"/volumes/"</code>
                    " and its name unless you chose another. What is written there stays when the task ends, until the volume is deleted; then it is gone for good. "
                    "What a task writes anywhere else goes when the task does."
                </p>
                <p>
                    "The bytes lie on the storage of the volume’s class: one node’s disk, or a file system that several nodes share. "
                    <a href=paths::CLASSES>"What each class does"</a>
                </p>
            </section>
            <section class="sheet card prose">
                <header><h2>"With kubectl"</h2></header>
                <p>"Volumes and tasks here are ordinary objects in namespace " <code>{namespace.clone()}</code> ":"</p>
                <pre tabindex="0">{format!("kubectl -n {namespace} get pvc")}</pre>
                <p>"Each volume’s page has the commands for that volume."</p>
            </section>
            <p class="row"><a class="button first" href=paths::NEW_VOLUME>"New volume"</a> <a class="button" href=paths::VOLUMES>"Volumes"</a></p>
        </Frame>
    }
}

/// The anchor, the word, what it means.
const WORDS: [(&str, &str, &str); 9] = [
    ("volume", "Volume", "A place for files that outlives what writes to it. It has a name, a size and an owner: you."),
    (
        "pvc",
        "PVC (PersistentVolumeClaim)",
        "The volume as the cluster knows it: a claim that says how much storage of which class you want. It is called like the volume, with the id behind it.",
    ),
    (
        "pv",
        "PV (PersistentVolume)",
        "The storage that answers a claim: a disk, or a folder on a server. The cluster makes and binds it; looking after it is the administrators’ work.",
    ),
    (
        "class",
        "Storage class",
        "A kind of storage on offer: how fast it is, whether several nodes can share it, whether volumes can grow. It is chosen once, when the volume is made.",
    ),
    (
        "access",
        "Access mode",
        "Who may mount it at the same time. ReadWriteOnce: one node. ReadWriteMany: many nodes write. ReadOnlyMany: many read, nobody writes. ReadWriteOncePod: one pod.",
    ),
    (
        "kind",
        "Kind",
        "Filesystem: mounted as files and folders, as nearly every volume is. Block: a bare disk, for programs that bring their own file system.",
    ),
    (
        "phase",
        "Phase",
        "How far the cluster is. Pending: the storage is not there yet, often because it waits for its first use. Bound: it is there. Lost: it was, and is gone. Terminating: it is being removed.",
    ),
    (
        "task",
        "Task",
        "Work that runs and ends: a pod, or a job that makes pods. It names the volumes that it mounts. Deleting a task leaves its volumes.",
    ),
    (
        "scratch",
        "Scratch",
        "Room that belongs to one pod and goes with it, on the node’s disk or in its memory. Quick and good for temporary files; nothing that you want to keep.",
    ),
];
