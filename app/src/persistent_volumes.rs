//! Which storage lies behind the volumes? For administrators; read live, since nobody else asks.

use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, Section, cluster_banner},
        message,
    },
    paths, server,
    ui::time::age,
};
use domain::{name::VolumeId, persistent_volume::PersistentVolume};
use leptos::prelude::*;
use std::collections::HashMap;

struct Known {
    all: Vec<PersistentVolume>,
    /// Where the page of a claim of this portal is.
    ids: HashMap<String, VolumeId>,
    namespace: String,
}

async fn known() -> Result<Known, ApiError> {
    let admin = server::admin()?;
    let namespace = server::portal()?.cluster.namespace().to_owned();
    let ids = admin.volumes_and_trash()?.into_iter().map(|volume| (volume.claim, volume.id)).collect();
    Ok(Known { all: admin.persistent_volumes().await?, ids, namespace })
}

#[component]
pub fn PersistentVolumesPage() -> impl IntoView {
    let page = Suspend::new(async move {
        match known().await {
            Err(error) => message::problem(&error.0),
            Ok(known) => view! {
                <div class="head"><h1>"PersistentVolumes " <span class="quiet light">{known.all.len()}</span></h1></div>
                {cluster_banner()}
                <p class="lead">
                    "The storage that the cluster has behind its claims, of all namespaces. Those that need a hand come first. Only administrators see this page; it is read when you open it."
                </p>
                {if known.all.is_empty() {
                    view! { <p>"The cluster has no PersistentVolume. A class with a provisioner makes one when a claim asks for it."</p> }.into_any()
                } else {
                    table(&known).into_any()
                }}
            }
            .into_any(),
        }
    });
    view! { <Frame title="PersistentVolumes" section=Section::PersistentVolumes>{page}</Frame> }
}

/// Of more than these kubectl is the better reader.
const SHOWN: usize = 500;

fn table(known: &Known) -> impl IntoView + use<> {
    let now = server::now();
    let more = known.all.len().saturating_sub(SHOWN);
    let rows = known.all.iter().take(SHOWN).map(|volume| row(volume, known, now)).collect_view();
    view! {
        <div class="sheet scroll" tabindex="0" role="region" aria-label="PersistentVolumes">
            <table class="labelled" role="table" aria-label="PersistentVolumes">
                <thead role="rowgroup">
                    <tr role="row">
                        {["Name", "Phase", "Size", "Class", "Claim", "When its claim is deleted", "Age"]
                            .map(|head| view! { <th scope="col" role="columnheader">{head}</th> })}
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
        {(more > 0).then(|| view! { <p>{more} " more: " <code>"kubectl get pv"</code> " has them all."</p> })}
    }
}

fn row(volume: &PersistentVolume, known: &Known, now: i64) -> impl IntoView + use<> {
    let claim = volume.claim.as_ref().map(|(namespace, name)| {
        let id = known.ids.get(name).filter(|_| *namespace == known.namespace);
        match id {
            Some(id) => view! { <a class="name mono" href=paths::admin_volume(id)>{name.clone()}</a> }.into_any(),
            None => view! { <span class="mono">{namespace.clone()} "/" {name.clone()}</span> }.into_any(),
        }
    });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" class="wrap">
                <span class="mono">{volume.name.clone()}</span>
                {volume.advice().map(|advice| view! { <span class="under">{advice}</span> })}
                {volume.message.clone().map(|message| view! { <span class="under">"It was said: " {message}</span> })}
            </th>
            <td role="cell" data-label="Phase">{volume.phase.clone()}</td>
            <td role="cell" data-label="Size">{volume.size.map_or_else(|| "not said".to_owned(), |size| size.rounded())}</td>
            <td role="cell" data-label="Class">{volume.class.clone().unwrap_or_else(|| "none".into())}</td>
            <td role="cell" data-label="Claim" class="wrap">{claim.unwrap_or_else(|| view! { <span class="quiet">"none"</span> }.into_any())}</td>
            <td role="cell" data-label="When its claim is deleted" class="wrap">{volume.reclaim_in_words()}</td>
            <td role="cell" data-label="Age">{age(volume.created, now)}</td>
        </tr>
    }
}
