//! What does the page for a new task send, and where does it lead? To the same page with what is said, or to the task.

use super::{Pages, Posted};
use app::{
    audit::actions::Act,
    paths,
    tasks::{
        draft::{Ask, Draft, ask, judge},
        submit::{Once, Submitted, submit},
    },
};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use cluster::UserCluster;
use domain::audit::Verb;
use http::request::Parts;

pub(super) fn routes() -> Router<Pages> {
    Router::new().route(paths::NEW_TASK, post(new_task))
}

async fn new_task(State(pages): State<Pages>, parts: Parts, posted: Posted<Vec<(String, String)>>) -> Response {
    let taken = pages.take(&parts, posted).and_then(|(caller, pairs)| Ok((caller, Draft::from_pairs(pairs)?)));
    let (caller, (asked, draft)) = match taken {
        Ok(taken) => taken,
        Err(problem) => return pages.refuse(parts, Draft::default(), problem).await,
    };
    match asked {
        Ask::Show | Ask::Look => pages.render(parts, draft).await,
        Ask::Check => {
            let said = match judge(&caller, &pages.portal.limits, &draft.file) {
                Ok(judged) => ask(&caller, &judged).await,
                Err(_) => None,
            };
            pages.render(parts, Draft { asked: said, ..draft }).await
        }
        Ask::Submit => pages.submit(parts, caller, draft).await,
    }
}

impl Pages {
    async fn submit(&self, parts: Parts, caller: UserCluster, draft: Draft) -> Response {
        let (portal, file) = (self.portal.clone(), draft.file.clone());
        // Another file on the same page is another task.
        let once = (!draft.key.is_empty()).then(|| Once { key: format!("page {} {file}", draft.key), body: file.clone().into_bytes() });
        let what = |made: Option<&Submitted>| match made {
            Some((_, false)) => None,
            Some((task, true)) => Some(Act::own(Verb::SubmitTask, task.id.as_str(), &task.name)),
            None => Some(Act::own(Verb::SubmitTask, "", "")),
        };
        match self.audited(&parts, what, async move { submit(&portal, &caller, once, &file).await }).await {
            Ok((task, _)) => Redirect::to(&format!("{}?done=submitted", paths::task(&task.id))).into_response(),
            Err(problem) => self.refuse(parts, draft, problem).await,
        }
    }
}
