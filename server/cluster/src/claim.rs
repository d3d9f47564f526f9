//! How does a claim become a volume, and a wish for a volume a claim? Pure: the clock is an argument.

mod contradictions;

use crate::{
    events::{HIDDEN, without_storage},
    labels::{self, Owner},
    object::{Meta, Row, Time, cut, null_is_default},
    scope::User,
    word::{Word, common, common_cut},
};
use domain::{
    access::AccessMode,
    cause::{self, Cause, Condition, Facts, Moment, cause},
    event::Event,
    name::{ObjectName, VolumeId},
    quantity::Size,
    storage_class::StorageClass,
    text,
    usage::Fullness,
    volume::{DESCRIPTION_MAX, Kind, Trash, Use, Volume, VolumeSpec},
};
use k8s_openapi::{
    api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements},
    apimachinery::pkg::api::resource::Quantity,
};
use kube::{Resource, core::ObjectMeta};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use std::{borrow::Cow, collections::BTreeMap};

/// A `PersistentVolumeClaim`, as much of it as is shown or decided upon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ClaimRow {
    #[serde(deserialize_with = "null_is_default", rename = "metadata")]
    pub(crate) meta: Meta,
    #[serde(deserialize_with = "null_is_default")]
    spec: Spec,
    #[serde(deserialize_with = "null_is_default")]
    status: ClaimStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(deserialize_with = "common")]
    storage_class_name: Option<Word>,
    #[serde(deserialize_with = "null_is_default")]
    access_modes: Modes,
    #[serde(deserialize_with = "null_is_default")]
    resources: Resources,
    volume_name: Option<Word>,
    #[serde(deserialize_with = "common_cut::<64, _>")]
    volume_mode: Option<Word>,
    #[serde(rename = "selector", deserialize_with = "asks_for_labels")]
    has_selector: bool,
}

/// What is known of a claim beside itself, as one viewer may know it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    pub(crate) uses: Vec<Use>,
    pub(crate) events: Vec<Event>,
    pub(crate) fullness: Fullness,
    /// Names of PersistentVolumes that are not to be shown.
    pub(crate) hidden: Vec<String>,
}

/// `LabelSelector`, as much of it as says whether it asks for anything.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Selector {
    #[serde(deserialize_with = "null_is_default")]
    match_labels: BTreeMap<String, IgnoredAny>,
    #[serde(deserialize_with = "null_is_default")]
    match_expressions: Vec<IgnoredAny>,
}

/// Those that are known, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<String>")]
struct Modes(Box<[AccessMode]>);

impl From<Vec<String>> for Modes {
    fn from(texts: Vec<String>) -> Self {
        Self(texts.iter().filter_map(|text| text.parse().ok()).collect())
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Resources {
    #[serde(deserialize_with = "null_is_default")]
    requests: Amount,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Amount {
    storage: Option<Storage>,
}

/// A size of storage, read once: lists ask for it again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Storage {
    Size(Size),
    /// What it says in place of a size that storage can have.
    Absurd(Option<Size>, Box<str>),
}

impl<'de> Deserialize<'de> for Storage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match Size::from_kubernetes(&text) {
            Some(size) if size <= Size::LARGEST => Self::Size(size),
            size => Self::Absurd(size, text.into()),
        })
    }
}

impl Amount {
    fn size(&self) -> Option<Size> {
        match self.storage.as_ref()? {
            Storage::Size(size) => Some(*size),
            Storage::Absurd(size, _) => *size,
        }
    }

    fn absurd(&self) -> Option<&str> {
        match self.storage.as_ref()? {
            Storage::Size(_) => None,
            Storage::Absurd(_, text) => Some(text),
        }
    }
}

