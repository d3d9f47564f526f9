//! How do attached files travel? In one ConfigMap that is called like the Job, belongs to it and goes with it.
//!
//! It is made after the suspended Job, so that it never is without an owner, and nothing of its name is ever written over: what is
//! there already either belongs to exactly this Job, or the Job does not start.

use crate::{
    error::Error,
    jobs::JobRow,
    labels,
    object::null_is_default,
    scope::{Link, UserCluster},
};
use domain::{
    allowed::WhyNot,
    name::{ObjectName, TaskId},
    task::{Attachments, attached::FOLDER},
};
use k8s_openapi::{ByteString, api::core::v1::ConfigMap};
use kube::{Resource, core::Request, core::params::GetParams};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Of the pod's volume.
pub(crate) const VOLUME: &str = "files";
/// Everybody in the container may read them and run them.
const MODE: u32 = 0o555;

/// A path may hold what a key may not.
fn key(place: usize) -> String {
    format!("file-{place}")
}

/// The pod's volume: each file at its path.
pub(super) fn volume(job: &str, files: &Attachments) -> Value {
    let items: Vec<_> = files.iter().enumerate().map(|(place, file)| json!({ "key": key(place), "path": file.path })).collect();
    json!({ "name": VOLUME, "configMap": { "name": job, "defaultMode": MODE, "items": items } })
}

pub(super) fn mount() -> Value {
    json!({ "name": VOLUME, "mountPath": FOLDER, "readOnly": true })
}

/// The object. Text stays readable; all else is base64.
pub(crate) fn config_map(job: &str, namespace: &str, job_uid: Option<&str>, labels: Value, files: &Attachments) -> Result<Value, Error> {
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    let mut metadata =
        json!({ "name": job, "namespace": namespace, "labels": labels, "annotations": { (labels::FILES): json!(paths).to_string() } });
    if let Some(uid) = job_uid {
        metadata["ownerReferences"] = json!([{ "apiVersion": "batch/v1", "kind": "Job", "name": job, "uid": uid }]);
    }
    let (mut text, mut binary) = (Map::new(), Map::new());
    for (place, file) in files.iter().enumerate() {
        match std::str::from_utf8(&file.bytes) {
            Ok(said) if !said.contains('\0') => text.insert(key(place), said.into()),
            Ok(_) | Err(_) => {
                let bytes = serde_json::to_value(ByteString(file.bytes.clone())).map_err(Error::unexpected)?;
                binary.insert(key(place), bytes)
            }
        };
    }
    let mut object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "immutable": true });
    for (field, entries) in [("data", text), ("binaryData", binary)] {
        if !entries.is_empty() {
            object[field] = entries.into();
        }
    }
    Ok(object)
}

/// A ConfigMap, as much of it as files are made of.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Stored {
    #[serde(deserialize_with = "null_is_default")]
    metadata: Metadata,
    #[serde(deserialize_with = "null_is_default")]
    data: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    binary_data: BTreeMap<String, ByteString>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    #[serde(deserialize_with = "null_is_default")]
    annotations: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    owner_references: Vec<Belongs>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Belongs {
    kind: String,
    uid: String,
}

impl Stored {
    fn belongs_to(&self, job: &JobRow) -> bool {
        matches!(&self.metadata.owner_references[..], [only] if only.kind == "Job" && only.uid == *job.meta.uid)
    }

    /// Nothing, if they are not as they were written.
    fn files(self) -> Option<Attachments> {
        let Self { metadata, mut data, mut binary_data } = self;
        let paths: Vec<String> = serde_json::from_str(metadata.annotations.get(labels::FILES)?).ok()?;
        let bytes = |place: usize| {
            let key = key(place);
            data.remove(&key).map(String::into_bytes).or_else(|| binary_data.remove(&key).map(|bytes| bytes.0))
        };
        let (places, paths): (Vec<_>, Vec<_>) = paths.into_iter().enumerate().unzip();
        let bytes: Option<Vec<_>> = places.into_iter().map(bytes).collect();
        Attachments::of(paths.into_iter().zip(bytes?)).ok()
    }
}

