//! Which Secrets does a person have, and what happens to one? Names and keys; what is in them is on none of these pages.

use super::{
    actions::secret_name,
    form::{For, secret_form},
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, Section, cluster_banner},
    parts::Follow,
    paths,
    server::{self, Refused},
    ui::{icon, time::age},
    volumes::pages::{notice, param, query, show},
};
use domain::{
    problem::Problem,
    secret::{Secret, SecretForm},
    task::{SeenForm, Task},
};
use leptos::prelude::*;
use leptos_meta::Title;
use std::collections::BTreeSet;

type Using = Vec<(Task, BTreeSet<String>)>;

/// The address stays in the history; the news does not. Seconds.
const FRESH: i64 = 60;

#[component]
pub fn SecretsPage() -> impl IntoView {
    let news = news();
    let page = Suspend::new(async move {
        show(read().await, |(secrets, using, revision)| {
            view! {
                <div class="head">
                    <h1>"Secrets"</h1>
                    <div class="push"><a class="button first" href=paths::NEW_SECRET>{icon("plus")}"New Secret"</a></div>
                </div>
                <p class="lead">"Passwords and keys that your tasks read as variables. They go in and are never shown again: not to you, not to administrators of this portal, not to a program. In a task you name them below “Variables from Secrets”."</p>
                {cluster_banner()}
                {news}
                <Follow stream=paths::LIVE.to_owned() revision=revision list=paths::SECRETS/>
                <div data-part="secrets">{if secrets.is_empty() { none().into_any() } else { table(&secrets, &using).into_any() }}</div>
            }
        })
    });
    view! { <Frame title="Secrets" section=Section::Secrets>{page}</Frame> }
}

async fn read() -> Result<(Vec<Secret>, Using, String), ApiError> {
    let caller = server::caller()?;
    let revision = caller.changes().borrow().to_string();
    Ok((caller.secrets().await?, caller.tasks_with_secrets()?, revision))
}

/// What was done a moment ago, if anything was.
fn news() -> Option<AnyView> {
    let at: i64 = query("at").parse().ok()?;
    if !(0..FRESH).contains(&server::now().saturating_sub(at)) {
        return None;
    }
    let (heading, sentence) = match query("done").as_str() {
        "created" => ("The Secret is stored", "Name it in a task: a variable, and the Secret with the key that it comes from."),
        "replaced" => ("The values are replaced", "What starts from now on reads the new ones. What runs keeps what it has read."),
        "deleted" => ("The Secret is deleted", "What runs keeps what it has read; what has yet to start with it cannot."),
        _ => return None,
    };
    Some(notice(heading, sentence).into_any())
}

fn none() -> impl IntoView {
    view! {
        <div class="sheet empty">
            <h2>"No Secrets yet"</h2>
            <p>"Put in what a task needs to reach a bucket, a registry of models or a database, in the place of a password in its file."</p>
            <a class="button first" href=paths::NEW_SECRET>"New Secret"</a>
        </div>
    }
}

