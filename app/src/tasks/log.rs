//! What has a task written? Its last lines, of each rank or of one, and a stream of those that come.

use super::{
    source::{Found, REMOVED, Source},
    view::Whose,
};
use crate::{
    error::ApiError,
    pages::{
        frame::{Frame, cluster_banner},
        message,
    },
    paths, server,
    ui::icon,
    volumes::pages::{param, query},
};
use cluster::{LogAsk, LogStream};
use domain::{
    allowed::WhyNot,
    problem::Problem,
    task::{
        LOG_KEPT, PodState, Task, TaskPod, TaskRecord,
        log::{Line, Reader, Stamp},
    },
};
use futures::StreamExt;
use leptos::prelude::*;
use leptos_meta::Meta;
use std::collections::{BTreeMap, VecDeque};

/// So many lines a page begins with; the download has them all.
const SHOWN: usize = 1000;
/// And so many bytes at most: a line can be long.
const BYTES: usize = 2 << 20;
/// So many pods are read together.
const PODS: usize = 16;

/// A line, and which pod wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub pod: String,
    pub rank: u32,
    pub line: Line,
}

/// Up to which line of each pod something was shown: `train-0-x~1774101727.500000000,...`. Reads back; what is no such text means
/// the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(BTreeMap<String, Stamp>);

impl Cursor {
    pub fn read(text: &str) -> Self {
        let one = |part: &str| part.split_once('~').and_then(|(pod, stamp)| Some((pod.to_owned(), stamp.parse().ok()?)));
        Self(text.split(',').take(PODS).filter_map(one).collect())
    }

    pub fn of(&self, pod: &str) -> Option<Stamp> {
        self.0.get(pod).copied()
    }

    /// Whether the line is behind what was shown; from now on it is shown.
    pub fn passes(&mut self, written: &Written) -> bool {
        let Some(at) = written.line.at else { return true };
        if self.of(&written.pod).is_some_and(|shown| at <= shown) {
            return false;
        }
        self.0.insert(written.pod.clone(), at);
        true
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<_> = self.0.iter().map(|(pod, stamp)| format!("{pod}~{stamp}")).collect();
        f.write_str(&parts.join(","))
    }
}

/// The pods whose log is meant: the one of this name, also a replaced one, or all that count and have been started.
pub fn chosen<'a>(task: &'a Task, pod: &str) -> Vec<&'a TaskPod> {
    if !pod.is_empty() {
        return task.pods.iter().filter(|known| known.name == pod).collect();
    }
    task.current_pods().into_iter().filter(|pod| pod.state != PodState::Waiting).take(PODS).collect()
}

#[component]
pub fn LogPage() -> impl IntoView {
    page(Whose::Mine)
}

/// The same for anybody's task. Administrators only.
#[component]
pub fn AnyLogPage() -> impl IntoView {
    page(Whose::Anybodys)
}

fn page(whose: Whose) -> impl IntoView {
    let (id, pod) = (param("id"), query("pod"));
    let page = Suspend::new(async move {
        match read(whose, &id, &pod).await {
            Ok(log) => log_view(whose, &pod, log),
            Err(error) => message::problem(&error.0),
        }
    });
    view! { <Frame title="Log" section=whose.section()>{page}</Frame> }
}

/// What a page shows of a task's log.
struct Log {
    task: Task,
    /// `None` where nothing can have been written yet.
    lines: Option<Vec<Written>>,
    kept: Option<Kept>,
}

/// The cluster has removed the Job: these lines were kept.
struct Kept {
    /// Whether there was more.
    is_cut: bool,
}

