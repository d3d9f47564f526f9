//! What has a task written? Page by page, and with scripts all of it in one place, with what comes (`public/log.js`).

pub mod lines;
pub mod merge;
pub mod read;
pub mod which;

use self::{
    lines::lines,
    read::{Page, Part},
    which::{PODS, Which, tries},
};
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
use domain::{
    problem::Problem,
    task::{LOG_KEPT, Task},
    text,
};
use leptos::prelude::*;
use leptos_meta::Meta;

/// The number grows when the file changes, since browsers keep it for long.
const VIEWER: &str = "/log.js?1";
/// More ranks than this are chosen from a list.
const TABS: usize = 12;

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
    let (id, which) = (param("id"), Which::read(&query("pod"), &query("rank")));
    let part = Part::read(&query("from"), &query("before"));
    let page = Suspend::new(async move {
        match read(whose, &id, which, part).await {
            Ok(log) => log_view(whose, log),
            Err(error) => message::problem(&error.0),
        }
    });
    view! { <Frame title="Log" section=whose.section()>{page}</Frame> }
}

/// What a page shows of a task's log.
struct Log {
    task: Task,
    which: Which,
    part: Part,
    /// `None` where nothing can have been written yet.
    page: Option<Page>,
    kept: Option<Kept>,
}

/// The cluster has removed the Job: these lines were kept.
struct Kept {
    /// Whether there was more.
    is_cut: bool,
}

async fn read(whose: Whose, id: &str, which: Option<Which>, part: Part) -> Result<Log, ApiError> {
    let id = server::task_id(id)?;
    let source = Source::of(whose)?;
    let found = source.find(&server::portal()?, &id).await?;
    let which = which.ok_or_else(|| server::fail(Problem::not_found().into()))?;
    match found {
        Found::Live(detail) => {
            let page = read::live(&source, &detail.task, &which, part).await?;
            Ok(Log { task: detail.task, which, part, page, kept: None })
        }
        Found::Kept(record) => {
            let read = read::kept(&record, &which).await?;
            let is_cut = read.as_ref().is_some_and(|(_, is_cut)| *is_cut);
            // What was kept has no times: it is one page.
            Ok(Log { task: record.task, which, part: Part::End, page: read.map(|(page, _)| page), kept: Some(Kept { is_cut }) })
        }
    }
}

fn log_view(whose: Whose, log: Log) -> AnyView {
    let task = &log.task;
    view! {
        {whose.crumbs(task, "Log")}
        <div class="head">
            <h1>"Log of " {task.name.clone()}</h1>
            <div class="push">{downloads(whose, &log)}</div>
        </div>
        {cluster_banner()}
        {log.kept.as_ref().map(what_is_kept)}
        {ranks(whose, &log)}
        {of_tries(whose, &log)}
        {match &log.page {
            None => nothing_yet(whose, task).into_any(),
            Some(page) => filled(whose, &log, page),
        }}
    }
    .into_any()
}

fn what_is_kept(kept: &Kept) -> AnyView {
    let cut = kept.is_cut.then(|| format!(" Of each pod only the last {} KiB were kept.", LOG_KEPT >> 10));
    view! { <p class="hint" id="removed">{icon("info")} " " {REMOVED} {cut}</p> }.into_any()
}

