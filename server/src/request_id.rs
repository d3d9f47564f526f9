//! Which request is this? The outermost layer names each one; logs, problems and the answer's header carry the name.

use app::server::RequestId;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use data_encoding::HEXLOWER;
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;
use tracing::Instrument;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task answers.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Ids from outside are not taken: they could be anything, and the same twice.
pub async fn name(mut request: Request, next: Next) -> Response {
    let bytes: [u8; 8] = rand::random();
    let id = HEXLOWER.encode(&bytes);
    request.headers_mut().remove(HEADER);
    request.extensions_mut().insert(RequestId(id.clone()));
    // The path without its query: codes and states of sign-ins are not for logs.
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    let started = Instant::now();
    let answered = async {
        let response = next.run(request).await;
        let (status, ms) = (response.status().as_u16(), started.elapsed().as_millis());
        if status >= 500 {
            tracing::warn!(status, ms, "answered")
        } else {
            tracing::debug!(status, ms, "answered")
        }
        response
    };
    let mut response = CURRENT.scope(id.clone(), answered).instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}
