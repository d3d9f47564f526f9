//! What holds for every request and every answer, whoever asks? Headers, the Host check, the same-origin check, panics.

use crate::auth::{Auth, wants_page};
use crate::config::Config;
use crate::{pages, problem, programs};
use app::paths;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use domain::problem::{Code, Problem};
use futures::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::Limited;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Largest request body.
pub const BODY_LIMIT: usize = 64 * 1024;
/// The same where files can be attached: 256 KiB of them in base64, the task file beside them, and both once more escaped.
const TASK_BODY_LIMIT: usize = 1024 * 1024;

/// Messages of the provider come from its server, not from a page.
const FROM_SERVERS: &str = "/auth/backchannel-logout";
/// Asked by the kubelet under the pod's own address.
const HEALTH: &[&str] = &["/livez", "/readyz", "/startupz"];

/// The nonce of this answer's Content-Security-Policy, in the request's extensions.
#[derive(Clone, Debug)]
pub struct CspNonce(pub String);

#[derive(Clone)]
pub struct Security {
    auth: Arc<Auth>,
    origin: String,
    hosts: Vec<String>,
    https: bool,
    /// Where the reload script of `make dev` listens.
    reload: Option<String>,
}

impl Security {
    pub fn new(config: &Config, auth: Arc<Auth>) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
        let port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse::<u16>().ok()).unwrap_or(3001);
        let mut hosts = vec![config.public_url.authority().to_owned()];
        hosts.extend(config.listen.hosts.iter().map(|host| host.to_ascii_lowercase()));
        Self {
            auth,
            origin: config.public_url.origin().to_owned(),
            hosts,
            https: config.public_url.is_https(),
            reload: (is_set("STOWAGE_DEV") || is_set("LEPTOS_WATCH")).then(|| format!(" ws://127.0.0.1:{port}")),
        }
    }

    fn policy(&self, nonce: &str) -> String {
        let (reload, provider) = (self.reload.as_deref().unwrap_or_default(), self.auth.form_origins());
        format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
             img-src 'self' data:; font-src 'self'; connect-src 'self'{reload}; worker-src 'self'; form-action 'self' {provider}; base-uri 'none'; \
             object-src 'none'; frame-ancestors 'none'; manifest-src 'self'"
        )
    }
}

/// The same headers on every answer: pages, problems, redirects, files, panics.
pub async fn headers(State(security): State<Security>, mut request: Request, next: Next) -> Response {
    let bytes: [u8; 16] = rand::random();
    let nonce = BASE64URL_NOPAD.encode(&bytes);
    request.extensions_mut().insert(CspNonce(nonce.clone()));
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let cache = cache_control(&path, response.status());
    let headers = response.headers_mut();
    // Without the policy there is no answer: a page that ran unguarded would be worse than none.
    let Ok(policy) = HeaderValue::from_str(&security.policy(&nonce)) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    // What comes out of a volume has a stricter one.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if security.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

const FIXED: [(&str, &str); 6] = [
    ("speculation-rules", "\"/prefetch.json\""),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    // Not `no-referrer`: a form post without scripts is redirected to where it came from.
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()",
    ),
];

/// Files that carry a hash in their name never change; all else is somebody's and is kept nowhere.
fn cache_control(path: &str, status: StatusCode) -> &'static str {
    let is_file = crate::auth::layer::is_open(path) && !path.starts_with("/auth/") && !programs::is_api(path);
    if !is_file || !(status.is_success() || status == StatusCode::NOT_MODIFIED) {
        return "no-store";
    }
    if path.starts_with("/pkg/") && has_hash(path) { "public, max-age=31536000, immutable" } else { "public, max-age=3600" }
}

/// As cargo-leptos writes it: 22 characters between two dots.
fn has_hash(path: &str) -> bool {
    let is_hash = |part: &str| part.len() == 22 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    path.rsplit('/').next().is_some_and(|name| name.split('.').any(is_hash))
}

/// A name that is not ours means that somebody else's name leads here (DNS rebinding), or that links built from it would.
pub async fn host(State(security): State<Security>, request: Request, next: Next) -> Response {
    let is_ours = |host: &str| security.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host));
    if HEALTH.contains(&request.uri().path()) || hosts(request.headers(), request.uri()).is_some_and(|mut hosts| hosts.all(is_ours)) {
        return next.run(request).await;
    }
    let sentence = format!("The portal is at {}. Go there and try again.", security.origin);
    if wants_page(request.headers()) {
        pages::message(
            StatusCode::MISDIRECTED_REQUEST,
            "This is not the portal's address",
            &sentence,
            Some((&security.origin, "Go to the portal")),
        )
    } else {
        let mut response = problem::answer(Problem::new(Code::Malformed, sentence));
        *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
        response
    }
}

