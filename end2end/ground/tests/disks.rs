//! Are the sizes, the growth and the fullness of class `fast` real? Needs `ground up`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use ground::{Api, Ground, Namespace, Work};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(60);
const MI: u64 = 1 << 20;

/// A namespace with claims of one class.
struct Disks<'a> {
    api: &'a Api,
    namespace: Namespace,
    class: String,
}

impl<'a> Disks<'a> {
    async fn new(ground: &'a Ground, prefix: &str) -> Self {
        Self { api: ground.admin(), namespace: ground.namespace(prefix).await.unwrap(), class: "fast".to_owned() }
    }

    /// With a class of the test's own.
    async fn with_parameters(ground: &'a Ground, prefix: &str, parameters: Value) -> Self {
        let disks = Self::new(ground, prefix).await;
        let class = json!({
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": { "name": disks.namespace.name() },
            "provisioner": "loop.csi.stowage.dev",
            "allowVolumeExpansion": true,
            "parameters": parameters,
        });
        disks.api.post("/apis/storage.k8s.io/v1/storageclasses", &class).await.unwrap();
        Self { class: disks.namespace.name().to_owned(), ..disks }
    }

    async fn claim(&self, name: &str, size: &str) -> String {
        let claim = json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": { "name": name },
            "spec": { "storageClassName": self.class, "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": size } } },
        });
        self.api.post(&self.namespace.path("persistentvolumeclaims"), &claim).await.unwrap();
        self.namespace.path(&format!("persistentvolumeclaims/{name}"))
    }

    async fn bound(&self, name: &str, size: &str) -> String {
        let path = self.claim(name, size).await;
        self.api.wait_until(&path, SOON, |claim| claim["status"]["phase"] == "Bound").await.unwrap();
        path
    }

    async fn ask_for(&self, path: &str, size: &str) {
        let patch = json!({ "spec": { "resources": { "requests": { "storage": size } } } });
        self.api.patch_merge(path, &patch).await.unwrap();
    }

    async fn has_capacity(&self, path: &str, size: &str) {
        self.api.wait_until(path, SOON, |claim| claim["status"]["capacity"]["storage"] == size).await.unwrap();
    }

    async fn pod(&self, name: &str, work: Work) {
        self.api.start_pod(self.namespace.name(), name, &[("data", "/data")], &[], work).await.unwrap();
    }

    async fn pod_says(&self, name: &str, command: &'static str) -> String {
        self.pod(name, Work::Shell(command)).await;
        self.api.wait_for_phase(self.namespace.name(), name, "Succeeded", SOON).await.unwrap();
        self.api.pod_log(self.namespace.name(), name).await.unwrap()
    }

    async fn event(&self, reason: &str, words: &str) {
        let said = |events: &Value| {
            let events = events["items"].as_array();
            events.is_some_and(|events| {
                events.iter().any(|event| event["reason"] == reason && event["message"].as_str().is_some_and(|text| text.contains(words)))
            })
        };
        self.api.wait_until(&self.namespace.path("events"), SOON, said).await.unwrap();
    }

    async fn end(self) {
        if self.class == self.namespace.name() {
            self.api.delete(&format!("/apis/storage.k8s.io/v1/storageclasses/{}", self.class)).await.unwrap();
        }
        self.namespace.delete().await.unwrap();
    }
}

fn condition<'a>(claim: &'a Value, kind: &str) -> Option<&'a Value> {
    claim["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
}

/// What the kubelet last measured of a claim, as the API server hands it on.
async fn usage(disks: &Disks<'_>, claim: &str, holds: impl Fn(u64, u64) -> bool) {
    let measured = |summary: &Value| {
        let pods = summary["pods"].as_array().into_iter().flatten();
        let volumes = pods.filter_map(|pod| pod["volume"].as_array()).flatten();
        let reference = json!({ "name": claim, "namespace": disks.namespace.name() });
        volumes.filter(|volume| volume["pvcRef"] == reference).any(|volume| {
            let bytes = |name: &str| volume[name].as_u64();
            bytes("usedBytes").zip(bytes("capacityBytes")).is_some_and(|(used, capacity)| holds(used, capacity))
        })
    };
    disks.api.wait_until("/api/v1/nodes/localhost/proxy/stats/summary", SOON, measured).await.unwrap();
}