fn table(secrets: &[Secret], using: &Using) -> impl IntoView + use<> {
    let now = server::now();
    let row = |secret: &Secret| {
        let name = secret.name.to_string();
        let keys: Vec<&str> = secret.keys.iter().map(|key| key.as_str()).collect();
        let incomplete = secret.is_incomplete.then(|| {
            view! { <span class="status bad">{icon("failed")} <span>"Its values are missing"</span></span> <span class="under">"Replace them, or delete it."</span> }
        });
        view! {
            <tr role="row">
                <th scope="row" role="rowheader" class="wrap">{name.clone()}</th>
                <td role="cell" class="wrap" data-label="Keys"><span class="mono">{keys.join(", ")}</span> {incomplete}</td>
                <td role="cell" data-label="Set"><span>{age(secret.set, now)} " ago"</span></td>
                <td role="cell" class="wrap" data-label="Read by"><span>{tasks(secret, using, |task| !task.state.is_over()).unwrap_or_else(|| view! { <span class="quiet">"no task that runs"</span> }.into_any())}</span></td>
                <td role="cell">
                    <div class="row">
                        <a class="button" href=paths::replace_secret(&name)>"Replace" <span class="unseen">" the values of " {name.clone()}</span></a>
                        <a class="button danger" href=paths::delete_secret(&name)>"Delete" <span class="unseen">" " {name.clone()}</span></a>
                    </div>
                </td>
            </tr>
        }
    };
    view! {
        <div class="sheet scroll" tabindex="0" role="region" aria-label="Secrets">
            <table class="labelled" role="table" aria-label="Secrets">
                <thead role="rowgroup">
                    <tr role="row">{["Name", "Keys", "Set", "Read by", "Act"].map(|head| view! { <th scope="col" role="columnheader">{head}</th> })}</tr>
                </thead>
                <tbody role="rowgroup">{secrets.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// The tasks that read a Secret, as links; nothing if there are none.
fn tasks(secret: &Secret, using: &Using, which: impl Fn(&Task) -> bool) -> Option<AnyView> {
    let reads = using.iter().filter(|(task, names)| names.contains(secret.name.as_str()) && which(task));
    let links: Vec<_> = reads.map(|(task, _)| view! { <a class="chip" href=paths::task(&task.id)>{task.name.clone()}</a> " " }).collect();
    (!links.is_empty()).then(|| links.into_any())
}

#[component]
pub fn NewSecretPage() -> impl IntoView {
    let refused = use_context::<Refused<SecretForm>>();
    let page = show(server::caller(), |_| {
        let (form, problem) = parts(refused);
        view! {
            {failed(problem.as_ref(), "New Secret")}
            <p class="crumbs"><a href=paths::SECRETS>"Secrets"</a> " / New"</p>
            <div class="head"><h1>"New Secret"</h1></div>
            {cluster_banner()}
            <div class="narrow">{secret_form(For::New, &form, &[], problem.as_ref())}</div>
        }
    });
    view! { <Frame title="New Secret" section=Section::Secrets>{page}</Frame> }
}

#[component]
pub fn ReplaceSecretPage() -> impl IntoView {
    let refused = use_context::<Refused<SecretForm>>();
    let name = param("name");
    let page = Suspend::new(async move {
        show(one(&name).await, |(secret, _)| {
            let (form, problem) = parts(refused);
            // What is replaced is what is seen now.
            let form = SecretForm { uid: secret.uid.clone(), ..form };
            let keys: Vec<String> = secret.keys.iter().map(ToString::to_string).collect();
            let title = format!("Replace the values of {}", secret.name);
            view! {
                {failed(problem.as_ref(), "Replace values")}
                <p class="crumbs"><a href=paths::SECRETS>"Secrets"</a> " / " {secret.name.to_string()}</p>
                <div class="head"><h1>{title}</h1></div>
                {cluster_banner()}
                <p class="lead">"What runs keeps what it has read. What starts afterwards, also the next run of a sweep, reads the new values."</p>
                <div class="narrow">{secret_form(For::NewValues, &form, &keys, problem.as_ref())}</div>
            }
        })
    });
    view! { <Frame title="Replace values" section=Section::Secrets>{page}</Frame> }
}

#[component]
pub fn DeleteSecretPage() -> impl IntoView {
    let refused = use_context::<Refused<SeenForm>>();
    let name = param("name");
    let page = Suspend::new(async move {
        show(one(&name).await, |(secret, using)| {
            let problem = refused.map(|refused| refused.problem);
            let running = tasks(&secret, &using, |task| !task.state.is_over());
            let over = tasks(&secret, &using, |task| task.state.is_over());
            let name = secret.name.to_string();
            view! {
                {failed(problem.as_ref(), "Delete Secret")}
                <p class="crumbs"><a href=paths::SECRETS>"Secrets"</a> " / " {name.clone()}</p>
                <div class="head"><h1>{format!("Delete {name}?")}</h1></div>
                {cluster_banner()}
                {problem.map(|problem| view! { <section class="cause bad" role="alert">{icon("failed")}<div><h2>"It was not deleted"</h2><p>{problem.message}</p></div></section> })}
                <form class="sheet card narrow" method="post">
                    <input type="hidden" name="uid" value=secret.uid.clone()/>
                    <div class="field">
                        <p>"Its values cannot be read back from anywhere. Tasks that name it can no longer be submitted, until you put it in again under the same name."</p>
                        {match running {
                            Some(running) => view! { <p>"These tasks read it and are not over: " {running} " What runs keeps what it has read. A pod that has yet to start with it will wait, and start when it is there again."</p> }.into_any(),
                            None => view! { <p>"No task that is under way reads it."</p> }.into_any(),
                        }}
                        {over.map(|over| view! { <p>"These are over and read it; to run them again it must be there: " {over}</p> })}
                    </div>
                    <div class="row">
                        <button class="button danger">"Delete Secret"</button>
                        <a class="button" href=paths::SECRETS>"Cancel"</a>
                    </div>
                </form>
            }
        })
    });
    view! { <Frame title="Delete Secret" section=Section::Secrets>{page}</Frame> }
}

async fn one(name: &str) -> Result<(Secret, Using), ApiError> {
    let caller = server::caller()?;
    let name = secret_name(name).map_err(|problem| server::fail(problem.into()))?;
    Ok((caller.secret(&name).await?, caller.tasks_with_secrets()?))
}

fn parts(refused: Option<Refused<SecretForm>>) -> (SecretForm, Option<Problem>) {
    refused.map_or_else(Default::default, |refused| (refused.form, Some(refused.problem)))
}

/// The status and the title of an answer that says no.
fn failed(problem: Option<&Problem>, title: &'static str) -> Option<impl IntoView + use<>> {
    problem.map(|problem| {
        server::set_status(problem.code);
        view! { <Title text=format!("Error: {title} · Stowage")/> }
    })
}
