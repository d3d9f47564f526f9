//! What needs no recorded answer of an API server: times, codes, thresholds, and what holds for every cause. The recorded
//! ones are in the crate `cluster` (`claim/recorded`), where they pass through the same parsing as in production.

use super::*;
use crate::{
    access::AccessMode,
    event::{Event, Severity},
    quantity::Size,
    storage_class::{Binding, ClassSettings, Reclaim, StorageClass},
    usage::Usage,
    volume::{Use, UsePhase},
};
use proptest::prelude::*;

const GI: u64 = 1 << 30;
const PROTECTION: &str = "kubernetes.io/pvc-protection";

pub(crate) fn facts() -> Facts<'static> {
    Facts {
        phase: "Pending",
        created: 100,
        deleting_since: None,
        finalizers: &[],
        class: Some("shared"),
        modes: &[AccessMode::ReadWriteOnce],
        has_selector: false,
        volume_name: None,
        requested: None,
        capacity: None,
        allocated: None,
        growth: None,
        change: None,
        conditions: &[],
        selected_node: None,
        asked_provisioner: None,
        uses: &[],
        events: &[],
        classes: &[],
        usage: None,
        now: 1000.into(),
    }
}

/// The cause of a claim in this phase, about which nothing else is known.
pub(crate) fn in_phase(phase: &str) -> Cause {
    cause(&Facts { phase, ..facts() })
}

pub(crate) fn deleting() -> Cause {
    cause(&Facts { phase: "Bound", deleting_since: Some(900), ..facts() })
}

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
        settings: ClassSettings::default(),
    }
}

fn classes() -> [StorageClass; 2] {
    [class("shared", Binding::Immediate), class("standard", Binding::WaitForFirstConsumer)]
}

fn said(severity: Severity, reason: &str, message: &str, at: i64) -> Event {
    Event { severity, reason: reason.into(), message: message.into(), source: "s".into(), count: 1, first: at, last: at }
}

fn pod(name: &str, phase: UsePhase) -> Use {
    Use { pod: name.into(), task: None, node: None, phase, since: 100, events: vec![] }
}

fn refused_with(message: &str) -> CauseId {
    let events = [said(Severity::Warning, "ProvisioningFailed", message, 500)];
    cause(&Facts { events: &events, classes: &classes(), ..facts() }).id()
}

#[test]
fn a_new_volume_is_never_shown_as_broken() {
    let events = [said(Severity::Warning, "ProvisioningFailed", "rpc error: code = Internal desc = no", 105)];
    let at = |now, class| cause(&Facts { class, events: &events, classes: &classes(), now: Moment::from(now), ..facts() });
    for class in [Some("shared"), Some("nowhere"), Some(""), None] {
        assert_eq!(at(100, class).id(), CauseId::BeingProvisioned, "{class:?}");
        assert_eq!(at(109, class).tone(), Tone::Calm, "{class:?}");
        assert_eq!(at(110, class).tone(), Tone::Bad, "{class:?}");
    }
}

#[test]
fn who_was_asked_is_silent_after_two_minutes_and_not_before() {
    let asked = [said(Severity::Normal, "ExternalProvisioning", "waiting", 999)];
    let at = |now| cause(&Facts { events: &asked, classes: &classes(), now: Moment::from(now), ..facts() }).id();
    assert_eq!((at(999 + 119), at(999 + 120)), (CauseId::BeingProvisioned, CauseId::ProvisionerSilent));
    let unasked = |now| cause(&Facts { classes: &classes(), now: Moment::from(now), ..facts() }).id();
    assert_eq!((unasked(219), unasked(220)), (CauseId::BeingProvisioned, CauseId::Unexplained));
}

