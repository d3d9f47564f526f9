//! What does each word mean?

use leptos::prelude::*;

pub fn card() -> impl IntoView {
    let words = WORDS.map(|(id, word, sentence)| view! { <dt id=id>{word}</dt><dd>{sentence}</dd> });
    view! {
        <section class="sheet card prose" id="words">
            <header><h2>"Words"</h2></header>
            <dl class="facts stacked">{words}</dl>
        </section>
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
