//! What do the words mean, and where do files go? In the order in which people meet them.
//!
//! | Module | Answers |
//! |---|---|
//! | `words` | what does each word mean |
//! | `tasks` | where are a task's files, what does it find, and what are the flags of the command lines here |

mod tasks;
mod words;

use super::frame::{Frame, Section};
use crate::{paths, server};
use leptos::prelude::*;

#[component]
pub fn HelpPage() -> impl IntoView {
    let namespace = server::portal().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    view! {
        <Frame title="Help" section=Section::Help>
            <div class="head"><h1>"What the words mean"</h1></div>
            <p class="lead">"You ask for a volume; the cluster finds storage for it; your tasks mount it. These are the words for that, here and in kubectl."</p>
            <nav class="presets" aria-label="On this page">
                <p>"On this page:" {ON_THIS_PAGE.map(|(id, heading)| view! { " " <a class="chip" href=format!("#{id}")>{heading}</a> })}</p>
            </nav>
            {words::card()}
            {tasks::cards()}
            <section class="sheet card prose" id="task-files">
                <header><h2>"Files of a task"</h2></header>
                <p>
                    "A task file says what to run and with which volumes. " <a href=paths::NEW_TASK>"New task"</a> " completes and checks it while you type; "
                    <a href=paths::API_TASK_SCHEMA>"its schema"</a> " does the same in your own editor. Small scripts can be attached beside it: the task finds them in "
                    <code>"/task/files"</code> " and they go with it. Data belongs on a volume."
                </p>
            </section>
            <section class="sheet card prose" id="kubectl">
                <header><h2>"With kubectl"</h2></header>
                <p>"Volumes and tasks here are ordinary objects in namespace " <code>{namespace.clone()}</code> ":"</p>
                <pre tabindex="0">{format!("kubectl -n {namespace} get pvc\nkubectl -n {namespace} get jobs -l skypilot-task=true")}</pre>
                <p>"Each volume’s page and each task’s page has the commands for it."</p>
            </section>
            <p class="row"><a class="button first" href=paths::NEW_VOLUME>"New volume"</a> <a class="button" href=paths::NEW_TASK>"New task"</a></p>
        </Frame>
    }
}

/// The anchor and the heading of each card.
const ON_THIS_PAGE: [(&str, &str); 7] = [
    ("words", "Words"),
    ("first", "A first hour"),
    ("files", "Where your files go"),
    ("variables", "What a task finds"),
    ("buckets", "Buckets"),
    ("flags", "Flags of other tools"),
    ("kubectl", "With kubectl"),
];
