//! How does a growth fare? From sizes, conditions and what the resizer and the node said
//! (kubernetes-csi/external-resizer, pkg/controller/resize_status.go; kubernetes, pkg/volume/util/resize_util.go).

use super::{
    Action, Cause, CauseId, Evidence, Facts,
    refusal::{code, quoted},
};
use crate::{event::Event, quantity::Size};

/// After so long without a word, nobody is there to grow it. Seconds.
const UNANSWERED_AFTER: i64 = 120;

const FAILED: [&str; 2] = ["VolumeResizeFailed", "FileSystemResizeFailed"];
const SUCCEEDED: [&str; 3] = ["VolumeResizeSuccessful", "FileSystemResizeSuccessful", "FileSystemResizeRequired"];

/// Whether this is the API server's "no" to growing: its class does not allow it. It is called Forbidden, but no right is
/// missing (kubernetes, plugin/pkg/admission/storage/persistentvolume/resize/admission.go).
pub fn forbids_growth(message: &str) -> bool {
    message.contains("only dynamically provisioned pvc can be resized")
}

/// `None` when nothing more was asked for than there is: what went before is over.
pub(super) fn cause(facts: &Facts<'_>) -> Option<Cause> {
    let (wanted, current) = (facts.requested?, facts.capacity?);
    if wanted <= current && facts.growth.is_none() {
        return None;
    }
    let step = |suffix: &str| facts.growth.is_some_and(|status| status.ends_with(suffix));
    let said = facts.unresolved(&FAILED, &SUCCEEDED);
    let failed = facts.condition("ControllerResizeError").or_else(|| facts.condition("NodeResizeError"));
    let seen = || {
        let conditions = facts.conditions.iter().filter(|condition| condition.status == "True").map(Evidence::condition);
        let status = facts.growth.map(|status| Evidence::of(format!("The cluster's word for this step is {status}")));
        let sizes = Evidence::of(format!("{} asked for, {} there", wanted.rounded(), current.rounded()));
        said.map(Evidence::event).into_iter().chain(conditions).chain(status).chain([sizes]).collect::<Vec<_>>()
    };
    // Once another size was asked for, the verdict on the former one is history.
    let same_wish = facts.allocated.is_none_or(|allocated| allocated == wanted);
    let words = said.map(|event| event.message.as_str()).or(failed.map(|condition| condition.message.as_str()));
    let cause = if step("ResizeInfeasible") && same_wish {
        refused(wanted, current, words)
    } else if said.is_some_and(waits_for_release) && facts.active().next().is_some() {
        Cause::new(CauseId::GrowthWaitsForRelease)
            .because("grows when nothing uses it")
            .saying(format!(
                "Its storage system can only grow a volume that nothing uses. Stop what uses it; it then grows to {} by itself.",
                wanted.rounded()
            ))
            .offering(Action::ShowUsers)
    } else if same_wish && (failed.is_some() || said.is_some_and(|event| !waits_for_release(event))) {
        growth_failed(wanted, words)
    } else if facts.condition("FileSystemResizePending").is_some() || step("NodeResizePending") {
        waits_for_mount(facts, wanted)
    } else if facts.condition("Resizing").is_some() || step("InProgress") {
        Cause::new(CauseId::Growing).because(format!("to {}", wanted.rounded())).saying(format!(
            "It is growing from {} to {}. It can be used meanwhile; this page follows by itself.",
            current.rounded(),
            wanted.rounded()
        ))
    } else {
        not_begun(facts, wanted)
    };
    Some(cause.seen(seen()))
}

/// The volume must be let go first: the resizer's own words, or a driver's `FailedPrecondition`
/// (external-resizer, pkg/controller/expand_and_recover.go; CSI spec, "ControllerExpandVolume Errors": volume in use).
fn waits_for_release(event: &Event) -> bool {
    event.message.contains("only supports offline expansion") || code(&event.message) == Some("FailedPrecondition")
}

