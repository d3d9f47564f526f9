//! How are a person's Secrets written? Into a Secret that the portal may make and delete and never read, and a ConfigMap of the same
//! name with what is known about it: whose it is, what it is called, its keys.
//!
//! The ConfigMap is made first and owns the Secret, so that no Secret is ever without it: if the portal ends in between, what is there
//! says that its values are missing. One person has each name once, because whose it is and the name are what the objects are called.
//! New values come under the same name: what waits for its node, and the next run of a sweep, starts with those; a pod that starts
//! in the moment between waits for them (kubelet, `CreateContainerConfigError`).

use crate::{
    act::{ATTEMPTS, CREATE_DEADLINE, DEADLINE, Right, within},
    clock::now,
    error::Error,
    labels,
    object::{Meta, Row, maybe_cut},
    scope::{Link, User, UserCluster},
    volumes::PARALLEL,
};
use domain::{
    name::{EnvName, ObjectName, SecretName},
    problem::FieldErrors,
    secret::{MOST_PER_PERSON, Secret, SecretSpec},
    task::{FromSecret, Plan, unknown_key, unknown_secret},
    text,
};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::{ConfigMap, Secret as KubeSecret};
use kube::{
    Resource,
    api::{DeleteParams, Preconditions},
    core::Request,
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tracing::info;

/// What is known about a Secret: a ConfigMap with its keys, one a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct SecretRow {
    metadata: Meta,
    data: Option<Keys>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Keys {
    // 32 names of 128 characters and what lies between them.
    #[serde(deserialize_with = "maybe_cut::<4200, _, _>")]
    keys: Option<String>,
}

impl Row for SecretRow {
    const PLURAL: &'static str = "configmaps";

    fn path(namespace: &str) -> String {
        ConfigMap::url_path(&(), Some(namespace))
    }

    fn meta(&self) -> &Meta {
        &self.metadata
    }
}

impl SecretRow {
    /// What it says, if it is this person's and called as theirs are.
    fn secret(&self, user: &User) -> Option<Secret> {
        let name: SecretName = self.metadata.labels.secret.as_ref()?.parse().ok()?;
        Right::Owner(user.clone()).prove(true, &labels::Owner::of(&self.metadata)).ok()?;
        if self.metadata.name != ObjectName::of_secret(user.key(), &name).as_str() {
            return None;
        }
        let keys = self.data.as_ref().and_then(|data| data.keys.as_deref()).unwrap_or_default();
        Some(Secret {
            name,
            keys: keys.lines().filter_map(|key| key.parse().ok()).collect(),
            set: self.metadata.creation_timestamp.0.unwrap_or_default(),
            uid: self.metadata.uid.to_string(),
            is_incomplete: false,
        })
    }
}

/// The metadata of both objects.
fn metadata(namespace: &str, user: &User, name: &SecretName) -> Value {
    let principal = user.principal();
    json!({
        "name": ObjectName::of_secret(user.key(), name),
        "namespace": namespace,
        "labels": { labels::SECRET: name, labels::USERNAME: user.username(), labels::OWNER: user.key() },
        "annotations": {
            labels::OWNER_ISSUER: principal.issuer(),
            labels::OWNER_SUBJECT: principal.subject(),
            labels::CREATED_AT: text::machine_date(now()),
        },
    })
}

/// What is known about it.
fn about(metadata: &Value, spec: &SecretSpec) -> Value {
    let keys: Vec<&str> = spec.values.iter().map(|(key, _)| key.as_str()).collect();
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "keys": keys.join("\n") }, "immutable": true })
}

/// The Secret itself, which goes with the ConfigMap of this uid.
fn holding(metadata: &Value, uid: &str, values: Map<String, Value>) -> Value {
    let mut metadata = metadata.clone();
    metadata["ownerReferences"] = json!([{ "apiVersion": "v1", "kind": "ConfigMap", "name": metadata["name"], "uid": uid }]);
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "stringData": values })
}

