//! Which addresses are for scripts and not for people? Server functions and the stream: no page is behind them, so no answer is one.

use crate::problem;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use domain::problem::{Code, Problem};
use http::{HeaderValue, Method, header};

const FUNCTIONS: &str = "/fn/";

pub fn is_for_programs(path: &str) -> bool {
    path.starts_with(FUNCTIONS) || path == "/live"
}

/// Whoever asks these is a program, whatever it says. leptos sends what looks like a browser back to its `Referer`, which is anybody's.
pub async fn plain(mut request: Request, next: Next) -> Response {
    if is_for_programs(request.uri().path()) {
        // HEAD would do the whole work of an answer that nobody reads.
        if *request.method() == Method::HEAD && request.uri().path().starts_with(FUNCTIONS) {
            let mut response = problem::answer(Problem::new(Code::MethodNotAllowed, "Server functions answer no HEAD requests."));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
            return response;
        }
        let headers = request.headers_mut();
        headers.remove(header::REFERER);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_functions_and_the_stream_are_for_programs_and_pages_are_not() {
        for path in ["/fn/volumes/list", "/fn/", "/live"] {
            assert!(is_for_programs(path), "{path}");
        }
        for path in ["/", "/volumes", "/fn", "/fnord", "/livez", "/auth/login"] {
            assert!(!is_for_programs(path), "{path}");
        }
    }
}
