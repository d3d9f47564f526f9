//! Where are a task's files, what does it find, and what are the flags of the command lines here?

use crate::paths;
use leptos::prelude::*;

pub fn cards() -> impl IntoView {
    view! { {first()} {files()} {variables()} {secrets()} {buckets()} {flags()} }
}

fn template(slug: &str) -> String {
    paths::with_query(paths::NEW_TASK, &[("template", slug)])
}

/// The exercise of the storage tutorial, step by step.
fn first() -> impl IntoView {
    view! {
        <section class="sheet card prose" id="first">
            <header><h2>"A first hour"</h2></header>
            <ol>
                <li><a href=template("interactive")>"Look around"</a>" in a task with scratch space on disk and in memory; its log shows the file systems, its page what each is."</li>
                <li><a href="/volumes/new?preset=workshop">"Ask for a volume"</a>" that several nodes share, and watch its events until it is bound."</li>
                <li><a href=template("sweep")>"Run a parameter sweep"</a>" of four into it. Each run has a folder of its own."</li>
                <li><a href=template("analyse")>"Look at the results"</a>" from another task, which only reads."</li>
                <li>"Run the sweep again from its page: the name is the same, the files of the first run are still there, and the volume’s page shows both."</li>
                <li><a href=template("sweep-scratch")>"Run the sweep without a volume"</a>" and see that nothing is kept."</li>
                <li>"Stop what still runs. Tasks that have ended need nothing more."</li>
            </ol>
        </section>
    }
}

