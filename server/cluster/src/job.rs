//! Which objects are made of a task? Exactly one shape of pod: nothing that a person writes becomes a field of it but what is
//! read here.
//!
//! | Module | Answers |
//! |---|---|
//! | [`attached`] | how do small files go along |
//! | [`shell`] | what does the container run |
//! | [`peers`] | how do the pods of several nodes find and reach each other |
//! | [`written`] | how is what was asked for written down on the Job |

pub(crate) mod attached;
pub(crate) mod peers;
mod shell;
pub(crate) mod written;

use crate::{error::Error, labels, scope::User};
use domain::{
    name::{ObjectName, TaskId, TaskName},
    task::{Medium, Plan, Resources, TaskSpec},
    text,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Has no rights in the cluster, and its pods get no token of it.
const ACCOUNT: &str = "stowage-task";
/// The only container.
pub(crate) const CONTAINER: &str = "task";
/// So many seconds a Job stays after its end, whatever was asked for: what its pods wrote last is read before they go.
const KEEP_LEAST: u32 = 10;
/// Where Kubernetes writes a pod's number (batch/v1, `JobCompletionIndexAnnotation`).
const INDEX: &str = "metadata.annotations['batch.kubernetes.io/job-completion-index']";
/// What every container is told about its place; a person's variables of these names give way.
const RANK: &str = "NODE_RANK";
const NODES: &str = "NUM_NODES";
const PEERS: &str = "NODE_PEERS";

/// What the configuration says about every task's pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSettings {
    /// User and group of every process, and the group that files of volumes get. Never 0: Kubernetes would refuse the pods.
    pub run_as_user: u32,
    /// What GPUs are called (`nvidia.com/gpu`).
    pub gpu_resource: String,
    /// The label by which nodes tell the product of their GPUs.
    pub gpu_label: String,
    /// The image of what looks into volumes; without one, nothing does.
    pub files_image: Option<String>,
}

impl Default for PodSettings {
    fn default() -> Self {
        Self {
            run_as_user: 1000,
            gpu_resource: "nvidia.com/gpu".to_owned(),
            gpu_label: "nvidia.com/gpu.product".to_owned(),
            files_image: None,
        }
    }
}

/// Everything that a Job is made of.
#[derive(Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) plan: &'a Plan,
    /// The claim of each mount of the plan, with its uid where it is there already.
    pub(crate) claims: &'a [(ObjectName, Option<String>)],
    pub(crate) id: &'a TaskId,
    pub(crate) user: &'a User,
    pub(crate) namespace: &'a str,
    pub(crate) settings: &'a PodSettings,
    pub(crate) now: i64,
}

/// `{name}-{id}`, the name in lower case with `_` as `-`.
pub(crate) fn job_name(name: &TaskName, id: &TaskId) -> String {
    let lower = name.lower();
    format!("{}-{id}", lower.trim_end_matches('-'))
}

