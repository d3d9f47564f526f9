//! What shall a new task be? The page: fields, the file that they write, and what is said about it.

use super::{
    again::earlier_runs,
    draft::{Draft, judge},
    fields::fields,
    source::Source,
    verdict::{verdict, ways},
};
use crate::{
    limits,
    pages::frame::{Frame, Section, cluster_banner},
    paths,
    server::{self, Portal, Refused, RequestId},
    ui::{area::area, icon},
    volumes::pages::{query, show},
};
use cluster::UserCluster;
use domain::{
    name::{ObjectName, TaskId, VolumeName},
    problem::Problem,
    task::{Task, TaskForm, Template, file},
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NewTaskPage() -> impl IntoView {
    let again = query("again");
    let page = Suspend::new(async move {
        let page = server::caller().and_then(|caller| Ok((caller, server::portal()?)));
        let written = match &page {
            Ok((caller, portal)) => earlier(caller, portal, &again).await,
            Err(_) => None,
        };
        show(page, |(caller, portal)| {
            let refused = use_context::<Refused<Draft>>();
            let still = written.as_ref().and_then(|(task, _)| earlier_runs(task));
            let problem = refused.as_ref().map(|refused| refused.problem.clone());
            let asked = refused.map(|refused| refused.form).or_else(use_context::<Draft>);
            let draft = asked.unwrap_or_else(|| first(&caller, &portal, written.map(|(_, file)| file)));
            let mark = problem.as_ref().map(|problem| {
                server::set_status(problem.code);
                view! { <Title text="Error: New task · Stowage"/> }
            });
            view! {
                {mark}
                <p class="crumbs"><a href=paths::TASKS>"Tasks"</a> " / New"</p>
                <div class="head"><h1>"New task"</h1></div>
                {cluster_banner()}
                {still}
                {templates()}
                {problem.as_ref().map(not_submitted)}
                {work(&caller, &portal, &draft)}
            }
        })
    });
    view! { <Frame title="New task" section=Section::Tasks>{page}</Frame> }
}

/// An earlier task of one's own and what it asked for, also one that the cluster has removed.
async fn earlier(caller: &UserCluster, portal: &Portal, again: &str) -> Option<(Task, String)> {
    let id: TaskId = again.parse().ok()?;
    let found = Source::Mine(caller.clone()).look(portal, &id).await.ok()?;
    let detail = found.into_detail();
    Some((detail.task, detail.file))
}

/// The file that the address asks for: that of an earlier task, or of a template.
fn first(caller: &UserCluster, portal: &Portal, earlier: Option<String>) -> Draft {
    let key = use_context::<RequestId>().map(|id| id.0).unwrap_or_default();
    if let Some(written) = earlier {
        let classes = caller.storage_classes().unwrap_or_default();
        let file = file::read(&written, &portal.limits, &classes).map_or(written, |file| TaskForm::of(&file.spec).file());
        return Draft { file, key, ..Draft::default() };
    }
    let template = Template::from_slug(&query("template")).or(Template::ALL.first());
    let image = portal.limits.image.as_ref().map(|image| image.as_str());
    let volume = Some(query("volume")).filter(|name| name.parse::<VolumeName>().is_ok() || name.parse::<ObjectName>().is_ok());
    let file = template.map(|template| template.file(image, volume.as_deref())).unwrap_or_default();
    Draft { file, key, ..Draft::default() }
}

fn work(caller: &UserCluster, portal: &Portal, draft: &Draft) -> AnyView {
    // What was typed stays, also while the cluster cannot be asked.
    let judged = judge(caller, &portal.limits, &draft.file).ok();
    let own = caller.volumes().unwrap_or_default();
    let classes = caller.storage_classes().unwrap_or_default();
    let read = file::read(&draft.file, &portal.limits, &classes).ok();
    let stale = draft.fields.is_none() && read.is_none();
    let form = draft.fields.clone().or_else(|| read.map(|file| TaskForm::of(&file.spec))).unwrap_or_default();
    let lines = draft.file.lines().count().clamp(14, 40);
    view! {
        <div class="form task">
            <div>{fields(&form, stale, &own, &classes, &draft.key)}</div>
            <div>
                <form class="sheet card" id="task-file" method="post" novalidate>
                    <header><h2>"As a file"</h2></header>
                    {limits::of_tasks(caller)}
                    <input type="hidden" name="key" value=draft.key.clone()/>
                    <div class="field">
                        <label for="file">"Task file"</label>
                        <textarea class="text mono" id="file" name="file" rows=lines.to_string() spellcheck="false" autocomplete="off" autocapitalize="off"
                            aria-describedby="file-hint">{area(&draft.file)}</textarea>
                        <span class="hint" id="file-hint">"YAML, in the words of k8s-cli. At most 64 KB."</span>
                        // Read in the browser, so there is nothing to it without scripts.
                        <div class="row" id="open-file" hidden>
                            <label class="hint" for="upload">"Or take a file from this computer:"</label>
                            <input type="file" id="upload" accept=".yaml,.yml,.json,text/yaml,application/yaml"/>
                        </div>
                    </div>
                    <div class="row">
                        <button class="button first" name="do" value="submit">"Submit task"</button>
                        <button class="button" name="do" value="check">"Check"</button>
                        <a class="button" href=paths::TASKS>"Cancel"</a>
                    </div>
                </form>
                <section class="sheet card">
                    <header><h2>"What is said about it"</h2></header>
                    {verdict(judged.as_ref(), &draft.file, draft.asked.as_ref())}
                </section>
                {ways(judged.as_ref(), caller)}
            </div>
        </div>
    }
    .into_any()
}

fn templates() -> impl IntoView {
    let (current, volume) = (query("template"), query("volume"));
    let link = |template: &Template| {
        let mut pairs = vec![("template", template.slug)];
        if !volume.is_empty() {
            pairs.push(("volume", volume.as_str()));
        }
        let current = (template.slug == current).then_some("true");
        view! { " " <a class="chip" href=paths::with_query(paths::NEW_TASK, &pairs) aria-current=current>{template.label}</a> }
    };
    view! { <nav class="presets" aria-label="Begin with"><p>"Begin with:" {Template::ALL.iter().map(link).collect_view()}</p></nav> }
}

/// Why it was not taken. Has the focus, so that it is read first; each reason stands below the file once more.
fn not_submitted(problem: &Problem) -> impl IntoView + use<> {
    let reasons: Vec<String> = problem.fields.iter().flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    view! {
        <section class="cause bad" id="refused" role="alert" tabindex="-1" autofocus>
            {icon("failed")}
            <div>
                <h2>"The task was not submitted"</h2>
                <p>{problem.message.clone()}</p>
                {(!reasons.is_empty()).then(|| view! { <ul>{reasons.into_iter().map(|reason| view! { <li><a href="#file">{reason}</a></li> }).collect_view()}</ul> })}
            </div>
        </section>
    }
}