#[test]
fn it_is_known_for_which_time_a_judgement_holds() {
    let events = [said(Severity::Normal, "ExternalExpanding", "waiting", 999)];
    let grows = Facts { phase: "Bound", requested: Some(Size::from_bytes(2)), capacity: Some(Size::from_bytes(1)), ..facts() };
    let expandable = [StorageClass { expandable: true, ..class("standard", Binding::Immediate) }];
    for (facts, span) in [
        (Facts { phase: "Bound", ..facts() }, ALWAYS),
        (Facts { phase: "Lost", ..facts() }, ALWAYS),
        (Facts { phase: "Bound", deleting_since: Some(900), ..facts() }, (i64::MIN, 1500)),
        (Facts { phase: "Bound", deleting_since: Some(300), ..facts() }, (900, i64::MAX)),
        (Facts { phase: "Pending", ..facts() }, (110, i64::MAX)),
        (Facts { phase: "Pending", classes: &classes(), ..facts() }, (220, i64::MAX)),
        (Facts { class: Some("standard"), classes: &[class("standard", Binding::Immediate)], events: &events, ..grows }, ALWAYS),
        (Facts { class: Some("standard"), classes: &expandable, events: &events, ..grows }, (i64::MIN, 999 + 120)),
    ] {
        let holds = std::cell::Cell::new(ALWAYS);
        let at = |now| cause(&Facts { now: Moment::from(now), ..facts });
        let told = cause(&Facts { now: Moment::noting(1000, &holds), ..facts });
        assert_eq!(holds.get(), span, "{facts:?}");
        let (from, until) = holds.get();
        assert_eq!([at(from.max(0)).id(), at(until.min(1 << 40) - 1).id()], [told.id(); 2], "{facts:?}");
    }
}

#[test]
fn a_hidden_class_is_never_suggested_and_still_judged_by() {
    let hidden = |class: StorageClass| StorageClass { settings: ClassSettings { hidden: true, ..ClassSettings::default() }, ..class };
    let secret = hidden(class("shared-secret", Binding::Immediate));
    let told = |name, modes: &[AccessMode], classes: &[StorageClass], events: &[Event]| {
        let cause = cause(&Facts { class: Some(name), modes, classes, events, ..facts() });
        (cause.id(), format!("{cause:?}"))
    };
    let open = class("shared-secret", Binding::Immediate);
    let (id, text) = told("shared-secre", &[], std::slice::from_ref(&open), &[]);
    assert!(id == CauseId::ClassMissing && text.contains("Was shared-secret meant?"), "{text}");
    let (id, text) = told("shared-secre", &[], std::slice::from_ref(&secret), &[]);
    assert!(id == CauseId::ClassMissing && !text.contains("shared-secret"), "{text}");

    let many = [AccessMode::ReadWriteMany];
    let refused = [said(Severity::Warning, "ProvisioningFailed", "NodePath only supports ReadWriteOnce access modes", 500)];
    let disk = StorageClass { provisioner: "rbd.csi.ceph.com".into(), ..class("disk", Binding::Immediate) };
    let (id, text) = told("disk", &many, &[disk.clone(), open], &refused);
    assert!(id == CauseId::ModeNotOffered && text.contains("shared-secret"), "{text}");
    let (id, text) = told("disk", &many, &[disk, secret.clone()], &refused);
    assert!(id == CauseId::ModeNotOffered && !text.contains("shared-secret"), "{text}");
    assert_ne!(told("shared-secret", &[], &[secret], &[]).0, CauseId::ClassMissing, "it is there");
}

#[test]
fn each_code_of_a_refusal_has_its_own_words() {
    for (code, expected) in [
        ("ResourceExhausted", CauseId::NoCapacity),
        ("OutOfRange", CauseId::SizeRefused),
        ("InvalidArgument", CauseId::RequestRefused),
        ("FailedPrecondition", CauseId::RequestRefused),
        ("Unimplemented", CauseId::RequestRefused),
        ("NotFound", CauseId::SourceMissing),
        ("PermissionDenied", CauseId::RightMissing),
        ("Unauthenticated", CauseId::RightMissing),
        ("Unavailable", CauseId::StorageUnavailable),
        ("DeadlineExceeded", CauseId::StorageSlow),
        ("Aborted", CauseId::StorageSlow),
        ("AlreadyExists", CauseId::NameClash),
        ("Internal", CauseId::StorageFault),
        ("Unknown", CauseId::StorageFault),
        ("Invented", CauseId::ProvisionerRefused),
    ] {
        assert_eq!(
            refused_with(&format!("failed to provision volume with StorageClass \"shared\": rpc error: code = {code} desc = no")),
            expected,
            "{code}"
        );
    }
    assert_eq!(
        refused_with("rpc error: code = Internal desc = rpc error: code = ResourceExhausted desc = full"),
        CauseId::NoCapacity,
        "the root"
    );
    assert_eq!(refused_with("it just does not work"), CauseId::ProvisionerRefused);
}