async fn read(whose: Whose, id: &str, pod: &str) -> Result<Log, ApiError> {
    let id = server::task_id(id)?;
    let source = Source::of(whose)?;
    let task = match source.find(&server::portal()?, &id).await? {
        Found::Live(detail) => detail.task,
        Found::Kept(record) => return kept(record, pod).await,
    };
    let pods = chosen(&task, pod);
    if pods.is_empty() && !pod.is_empty() {
        return Err(server::fail(Problem::not_found().into()));
    }
    let mut lines = Vec::new();
    let mut any = false;
    for pod in &pods {
        let tail = u32::try_from(SHOWN / pods.len()).ok();
        let ask = LogAsk { pod: pod.name.parse().ok(), tail_lines: tail, timestamps: true, ..LogAsk::default() };
        match source.open(&id, &ask).await {
            Ok(log) => {
                any = true;
                lines.extend(last(log, pod, SHOWN, BYTES / pods.len()).await);
            }
            // Its container has not started, or it is gone by now: the others have logs of their own.
            Err(cluster::Error::NotAllowed(WhyNot::NoLog) | cluster::Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    lines.sort_by_key(|written| written.line.at);
    let lines = any.then_some(lines);
    Ok(Log { task, lines, kept: None })
}

async fn kept(record: TaskRecord, pod: &str) -> Result<Log, ApiError> {
    let TaskRecord { task, logs, .. } = record;
    let pods = chosen(&task, pod);
    if pods.is_empty() && !pod.is_empty() {
        return Err(server::fail(Problem::not_found().into()));
    }
    let mut lines = Vec::new();
    let (mut any, mut is_cut) = (false, false);
    for pod in &pods {
        let Some(log) = logs.iter().find(|log| log.pod == pod.name) else { continue };
        any = true;
        is_cut |= log.is_cut;
        let text: LogStream = Box::pin(futures::stream::iter([Ok(log.text.clone().into_bytes())]));
        lines.extend(last(text, pod, SHOWN / pods.len(), BYTES / pods.len()).await);
    }
    let lines = any.then_some(lines);
    Ok(Log { task, lines, kept: Some(Kept { is_cut }) })
}

/// The last of what a pod wrote, within these lines and bytes. What cannot be read to its end is shown as far as it was.
async fn last(mut log: LogStream, pod: &TaskPod, most: usize, bytes: usize) -> VecDeque<Written> {
    let (mut reader, mut lines, mut size) = (Reader::default(), VecDeque::new(), 0);
    let keep = |line: Line, lines: &mut VecDeque<Written>, size: &mut usize| {
        *size += line.text().len();
        lines.push_back(Written { pod: pod.name.clone(), rank: pod.rank, line });
        while lines.len() > most || *size > bytes && lines.len() > 1 {
            *size -= lines.pop_front().map_or(0, |written| written.line.text().len());
        }
    };
    while let Some(Ok(read)) = log.next().await {
        for line in reader.push(&read) {
            keep(line, &mut lines, &mut size);
        }
    }
    if let Some(line) = reader.end() {
        keep(line, &mut lines, &mut size);
    }
    lines
}

fn log_view(whose: Whose, pod: &str, log: Log) -> AnyView {
    let Log { task, lines, kept } = log;
    let task = &task;
    let pods = chosen(task, pod);
    let many = pods.len() > 1;
    let over = pods.iter().all(|pod| pod.state.is_over());
    view! {
        {whose.crumbs(task, "Log")}
        <div class="head">
            <h1>"Log of " {task.name.clone()}</h1>
            <div class="push">{downloads(whose, task, &pods)}</div>
        </div>
        {cluster_banner()}
        {kept.map(what_is_kept)}
        {tabs(whose, task, pod)}
        {match lines {
            None => nothing_yet(whose, task).into_any(),
            Some(lines) => {
                let mut cursor = Cursor::default();
                for written in &lines {
                    cursor.passes(written);
                }
                let follow = (!over).then(|| {
                    let pairs: Vec<_> = [("pod", pod.to_owned()), ("after", cursor.to_string())].into_iter().filter(|(_, value)| !value.is_empty()).collect();
                    paths::with_query(&whose.page(&task.id, "logs/follow"), &pairs)
                });
                filled(lines, many, over, follow).into_any()
            }
        }}
    }
    .into_any()
}

fn what_is_kept(kept: Kept) -> AnyView {
    let cut = kept.is_cut.then(|| format!(" Of each pod only the last {} KiB were kept.", LOG_KEPT >> 10));
    view! { <p class="hint" id="removed">{icon("info")} " " {REMOVED} {cut}</p> }.into_any()
}

fn filled(lines: Vec<Written>, many: bool, over: bool, follow: Option<String>) -> impl IntoView {
    let full = lines.len() >= SHOWN;
    let state = if over { "It has ended: these are its last lines." } else { "It still runs: what it writes next comes by itself." };
    view! {
        <div class="row logbar">
            <input class="text" type="search" data-log-find="" aria-label="Show only lines with" placeholder="Show only lines with" autocomplete="off" spellcheck="false" maxlength="200"/>
            <span class="small quiet" data-log-found="" role="status"></span>
            <label class="check"><input type="checkbox" id="log-wrap" checked/> "Wrap"</label>
            <label class="check"><input type="checkbox" id="log-times"/> "Times"</label>
            {follow.is_some().then(|| view! { <button type="button" class="button small" data-log-pause="" aria-pressed="false">"Pause"</button> })}
        </div>
        <p class="small quiet" id="log-state" role="status" data-log-state="">{state}</p>
        <p class="small quiet" data-log-dropped="" hidden=!full>"Older lines are not shown here; the download has them all."</p>
        // Not announced line by line: a program writes faster than anybody listens.
        <div class="log sheet" id="log" role="log" aria-live="off" aria-label="Log" tabindex="0" data-log="" data-follow=follow>{lines_view(&lines, many)}</div>
    }
}

fn nothing_yet(whose: Whose, task: &Task) -> impl IntoView + use<> {
    let over = task.state.is_over();
    let sentence = if over {
        "The pods of this task are gone, and its log with them."
    } else {
        "Its container has not started. What it waits for is on the task's page; this one looks again every five seconds."
    };
    view! {
        {(!over).then(|| view! { <Meta http_equiv="refresh" content="5"/> })}
        <div class="sheet empty" id="nothing">
            {icon("task")}
            <h2>"Nothing has been written here"</h2>
            <p>{sentence}</p>
            <a class="button first" href=whose.task(&task.id)>"Back to the task"</a>
        </div>
    }
}

/// All together, each rank, and pods that were replaced.
fn tabs(whose: Whose, task: &Task, here: &str) -> Option<impl IntoView + use<>> {
    if task.pods.len() < 2 {
        return None;
    }
    let current: Vec<&str> = task.current_pods().iter().map(|pod| pod.name.as_str()).collect();
    let logs = whose.page(&task.id, "logs");
    let all = (current.len() > 1).then(|| view! { <a href=logs.clone() aria-current=here.is_empty().then_some("page")>"All"</a> });
    let each = task.pods.iter().map(|pod| {
        let at = if here.is_empty() { current.len() == 1 && current.contains(&pod.name.as_str()) } else { here == pod.name };
        let label = format!("Rank {}{}", pod.rank, if current.contains(&pod.name.as_str()) { "" } else { ", replaced" });
        view! { <a href=paths::with_query(&logs, &[("pod", &pod.name)]) aria-current=at.then_some("page") title=pod.name.clone()>{label}</a> }
    });
    let each = each.collect_view();
    Some(view! { <nav class="facets" aria-label="Pods">{all} {each}</nav> })
}

/// The whole log of each pod, as it was written.
fn downloads(whose: Whose, task: &Task, pods: &[&TaskPod]) -> impl IntoView + use<> {
    let link = |pod: &&TaskPod| {
        let mut pairs = vec![("pod", pod.name.as_str())];
        if whose == Whose::Anybodys {
            pairs.push(("all_users", "true"));
        }
        let href = paths::with_query(&format!("{}/{}/logs", paths::API_TASKS, task.id), &pairs);
        let label = if pods.len() > 1 { format!("Download rank {}", pod.rank) } else { "Download".to_owned() };
        view! { <a class="button" href=href download=format!("{}.log", pod.name)>{label}</a> }
    };
    pods.iter().take(4).map(link).collect_view()
}

/// Lines as markup, for the page and for the stream: text, whatever it looks like.
fn lines_view(lines: &[Written], many: bool) -> impl IntoView + use<> {
    let line = |written: &Written| {
        let at = written.line.at.map(|at| {
            let date = domain::text::machine_date(at.seconds);
            // The clock alone: `14:02:07.123`.
            let clock = format!("{}.{:03}", date.get(11..19).unwrap_or_default(), at.nanos / 1_000_000);
            view! { <time datetime=date>{clock}</time> }
        });
        let rank = many.then(|| view! { <b>{written.rank}</b> });
        let text = written.line.spans.iter().map(|span| {
            let class = match (span.colour, span.bold) {
                (None, false) => return span.text.clone().into_any(),
                (None, true) => "bold".to_owned(),
                (Some(colour), bold) => format!("c{colour}{}", if bold { " bold" } else { "" }),
            };
            view! { <span class=class>{span.text.clone()}</span> }.into_any()
        });
        let text = text.collect_view();
        view! { <div>{at}{rank}<code>{text}</code></div> }
    };
    lines.iter().map(line).collect_view()
}

/// The same as text, for the stream.
pub fn html(lines: &[Written], many: bool) -> String {
    Owner::new().with(|| lines_view(lines, many).to_html())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pod: &str, text: &str) -> Written {
        let line = Reader::default().push(format!("{text}\n").as_bytes()).remove(0);
        Written { pod: pod.into(), rank: 0, line }
    }

    #[test]
    fn c5_101_what_a_program_writes_is_text_on_the_page() {
        let html = html(&[written("p", "<img src=x onerror=alert(1)></script>\u{1b}[31m<b>red"), written("p", "a\u{2028}b")], true);
        assert!(!html.contains("<img") && !html.contains("</script>") && !html.contains("<b>red"), "{html}");
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;") && html.contains("class=\"c1\""), "{html}");
        assert!(!html.contains('\u{2028}'), "{html}");
    }

    #[test]
    fn a_cursor_reads_back_and_passes_each_line_of_each_pod_once() {
        let mut cursor = Cursor::default();
        let (first, second) = (written("a-0-x", "2026-03-21T14:02:07.1Z one"), written("a-0-x", "2026-03-21T14:02:07.2Z two"));
        let other = written("a-1-y", "2026-03-21T14:02:07.15Z other");
        assert!(cursor.passes(&first) && cursor.passes(&second));
        assert!(!cursor.passes(&first) && !cursor.passes(&second), "no line twice");
        assert!(cursor.passes(&other), "a slower pod loses nothing");
        assert_eq!(Cursor::read(&cursor.to_string()), cursor);
        for odd in ["", "x", "a~b", "~", ",,,", &"a~1.000000000,".repeat(1000)] {
            assert!(Cursor::read(odd).0.len() <= 1, "{odd}");
        }
    }
}
