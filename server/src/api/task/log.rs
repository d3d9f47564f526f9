//! How does a log leave the portal? As it was written, of one pod or of all ranks in the order of time; streamed, however long it is.

use super::{Api, Asked, Caller, Refusal, Refused};
use app::{
    server::told,
    tasks::{
        actions::task_id,
        log::{
            merge::Merge,
            read::opened,
            which::{PODS, Which},
        },
        source::{Found, Source},
    },
};
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use cluster::{LogAsk, LogStream};
use domain::{
    allowed::WhyNot,
    name::TaskId,
    problem::{FieldErrors, Problem},
    task::{Task, TaskRecord},
    token::Scope,
};
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt, stream};
use http::{HeaderValue, header};
use serde::Deserialize;
use std::io::{self, Write};
use utoipa::IntoParams;

/// The most lines that are asked of a pod's log at once.
const TAIL_MAX: u32 = 100_000;

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogQuery {
    /// The node's rank, or the run's index; 0 if absent.
    rank: Option<u32>,
    /// Exactly this pod, also one that was replaced.
    pod: Option<String>,
    /// All ranks in one, by time, each line after its rank: `[3] loss 0.2`. At most 16.
    all_ranks: bool,
    /// Only the last lines.
    tail: Option<u32>,
    /// Begin each line with its time (RFC 3339).
    timestamps: bool,
    /// Of the container that was there before this one.
    previous: bool,
    /// Of anybody's task. For administrators, with the scope `admin`.
    all_users: bool,
    /// As a file with a name.
    download: bool,
    /// Compressed.
    gzip: bool,
}

impl LogQuery {
    fn ask(&self) -> Result<LogAsk, Problem> {
        // A name that no pod can have is as absent as one that none has.
        let pod = self.pod.as_ref().map(|name| name.parse()).transpose().map_err(|_| Problem::not_found())?;
        let mut errors = Vec::new();
        if self.tail.is_some_and(|tail| tail > TAIL_MAX) {
            errors.push(("tail", format!("Ask for at most {TAIL_MAX} lines, or leave the field out for all of them.")));
        }
        if self.all_ranks && (self.rank.is_some() || self.pod.is_some() || self.previous || self.tail.is_some()) {
            errors.push(("all_ranks", "All ranks are asked for whole: leave rank, pod, tail and previous out.".to_owned()));
        }
        if let Some((field, sentence)) = errors.into_iter().next() {
            return Err(Problem::invalid(FieldErrors::one(field, sentence)));
        }
        Ok(LogAsk {
            pod,
            rank: self.rank,
            tail_lines: self.tail,
            previous: self.previous,
            timestamps: self.timestamps,
            ..LogAsk::default()
        })
    }

    /// `train-abcdefgh-rank3.log.gz`: names and ids are letters, digits and dashes.
    fn file(&self, task: &Task) -> String {
        let of = match (&self.pod, self.rank) {
            (Some(pod), _) => pod.clone(),
            (None, _) if self.all_ranks => format!("{}-{}", task.name, task.id),
            (None, rank) => format!("{}-{}-rank{}", task.name, task.id, rank.unwrap_or_default()),
        };
        format!("{of}.log{}", if self.gzip { ".gz" } else { "" })
    }
}

