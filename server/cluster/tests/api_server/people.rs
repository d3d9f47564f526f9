//! Who is in these tests, and what can they do? A portal in a namespace of its own, and two people.

use cluster::{Cluster, Options, Revision, User, UserCluster};
use domain::{
    access::AccessMode,
    label::Labels,
    limits::PerPerson,
    owner::{OwnerKey, Principal},
    quantity::Size,
    volume::{Volume, VolumeSpec},
};
use ground::{Api, Ground, Namespace, Work};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{sync::watch::Receiver, time::timeout};

/// Longer than anything that is awaited takes, also on a machine with much else to do.
pub const PATIENCE: Duration = Duration::from_secs(90);
pub const ISSUER: &str = "https://id.example";

pub struct Portal {
    pub ground: Ground,
    pub namespace: Namespace,
    pub cluster: Cluster,
}

impl Portal {
    pub async fn start() -> Self {
        Self::limited(PerPerson::default()).await
    }

    /// Where one person may have no more than this.
    pub async fn limited(limits: PerPerson) -> Self {
        let ground = Ground::current().await.unwrap();
        let namespace = ground.namespace("cluster").await.unwrap();
        let options = Options {
            kubeconfig: Some(ground.portal_kubeconfig().to_owned()),
            namespace: namespace.name().to_owned(),
            limits,
            ..Options::default()
        };
        let cluster = Cluster::connect(options).await.unwrap();
        timeout(PATIENCE, cluster.synced()).await.expect("every watch lists once");
        Self { ground, namespace, cluster }
    }

    pub fn alice(&self) -> UserCluster {
        self.cluster.as_user(person("alice", false))
    }

    pub fn bob(&self) -> UserCluster {
        self.cluster.as_user(person("bob", false))
    }

    pub fn admin(&self) -> &Api {
        self.ground.admin()
    }

    pub fn claim(&self, volume: &Volume) -> String {
        self.namespace.path(&format!("persistentvolumeclaims/{}", volume.claim))
    }

    /// The claim as the administrator sees it; null when there is none.
    pub async fn live(&self, volume: &Volume) -> Value {
        match self.admin().get(&self.claim(volume)).await {
            Err(absent) if absent.is_not_found() => Value::Null,
            answer => answer.unwrap(),
        }
    }

    pub async fn end(self) {
        for kind in [CLASSES, STORAGE] {
            match self.admin().delete(&format!("{kind}/{}", growable_name(&self))).await {
                Err(absent) if absent.is_not_found() => {}
                gone => drop(gone.unwrap()),
            }
        }
        self.namespace.delete().await.unwrap();
    }
}

pub fn person(subject: &str, admin: bool) -> User {
    User::from_session(Principal::new(ISSUER, subject).unwrap(), format!("{subject}@example.org"), subject.to_owned(), admin)
}

pub fn key(subject: &str) -> OwnerKey {
    OwnerKey::of(&Principal::new(ISSUER, subject).unwrap())
}

pub fn wish(name: &str, class: &str) -> VolumeSpec {
    VolumeSpec {
        name: name.parse().unwrap(),
        size: Size::from_bytes(16 << 20),
        class: class.parse().unwrap(),
        modes: vec![AccessMode::ReadWriteOnce],
        description: None,
        mount_path: None,
        labels: Labels::default(),
    }
}

/// A volume of 16Mi that is ready and whose class lets it grow. Nobody makes it larger, so a growth stays as asked for.
pub async fn growable(portal: &Portal, person: &UserCluster) -> Volume {
    let name = growable_name(portal);
    let class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}, "provisioner": "stowage.dev/absent",
        "volumeBindingMode": "Immediate", "allowVolumeExpansion": true
    });
    let storage = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "16Mi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": name,
            "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": "/nowhere"}
        }
    });
    portal.admin().post(CLASSES, &class).await.unwrap();
    portal.admin().post(STORAGE, &storage).await.unwrap();
    let known = || person.storage_classes().unwrap().iter().any(|class| class.name.as_str() == name).then_some(());
    until(person.changes(), "the class", known).await;
    let made = person.create_volume(&wish("data", &name)).await.unwrap();
    volume_is(person, &made, "its storage is there", |volume| volume.status.phase() == "Bound").await
}

const CLASSES: &str = "/apis/storage.k8s.io/v1/storageclasses";
const STORAGE: &str = "/api/v1/persistentvolumes";

/// Neither class nor storage belongs to a namespace, so their name does.
fn growable_name(portal: &Portal) -> String {
    format!("growable-{}", portal.namespace.name())
}

/// A volume that a pod has used: its storage is there.
pub async fn ready(portal: &Portal, person: &UserCluster, wish: &VolumeSpec) -> Volume {
    let made = person.create_volume(wish).await.unwrap();
    let pod = format!("first-{}", made.id);
    let namespace = portal.namespace.name();
    portal.admin().start_pod(namespace, &pod, &[(&made.claim, "/data")], &[], Work::Nothing).await.unwrap();
    let made = volume_is(person, &made, "its storage is there", |volume| volume.status.phase() == "Bound").await;
    let path = portal.namespace.path(&format!("pods/{pod}"));
    portal.admin().delete(&path).await.unwrap();
    portal.admin().wait_until(&path, PATIENCE, Value::is_null).await.unwrap();
    made
}

/// Looks now and after each change, until there is what was looked for.
pub async fn until<T>(mut changes: Receiver<Revision>, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            changes.borrow_and_update();
            if let Some(found) = look() {
                return found;
            }
            changes.changed().await.unwrap();
        }
    };
    timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("not seen in time: {what}"))
}

/// The one volume, when it is as awaited.
pub async fn volume_is(person: &UserCluster, id: &Volume, what: &str, holds: impl Fn(&Volume) -> bool) -> Volume {
    until(person.changes(), what, || person.volume(&id.id).ok().map(|detail| detail.volume).filter(|volume| holds(volume))).await
}

pub async fn gone(person: &UserCluster, volume: &Volume) {
    until(person.changes(), "the volume is gone", || {
        let left = person.volumes().unwrap().iter().any(|other| other.uid == volume.uid);
        (!left).then_some(())
    })
    .await;
}
