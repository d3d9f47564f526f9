//! By which labels and annotations does the cluster know what is a volume or a task, and whose?

use crate::{
    object::{Meta, maybe_cut},
    word::{Word, common, common_cut},
};
use domain::{
    label::Labels as OwnLabels,
    owner::{OwnerKey, Principal},
};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use std::{fmt, sync::Arc};

pub(crate) const MARKER: &str = "skypilot-volume";
pub(crate) const MARKED: &str = "true";
pub(crate) const VOLUME_ID: &str = "volume-id";
pub(crate) const VOLUME_NAME: &str = "volume-name";
pub(crate) const USERNAME: &str = "username";
pub(crate) const OWNER: &str = "stowage.dev/owner";
/// Before the key of a label of a person's own: none of theirs can pass for one of the portal's.
pub(crate) const OWN: &str = "label.stowage.dev/";

pub(crate) const TASK_MARKER: &str = "skypilot-task";
pub(crate) const TASK_ID: &str = "task-id";
pub(crate) const TASK_NAME: &str = "task-name";
/// Which of a Job's pods it is; set by Kubernetes.
pub(crate) const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// What a person calls the Secret that an object is about.
pub(crate) const SECRET: &str = "stowage.dev/secret";

pub(crate) const CREATED_AT: &str = "created-at";
pub(crate) const OWNER_ISSUER: &str = "stowage.dev/owner-iss";
pub(crate) const OWNER_SUBJECT: &str = "stowage.dev/owner-sub";
pub(crate) const MOUNT_PATH: &str = "stowage.dev/mount-path";
pub(crate) const DESCRIPTION: &str = "stowage.dev/description";
/// Until when a volume whose deletion was asked for can be restored (RFC 3339, UTC).
pub(crate) const TRASH_UNTIL: &str = "stowage.dev/trash-until";
/// A volume that its owner has published: the portal's tasks do not write to it.
pub(crate) const READ_ONLY: &str = "stowage.dev/read-only";
/// What was asked for with a task.
pub(crate) const TASK: &str = "stowage.dev/task";
/// What the portal has made a task for, if not its owner wrote it (`domain::volume::Purpose`, as JSON).
pub(crate) const PURPOSE: &str = "stowage.dev/purpose";
/// The claims that were proven when a task was made, with their uids.
pub(crate) const CLAIMS: &str = "stowage.dev/claims";
/// The paths of the files that a ConfigMap holds, in the order of its keys. As a label: of which volume this shows the files.
pub(crate) const FILES: &str = "stowage.dev/files";
/// A task of which everything is there. One without it may lack its Service or its files.
pub(crate) const COMPLETE: &str = "stowage.dev/complete";
/// When somebody asked a task to stop.
pub(crate) const STOPPED_AT: &str = "stowage.dev/stopped-at";

/// The labels that are read, of any kind of object; all others are dropped while parsing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Labels {
    pub(crate) marker: Option<Word>,
    pub(crate) volume_id: Option<Word>,
    pub(crate) volume_name: Option<Word>,
    pub(crate) username: Option<Word>,
    pub(crate) owner: Option<Word>,
    pub(crate) task_marker: Option<Word>,
    pub(crate) task_id: Option<Word>,
    pub(crate) task_name: Option<Word>,
    pub(crate) completion_index: Option<Word>,
    pub(crate) secret: Option<Word>,
    pub(crate) files: Option<Word>,
    /// Those below [`OWN`].
    pub(crate) own: OwnLabels,
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LabelsVisitor)
    }
}

struct LabelsVisitor;