/// How far the growth of the storage is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Growth {
    storage: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClaimStatus {
    #[serde(deserialize_with = "common")]
    phase: Option<Word>,
    #[serde(deserialize_with = "null_is_default")]
    access_modes: Modes,
    #[serde(deserialize_with = "null_is_default")]
    capacity: Amount,
    #[serde(deserialize_with = "null_is_default")]
    conditions: Vec<ConditionRow>,
    #[serde(deserialize_with = "null_is_default")]
    allocated_resources: Amount,
    #[serde(deserialize_with = "null_is_default")]
    allocated_resource_statuses: Growth,
    #[serde(deserialize_with = "null_is_default")]
    modify_volume_status: ModifyStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ConditionRow {
    #[serde(rename = "type", deserialize_with = "cut::<128, _>")]
    kind: String,
    #[serde(deserialize_with = "cut::<128, _>")]
    status: String,
    #[serde(deserialize_with = "cut::<1024, _>")]
    message: String,
    last_transition_time: Time,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct ModifyStatus {
    status: Option<String>,
}

impl Row for ClaimRow {
    const PLURAL: &'static str = "persistentvolumeclaims";
    const LABEL_SELECTOR: Option<&'static str> = Some("skypilot-volume=true");

    fn path(namespace: &str) -> String {
        PersistentVolumeClaim::url_path(&(), Some(namespace))
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl ClaimRow {
    pub(crate) fn is_marked(&self) -> bool {
        self.meta.labels.marker.as_deref() == Some(labels::MARKED)
    }

    pub(crate) fn owner(&self) -> Owner {
        Owner::of(&self.meta)
    }

    pub(crate) fn is_deleting(&self) -> bool {
        self.meta.deletion_timestamp != Time::default()
    }

    /// Whether its deletion was asked for and can still be undone. A time that cannot be read is no reason to lose anything.
    pub(crate) fn trash(&self) -> Option<Trash> {
        let text = self.meta.annotations.trash_until.as_deref()?;
        Some(text.parse::<jiff::Timestamp>().map_or(Trash::Unreadable, |until| Trash::Until(until.as_second())))
    }

    /// Whether [`Self::trash`] says anything.
    pub(crate) fn is_trashed(&self) -> bool {
        self.meta.annotations.trash_until.is_some()
    }

    /// A claim of no known time is as new as can be.
    pub(crate) fn created(&self, now: i64) -> i64 {
        self.meta.creation_timestamp.0.unwrap_or(now)
    }

    /// Whether its owner has published it as read-only.
    pub(crate) fn is_read_only(&self) -> bool {
        self.meta.annotations.read_only.as_deref() == Some(labels::MARKED)
    }

    /// The id label; a claim that came without a good one is known by the first block of its uid.
    pub(crate) fn id(&self) -> VolumeId {
        let label = self.meta.labels.volume_id.as_deref().and_then(|text| text.parse().ok());
        let block = || self.meta.uid.get(..8).and_then(|text| text.parse().ok());
        label.or_else(block).unwrap_or_else(|| VolumeId::from_random(0))
    }

    pub(crate) fn display_name(&self) -> &str {
        self.meta.labels.volume_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.meta.name)
    }

    /// Why its growth failed, in the driver's words (core/v1, `PersistentVolumeClaimConditionType`).
    pub(crate) fn growth_error(&self) -> Option<&str> {
        let failed = |condition: &&ConditionRow| {
            condition.status == "True" && matches!(condition.kind.as_str(), "ControllerResizeError" | "NodeResizeError")
        };
        self.status.conditions.iter().find(failed).map(|condition| condition.message.as_str())
    }

    /// Class and modes that this claim shows to work: it is bound.
    pub(crate) fn proven(&self) -> Option<(&str, Vec<AccessMode>)> {
        let class = self.spec.storage_class_name.as_deref().filter(|class| !class.is_empty())?;
        self.is_bound().then(|| (class, self.status.access_modes.0.to_vec()))
    }

    pub(crate) fn is_bound(&self) -> bool {
        self.phase_said() == "Bound"
    }

    pub(crate) fn class(&self) -> Option<&str> {
        self.spec.storage_class_name.as_deref()
    }

    /// What was given, or what was asked for until then.
    pub(crate) fn size(&self) -> Size {
        self.status.capacity.size().or(self.spec.resources.requests.size()).unwrap_or(Size::from_bytes(0))
    }

    /// What it takes: what was given, or what was asked for if that is more.
    pub(crate) fn takes(&self) -> Size {
        self.size().max(self.spec.resources.requests.size().unwrap_or(Size::from_bytes(0)))
    }

    /// What its PersistentVolume is called: as the cluster gave it, and as provisioners call one before the claim says so. The
    /// name that a claim asks for while it waits is its author's own.
    pub(crate) fn storage_names(&self) -> Vec<String> {
        let given = self.spec.volume_name.as_deref().filter(|name| !name.is_empty() && self.phase_said() != "Pending").map(str::to_owned);
        let made = (!self.meta.uid.is_empty()).then(|| format!("pvc-{}", self.meta.uid));
        let mut names: Vec<_> = given.into_iter().chain(made).collect();
        names.dedup();
        names
    }

    /// The volume as a person sees it. Total: whatever is absent has a meaning.
    pub(crate) fn volume(&self, around: Around, classes: &[StorageClass], now: i64) -> Volume {
        let meta = &self.meta;
        let status = self.cause(&around, classes, now.into());
        let Around { uses, fullness, .. } = around;
        let name = self.display_name().to_owned();
        Volume {
            id: self.id(),
            claim: meta.name.to_string(),
            uid: meta.uid.to_string(),
            username: meta.labels.username.as_deref().unwrap_or_default().to_owned(),
            owner_subject: None,
            status,
            requested: self.spec.resources.requests.size().unwrap_or(Size::from_bytes(0)),
            capacity: self.status.capacity.size(),
            fullness,
            class: self.named_class().map(str::to_owned),
            kind: self.kind(),
            modes: self.modes().to_vec(),
            used_by: uses,
            created: self.created(now),
            description: self.description(),
            mount_path: self.mount_path().into_owned(),
            labels: meta.labels.own.clone(),
            read_only: self.is_read_only(),
            trash: self.trash(),
            name,
        }
    }

    /// The class that it names; an empty name is a claim that names none on purpose.
    pub(crate) fn named_class(&self) -> Option<&str> {
        self.class().filter(|class| !class.is_empty())
    }

    pub(crate) fn kind(&self) -> Kind {
        Kind::of(self.spec.volume_mode.as_deref())
    }

    /// What was given, or what was asked for until then.
    pub(crate) fn modes(&self) -> &[AccessMode] {
        let given = &self.status.access_modes.0;
        if given.is_empty() { &self.spec.access_modes.0 } else { given }
    }

    pub(crate) fn description(&self) -> Option<String> {
        labels::described(self.meta.annotations.description.as_ref(), DESCRIPTION_MAX)
    }

    pub(crate) fn mount_path(&self) -> Cow<'_, str> {
        let said = self.meta.annotations.mount_path.as_deref().map(Cow::Borrowed);
        said.unwrap_or_else(|| format!("/volumes/{}", self.display_name()).into())
    }

    fn phase_said(&self) -> &str {
        self.status.phase.as_deref().unwrap_or_default()
    }

    /// What its phase is called.
    pub(crate) fn phase(&self) -> &str {
        cause::phase(self.phase_said(), self.is_deleting())
    }

    pub(crate) fn cause(&self, around: &Around, classes: &[StorageClass], now: Moment<'_>) -> Cause {
        let Self { meta, spec, status, .. } = self;
        let Around { uses, events, fullness, hidden } = around;
        let said = |condition: Condition| Condition { message: without_storage(&condition.message, hidden), ..condition };
        let conditions: Vec<_> = status.conditions.iter().map(|condition| said(condition.condition())).collect();
        // By what it is called in the events, so that it is found there.
        let name = |name: &str| if hidden.iter().any(|hidden| hidden == name) { HIDDEN.to_owned() } else { name.to_owned() };
        let volume_name = spec.volume_name.as_deref().filter(|name| !name.is_empty()).map(name);
        cause(&Facts {
            phase: self.phase_said(),
            // A claim that was made at no known time was not made just now.
            created: meta.creation_timestamp.0.unwrap_or_default(),
            deleting_since: meta.deletion_timestamp.0,
            finalizers: &meta.finalizers,
            class: spec.storage_class_name.as_deref(),
            modes: &spec.access_modes.0,
            has_selector: spec.has_selector,
            volume_name: volume_name.as_deref(),
            requested: spec.resources.requests.size(),
            capacity: status.capacity.size(),
            allocated: status.allocated_resources.size(),
            growth: status.allocated_resource_statuses.storage.as_deref().filter(|step| !step.is_empty()),
            change: status.modify_volume_status.status.as_deref().filter(|step| !step.is_empty()),
            conditions: &conditions,
            selected_node: meta.annotations.selected_node.as_deref(),
            asked_provisioner: meta.annotations.asked_provisioner.as_deref(),
            uses,
            events,
            classes,
            usage: fullness.sample().map(|sample| sample.usage),
            now,
        })
    }
}

fn asks_for_labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let selector: Selector = null_is_default(deserializer)?;
    Ok(!selector.match_labels.is_empty() || !selector.match_expressions.is_empty())
}

impl ConditionRow {
    fn condition(&self) -> Condition {
        let Self { kind, status, message, last_transition_time: Time(at) } = self.clone();
        Condition { kind, status, message, at }
    }
}

/// The claim to create for this person's wish.
pub(crate) fn claim(spec: &VolumeSpec, id: &VolumeId, user: &User, namespace: &str, now: i64) -> PersistentVolumeClaim {
    let marks = [
        (labels::MARKER, labels::MARKED),
        (labels::VOLUME_ID, id.as_str()),
        (labels::VOLUME_NAME, spec.name.as_str()),
        (labels::USERNAME, user.username()),
        (labels::OWNER, user.key().as_str()),
    ];
    let created_at = text::machine_date(now);
    let mut annotations = vec![
        (labels::CREATED_AT, created_at.as_str()),
        (labels::OWNER_ISSUER, user.principal().issuer()),
        (labels::OWNER_SUBJECT, user.principal().subject()),
    ];
    annotations.extend(spec.mount_path.as_ref().map(|path| (labels::MOUNT_PATH, path.as_str())));
    annotations.extend(spec.description.as_deref().map(|text| (labels::DESCRIPTION, text)));
    let owned = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let mut all = owned(&marks);
    all.extend(spec.labels.iter().map(|(key, value)| (format!("{}{key}", labels::OWN), value.to_owned())));
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(ObjectName::of_claim(&spec.name, id).into()),
            namespace: Some(namespace.to_owned()),
            labels: Some(all),
            annotations: Some(owned(&annotations)),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(spec.modes.iter().map(ToString::to_string).collect()),
            storage_class_name: Some(spec.class.to_string()),
            resources: Some(VolumeResourceRequirements {
                requests: Some(BTreeMap::from([("storage".to_owned(), Quantity(spec.size.to_string()))])),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        status: None,
    }
}

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