#[test]
fn a_long_refusal_is_quoted_in_part_and_without_what_cannot_be_seen() {
    let text = format!("rpc error: code = Invented desc = a\u{202e}b {}", "ü".repeat(10_000));
    let events = [said(Severity::Warning, "ProvisioningFailed", &text, 500)];
    let cause = cause(&Facts { events: &events, classes: &classes(), ..facts() });
    let (_, sentence) = cause.explanation().unwrap();
    assert!(sentence.starts_with("It said: ab ü") && sentence.chars().count() < 600, "{sentence}");
    assert!(cause.evidence()[0].line.chars().count() <= 400);
}

#[test]
fn fullness_has_two_thresholds_and_growing_is_offered_where_the_class_allows_it() {
    let at = |percent: u64, expandable| {
        let classes = [StorageClass { expandable, ..class("shared", Binding::Immediate) }];
        let usage = Some(Usage { used: Size::from_bytes(percent * GI), total: Size::from_bytes(100 * GI) });
        let cause = cause(&Facts { phase: "Bound", usage, classes: &classes, ..facts() });
        (cause.id(), cause.action().cloned())
    };
    assert_eq!(at(84, true), (CauseId::Ready, None));
    assert_eq!(at(85, true), (CauseId::NearlyFull, Some(Action::Grow)));
    assert_eq!(at(94, false), (CauseId::NearlyFull, Some(Action::ShowUsers)));
    assert_eq!(at(95, true).0, CauseId::Full);
    let nothing = Some(Usage { used: Size::from_bytes(0), total: Size::from_bytes(0) });
    assert_eq!(cause(&Facts { phase: "Bound", usage: nothing, ..facts() }).id(), CauseId::Ready);
}

#[test]
fn a_growth_that_waits_is_more_pressing_than_a_full_volume_and_less_than_a_failed_mount() {
    let usage = Some(Usage { used: Size::from_bytes(99), total: Size::from_bytes(100) });
    let conditions = [Condition { kind: "FileSystemResizePending".into(), status: "True".into(), message: String::new(), at: None }];
    let bound = Facts {
        phase: "Bound",
        requested: Some(Size::from_bytes(2 * GI)),
        capacity: Some(Size::from_bytes(GI)),
        volume_name: Some("pv-1"),
        conditions: &conditions,
        usage,
        ..facts()
    };
    assert_eq!(cause(&bound).id(), CauseId::GrowthWaitsForMount);
    let failing = Use {
        events: vec![said(Severity::Warning, "FailedMount", "MountVolume.SetUp failed for volume \"pv-1\"", 900)],
        ..pod("p", UsePhase::Starting)
    };
    assert_eq!(cause(&Facts { uses: &[failing], ..bound }).id(), CauseId::CannotBeMounted);
}

#[test]
fn of_a_failed_mount_the_words_of_mount_are_quoted_and_not_the_paths_of_the_node() {
    let message = "MountVolume.SetUp failed for volume \"pv-1\" : mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs \
                   10.0.0.9:/data /var/lib/kubelet/pods/1/nfs\nOutput: mount.nfs: access denied by server while mounting 10.0.0.9:/data\n";
    let failing = Use { events: vec![said(Severity::Warning, "FailedMount", message, 900)], ..pod("p", UsePhase::Starting) };
    let cause = cause(&Facts { phase: "Bound", volume_name: Some("pv-1"), uses: &[failing], ..facts() });
    let (_, sentence) = cause.explanation().unwrap();
    assert!(sentence.contains("The node said: access denied by server while mounting 10.0.0.9:/data. The cluster"), "{sentence}");
}