impl<'de> Visitor<'de> for LabelsVisitor {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
        let (mut labels, mut own) = (Labels::default(), Vec::new());
        while let Some(key) = map.next_key::<String>()? {
            let place = match key.as_str() {
                MARKER => &mut labels.marker,
                VOLUME_ID => &mut labels.volume_id,
                VOLUME_NAME => &mut labels.volume_name,
                USERNAME => &mut labels.username,
                OWNER => &mut labels.owner,
                TASK_MARKER => &mut labels.task_marker,
                TASK_ID => &mut labels.task_id,
                TASK_NAME => &mut labels.task_name,
                COMPLETION_INDEX => &mut labels.completion_index,
                SECRET => &mut labels.secret,
                FILES => &mut labels.files,
                other => {
                    match other.strip_prefix(OWN) {
                        Some(key) => own.push((key.to_owned(), map.next_value::<Option<String>>()?.unwrap_or_default())),
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                    continue;
                }
            };
            // Many objects are one person's; an id or a name is one object's.
            let text: Option<String> = map.next_value()?;
            *place =
                text.map(
                    |text| if matches!(key.as_str(), OWNER | USERNAME | MARKER | TASK_MARKER) { Word::common(&text) } else { text.into() },
                );
        }
        labels.own = OwnLabels::known(own.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        Ok(labels)
    }
}

/// The annotations that are read, of any kind of object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Annotations {
    #[serde(rename = "stowage.dev/owner-iss", deserialize_with = "common")]
    pub(crate) owner_issuer: Option<Word>,
    #[serde(rename = "stowage.dev/owner-sub", deserialize_with = "common")]
    pub(crate) owner_subject: Option<Word>,
    #[serde(rename = "stowage.dev/mount-path", deserialize_with = "maybe_cut::<1024, _, _>")]
    pub(crate) mount_path: Option<Word>,
    // 300 characters, the most that is shown of any description, are at most so many bytes.
    #[serde(rename = "stowage.dev/description", deserialize_with = "maybe_cut::<1200, _, _>")]
    pub(crate) description: Option<Word>,
    #[serde(rename = "kubernetes.io/description", deserialize_with = "maybe_cut::<1200, _, _>")]
    pub(crate) kubernetes_description: Option<Word>,
    #[serde(rename = "storageclass.kubernetes.io/is-default-class")]
    pub(crate) default_class: Option<Word>,
    #[serde(rename = "storageclass.beta.kubernetes.io/is-default-class")]
    pub(crate) default_class_beta: Option<Word>,
    #[serde(rename = "volume.kubernetes.io/selected-node", deserialize_with = "common_cut::<253, _>")]
    pub(crate) selected_node: Option<Word>,
    #[serde(rename = "volume.kubernetes.io/storage-provisioner", deserialize_with = "common_cut::<253, _>")]
    pub(crate) asked_provisioner: Option<Word>,
    #[serde(rename = "stowage.dev/trash-until", deserialize_with = "maybe_cut::<64, _, _>")]
    pub(crate) trash_until: Option<Word>,
    #[serde(rename = "stowage.dev/read-only", deserialize_with = "maybe_cut::<64, _, _>")]
    pub(crate) read_only: Option<Word>,
    #[serde(rename = "stowage.dev/task")]
    pub(crate) task: Option<Word>,
    #[serde(rename = "stowage.dev/purpose", deserialize_with = "maybe_cut::<1024, _, _>")]
    pub(crate) purpose: Option<Word>,
    #[serde(rename = "stowage.dev/complete", deserialize_with = "maybe_cut::<16, _, _>")]
    pub(crate) complete: Option<Word>,
    #[serde(rename = "stowage.dev/stopped-at", deserialize_with = "maybe_cut::<64, _, _>")]
    pub(crate) stopped_at: Option<Word>,
}

/// The first so many characters of a description, if it says anything.
pub(crate) fn described(text: Option<&Word>, characters: usize) -> Option<String> {
    text.map(|text| text.chars().take(characters).collect()).filter(|text: &String| !text.is_empty())
}

/// Whose is an object? Only a key that the annotated identity gives again proves it (security O4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Proven(OwnerKey),
    /// No owner key, or one that nobody could have: made without the portal.
    Unclaimed,
    /// The key is one person's, the annotations are another's: somebody has changed one of them.
    Contradicted,
}

