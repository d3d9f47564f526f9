//! From which key of which Secret does a variable come? Written `name/key`.

use crate::{
    name::{EnvName, SecretName},
    near::near,
    secret::Secret,
};
use std::fmt;

/// A variable whose value is read from a Secret when the container starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromSecret {
    pub env: EnvName,
    pub name: SecretName,
    pub key: EnvName,
}

impl FromSecret {
    /// What stands behind the variable's name; nothing if it is no name and no key. What is typed there may be the secret itself, so
    /// nobody repeats it.
    pub fn read(env: EnvName, text: &str) -> Option<Self> {
        let (name, key) = text.trim().split_once('/')?;
        Some(Self { env, name: name.parse().ok()?, key: key.parse().ok()? })
    }
}

impl fmt::Display for FromSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.key)
    }
}

/// The sentence for a name that none of the person's Secrets has. Another person's is as absent as one that never was.
pub fn unknown_secret(name: &SecretName, own: &[Secret]) -> String {
    match near(name.as_str(), own.iter().map(|secret| secret.name.as_str())).as_slice() {
        [] => format!("You have no Secret named {name}. Put it in at /secrets/new, or leave the line out."),
        near => format!("You have no Secret named {name}. Did you mean {}? If not, put it in at /secrets/new.", near.join(" or ")),
    }
}

/// The sentence for a key that the Secret does not have.
pub fn unknown_key(key: &EnvName, secret: &Secret) -> String {
    let keys = || secret.keys.iter().map(EnvName::as_str);
    let name = &secret.name;
    match near(key.as_str(), keys()).as_slice() {
        [] => format!("Your Secret {name} has no key {key}. It has: {}.", keys().collect::<Vec<_>>().join(", ")),
        near => format!("Your Secret {name} has no key {key}. Did you mean {}?", near.join(" or ")),
    }
}
