//! Which objects is a pod made of that looks into a volume? One Job, as hard as a task's, with that volume and no way to write to it.
//! It ends when nobody has asked for ten minutes (crate `files`), and after an hour whatever happens.

use crate::{
    error::Error,
    job::{CONTAINER, restricted},
    labels,
    scope::User,
};
use domain::name::{ObjectName, VolumeId};
use serde_json::{Value, json};

/// Seconds after which it ends, also if the portal is gone.
const LONGEST: u32 = 3600;
/// Seconds for which its end can be seen.
const KEPT: u32 = 60;
/// Its program in its image, and where that finds the volume.
pub(super) const PROGRAM: &str = "/stowage-files";
const VOLUME: &str = "/volume";
/// By which a node is chosen: where the volume is mounted already, since many can be on one node only.
const HOST: &str = "kubernetes.io/hostname";

pub(super) struct Order<'a> {
    pub(super) id: &'a VolumeId,
    pub(super) claim: &'a ObjectName,
    pub(super) user: &'a User,
    pub(super) namespace: &'a str,
    pub(super) image: &'a str,
    pub(super) run_as_user: u32,
    /// Where the volume is mounted now.
    pub(super) node: Option<&'a str>,
}

/// One for each volume, so that two pages share it.
pub(super) fn name(id: &VolumeId) -> Result<ObjectName, Error> {
    format!("files-{id}").parse().map_err(Error::unexpected)
}

impl Order<'_> {
    pub(super) fn name(&self) -> Result<ObjectName, Error> {
        name(self.id)
    }

    pub(super) fn job(&self) -> Value {
        let principal = self.user.principal();
        let labels = json!({ labels::FILES: self.id, labels::OWNER: self.user.key(), labels::USERNAME: self.user.username() });
        let identity = json!({ labels::OWNER_ISSUER: principal.issuer(), labels::OWNER_SUBJECT: principal.subject() });
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": { "name": format!("files-{}", self.id), "namespace": self.namespace, "labels": labels, "annotations": identity },
            "spec": {
                "completions": 1,
                "parallelism": 1,
                "backoffLimit": 0,
                "activeDeadlineSeconds": LONGEST,
                "ttlSecondsAfterFinished": KEPT,
                "template": { "metadata": { "labels": labels, "annotations": identity }, "spec": self.pod() },
            },
        })
    }

    fn pod(&self) -> Value {
        let mut pod = restricted(self.run_as_user);
        pod["containers"] = json!([{
            "name": CONTAINER,
            "image": self.image,
            "command": [PROGRAM, "hold"],
            "resources": {
                "limits": { "cpu": "1", "memory": "128Mi", "ephemeral-storage": "64Mi" },
                "requests": { "cpu": "50m", "memory": "64Mi", "ephemeral-storage": "64Mi" },
            },
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "capabilities": { "drop": ["ALL"] },
                "readOnlyRootFilesystem": true,
            },
            // Not the claim's own `readOnly`: with it, a disk that was never used is not given a file system.
            "volumeMounts": [{ "name": "volume", "mountPath": VOLUME, "readOnly": true }],
        }]);
        pod["volumes"] = json!([{ "name": "volume", "persistentVolumeClaim": { "claimName": self.claim } }]);
        // It has nothing to end, and the first process of a pod takes no polite signal.
        pod["terminationGracePeriodSeconds"] = 1.into();
        if let Some(node) = self.node {
            pod["nodeSelector"] = json!({ HOST: node });
        }
        pod
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::hardening::broken_rules;
    use domain::owner::Principal;

    #[test]
    fn h_what_looks_into_a_volume_is_as_hard_as_a_task_and_cannot_write() {
        let user = User::from_session(Principal::new("https://id", "alice").unwrap(), "alice".into(), "Alice".into(), false);
        let (id, claim) = ("abc12345".parse().unwrap(), "data-abc12345".parse().unwrap());
        let mut order = Order { id: &id, claim: &claim, user: &user, namespace: "work", image: "files:1", run_as_user: 1000, node: None };
        let job = order.job();
        let pod = &job["spec"]["template"]["spec"];
        // A program of its own in the place of a script, an end without patience, and a root that cannot be written to.
        assert_eq!(broken_rules(pod), ["no further field of a pod", "nothing privileged", "one script as one argument"]);
        assert_eq!(pod["containers"][0]["command"], json!([PROGRAM, "hold"]));
        assert_eq!(pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"], true);
        let mut plain = pod.clone();
        plain.as_object_mut().unwrap().remove("terminationGracePeriodSeconds");
        plain["containers"][0]["securityContext"].as_object_mut().unwrap().remove("readOnlyRootFilesystem");
        assert_eq!(broken_rules(&plain), ["one script as one argument"]);
        assert_eq!(pod["volumes"].as_array().map(Vec::len), Some(1));
        assert_eq!(pod["containers"][0]["volumeMounts"], json!([{ "name": "volume", "mountPath": "/volume", "readOnly": true }]));
        for labels in [&job["metadata"]["labels"], &job["spec"]["template"]["metadata"]["labels"]] {
            assert_eq!(labels["stowage.dev/files"], "abc12345");
            assert_eq!(labels["skypilot-task"], Value::Null, "no task");
        }
        assert_eq!((&job["spec"]["activeDeadlineSeconds"], &job["spec"]["backoffLimit"]), (&json!(3600), &json!(0)));
        assert_eq!(pod["nodeSelector"], Value::Null);
        order.node = Some("n1");
        assert_eq!(order.job()["spec"]["template"]["spec"]["nodeSelector"], json!({ "kubernetes.io/hostname": "n1" }));
    }
}
