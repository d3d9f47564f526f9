//! What may a person do with their Secrets? The forms' posts end here, and programs' calls.

use crate::{audit::actions::Act, server::told};
use cluster::UserCluster;
use domain::{
    audit::Verb,
    name::SecretName,
    problem::Problem,
    secret::{Secret, SecretForm},
    task::SeenForm,
};

pub async fn create(caller: &UserCluster, form: &SecretForm) -> Result<Secret, Problem> {
    let spec = form.check().map_err(Problem::invalid)?;
    caller.create_secret(&spec).await.map_err(|error| told(&error))
}

/// Sets the values of the Secret that the person saw anew.
pub async fn replace(caller: &UserCluster, name: &str, form: &SecretForm) -> Result<Secret, Problem> {
    let name = secret_name(name)?;
    let form = SecretForm { name: name.to_string(), ..form.clone() };
    // Whoever has no such Secret hears that, whatever else they sent.
    caller.secret(&name).await.map_err(|error| told(&error))?;
    let spec = form.check().map_err(Problem::invalid)?;
    caller.replace_secret(&spec, &form.uid).await.map_err(|error| told(&error))
}

/// Deletes the Secret that the person saw.
pub async fn delete(caller: &UserCluster, name: &str, form: &SeenForm) -> Result<(), Problem> {
    caller.delete_secret(&secret_name(name)?, &form.uid).await.map_err(|error| told(&error))
}

/// A name from an address; anything else is as absent as one that nobody has.
pub fn secret_name(text: &str) -> Result<SecretName, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// An act on a Secret by its name. What no Secret can be called is not put on record: it may be what should have gone into one.
pub fn act_on(verb: Verb, name: &str) -> Act {
    match secret_name(name) {
        Ok(name) => Act::own(verb, name.as_str(), name.as_str()),
        Err(_) => Act::own(verb, "", ""),
    }
}