/// Every name that the request uses for us: one Host header at most, and the address itself (HTTP/2, absolute form). Nothing if
/// there is none, two, or one that is no text.
fn hosts<'r>(headers: &'r HeaderMap, uri: &'r Uri) -> Option<impl Iterator<Item = &'r str>> {
    let mut named = headers.get_all(header::HOST).iter();
    let first = match named.next() {
        Some(value) => Some(value.to_str().ok()?),
        None => None,
    };
    let address = uri.authority().map(http::uri::Authority::as_str);
    (named.next().is_none() && (first.is_some() || address.is_some())).then(|| first.into_iter().chain(address))
}

/// Acts come from our own pages. Reads pass: they change nothing. So does the API, which no cookie lets act.
pub async fn same_origin(State(security): State<Security>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // A page of any site may open a socket, and reads what comes: it has to say its origin, exactly (RFC 6455, 10.2).
    let opens_socket = request.headers().contains_key(header::UPGRADE);
    let headers = request.headers();
    let is_ours = is_ours(headers, &security.origin);
    let is_from_here = if opens_socket { is_ours && names_origin(headers, &security.origin) } else { is_read || is_ours };
    let passes = is_from_here || request.uri().path() == FROM_SERVERS || programs::is_api(request.uri().path());
    if passes {
        return next.run(request).await;
    }
    tracing::warn!("a request from another site was refused");
    let problem = Problem::new(Code::CrossSite, "This did not come from the portal's own pages. Open the portal and try again there.");
    if wants_page(request.headers()) {
        pages::message(StatusCode::FORBIDDEN, "Refused", &problem.message, Some(("/", "Open the portal")))
    } else {
        problem::answer(problem)
    }
}

fn names_origin(headers: &HeaderMap, origin: &str) -> bool {
    let mut named = headers.get_all(header::ORIGIN).iter();
    named.next().is_some_and(|value| value == origin) && named.next().is_none()
}

/// What the browser itself says, which pages cannot forge; `Origin` from those that do not say it.
fn is_ours(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.get(header::ORIGIN).is_some_and(|value| value == origin),
    }
}

/// No body is read further than its address takes.
pub async fn body_limit(request: Request, next: Next) -> Response {
    let is_task = [paths::NEW_TASK, paths::API_SUBMIT_TASK, paths::API_PREFLIGHT].contains(&request.uri().path());
    let limit = if is_task { TASK_BODY_LIMIT } else { BODY_LIMIT };
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|declared| declared > limit) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, limit)))).await
}

/// A coding that is refused is forgotten with all others: the compression would answer 406 in place of what was done already, and an
/// answer as it is helps everybody (RFC 9110, 12.5.3).
pub async fn any_coding(mut request: Request, next: Next) -> Response {
    let refuses = |line: &HeaderValue| line.to_str().is_ok_and(|line| line.contains("q=0"));
    if request.headers().get_all(header::ACCEPT_ENCODING).iter().any(refuses) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

/// What the layers and the router below refuse by themselves gets the one shape of every "no".
pub async fn shape(request: Request, next: Next) -> Response {
    let is_task = request.uri().path() == paths::NEW_TASK;
    let page = wants_page(request.headers());
    let response = next.run(request).await;
    let status = response.status();
    let (code, heading, sentence) = if status == StatusCode::METHOD_NOT_ALLOWED {
        (Code::MethodNotAllowed, "This address does not take that", "Nothing was changed. Open the page again and use its own buttons.")
    } else if status == StatusCode::PAYLOAD_TOO_LARGE {
        let sentence = if is_task {
            "Nothing was changed. What was sent is too large: at most 256 KiB can be attached, and your browser's back button may bring back what you typed."
        } else {
            "Nothing was changed. What was sent is larger than 64 KB; send less."
        };
        (Code::TooLarge, "Too large", sentence)
    } else if status == StatusCode::URI_TOO_LONG {
        (Code::TooLarge, "Too long", "Nothing was changed. The address is too long; use a shorter one.")
    } else {
        return response;
    };
    if has_shape(response.headers()) {
        return response;
    }
    let mut shaped = if page {
        pages::message(status, heading, sentence, Some(("/", "Open the portal")))
    } else {
        problem::answer(Problem::new(code, sentence))
    };
    // 414 has no code of its own.
    *shaped.status_mut() = status;
    let about_body = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING];
    for (name, value) in response.headers().iter().filter(|(name, _)| !about_body.contains(name)) {
        shaped.headers_mut().append(name, value.clone());
    }
    shaped
}

fn has_shape(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/json") || kind.starts_with("text/html")
}

