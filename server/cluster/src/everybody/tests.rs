use super::*;
use crate::{
    claim::ClaimRow,
    events::EventRow,
    pods::PodRow,
    storage_classes::ClassRow,
    watch::{kept::Kept, rows::Rows},
};
use allocation_counter::measure;
use domain::{
    listing::{Column, Sort},
    owner::{OwnerKey, Principal},
    volume::Volume,
};
use serde_json::{Value, json};

fn read<T: serde::de::DeserializeOwned>(object: Value) -> T {
    serde_json::from_value(object).unwrap()
}

fn class(name: &str, expandable: bool) -> ClassRow {
    read(json!({"metadata": {"name": name}, "provisioner": "p", "allowVolumeExpansion": expandable}))
}

/// Claims that differ in all that lists look at; some of nobody, some in the trash, some of no known form.
fn claims() -> Vec<ClaimRow> {
    let key = |subject| OwnerKey::of(&Principal::new("https://id", subject).unwrap());
    let owned = |n: usize| match n % 4 {
        0 => (json!({}), json!({})),
        1 => (json!({"stowage.dev/owner": key("ana")}), json!({"stowage.dev/owner-iss": "https://id", "stowage.dev/owner-sub": "bob"})),
        n => {
            let name = if n == 2 { "" } else { "Ana" };
            let label = json!({"username": name, "stowage.dev/owner": key("ana")});
            (label, json!({"stowage.dev/owner-iss": "https://id", "stowage.dev/owner-sub": "ana"}))
        }
    };
    let claim = |n: usize| {
        let (mut labels, mut annotations) = owned(n);
        labels["volume-id"] = if n.is_multiple_of(7) { json!("odd") } else { json!(format!("{n:08}")) };
        labels["label.stowage.dev/stage"] = json!(["prod", "test"][n % 2]);
        if !n.is_multiple_of(3) {
            labels["volume-name"] = json!(format!("Data-{}", n % 10));
            annotations["stowage.dev/mount-path"] = json!(format!("/data/{n}"));
            annotations["stowage.dev/description"] = json!("words");
        }
        if n % 11 == 5 {
            annotations["stowage.dev/trash-until"] = json!("2026-11-01T12:00:00Z");
        }
        let deleted = (n % 13 == 4).then_some("2026-11-01T12:00:00Z");
        let modes = [json!(null), json!(["ReadWriteOnce"]), json!(["ReadWriteMany", "ReadWriteEverything", "ReadOnlyMany"])];
        read(json!({
            "metadata": {
                "name": format!("c{n}"), "uid": format!("uid{n:05}-x"), "labels": labels, "annotations": annotations,
                "deletionTimestamp": deleted, "finalizers": ["kubernetes.io/pvc-protection"],
                "creationTimestamp": (!n.is_multiple_of(5)).then(|| format!("2026-11-0{}T12:00:00Z", 1 + n % 5)),
            },
            "spec": {
                "storageClassName": ([json!("fast"), json!("slow"), json!(""), json!("gone"), json!(null)][n % 5]),
                "accessModes": (modes[n % 3]), "volumeMode": ([json!(null), json!("Block")][n % 2]),
                "resources": {"requests": {"storage": ([json!("2Gi"), json!("500M"), json!("much"), json!(null)][n % 4])}},
            },
            "status": {
                "phase": (["Bound", "Pending", "Lost", "", "Odd", "Bound"][n % 6]), "accessModes": (modes[(n / 3) % 3]),
                "capacity": {"storage": ([json!("1Gi"), json!(null)][(n / 4) % 2])},
                "allocatedResourceStatuses": {"storage": ([json!(null), json!("NodeResizePending")][(n / 8) % 2])},
            },
        }))
    };
    (0..120).map(claim).collect()
}

fn rows() -> Rows {
    let mut rows = Rows::default();
    ClassRow::replace(&mut rows, vec![class("fast", true), class("slow", false)]);
    ClaimRow::replace(&mut rows, claims());
    for (n, phase) in [(0, "Running"), (0, "Succeeded"), (6, "Succeeded"), (5, "Pending")] {
        let labels = json!({"task-name": (n == 0).then_some("train")});
        let pod = json!({
            "metadata": {"name": format!("p{n}-{phase}"), "uid": format!("u{n}{phase}"), "labels": labels}, "status": {"phase": phase},
            "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": format!("c{n}")}}]},
        });
        read::<PodRow>(pod).apply(&mut rows);
    }
    let refused = json!({
        "metadata": {"name": "e"}, "involvedObject": {"kind": "PersistentVolumeClaim", "uid": "uid00001-x"}, "type": "Warning",
        "reason": "ProvisioningFailed", "message": "no space left", "lastTimestamp": "2026-11-02T12:00:00Z",
    });
    read::<EventRow>(refused).apply(&mut rows);
    rows
}

const NOW: i64 = 1_794_000_000;

fn everybody(rows: &Rows, now: i64) -> Everybody {
    Everybody { rows: rows.all(), classes: rows.classes(), now }
}

fn volumes(rows: &Rows, now: i64) -> Vec<Volume> {
    rows.all().iter().map(|row| row.volume(Viewer::Admin, &rows.classes(), now)).collect()
}

