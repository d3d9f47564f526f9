//! What shall a new task be? The page: fields, the file that they write, and what is said about it.

use super::{
    again::earlier_runs,
    attached::attached,
    draft::{Draft, judge, mark},
    fields::{Page, fields},
    source::Source,
    submit::in_words,
    verdict::{verdict, ways},
    words::{images, words},
};
use crate::{
    limits,
    pages::frame::{Frame, Section, cluster_banner},
    paths,
    server::{self, Editor, Portal, Refused, RequestId},
    ui::{area::area, icon},
    volumes::pages::{query, show},
};
use cluster::UserCluster;
use domain::{
    name::{ObjectName, TaskId, VolumeName},
    problem::Problem,
    secret::Secret,
    task::{
        Attachments, Task, TaskForm, Template, file,
        preflight::{Level, Line, Preflight},
    },
};
use leptos::{nonce::use_nonce, prelude::*};
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
        let secrets = match &page {
            Ok((caller, _)) => caller.known_secrets().await.map_err(|error| server::told(&error)),
            Err(_) => Ok(Vec::new()),
        };
        show(page, |(caller, portal)| {
            let refused = use_context::<Refused<Draft>>();
            let still = written.as_ref().and_then(|(task, ..)| earlier_runs(task));
            let problem = refused.as_ref().map(|refused| refused.problem.clone());
            let asked = refused.map(|refused| refused.form).or_else(use_context::<Draft>);
            let draft = asked.unwrap_or_else(|| first(&caller, &portal, written.map(|(_, file, files)| (file, files))));
            // What was typed stays, also while the cluster cannot be asked.
            let known = secrets.as_deref().unwrap_or_default();
            let can_judge = secrets.is_ok() || !draft.file.contains("secrets");
            let judged = judge(&caller, &portal.limits, &draft.file, &draft.attached, known).ok().filter(|_| can_judge);
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
                {problem.as_ref().map(|problem| not_submitted(problem, judged.as_ref()))}
                {work(&caller, &portal, &draft, judged.as_ref(), secrets.as_deref().ok())}
            }
        })
    });
    view! { <Frame title="New task" section=Section::Tasks>{page}</Frame> }
}

/// An earlier task of one's own and what it asked for, also one that the cluster has removed; and its files, while it has not.
async fn earlier(caller: &UserCluster, portal: &Portal, again: &str) -> Option<(Task, String, Attachments)> {
    let id: TaskId = again.parse().ok()?;
    let found = Source::Mine(caller.clone()).look(portal, &id).await.ok()?;
    // Without them the page says what is missing.
    let files = if found.is_kept() { Ok(Attachments::default()) } else { caller.attached(&id).await };
    let files = files.inspect_err(|error| drop(server::told(error))).unwrap_or_default();
    let detail = found.into_detail();
    Some((detail.task, detail.file, files))
}

/// The file that the address asks for: that of an earlier task, or of a template.
fn first(caller: &UserCluster, portal: &Portal, earlier: Option<(String, Attachments)>) -> Draft {
    let key = use_context::<RequestId>().map(|id| id.0).unwrap_or_default();
    if let Some((written, attached)) = earlier {
        let classes = caller.storage_classes().unwrap_or_default();
        let file = file::read(&written, &portal.limits, &classes).map_or(written, |file| TaskForm::of(&file.spec).file());
        return Draft { file, key, attached, ..Draft::default() };
    }
    let template = Template::from_slug(&query("template")).or(Template::ALL.first());
    let image = portal.limits.image.as_ref().map(|image| image.as_str());
    let volume = Some(query("volume")).filter(|name| name.parse::<VolumeName>().is_ok() || name.parse::<ObjectName>().is_ok());
    let file = template.map(|template| template.file(image, volume.as_deref())).unwrap_or_default();
    Draft { file, key, ..Draft::default() }
}

