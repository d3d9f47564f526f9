//! Which forms write a Secret, and where does each lead? To the list, or back to the form without a value in it.

use super::{Pages, Posted, posts::news};
use app::{
    paths,
    secrets::actions::{self, act_on},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use cluster::UserCluster;
use domain::{
    audit::Verb,
    problem::{Code, Problem},
    secret::{Secret, SecretForm},
    task::SeenForm,
};
use http::request::Parts;

/// Each field as often as it was sent.
type Pairs = Vec<(String, String)>;

pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route(paths::NEW_SECRET, post(create))
        .route(&paths::replace_secret(&"{name}"), post(replace))
        .route(&paths::delete_secret(&"{name}"), post(delete))
}

impl Pages {
    fn take_secret(&self, parts: &Parts, posted: Posted<Pairs>) -> Result<(UserCluster, SecretForm), Problem> {
        let (caller, pairs) = self.take(parts, posted)?;
        let form = SecretForm::from_pairs(pairs)
            .map_err(|_| Problem::new(Code::Invalid, "The form sent a field that it does not have, so nothing was changed."))?;
        Ok((caller, form))
    }
}

async fn create(State(pages): State<Pages>, parts: Parts, posted: Posted<Pairs>) -> Response {
    let (form, done) = match pages.take_secret(&parts, posted) {
        Ok((caller, form)) => {
            let (shown, act) = (form.without_values(), act_on(Verb::CreateSecret, form.name.trim()));
            let what = |_: Option<&Secret>| act;
            (shown, pages.audited(&parts, what, async move { actions::create(&caller, &form).await }).await)
        }
        Err(problem) => (SecretForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|_| news(paths::SECRETS, "created"))).await
}

async fn replace(State(pages): State<Pages>, Path(name): Path<String>, parts: Parts, posted: Posted<Pairs>) -> Response {
    let (form, done) = match pages.take_secret(&parts, posted) {
        Ok((caller, form)) => {
            let (shown, act) = (form.without_values(), act_on(Verb::ReplaceSecret, &name));
            let what = |_: Option<&Secret>| act;
            (shown, pages.audited(&parts, what, async move { actions::replace(&caller, &name, &form).await }).await)
        }
        Err(problem) => (SecretForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|_| news(paths::SECRETS, "replaced"))).await
}

async fn delete(State(pages): State<Pages>, Path(name): Path<String>, parts: Parts, posted: Posted<SeenForm>) -> Response {
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (seen, act) = (form.clone(), act_on(Verb::DeleteSecret, &name));
            (seen, pages.audited(&parts, |_| act, async move { actions::delete(&caller, &name, &form).await }).await)
        }
        Err(problem) => (SeenForm::default(), Err(problem)),
    };
    pages.lead(parts, form, done.map(|()| news(paths::SECRETS, "deleted"))).await
}
