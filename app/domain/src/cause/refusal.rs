//! What did the provisioner mean by its refusal? By the gRPC code in its words (container-storage-interface spec,
//! "CreateVolume Errors"; grpc, doc/statuscodes.md), else by the words.

use super::{Action, Cause, CauseId, Evidence, Facts};
use crate::{
    access::AccessMode,
    event::{Event, Severity},
    storage_class::{Offer, StorageClass},
};

/// Characters of another program's words within a sentence of ours.
const QUOTE_MAX: usize = 300;

/// The refusal that holds. The routine `ExternalProvisioning` that keeps refreshing does not end it; success does, and so
/// does the class that was missing when it was said.
pub(super) fn standing<'a>(facts: &Facts<'a>) -> Option<&'a Event> {
    let refused = facts.unresolved(&["ProvisioningFailed"], &["ProvisioningSucceeded"])?;
    let class_was_missing = refused.message.contains("storageclass.storage.k8s.io") && refused.message.contains("not found");
    (refused.severity == Severity::Warning && !class_was_missing).then_some(refused)
}

pub(super) fn cause(facts: &Facts<'_>, class: &StorageClass, event: &Event) -> Cause {
    let text = event.message.to_lowercase();
    let name = &class.name;
    // One that was hidden after the volume was made cannot be chosen again.
    let again = || if class.settings.hidden { Action::OpenClasses } else { Action::CreateAgainWith { class: name.to_string() } };
    let cause = match family(&event.message, &text, facts, class) {
        Family::Mode => mode_not_offered(facts, class),
        Family::Capacity => no_capacity(facts, class),
        Family::Slow => slow(class),
        Family::Selector => Cause::new(CauseId::SelectorNotSupported)
            .because(format!("{name} takes no selector"))
            .saying(format!(
                "This volume asks for storage by label, and class {name} cannot do that. Delete it and create one without a selector."
            ))
            .offering(again()),
        Family::Quota => Cause::new(CauseId::QuotaReached)
            .because("a quota is used up")
            .saying(format!(
                "Making this volume would go over a quota of class {name} or of what makes it. Delete what is no longer needed, ask for \
                 less, or ask an administrator for more. The cluster tries on by itself."
            ))
            .asking_an_admin(format!("Class {name} cannot make a volume because a quota is used up.")),
        Family::Size => Cause::new(CauseId::SizeRefused)
            .because(format!("{name} cannot make {}", size(facts)))
            .saying(format!(
                "Class {name} cannot make a volume of {}: it is too small or too large for it. Delete it and create one of another size.",
                size(facts)
            ))
            .offering(again()),
        Family::Request => Cause::new(CauseId::RequestRefused)
            .because(format!("{name} does not accept it"))
            .saying(format!(
                "Something in the request or in the settings of class {name} is not accepted, so trying again will not help. Delete it and \
                 choose another class, or show an administrator what was said."
            ))
            .asking_an_admin(format!("The provisioner of class {name} refuses a request as not valid: {}", quoted(&event.message))),
        Family::Source => Cause::new(CauseId::SourceMissing)
            .because("its source is missing")
            .saying("The snapshot or volume that this one should be made from is not there any more. Delete it and choose another source.")
            .offering(again()),
        Family::Right => Cause::new(CauseId::RightMissing)
            .because("the provisioner lacks a right")
            .saying(format!(
                "The provisioner of class {name} is not allowed to make storage. It is not your fault; an administrator has to give it the \
                 right. The cluster tries on by itself."
            ))
            .asking_an_admin(format!("The provisioner of class {name} lacks a right: {}", quoted(&event.message))),
        Family::Unavailable => Cause::new(CauseId::StorageUnavailable)
            .because("the storage system is away")
            .saying(format!(
                "The provisioner of class {name} cannot reach its storage system. The cluster tries on by itself; if it stays like this, \
                 tell an administrator or choose another class."
            ))
            .asking_an_admin(format!("The storage system behind class {name} cannot be reached.")),
        Family::Clash => Cause::new(CauseId::NameClash)
            .because("something of its name exists")
            .saying(
                "The storage system already has something else under the name that this volume would get there. Delete it and create it \
                 again.",
            )
            .offering(again()),
        Family::Fault => Cause::new(CauseId::StorageFault)
            .because("the storage system failed")
            .saying(format!(
                "The storage system behind class {name} failed while it made this volume. The cluster tries on by itself; if it stays like \
                 this, show an administrator what was said."
            ))
            .asking_an_admin(format!("The storage system behind class {name} fails: {}", quoted(&event.message))),
        Family::Other => Cause::new(CauseId::ProvisionerRefused)
            .because("the provisioner refused")
            .saying(format!(
                "It said: {} Delete it and choose another size, access or class; if the words mean nothing to you, an administrator can \
                 read them.",
                quoted(&event.message)
            ))
            .asking_an_admin(format!("The provisioner of class {name} refuses a volume: {}", quoted(&event.message))),
    };
    cause.seen([Evidence::event(event)])
}

/// What kind of "no" it is.
enum Family {
    Mode,
    Selector,
    Quota,
    Capacity,
    Size,
    Request,
    Source,
    Right,
    Unavailable,
    Slow,
    Clash,
    Fault,
    Other,
}

