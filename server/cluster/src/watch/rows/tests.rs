use super::*;
use crate::{
    jobs::JobRow,
    usage::Measured,
    watch::{kept::Kept, measured::Measuring},
};
use domain::{
    cause::CauseId,
    owner::Principal,
    quantity::Size,
    usage::{Sample, Unknown, Usage},
};
use serde_json::json;

fn key(subject: &str) -> OwnerKey {
    OwnerKey::of(&Principal::new("https://id", subject).unwrap())
}

fn claim(name: &str, subject: &str) -> ClaimRow {
    serde_json::from_value(json!({
        "metadata": {
            "name": name, "uid": format!("{name}-uid"), "resourceVersion": "1",
            "labels": {"skypilot-volume": "true", "stowage.dev/owner": key(subject)},
            "annotations": {"stowage.dev/owner-iss": "https://id", "stowage.dev/owner-sub": subject}
        },
        "spec": {"storageClassName": "c"}, "status": {"phase": "Pending"}
    }))
    .unwrap()
}

fn pod(name: &str, claim: &str, phase: &str) -> PodRow {
    serde_json::from_value(json!({
        "metadata": {"name": name, "resourceVersion": phase}, "spec": {"nodeName": "n", "volumes": [{"persistentVolumeClaim": {"claimName": claim}}]},
        "status": {"phase": phase}
    }))
    .unwrap()
}

fn event(name: &str, uid: &str) -> EventRow {
    serde_json::from_value(json!({"metadata": {"name": name}, "involvedObject": {"kind": "PersistentVolumeClaim", "uid": uid}, "type": "Warning", "reason": "ProvisioningFailed", "message": "no"}))
        .unwrap()
}

fn class(name: &str) -> ClassRow {
    serde_json::from_value(json!({"metadata": {"name": name}, "provisioner": "p"})).unwrap()
}

fn rows() -> Rows {
    let mut rows = Rows::default();
    ClassRow::replace(&mut rows, vec![class("c")]);
    ClaimRow::replace(&mut rows, vec![claim("a", "alice"), claim("b", "bob")]);
    rows
}

fn volumes(rows: &Rows, subject: &str) -> Vec<Volume> {
    rows.of(&key(subject)).iter().map(|row| row.volume(Viewer::Owner(&key(subject)), &rows.classes(), 1000)).collect()
}

fn alice() -> Concerned {
    Concerned::Owners(vec![key("alice")])
}

#[test]
fn a_change_concerns_only_the_owner_and_no_change_nobody() {
    let mut rows = rows();
    assert_eq!(claim("a", "alice").apply(&mut rows), Concerned::Nobody);
    let mut newer = claim("a", "alice");
    newer.meta.resource_version = "2".into();
    assert_eq!(newer.apply(&mut rows), Concerned::Nobody, "a version by itself is no news");
    let mut described = claim("a", "alice");
    described.meta.annotations.description = Some("d".into());
    assert_eq!(described.apply(&mut rows), alice());
    assert_eq!(volumes(&rows, "alice")[0].description.as_deref(), Some("d"));
    assert_eq!(claim("a", "alice").remove(&mut rows), alice());
    assert_eq!(claim("a", "alice").remove(&mut rows), Concerned::Nobody);
    assert_eq!((volumes(&rows, "alice").len(), volumes(&rows, "bob").len()), (0, 1));
}

#[test]
fn a_pod_concerns_the_owners_of_what_it_mounts() {
    let mut rows = rows();
    assert_eq!(pod("p", "a", "Pending").apply(&mut rows), alice());
    assert_eq!(pod("p", "a", "Pending").apply(&mut rows), Concerned::Nobody);
    assert_eq!(pod("p", "a", "Running").apply(&mut rows), alice());
    assert_eq!(volumes(&rows, "alice")[0].used_by.len(), 1);
    assert_eq!(pod("q", "elsewhere", "Running").apply(&mut rows), Concerned::Nobody);
    assert_eq!(pod("p", "b", "Running").apply(&mut rows), Concerned::Owners(vec![key("alice"), key("bob")]), "it moved");
    assert!(volumes(&rows, "alice")[0].used_by.is_empty());
    assert_eq!(pod("p", "b", "Running").remove(&mut rows), Concerned::Owners(vec![key("bob")]));
    assert!(rows.pods.len() == 1 && rows.pods_by_claim.len() == 1, "only q is left");
}

