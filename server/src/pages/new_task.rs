//! What does the page for a new task send, and where does it lead? To the same page with what is said, or to the task.

use super::{Pages, posts::news};
use app::{
    audit::actions::Act,
    paths,
    tasks::{
        draft::{Ask, Chosen, Draft, Sent, ask, judge, secrets_for},
        submit::{Once, Submitted, Work, submit},
    },
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use cluster::{User, UserCluster};
use data_encoding::HEXLOWER;
use domain::{
    audit::Verb,
    problem::{Code, Problem},
};
use http::{HeaderMap, header, request::Parts};
use http_body_util::LengthLimitError;
use multer::Multipart;
use sha2::{Digest, Sha256};
use std::error::Error;
use url::form_urlencoded;

/// Rows, fields and files of one form; nobody has more.
const FIELDS_MAX: usize = 1000;

pub(super) fn routes() -> Router<Pages> {
    Router::new().route(paths::NEW_TASK, post(new_task))
}

async fn new_task(State(pages): State<Pages>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let read = match parts.extensions.get::<User>().cloned() {
        Some(user) => sent(&parts.headers, body).await.map(|sent| (pages.portal.cluster.as_user(user), sent)),
        None => Err(Problem::new(Code::Unauthenticated, "Sign in to go on.")),
    };
    let (caller, (draft, asked)) = match read {
        Ok((caller, sent)) => (caller, Draft::of(sent)),
        Err(problem) => return pages.refuse(parts, Draft::default(), problem).await,
    };
    match asked {
        Err(problem) => pages.refuse(parts, draft, problem).await,
        Ok(Ask::Show | Ask::Look) => pages.render(parts, draft).await,
        Ok(Ask::Check) => {
            let judged = match secrets_for(&caller, &draft.file).await {
                Ok(secrets) => judge(&caller, &pages.portal.limits, &draft.file, &draft.attached, &secrets).ok(),
                Err(_) => None,
            };
            let said = match judged {
                Some(judged) => ask(&caller, &judged).await,
                None => None,
            };
            pages.render(parts, Draft { asked: said, ..draft }).await
        }
        Ok(Ask::Submit) => pages.submit(parts, caller, draft).await,
    }
}

/// What the form sends, whichever way: with files that were chosen, or without.
async fn sent(headers: &HeaderMap, body: Body) -> Result<Sent, Problem> {
    let unreadable = || Problem::new(Code::Malformed, "The form cannot be read, so nothing was changed. Open its page and send it again.");
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut sent = Sent::default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let bytes = to_bytes(body, usize::MAX).await.map_err(|error| too_large(&error).unwrap_or_else(unreadable))?;
        sent.pairs = form_urlencoded::parse(&bytes).into_owned().collect();
        return Ok(sent);
    }
    let boundary = multer::parse_boundary(kind).map_err(|_| unreadable())?;
    let mut form = Multipart::new(body.into_data_stream(), boundary);
    let failed = |error: multer::Error| too_large(&error).unwrap_or_else(unreadable);
    let mut fields = 0;
    while let Some(field) = form.next_field().await.map_err(failed)? {
        fields += 1;
        let Some(name) = field.name().map(str::to_owned).filter(|_| fields <= FIELDS_MAX) else { return Err(unreadable()) };
        match field.file_name().map(str::to_owned) {
            // Where nothing was chosen, browsers send a file without a name.
            Some(file) if file.is_empty() => {}
            Some(file) => {
                let bytes = field.bytes().await.map_err(failed)?.to_vec();
                sent.chosen.push(Chosen { field: name, name: file, bytes });
            }
            None => {
                let bytes = field.bytes().await.map_err(failed)?;
                sent.pairs.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
    Ok(sent)
}

/// Whether a body was longer than this address takes.
fn too_large(error: &(dyn Error + 'static)) -> Option<Problem> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Some(Problem::new(Code::TooLarge, "Nothing was changed. What was sent is too large: at most 256 KiB can be attached."));
        }
        cause = error.source();
    }
    None
}

impl Pages {
    async fn submit(&self, parts: Parts, caller: UserCluster, draft: Draft) -> Response {
        let portal = self.portal.clone();
        let work = Work { file: draft.file.clone(), attached: draft.attached.clone() };
        // Another file on the same page is another task.
        let once = (!draft.key.is_empty()).then(|| {
            let body = work.bytes();
            Once { key: format!("page {} {}", draft.key, HEXLOWER.encode(&Sha256::digest(&body))), body }
        });
        let what = |made: Option<&Submitted>| match made {
            Some((_, false)) => None,
            Some((task, true)) => Some(Act::own(Verb::SubmitTask, task.id.as_str(), &task.name)),
            None => Some(Act::own(Verb::SubmitTask, "", "")),
        };
        match self.audited(&parts, what, async move { submit(&portal, &caller, once, &work).await }).await {
            Ok((task, _)) => Redirect::to(&news(&paths::task(&task.id), "submitted")).into_response(),
            Err(problem) => self.refuse(parts, draft, problem).await,
        }
    }
}