impl UserCluster {
    /// The files that were attached to one's own task, while its Job is there; nothing if there are none.
    pub async fn attached(&self, id: &TaskId) -> Result<Attachments, Error> {
        let job = self.owned_task(id).await?.into_job();
        if !job.has_files() {
            return Ok(Attachments::default());
        }
        self.link.stored(&job).await?.and_then(Stored::files).ok_or(Error::NotFound)
    }
}

impl Link {
    fn config_maps(&self) -> Request {
        Request::new(ConfigMap::url_path(&(), Some(&self.namespace)))
    }

    /// Asks whether they could be stored.
    pub(crate) async fn try_files(&self, object: &Value) -> Result<(), Error> {
        self.post::<IgnoredAny>(&self.config_maps(), object, true).await.map(drop)
    }

    /// Stores the files of this Job, or finds that an earlier attempt has.
    pub(crate) async fn store_files(&self, job: &JobRow, object: Option<&Value>) -> Result<(), Error> {
        if let Some(object) = object {
            match self.post::<IgnoredAny>(&self.config_maps(), object, false).await {
                Ok(_) => return Ok(()),
                // Something of this name is there.
                Err(Error::Stale) => {}
                Err(error) => return Err(error),
            }
        }
        match self.stored(job).await? {
            Some(_) => Ok(()),
            None => Err(Error::NotAllowed(WhyNot::FilesAreMissing)),
        }
    }

    /// What is stored for exactly this Job; another's object of this name is none.
    async fn stored(&self, job: &JobRow) -> Result<Option<Stored>, Error> {
        let name: ObjectName = job.meta.name.parse().map_err(Error::unexpected)?;
        let request = self.config_maps().get(name.as_str(), &GetParams::default()).map_err(Error::unexpected)?;
        match self.ask::<Stored>(request).await {
            Ok(stored) => Ok(Some(stored).filter(|stored| stored.belongs_to(job))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Attachments {
        Attachments::of([
            ("lib/a b.py".to_owned(), b"print(1)\n".to_vec()),
            ("x.bin".to_owned(), vec![0, 255]),
            ("zero".to_owned(), vec![b'a', 0]),
        ])
        .unwrap()
    }

    #[test]
    fn what_is_stored_reads_back_and_only_for_its_own_job() {
        let object = config_map("train-abc12345", "work", Some("u1"), json!({}), &files()).unwrap();
        assert_eq!(object["data"], json!({ "file-0": "print(1)\n" }));
        assert_eq!(object["binaryData"], json!({ "file-1": "AP8=", "file-2": "YQA=" }));
        assert_eq!((&object["immutable"], &object["metadata"]["ownerReferences"][0]["uid"]), (&json!(true), &json!("u1")));
        let stored = || serde_json::from_value::<Stored>(object.clone()).unwrap();
        assert_eq!(stored().files().unwrap(), files());
        let job = |uid: &str| serde_json::from_value::<JobRow>(json!({ "metadata": { "name": "train-abc12345", "uid": uid } })).unwrap();
        assert!(stored().belongs_to(&job("u1")) && !stored().belongs_to(&job("u2")));
        let nobodys = serde_json::from_value::<Stored>(json!({ "metadata": { "name": "train-abc12345" }, "data": null })).unwrap();
        assert!(!nobodys.belongs_to(&job("")) && nobodys.files().is_none());
    }

    #[test]
    fn a_pod_finds_each_file_at_its_path_and_cannot_change_it() {
        let volume = volume("train-abc12345", &files());
        assert_eq!(volume["configMap"]["items"][0], json!({ "key": "file-0", "path": "lib/a b.py" }));
        assert_eq!((&volume["configMap"]["name"], &mount()["readOnly"]), (&json!("train-abc12345"), &json!(true)));
    }
}
