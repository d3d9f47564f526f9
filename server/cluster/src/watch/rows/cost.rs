//! What does a change cost, and what does a row weigh? Counted in allocations, which are the same on every machine.

use super::*;
use crate::{
    object::row,
    watch::{cache::Cache, kept::Kept},
};
use allocation_counter::measure;
use domain::owner::Principal;
use kube::api::WatchEvent;
use serde_json::{Value, json};

const CLAIMS: usize = 1000;
const OF_EACH: usize = 20;

fn key(person: usize) -> OwnerKey {
    OwnerKey::of(&Principal::new("https://id.example.org/realms/research", &format!("member-{person}")).unwrap())
}

/// As a used cluster holds one.
fn object(n: usize, size: &str) -> Value {
    let person = n / OF_EACH;
    let manager = json!({
        "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1", "time": "2026-11-01T12:00:00Z", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:metadata": {"f:annotations": {"f:pv.kubernetes.io/bind-completed": {}}}, "f:spec": {"f:volumeName": {}}, "f:status": {"f:phase": {}}},
    });
    json!({
        "kind": "PersistentVolumeClaim", "apiVersion": "v1",
        "metadata": {
            "name": format!("data-{n}-{n:08}"), "namespace": "stowage", "uid": format!("00000000-0000-4000-8000-{n:012}"),
            "resourceVersion": "123456", "creationTimestamp": "2026-11-01T12:00:00Z", "finalizers": ["kubernetes.io/pvc-protection"],
            "labels": {
                "skypilot-volume": "true", "volume-id": format!("{n:08}"), "volume-name": format!("data-{n}"),
                "username": format!("member-{person}"), "stowage.dev/owner": key(person),
            },
            "annotations": {
                "created-at": "2026-11-01T12:00:00Z", "stowage.dev/owner-iss": "https://id.example.org/realms/research",
                "stowage.dev/owner-sub": format!("member-{person}"), "stowage.dev/mount-path": format!("/volumes/data-{n}"),
                "pv.kubernetes.io/bind-completed": "yes", "volume.kubernetes.io/storage-provisioner": "rbd.csi.ceph.com",
            },
            "managedFields": [manager, manager, manager],
        },
        "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "storageClassName": "standard", "volumeMode": "Filesystem",
            "volumeName": format!("pvc-00000000-0000-4000-8000-{n:012}"),
        },
        "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}},
    })
}

fn texts() -> Vec<String> {
    (0..CLAIMS).map(|n| object(n, "10Gi").to_string()).collect()
}

fn rows(texts: &[String]) -> impl Iterator<Item = ClaimRow> {
    texts.iter().map(|text| serde_json::from_str(text).unwrap())
}

#[test]
fn a_volume_weighs_so_much_and_no_more() {
    let texts = texts();
    let mut kept = Rows::default();
    let weighed = measure(|| ClaimRow::replace(&mut kept, rows(&texts)));
    let each = weighed.bytes_current / i64::try_from(CLAIMS).unwrap();
    assert_eq!(kept.volumes.len(), CLAIMS);
    assert!(each <= EACH, "{each} bytes for each volume");
}

/// Bytes on the heap, of the row and of what finds it.
const EACH: i64 = 1_600;

#[test]
fn a_change_costs_so_many_allocations_and_an_idle_tab_none() {
    let texts = texts();
    let cache = Cache::new();
    cache.replaced(rows(&texts));
    let change = |size: &str| {
        let line = json!({"type": "MODIFIED", "object": object(7, size)}).to_string();
        measure(|| match serde_json::from_str::<WatchEvent<Value>>(&line).unwrap() {
            WatchEvent::Modified(object) => cache.applied(row::<ClaimRow>(&object).ok().unwrap()),
            WatchEvent::Added(_) | WatchEvent::Deleted(_) | WatchEvent::Bookmark(_) | WatchEvent::Error(_) => unreachable!(),
        })
        .count_total
    };
    let mut own = cache.changes(&key(0));
    change("11Gi");
    let alone = change("12Gi");
    assert!(own.has_changed().unwrap(), "the change is told");
    assert!(alone <= OF_A_CHANGE, "{alone} allocations");
    // Twenty tabs of each person who has volumes: of nobody whom the change concerns but one.
    let tabs: Vec<_> =
        (1..CLAIMS / OF_EACH).flat_map(|person| (0..20).map(move |_| person)).map(|person| cache.changes(&key(person))).collect();
    assert_eq!(change("13Gi"), alone, "{} idle tabs cost nothing", tabs.len());
    own.borrow_and_update();
    assert!(tabs.iter().all(|tab| !tab.has_changed().unwrap()));
}

/// Reading the line, making the row, telling whom it concerns.
const OF_A_CHANGE: u64 = 260;
