//! What do benchmarks measure with that need a node? A namespace of their own in a whole ground, the portal for it, and one member with
//! volumes and tasks that really run.
use std::time::Duration;

use anyhow::{Context, Result};
use ground::{BUSYBOX, FILES, Ground, Namespace};
use k8s_openapi::api::core::v1::Pod;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

use crate::dataset::{member, owned};
use crate::portal::{Place, Portal, Visitor};

/// So long a pod may take to start.
const STARTS: Duration = Duration::from_secs(60);
const OWNER: usize = 1;

pub struct Node {
    pub ground: Ground,
    pub namespace: Namespace,
    pub portal: Portal,
    pub visitor: Visitor,
    pub quick: bool,
}

/// A task and its pod.
pub struct Task {
    pub id: String,
    pub pod: String,
}

impl Node {
    /// None where the ground has no node.
    pub async fn start(ground: Ground, place: &Place, quick: bool) -> Result<Option<Self>> {
        if ground.admin().list("/api/v1/nodes").await?.is_empty() {
            return Ok(None);
        }
        let namespace = ground.namespace("bench").await?;
        let mut place = place.beside("on-a-node")?;
        place.settings = vec![
            ("STOWAGE_KUBERNETES__NAMESPACE".to_owned(), namespace.name().to_owned()),
            ("STOWAGE_FILES__IMAGE".to_owned(), FILES.to_owned()),
        ];
        let portal = Portal::start(&place, &ground).await?;
        let visitor = portal.sign_in(&member(OWNER)).await?;
        Ok(Some(Self { ground, namespace, portal, visitor, quick }))
    }

    pub async fn end(self) -> Result<()> {
        self.portal.stop().await?;
        self.namespace.delete().await
    }

    /// As many pairs as fit, where one takes seconds.
    pub fn pairs(&self) -> usize {
        if self.quick { 1 } else { 5 }
    }

    /// A volume of the member's, which one pod may fill. Returns its id and its claim.
    pub async fn volume(&self, n: usize) -> Result<(String, String)> {
        let claim = format!("data-{n}-{n:08}");
        let object = json!({
            "metadata": { "name": claim, "labels": self.labels("skypilot-volume", "volume", n), "annotations": self.owner() },
            "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "4Gi" } }, "storageClassName": "standard" },
        });
        self.ground.admin().post(&self.namespace.path("persistentvolumeclaims"), &object).await?;
        Ok((format!("{n:08}"), claim))
    }

    /// A task of the member's that runs this, with a volume at `/data`. Its pod runs when this returns, or is over already.
    pub async fn task(&self, n: usize, script: &str, claim: Option<&str>) -> Result<Task> {
        let labels = self.labels("skypilot-task", "task", n);
        let mut annotations = self.owner();
        annotations["stowage.dev/complete"] = json!("yes");
        let job = format!("train-{n}-{n:08}");
        let object = json!({
            "metadata": { "name": job, "labels": labels, "annotations": annotations },
            "spec": { "backoffLimit": 0, "template": {
                "metadata": { "labels": labels, "annotations": annotations }, "spec": pod(script, claim),
            } },
        });
        let api = self.ground.admin();
        api.post(&format!("/apis/batch/v1/namespaces/{}/jobs", self.namespace.name()), &object).await?;
        let pods = self.namespace.path(&format!("pods?labelSelector=batch.kubernetes.io/job-name={job}"));
        let found = api.wait_until(&pods, STARTS, |list| list["items"][0]["metadata"]["name"].is_string()).await?;
        let pod = found["items"][0]["metadata"]["name"].as_str().context("a pod without a name")?.to_owned();
        let begun = |pod: &Value| ["Running", "Succeeded"].iter().any(|phase| pod["status"]["phase"] == *phase);
        api.wait_until(&self.namespace.path(&format!("pods/{pod}")), STARTS, begun).await?;
        Ok(Task { id: format!("{n:08}"), pod })
    }

    pub async fn until_over(&self, task: &Task, deadline: Duration) -> Result<()> {
        self.ground.admin().wait_for_phase(self.namespace.name(), &task.pod, "Succeeded", deadline).await?;
        Ok(())
    }

    /// How long the task's container ran.
    pub async fn seconds(&self, task: &Task) -> Result<i64> {
        self.until_over(task, STARTS).await?;
        let pod = self.ground.admin().get(&self.namespace.path(&format!("pods/{}", task.pod))).await?;
        let ended = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
        let at =
            |name: &str| anyhow::Ok(ended[name].as_str().context("the container has not ended")?.parse::<jiff::Timestamp>()?.as_second());
        Ok(at("finishedAt")? - at("startedAt")?)
    }

    /// The pods as any program sees them that speaks to the API server itself.
    pub async fn pods(&self) -> Result<kube::Api<Pod>> {
        let config = Kubeconfig::read_from(self.ground.admin_kubeconfig())?;
        let config = kube::Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
        Ok(kube::Api::namespaced(kube::Client::try_from(config)?, self.namespace.name()))
    }

    fn labels(&self, marker: &str, kind: &str, n: usize) -> Value {
        owned(self.ground.issuer(), OWNER, marker, kind, n)
    }

    fn owner(&self) -> Value {
        json!({ "stowage.dev/owner-iss": self.ground.issuer(), "stowage.dev/owner-sub": member(OWNER) })
    }
}

fn pod(script: &str, claim: Option<&str>) -> Value {
    let volumes: Vec<Value> =
        claim.map(|claim| json!({ "name": "data", "persistentVolumeClaim": { "claimName": claim } })).into_iter().collect();
    let mounts: Vec<Value> = claim.map(|_| json!({ "name": "data", "mountPath": "/data" })).into_iter().collect();
    json!({
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": false,
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000, "seccompProfile": { "type": "RuntimeDefault" },
        },
        "volumes": volumes,
        "containers": [{
            "name": "task",
            "image": BUSYBOX,
            "imagePullPolicy": "IfNotPresent",
            "command": ["/bin/sh", "-c", script],
            "volumeMounts": mounts,
            "resources": { "requests": { "cpu": "5m", "memory": "8Mi" }, "limits": { "memory": "256Mi" } },
            "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
        }],
    })
}
