use super::*;
use domain::{
    cause::CauseId,
    label::Labels,
    owner::Principal,
    storage_class::{Binding, ClassSettings, Reclaim},
};
use serde_json::{Value, json};

const NOW: i64 = 1_774_101_727;

fn alice() -> User {
    User::from_session(Principal::new("https://id.example", "alice").unwrap(), "alice@example.org".into(), "Alice".into(), false)
}

fn row(value: Value) -> ClaimRow {
    serde_json::from_value(value).unwrap()
}

fn volume(value: Value) -> Volume {
    row(value).volume(Around::default(), &[], NOW)
}

fn class(name: &str) -> StorageClass {
    StorageClass {
        name: name.parse().unwrap(),
        provisioner: "p".into(),
        default: true,
        binding: Binding::WaitForFirstConsumer,
        reclaim: Reclaim::Delete,
        expandable: false,
        description: None,
        proven: vec![],
        settings: ClassSettings::default(),
    }
}

fn spec() -> VolumeSpec {
    VolumeSpec {
        name: "Train_Data".parse().unwrap(),
        size: Size::from_bytes(10 << 30),
        class: "standard".parse().unwrap(),
        modes: vec![AccessMode::ReadWriteOnce, AccessMode::ReadOnlyMany],
        description: Some("pictures of cats".into()),
        mount_path: Some("/data".parse().unwrap()),
        labels: Labels::typed("stage=prod owner=me").unwrap(),
    }
}

#[test]
fn c6_117_a_claim_of_which_nothing_is_known_is_still_a_volume() {
    let nothing = json!({});
    let nulls = json!({
        "metadata": {"labels": null, "annotations": null, "finalizers": null},
        "spec": {"accessModes": null, "resources": {"requests": null}, "storageClassName": null}, "status": null
    });
    for claim in [nothing, nulls] {
        let volume = volume(claim);
        assert_eq!(volume.id.as_str(), "aaaaaaaa");
        assert_eq!(volume.status.id(), CauseId::NoDefaultClass);
        assert_eq!((volume.requested.bytes(), volume.capacity, volume.created), (0, None, NOW));
        assert_eq!((volume.name.as_str(), volume.username.as_str(), volume.mount_path.as_str()), ("", "", "/volumes/"));
    }
}

#[test]
fn a_claim_without_a_status_is_pending() {
    let row = row(json!({"metadata": {"name": "a"}, "spec": {"storageClassName": "standard"}}));
    assert_eq!(row.volume(Around::default(), &[class("standard")], NOW).status.id(), CauseId::WaitsForFirstUse);
}

#[test]
fn a_bound_claim_shows_what_was_given() {
    let volume = volume(json!({
        "metadata": {
            "name": "data-abc12345", "uid": "0f3a1b2c-0000", "creationTimestamp": "2026-03-21T14:02:07Z",
            "labels": {"volume-id": "abc12345", "volume-name": "Data", "username": "alice-example.org"},
            "annotations": {"stowage.dev/mount-path": "/data", "stowage.dev/description": "d"}
        },
        "spec": {"accessModes": ["ReadWriteOnce", "ReadWriteEverywhere"], "resources": {"requests": {"storage": "10Gi"}}, "storageClassName": "standard"},
        "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "12Gi"}}
    }));
    assert_eq!((volume.id.as_str(), volume.name.as_str(), volume.username.as_str()), ("abc12345", "Data", "alice-example.org"));
    assert_eq!((volume.status.id(), volume.modes.as_slice()), (CauseId::Ready, &[AccessMode::ReadWriteOnce][..]));
    assert_eq!((volume.requested.to_string(), volume.size().to_string()), ("10Gi".into(), "12Gi".into()));
    assert_eq!((volume.created, volume.mount_path.as_str(), volume.description.as_deref()), (NOW, "/data", Some("d")));
}

#[test]
fn a_claim_without_a_good_id_is_known_by_its_uid() {
    for label in [None, Some(""), Some("../etc"), Some("ABC12345")] {
        let claim = json!({"metadata": {"uid": "0f3a1b2c-1111-2222", "labels": {"volume-id": label}}});
        assert_eq!(row(claim).id().as_str(), "0f3a1b2c", "{label:?}");
    }
}

#[test]
fn c6_117_an_unknown_phase_and_an_unreadable_size_are_shown_as_they_are() {
    let volume =
        volume(json!({"spec": {"storageClassName": "", "resources": {"requests": {"storage": "much"}}}, "status": {"phase": "Moving"}}));
    assert_eq!((volume.status.id(), volume.status.phase()), (CauseId::UnknownPhase, "Moving"));
    assert_eq!((volume.requested.bytes(), volume.class), (0, None));
}