#[test]
fn a_deletion_names_all_that_hold_it_and_offers_what_helps_first() {
    let finalizers = [PROTECTION.to_owned(), "example.org/keep".to_owned()];
    let uses = [pod("runs", UsePhase::Running), pod("done", UsePhase::Finished), pod("unplaced", UsePhase::Waiting)];
    let leaving =
        |uses: &[Use], finalizers: &[String]| cause(&Facts { phase: "Bound", deleting_since: Some(105), uses, finalizers, ..facts() });
    let all = leaving(&uses, &finalizers);
    assert_eq!(
        (all.id(), all.phase(), all.since(), all.action()),
        (CauseId::HeldByRunningPod, "Terminating", Some(105), Some(&Action::ShowUsers))
    );
    assert!(all.explanation().unwrap().1.starts_with("The volume is held by pod runs, finished pod done, finalizer example.org/keep. "));
    assert_eq!(all.reason().as_deref(), Some("held by pod runs and 2 more"));
    assert_eq!(leaving(&uses[1..], &finalizers).action(), Some(&Action::RemoveFinishedPods));
    let anothers = [pod(Use::ANOTHERS, UsePhase::Finished)];
    assert!(matches!(leaving(&anothers, &finalizers).action(), Some(Action::AskAdmin { .. })), "nobody removes another person's pod");
    assert_eq!(leaving(&uses[2..], &finalizers[1..]).id(), CauseId::HeldByFinalizer);
    assert_eq!(leaving(&uses, &[]).id(), CauseId::BeingRemoved, "without the protection nothing holds it");
}

#[test]
fn d_14_a_deletion_that_is_stuck_for_ten_minutes_has_a_hint_for_administrators() {
    let leaving = |finalizers: &[String], now: i64| {
        cause(&Facts { phase: "Bound", deleting_since: Some(100), finalizers, now: now.into(), ..facts() })
    };
    let hint = |finalizers: &[String], now| matches!(leaving(finalizers, now).action(), Some(Action::AskAdmin { what }) if what.contains("more than 10 minutes"));
    for finalizers in [vec![PROTECTION.to_owned()], vec![PROTECTION.to_owned(), "csi.example.org/detach".to_owned()]] {
        assert!(!hint(&finalizers, 699) && hint(&finalizers, 700), "{finalizers:?}");
    }
    let uses = [pod("runs", UsePhase::Running)];
    let used = cause(&Facts {
        phase: "Bound",
        deleting_since: Some(100),
        uses: &uses,
        finalizers: &[PROTECTION.into()],
        now: 9999.into(),
        ..facts()
    });
    assert_eq!(used.action(), Some(&Action::ShowUsers), "what runs is its person's to stop");
}

