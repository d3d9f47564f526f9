//! What may a person do to their API tokens, and an administrator to anybody's? The forms' posts end here.

use crate::server::{now, records_failed};
use cluster::{AdminCluster, User};
use domain::{
    problem::{Code, Problem},
    token::{MOST_PER_PERSON, Secret, Token, TokenForm},
};
use records::{Bearer, Person, Records};

/// A token that was made a moment ago. Its secret is on this one answer and nowhere else.
#[derive(Clone, Debug)]
pub struct Made {
    pub token: Token,
    pub secret: Secret,
}

pub async fn create(records: &Records, user: &User, form: &TokenForm) -> Result<Made, Problem> {
    let spec = form.check(user.is_admin()).map_err(Problem::invalid)?;
    let person = Person {
        principal: user.principal().clone(),
        username: user.username().to_owned(),
        name: user.name().to_owned(),
        admin: user.is_admin(),
        groups: user.groups().to_vec(),
        seen: now(),
    };
    records.people().known(&person).await.map_err(|error| records_failed(&error))?;
    let made = records.tokens().create(user.key(), &spec).await.map_err(|error| records_failed(&error))?;
    let (token, secret) = made.ok_or_else(|| {
        Problem::new(Code::Conflict, format!("You have {MOST_PER_PERSON} tokens, which is the most. Revoke one that you no longer use."))
    })?;
    Ok(Made { token, secret })
}

pub async fn revoke(records: &Records, user: &User, id: &str) -> Result<Token, Problem> {
    let revoked = records.tokens().revoke(user.key(), id).await.map_err(|error| records_failed(&error))?;
    revoked.ok_or_else(Problem::not_found)
}

/// Ends anybody's token. Whoever has the role may.
pub async fn revoke_anybodys(records: &Records, _admin: &AdminCluster, id: &str) -> Result<Bearer, Problem> {
    let revoked = records.tokens().revoke_anybodys(id).await.map_err(|error| records_failed(&error))?;
    revoked.ok_or_else(Problem::not_found)
}