#[test]
fn a_pod_that_mounts_nothing_is_not_kept() {
    let mut rows = rows();
    let idle: PodRow = serde_json::from_value(json!({"metadata": {"name": "idle"}})).unwrap();
    assert_eq!(idle.apply(&mut rows), Concerned::Nobody);
    assert!(rows.pods.is_empty());
}

#[test]
fn an_event_is_matched_by_uid_and_waits_for_its_claim() {
    let mut rows = rows();
    assert_eq!(event("e", "a-uid").apply(&mut rows), alice());
    assert_eq!(volumes(&rows, "alice")[0].status.id(), CauseId::ProvisionerRefused);
    assert_eq!(event("e", "former-uid-of-a").apply(&mut rows), Concerned::Nobody);
    assert_eq!(event("early", "z-uid").apply(&mut rows), Concerned::Nobody);
    assert_eq!(claim("z", "alice").apply(&mut rows), alice());
    assert_eq!(rows.claim("z").unwrap().events(Viewer::Admin).len(), 1);
    assert_eq!(event("e", "a-uid").remove(&mut rows), alice());
    assert!(rows.claim("a").unwrap().events(Viewer::Admin).is_empty());
}

/// As `FailedMount` of a pod with this uid.
fn trouble(name: &str, uid: &str) -> EventRow {
    serde_json::from_value(json!({"metadata": {"name": name}, "involvedObject": {"kind": "Pod", "uid": uid}, "type": "Warning", "reason": "FailedMount", "message": "no"}))
        .unwrap()
}

fn of(mut pod: PodRow, subject: &str) -> PodRow {
    pod.meta.uid = format!("{}-uid", pod.meta.name).into();
    pod.meta.labels.owner = Some(key(subject).as_str().into());
    pod
}

#[test]
fn what_is_said_about_a_pod_concerns_those_whose_volumes_it_mounts_and_is_shown_to_its_own_person() {
    let mut rows = rows();
    let said = |rows: &Rows, subject: &str| volumes(rows, subject)[0].used_by.iter().map(|pod| pod.events.len()).sum::<usize>();
    assert_eq!(trouble("early", "p-uid").apply(&mut rows), Concerned::Nobody, "the pod is not here yet");
    assert_eq!(of(pod("p", "a", "Pending"), "alice").apply(&mut rows), alice());
    assert_eq!(said(&rows, "alice"), 1);
    assert_eq!(trouble("more", "p-uid").apply(&mut rows), alice(), "repeats count");
    assert_eq!(trouble("former", "former-uid-of-p").apply(&mut rows), Concerned::Nobody);
    assert_eq!(EventRow::forget(&mut rows, "more", "any"), alice());
    assert_eq!(trouble("early", "p-uid").remove(&mut rows), alice());
    assert_eq!(said(&rows, "alice"), 0);
    of(pod("q", "b", "Pending"), "alice").apply(&mut rows);
    assert_eq!(trouble("hers", "q-uid").apply(&mut rows), Concerned::Owners(vec![key("bob")]), "it is his volume");
    assert_eq!((volumes(&rows, "bob")[0].used_by.len(), said(&rows, "bob")), (1, 0), "but her pod");
    of(pod("p", "a", "Pending"), "alice").remove(&mut rows);
    of(pod("q", "b", "Pending"), "alice").remove(&mut rows);
    assert!(rows.pods.is_empty() && rows.pod_by_uid.is_empty() && rows.pods_by_claim.is_empty());
}

#[test]
fn a_quota_is_read_when_it_is_asked_for_and_tells_nobody_that_others_work() {
    let mut rows = rows();
    let quota = |used: &str| -> QuotaRow {
        serde_json::from_value(json!({"metadata": {"name": "q"}, "status": {"hard": {"persistentvolumeclaims": "5"}, "used": {"persistentvolumeclaims": used}}}))
            .unwrap()
    };
    let left = |rows: &Rows| rows.quota().map(|quota| quota.for_class("c").volumes);
    assert_eq!(left(&rows), None);
    assert_eq!(quota("1").apply(&mut rows), Concerned::Nobody);
    assert_eq!(quota("2").apply(&mut rows), Concerned::Nobody);
    assert_eq!(left(&rows), Some(Some(3)));
    assert_eq!(quota("2").remove(&mut rows), Concerned::Nobody);
    assert_eq!(left(&rows), None);
}

