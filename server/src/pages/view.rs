//! How does a browser keep how somebody likes their lists? In a cookie for each list, which the form of the list's View box sets.
//!
//! The rule for what holds when is in [`domain::listing`]. A cookie, so that the first answer is right, with scripts and without;
//! only the server reads and writes it. It says nothing about a person and gives no right: whoever forges it sees their own list with
//! other columns.

use super::Pages;
use crate::{auth::cookie, problem};
use app::{
    paths,
    server::{self, Tastes},
};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use domain::listing::{Taste, View};
use http::{HeaderMap, header, request::Parts};

/// A year; set again with each use of the form.
const SECONDS: i64 = 365 * 24 * 60 * 60;

pub(super) fn routes() -> Router<Pages> {
    Router::new().route(paths::VOLUMES_VIEW, post(own)).route(paths::ADMIN_VOLUMES_VIEW, post(everybodys))
}

type Posted = super::Posted<Vec<(String, String)>>;

async fn own(State(pages): State<Pages>, parts: Parts, posted: Posted) -> Response {
    remember(&pages, &parts, posted, false)
}

async fn everybodys(State(pages): State<Pages>, parts: Parts, posted: Posted) -> Response {
    remember(&pages, &parts, posted, true)
}

/// Back to the list, with the filter and the order that it had.
fn remember(pages: &Pages, parts: &Parts, posted: Posted, everybody: bool) -> Response {
    let fields = match pages.take(parts, posted) {
        Ok((caller, fields)) => match caller.admin() {
            Err(error) if everybody => return problem::answer(server::told(&error)),
            Ok(_) | Err(_) => fields,
        },
        Err(problem) => return problem::answer(problem),
    };
    let view = View::read(everybody, fields.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let (taste, name) = (view.taste(), pages.cookies.taste(everybody));
    let is_usual = taste == Taste::usual(everybody);
    let cookie = if is_usual { pages.cookies.drop(&name) } else { pages.cookies.set(&name, &taste.word(), SECONDS) };
    let list = if everybody { paths::ADMIN_VOLUMES } else { paths::VOLUMES };
    let to = paths::with_query(list, &View { page: 1, remembered: taste, ..view }.pairs());
    let mut response = Redirect::to(&to).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

impl Pages {
    /// What this browser remembers. A cookie that is there twice, or that the portal did not write, is none.
    pub(super) fn tastes(&self, headers: &HeaderMap) -> Tastes {
        let taste = |everybody| {
            let word = cookie::value(headers, &self.cookies.taste(everybody));
            word.and_then(|word| Taste::of(everybody, word)).unwrap_or_else(|| Taste::usual(everybody))
        };
        Tastes { own: taste(false), everybodys: taste(true) }
    }
}
