//! Which objects is everything measured with? Written straight to the API server, as a cluster that has been in use holds them.
use anyhow::{Result, bail};
use domain::owner::{OwnerKey, Principal};
use futures::{StreamExt, TryStreamExt, stream};
use ground::{Api, Ground, NAMESPACE};
use serde_json::{Value, json};

/// How many requests are under way at a time.
const AT_ONCE: usize = 48;
/// One person has this many volumes whatever the size of the whole: what a list of everybody's is compared with.
pub const OF_THE_FIRST: usize = 50;
const CLASSES: usize = 20;

/// The objects: `claims` of them over `owners` people, as many PersistentVolumes, a fifth as many Jobs.
#[derive(Debug, Clone, Copy)]
pub struct Dataset {
    pub claims: usize,
    pub owners: usize,
}

impl Dataset {
    /// 20 claims a person.
    pub fn of(claims: usize) -> Self {
        Self { claims, owners: (claims / 20).max(30) }
    }

    /// Whose claim this is: member-1, member-2, ...
    pub fn owner(self, claim: usize) -> usize {
        if claim < OF_THE_FIRST { 1 } else { 2 + (claim - OF_THE_FIRST) % (self.owners - 1) }
    }

    pub fn claims_of(self, owner: usize) -> impl Iterator<Item = usize> {
        (0..self.claims).filter(move |claim| self.owner(*claim) == owner)
    }

    /// One in twenty waits for its storage.
    pub fn is_bound(claim: usize) -> bool {
        claim % 20 != 7
    }

    /// Writes what is not there yet.
    pub async fn load(self, ground: &Ground) -> Result<()> {
        let api = ground.admin();
        for limit in ["resourcequotas/stowage", "limitranges/stowage"] {
            match api.delete(&format!("/api/v1/namespaces/{NAMESPACE}/{limit}")).await {
                Err(error) if !error.is_not_found() => return Err(error.into()),
                Ok(_) | Err(_) => {}
            }
        }
        let there = api.list(&format!("{}?resourceVersion=0", claims())).await?.len();
        let jobs = api.list(&format!("{}?resourceVersion=0", jobs())).await?.len();
        if there == self.claims && jobs == self.claims / 5 {
            println!("{there} claims and {jobs} Jobs are there already");
            return Ok(());
        }
        if there > 0 || jobs > 0 {
            bail!("{there} claims and {jobs} Jobs are there, not {} and {}: end this ground first", self.claims, self.claims / 5);
        }
        let start = std::time::Instant::now();
        for class in 0..CLASSES {
            let object =
                json!({ "metadata": { "name": class_name(class) }, "provisioner": "bench.stowage.dev", "reclaimPolicy": "Delete" });
            put(api, "/apis/storage.k8s.io/v1/storageclasses", &object).await?;
        }
        let issuer = ground.issuer();
        each(self.claims, |n| self.claim(api, issuer, n)).await?;
        each(self.claims / 5, |n| self.job(api, issuer, n)).await?;
        println!("{} claims, as many PersistentVolumes and {} Jobs in {} s", self.claims, self.claims / 5, start.elapsed().as_secs());
        Ok(())
    }

