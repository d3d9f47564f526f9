//! What may a program do with a task file? Have it judged, and submit it: through the same rules as the page.

use super::{
    Api, Refusal,
    caller::Caller,
    once,
    openapi::Refused,
    read::{self, Asked, Nothing},
};
use crate::security::BODY_LIMIT;
use app::{
    audit::actions::{Act, audited},
    paths,
    tasks::{
        draft::check,
        submit::{Once, Submitted, Work, submit},
    },
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use domain::{
    audit::Verb,
    problem::{Code, FieldErrors, Problem},
    task::{
        Attachments, Task,
        file::text,
        preflight::{Level, Line},
    },
    token::Scope,
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A task file inside JSON.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaskFile {
    /// The YAML text.
    #[schema(required, example = "name: hello\nvolumes:\n  /data: train-images\nrun: ls /data\n")]
    file: String,
    /// Small files that go along: at most 32, and 256 KiB together.
    attached: Vec<AttachedFile>,
}

/// A file that the task finds below `/task/files`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachedFile {
    #[schema(example = "lib/train.py")]
    path: String,
    /// What it holds, if that is text.
    text: Option<String>,
    /// What it holds, in base64.
    base64: Option<String>,
}

/// What is said about a task file.
#[derive(Serialize, ToSchema)]
pub struct Judged {
    /// Whether it can be submitted.
    ok: bool,
    verdicts: Vec<Verdict>,
    /// What would be made, as YAML documents; absent while something must change.
    manifest: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Verdict {
    /// refusal, warning, note or ok.
    #[schema(example = "refusal")]
    level: &'static str,
    /// From 1; absent if it is about the whole.
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    /// The id of the volume that it is about.
    volume: Option<String>,
}

impl From<&Line> for Verdict {
    fn from(line: &Line) -> Self {
        Self {
            level: line.level.as_str(),
            line: line.place.map(|place| place.line),
            column: line.place.map(|place| place.column),
            message: line.sentence.clone(),
            volume: line.volume.as_ref().map(ToString::to_string),
        }
    }
}

/// A task that was submitted.
#[derive(Serialize, ToSchema)]
pub struct SubmittedTask {
    /// Eight small letters and digits.
    #[schema(example = "abc12345")]
    id: String,
    name: String,
    /// The Job in the cluster.
    #[schema(example = "hello-abc12345")]
    job_name: String,
    #[schema(example = "Starting")]
    status: &'static str,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<&Task> for SubmittedTask {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id.to_string(),
            name: task.name.clone(),
            job_name: task.job.clone(),
            status: task.state.label(),
            created_at: domain::text::machine_date(task.submitted),
        }
    }
}

/// Say what would come of a task file. Makes nothing.
///
/// The body is the file itself, as `text/yaml`, or JSON with the text in `file`.
#[utoipa::path(
    post, path = "/api/tasks/preflight", tag = "tasks", operation_id = "preflight_task",
    request_body(content((String = "text/yaml"), (TaskFile = "application/json"))),
    responses((status = OK, description = "What is said about it, also if it cannot be submitted", body = Judged), Refused)
)]
pub async fn preflight(
    State(api): State<Api>,
    caller: Caller,
    _: Asked<Nothing>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Judged>, Refusal> {
    caller.may(Scope::TasksRead)?;
    let work = work(&headers, &read::bytes(sent)?)?;
    let judged = check(&caller.cluster, &api.portal.limits, &work.file, &work.attached).await?;
    let manifest = judged.plan.as_ref().map(|plan| caller.cluster.task_draft(plan)).transpose()?;
    Ok(Json(Judged { ok: judged.plan.is_some(), verdicts: judged.lines.iter().map(Verdict::from).collect(), manifest }))
}

/// Run a task.
///
/// The body is the file itself, as `text/yaml`, or JSON with the text in `file`. With an `Idempotency-Key`, a call that is sent
/// again within 24 hours answers the same task (200) and runs nothing.
#[utoipa::path(
    post, path = "/api/tasks/submit", tag = "tasks", operation_id = "submit_task",
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of 1 to 255 visible characters, new for each task")),
    request_body(content((String = "text/yaml"), (TaskFile = "application/json"))),
    responses((status = CREATED, description = "It was made", body = SubmittedTask), (status = OK, description = "It was there", body = SubmittedTask), Refused)
)]
pub async fn submit_task(
    State(api): State<Api>,
    caller: Caller,
    _: Asked<Nothing>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    caller.may(Scope::TasksWrite)?;
    let body = read::bytes(sent)?;
    let work = work(&headers, &body)?;
    let once = once::key(&headers)?.map(|key| Once { key, body: body.to_vec() });
    let (portal, cluster) = (api.portal.clone(), caller.cluster);
    let act = async move { submit(&portal, &cluster, once, &work).await };
    let what = |made: Option<&Submitted>| match made {
        Some((_, false)) => None,
        Some((task, true)) => Some(Act::own(Verb::SubmitTask, task.id.as_str(), &task.name)),
        None => Some(Act::own(Verb::SubmitTask, "", "")),
    };
    let (task, is_new) = audited(&api.portal.records, caller.by, what, act).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let place = format!("{}/{}", paths::API_TASKS, task.id);
    Ok((status, [(header::LOCATION, place)], Json(SubmittedTask::from(&task))).into_response())
}

const YAML: [&str; 4] = ["text/yaml", "application/yaml", "application/x-yaml", "text/x-yaml"];

/// The file's text, whichever way it was sent, and what goes along.
fn work(headers: &HeaderMap, body: &Bytes) -> Result<Work, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if YAML.contains(&kind.as_str()) {
        if body.len() > BODY_LIMIT {
            return Err(Problem::new(Code::TooLarge, "Nothing was changed. What was sent is larger than 64 KB; send less."));
        }
        let file = text(body).map_err(|remark| {
            let line = Line { level: Level::Refusal, place: Some(remark.place), sentence: remark.sentence, volume: None };
            let told = app::tasks::submit::in_words(&line);
            Problem {
                fields: FieldErrors::one("file", told),
                ..Problem::new(Code::Invalid, "The file cannot be read, so nothing was done.")
            }
        })?;
        return Ok(Work { file, attached: Attachments::default() });
    }
    if kind == "application/json" {
        let TaskFile { file, attached } = read::json(headers, body)?;
        return Ok(Work { file, attached: attachments(attached)? });
    }
    Err(Problem::new(Code::UnsupportedMediaType, "Send the task file with Content-Type: text/yaml, or JSON with its text in “file”."))
}

/// What goes along, each path once.
fn attachments(files: Vec<AttachedFile>) -> Result<Attachments, Problem> {
    let wrong = |sentence: String| Problem {
        fields: FieldErrors::one("attached", sentence),
        ..Problem::new(Code::Invalid, "The attached files cannot be taken, so nothing was done.")
    };
    let count = files.len();
    let read = files.into_iter().map(|AttachedFile { path, text, base64 }| {
        let bytes = match (text, base64) {
            (Some(text), None) => Some(text.into_bytes()),
            (None, Some(base64)) => BASE64.decode(base64.as_bytes()).ok(),
            (Some(_), Some(_)) | (None, None) => None,
        };
        bytes.map(|bytes| (path, bytes)).ok_or_else(|| wrong("Give each file either its text or its base64.".to_owned()))
    });
    let attached = Attachments::of(read.collect::<Result<Vec<_>, _>>()?).map_err(wrong)?;
    if attached.len() < count { Err(wrong("Two files have the same path.".to_owned())) } else { Ok(attached) }
}