#[test]
fn a_class_concerns_everyone() {
    let mut rows = rows();
    assert_eq!(class("c").apply(&mut rows), Concerned::Nobody);
    assert_eq!(class("d").apply(&mut rows), Concerned::Everyone);
    assert_eq!(class("c").remove(&mut rows), Concerned::Everyone);
    assert_eq!(volumes(&rows, "alice")[0].status.id(), CauseId::ClassMissing);
}

#[test]
fn what_a_new_list_does_not_hold_is_gone() {
    let mut rows = rows();
    pod("p", "b", "Running").apply(&mut rows);
    ClaimRow::replace(&mut rows, vec![claim("b", "bob")]);
    assert_eq!((volumes(&rows, "alice").len(), volumes(&rows, "bob")[0].used_by.len(), rows.all().len()), (0, 1, 1));
    PodRow::replace(&mut rows, vec![]);
    assert!(volumes(&rows, "bob")[0].used_by.is_empty());
}

#[test]
fn a_claim_whose_label_and_annotations_differ_is_nobodys() {
    let mut rows = rows();
    let mut relabelled = claim("a", "alice");
    relabelled.meta.labels.owner = Some(key("bob").as_str().into());
    assert_eq!(relabelled.apply(&mut rows), alice(), "alice learns that it is gone; bob has nothing to learn");
    assert_eq!((volumes(&rows, "alice").len(), volumes(&rows, "bob").len(), rows.all().len()), (0, 1, 2));
    let mut later = claim("a", "alice");
    later.meta.labels.owner = None;
    assert_eq!(later.apply(&mut rows), Concerned::Unclaimed);
}

#[test]
fn a_claim_that_was_made_again_under_its_old_name_starts_without_the_old_events() {
    let mut rows = rows();
    event("e", "a-uid").apply(&mut rows);
    let mut again = claim("a", "alice");
    again.meta.uid = "a-uid-2".into();
    again.apply(&mut rows);
    assert!(rows.claim("a").unwrap().events(Viewer::Admin).is_empty());
    assert_eq!(event("e2", "a-uid").apply(&mut rows), Concerned::Nobody);
}

#[test]
fn a_snapshot_stays_what_it_was() {
    let mut rows = rows();
    let before = rows.of(&key("alice"));
    claim("a", "alice").remove(&mut rows);
    assert_eq!((before.len(), rows.of(&key("alice")).len()), (1, 0));
}

#[test]
fn a_deletion_names_the_pods_that_hold_it() {
    let mut rows = rows();
    pod("p", "a", "Succeeded").apply(&mut rows);
    let mut leaving = claim("a", "alice");
    leaving.meta.deletion_timestamp = crate::object::Time(Some(5));
    leaving.meta.finalizers = vec!["kubernetes.io/pvc-protection".into()];
    leaving.apply(&mut rows);
    let status = &volumes(&rows, "alice")[0].status;
    assert_eq!(
        (status.id(), status.since(), status.reason().as_deref()),
        (CauseId::HeldByFinishedPod, Some(5), Some("held by finished pod p"))
    );
}

#[test]
fn what_was_deleted_goes_even_if_it_cannot_be_read() {
    let mut rows = rows();
    pod("p", "a", "Running").apply(&mut rows);
    event("e", "a-uid").apply(&mut rows);
    assert_eq!(EventRow::forget(&mut rows, "e", "any"), alice());
    assert_eq!(EventRow::forget(&mut rows, "e", "any"), Concerned::Nobody);
    assert_eq!(PodRow::forget(&mut rows, "p", "any"), alice());
    assert!(volumes(&rows, "alice")[0].used_by.is_empty() && rows.events.is_empty());
    assert_eq!(ClaimRow::forget(&mut rows, "a", "former-uid-of-a"), Concerned::Nobody, "its successor stays");
    assert_eq!(ClaimRow::forget(&mut rows, "a", "a-uid"), alice());
    assert_eq!(ClaimRow::forget(&mut rows, "", ""), Concerned::Nobody);
    assert_eq!(ClassRow::forget(&mut rows, "c", "any"), Concerned::Everyone);
}