impl Owner {
    pub(crate) fn of(meta: &Meta) -> Self {
        let Some(label) = meta.labels.owner.clone().and_then(|text| OwnerKey::try_from(Arc::from(text)).ok()) else {
            return Self::Unclaimed;
        };
        let (Some(issuer), Some(subject)) = (&meta.annotations.owner_issuer, &meta.annotations.owner_subject) else {
            return Self::Unclaimed;
        };
        match Principal::new(issuer, subject).map(|principal| OwnerKey::of(&principal)) {
            Ok(key) if key == label => Self::Proven(label),
            Ok(_) | Err(_) => Self::Contradicted,
        }
    }

    pub(crate) fn key(&self) -> Option<&OwnerKey> {
        match self {
            Self::Proven(key) => Some(key),
            Self::Unclaimed | Self::Contradicted => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn owner(label: Option<&str>, issuer: Option<&str>, subject: Option<&str>) -> Owner {
        let meta = json!({"labels": {OWNER: label}, "annotations": {OWNER_ISSUER: issuer, OWNER_SUBJECT: subject}});
        Owner::of(&serde_json::from_value(meta).unwrap())
    }

    #[test]
    fn only_a_key_that_the_annotations_give_again_proves_an_owner() {
        let key = |subject| OwnerKey::of(&Principal::new("https://id", subject).unwrap());
        let (alice, bob) = (key("alice"), key("bob"));
        assert_eq!(owner(Some(alice.as_str()), Some("https://id"), Some("alice")), Owner::Proven(alice.clone()));
        assert_eq!(owner(Some(alice.as_str()), Some("https://id"), Some("bob")), Owner::Contradicted);
        assert_eq!(owner(Some(bob.as_str()), Some("https://id"), Some("alice")), Owner::Contradicted);
        assert_eq!(owner(Some(alice.as_str()), Some("https://id"), Some("")), Owner::Contradicted);
        assert_eq!(owner(Some(alice.as_str()), None, None), Owner::Unclaimed);
        assert_eq!(owner(Some("alice"), Some("https://id"), Some("alice")), Owner::Unclaimed);
        assert_eq!(owner(Some(""), Some("https://id"), Some("alice")), Owner::Unclaimed);
        assert_eq!(owner(None, Some("https://id"), Some("alice")), Owner::Unclaimed);
    }

    #[test]
    fn what_is_read_is_what_is_written() {
        let labels: Labels = serde_json::from_value(json!({
            MARKER: MARKED, VOLUME_ID: "i", VOLUME_NAME: "n", USERNAME: "u", OWNER: "o", TASK_MARKER: "m", TASK_ID: "k", TASK_NAME: "t",
            COMPLETION_INDEX: "3", SECRET: "s3", FILES: "f", "other": {"x": 1},
            "label.stowage.dev/stage": "prod", "label.stowage.dev/owner": "me", "label.stowage.dev/a/b": "odd", "stage": "theirs"
        }))
        .unwrap();
        let some = |text: &str| Some(Word::from(text));
        assert_eq!(
            labels,
            Labels {
                marker: some(MARKED),
                volume_id: some("i"),
                volume_name: some("n"),
                username: some("u"),
                owner: some("o"),
                task_marker: some("m"),
                task_id: some("k"),
                task_name: some("t"),
                completion_index: some("3"),
                secret: some("s3"),
                files: some("f"),
                own: OwnLabels::typed("owner=me stage=prod").unwrap(),
            }
        );
        let annotations: Annotations = serde_json::from_value(json!({
            OWNER_ISSUER: "i", OWNER_SUBJECT: "s", MOUNT_PATH: "/m", DESCRIPTION: "d", CREATED_AT: "x", TASK: "{}", COMPLETE: MARKED,
            STOPPED_AT: "z"
        }))
        .unwrap();
        assert_eq!(
            annotations,
            Annotations {
                owner_issuer: some("i"),
                owner_subject: some("s"),
                mount_path: some("/m"),
                description: some("d"),
                task: some("{}"),
                complete: some(MARKED),
                stopped_at: some("z"),
                ..Annotations::default()
            }
        );
    }
}
