//! What may a program do with Secrets? See what they are called, put values in, delete. It cannot read a value, as nobody can.

use super::{
    Api, Refusal,
    caller::Caller,
    openapi::Refused,
    read::{self, Asked, Nothing},
};
use app::{
    audit::actions::audited,
    secrets::actions::{self, act_on, secret_name},
    server::told,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
};
use domain::{
    audit::Verb,
    problem::{FieldErrors, Problem},
    secret::{SecretForm, ValueRow},
    task::SeenForm,
    text,
    token::Scope,
};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct SecretList {
    secrets: Vec<Secret>,
}

/// A Secret, as far as anybody can see it.
#[derive(Serialize, ToSchema)]
pub struct Secret {
    #[schema(example = "s3")]
    name: String,
    #[schema(example = json!(["ACCESS_KEY", "SECRET_KEY"]))]
    keys: Vec<String>,
    #[schema(format = DateTime)]
    set_at: String,
    /// `false`: its values are missing. Put them in again, or delete it.
    complete: bool,
}

impl From<&domain::secret::Secret> for Secret {
    fn from(secret: &domain::secret::Secret) -> Self {
        Self {
            name: secret.name.to_string(),
            keys: secret.keys.iter().map(ToString::to_string).collect(),
            set_at: text::machine_date(secret.set),
            complete: !secret.is_incomplete,
        }
    }
}

/// A name, and keys with their values.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PutSecret {
    /// Small letters, digits and -, a letter first; at most 40.
    #[schema(required, example = "s3")]
    name: String,
    // Read by hand: what a reader says about a value of the wrong kind would repeat it.
    /// Called like variables, each with its text.
    #[schema(required, value_type = BTreeMap<String, String>, example = json!({"ACCESS_KEY": "…", "SECRET_KEY": "…"}))]
    values: Value,
    /// Sets all values of the Secret of this name anew, if there is one. Otherwise that is a conflict.
    replace: bool,
}

impl PutSecret {
    fn form(self) -> Result<SecretForm, Problem> {
        let wrong = || Problem::invalid(FieldErrors::one("values", "Give each key its value as a text."));
        let Value::Object(values) = self.values else { return Err(wrong()) };
        let row = |(key, value): (String, Value)| match value {
            Value::String(value) => Ok(ValueRow { key, value: value.into() }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(wrong()),
        };
        let rows = values.into_iter().map(row).collect::<Result<_, _>>()?;
        Ok(SecretForm { name: self.name, rows, ..SecretForm::default() })
    }
}

/// Your Secrets: names and keys.
#[utoipa::path(get, path = "/api/secrets", tag = "secrets", operation_id = "list_secrets", responses((status = OK, body = SecretList), Refused))]
pub async fn list(caller: Caller, _: Asked<Nothing>) -> Result<Json<SecretList>, Refusal> {
    caller.may(Scope::TasksRead)?;
    Ok(Json(SecretList { secrets: caller.cluster.secrets().await?.iter().map(Secret::from).collect() }))
}

/// Put a Secret in for your tasks, or set its values anew.
///
/// No call and no page answers a value again. A task file names it below `secrets`: `TOKEN: hugging-face/TOKEN`.
#[utoipa::path(
    post, path = "/api/secrets", tag = "secrets", operation_id = "put_secret",
    request_body = PutSecret,
    responses((status = CREATED, description = "It is stored", body = Secret), (status = OK, description = "Its values were set anew", body = Secret), Refused)
)]
pub async fn put(
    State(api): State<Api>,
    caller: Caller,
    _: Asked<Nothing>,
    headers: HeaderMap,
    sent: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Secret>), Refusal> {
    caller.told(act_on(Verb::CreateSecret, ""), caller.may(Scope::TasksWrite)).await?;
    let asked: PutSecret = read::json(&headers, &read::bytes(sent)?)?;
    let replace = asked.replace;
    let form = asked.form()?;
    // What is not there cannot be replaced: then it is made.
    let known = match secret_name(form.name.trim()) {
        Ok(name) if replace => match caller.cluster.secret(&name).await {
            Ok(known) => Some(known),
            Err(cluster::Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        },
        Ok(_) | Err(_) => None,
    };
    let verb = if known.is_some() { Verb::ReplaceSecret } else { Verb::CreateSecret };
    let status = if known.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    let (act, cluster) = (act_on(verb, form.name.trim()), caller.cluster);
    let write = async move {
        match known {
            Some(known) => {
                let form = SecretForm { uid: known.uid, ..form };
                actions::replace(&cluster, known.name.as_str(), &form).await
            }
            None => actions::create(&cluster, &form).await,
        }
    };
    let made = audited(&api.records, caller.by, move |_: Option<&domain::secret::Secret>| act, write).await?;
    Ok((status, Json(Secret::from(&made))))
}

/// Delete a Secret of yours. Pods that run keep what they have read.
#[utoipa::path(
    delete, path = "/api/secrets/{name}", tag = "secrets", operation_id = "delete_secret",
    params(("name" = String, Path, description = "What it is called")),
    responses((status = NO_CONTENT, description = "It is gone"), Refused)
)]
pub async fn delete(State(api): State<Api>, caller: Caller, Path(name): Path<String>, _: Asked<Nothing>) -> Result<StatusCode, Refusal> {
    caller.told(act_on(Verb::DeleteSecret, &name), caller.may(Scope::TasksWrite)).await?;
    let (act, cluster) = (act_on(Verb::DeleteSecret, &name), caller.cluster);
    let gone = async move {
        let known = cluster.secret(&secret_name(&name)?).await.map_err(|error| told(&error))?;
        actions::delete(&cluster, &name, &SeenForm { uid: known.uid }).await
    };
    audited(&api.records, caller.by, move |_: Option<&()>| act, gone).await?;
    Ok(StatusCode::NO_CONTENT)
}