fn files() -> impl IntoView {
    let place = |(id, place, sentence): (&'static str, &'static str, &'static str)| view! { <dt id=id>{place}</dt><dd>{sentence}</dd> };
    view! {
        <section class="sheet card prose" id="files">
            <header><h2>"Where your files go"</h2></header>
            <dl class="facts stacked">{PLACES.map(place)}</dl>
            <p>
                "Each task’s page says what is where in it. Volumes lie on the storage of their class: one node’s disk, or a file system that several nodes share. "
                <a href=paths::CLASSES>"What each class does"</a>
            </p>
        </section>
    }
}

/// The anchor, the place, what becomes of what is written there.
const PLACES: [(&str, &str, &str); 6] = [
    (
        "on-a-volume",
        "Where a volume is mounted",
        "The volume’s own mount path, /volumes/ and its name unless you chose another. What is written there stays when the task ends, until the volume is deleted; then it is gone for good. Everything else goes when the task does.",
    ),
    (
        "in-the-image",
        "In the image, and in /tmp",
        "A task may write nearly anywhere there, but the space is small: its “local disk”. It lies on the node’s own disk, where a task that writes more than it asked for is ended; and when the node runs out, those that use most are ended first.",
    ),
    (
        "scratch-on-disk",
        "Scratch space on disk",
        "More room, and faster than shared storage: a folder on the node’s disk for this one pod. For unpacked archives, staging, what can be made again.",
    ),
    (
        "scratch-in-memory",
        "Scratch space in memory",
        "Fastest, no disk is in the way. For builds, caches, session data, many small files. It counts against the task’s memory, is lost with its pod, cannot be backed up, and no other task sees it: what is to be handed on belongs on a volume.",
    ),
    (
        "shared-memory",
        "/dev/shm",
        "The memory that processes of one pod share: 64 MiB, too little for many data loaders. Scratch space “in memory, as shared memory” makes it as large as you ask.",
    ),
    (
        "many-files",
        "Very many small files",
        "Shared file systems are slow with them, also for everybody else: each file costs several round trips. Keep them packed (tar, zip, WebDataset) on the volume, and unpack them into scratch space.",
    ),
];

fn variables() -> impl IntoView {
    view! {
        <section class="sheet card prose" id="variables">
            <header><h2>"What a task finds"</h2></header>
            <dl class="facts stacked">{VARIABLES.map(|(name, sentence)| view! { <dt class="mono">{name}</dt><dd>{sentence}</dd> })}</dl>
            <p>"Setup and run are lines of one shell, which ends at the first command that fails. A task ends by itself after its time limit."</p>
        </section>
    }
}

const VARIABLES: [(&str, &str); 4] = [
    ("NODE_RANK", "With several nodes: the number of this one, from 0. The log has a page for each."),
    ("NUM_NODES", "How many nodes there are."),
    ("NODE_PEERS", "The names of all nodes of the task, one per line, in the order of their ranks."),
    ("JOB_COMPLETION_INDEX", "In a sweep: the number of this run, from 0. Choose the parameter and the folder by it."),
];

fn secrets() -> impl IntoView {
    view! {
        <section class="sheet card prose" id="secrets">
            <header><h2>"Passwords and keys"</h2></header>
            <p>
                "Put them in as a "<a href=paths::NEW_SECRET>"Secret"</a>": a name, and keys with values. Nobody reads a value back, not in this portal; "
                "you can set all of them anew, or delete the Secret. It is yours alone: other people’s tasks cannot read it, even if theirs has the same name."
            </p>
            <p>"A task names the variable and where it comes from, with fields or in its file:"</p>
            <pre tabindex="0">"secrets:\n  AWS_ACCESS_KEY_ID: s3/ACCESS_KEY\n  AWS_SECRET_ACCESS_KEY: s3/SECRET_KEY"</pre>
            <p>"Your program finds it in its environment. Whoever can read the task’s log reads what your program writes there: do not print it."</p>
        </section>
    }
}

fn buckets() -> impl IntoView {
    view! {
        <section class="sheet card prose" id="buckets">
            <header><h2>"Buckets (S3)"</h2></header>
            <p>
                "Object storage is reached from tasks as well as from outside, and grows as you like: good for large inputs and for what others shall fetch. "
                "Inputs come either way: fetched "<a href=template("s3")>"just in time into scratch space"</a>" by the task that needs them, or "
                <a href=template("pipeline-1")>"once onto a volume"</a>" that many tasks then read. Any tool of your image does: curl, wget, scp, rclone."
            </p>
            <p>
                "For PyTorch there is a "
                <a href="https://github.com/awslabs/s3-connector-for-pytorch" rel="noreferrer">"connector"</a>
                " that streams from a bucket and writes checkpoints into it, without a copy in between."
            </p>
            <p>
                "Keys never belong into a task file or into its variables, where whoever may read the task reads them: put them in as a "
                <a href=paths::NEW_SECRET>"Secret"</a> ", and begin with "<a href=template("s3-keys")>"the task for your own bucket"</a>"."
            </p>
        </section>
    }
}

/// 2.96
fn flags() -> impl IntoView {
    let row = |(flag, here): (&'static str, &'static str)| view! { <tr><th scope="row" class="mono">{flag}</th><td class="wrap">{here}</td></tr> };
    view! {
        <section class="sheet card prose" id="flags">
            <header><h2>"Flags of other tools"</h2></header>
            <p>"Who comes from a command line finds its flags here:"</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Flags and where they are here">
                <table>
                    <thead><tr><th scope="col">"Flag"</th><th scope="col">"Here"</th></tr></thead>
                    <tbody>{FLAGS.map(row)}</tbody>
                </table>
            </div>
        </section>
    }
}

const FLAGS: [(&str, &str); 12] = [
    ("--volume", "A row of volumes: path and name. As many as you like"),
    ("--type=memory", "Scratch space in memory; a volume is always kept"),
    ("--size", "The size of a new volume, or of scratch space"),
    ("--env", "Variables"),
    ("--max-cpu", "Cores"),
    ("--max-memory", "Memory"),
    ("--runtime", "Image: what is to be there at the start is in it, or comes by setup"),
    ("--upload, --upload-dir", "Small files in the task itself; data come by a task that fetches them onto a volume"),
    ("--network", "None: who may reach whom is set for the whole cluster by its administrators"),
    ("--schedule", "None: a program may submit a task through the REST API whenever it likes"),
    ("--json", "Every list and every page is there through the REST API, as JSON"),
    ("--force", "Force of the delete call: without the question, never past owner or use"),
];