#[test]
fn an_event_names_another_persons_pod_to_administrators_only() {
    let mut rows = rows();
    let waits = |name: &str, pod: &str| -> EventRow {
        serde_json::from_value(json!({"metadata": {"name": name}, "involvedObject": {"kind": "PersistentVolumeClaim", "uid": "a-uid"}, "reason": "WaitForPodScheduled",
            "message": format!("waiting for pod {pod} to be scheduled")}))
        .unwrap()
    };
    let owned = |name: &str, subject: &str| {
        let mut pod = pod(name, "a", "Pending");
        pod.meta.labels.owner = Some(key(subject).as_str().into());
        pod
    };
    waits("e1", "hers").apply(&mut rows);
    waits("e2", "his-secret").apply(&mut rows);
    waits("e3", "left-secret").apply(&mut rows);
    owned("hers", "alice").apply(&mut rows);
    owned("his-secret", "bob").apply(&mut rows);
    let said = |viewer: Viewer<'_>| -> Vec<(String, u32)> {
        rows.claim("a").unwrap().events(viewer).into_iter().map(|event| (event.message, event.count)).collect()
    };
    let alice = key("alice");
    assert_eq!(
        said(Viewer::Owner(&alice)),
        [("waiting for pod hers to be scheduled".to_owned(), 1), ("waiting for a pod to be scheduled".to_owned(), 2)]
    );
    assert_eq!(said(Viewer::Admin).iter().filter(|(message, _)| message.contains("secret")).count(), 2);
}

#[test]
fn administrators_see_the_owner_that_is_proven_and_nobodys_name_without_a_proof() {
    let mut rows = Rows::default();
    let labelled = |name: &str, username: &str| {
        let mut claim = claim(name, "alice");
        claim.meta.labels.username = Some(username.into());
        claim
    };
    let mut contradicted = labelled("contradicted", "bob");
    contradicted.meta.labels.owner = Some(key("bob").as_str().into());
    let mut unclaimed = labelled("unclaimed", "bob");
    unclaimed.meta.labels.owner = None;
    ClaimRow::replace(&mut rows, vec![labelled("a", "alice"), claim("bare", "alice"), labelled("forged", "bob"), contradicted, unclaimed]);
    let seen: Vec<_> = rows
        .all()
        .iter()
        .map(|row| row.volume(Viewer::Admin, &[], 0))
        .map(|volume| (volume.claim, volume.username, volume.owner_subject))
        .collect();
    let row = |claim: &str, username: &str, subject: Option<&str>| (claim.to_owned(), username.to_owned(), subject.map(str::to_owned));
    let expected = [
        row("a", "alice", Some("alice")),
        row("bare", &key("alice").as_str()[..12], Some("alice")),
        row("contradicted", "", None),
        row("forged", "bob", Some("alice")),
        row("unclaimed", "", None),
    ];
    assert_eq!(seen, expected);
    assert!(volumes(&rows, "alice").iter().all(|volume| volume.owner_subject.is_none()), "people do not need it");
}

#[test]
fn of_a_claim_that_is_shouted_about_the_newest_hundred_events_are_kept() {
    let mut rows = rows();
    for second in 0..150_u32 {
        let said: EventRow = serde_json::from_value(
            json!({"metadata": {"name": format!("e{second}")}, "involvedObject": {"kind": "PersistentVolumeClaim", "uid": "a-uid"},
            "message": second.to_string(), "lastTimestamp": jiff::Timestamp::from_second(second.into()).unwrap().to_string()}),
        )
        .unwrap();
        said.apply(&mut rows);
    }
    let events = rows.claim("a").unwrap().events(Viewer::Admin);
    assert_eq!((events.len(), events[0].last, events[99].last), (100, 149, 50));
    assert_eq!(EventRow::count(&rows), 100);
}

fn disk(name: &str, subject: &str, size: &str) -> ClaimRow {
    let mut claim = json!({"spec": {"storageClassName": "c"}, "status": {"phase": "Bound", "capacity": {"storage": size}}});
    claim["metadata"] = json!({
        "name": name, "uid": format!("{name}-uid"), "labels": {"skypilot-volume": "true", "stowage.dev/owner": key(subject)},
        "annotations": {"stowage.dev/owner-iss": "https://id", "stowage.dev/owner-sub": subject}
    });
    serde_json::from_value(claim).unwrap()
}