/// What a pod of a task of yours wrote, as it was written. Lines that are longer than 64 KiB are cut. Nodes keep only the newest part
/// of a long log. Of a task whose Job the cluster has removed, the last 64 KiB of each pod were kept, without times.
#[utoipa::path(
    get, path = "/api/tasks/{id}/logs", tag = "tasks", operation_id = "get_task_logs",
    params(("id" = String, Path, description = "The task's id"), LogQuery),
    responses((status = OK, body = String, content_type = "text/plain"), Refused)
)]
pub async fn logs(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(asked): Asked<LogQuery>,
) -> Result<Response, Refusal> {
    caller.may(Scope::TasksRead)?;
    let (id, ask) = (task_id(&id)?, asked.ask()?);
    let source = if asked.all_users {
        caller.may(Scope::Admin)?;
        Source::Anybodys(caller.cluster.admin()?)
    } else {
        Source::Mine(caller.cluster)
    };
    let (task, log) = match source.look(&api.portal, &id).await? {
        Found::Live(detail) if asked.all_ranks => {
            let log = together(&source, &id, &detail.task, asked.timestamps).await?;
            (detail.task, log)
        }
        Found::Live(detail) => (detail.task, source.open(&id, &ask).await?),
        Found::Kept(record) => {
            let text = kept_log(&record, &asked)?;
            let log: LogStream = Box::pin(stream::iter([Ok(text.into_bytes())]));
            (record.task, log)
        }
    };
    let body = if asked.gzip { Body::from_stream(packed(log)) } else { Body::from_stream(log) };
    let kind = if asked.gzip { "application/gzip" } else { "text/plain; charset=utf-8" };
    let mut response = ([(header::CONTENT_TYPE, kind)], body).into_response();
    let disposition = format!("attachment; filename=\"{}\"", asked.file(&task));
    if let Some(value) = asked.download.then(|| HeaderValue::from_str(&disposition).ok()).flatten() {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// All ranks by time. A log that breaks off breaks the answer off: what is missing is never taken for nothing.
async fn together(source: &Source, id: &TaskId, task: &Task, timestamps: bool) -> Result<LogStream, Problem> {
    let (mut logs, mut ranks) = (Vec::new(), Vec::new());
    for pod in Which::default().pods(task).into_iter().take(PODS) {
        let ask = LogAsk { pod: pod.name.parse().ok(), timestamps: true, ..LogAsk::default() };
        if let Some(log) = opened(source, id, &ask).await.map_err(|error| told(&error))? {
            logs.push(log);
            ranks.push(pod.rank);
        }
    }
    if logs.is_empty() {
        return Err(told(&cluster::Error::NotAllowed(WhyNot::NoLog)));
    }
    let lines = stream::unfold(Merge::new(logs), move |mut merge| {
        let ranks = ranks.clone();
        async move {
            let text = merge.next().await?.map(|lines| {
                let mut text = Vec::new();
                for (of, raw) in lines {
                    let at = raw.at.filter(|_| timestamps).map(|at| at.written() + " ").unwrap_or_default();
                    text.extend(format!("{at}[{}] ", ranks.get(of).copied().unwrap_or_default()).into_bytes());
                    text.extend(raw.bytes);
                    text.push(b'\n');
                }
                text
            });
            Some((text, merge))
        }
    });
    Ok(Box::pin(lines))
}

/// As gzip, piece by piece.
fn packed(log: LogStream) -> impl futures::Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
    let encoder = GzEncoder::new(Vec::new(), Compression::default());
    stream::try_unfold(Some((log, encoder)), async |state| {
        let Some((mut log, mut encoder)) = state else { return Ok(None) };
        loop {
            match log.next().await.transpose()? {
                Some(read) => encoder.write_all(&read)?,
                None => return Ok(Some((encoder.finish()?, None))),
            }
            let packed = std::mem::take(encoder.get_mut());
            if !packed.is_empty() {
                return Ok(Some((packed, Some((log, encoder)))));
            }
        }
    })
}

/// The end of what the pod wrote that is asked for, or all pods.
fn kept_log(record: &TaskRecord, asked: &LogQuery) -> Result<String, Problem> {
    let of = |name: &str| record.logs.iter().find(|log| log.pod == name && !asked.previous);
    let nothing = || told(&cluster::Error::NotAllowed(WhyNot::NoLog));
    if asked.all_ranks {
        // Without times, one rank after the other.
        let logs: Vec<_> = record.task.current_pods().into_iter().filter_map(|pod| of(&pod.name)).collect();
        let lines = logs.iter().flat_map(|log| log.text.lines().map(|line| format!("[{}] {line}\n", log.rank)));
        return if logs.is_empty() { Err(nothing()) } else { Ok(lines.collect()) };
    }
    let pod = match &asked.pod {
        Some(name) => record.task.pods.iter().find(|pod| pod.name == *name),
        None => record.task.current_pods().into_iter().find(|pod| pod.rank == asked.rank.unwrap_or(0)),
    };
    let pod = pod.ok_or_else(Problem::not_found)?;
    // Of containers that were replaced in their pod nothing is kept.
    let text = &of(&pod.name).ok_or_else(nothing)?.text;
    let Some(tail) = asked.tail else { return Ok(text.clone()) };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    Ok(lines[lines.len().saturating_sub(usize::try_from(tail).unwrap_or(usize::MAX))..].concat())
}
