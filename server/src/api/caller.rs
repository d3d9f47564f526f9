//! Who calls, and what may this token do?

use super::{Api, Refusal};
use crate::auth::RoleRests;
use app::audit::actions::{Act, By, Trail};
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
    trail: Trail,
    role_rests: bool,
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refusal> {
        let by = By::of(&parts.extensions).ok_or_else(|| Problem::new(Code::Unauthenticated, "Send a token."))?;
        let role_rests = parts.extensions.get::<RoleRests>().is_some();
        Ok(Self { cluster: api.cluster.as_user(by.user.clone()), trail: Trail::new(&api.records, by.clone()), by, role_rests })
    }
}

impl Caller {
    /// Without a token it is the person themselves, reading.
    pub fn may(&self, scope: Scope) -> Result<(), Problem> {
        match &self.by.token {
            Some(_) if scope == Scope::Admin && self.role_rests => {
                let sentence = "This token has no administrator role at the moment, because its person has not signed in for some time, so \
                                nothing was done. Sign in again in the portal; then it has the role again.";
                Err(Problem::new(Code::Forbidden, sentence))
            }
            Some(token) if !token.may(scope) => {
                let sentence = format!("This token lacks the scope {scope}, so nothing was done. Use one that has it.");
                Err(Problem::new(Code::Forbidden, sentence))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The same for what changes something: an attempt without the right is on record.
    pub async fn may_change(&self, tried: Act) -> Result<(), Problem> {
        let may = self.may(Scope::VolumesWrite);
        self.told(tried, may).await
    }

    /// What was refused before it began is on record like what was refused later.
    pub async fn told<T>(&self, tried: Act, result: Result<T, Problem>) -> Result<T, Problem> {
        if let Err(problem) = &result {
            self.trail.ended(tried, Some(problem)).await;
        }
        result
    }
}
