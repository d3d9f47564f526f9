//! What does a call ask for? Bodies and queries, read strictly: what is not known is named, and nothing is done.

use super::Refusal;
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, Query, rejection::BytesRejection},
};
use domain::problem::{Code, FieldErrors, Problem};
use http::{HeaderMap, StatusCode, header, request::Parts};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use std::error::Error;

/// The query of a call.
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let Query(asked) = Query::<T>::try_from_uri(&parts.uri).map_err(|error| unknown("query", &error.body_text()))?;
        Ok(Self(asked))
    }
}

/// A query that has nothing in it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The body as it was sent, for whoever must know whether it is the same again.
pub fn bytes(sent: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    sent.map_err(|error| {
        if is_too_large(&error) {
            Problem::new(Code::TooLarge, "Nothing was changed. What was sent is too large; send less.")
        } else {
            Problem::new(Code::Malformed, "The body could not be read to its end, so nothing was changed. Send it again.")
        }
    })
}

/// axum looks for the limit right below its own error; here the deadline's layer is in between.
fn is_too_large(error: &BytesRejection) -> bool {
    let mut cause = Some(error as &dyn Error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// One JSON object, and nothing else.
pub fn json<T: DeserializeOwned>(headers: &HeaderMap, bytes: &Bytes) -> Result<T, Problem> {
    if !is_json(headers) {
        return Err(Problem::new(Code::UnsupportedMediaType, "Send JSON, with the header Content-Type: application/json."));
    }
    // serde would take the values of a list for the fields, in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Problem::new(Code::Malformed, "The body is not a JSON object, so nothing was changed."));
    }
    let Json(read) = Json::<T>::from_bytes(bytes).map_err(|error| {
        if error.status() == StatusCode::UNPROCESSABLE_ENTITY {
            unknown("body", &error.body_text())
        } else {
            Problem::new(Code::Malformed, format!("The body is not JSON, so nothing was changed: {}", detail(&error.body_text())))
        }
    })?;
    Ok(read)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// What was sent reads well but is not what is taken. The field is named beside its sentence.
fn unknown(part: &str, text: &str) -> Problem {
    let detail = detail(text);
    // serde names an unknown or repeated field between backquotes, and the path of one of another type before a colon.
    let quoted = detail.contains("field `").then(|| detail.split('`').nth(1)).flatten();
    let field = quoted.or_else(|| detail.split_once(": ").map(|(path, _)| path)).unwrap_or(part);
    let code = if detail.contains("duplicate field") { Code::Malformed } else { Code::Invalid };
    let fields = FieldErrors::one(field, detail);
    Problem { fields, ..Problem::new(code, format!("The {part} holds something that is not taken here, so nothing was done: {detail}.")) }
}

/// The part of an extractor's text that is about what was sent.
fn detail(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(_, detail)| detail)
}
