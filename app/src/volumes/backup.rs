//! Shall this volume be backed up, and where to? And which backups of it are there? A plain form, whole without scripts.

pub mod known;
pub mod order;

use super::{
    change::{Again, Whose, cannot},
    detail::{VolumePage, pods},
    form::slot,
    pages::{notice, own_volume, query, show},
};
use crate::{
    error::ApiError,
    pages::frame::{Frame, Section, cluster_banner},
    parts::Follow,
    paths,
    server::{self, Portal, Reading, Refused, RequestId},
    tasks::source::Source,
    ui::icon,
};
use cluster::UserCluster;
use domain::{
    allowed::may_back_up,
    task::preflight::Level,
    usage::Fullness,
    volume::{BackupForm, FOLDER, KnownBackup, Volume, backups_of, cannot_hold},
};
use leptos::prelude::*;

struct Data {
    page: VolumePage,
    known: Vec<KnownBackup>,
    own: Vec<Volume>,
    caller: UserCluster,
    portal: Portal,
    history_failed: bool,
}

#[component]
pub fn BackupPage() -> impl IntoView {
    let refused = use_context::<Refused<BackupForm>>();
    let begun = query("done") == "begun";
    let page = Suspend::new(async move {
        show(read().await, |read| {
            let news = begun
                .then(|| notice("The backup has begun", "Its state is below, its log on the page of its task. You can leave this page."));
            view! { {news} {whole(read, &Again::of(refused))} }
        })
    });
    view! { <Frame title="Back up volume" section=Section::Volumes>{page}</Frame> }
}

async fn read() -> Result<Reading<Data>, ApiError> {
    let (caller, portal) = (server::caller()?, server::portal()?);
    let Reading { data: page, revision, now } = own_volume()?;
    let (mut tasks, own) = (caller.tasks()?, caller.volumes_and_trash()?);
    let kept = Source::Mine(caller.clone()).all_kept(&portal.records.history(), &mut tasks).await;
    let history_failed = kept.as_ref().map_err(server::records_failed).is_err();
    tasks.extend(kept.unwrap_or_default());
    let known = backups_of(&page.detail.volume.id, &tasks);
    Ok(Reading { data: Data { page, known, own, caller, portal, history_failed }, revision, now })
}

fn whole(read: Reading<Data>, again: &Again<BackupForm>) -> AnyView {
    let Reading { data, revision, .. } = read;
    let volume = &data.page.detail.volume;
    let follow = view! { <Follow stream=paths::LIVE.to_owned() revision/> };
    let backups = view! {
        <section class="sheet card" id="backups" data-part="backups">
            <header><h2>"Backups of it"</h2><span class="push small quiet">"newest first"</span></header>
            {data.history_failed.then_some(view! { <p>"Those whose task the cluster has removed could not be read. Try again in a moment."</p> })}
            {known::table(&data.known, &data.own, data.portal.task_days)}
        </section>
    };
    if let Err(why) = may_back_up(volume) {
        let blocked = cannot(
            Whose::Mine,
            volume,
            "Back up",
            format!("{} cannot be backed up now", volume.name),
            &why,
            paths::back_up_volume(&volume.id),
        );
        return view! { {blocked} {(!data.known.is_empty()).then_some(backups)} {follow} }.into_any();
    }
    view! {
        {Whose::Mine.crumbs(volume, "Back up")}
        <div class="head"><h1>"Back up " {volume.name.clone()}</h1></div>
        {cluster_banner()}
        {follow}
        <div class="cols">
            <div>
                {again.general("No backup was begun")}
                {form(&data, again)}
                {backups}
            </div>
            <div>{about(volume, &data.portal)}</div>
        </div>
    }
    .into_any()
}

