//! What takes a volume out of the trash, and where does a deletion lead that put it there?

use super::{
    Pages, Posted, at,
    posts::{anybodys, news, own},
};
use crate::auth::wants_page;
use app::{audit::actions::Act, paths, server::Nowhere, volumes::actions};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use domain::{
    audit::Verb,
    problem::{Code, Problem},
    volume::{Removed, RestoreForm, Trash},
};
use http::request::Parts;

pub(super) fn routes() -> Router<Pages> {
    Router::new().route(&paths::restore_volume(&"{id}"), post(restore)).route(&paths::admin_restore_volume(&"{id}"), post(restore_anybodys))
}

/// The list, with what a deletion came to.
pub(super) fn removed(list: &str, how: Removed) -> String {
    match how {
        Removed::ForGood => news(list, "deleted"),
        Removed::ToTrash(Trash::Until(until)) => format!("{}&until={until}", news(list, "trashed")),
        Removed::ToTrash(Trash::Unreadable) => news(list, "trashed"),
    }
}

async fn restore(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<RestoreForm>) -> Response {
    let to = news(&paths::volume(&id), "restored");
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (typed, act) = (form.clone(), own(Verb::RestoreVolume, &caller, &id));
            (typed, pages.audited(&parts, |_| act, async move { actions::restore(&caller, &id, &form).await }).await)
        }
        Err(problem) => (RestoreForm::default(), Err(problem)),
    };
    pages.back_to(paths::TRASH, parts, form, done.map(|()| to)).await
}

async fn restore_anybodys(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<RestoreForm>) -> Response {
    let to = news(&paths::admin_volume(&id), "restored");
    let (form, done) = match pages.take_as_admin(&parts, posted, |_| Act::tried(Verb::RestoreVolume, &id)).await {
        Ok((admin, form)) => {
            let (typed, act) = (form.clone(), anybodys(Verb::RestoreVolume, &admin, &id));
            (typed, pages.audited(&parts, |_| act, async move { actions::restore_anybodys(&admin, &id, &form).await }).await)
        }
        Err(problem) => (RestoreForm::default(), Err(problem)),
    };
    pages.back_to(paths::ADMIN_TRASH, parts, form, done.map(|()| to)).await
}

impl Pages {
    /// The same for a form whose own address has no page: it is refused on the page that it stands on.
    async fn back_to<F: Clone + Send + Sync + 'static>(
        &self,
        page: &'static str,
        parts: Parts,
        form: F,
        done: Result<String, Problem>,
    ) -> Response {
        match done {
            Err(problem) if wants_page(&parts.headers) && problem.code == Code::NotFound => self.render(parts, Nowhere).await,
            Err(problem) => self.refuse(at(page, parts), form, problem).await,
            Ok(to) => Redirect::to(&to).into_response(),
        }
    }
}
