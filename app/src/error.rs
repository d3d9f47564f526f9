//! What may a browser know about a failure? One problem, which crosses from the server function intact.

use domain::problem::{Code, Problem};
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(transparent)]
#[error("{}", .0.message)]
pub struct ApiError(pub Problem);

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// Arguments that cannot be read are the caller's mistake; everything else is ours.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self(Problem::new(Code::Malformed, "The request could not be read."))
            }
            ServerFnErrorErr::Request(_) => Self(Problem::new(Code::Internal, "The portal could not be reached. Check the connection.")),
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_) => {
                Self(Problem::new(Code::Internal, "Something went wrong in the portal. Try again in a moment."))
            }
        }
    }
}
