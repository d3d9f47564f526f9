//! Which addresses are for scripts and not for people? The stream and the REST API: no page is behind them, so no answer is one.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, header};

const API: &str = "/api/";

pub fn is_api(path: &str) -> bool {
    path.starts_with(API)
}

pub fn is_for_programs(path: &str) -> bool {
    is_api(path) || path == "/live"
}

/// Whoever asks these is a program, whatever it says.
pub async fn plain(mut request: Request, next: Next) -> Response {
    if is_for_programs(request.uri().path()) {
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_and_the_api_are_for_programs_and_pages_are_not() {
        for path in ["/live", "/api/volumes", "/api/"] {
            assert!(is_for_programs(path), "{path}");
        }
        for path in ["/", "/volumes", "/api", "/apis", "/livez", "/auth/login"] {
            assert!(!is_for_programs(path), "{path}");
        }
    }
}
