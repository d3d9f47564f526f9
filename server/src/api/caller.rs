//! Who calls, and what may this token do?

use super::{Api, Refusal};
use app::audit::actions::By;
use axum::extract::FromRequestParts;
use cluster::UserCluster;
use domain::{
    problem::{Code, Problem},
    token::Scope,
};
use http::request::Parts;

pub struct Caller {
    pub cluster: UserCluster,
    pub by: By,
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refusal> {
        let by = By::of(&parts.extensions).ok_or_else(|| Problem::new(Code::Unauthenticated, "Send a token."))?;
        Ok(Self { cluster: api.cluster.as_user(by.user.clone()), by })
    }
}

impl Caller {
    /// Without a token it is the person themselves, reading.
    pub fn may(&self, scope: Scope) -> Result<(), Refusal> {
        match &self.by.token {
            Some(token) if !token.may(scope) => {
                let sentence = format!("This token lacks the scope {scope}, so nothing was done. Use one that has it.");
                Err(Problem::new(Code::Forbidden, sentence).into())
            }
            Some(_) | None => Ok(()),
        }
    }
}