fn measured(uid: &str, at: i64, used: u64, total: u64) -> Measured {
    let usage = Usage { used: Size::from_bytes(used), total: Size::from_bytes(total) };
    Measured { uid: uid.into(), sample: Sample { at, usage, files: None } }
}

fn filled(rows: &Rows, subject: &str) -> Fullness {
    volumes(rows, subject)[0].fullness
}

#[test]
fn a_figure_concerns_its_owner_and_the_same_one_again_nobody() {
    let mut rows = Rows::default();
    ClaimRow::replace(&mut rows, vec![disk("a", "alice", "100"), disk("b", "bob", "200")]);
    assert_eq!(filled(&rows, "alice"), Fullness::Unknown(Unknown::Off));
    let everybody = rows.measured(&[], Some(Measuring::On));
    assert!(matches!(everybody, Concerned::Owners(owners) if owners.len() == 2), "that it is measured now is news for all");
    assert_eq!(rows.measured(&[measured("a-uid", 10, 90, 100)], None), alice());
    assert_eq!(volumes(&rows, "alice")[0].status.id(), CauseId::NearlyFull);
    assert_eq!(rows.measured(&[measured("a-uid", 20, 90, 100)], None), Concerned::Nobody);
    assert_eq!(filled(&rows, "alice"), Fullness::Measured(measured("a-uid", 20, 90, 100).sample), "its age is known all the same");
    assert_eq!(rows.measured(&[measured("a-uid", 15, 10, 100)], None), Concerned::Nobody, "what is older changes nothing");
    assert_eq!(filled(&rows, "bob"), Fullness::Unknown(Unknown::NotMounted));
    pod("p", "b", "Running").apply(&mut rows);
    assert_eq!(filled(&rows, "bob"), Fullness::Unknown(Unknown::NotTold));
    assert_eq!(rows.measured(&[], Some(Measuring::Refused)), Concerned::Owners(vec![key("bob")]), "alice has her last figure");
}

#[test]
fn figures_outlive_a_new_list_and_not_their_claim() {
    let mut rows = Rows::default();
    ClaimRow::replace(&mut rows, vec![disk("a", "alice", "100")]);
    rows.measured(&[measured("a-uid", 10, 50, 100)], Some(Measuring::On));
    ClaimRow::replace(&mut rows, vec![disk("a", "alice", "100")]);
    assert_eq!(filled(&rows, "alice").percent(), Some(50));
    let mut again = disk("a", "alice", "100");
    again.meta.uid = "another-uid".into();
    again.apply(&mut rows);
    assert_eq!(filled(&rows, "alice"), Fullness::Unknown(Unknown::NotMounted), "a claim of the same name is another one");
}

#[test]
fn volumes_of_different_sizes_with_one_total_share_a_file_system() {
    let mut rows = Rows::default();
    ClaimRow::replace(&mut rows, vec![disk("a", "alice", "100"), disk("b", "bob", "110")]);
    rows.measured(&[measured("a-uid", 10, 90, 120)], Some(Measuring::On));
    assert!(matches!(filled(&rows, "alice"), Fullness::Measured(_)));
    rows.measured(&[measured("b-uid", 10, 90, 120)], None);
    for subject in ["alice", "bob"] {
        assert!(matches!(filled(&rows, subject), Fullness::Shared(_)), "{subject}");
        assert_eq!(volumes(&rows, subject)[0].status.id(), CauseId::Ready, "{subject}");
    }
}

fn job(name: &str, subject: &str, status: serde_json::Value) -> JobRow {
    serde_json::from_value(json!({
        "metadata": {
            "name": name, "uid": format!("{name}-uid"), "resourceVersion": "1",
            "labels": {"skypilot-task": "true", "task-id": "abcdefgh", "username": "u", "stowage.dev/owner": key(subject)},
            "annotations": {"stowage.dev/owner-iss": "https://id", "stowage.dev/owner-sub": subject}
        },
        "status": status
    }))
    .unwrap()
}

fn pod_of(job: &str, name: &str, subject: &str) -> PodRow {
    serde_json::from_value(json!({
        "metadata": {
            "name": name, "uid": format!("{name}-uid"), "ownerReferences": [{"uid": format!("{job}-uid"), "controller": true}],
            "labels": {"skypilot-task": "true", "stowage.dev/owner": key(subject)}
        },
        "spec": {"nodeName": "n", "volumes": [{"persistentVolumeClaim": {"claimName": "a"}}]}, "status": {"phase": "Pending"}
    }))
    .unwrap()
}