fn refused(wanted: Size, current: Size, words: Option<&str>) -> Cause {
    let said = words.map_or_else(String::new, |words| format!(" It said: {}", quoted(words)));
    Cause::new(CauseId::GrowthRefused)
        .because(format!("cannot grow to {}", wanted.rounded()))
        .saying(format!(
            "The storage system cannot make it {}.{said} The volume stays as it is, and its data is not touched. Choose another size \
             above {}.",
            wanted.rounded(),
            current.rounded()
        ))
        .offering(Action::Grow)
}

fn growth_failed(wanted: Size, words: Option<&str>) -> Cause {
    let words = words.unwrap_or_default();
    let why = match code(words) {
        Some("ResourceExhausted") => "There is no room for it.".to_owned(),
        Some("Unavailable") => "The storage system cannot be reached.".to_owned(),
        Some("DeadlineExceeded" | "Aborted" | "Canceled") => "The storage system did not finish in its time.".to_owned(),
        Some("PermissionDenied" | "Unauthenticated") => "The storage driver lacks a right.".to_owned(),
        Some(_) | None => format!("The storage system said: {}", quoted(words)),
    };
    Cause::new(CauseId::GrowthFailed)
        .because(format!("to {} not yet", wanted.rounded()))
        .saying(format!(
            "Growing it to {} has failed so far. {why} The data is not touched, and the cluster tries on by itself. If it stays like this, \
             choose a smaller size or tell an administrator.",
            wanted.rounded()
        ))
        .asking_an_admin(format!("Growing a volume to {} fails: {}", wanted.rounded(), quoted(words)))
}

fn waits_for_mount(facts: &Facts<'_>, wanted: Size) -> Cause {
    let in_use = facts.active().next().is_some();
    let next = if in_use {
        "A pod uses it at the moment: some storage grows under it within minutes, other storage only when the pod is started again."
    } else {
        "Use it in a task: the file system grows at the next mount."
    };
    Cause::new(CauseId::GrowthWaitsForMount)
        .because(if in_use { "grows when the pod is started again" } else { "grows at the next mount" })
        .saying(format!("The storage is {} already, but its file system is not yet. {next}", wanted.rounded()))
        .offering(if in_use { Action::ShowUsers } else { Action::UseInTask })
}

fn not_begun(facts: &Facts<'_>, wanted: Size) -> Cause {
    let class = facts.classes.iter().find(|class| Some(class.name.as_str()) == facts.class);
    if let Some(class) = class.filter(|class| !class.expandable) {
        return Cause::new(CauseId::ClassCannotGrow)
            .because(format!("{} cannot grow", class.name))
            .saying(format!(
                "It was asked to be {}, but class {} does not allow growth (any more). The volume stays as it is. Create a larger one of \
                 another class and copy the data, or ask an administrator to allow growth.",
                wanted.rounded(),
                class.name
            ))
            .asking_an_admin(format!("Class {} does not allow growth.", class.name));
    }
    // The controller only says that somebody else has to do it (expand_controller.go); whether anybody does, time tells.
    let asked = facts.latest(&["ExternalExpanding"]);
    match asked.filter(|event| facts.now.is_past(event.last, UNANSWERED_AFTER)) {
        Some(event) => Cause::new(CauseId::GrowthUnanswered)
            .since_when(event.last)
            .because("no resizer answers")
            .saying(
                "The cluster has asked for the growth, and no storage driver has begun with it. The part that grows volumes may not be \
                 installed. The volume can be used as it is; tell an administrator.",
            )
            .asking_an_admin("No resizer answers for the growth of a volume.")
            .seen([Evidence::event(event)]),
        None => Cause::new(CauseId::GrowthAsked)
            .because(format!("to {}", wanted.rounded()))
            .saying(format!(
                "It was asked to grow to {}. The cluster will begin in a moment; this page follows by itself.",
                wanted.rounded()
            ))
            .seen(asked.map(Evidence::event)),
    }
}
