//! What does the cluster itself hold about a task? For people who speak Kubernetes.

use super::view::Whose;
use crate::{
    error::ApiError,
    pages::frame::{Frame, cluster_banner},
    server,
    volumes::pages::{param, show},
};
use domain::task::Task;
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
    let page = Suspend::new(async move { show(live(whose, &id).await, |(task, yaml)| yaml_view(whose, &task, yaml)) });
    view! { <Frame title="YAML" section=whose.section()>{page}</Frame> }
}

async fn live(whose: Whose, id: &str) -> Result<(Task, String), ApiError> {
    let owned = match whose {
        Whose::Mine => {
            let (caller, id) = (server::caller()?, server::task_id(id)?);
            caller.owned_task(&id).await?
        }
        Whose::Anybodys => {
            let (admin, id) = (server::admin()?, server::task_id(id)?);
            admin.managed_task(&id).await?
        }
    };
    Ok((owned.task().clone(), owned.yaml()?))
}

fn yaml_view(whose: Whose, task: &Task, yaml: String) -> AnyView {
    view! {
        {whose.crumbs(task, "YAML")}
        <div class="head"><h1>{task.name.clone()} " as YAML"</h1></div>
        {cluster_banner()}
        <p class="lead">"Its variables stand here as they are, also those that its page does not show."</p>
        <section class="sheet card">
            <header><h2>"The Job as the cluster holds it now"</h2></header>
            <pre tabindex="0">{yaml}</pre>
        </section>
    }
    .into_any()
}
