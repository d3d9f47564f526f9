//! What does the cluster itself hold about a task? For people who speak Kubernetes.

use super::{
    source::{Found, REMOVED, Source},
    view::Whose,
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, cluster_banner},
    server,
    ui::icon,
    volumes::pages::{param, show},
};
use domain::task::{Task, TaskRecord};
use leptos::prelude::*;

#[component]
pub fn YamlPage() -> impl IntoView {
    page(Whose::Mine)
}

/// The same for anybody's task. Administrators only.
#[component]
pub fn AnyYamlPage() -> impl IntoView {
    page(Whose::Anybodys)
}

fn page(whose: Whose) -> impl IntoView {
    let id = param("id");
    let page = Suspend::new(async move { show(read(whose, &id).await, |manifest| yaml_view(whose, manifest)) });
    view! { <Frame title="YAML" section=whose.section()>{page}</Frame> }
}

/// A Job in YAML, and where it comes from.
struct Manifest {
    task: Task,
    /// Empty if it was gone too soon.
    yaml: String,
    is_kept: bool,
}

async fn read(whose: Whose, id: &str) -> Result<Manifest, ApiError> {
    let (source, portal, id) = (Source::of(whose)?, server::portal()?, server::task_id(id)?);
    let TaskRecord { task, yaml, .. } = match source.find(&portal, &id).await? {
        Found::Kept(record) => record,
        Found::Live(_) => {
            let owned = match &source {
                Source::Mine(caller) => caller.owned_task(&id).await?,
                Source::Anybodys(admin) => admin.managed_task(&id).await?,
            };
            return Ok(Manifest { task: owned.task().clone(), yaml: owned.yaml()?, is_kept: false });
        }
    };
    Ok(Manifest { task, yaml, is_kept: true })
}

fn yaml_view(whose: Whose, manifest: Manifest) -> AnyView {
    let Manifest { task, yaml, is_kept } = manifest;
    let heading = if is_kept { "The Job as the cluster last held it" } else { "The Job as the cluster holds it now" };
    view! {
        {whose.crumbs(&task, "YAML")}
        <div class="head"><h1>{task.name.clone()} " as YAML"</h1></div>
        {cluster_banner()}
        {is_kept.then(|| view! { <p class="hint" id="removed">{icon("info")} " " {REMOVED}</p> })}
        <p class="lead">"Its variables stand here as they are, also those that its page does not show."</p>
        <section class="sheet card">
            <header><h2>{heading}</h2></header>
            {if yaml.is_empty() {
                view! { <p class="quiet">"It was gone before it could be read."</p> }.into_any()
            } else {
                view! { <pre tabindex="0">{yaml}</pre> }.into_any()
            }}
        </section>
    }
    .into_any()
}