/// What the words are about comes before the code, which drivers choose with less care.
fn family(message: &str, text: &str, facts: &Facts<'_>, class: &StorageClass) -> Family {
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let code = code(message);
    if says(&["selector is not supported"]) {
        return Family::Selector;
    }
    if says(&["access mode", "accessmode", "volume capabilit", "multi_node_", "readwritemany"])
        && !matches!(code, Some("Unavailable" | "DeadlineExceeded"))
    {
        return Family::Mode;
    }
    if says(&["exceeded quota", "quota exceeded", "over quota", "exceeds available quota", "exceedsavailablequota", "quotaexceeded"]) {
        return Family::Quota;
    }
    match code {
        Some("ResourceExhausted") => Family::Capacity,
        Some("OutOfRange") => Family::Size,
        Some("InvalidArgument") if facts.modes.iter().any(|mode| class.offers(*mode) == Offer::No) => Family::Mode,
        Some("InvalidArgument" | "Unimplemented" | "FailedPrecondition") => Family::Request,
        Some("NotFound") => Family::Source,
        Some("PermissionDenied" | "Unauthenticated") => Family::Right,
        Some("Unavailable") => Family::Unavailable,
        // Aborted: an earlier call for this volume is still under way.
        Some("DeadlineExceeded" | "Aborted" | "Canceled") => Family::Slow,
        Some("AlreadyExists") => Family::Clash,
        Some("Internal" | "Unknown" | "DataLoss") if says(&["no space left", "not enough space", "insufficient"]) => Family::Capacity,
        Some("Internal" | "Unknown" | "DataLoss") => Family::Fault,
        Some(_) => Family::Other,
        None if says(&["is forbidden: user", "permission denied"]) => Family::Right,
        None if says(&["deadline exceeded", "timed out", "timeout after"]) => Family::Slow,
        None if says(&["connection refused", "no such host", "no route to host", "i/o timeout"]) => Family::Unavailable,
        None if says(&["no space left", "not enough space", "not enough free", "insufficient capacity", "no available capacity"]) => {
            Family::Capacity
        }
        None => Family::Other,
    }
}

/// `ResourceExhausted` from `rpc error: code = ResourceExhausted desc = ...`. Of several, each quoting the next, the last
/// is the root.
pub(super) fn code(message: &str) -> Option<&str> {
    let (_, rest) = message.rsplit_once("code = ")?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    rest.get(..end).filter(|code| !code.is_empty())
}

/// The words behind the last code, as the end of a sentence.
pub(crate) fn quoted(message: &str) -> String {
    let words = message.rsplit_once(" desc = ").map_or(message, |(_, words)| words).trim();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text: String = words.chars().filter(|c| !crate::text::is_invisible(*c)).take(QUOTE_MAX).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

fn size(facts: &Facts<'_>) -> String {
    facts.requested.map_or_else(|| "this size".to_owned(), |size| size.rounded())
}

fn mode_not_offered(facts: &Facts<'_>, class: &StorageClass) -> Cause {
    let many = [AccessMode::ReadWriteMany, AccessMode::ReadOnlyMany];
    let refused = facts.modes.iter().copied().find(|mode| class.offers(*mode) == Offer::No);
    let mode = refused.or_else(|| facts.modes.iter().copied().find(|mode| many.contains(mode))).or_else(|| facts.modes.first().copied());
    let mode = mode.unwrap_or(AccessMode::ReadWriteOnce);
    let better = facts.offered().filter(|other| other.name != class.name).find(|other| other.offers(mode) <= Offer::Likely);
    let hint = better.map_or_else(String::new, |better| format!(" Class {} can.", better.name));
    let action = better.map_or(Action::OpenClasses, |better| Action::CreateAgainWith { class: better.name.to_string() });
    Cause::new(CauseId::ModeNotOffered)
        .because(format!("{} cannot do {}", class.name, mode.short()))
        .saying(format!(
            "Class {} cannot make a volume for “{}” ({mode}).{hint} Delete this one and create it with another access or class.",
            class.name,
            mode.in_words()
        ))
        .offering(action)
}

pub(super) fn no_capacity(facts: &Facts<'_>, class: &StorageClass) -> Cause {
    Cause::new(CauseId::NoCapacity)
        .because(format!("{} has no room for it", class.name))
        .saying(format!(
            "The storage behind class {} has no room for {}. Delete this one and ask for less or choose another class; or ask an \
             administrator for room. The cluster tries on by itself.",
            class.name,
            size(facts)
        ))
        .asking_an_admin(format!("Class {} has no room for a volume of {}.", class.name, size(facts)))
}

pub(super) fn slow(class: &StorageClass) -> Cause {
    Cause::new(CauseId::StorageSlow)
        .because(format!("{} is slow", class.provisioner))
        .saying(format!(
            "{} has begun to make this volume and has not finished in its time. Wait: the cluster tries on by itself. If nothing has \
             changed in half an hour, tell an administrator.",
            class.provisioner
        ))
        .asking_an_admin(format!("Provisioner {} does not finish in time.", class.provisioner))
}
