//! How do files leave a volume? As they are, or a folder as one archive; always as something to keep, never as something to show.

use super::{Pages, Posted, posts::own};
use crate::{auth::wants_page, problem};
use app::{paths, server};
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use cluster::{FileRead, User, UserCluster};
use domain::{
    audit::Verb,
    name::VolumeId,
    problem::{Code, Problem},
    volume::files::{FilePath, OpenForm, encoded},
};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};

/// Whatever a browser makes of a file, it has no origin, no scripts and no network.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

pub(super) fn routes() -> Router<Pages> {
    Router::new()
        .route("/volumes/{id}/files", post(open))
        .route("/volumes/{id}/file", get(file))
        .route("/volumes/{id}/archive", get(archive))
}

async fn open(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts, posted: Posted<OpenForm>) -> Response {
    let path = FilePath::of_query(parts.uri.query().unwrap_or_default()).unwrap_or_default();
    let (form, done) = match pages.take(&parts, posted) {
        Ok((caller, form)) => {
            let (act, to) = (own(Verb::OpenFiles, &caller, &id), paths::volume_files(&id, &path));
            let open = async move { caller.open_window(&volume_id(&id)?).await.map_err(|error| server::told(&error)) };
            (form, pages.audited(&parts, |_| act, open).await.map(|()| to))
        }
        Err(problem) => (OpenForm::default(), Err(problem)),
    };
    match done {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(problem) => pages.refuse(parts, form, problem).await,
    }
}

async fn file(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts) -> Response {
    let answer = async {
        let (caller, id, path) = asked(&pages, &id, &parts)?;
        send(&caller, &id, &path, &parts.headers).await
    };
    told(answer.await, &parts)
}

async fn archive(State(pages): State<Pages>, Path(id): Path<String>, parts: Parts) -> Response {
    let answer = async {
        let (caller, id, path) = asked(&pages, &id, &parts)?;
        let name = match path.name() {
            b"" => caller.volume(&id).map_err(|error| server::told(&error))?.volume.name.into_bytes(),
            name => name.to_vec(),
        };
        let bytes = caller.archive_folder(&id, &path).await.map_err(|error| server::told(&error))?;
        let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"))];
        Ok((headers, to_keep(&[&name[..], b".tar.gz"].concat()), Body::from_stream(bytes)).into_response())
    };
    told(answer.await, &parts)
}

fn asked(pages: &Pages, id: &str, parts: &Parts) -> Result<(UserCluster, VolumeId, FilePath), Problem> {
    let user = parts.extensions.get::<User>().cloned().ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to go on."))?;
    let id = volume_id(id)?;
    let path = FilePath::of_query(parts.uri.query().unwrap_or_default()).map_err(|refused| refused.problem())?;
    Ok((pages.portal.cluster.as_user(user), id, path))
}

fn volume_id(text: &str) -> Result<VolumeId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

fn told(answer: Result<Response, Problem>, parts: &Parts) -> Response {
    match answer {
        Ok(response) => response,
        Err(problem) if wants_page(&parts.headers) => {
            let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            super::message(status, "There is no download", &problem.message, Some((paths::VOLUMES, "Go to volumes")))
        }
        Err(problem) => problem::answer(problem),
    }
}

/// A file, or the part of it that is asked for.
pub async fn send(caller: &UserCluster, id: &VolumeId, path: &FilePath, headers: &HeaderMap) -> Result<Response, Problem> {
    let read = async |from, length| caller.read_file(id, path, from, length).await.map_err(|error| server::told(&error));
    let part = headers.get(header::RANGE).and_then(|range| Part::read(range.to_str().ok()?));
    let (from, length) = match part {
        None => return Ok(whole(read(0, None).await?, path)),
        Some(Part::From(from, length)) => (from, length),
        // Where the end is, has to be asked first.
        Some(Part::Last(length)) => (read(0, Some(0)).await?.size.saturating_sub(length), None),
    };
    let found = read(from, length).await?;
    // Of what has changed since its beginning was sent, no part fits.
    if headers.get(header::IF_RANGE).is_some_and(|seen| seen.as_bytes() != tag(&found).as_bytes()) {
        return Ok(whole(read(0, None).await?, path));
    }
    if found.length == 0 {
        let range = format!("bytes */{}", found.size);
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, range)]).into_response());
    }
    let range = format!("bytes {from}-{}/{}", from.saturating_add(found.length - 1), found.size);
    Ok((StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, range)], whole(found, path)).into_response())
}

fn whole(read: FileRead, path: &FilePath) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, read.length.to_string()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, tag(&read)),
    ];
    (headers, to_keep(path.name()), Body::from_stream(read.bytes)).into_response()
}

fn tag(read: &FileRead) -> String {
    format!("\"{}-{}\"", read.modified, read.size)
}

/// What makes an answer a file to keep, under this name (RFC 6266).
fn to_keep(name: &[u8]) -> [(header::HeaderName, HeaderValue); 2] {
    let plain: String =
        name.iter().map(|byte| if byte.is_ascii_alphanumeric() || b"-_. ".contains(byte) { char::from(*byte) } else { '_' }).collect();
    let text = String::from_utf8_lossy(name);
    let full = encoded(text.as_bytes()).replace('/', "%2F");
    let value = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"));
    let value = value.unwrap_or(HeaderValue::from_static("attachment"));
    [(header::CONTENT_DISPOSITION, value), (header::CONTENT_SECURITY_POLICY, SANDBOX)]
}

/// One part of a file (RFC 9110, 14.1.2). Several at once, and what cannot be read, are answered with the whole.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    From(u64, Option<u64>),
    Last(u64),
}

impl Part {
    fn read(text: &str) -> Option<Self> {
        let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        let number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
        if first.is_empty() {
            return number(last).map(Self::Last);
        }
        let from: u64 = number(first)?;
        if last.is_empty() {
            return Some(Self::From(from, None));
        }
        let last: u64 = number(last)?;
        Some(Self::From(from, Some(last.checked_sub(from)?.saturating_add(1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_and_what_is_none_is_the_whole() {
        assert_eq!(Part::read("bytes=0-0"), Some(Part::From(0, Some(1))));
        assert_eq!(Part::read("bytes=5-"), Some(Part::From(5, None)));
        assert_eq!(Part::read("bytes=-7"), Some(Part::Last(7)));
        for odd in ["bytes=7-5", "bytes=-", "bytes=+1-2", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b", "bytes=99999999999999999999-", ""] {
            assert_eq!(Part::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn c5_092_no_name_leaves_its_header() {
        let named = |name: &[u8]| to_keep(name)[0].1.to_str().unwrap().to_owned();
        assert_eq!(named(b"report.html"), "attachment; filename=\"report.html\"; filename*=UTF-8''report.html");
        assert_eq!(
            named("a\"b\r\nSet-Cookie: x=é".as_bytes()),
            "attachment; filename=\"a_b__Set-Cookie_ x___\"; filename*=UTF-8''a%22b%0D%0ASet-Cookie%3A%20x%3D%C3%A9"
        );
        assert_eq!(named(b"\xff"), "attachment; filename=\"_\"; filename*=UTF-8''%EF%BF%BD");
        assert_eq!(to_keep(b"x.svg")[1].1, "default-src 'none'; sandbox");
    }
}
