//! Which lines does a page of the log show? The last ones, those from a moment on, or those before one.

use super::{merge::Merge, which::Which};
use crate::{error::ApiError, server, tasks::source::Source};
use cluster::{LogAsk, LogStream};
use domain::{
    allowed::WhyNot,
    name::TaskId,
    problem::Problem,
    task::{
        PodState, Task, TaskPod, TaskRecord,
        log::{Cursor, Line, Painter, Stamp, gap},
    },
};
use futures::StreamExt;
use std::{collections::VecDeque, sync::Arc};

/// So many lines a page has.
pub const SHOWN: usize = 1000;
/// And so many bytes at most: a line can be long.
const BYTES: usize = 2 << 20;
/// Enough for the time of the first line.
const STAMP: u32 = 64;

/// A line, and which pod wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub pod: Arc<str>,
    pub rank: u32,
    pub line: Line,
}

/// Which part of a log is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    End,
    /// From this moment on.
    From(Stamp),
    /// The last ones that were written before.
    Before(Stamp),
}

impl Part {
    /// The beginning.
    pub const START: Self = Self::From(Stamp { seconds: 0, nanos: 0 });

    /// What is no time means the end.
    pub fn read(from: &str, before: &str) -> Self {
        match (from.parse(), before.parse()) {
            (Ok(from), _) => Self::From(from),
            (_, Ok(before)) => Self::Before(before),
            _ => Self::End,
        }
    }
}

/// A page of a log.
#[derive(Debug, Default)]
pub struct Page {
    pub lines: VecDeque<Written>,
    /// Whether there are lines before and behind these.
    pub older: bool,
    pub newer: bool,
    /// Up to where each pod was read.
    pub cursor: Cursor,
    /// How long after its container's start the first line that is left was written.
    pub gap: Option<i64>,
    /// A log could not be read to its end.
    pub is_broken: bool,
}

impl Page {
    pub fn first(&self) -> Option<Stamp> {
        self.lines.iter().find_map(|written| written.line.at)
    }

    pub fn last(&self) -> Option<Stamp> {
        self.lines.iter().rev().find_map(|written| written.line.at)
    }
}

/// `None` where nothing can have been written yet.
pub async fn live(source: &Source, task: &Task, which: &Which, part: Part) -> Result<Option<Page>, ApiError> {
    let pods = which.pods(task);
    if pods.is_empty() && !which.pod.is_empty() {
        return Err(server::fail(Problem::not_found().into()));
    }
    let (mut logs, mut read, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
    for pod in pods {
        let ask = LogAsk { pod: pod.name.parse().ok(), timestamps: true, ..LogAsk::default() };
        let of_part = match part {
            Part::End => LogAsk { tail_lines: u32::try_from(SHOWN + 1).ok(), ..ask.clone() },
            Part::From(at) => LogAsk { since_time: (at.seconds > 0).then_some(at.seconds), ..ask.clone() },
            Part::Before(_) => ask.clone(),
        };
        let Some(log) = opened(source, &task.id, &of_part).await? else { continue };
        if let Some(first) = opened(source, &task.id, &LogAsk { limit_bytes: Some(STAMP), ..ask }).await? {
            gaps.extend(gap(pod.started, beginning(first).await));
        }
        logs.push(log);
        read.push(pod);
    }
    if logs.is_empty() {
        return Ok(None);
    }
    let page = page(logs, &read, part).await;
    Ok(Some(Page { gap: gaps.into_iter().max(), ..page }))
}

/// The end of what was kept; `None` if nothing was.
pub async fn kept(record: &TaskRecord, which: &Which) -> Result<Option<(Page, bool)>, ApiError> {
    let pods = which.pods(&record.task);
    if pods.is_empty() && !which.pod.is_empty() {
        return Err(server::fail(Problem::not_found().into()));
    }
    let (mut logs, mut read, mut is_cut) = (Vec::new(), Vec::new(), false);
    for pod in pods {
        let Some(log) = record.logs.iter().find(|log| log.pod == pod.name) else { continue };
        is_cut |= log.is_cut;
        let text: LogStream = Box::pin(futures::stream::iter([Ok(log.text.clone().into_bytes())]));
        logs.push(text);
        read.push(pod);
    }
    if logs.is_empty() {
        return Ok(None);
    }
    Ok(Some((page(logs, &read, Part::End).await, is_cut)))
}

/// Nothing if its container has not started, or is gone by now: the others have logs of their own.
pub async fn opened(source: &Source, id: &TaskId, ask: &LogAsk) -> Result<Option<LogStream>, cluster::Error> {
    match source.open(id, ask).await {
        Ok(log) => Ok(Some(log)),
        Err(cluster::Error::NotAllowed(WhyNot::NoLog) | cluster::Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn beginning(mut log: LogStream) -> Option<Stamp> {
    let mut read = Vec::new();
    while let Some(Ok(bytes)) = log.next().await {
        read.extend(bytes);
    }
    let text = String::from_utf8_lossy(&read);
    Stamp::rfc3339(text.split(' ').next()?)
}

async fn page(logs: Vec<LogStream>, pods: &[&TaskPod], part: Part) -> Page {
    let names: Vec<Arc<str>> = pods.iter().map(|pod| Arc::from(pod.name.as_str())).collect();
    let mut painters = vec![Painter::default(); pods.len()];
    let mut merge = Merge::new(logs).still_written(|of| pods.get(of).is_some_and(|pod| pod.state == PodState::Running));
    let mut page = Page::default();
    let mut size = 0;
    // The time of the line that was left out last: lines of one time are never parted.
    let mut left_out = None;
    if let Part::Before(at) = part {
        merge = merge.until(at);
        page.newer = true;
    }
    if let Part::From(at) = part {
        page.older = at.seconds > 0;
    }
    for name in &names {
        page.cursor.begin(name);
    }
    'reading: while let Some(read) = merge.next().await {
        let Ok(lines) = read else {
            page.is_broken = true;
            continue;
        };
        for (of, raw) in lines {
            let (Some(name), Some(pod), Some(painter)) = (names.get(of), pods.get(of), painters.get_mut(of)) else { continue };
            page.cursor.shows(name, raw.at);
            let line = painter.paint(&raw);
            if let Part::From(from) = part {
                if raw.at.is_some_and(|at| at < from) {
                    continue;
                }
                let is_full = page.lines.len() >= SHOWN || size > BYTES;
                if is_full && raw.at != page.last() {
                    page.newer = true;
                    break 'reading;
                }
            }
            size += raw.bytes.len();
            page.lines.push_back(Written { pod: Arc::clone(name), rank: pod.rank, line });
            let is_open = matches!(part, Part::From(_));
            while !is_open && (page.lines.len() > SHOWN || size > BYTES && page.lines.len() > 1) {
                let Some(oldest) = page.lines.pop_front() else { break };
                size = size.saturating_sub(oldest.line.text().len());
                left_out = oldest.line.at;
                page.older = true;
            }
        }
    }
    while left_out.is_some() && page.lines.len() > 1 && page.lines.front().is_some_and(|written| written.line.at == left_out) {
        page.lines.pop_front();
    }
    page
}