/// A panic ends one request and nothing else.
pub async fn panics(request: Request, next: Next) -> Response {
    let page = wants_page(request.headers());
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) if page => pages::failed(),
        Err(_) => problem::answer(Problem::new(Code::Internal, "Something went wrong in the portal. Try again in a moment.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ending::Ending;
    use crate::{request_id, serve};
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use futures::{StreamExt, stream};
    use std::convert::Infallible;
    use std::net::SocketAddr;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    type Piece = Result<&'static str, Infallible>;

    async fn broken() -> &'static str {
        panic!("injected")
    }

    /// A word, and then what `rest` does.
    fn words(rest: impl Future<Output = &'static str> + Send + 'static) -> Body {
        Body::from_stream(stream::iter([Piece::Ok("begun ")]).chain(stream::once(async move { Piece::Ok(rest.await) })))
    }

    async fn send(socket: &mut TcpStream, path: &str, accept: &str) {
        let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\naccept: {accept}\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
    }

    async fn until(socket: &mut TcpStream, end: &str) -> String {
        let mut text = Vec::new();
        let reading = async {
            while !String::from_utf8_lossy(&text).contains(end) {
                assert_ne!(socket.read_buf(&mut text).await.unwrap(), 0, "{}", String::from_utf8_lossy(&text));
            }
        };
        timeout(Duration::from_secs(5), reading).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn d_43_a_panic_ends_its_own_request_or_stream_with_an_id_and_no_other() {
        let (go_on, waits) = tokio::sync::watch::channel(false);
        let router = Router::new()
            .route("/broken", get(broken))
            .route("/fine", get(async || "fine"))
            .route("/stream/broken", get(async || words(async { panic!("injected") })))
            .route(
                "/stream/fine",
                get(async move || {
                    let mut waits = waits.clone();
                    words(async move { waits.wait_for(|go| *go).await.map_or("never", |_| "to the end") })
                }),
            )
            .layer(from_fn(panics))
            .layer(from_fn(shape))
            .layer(from_fn(request_id::name));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let (end, ending) = Ending::new();
        let served = tokio::spawn(serve::serve(listener, router, ending, serve::HEAD_PATIENCE));

        let mut stays = TcpStream::connect(address).await.unwrap();
        send(&mut stays, "/stream/fine", "*/*").await;
        until(&mut stays, "begun").await;
        let mut socket = TcpStream::connect(address).await.unwrap();
        for (accept, said) in [("application/json", "\"code\":\"internal\""), ("text/html", "</html>")] {
            send(&mut socket, "/broken", accept).await;
            let answer = until(&mut socket, if accept == "text/html" { "</html>" } else { "}" }).await;
            let id = answer.split_once("x-request-id: ").unwrap().1.split('\r').next().unwrap();
            assert!(answer.starts_with("HTTP/1.1 500") && answer.contains(said) && !answer.contains("injected"), "{answer}");
            assert!(accept == "text/html" || answer.matches(id).count() == 2, "the problem names its request: {answer}");
            // The same connection serves the next request.
            send(&mut socket, "/fine", accept).await;
            assert!(until(&mut socket, "fine").await.starts_with("HTTP/1.1 200"));
        }
        let mut broken = TcpStream::connect(address).await.unwrap();
        send(&mut broken, "/stream/broken", "*/*").await;
        let mut rest = Vec::new();
        // However it ends, it is not with the word that ends a whole answer.
        let _cut = timeout(Duration::from_secs(5), broken.read_to_end(&mut rest)).await.expect("it ends");
        assert!(!rest.ends_with(b"0\r\n\r\n"), "{}", String::from_utf8_lossy(&rest));
        go_on.send_replace(true);
        until(&mut stays, "to the end").await;
        end.now();
        timeout(Duration::from_secs(5), served).await.expect("nothing broken holds the end up").unwrap();
    }

    #[test]
    fn only_files_with_a_hash_are_kept_for_long() {
        let cached = |path| cache_control(path, StatusCode::OK);
        assert_eq!(cached("/pkg/stowage.nrLOLYXiwvzA0GLuEsBc6w.css"), "public, max-age=31536000, immutable");
        assert_eq!(cached("/pkg/stowage.css"), "public, max-age=3600");
        assert_eq!(cached("/robots.txt"), "public, max-age=3600");
        for path in ["/", "/volumes", "/live", "/auth/signed-out", "/api/openapi.json"] {
            assert_eq!(cached(path), "no-store", "{path}");
        }
        assert_eq!(cache_control("/pkg/stowage.nrLOLYXiwvzA0GLuEsBc6w.css", StatusCode::NOT_FOUND), "no-store");
    }

    fn names(lines: &[&str], uri: &str) -> Option<Vec<String>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::HOST, HeaderValue::from_str(line).unwrap());
        }
        hosts(&headers, &uri.parse().unwrap()).map(|found| found.map(str::to_owned).collect())
    }

    #[test]
    fn c2_029_every_name_that_a_request_uses_is_looked_at() {
        assert_eq!(names(&["a:1"], "/"), Some(vec!["a:1".to_owned()]));
        assert_eq!(names(&["a:1"], "http://b/"), Some(vec!["a:1".to_owned(), "b".to_owned()]));
        assert_eq!(names(&["a", "a"], "/"), None);
        assert_eq!(names(&[], "/"), None);
    }
}
