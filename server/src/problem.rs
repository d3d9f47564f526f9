//! How does a "no" leave the portal? As JSON for programs; pages for people are `pages`' affair.

use crate::request_id;
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::problem::{Code, Problem};
use http::{HeaderValue, StatusCode, header};

/// The status of its code, and the id of the request that is being answered.
pub fn answer(problem: Problem) -> Response {
    let code = problem.code;
    let problem = Problem { request_id: problem.request_id.or_else(request_id::current), ..problem };
    let mut response = (status(code), Json(problem)).into_response();
    if matches!(code, Code::RateLimited | Code::SessionStoreUnavailable | Code::ClusterUnreachable | Code::ProviderUnavailable) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

pub fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