fn about(kind: &str, uid: &str, reason: &str) -> EventRow {
    serde_json::from_value(json!({"metadata": {"name": format!("{uid}{reason}")}, "involvedObject": {"kind": kind, "uid": uid}, "reason": reason, "message": "m"}))
        .unwrap()
}

fn tasks(rows: &Rows, subject: &str) -> Vec<domain::task::Task> {
    rows.tasks_of(&key(subject)).iter().map(|row| row.task(Viewer::Owner(&key(subject)), 1000)).collect()
}

#[test]
fn a_task_is_its_job_with_its_pods_in_whatever_order_they_come_and_concerns_its_owner() {
    let mut rows = rows();
    // Before its Job: only the volume that it mounts is touched.
    assert_eq!(pod_of("t", "t-0-x", "bob").apply(&mut rows), alice());
    assert_eq!(about("Pod", "t-0-x-uid", "BackOff").apply(&mut rows), Concerned::Nobody, "nothing about her volume");
    assert_eq!(job("t", "bob", json!({})).apply(&mut rows), Concerned::Owners(vec![key("bob")]));
    assert_eq!(job("t", "bob", json!({})).apply(&mut rows), Concerned::Nobody, "no change is no news");
    let his = &tasks(&rows, "bob")[0];
    assert_eq!((his.pods.len(), his.pods[0].events[0].reason.as_str()), (1, "BackOff"));
    assert!(tasks(&rows, "alice").is_empty());
    assert_eq!(about("Job", "t-uid", "FailedCreate").apply(&mut rows), Concerned::Owners(vec![key("bob")]));
    assert_eq!(rows.job("t").unwrap().events()[0].reason, "FailedCreate");
    assert_eq!(about("Pod", "t-0-x-uid", "FailedMount").apply(&mut rows), Concerned::Owners(vec![key("alice"), key("bob")]));
    assert_eq!(pod_of("t", "t-0-x", "bob").remove(&mut rows), Concerned::Owners(vec![key("alice"), key("bob")]));
    assert!(tasks(&rows, "bob")[0].pods.is_empty());
    assert_eq!(job("t", "bob", json!({})).remove(&mut rows), Concerned::Owners(vec![key("bob")]));
    assert!(tasks(&rows, "bob").is_empty() && rows.take_departed().is_empty(), "it was not over");
}

#[test]
fn a_pod_that_only_says_so_is_no_part_of_a_task() {
    let mut rows = rows();
    job("t", "bob", json!({})).apply(&mut rows);
    pod_of("t", "forged", "alice").apply(&mut rows);
    pod_of("other", "elsewhere", "bob").apply(&mut rows);
    assert!(tasks(&rows, "bob")[0].pods.is_empty());
    // And a Job whose label and annotations differ is nobody's.
    let mut torn = job("torn", "bob", json!({}));
    torn.meta.labels.owner = Some(key("alice").as_str().into());
    torn.apply(&mut rows);
    assert_eq!((tasks(&rows, "alice").len(), tasks(&rows, "bob").len(), rows.all_tasks().len()), (0, 1, 2));
    let admin = rows.job("torn").unwrap().task(Viewer::Admin, 0);
    assert_eq!((admin.username.as_str(), admin.owner_subject), ("", None));
    assert_eq!(rows.job("t").unwrap().task(Viewer::Admin, 0).owner_subject.as_deref(), Some("bob"));
}

#[test]
fn a_job_that_goes_when_it_is_over_is_handed_on_once() {
    let mut rows = rows();
    job("t", "bob", json!({})).apply(&mut rows);
    pod_of("t", "t-0-x", "bob").apply(&mut rows);
    let over = json!({"conditions": [{"type": "Complete", "status": "True"}]});
    assert_eq!(job("t", "bob", over).remove(&mut rows), Concerned::Owners(vec![key("bob")]));
    let departed = rows.take_departed();
    let last = departed[0].task(Viewer::Admin, 0);
    assert_eq!((departed.len(), last.state, last.pods.len()), (1, domain::task::TaskState::Succeeded, 1));
    assert!(rows.take_departed().is_empty());
}