fn form(data: &Data, again: &Again<BackupForm>) -> AnyView {
    let volume = &data.page.detail.volume;
    let error = again.field("to");
    let chosen = again.form.as_ref().map(|form| form.to.clone()).unwrap_or_else(|| query("to"));
    let key = use_context::<RequestId>().map(|id| id.0).unwrap_or_default();
    let others: Vec<_> = data.own.iter().filter(|other| other.id != volume.id && other.trash.is_none()).collect();
    let working = volume.working();
    let new = paths::with_query(
        paths::NEW_VOLUME,
        &[("name", format!("{}-backups", volume.name)), ("size", volume.size().to_string()), ("back_up", volume.id.to_string())],
    );
    let choices = others.iter().map(|other| choice(data, other, other.id.as_str() == chosen)).collect_view();
    view! {
        <form class="sheet card" id="back-up" method="post" novalidate>
            <input type="hidden" name="key" value=key/>
            <p>"A task packs every file, folder and link into an archive on another volume of yours. It only reads " {volume.name.clone()} ", and the backup is there whole or not at all."</p>
            {(working > 0).then(|| view! {
                <p>{icon("warn")} " " <b>{pods(working)} " mounts it now."</b> " Each file is read twice: if one changes meanwhile, the backup fails and names it. Let what writes end first."</p>
            })}
            <fieldset class="field" id="to" aria-describedby="to-error">
                <legend>"Where to?"</legend>
                {if others.is_empty() {
                    view! { <p>"You have no other volume yet."</p> }.into_any()
                } else {
                    view! { <div class="pick">{choices}</div> }.into_any()
                }}
                {slot("to-error", error.as_deref())}
            </fieldset>
            <p><a href=new>"Make a new volume for it"</a> <span class="hint">" and come back here. Of another class, it is on other disks."</span></p>
            <div class="row">
                <a class="button" href=paths::volume(&volume.id)>"Cancel"</a>
                <button class="button first" disabled=others.is_empty()>"Back up now"</button>
            </div>
        </form>
    }
    .into_any()
}

/// A volume to write to, with what speaks against it.
fn choice(data: &Data, other: &Volume, is_chosen: bool) -> AnyView {
    let source = &data.page.detail.volume;
    let refusal = cannot_hold(other, source);
    let said = match &refusal {
        Some(sentence) => Some(sentence.clone()),
        None => order::judge(&data.portal, &data.caller, source, other, &data.own).ok().map(|judgement| {
            let lines = judgement.judged.lines.into_iter().filter(|line| line.level <= Level::Warning);
            lines.map(|line| line.sentence).collect::<Vec<_>>().join(" ")
        }),
    };
    let free = match other.fullness {
        Fullness::Measured(sample) => {
            let free = sample.usage.total.bytes().saturating_sub(sample.usage.used.bytes());
            format!("{} free of {}", domain::quantity::Size::from_bytes(free).rounded(), sample.usage.total.rounded())
        }
        Fullness::Shared(_) | Fullness::Unknown(_) => format!("{}, how much of it is free is not known", other.size().rounded()),
    };
    let class = other.class.clone().map(|class| format!(", class {class}")).unwrap_or_default();
    view! {
        <label>
            <input type="radio" name="to" value=other.id.to_string() checked=is_chosen && refusal.is_none() disabled=refusal.is_some()/>
            <span>{other.name.clone()}</span>
            <small>{free} {class} ". " {said}</small>
        </label>
    }
    .into_any()
}

fn about(volume: &Volume, portal: &Portal) -> impl IntoView + use<> {
    let call = format!(
        "curl -X POST {}/api/volumes/{}/backup \\\n  -H \"Authorization: Bearer $STOWAGE_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"to\": \"name of a volume\"}}'",
        portal.site.url, volume.id
    );
    view! {
        <section class="sheet card">
            <header><h2>"What is kept"</h2></header>
            <dl class="facts stacked">
                <dt>"In the backup"</dt>
                <dd>"Files, folders and links with their names, modes and times, and the hash of every file. Whose they were is not: all tasks run as one user."</dd>
                <dt>"Where"</dt>
                <dd>"In the folder " <code>{FOLDER}</code> " of the volume that you choose, one folder for each backup."</dd>
                <dt>"Restoring"</dt>
                <dd>"Always into a new volume, never over what is there. The archive and then every file is compared with its hash."</dd>
                <dt>"Not in it"</dt>
                <dd>"Scratch space of tasks. That in memory is gone with its task and cannot be backed up: write to a volume what shall stay."</dd>
            </dl>
        </section>
        <section class="sheet card">
            <header><h2>"Other ways to do it"</h2></header>
            <p>"Regularly: a call with a token of yours, which a CronJob or a script can make. It is a task like this page’s."</p>
            <pre tabindex="0">{call}</pre>
            <p class="quiet small"><a href=paths::TOKENS>"Tokens"</a> " need the right to submit tasks. " <a href=paths::API>"About the API"</a></p>
        </section>
    }
}