/// The volume of a bound claim, and the file behind it.
async fn volume(disks: &Disks<'_>, claim: &str) -> (String, PathBuf) {
    let claim = disks.api.get(claim).await.unwrap();
    let path = format!("/api/v1/persistentvolumes/{}", claim["spec"]["volumeName"].as_str().unwrap());
    let volume = disks.api.get(&path).await.unwrap();
    let id = volume["spec"]["csi"]["volumeHandle"].as_str().unwrap();
    let layout = ground::Layout::new(&ground::Layout::default_dir()).unwrap();
    (path, layout.disks().join(format!("{id}.disk")))
}

fn loop_devices(file: &Path) -> String {
    let output = std::process::Command::new("losetup").arg("--associated").arg(file).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_disk_is_bound_at_once_written_by_a_pod_read_by_the_next_and_removed_with_its_claim() {
    let ground = Ground::current().await.unwrap();
    let disks = Disks::new(&ground, "disk").await;
    let path = disks.bound("data", "32Mi").await;
    let (volume, file) = volume(&disks, &path).await;
    assert_eq!(std::fs::metadata(&file).unwrap().len(), 32 * MI);
    assert_eq!(disks.pod_says("writer", "id -u; echo kept > /data/file && cat /data/file").await, "1000\nkept\n");
    assert_eq!(disks.pod_says("reader", "cat /data/file").await, "kept\n");

    disks.end().await;
    ground.admin().wait_until(&volume, SOON, Value::is_null).await.unwrap();
    assert!(!file.exists());
    assert_eq!(loop_devices(&file), "");
}

#[tokio::test]
async fn a_disk_in_use_grows_and_its_pod_sees_more_room() {
    let ground = Ground::current().await.unwrap();
    let disks = Disks::new(&ground, "grow").await;
    let path = disks.bound("data", "32Mi").await;
    let wait = "kib() { df -k /data | awk 'END { print $2 }'; }; before=$(kib); echo $before; \
                until [ $(kib) -gt 55000 ]; do sleep 0.2; done; echo larger";
    disks.pod("user", Work::Shell(wait)).await;
    disks.api.wait_for_phase(disks.namespace.name(), "user", "Running", SOON).await.unwrap();
    disks.ask_for(&path, "64Mi").await;
    disks.has_capacity(&path, "64Mi").await;
    disks.api.wait_for_phase(disks.namespace.name(), "user", "Succeeded", SOON).await.unwrap();
    let said = disks.api.pod_log(disks.namespace.name(), "user").await.unwrap();
    let (before, after) = said.trim().split_once('\n').unwrap();
    assert!((20_000..33_000).contains(&before.parse::<u32>().unwrap()) && after == "larger", "{said}");
    disks.end().await;
}

#[tokio::test]
async fn a_disk_not_in_use_waits_for_a_pod_before_its_file_system_grows() {
    let ground = Ground::current().await.unwrap();
    let disks = Disks::new(&ground, "idle").await;
    let path = disks.bound("data", "32Mi").await;
    disks.ask_for(&path, "64Mi").await;
    let pending = |claim: &Value| condition(claim, "FileSystemResizePending").is_some();
    let claim = disks.api.wait_until(&path, SOON, pending).await.unwrap();
    assert_eq!(claim["status"]["capacity"]["storage"], "32Mi");
    assert_eq!(claim["status"]["allocatedResourceStatuses"]["storage"], "NodeResizePending");
    let (_, file) = volume(&disks, &path).await;
    assert_eq!(std::fs::metadata(file).unwrap().len(), 64 * MI);

    let kib = disks.pod_says("user", "df -k /data | awk 'END { print $2 }'").await;
    assert!(kib.trim().parse::<u32>().unwrap() > 55_000, "{kib}");
    disks.has_capacity(&path, "64Mi").await;
    disks.end().await;
}

#[tokio::test]
async fn the_kubelet_tells_how_full_a_disk_is() {
    let ground = Ground::current().await.unwrap();
    let disks = Disks::new(&ground, "full").await;
    disks.bound("data", "32Mi").await;
    let fill = "head -c 20971520 /dev/zero > /data/file; trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done";
    disks.pod("user", Work::Shell(fill)).await;
    usage(&disks, "data", |used, capacity| (20 * MI..30 * MI).contains(&used) && (25 * MI..=32 * MI).contains(&capacity)).await;
    disks.end().await;
}

#[tokio::test]
async fn a_full_disk_takes_no_more() {
    let ground = Ground::current().await.unwrap();
    let disks = Disks::new(&ground, "more").await;
    disks.bound("data", "16Mi").await;
    let said = disks.pod_says("user", "dd if=/dev/zero of=/data/file bs=64k count=512 2>&1 || true").await;
    assert!(said.contains("No space left on device"), "{said}");
    disks.end().await;
}

#[tokio::test]
async fn growth_beyond_what_a_class_allows_is_called_infeasible_and_the_disk_stays_as_it_was() {
    let ground = Ground::current().await.unwrap();
    let disks = Disks::with_parameters(&ground, "refuse", json!({ "maxSize": "48Mi" })).await;
    let path = disks.bound("data", "32Mi").await;
    disks.ask_for(&path, "64Mi").await;
    let refused = |claim: &Value| claim["status"]["allocatedResourceStatuses"]["storage"] == "ControllerResizeInfeasible";
    let claim = disks.api.wait_until(&path, SOON, refused).await.unwrap();
    let condition = condition(&claim, "ControllerResizeError").unwrap();
    assert!(condition["message"].as_str().unwrap().contains("more than the 50331648 bytes"), "{claim}");
    assert_eq!(claim["status"]["capacity"]["storage"], "32Mi");
    disks.event("VolumeResizeFailed", "OutOfRange").await;

    // Asking for less again, though no less than there is, settles it.
    disks.ask_for(&path, "40Mi").await;
    let settled = |claim: &Value| claim["status"]["allocatedResourceStatuses"]["storage"] == "NodeResizePending";
    disks.api.wait_until(&path, SOON, settled).await.unwrap();
    disks.end().await;
}

#[tokio::test]
async fn a_claim_beyond_what_a_class_allows_stays_pending_and_says_why() {
    let ground = Ground::current().await.unwrap();
    let disks = Disks::with_parameters(&ground, "large", json!({ "maxSize": "48Mi" })).await;
    let path = disks.claim("data", "64Mi").await;
    disks.event("ProvisioningFailed", "code = OutOfRange").await;
    assert_eq!(disks.api.get(&path).await.unwrap()["status"]["phase"], "Pending");
    disks.end().await;
}

#[tokio::test]
async fn a_claim_for_which_the_pool_is_too_full_is_bound_when_another_is_removed() {
    let ground = Ground::current().await.unwrap();
    let pool = format!("pool-{}", std::process::id());
    let disks = Disks::with_parameters(&ground, "pool", json!({ "pool": pool, "poolSize": "64Mi" })).await;
    let first = disks.bound("first", "48Mi").await;
    let second = disks.claim("second", "32Mi").await;
    disks.event("ProvisioningFailed", "code = ResourceExhausted").await;
    disks.api.delete(&first).await.unwrap();
    disks.api.wait_until(&second, SOON, |claim| claim["status"]["phase"] == "Bound").await.unwrap();
    disks.end().await;
}
