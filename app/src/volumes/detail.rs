//! What is this volume, who uses it, what happened to it? In parts that follow the cluster while the page is open.

mod acts;
mod cause;
mod facts;
mod life;
mod trash;
mod uses;

pub use cause::evidence;
pub use life::events_view;
pub use uses::{pods, uses};

use super::{
    fullness::{self, Forecast},
    view,
};
use crate::{
    pages::frame::cluster_banner,
    parts::Follow,
    paths,
    server::{self, Reading},
    tasks::{chain::chain, view::Whose},
    ui::icon,
};
use cluster::VolumeDetail;
use domain::{storage_class::StorageClass, task::Task, volume::UsePhase};
use leptos::prelude::*;

/// One volume with what belongs to its page.
pub struct VolumePage {
    pub detail: VolumeDetail,
    pub class: Option<StorageClass>,
    /// Those that mount it, or did, the oldest first.
    pub tasks: Vec<Task>,
    /// Whether those that the cluster has removed could not be read.
    pub history_failed: bool,
}

impl VolumePage {
    pub fn new(detail: VolumeDetail, classes: &[StorageClass], mut tasks: Vec<Task>) -> Self {
        let class = classes.iter().find(|class| Some(class.name.as_str()) == detail.volume.class.as_deref()).cloned();
        tasks.retain(|task| task.mounts.iter().any(|mount| mount.claim == detail.volume.claim));
        tasks.sort_by_key(|task| task.submitted);
        Self { detail, class, tasks, history_failed: false }
    }

    /// Tasks that the cluster has removed. Those from before the volume was made had another one of this name.
    pub fn add(&mut self, kept: Vec<Task>) {
        let volume = &self.detail.volume;
        let had_it = |task: &Task| task.submitted >= volume.created && task.mounts.iter().any(|mount| mount.claim == volume.claim);
        self.tasks.extend(kept.into_iter().filter(had_it));
        self.tasks.sort_by_key(|task| task.submitted);
    }
}

/// `everybody` marks the administrators' view: it names the owner and offers what only they may do. `by_an_admin` is the sentence about
/// what one of them did, for the owner.
pub fn detail(read: Reading<VolumePage>, forecast: Forecast, everybody: bool, by_an_admin: Option<String>) -> impl IntoView {
    let Reading { data: VolumePage { detail: VolumeDetail { volume, events, .. }, class, tasks, history_failed }, revision, now } = read;
    let (stream, list, label) =
        if everybody { (paths::LIVE_ALL, paths::ADMIN_VOLUMES, "All volumes") } else { (paths::LIVE, paths::VOLUMES, "Volumes") };
    let claim = volume.claim.clone();
    let json = format!("{}/{}", paths::API_VOLUMES, volume.id);
    let namespace = server::portal().map(|portal| portal.cluster.namespace().to_owned()).unwrap_or_default();
    view! {
        <p class="crumbs"><a href=list>{label}</a>" / " {volume.name.clone()}</p>
        <div class="head">
            <h1>{icon("vol")} " " {volume.name.clone()}</h1>
            {volume.read_only.then(|| view! { <span class="chip">"read-only"</span> })}
            <span data-part="status" role="status">{view::badge(&volume.status)}</span>
            <div class="push" data-part="actions">{acts::actions(&volume, class.as_ref(), everybody)}</div>
        </div>
        <Follow stream=stream.to_owned() revision/>
        <div data-part="cause">{cluster_banner()} {trash::notice(&volume, everybody, now)} {cause::cause(&volume, everybody, now)}</div>
        <div class="cols">
            <div>
                <section class="sheet card" id="full">
                    <header><h2>"How full"</h2></header>
                    {fullness::whole(&volume.fullness, forecast, volume.used_by.iter().any(|u| u.phase == UsePhase::Running), now)}
                </section>
                <section class="sheet card" id="used-by">
                    <header><h2>"Used by"</h2><span class="push small quiet">{uses::waits_for(&volume)}</span></header>
                    {uses::uses(&volume.used_by, &tasks, everybody, now)}
                </section>
                {(!tasks.is_empty() || history_failed).then(|| view! {
                    <section class="sheet card" id="tasks" data-part="tasks">
                        <header><h2>"Tasks with it"</h2><span class="push small quiet">"oldest first"</span></header>
                        {history_failed.then_some(view! { <p>"Those whose Job the cluster has removed could not be read. Try again in a moment."</p> })}
                        {chain(&tasks, &volume, if everybody { Whose::Anybodys } else { Whose::Mine }, now)}
                    </section>
                })}
                <section class="sheet card" data-part="timeline">
                    <header><h2>"Timeline"</h2></header>
                    {by_an_admin.map(|sentence| view! { <p>{icon("admin")} " " {sentence}</p> })}
                    {life::life(&volume, &events)}
                </section>
                <section class="sheet card">
                    <header><h2>"Events"</h2><span class="push small quiet">"newest first"</span></header>
                    {life::events_view(&events, "this volume", now)}
                </section>
            </div>
            <div>
                <section class="sheet card">
                    <header><h2>"Facts"</h2> {(!everybody).then(|| view! { <a class="push small" href=json>"JSON"</a> })}</header>
                    {facts::facts(volume, class.as_ref(), everybody, now)}
                </section>
                <section class="sheet card" id="use-it">
                    <header><h2>"Use it"</h2></header>
                    <p>"A task is any pod or job in namespace " <code>{namespace.clone()}</code> " that names this volume:"</p>
                    <pre tabindex="0">{format!("volumes:\n- name: data\n  persistentVolumeClaim:\n    claimName: {claim}")}</pre>
                    <p>"The same page with kubectl:"</p>
                    <pre tabindex="0">{format!("kubectl -n {namespace} describe pvc {claim}")}</pre>
                </section>
            </div>
        </div>
    }
}
