//! What does a session hold, and how does it begin? Asked by the callback, the layer and sign-out.
//!
//! The store ends a session after idle time and after its absolute time; nothing here can prolong it.

use cluster::User;
use domain::owner::{OwnerKey, Principal};
use records::{OWNER, PROVIDER_SESSION};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;

const PERSON: &str = "person";

/// A person who has signed in, as the verified id token described them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub principal: Principal,
    /// A label value; display and filter only.
    pub username: String,
    pub name: String,
    pub admin: bool,
    #[serde(default)]
    pub groups: Vec<String>,
    /// The provider's own session, when it names it.
    pub sid: Option<String>,
    /// Handed back to the provider at sign-out; never to the browser otherwise.
    pub id_token: String,
}

impl Person {
    pub fn owner(&self) -> OwnerKey {
        OwnerKey::of(&self.principal)
    }

    /// What the records keep of a sign-in.
    pub fn record(&self, seen: i64) -> records::Person {
        let Self { principal, username, name, admin, groups, .. } = self.clone();
        records::Person { principal, username, name, admin, groups, seen }
    }

    pub fn user(&self) -> User {
        User::from_session(self.principal.clone(), self.username.clone(), self.name.clone(), self.admin).in_groups(self.groups.clone())
    }
}

/// How the records name a session of the provider; issuers are addresses and hold no space.
pub fn provider_session(issuer: &str, sid: &str) -> String {
    format!("{issuer} {sid}")
}

/// Starts a session under a new id. Whatever the browser's cookie meant before, planted or somebody else's, is gone.
pub async fn begin(session: &Session, person: &Person) -> Result<(), Error> {
    session.clear().await;
    session.cycle_id().await?;
    session.insert(PERSON, person).await?;
    session.insert(OWNER, person.owner().as_str()).await?;
    if let Some(sid) = &person.sid {
        session.insert(PROVIDER_SESSION, provider_session(person.principal.issuer(), sid)).await?;
    }
    session.save().await
}

/// Who is this? Nobody, if the session was made for another provider than the configured one.
pub async fn person(session: &Session, issuer: &str) -> Result<Option<Person>, Error> {
    let person: Option<Person> = session.get(PERSON).await?;
    Ok(person.filter(|person| person.principal.issuer() == issuer))
}