fn filled(whose: Whose, log: &Log, page: &Page) -> AnyView {
    let Log { task, which, part, kept, .. } = log;
    let many = which.pods(task).len() > 1;
    let over = kept.is_some() || which.is_over(task);
    let is_end = *part == Part::End;
    let state = match (is_end, over) {
        (true, true) => "It has ended: these are its last lines.",
        (true, false) => "It still runs: what it writes next comes by itself.",
        (false, _) => "A part of the log. Its last lines are on the last page.",
    };
    let stream = |more: &[(&'static str, String)]| {
        let pairs: Vec<_> = which.pairs().into_iter().chain(more.iter().cloned()).collect();
        paths::with_query(&whose.page(&task.id, "logs/follow"), &pairs)
    };
    let follow = (is_end && !over).then(|| stream(&[("after", page.cursor.to_string())]));
    let older = (is_end && page.older).then(|| page.first().map(|at| stream(&[("before", at.to_string())]))).flatten();
    let gap = page.gap.filter(|_| kept.is_none() && (!page.older || is_end)).map(|gap| {
        format!(
            "The first line that is left was written {} after its container began. If it wrote something before that, the node has removed it: nodes keep only the newest part of a long log.",
            text::age(0, gap)
        )
    });
    let first_of_many = (which.pod.is_empty() && which.rank.is_none() && task.current_pods().len() > PODS)
        .then(|| format!("Together, the first {PODS} of {} ranks are shown. Choose a rank to read the others.", task.current_pods().len()));
    view! {
        <div class="row logbar" data-log-bar="">
            <input class="text" type="search" data-log-find="" aria-label="Find in the log" placeholder="Find in the log" autocomplete="off" spellcheck="false" maxlength="200"/>
            <button type="button" class="button small" data-log-previous="" disabled>"Previous"</button>
            <button type="button" class="button small" data-log-next="" disabled>"Next"</button>
            <span class="small quiet" data-log-found="" role="status"></span>
            <label class="check" data-log-script=""><input type="checkbox" id="log-only"/> "Only these lines"</label>
            <label class="check"><input type="checkbox" id="log-wrap" checked/> "Wrap"</label>
            <label class="check"><input type="checkbox" id="log-times"/> "Times"</label>
            <button type="button" class="button small" data-log-start="">"Start"</button>
            <button type="button" class="button small" data-log-end="">"End"</button>
            {follow.is_some().then(|| view! { <button type="button" class="button small" data-log-pause="" aria-pressed="false">"Pause"</button> })}
        </div>
        <p class="small quiet" id="log-state" role="status" data-log-state="">{state}</p>
        {[gap, first_of_many, page.is_broken.then(|| "A part of it could not be read. Load the page again in a moment.".to_owned())].into_iter().flatten().map(|said| view! { <p class="small hint" data-log-said="">{icon("info")} " " {said}</p> }).collect_view()}
        // Not announced line by line: a program writes faster than anybody listens.
        <div class="log sheet" id="log" role="log" aria-live="off" aria-label="Log" tabindex="0" data-log=is_end.then_some("") data-follow=follow data-older=older data-many=many.then_some("")>
            <div class="rows">{lines(&page.lines, many)}</div>
        </div>
        {is_end.then(|| view! { <p class="small quiet" data-log-script=""><span data-log-counted=""></span> " Your browser's own search sees only the lines on the screen; the field above looks through all of them." </p> })}
        {turn(whose, log, page)}
        {is_end.then(|| view! { <script type="module" src=VIEWER></script> })}
    }
    .into_any()
}

/// To the pages before and after this one.
fn turn(whose: Whose, log: &Log, page: &Page) -> Option<impl IntoView + use<>> {
    let is_end = log.part == Part::End;
    if log.kept.is_some() || (is_end && !page.older) {
        return None;
    }
    let to = |key: &'static str, at: String| {
        let pairs: Vec<_> = log.which.pairs().into_iter().chain((!at.is_empty()).then_some((key, at))).collect();
        paths::with_query(&whose.page(&log.task.id, "logs"), &pairs)
    };
    let older = page.first().filter(|_| page.older).map(|at| to("before", at.to_string()));
    let newer = page.last().filter(|_| page.newer).map(|at| to("from", at.next().to_string()));
    let Part::From(start) = Part::START else { return None };
    let first = page.older.then(|| to("from", start.to_string()));
    let last = (!is_end).then(|| to("", String::new()));
    let link = |href: Option<String>, label: &'static str| href.map(|href| view! { <a class="button small" href=href>{label}</a> });
    Some(view! {
        <nav class="row logpages" aria-label="Pages of the log" data-log-pages="">
            {link(first, "First lines")} {link(older, "Older")} {link(newer, "Newer")} {link(last, "Last lines")}
        </nav>
    })
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

/// All together, and each rank.
fn ranks(whose: Whose, log: &Log) -> Option<AnyView> {
    let Log { task, which, .. } = log;
    let ranks: Vec<u32> = task.current_pods().iter().map(|pod| pod.rank).collect();
    if ranks.len() < 2 {
        return None;
    }
    let logs = whose.page(&task.id, "logs");
    let here = which.only_rank(task);
    if ranks.len() > TABS {
        let choice = |rank: u32| view! { <option value=rank.to_string() selected=here == Some(rank)>"Rank " {rank}</option> };
        return Some(
            view! {
                <form class="row" action=logs aria-label="Ranks">
                    <select name="rank" class="text" aria-label="Rank"><option value="" selected=here.is_none()>"All ranks"</option>{ranks.into_iter().map(choice).collect_view()}</select>
                    <button class="button small">"Show"</button>
                </form>
            }
            .into_any(),
        );
    }
    let each = ranks.into_iter().map(|rank| {
        let href = paths::with_query(&logs, &[("rank", rank.to_string())]);
        view! { <a href=href aria-current=(here == Some(rank)).then_some("page")>"Rank " {rank}</a> }
    });
    let each = each.collect_view();
    Some(view! { <nav class="facets" aria-label="Ranks"><a href=logs.clone() aria-current=here.is_none().then_some("page")>"All"</a> {each}</nav> }.into_any())
}

/// A rank whose pod was replaced has a log of each try.
fn of_tries(whose: Whose, log: &Log) -> Option<impl IntoView + use<>> {
    let Log { task, which, .. } = log;
    let rank = which.only_rank(task)?;
    let tries = tries(task, rank);
    let last = tries.last()?.name.clone();
    if tries.len() < 2 {
        return None;
    }
    let logs = whose.page(&task.id, "logs");
    let count = tries.len();
    let each = tries.iter().enumerate().map(|(index, pod)| {
        let is_last = pod.name == last;
        // The last one goes on with what takes its place.
        let pair = if is_last { ("rank", rank.to_string()) } else { ("pod", pod.name.clone()) };
        let is_here = which.pod == pod.name || (which.pod.is_empty() && is_last);
        let title = format!("{}, {}", pod.name, pod.reason.clone().unwrap_or_else(|| format!("{:?}", pod.state).to_lowercase()));
        view! { <a href=paths::with_query(&logs, &[pair]) aria-current=is_here.then_some("page") title=title>{format!("Try {} of {count}", index + 1)}</a> }
    });
    let each = each.collect_view();
    Some(view! { <nav class="facets" aria-label="Tries">{each}</nav> })
}

/// The whole log, as it was written: of what is shown here, or of all ranks in one file.
fn downloads(whose: Whose, log: &Log) -> impl IntoView + use<> {
    let Log { task, which, .. } = log;
    let link = |more: &[(&'static str, String)], label: &'static str| {
        let mut pairs: Vec<(&'static str, String)> = more.to_vec();
        if whose == Whose::Anybodys {
            pairs.push(("all_users", "true".to_owned()));
        }
        pairs.push(("download", "true".to_owned()));
        let plain = paths::with_query(&format!("{}/{}/logs", paths::API_TASKS, task.id), &pairs);
        pairs.push(("gzip", "true".to_owned()));
        let packed = paths::with_query(&format!("{}/{}/logs", paths::API_TASKS, task.id), &pairs);
        // The answer names the file.
        view! { <a class="button" href=plain download="">{label}</a> <a class="button" href=packed download="" aria-label=format!("{label} .gz")>".gz"</a> }
    };
    let is_all = which.pod.is_empty() && which.rank.is_none() && task.current_pods().len() > 1;
    let nothing = log.page.is_none();
    (!nothing)
        .then(|| if is_all { link(&[("all_ranks", "true".to_owned())], "Download all ranks") } else { link(&which.pairs(), "Download") })
}
