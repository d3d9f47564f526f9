//! What was asked for with it, and how is the same seen by other means?

use super::super::{list::gpus, view::Whose};
use crate::{
    paths, server,
    ui::{copy::CopyButton, time::age},
};
use domain::{
    task::{Task, secret::is_secret},
    text,
};
use leptos::prelude::*;
use serde_json::Value;

fn ended_after(task: &Task, limit: i64) -> String {
    let when = task.ends_by().map(|end| format!(", so by {}", text::date(end))).unwrap_or_default();
    format!("{} at the latest{when}", text::age(0, limit))
}

fn times(retries: u64) -> String {
    if retries == 1 { "once, if it fails".to_owned() } else { format!("up to {retries} times, if it fails") }
}

pub fn facts(task: &Task, resources: String, workdir: Option<String>, file: &str, whose: Whose, now: i64) -> AnyView {
    // What is not there, or not as it was written, is not shown.
    let asked: Value = serde_json::from_str(file).unwrap_or_default();
    let retries = asked["retries"].as_u64().unwrap_or_default();
    let resources = if resources.is_empty() { gpus(task) } else { resources };
    let owner = match (whose, &task.owner_subject) {
        (Whose::Mine, _) => None,
        (Whose::Anybodys, Some(subject)) => {
            Some(view! { {task.username.clone()} <span class="under mono">{subject.clone()}</span> }.into_any())
        }
        (Whose::Anybodys, None) => Some(view! { "unclaimed: no person provably owns it" }.into_any()),
    };
    view! {
        <dl class="facts">
            <dt>"Nodes"</dt>
            <dd>{task.nodes}</dd>
            {(task.completions > task.nodes).then(|| view! { <dt>"Runs"</dt><dd>{task.completions} {asked["parallelism"].as_u64().map(|most| format!(", {most} at a time"))}</dd> })}
            <dt>"Each has"</dt>
            <dd>{resources}</dd>
            <dt>"Image"</dt>
            <dd class="mono">{task.image.clone()}</dd>
            {task.time_limit.map(|limit| view! { <dt>"Ended after"</dt><dd>{ended_after(task, limit)}</dd> })}
            {(retries > 0).then(|| view! { <dt>"Tried again"</dt><dd>{times(retries)}</dd> })}
            {asked["keep"].as_i64().map(|keep| view! { <dt>"Its Job stays"</dt><dd>{text::age(0, keep)} " after its end; this page stays longer"</dd> })}
            {workdir.map(|workdir| view! { <dt>"Starts in"</dt><dd class="mono">{workdir}</dd> })}
            {owner.map(|owner| view! { <dt>"Owner"</dt><dd>{owner}</dd> })}
            <dt>"Id"</dt>
            <dd class="mono">{task.id.to_string()} " " <CopyButton text=task.id.to_string()/></dd>
            <dt>"Job"</dt>
            <dd class="mono">{task.job.clone()}</dd>
            <dt>"Submitted"</dt>
            <dd>{text::date(task.submitted)} <span class="under">{age(task.submitted, now)} " ago"</span></dd>
        </dl>
    }
    .into_any()
}

pub fn variable((name, value): (String, String)) -> impl IntoView {
    let value = if is_secret(&name) {
        view! { <dd><span class="quiet">"not shown: its name looks like a secret's"</span></dd> }.into_any()
    } else {
        view! { <dd class="mono">{value}</dd> }.into_any()
    };
    view! { <dt class="mono">{name}</dt> {value} }
}

/// Which Secret it is; its value nobody has here.
pub fn from_secret((name, from): (String, String)) -> impl IntoView {
    view! { <dt class="mono">{name}</dt> <dd>"from Secret " <span class="mono">{from}</span></dd> }
}

pub fn ways(task: &Task, is_kept: bool) -> impl IntoView + use<> {
    let portal = server::portal().ok();
    let namespace = portal.as_ref().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    let site = portal.map(|portal| portal.site.url).unwrap_or_default();
    let (job, id) = (&task.job, &task.id);
    let api = format!("{site}{}/{id}", paths::API_TASKS);
    let bearer = "curl -H \"Authorization: Bearer $STOWAGE_TOKEN\"";
    let kubectl = format!(
        "kubectl -n {namespace} describe job {job}\nkubectl -n {namespace} get pods -l batch.kubernetes.io/job-name={job}\nkubectl -n {namespace} get events --sort-by=.metadata.creationTimestamp --field-selector involvedObject.name={job}\nkubectl -n {namespace} logs -f job/{job} --all-pods --prefix\nkubectl -n {namespace} delete job {job}"
    );
    let stop = if is_kept { String::new() } else { format!("{bearer} -X POST {api}/stop\n") };
    let rest = format!("{bearer} {api}\n{bearer} {api}/logs\n{stop}{bearer} -X DELETE {api}");
    view! {
        {(!is_kept).then(|| view! { <details><summary>"With kubectl"</summary><pre tabindex="0">{kubectl}</pre></details> })}
        <details><summary>"With the REST API"</summary><pre tabindex="0">{rest}</pre></details>
    }
}