fn stored(spec: &SecretSpec) -> Map<String, Value> {
    spec.values.iter().map(|(key, value)| (key.to_string(), value.reveal().into())).collect()
}

impl UserCluster {
    /// Own Secrets by their names, and whether their values are there.
    pub async fn secrets(&self) -> Result<Vec<Secret>, Error> {
        within(DEADLINE, async {
            let all = self.known_secrets().await?;
            stream::iter(all)
                .map(async |secret| {
                    let is_incomplete = !self.has_values(&secret).await?;
                    Ok(Secret { is_incomplete, ..secret })
                })
                .buffered(PARALLEL)
                .try_collect()
                .await
        })
        .await
    }

    /// The same by what is written about them alone: one request.
    pub async fn known_secrets(&self) -> Result<Vec<Secret>, Error> {
        let selector = format!("{},{}={}", labels::SECRET, labels::OWNER, self.user.key());
        let rows: Vec<SecretRow> = within(DEADLINE, self.link.list(Some(selector))).await?;
        let mut all: Vec<Secret> = rows.iter().filter_map(|row| row.secret(&self.user)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// One own Secret. Another person's is as absent as one that never was.
    pub async fn secret(&self, name: &SecretName) -> Result<Secret, Error> {
        within(DEADLINE, async {
            let secret = self.known_secret(name).await?;
            let is_incomplete = !self.has_values(&secret).await?;
            Ok(Secret { is_incomplete, ..secret })
        })
        .await
    }

    async fn known_secret(&self, name: &SecretName) -> Result<Secret, Error> {
        let row: SecretRow = self.link.get::<SecretRow, SecretRow>(&ObjectName::of_secret(self.user.key(), name)).await?;
        row.secret(&self.user).ok_or(Error::NotFound)
    }

    /// Whether there is a Secret to read from. The portal cannot look at one; but what it would make under the same name is refused
    /// if there is one, and nothing is made.
    async fn has_values(&self, secret: &Secret) -> Result<bool, Error> {
        let metadata = metadata(&self.link.namespace, &self.user, &secret.name);
        match self.link.post::<IgnoredAny>(&self.link.secrets(), &holding(&metadata, &secret.uid, Map::new()), true).await {
            Err(Error::Stale) => Ok(true),
            Ok(_) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes a Secret in this person's name.
    pub async fn create_secret(&self, spec: &SecretSpec) -> Result<Secret, Error> {
        within(CREATE_DEADLINE, async {
            let _turn = self.link.creating(self.user.key()).lock().await;
            let known = self.known_secrets().await?;
            if known.iter().any(|secret| secret.name == spec.name) {
                return Err(Error::SecretTaken { name: spec.name.to_string() });
            }
            if known.len() >= MOST_PER_PERSON {
                let sentence = format!("You have {MOST_PER_PERSON} Secrets, which is the most. Delete one that is not needed.");
                return Err(Error::Invalid(FieldErrors::one("name", sentence)));
            }
            self.make_secret(spec).await
        })
        .await
    }

    /// Sets all values of the Secret that the person saw anew: keys that are not named are gone.
    pub async fn replace_secret(&self, spec: &SecretSpec, seen_uid: &str) -> Result<Secret, Error> {
        within(CREATE_DEADLINE, async {
            let _turn = self.link.creating(self.user.key()).lock().await;
            let known = self.known_secret(&spec.name).await?;
            if known.uid != seen_uid {
                return Err(Error::Stale);
            }
            // What the cluster refuses is refused before anything goes.
            let metadata = metadata(&self.link.namespace, &self.user, &spec.name);
            match self.link.post::<IgnoredAny>(&self.link.secrets(), &holding(&metadata, &known.uid, stored(spec)), true).await {
                Ok(_) | Err(Error::Stale) => {}
                Err(error) => return Err(error),
            }
            self.remove_secret(&known).await?;
            self.make_secret(spec).await
        })
        .await
    }

    /// Deletes exactly the Secret that the person saw. Pods that run keep what they have read.
    pub async fn delete_secret(&self, name: &SecretName, seen_uid: &str) -> Result<(), Error> {
        within(DEADLINE, async {
            let known = self.known_secret(name).await?;
            if known.uid != seen_uid {
                return Err(Error::Stale);
            }
            self.remove_secret(&known).await
        })
        .await?;
        info!(owner = ?self.user.key(), secret = %name, "secret deleted");
        Ok(())
    }

    async fn make_secret(&self, spec: &SecretSpec) -> Result<Secret, Error> {
        let object = ObjectName::of_secret(self.user.key(), &spec.name);
        let metadata = metadata(&self.link.namespace, &self.user, &spec.name);
        let known: SecretRow = match self.link.post(&self.link.all::<SecretRow>(), &about(&metadata, spec), false).await {
            Err(Error::Stale) => return Err(Error::SecretTaken { name: spec.name.to_string() }),
            answer => answer?,
        };
        let secret = known.secret(&self.user).ok_or_else(|| Error::unexpected("a Secret was made as another one"))?;
        let body = holding(&metadata, &secret.uid, stored(spec));
        for _ in 0..ATTEMPTS {
            match self.link.post::<IgnoredAny>(&self.link.secrets(), &body, false).await {
                Ok(_) => {
                    info!(owner = ?self.user.key(), secret = %spec.name, "secret written");
                    return Ok(secret);
                }
                // Left by one that is going: nothing of this name belongs to anybody else.
                Err(Error::Stale) => self.link.remove(&self.link.secrets(), &object, None).await?,
                Err(error) if error.leaves_open() => return Err(error),
                Err(error) => {
                    // What could not be made leaves nothing; if this fails, it is shown as incomplete.
                    let _gone = self.link.remove(&self.link.all::<SecretRow>(), &object, Some(&secret.uid)).await;
                    return Err(error);
                }
            }
        }
        Err(Error::Busy { retry_after: None })
    }

    /// Both at once, the values first: what is left if the portal ends in between says that they are missing.
    async fn remove_secret(&self, known: &Secret) -> Result<(), Error> {
        let object = ObjectName::of_secret(self.user.key(), &known.name);
        self.link.remove(&self.link.secrets(), &object, None).await?;
        self.link.remove(&self.link.all::<SecretRow>(), &object, Some(&known.uid)).await
    }

    /// Every Secret that a task reads, proven on the live objects to be this person's, and there.
    pub(crate) async fn proven_secrets(&self, plan: &Plan) -> Result<(), Error> {
        let mut wanted: BTreeMap<&SecretName, Vec<&EnvName>> = BTreeMap::new();
        for FromSecret { name, key, .. } in &plan.spec.secrets {
            wanted.entry(name).or_default().push(key);
        }
        for (name, keys) in wanted {
            let refused = |sentence: String| Error::Invalid(FieldErrors::one("secrets", sentence));
            let secret = match self.known_secret(name).await {
                Ok(secret) => secret,
                Err(Error::NotFound) => return Err(refused(unknown_secret(name, &[]))),
                Err(error) => return Err(error),
            };
            if let Some(key) = keys.into_iter().find(|key| !secret.keys.contains(key)) {
                return Err(refused(unknown_key(key, &secret)));
            }
            if !self.has_values(&secret).await? {
                return Err(refused(format!("The values of your Secret {name} are missing. Enter them again on its page.")));
            }
        }
        Ok(())
    }
}

impl Link {
    /// Made and deleted; there is no right to read.
    fn secrets(&self) -> Request {
        Request::new(KubeSecret::url_path(&(), Some(&self.namespace)))
    }

    /// Deletes the object, or finds it gone. With a uid, exactly that one.
    async fn remove(&self, all: &Request, name: &ObjectName, uid: Option<&str>) -> Result<(), Error> {
        let preconditions = uid.map(|uid| Preconditions { uid: Some(uid.to_owned()), ..Preconditions::default() });
        let params = DeleteParams { preconditions, ..DeleteParams::default() };
        match self.ask::<IgnoredAny>(all.delete(name.as_str(), &params).map_err(Error::unexpected)?).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