#[test]
fn a_claim_that_is_being_deleted_says_so_whatever_its_phase() {
    let volume = volume(json!({
        "metadata": {"deletionTimestamp": "2026-03-21T14:02:07Z", "finalizers": ["kubernetes.io/pvc-protection"]},
        "status": {"phase": "Bound"}
    }));
    assert_eq!((volume.status.id(), volume.status.since()), (CauseId::BeingRemoved, Some(NOW)));
}

#[test]
fn the_claim_that_is_created_is_exactly_this() {
    let made = claim(&spec(), &"abc12345".parse().unwrap(), &alice(), "stowage-work", NOW);
    assert_eq!(
        serde_json::to_value(made).unwrap(),
        json!({
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": "train-data-abc12345",
                "namespace": "stowage-work",
                "labels": {
                    "skypilot-volume": "true",
                    "volume-id": "abc12345",
                    "volume-name": "Train_Data",
                    "username": "alice-example.org",
                    "stowage.dev/owner": "o1-ns3cma3e7zmtta7tf352yvsqi5nxhy4222dk2op37eu3kp7gcp5q",
                    "label.stowage.dev/owner": "me",
                    "label.stowage.dev/stage": "prod"
                },
                "annotations": {
                    "created-at": "2026-03-21T14:02:07Z",
                    "stowage.dev/owner-iss": "https://id.example",
                    "stowage.dev/owner-sub": "alice",
                    "stowage.dev/mount-path": "/data",
                    "stowage.dev/description": "pictures of cats"
                }
            },
            "spec": {
                "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
                "storageClassName": "standard",
                "resources": {"requests": {"storage": "10Gi"}}
            }
        })
    );
}

#[test]
fn what_is_created_reads_back_as_what_was_asked_for() {
    let made = claim(&spec(), &"abc12345".parse().unwrap(), &alice(), "n", NOW);
    let row = row(serde_json::to_value(made).unwrap());
    assert!(row.is_marked());
    assert_eq!(row.owner(), Owner::Proven(alice().key().clone()));
    let volume = row.volume(Around::default(), &[class("standard")], NOW);
    assert_eq!((volume.name.as_str(), volume.requested, volume.modes), ("Train_Data", spec().size, spec().modes));
    assert_eq!((volume.mount_path.as_str(), volume.description, volume.labels), ("/data", spec().description, spec().labels));
}

#[test]
fn what_is_not_asked_for_is_not_written() {
    let made = claim(
        &VolumeSpec { description: None, mount_path: None, labels: Labels::default(), ..spec() },
        &"abc12345".parse().unwrap(),
        &alice(),
        "n",
        NOW,
    );
    assert!(made.metadata.labels.unwrap().keys().all(|key| !key.starts_with(labels::OWN)));
    let annotations = made.metadata.annotations.unwrap();
    assert_eq!(
        annotations.keys().map(String::as_str).collect::<Vec<_>>(),
        ["created-at", "stowage.dev/owner-iss", "stowage.dev/owner-sub"]
    );
}

#[test]
fn a_bare_disk_is_told_from_files_and_folders() {
    for (mode, kind) in [(json!(null), Kind::Filesystem), (json!("Filesystem"), Kind::Filesystem), (json!("Block"), Kind::Block)] {
        assert_eq!(volume(json!({"spec": {"volumeMode": mode}})).kind, kind, "{mode}");
    }
}

#[test]
fn c6_117_long_texts_are_cut_between_characters() {
    let volume = volume(json!({"metadata": {"annotations": {
        "stowage.dev/description": "ü🐈".repeat(100_000), "stowage.dev/mount-path": format!("/{}", "ü".repeat(100_000))
    }}}));
    assert_eq!(volume.description, Some("ü🐈".repeat(DESCRIPTION_MAX / 2)));
    assert_eq!(volume.mount_path, format!("/{}", "ü".repeat(511)));
}

#[test]
fn c3_064_why_a_growth_failed_is_read_from_the_condition_that_says_so() {
    let claim = |kind: &str, status: &str| {
        row(json!({"status": {"conditions": [
            {"type": "Resizing", "status": "True", "message": "at work"},
            {"type": kind, "status": status, "message": "the pool is full"}
        ]}}))
    };
    assert_eq!(claim("ControllerResizeError", "True").growth_error(), Some("the pool is full"));
    assert_eq!(claim("NodeResizeError", "True").growth_error(), Some("the pool is full"));
    for none in [claim("NodeResizeError", "False"), claim("FileSystemResizePending", "True"), row(json!({"status": {"conditions": null}}))]
    {
        assert_eq!(none.growth_error(), None);
    }
}