#[test]
fn a_row_says_to_lists_what_its_volume_says() {
    let rows = rows();
    let (all, volumes) = (rows.all(), volumes(&rows, NOW));
    for (row, volume) in all.iter().zip(&volumes) {
        let seen = Seen { row, classes: &rows.classes(), now: NOW };
        // Twice: the second time it is known.
        for _ in 0..2 {
            assert_eq!((seen.status(), seen.phase()), (volume.status.id(), volume.status.phase()), "{}", volume.claim);
        }
        assert_eq!((seen.id(), seen.name(), seen.claim()), (Listed::id(volume), Listed::name(volume), Listed::claim(volume)));
        assert_eq!((seen.uid(), seen.username()), (Listed::uid(volume), Listed::username(volume)));
        assert_eq!((seen.size(), seen.fullness(), seen.class()), (volume.size(), volume.fullness, volume.class.as_deref()));
        assert_eq!((seen.kind(), seen.modes(), seen.users()), (volume.kind, volume.modes.as_slice(), volume.users()));
        assert_eq!((seen.is_used(), seen.created()), (volume.is_used(), volume.created));
        assert_eq!((seen.description(), seen.mount_path()), (Listed::description(volume), Listed::mount_path(volume)));
        assert_eq!(seen.labels(), &volume.labels);
    }
    let causes: std::collections::BTreeSet<_> = volumes.iter().map(|volume| volume.status.id()).collect();
    assert!(causes.len() > 8 && volumes.iter().any(Volume::is_used), "the rows differ: {causes:?}");
}

#[test]
fn everybodys_list_is_that_of_all_volumes_without_the_trash() {
    let rows = rows();
    let listed: Vec<_> = volumes(&rows, NOW).into_iter().filter(|volume| volume.trash.is_none()).collect();
    assert_eq!(everybody(&rows, NOW).trashed(), 120 - listed.len());
    for by in Column::ALL {
        for (q, page) in [("", 1), ("", 3), ("status:ready", 1), ("-owner:ana label:stage=prod", 2), ("unused:yes age>1d", 1)] {
            let view = View { q: q.into(), sort: Sort { by, descending: page > 1 }, page, per_page: 25, ..View::usual(true) };
            assert_eq!(everybody(&rows, NOW).arranged(&view), arrange(&listed, &view, NOW, Volume::clone), "{by:?} {q}");
        }
    }
}

#[test]
fn what_is_known_of_a_row_is_forgotten_with_what_it_was_judged_by() {
    let mut rows = rows();
    let look = |rows: &Rows, now| {
        let told: Vec<_> = everybody(rows, now).arranged(&View { per_page: 200, ..View::usual(true) }).rows;
        let whole: Vec<_> = volumes(rows, now).into_iter().filter(|volume| volume.trash.is_none()).map(|volume| volume.status).collect();
        let facets = everybody(rows, now).arranged(&View::usual(true)).statuses;
        let mut counted: Vec<_> = whole.iter().map(domain::cause::Cause::label).collect();
        counted.sort_unstable();
        assert_eq!(told.len(), whole.len());
        for facet in &facets {
            assert_eq!(facet.count, counted.iter().filter(|label| **label == facet.label).count(), "{}", facet.label);
        }
        facets
    };
    let first = look(&rows, NOW);
    // Time alone.
    look(&rows, NOW - 4 * 86_400);
    // A class that lets volumes grow, and one more.
    class("slow", true).apply(&mut rows);
    look(&rows, NOW);
    class("gone", true).apply(&mut rows);
    assert_ne!(look(&rows, NOW), first, "what lacked its class has it");
    // The claim itself, and what mounts it.
    let mut bound = claims().remove(0);
    bound.meta.deletion_timestamp = crate::object::Time(Some(5));
    bound.apply(&mut rows);
    look(&rows, NOW);
    PodRow::forget(&mut rows, "p0-Running", "");
    look(&rows, NOW);
}

#[test]
fn a_volume_that_is_not_on_the_page_costs_no_allocation() {
    let claim = |n: usize| {
        read(json!({
            "metadata": {
                "name": format!("c{n}"), "uid": format!("uid{n:05}-x"), "labels": {"volume-id": format!("{n:08}")},
                "creationTimestamp": "2026-11-01T12:00:00Z",
            },
            "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
            "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": format!("{}Gi", 1 + n % 500)}},
        }))
    };
    let cost = |count: usize| {
        let mut rows = Rows::default();
        ClaimRow::replace(&mut rows, (0..count).map(claim));
        let everybody = Everybody { rows: rows.all(), classes: rows.classes(), now: 1_800_000_000 };
        let view = View { sort: Sort { by: Column::Size, descending: true }, ..View::usual(true) };
        // What is judged once is judged now.
        assert_eq!(everybody.arranged(&view).rows.len(), view.per_page);
        measure(|| drop(everybody.arranged(&view))).count_total
    };
    let (few, many) = (cost(500), cost(5000));
    assert!(many < few + 100, "{few} allocations with 500 volumes, {many} with 5000");
}
