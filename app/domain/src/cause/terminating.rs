//! What keeps a volume that is being deleted? Kubernetes lifts its own finalizer within moments once no pod holds the
//! claim any more; the portal never removes a finalizer.

use super::{Action, Cause, CauseId, Evidence, Facts};
use crate::volume::Use;

/// kubernetes, pkg/volume/util/finalizer.go
const PROTECTION: &str = "kubernetes.io/pvc-protection";
/// kubernetes-csi/external-snapshotter, pkg/utils/util.go
const SNAPSHOT: &str = "snapshot.storage.kubernetes.io/pvc-as-source-protection";

/// After so long, in seconds, whoever should release a volume may be gone itself.
const STUCK_AFTER: i64 = 600;

pub(super) fn cause(facts: &Facts<'_>, since: i64) -> Cause {
    let is_stuck = facts.now.is_past(since, STUCK_AFTER);
    let is_protected = facts.finalizers.iter().any(|finalizer| finalizer == PROTECTION);
    let pods = facts.uses.iter().filter(|pod| is_protected && pod.phase.holds_deletion());
    let (running, finished): (Vec<&Use>, Vec<&Use>) = pods.partition(|pod| pod.phase.is_use());
    let others: Vec<&str> = facts.finalizers.iter().map(String::as_str).filter(|finalizer| *finalizer != PROTECTION).collect();

    let mut held_by: Vec<String> = running.iter().map(|pod| named(pod, "pod")).collect();
    held_by.extend(finished.iter().map(|pod| named(pod, "finished pod")));
    held_by.extend(others.iter().map(|finalizer| format!("finalizer {finalizer}")));
    let advice = [
        (!running.is_empty()).then_some("Stop what still runs. "),
        (!finished.is_empty()).then_some("A finished pod still counts as a user until it is removed. "),
        others.contains(&SNAPSHOT).then_some("A snapshot of it is being made. "),
        others
            .iter()
            .any(|finalizer| *finalizer != SNAPSHOT)
            .then_some("A finalizer is a note of another program that must release it first; an administrator can tell which. "),
    ];
    let (id, action) = match (running.is_empty(), finished.is_empty(), others.first()) {
        (false, _, _) => (CauseId::HeldByRunningPod, Some(Action::ShowUsers)),
        (true, false, _) if finished.iter().any(|pod| pod.is_named()) => (CauseId::HeldByFinishedPod, Some(Action::RemoveFinishedPods)),
        (true, false, _) => (
            CauseId::HeldByFinishedPod,
            Some(Action::AskAdmin { what: "Finished pods of other people hold a volume that is being deleted.".into() }),
        ),
        (true, true, Some(finalizer)) => {
            let what = format!("Finalizer {finalizer} holds a volume that is being deleted.");
            let hint = " It has for more than 10 minutes: see whether the program that set it still runs. The portal removes no finalizer.";
            (CauseId::HeldByFinalizer, Some(Action::AskAdmin { what: if is_stuck { what + hint } else { what } }))
        }
        (true, true, None) => {
            let hint = "A deletion has not ended for more than 10 minutes: see whether the cluster's controller manager runs.";
            (CauseId::BeingRemoved, is_stuck.then(|| Action::AskAdmin { what: hint.into() }))
        }
    };
    let cause = match held_by.as_slice() {
        [] => Cause::new(id).saying("The cluster is removing it; this page follows by itself."),
        [first, rest @ ..] => Cause::new(id)
            .because(if rest.is_empty() { format!("held by {first}") } else { format!("held by {first} and {} more", rest.len()) })
            .saying(format!(
                "The volume is held by {}. {}The deletion goes on by itself when nothing holds it; nothing more can mount it.",
                held_by.join(", "),
                advice.into_iter().flatten().collect::<String>()
            )),
    };
    let cause = cause
        .since_when(since)
        .seen([Evidence { at: Some(since), line: "Deletion asked".into() }])
        .seen(running.into_iter().chain(finished).map(Evidence::pod))
        .seen(others.iter().map(|finalizer| Evidence::of(format!("Finalizer {finalizer}"))));
    match action {
        Some(action) => cause.offering(action),
        None => cause,
    }
}

fn named(pod: &Use, noun: &str) -> String {
    if pod.is_named() { format!("{noun} {}", pod.pod) } else { pod.pod.clone() }
}