impl Order<'_> {
    pub(crate) fn name(&self) -> String {
        job_name(&self.spec().name, self.id)
    }

    fn spec(&self) -> &TaskSpec {
        &self.plan.spec
    }

    fn labels(&self) -> Value {
        json!({
            labels::TASK_MARKER: labels::MARKED,
            labels::TASK_ID: self.id,
            labels::TASK_NAME: self.spec().name,
            labels::USERNAME: self.user.username(),
            labels::OWNER: self.user.key(),
        })
    }

    /// Who owns it, as the label's proof.
    fn identity(&self) -> Value {
        let principal = self.user.principal();
        json!({ labels::OWNER_ISSUER: principal.issuer(), labels::OWNER_SUBJECT: principal.subject() })
    }

    /// The Job. One with peers or files is made suspended: its pods start when the Service and the files are there too.
    pub(crate) fn job(&self) -> Value {
        let spec = self.spec();
        let mut annotations = self.identity();
        annotations[labels::CREATED_AT] = text::machine_date(self.now).into();
        annotations[labels::TASK] = written::written(self.plan).to_string().into();
        let uids: BTreeMap<&str, &str> = self.claims.iter().filter_map(|(claim, uid)| Some((claim.as_str(), uid.as_deref()?))).collect();
        if !uids.is_empty() {
            annotations[labels::CLAIMS] = json!(uids).to_string().into();
        }
        if let Some(purpose) = &self.plan.purpose {
            annotations[labels::PURPOSE] = json!(purpose).to_string().into();
        }
        if !self.has_parts() {
            annotations[labels::COMPLETE] = labels::MARKED.into();
        }
        let (completions, parallelism) = if self.has_peers() { (spec.nodes, spec.nodes) } else { (spec.completions, spec.parallelism) };
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": { "name": self.name(), "namespace": self.namespace, "labels": self.labels(), "annotations": annotations },
            "spec": {
                // One mode for all, so that every pod knows its number and has it in its name.
                "completionMode": "Indexed",
                "completions": completions,
                "parallelism": parallelism,
                "backoffLimit": spec.retries,
                "activeDeadlineSeconds": spec.time_limit,
                "ttlSecondsAfterFinished": spec.keep.max(KEEP_LEAST),
                "suspend": self.has_parts(),
                "podReplacementPolicy": "Failed",
                // A pod that the cluster took away (drained node, preemption) is made again and is no failure of the task.
                "podFailurePolicy": { "rules": [
                    { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] }
                ] },
                "template": { "metadata": { "labels": self.labels(), "annotations": self.identity() }, "spec": self.pod() },
            },
        })
    }

    pub(crate) fn has_peers(&self) -> bool {
        self.spec().nodes > 1
    }

    /// What a task of several nodes needs beside its Job.
    pub(crate) fn between(&self, job_uid: Option<&str>) -> Vec<Value> {
        if !self.has_peers() {
            return Vec::new();
        }
        peers::between(&self.name(), self.namespace, job_uid, &self.labels(), &self.identity()).map(|(_, object)| object).to_vec()
    }

    /// Whether anything beside the Job must be there before it starts.
    fn has_parts(&self) -> bool {
        self.has_peers() || !self.plan.attached.is_empty()
    }

    /// What holds the files that go along. It goes with the Job.
    pub(crate) fn config_map(&self, job_uid: Option<&str>) -> Result<Option<Value>, Error> {
        let files = Some(&self.plan.attached).filter(|files| !files.is_empty());
        files.map(|files| attached::config_map(&self.name(), self.namespace, job_uid, self.labels(), files)).transpose()
    }

    fn pod(&self) -> Value {
        let settings = self.settings;
        let mut pod = restricted(settings.run_as_user);
        pod["containers"] = json!([self.container()]);
        let volumes = self.volumes();
        if !volumes.is_empty() {
            pod["volumes"] = volumes.into();
        }
        if self.has_peers() {
            pod["subdomain"] = self.name().into();
        }
        // The key is ours; what was asked for can only leave fewer nodes.
        if let Some(product) = self.spec().resources.wanted_product() {
            pod["nodeSelector"] = json!({ (&settings.gpu_label): product });
        }
        pod
    }

    fn container(&self) -> Value {
        let spec = self.spec();
        let mut container = json!({
            "name": CONTAINER,
            "image": spec.image,
            "command": ["/bin/sh", "-c", shell::escaped(&shell::script(spec))],
            "env": self.variables(),
            "resources": resources(&spec.resources, &self.settings.gpu_resource),
            // Its last lines stay with the pod, so that a failure is explained without its log.
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
        });
        let mounts = self.mounts();
        if !mounts.is_empty() {
            container["volumeMounts"] = mounts.into();
        }
        if let Some(workdir) = &spec.workdir {
            container["workingDir"] = workdir.as_str().into();
        }
        container
    }

    /// The person's own, those from their Secrets, then ours.
    fn variables(&self) -> Vec<Value> {
        let own = self.spec().envs.iter().filter(|(name, _)| ![RANK, NODES, PEERS].contains(&name.as_str()));
        let peers = if self.has_peers() { peers::names(&self.name(), self.spec().nodes) } else { "localhost".to_owned() };
        let rank = if self.has_peers() {
            json!({ "name": RANK, "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": INDEX } } })
        } else {
            // Each run of a sweep is by itself; its number is `JOB_COMPLETION_INDEX`, which Kubernetes sets.
            json!({ "name": RANK, "value": "0" })
        };
        own.map(|(name, value)| json!({ "name": name, "value": shell::escaped(value) }))
            .chain(self.spec().secrets.iter().map(|from| {
                let object = ObjectName::of_secret(self.user.key(), &from.name);
                json!({ "name": from.env, "valueFrom": { "secretKeyRef": { "name": object, "key": from.key, "optional": false } } })
            }))
            .chain([rank, json!({ "name": NODES, "value": self.spec().nodes.to_string() }), json!({ "name": PEERS, "value": peers })])
            .collect()
    }

    /// Each claim once, however often it is mounted: a pod that names one twice never starts (kubernetes/kubernetes#28502).
    fn distinct(&self) -> Vec<(&ObjectName, bool)> {
        let mut distinct: Vec<(&ObjectName, bool)> = Vec::new();
        for ((claim, _), mount) in self.claims.iter().zip(&self.plan.mounts) {
            match distinct.iter_mut().find(|(known, _)| *known == claim) {
                Some((_, read_only)) => *read_only &= mount.read_only,
                None => distinct.push((claim, mount.read_only)),
            }
        }
        distinct
    }

    fn volumes(&self) -> Vec<Value> {
        let claims = self.distinct().into_iter().enumerate().map(|(place, (claim, read_only))| {
            json!({ "name": format!("volume-{place}"), "persistentVolumeClaim": { "claimName": claim, "readOnly": read_only } })
        });
        let scratch = self.spec().scratch.iter().enumerate().map(|(place, scratch)| {
            let mut dir = json!({ "sizeLimit": scratch.size.to_string() });
            match scratch.medium {
                Medium::Memory => dir["medium"] = "Memory".into(),
                Medium::Disk => {}
            }
            json!({ "name": format!("scratch-{place}"), "emptyDir": dir })
        });
        let files = Some(&self.plan.attached).filter(|files| !files.is_empty()).map(|files| attached::volume(&self.name(), files));
        claims.chain(scratch).chain(files).collect()
    }

    fn mounts(&self) -> Vec<Value> {
        let distinct = self.distinct();
        let claims = self.claims.iter().zip(&self.plan.mounts).filter_map(|((claim, _), mount)| {
            let place = distinct.iter().position(|(known, _)| *known == claim)?;
            Some(json!({ "name": format!("volume-{place}"), "mountPath": mount.path, "readOnly": mount.read_only }))
        });
        let scratch = self
            .spec()
            .scratch
            .iter()
            .enumerate()
            .map(|(place, scratch)| json!({ "name": format!("scratch-{place}"), "mountPath": scratch.path }));
        let files = (!self.plan.attached.is_empty()).then(attached::mount);
        claims.chain(scratch).chain(files).collect()
    }
}

