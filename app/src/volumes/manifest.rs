//! What does the cluster itself hold, and how is the same done with kubectl? For people who speak Kubernetes.

use super::{
    change::Whose,
    pages::{param, show},
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, cluster_banner},
    server,
};
use domain::{name::VolumeId, volume::Volume};
use leptos::prelude::*;
use serde_json::Value;

#[component]
pub fn YamlPage() -> impl IntoView {
    let id = param("id");
    let page = Suspend::new(async move { show(own(&id).await, |(volume, live, yaml)| yaml_view(Whose::Mine, &volume, &live, yaml)) });
    view! { <Frame title="YAML" section=Whose::Mine.section()>{page}</Frame> }
}

/// The same for anybody's volume. Administrators only.
#[component]
pub fn AnyYamlPage() -> impl IntoView {
    let id = param("id");
    let page = Suspend::new(async move { show(any(&id).await, |(volume, live, yaml)| yaml_view(Whose::Anybodys, &volume, &live, yaml)) });
    view! { <Frame title="YAML" section=Whose::Anybodys.section()>{page}</Frame> }
}

async fn own(id: &str) -> Result<(Volume, Value, String), ApiError> {
    let (caller, id): (_, VolumeId) = (server::caller()?, server::volume_id(id)?);
    let live = caller.manifest(&id).await?;
    let yaml = cluster::yaml(&live)?;
    Ok((caller.volume(&id)?.volume, live, yaml))
}

async fn any(id: &str) -> Result<(Volume, Value, String), ApiError> {
    let (admin, id): (_, VolumeId) = (server::admin()?, server::volume_id(id)?);
    let live = admin.manifest(&id).await?;
    let yaml = cluster::yaml(&live)?;
    Ok((admin.volume(&id)?.volume, live, yaml))
}

fn yaml_view(whose: Whose, volume: &Volume, live: &Value, yaml: String) -> AnyView {
    let namespace = server::portal().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    let storage = live["spec"]["volumeName"].as_str().filter(|_| whose == Whose::Anybodys).map(str::to_owned);
    view! {
        {whose.crumbs(volume, "YAML")}
        <div class="head"><h1>{volume.name.clone()} " as YAML"</h1></div>
        {cluster_banner()}
        <div class="cols">
            <section class="sheet card">
                <header><h2>"As the cluster holds it now"</h2></header>
                <pre tabindex="0">{yaml}</pre>
            </section>
            <section class="sheet card">
                <header><h2>"The same with kubectl"</h2></header>
                <dl class="facts stacked">
                    {commands(&namespace, volume, storage.as_deref()).into_iter().map(|(what, command)| view! { <dt>{what}</dt><dd><pre tabindex="0">{command}</pre></dd> }).collect_view()}
                </dl>
            </section>
        </div>
    }
    .into_any()
}

/// What kubectl does for each thing that the portal does. The name of the storage behind it is for administrators.
fn commands(namespace: &str, volume: &Volume, storage: Option<&str>) -> Vec<(&'static str, String)> {
    let claim = &volume.claim;
    let on = format!("kubectl -n {namespace}");
    let double = domain::quantity::Size::from_bytes(volume.size().bytes().saturating_mul(2));
    let mut commands = vec![
        ("Read it", format!("{on} get pvc {claim} -o yaml")),
        ("Explain it", format!("{on} describe pvc {claim}")),
        (
            "Grow it",
            format!(r#"{on} patch pvc {claim} --type merge -p '{{"spec":{{"resources":{{"requests":{{"storage":"{double}"}}}}}}}}'"#),
        ),
        ("Describe it", format!("{on} annotate pvc {claim} --overwrite stowage.dev/description='What it holds'")),
        ("Delete it", format!("{on} delete pvc {claim}")),
    ];
    if let Some(storage) = storage {
        commands.push(("See the storage behind it", format!("kubectl get pv {storage} -o yaml")));
    }
    commands
}
