//! What does a volume look like to a program? The same facts as on its page, in the words of the command line that came before.

use domain::{text, usage, volume};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A volume.
#[derive(Serialize, ToSchema)]
pub struct Volume {
    /// Eight small letters and digits.
    #[schema(example = "abc12345")]
    id: String,
    #[schema(example = "train-images")]
    name: String,
    /// The PersistentVolumeClaim in the cluster.
    #[schema(example = "train-images-abc12345")]
    pvc_name: String,
    /// What it holds, or what was asked for until it is bound.
    #[schema(example = "10Gi")]
    size: String,
    /// The phase of the PersistentVolumeClaim: Pending, Bound, Lost, or Terminating.
    #[schema(example = "Bound")]
    status: String,
    storage_class: Option<String>,
    /// Files and folders, or a bare disk.
    #[schema(example = "filesystem")]
    kind: &'static str,
    /// The owner's readable name.
    username: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[serde(flatten)]
    details: Option<Details>,
}

/// What `details=true` adds.
#[derive(Serialize, ToSchema)]
pub struct Details {
    namespace: String,
    /// The state in the portal's words.
    #[schema(example = "Waits for first use")]
    state: String,
    /// Why it is so, in brief.
    reason: Option<String>,
    /// What happened and what to do, when not all is well.
    explanation: Option<String>,
    requested_size: String,
    #[schema(example = json!(["ReadWriteOnce"]))]
    access_modes: Vec<&'static str>,
    /// Where tasks find it unless they say otherwise.
    mount_path: String,
    description: Option<String>,
    /// Your own pairs.
    #[schema(example = json!({"stage": "prod"}))]
    labels: BTreeMap<String, String>,
    /// Published by its owner: tasks of the portal only read it.
    read_only: bool,
    /// Whether its deletion was asked for and can still be undone.
    in_trash: bool,
    /// Until then; nothing if it is not in the trash, or if somebody has made the time unreadable.
    #[schema(format = DateTime)]
    trash_until: Option<String>,
    used_by: Vec<Use>,
    /// How full it was when its node last said so; nothing where nobody knows, or the figures are of more than the volume.
    usage: Option<Usage>,
    /// Of exactly this volume: one of the same name that is made later has another.
    uid: String,
}

/// How full a volume is.
#[derive(Serialize, ToSchema)]
pub struct Usage {
    used_bytes: u64,
    total_bytes: u64,
    /// Rounded down.
    #[schema(example = 81)]
    percent: u64,
    #[schema(format = DateTime)]
    measured_at: String,
}

/// A pod that mounts a volume.
#[derive(Serialize, ToSchema)]
pub struct Use {
    pod: String,
    task: Option<String>,
    node: Option<String>,
    #[schema(example = "Running")]
    state: &'static str,
}

/// Volumes, by the name of the PersistentVolumeClaim.
#[derive(Serialize, ToSchema)]
pub struct VolumeList {
    pub volumes: Vec<Volume>,
}

/// A volume whose deletion was asked for.
#[derive(Serialize, ToSchema)]
pub struct Deleted {
    pub id: String,
    pub name: String,
    pub pvc_name: String,
    /// Deleted, or Terminating while something still holds it; InTrash if it can be restored.
    pub status: String,
    /// Until when it can be restored.
    #[schema(format = DateTime)]
    pub trash_until: Option<String>,
}

impl Volume {
    pub fn brief(volume: &volume::Volume) -> Self {
        Self {
            id: volume.id.to_string(),
            name: volume.name.clone(),
            pvc_name: volume.claim.clone(),
            size: volume.size().to_string(),
            status: volume.status.phase().to_owned(),
            storage_class: volume.class.clone(),
            kind: volume.kind.as_str(),
            username: volume.username.clone(),
            created_at: text::machine_date(volume.created),
            details: None,
        }
    }

    pub fn detailed(volume: &volume::Volume, namespace: &str) -> Self {
        let status = &volume.status;
        let details = Details {
            namespace: namespace.to_owned(),
            state: status.label().to_owned(),
            reason: status.reason(),
            explanation: status.explanation().map(|(heading, sentence)| format!("{heading}. {sentence}")),
            requested_size: volume.requested.to_string(),
            access_modes: volume.modes.iter().map(|mode| mode.as_str()).collect(),
            mount_path: volume.mount_path.clone(),
            description: volume.description.clone(),
            labels: volume.labels.clone().into(),
            read_only: volume.read_only,
            in_trash: volume.trash.is_some(),
            trash_until: volume.trash.and_then(volume::Trash::machine_date),
            used_by: volume.used_by.iter().map(Use::from).collect(),
            usage: volume.fullness.sample().map(Usage::from),
            uid: volume.uid.clone(),
        };
        Self { details: Some(details), ..Self::brief(volume) }
    }
}

impl From<usage::Sample> for Usage {
    fn from(usage::Sample { at, usage, .. }: usage::Sample) -> Self {
        Self {
            used_bytes: usage.used.bytes(),
            total_bytes: usage.total.bytes(),
            percent: usage.percent(),
            measured_at: text::machine_date(at),
        }
    }
}

impl From<&volume::Use> for Use {
    fn from(u: &volume::Use) -> Self {
        Self { pod: u.pod.clone(), task: u.task.clone(), node: u.node.clone(), state: u.phase.in_words() }
    }
}