/// What is the same in every pod that the portal makes; its containers are missing.
pub(crate) fn restricted(user: u32) -> Value {
    json!({
        "restartPolicy": "Never",
        "serviceAccountName": ACCOUNT,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": { "type": "RuntimeDefault" },
        },
    })
}

/// Limits always; requests are the same but for what was asked for apart. GPUs cannot be asked for apart.
fn resources(asked: &Resources, gpu_resource: &str) -> Value {
    let amounts = |cpu_millis: u64, memory: String| {
        let mut amounts = Map::new();
        amounts.insert("cpu".to_owned(), cores(cpu_millis).into());
        amounts.insert("memory".to_owned(), memory.into());
        amounts.insert("ephemeral-storage".to_owned(), asked.disk.to_string().into());
        if asked.gpus > 0 {
            amounts.insert(gpu_resource.to_owned(), asked.gpus.to_string().into());
        }
        amounts
    };
    let requested = asked.requested_memory.unwrap_or(asked.memory);
    json!({
        "limits": amounts(asked.cpu_millis, asked.memory.to_string()),
        "requests": amounts(asked.requested_cpu_millis.unwrap_or(asked.cpu_millis), requested.to_string()),
    })
}

/// `2`, `500m`: as Kubernetes writes them.
fn cores(millis: u64) -> String {
    if millis.is_multiple_of(1000) { (millis / 1000).to_string() } else { format!("{millis}m") }
}

#[cfg(test)]
mod golden;
#[cfg(test)]
pub(crate) mod hardening;
