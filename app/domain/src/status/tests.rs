use super::*;
use crate::{storage_class::Reclaim, volume::UsePhase};

fn class(name: &str, binding: Binding) -> StorageClass {
    StorageClass {
        name: name.parse().unwrap(),
        provisioner: "example.org/disk".into(),
        default: false,
        binding,
        reclaim: Reclaim::Delete,
        expandable: false,
        description: None,
        proven: vec![],
    }
}

fn pod(name: &str, phase: UsePhase) -> Use {
    Use { pod: name.into(), task: None, node: None, phase, since: 100 }
}

fn said(severity: Severity, reason: &str, message: &str, at: i64) -> Event {
    Event { severity, reason: reason.into(), message: message.into(), source: "s".into(), count: 1, first: at, last: at }
}

struct Story {
    phase: &'static str,
    deleting_since: Option<i64>,
    finalizers: Vec<String>,
    class: Option<&'static str>,
    uses: Vec<Use>,
    events: Vec<Event>,
    now: i64,
}

impl Story {
    fn pending(class: Option<&'static str>) -> Self {
        Self { phase: "Pending", deleting_since: None, finalizers: vec![PROTECTION.into()], class, uses: vec![], events: vec![], now: 110 }
    }

    fn status(&self) -> Status {
        let classes = [class("standard", Binding::WaitForFirstConsumer), class("shared", Binding::Immediate)];
        status(&Facts {
            phase: self.phase,
            deleting_since: self.deleting_since,
            finalizers: &self.finalizers,
            class: self.class,
            created: 100,
            uses: &self.uses,
            events: &self.events,
            classes: &classes,
            now: self.now,
        })
    }
}

#[test]
fn pending_without_a_pod_waits_for_its_first_use() {
    assert_eq!(Story::pending(Some("standard")).status(), Status::WaitsForFirstUse);
}

#[test]
fn a_finished_pod_is_not_a_first_use() {
    let story = Story { uses: vec![pod("p", UsePhase::Finished)], ..Story::pending(Some("standard")) };
    assert_eq!(story.status(), Status::WaitsForFirstUse);
}

#[test]
fn pending_with_a_pod_is_being_provisioned() {
    let story = Story { uses: vec![pod("p", UsePhase::Waiting)], ..Story::pending(Some("standard")) };
    assert_eq!(story.status(), Status::BeingProvisioned { since: 100 });
}

#[test]
fn a_new_volume_is_never_shown_as_broken() {
    let story = Story { phase: "", now: 100, ..Story::pending(Some("shared")) };
    assert_eq!(story.status(), Status::BeingProvisioned { since: 100 });
}

#[test]
fn a_silent_provisioner_is_named_after_two_minutes() {
    let story = Story { now: 100 + SILENT_AFTER, ..Story::pending(Some("shared")) };
    assert_eq!(story.status(), Status::ProvisionerSilent { provisioner: "example.org/disk".into(), since: 100 });
}

#[test]
fn a_missing_class_and_a_missing_default_are_told_apart() {
    assert_eq!(Story::pending(Some("ultra")).status(), Status::CannotBeCreated { why: Refusal::ClassMissing { class: "ultra".into() } });
    assert_eq!(Story::pending(None).status(), Status::CannotBeCreated { why: Refusal::NoDefaultClass });
}

#[test]
fn a_refusal_outweighs_the_routine_event_that_keeps_refreshing_after_it() {
    let story = Story {
        events: vec![
            said(Severity::Warning, "ProvisioningFailed", "no space", 105),
            said(Severity::Normal, "ExternalProvisioning", "waiting", 109),
        ],
        ..Story::pending(Some("shared"))
    };
    assert_eq!(story.status(), Status::CannotBeCreated { why: Refusal::Provisioner { message: "no space".into() } });
}

#[test]
fn a_deletion_names_what_holds_it() {
    let story = Story {
        phase: "Bound",
        deleting_since: Some(105),
        finalizers: vec![PROTECTION.into(), "example.org/keep".into()],
        uses: vec![pod("runs", UsePhase::Running), pod("done", UsePhase::Finished), pod("unplaced", UsePhase::Waiting)],
        ..Story::pending(Some("shared"))
    };
    let Status::Deleting { held_by, .. } = story.status() else { panic!("not deleting") };
    assert_eq!(
        held_by,
        [
            Holder::RunningPod { name: "runs".into() },
            Holder::FinishedPod { name: "done".into() },
            Holder::Finalizer { name: "example.org/keep".into() }
        ]
    );
}

#[test]
fn a_phase_of_the_future_is_shown_and_not_guessed_at() {
    let story = Story { phase: "Hibernating", ..Story::pending(Some("shared")) };
    assert_eq!(story.status().phase(), "Hibernating");
}

#[test]
fn every_state_but_ready_explains_itself() {
    let states = [
        Status::WaitsForFirstUse,
        Status::BeingProvisioned { since: 0 },
        Status::ProvisionerSilent { provisioner: "p".into(), since: 0 },
        Status::CannotBeCreated { why: Refusal::NoDefaultClass },
        Status::Deleting { since: 0, held_by: vec![] },
        Status::Lost,
        Status::Unknown { phase: "x".into() },
    ];
    assert!(states.iter().all(|s| s.explanation().is_some()));
    assert_eq!(Status::Ready.explanation(), None);
}