    async fn claim(self, api: &Api, issuer: &str, n: usize) -> Result<()> {
        let storage = format!("pvc-bench-{n:06}");
        let size = size(n);
        let mut claim = json!({
            "metadata": {
                "name": claim_name(n),
                "labels": owned(issuer, self.owner(n), "skypilot-volume", "volume", n),
                "annotations": {
                    "created-at": "2026-11-01T12:00:00Z",
                    "stowage.dev/owner-iss": issuer,
                    "stowage.dev/owner-sub": member(self.owner(n)),
                    "stowage.dev/mount-path": format!("/volumes/data-{n}"),
                    "pv.kubernetes.io/bind-completed": "yes",
                    "pv.kubernetes.io/bound-by-controller": "yes",
                    "volume.beta.kubernetes.io/storage-provisioner": "bench.stowage.dev",
                    "volume.kubernetes.io/storage-provisioner": "bench.stowage.dev",
                },
            },
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": { "requests": { "storage": size } },
                "storageClassName": class_name(n),
            },
        });
        if Self::is_bound(n) {
            claim["spec"]["volumeName"] = json!(storage);
        }
        let made = put(api, &claims(), &claim).await?;
        if !Self::is_bound(n) {
            return Ok(());
        }
        set_status(api, n, "Bound", &size).await?;
        let volume = json!({
            "metadata": { "name": storage, "annotations": { "pv.kubernetes.io/provisioned-by": "bench.stowage.dev" } },
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "capacity": { "storage": size },
                "claimRef": { "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": NAMESPACE, "name": claim_name(n), "uid": made["metadata"]["uid"] },
                "csi": { "driver": "bench.stowage.dev", "volumeHandle": storage },
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": class_name(n),
            },
        });
        put(api, "/api/v1/persistentvolumes", &volume).await?;
        let status = json!({ "status": { "phase": "Bound" } });
        api.patch_merge(&format!("/api/v1/persistentvolumes/{storage}/status"), &status).await?;
        Ok(())
    }

    /// Suspended: nothing would run them here.
    async fn job(self, api: &Api, issuer: &str, n: usize) -> Result<()> {
        let job = json!({
            "metadata": {
                "name": format!("train-{n}-{:08}", n),
                "labels": owned(issuer, self.owner(n), "skypilot-task", "task", n),
                "annotations": { "stowage.dev/owner-iss": issuer, "stowage.dev/owner-sub": member(self.owner(n)), "stowage.dev/complete": "yes" },
            },
            "spec": {
                "suspend": true,
                "template": { "spec": {
                    "restartPolicy": "Never",
                    "containers": [{ "name": "main", "image": "stowage.dev/busybox:1", "command": ["sh", "-c", "true"] }],
                } },
            },
        });
        put(api, &jobs(), &job).await?;
        Ok(())
    }
}

/// Changes a claim's phase and size, as a controller would.
pub async fn set_status(api: &Api, claim: usize, phase: &str, size: &str) -> Result<Value> {
    let status = json!({ "status": { "phase": phase, "accessModes": ["ReadWriteOnce"], "capacity": { "storage": size } } });
    Ok(api.patch_merge(&format!("{}/{}/status", claims(), claim_name(claim)), &status).await?)
}

pub fn claims() -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims")
}

fn jobs() -> String {
    format!("/apis/batch/v1/namespaces/{NAMESPACE}/jobs")
}

pub fn member(owner: usize) -> String {
    format!("member-{owner}")
}

pub fn claim_name(claim: usize) -> String {
    format!("data-{claim}-{claim:08}")
}

pub fn size(claim: usize) -> String {
    format!("{}Gi", 1 + claim % 500)
}

fn class_name(n: usize) -> String {
    format!("class-{}", n % CLASSES)
}

/// The labels of what is this member's.
pub fn owned(issuer: &str, owner: usize, marker: &str, kind: &str, n: usize) -> Value {
    let key = Principal::new(issuer, &member(owner)).map(|person| OwnerKey::of(&person).to_string()).unwrap_or_default();
    let name = if kind == "volume" { "data" } else { "train" };
    let mut labels = json!({ "username": member(owner), "stowage.dev/owner": key });
    labels[marker] = json!("true");
    labels[format!("{kind}-id")] = json!(format!("{n:08}"));
    labels[format!("{kind}-name")] = json!(format!("{name}-{n}"));
    labels
}

/// What is there already stays as it is.
async fn put(api: &Api, path: &str, object: &Value) -> Result<Value> {
    Ok(api.post(path, object).await?)
}

async fn each<F: Future<Output = Result<()>>>(count: usize, work: impl Fn(usize) -> F) -> Result<()> {
    stream::iter((0..count).map(work)).buffer_unordered(AT_ONCE).try_collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_has_an_owner_and_the_first_has_fifty() {
        let dataset = Dataset::of(10_000);
        assert_eq!((dataset.owners, dataset.claims_of(1).count()), (500, OF_THE_FIRST));
        assert_eq!((1..=dataset.owners).map(|owner| dataset.claims_of(owner).count()).sum::<usize>(), 10_000);
        assert_eq!((0..10_000).filter(|claim| !Dataset::is_bound(*claim)).count(), 500);
    }
}