#[test]
fn d_44_storage_that_is_gone_a_class_that_was_deleted_and_a_wait_without_end_are_explained() {
    let events = [said(Severity::Warning, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!", 500)];
    let lost = cause(&Facts { phase: "Lost", volume_name: Some("pv"), events: &events, ..facts() });
    assert_eq!((lost.id(), lost.tone()), (CauseId::StorageGone, Tone::Bad));
    let deleted = |phase, classes: &[StorageClass]| cause(&Facts { phase, class: Some("gone"), classes, now: 100_000.into(), ..facts() });
    assert_eq!(deleted("Pending", &classes()).id(), CauseId::ClassMissing);
    assert_eq!(deleted("Bound", &classes()).id(), CauseId::Ready, "who has storage does not need the class");
    let waits = cause(&Facts { class: Some("standard"), classes: &classes(), now: (30 * 86_400).into(), ..facts() });
    assert_eq!((waits.id(), waits.tone()), (CauseId::WaitsForFirstUse, Tone::Wait), "for a month: nothing is wrong");
    assert!(waits.explanation().is_some_and(|(_, sentence)| sentence.contains("Nothing is wrong")), "{waits:?}");
    for cause in [lost, deleted("Pending", &classes()), waits] {
        assert!(cause.explanation().is_some() && cause.action().is_some(), "{cause:?}");
    }
}

#[test]
fn a_phase_of_the_future_is_shown_and_not_guessed_at() {
    let hibernating = cause(&Facts { phase: "Hibernating", ..facts() });
    assert_eq!((hibernating.id(), hibernating.phase()), (CauseId::UnknownPhase, "Hibernating"));
}

#[test]
fn evidence_is_newest_first() {
    let events = [said(Severity::Normal, "FailedBinding", "no persistent volumes available", 500)];
    let cause = cause(&Facts { class: None, events: &events, ..facts() });
    assert_eq!(cause.evidence().iter().map(|evidence| evidence.at).collect::<Vec<_>>(), [Some(500), None]);
}

fn any_event() -> impl Strategy<Value = Event> {
    let reasons = prop::sample::select(vec![
        "ProvisioningFailed",
        "ProvisioningSucceeded",
        "ExternalProvisioning",
        "Provisioning",
        "FailedBinding",
        "VolumeMismatch",
        "ClaimLost",
        "ClaimMisbound",
        "FailedScheduling",
        "FailedMount",
        "FailedAttachVolume",
        "SuccessfulAttachVolume",
        "VolumeResizeFailed",
        "VolumeResizeSuccessful",
        "ExternalExpanding",
        "VolumeModifyFailed",
        "MissingClusterDNS",
        "WaitForFirstConsumer",
    ]);
    let messages = prop::sample::select(vec![
        "",
        "rpc error: code = ",
        "rpc error: code = Internal desc = x",
        "code = code = Ü desc = ",
        "node(s) had volume node affinity conflict",
        "Multi-Attach error for volume \"pv\"",
        "exceeded quota",
        "node(s) didn't find available persistent volumes to bind",
    ]);
    (reasons, messages, any::<bool>(), any::<i64>())
        .prop_map(|(reason, message, warning, at)| said(if warning { Severity::Warning } else { Severity::Normal }, reason, message, at))
}

proptest! {
    /// Whatever the cluster holds, there is one cause, and it says what it is.
    #[test]
    fn every_set_of_facts_has_one_cause_that_explains_itself(
        phase in prop::sample::select(vec!["", "Pending", "Bound", "Lost", "Hibernating"]),
        class in prop::sample::select(vec![None, Some(""), Some("shared"), Some("standard"), Some("nowhere")]),
        deleting_since in any::<Option<i64>>(),
        events in prop::collection::vec(any_event(), 0..4),
        of_pod in prop::collection::vec(any_event(), 0..3),
        pod_phase in prop::sample::select(vec![UsePhase::Waiting, UsePhase::Starting, UsePhase::Running, UsePhase::Finished]),
        sizes in any::<[Option<u64>; 3]>(),
        growth in prop::sample::select(vec![None, Some("ControllerResizeInfeasible"), Some("NodeResizePending"), Some("Invented")]),
        (has_selector, named, noded) in any::<(bool, bool, bool)>(),
        (created, now) in any::<(i64, i64)>(),
    ) {
        let finalizers = [PROTECTION.to_owned()];
        let uses = [Use { events: of_pod, ..pod("p", pod_phase) }];
        let [requested, capacity, allocated] = sizes.map(|size| size.map(Size::from_bytes));
        let cause = cause(&Facts {
            phase, class, deleting_since, events: &events, uses: &uses, requested, capacity, allocated, growth, has_selector, created, now: now.into(),
            finalizers: &finalizers, classes: &classes(), volume_name: named.then_some("pv"), selected_node: noded.then_some("n"), ..facts()
        });
        prop_assert_eq!(cause.explanation().is_none(), cause.id() == CauseId::Ready);
        prop_assert!(cause.explanation().is_none_or(|(heading, sentence)| !heading.is_empty() && sentence.len() > 20));
        prop_assert_eq!(cause.is_deleting(), deleting_since.is_some());
        prop_assert!(cause.evidence().windows(2).all(|two| two[0].at >= two[1].at));
        // A cause that is bad says what can be done.
        prop_assert!(cause.tone() != Tone::Bad || cause.action().is_some());
    }
}