/// `secrets` are nothing while the cluster cannot say which there are.
fn work(caller: &UserCluster, portal: &Portal, draft: &Draft, judged: Option<&Preflight>, secrets: Option<&[Secret]>) -> AnyView {
    let own = caller.volumes().unwrap_or_default();
    let classes = caller.storage_classes().unwrap_or_default();
    let read = file::read(&draft.file, &portal.limits, &classes).ok();
    let stale = draft.fields.is_none() && read.is_none();
    let form = draft.fields.clone().or_else(|| read.map(|file| TaskForm::of(&file.spec))).unwrap_or_default();
    let lines = draft.file.lines().count().clamp(14, 40);
    // Of a file that cannot be read, nothing in the fields may take the place.
    let shown = if stale { format!("-{}", mark("", &form)) } else { mark(&draft.file, &form) };
    let refusals: Vec<&Line> = judged.map(|judged| judged.of(Level::Refusal).collect()).unwrap_or_default();
    let page = Page { form: &form, stale, own: &own, secrets, classes: &classes, images: &images(&portal.limits), refusals: &refusals };
    let editor = use_context::<Editor>().and_then(|editor| editor.0).map(|address| {
        view! { <script type="module" src=address nonce=use_nonce()></script> }
    });
    view! {
        <form class="form task" id="task" method="post" enctype="multipart/form-data" novalidate>
            <input type="hidden" name="key" value=draft.key.clone()/>
            <input type="hidden" name="shown" id="shown" value=shown/>
            // Enter in a field does what the first button does.
            <button class="unseen" name="do" value="check" tabindex="-1" aria-hidden="true">"Check"</button>
            <div>{fields(&page)}</div>
            <div>
                <section class="sheet card" id="task-file">
                    <header><h2>"As a file"</h2></header>
                    {limits::of_tasks(caller)}
                    // What was typed here before, in this tab.
                    <p id="take-up" hidden>"In this tab you have typed another file here. " <button class="button" type="button">"Take it up again"</button></p>
                    <div class="field">
                        <label for="file">"Task file"</label>
                        <textarea class="text mono" id="file" name="file" rows=lines.to_string() spellcheck="false" autocomplete="off" autocapitalize="off"
                            aria-describedby="file-hint" data-words=words(&own, secrets.unwrap_or_default(), &classes, &portal.limits)>{area(&draft.file)}</textarea>
                        <span class="hint" id="file-hint">
                            "YAML, in the words of k8s-cli. At most 64 KB. "
                            <span id="editor-hint" hidden>"Ctrl-Space shows what fits; Esc, then Tab, leaves the editor. "</span>
                            <a href=paths::API_TASK_SCHEMA>"Schema for your own editor"</a>
                        </span>
                    </div>
                    <div class="field" id="open-file">
                        <label for="upload">"Or take a file from this computer:"</label>
                        <div class="row">
                            <input type="file" id="upload" name="upload" accept=".yaml,.yml,.json,text/yaml,application/yaml"/>
                            <button class="button" data-plain="" name="do" value="look">"Open"</button>
                        </div>
                    </div>
                    {attached(&draft.attached)}
                    <div class="row">
                        <button class="button first" name="do" value="submit">"Submit task"</button>
                        <button class="button" name="do" value="check">"Check"</button>
                        <a class="button" href=paths::TASKS>"Cancel"</a>
                    </div>
                </section>
                <section class="sheet card">
                    <header><h2>"What is said about it"</h2></header>
                    {verdict(judged, &draft.file, draft.asked.as_ref())}
                </section>
                {ways(judged, caller)}
            </div>
        </form>
        {editor}
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

/// Why it was not taken. Has the focus, so that it is read first; each reason leads to its line, or to its field.
fn not_submitted(problem: &Problem, judged: Option<&Preflight>) -> impl IntoView + use<> {
    let place = |reason: &str| {
        let lines = judged.map(|judged| judged.lines.as_slice()).unwrap_or_default();
        lines.iter().find(|line| in_words(line) == reason).and_then(|line| line.place)
    };
    let reasons = problem.fields.iter().flat_map(|(field, text)| text.lines().map(move |reason| (field, reason)));
    let reasons: Vec<_> = reasons
        .map(|(field, reason)| {
            let (line, column) = place(reason).map(|place| (place.line, place.column)).unzip();
            let target = if matches!(field, "attach" | "upload") { format!("#{field}") } else { "#file".to_owned() };
            view! { <li><a href=target data-line=line data-column=column>{reason.to_owned()}</a></li> }
        })
        .collect();
    view! {
        <section class="cause bad" id="refused" role="alert" tabindex="-1" autofocus>
            {icon("failed")}
            <div>
                <h2>"The task was not submitted"</h2>
                <p>{problem.message.clone()}</p>
                {(!reasons.is_empty()).then(|| view! { <ul>{reasons}</ul> })}
            </div>
        </section>
    }
}
