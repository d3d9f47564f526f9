//! Is a volume that has its storage well? What stops a task comes before what is slow, and that before what is full.

use super::{Action, Cause, CauseId, Evidence, Facts, growth, mounting};
use crate::usage::{FULL, NEARLY_FULL, Usage};

pub(super) fn cause(facts: &Facts<'_>) -> Cause {
    let growth = growth::cause(facts);
    // A growth that failed on the node is why the pod cannot mount: the root, not the last link.
    if let Some(failed) = growth.as_ref().filter(|cause| cause.tone() == super::Tone::Bad) {
        return failed.clone();
    }
    mounting::cause(facts).or(growth).or_else(|| room(facts)).or_else(|| change(facts)).unwrap_or_else(|| Cause::new(CauseId::Ready))
}

fn room(facts: &Facts<'_>) -> Option<Cause> {
    let usage = facts.usage?;
    let percent = usage.percent();
    let id = match percent {
        FULL.. => CauseId::Full,
        NEARLY_FULL..FULL => CauseId::NearlyFull,
        _ => return None,
    };
    let Usage { used, total } = usage;
    let can_grow = facts.class.is_some_and(|name| facts.classes.iter().any(|class| class.name.as_str() == name && class.expandable));
    let advice = if can_grow {
        "Delete what is not needed, or let the volume grow."
    } else {
        "Delete what is not needed; its class cannot grow it."
    };
    let cause = Cause::new(id)
        .because(format!("{percent} % used"))
        .saying(format!(
            "{} of {} are used ({percent} %). When nothing is left, tasks fail while they write. {advice}",
            used.rounded(),
            total.rounded()
        ))
        .seen([Evidence::of(format!("{} of {} bytes used", used.bytes(), total.bytes()))]);
    Some(if can_grow { cause.offering(Action::Grow) } else { cause.offering(Action::ShowUsers) })
}

/// Another `VolumeAttributesClass` was asked for.
fn change(facts: &Facts<'_>) -> Option<Cause> {
    let failed = facts.condition("ModifyVolumeError");
    let under_way = facts.condition("ModifyingVolume");
    let event = facts.unresolved(&["VolumeModifyFailed"], &["VolumeModifySuccessful", "VolumeModifyCanceled"]);
    if facts.change == Some("Infeasible") || failed.is_some() || (event.is_some() && (under_way.is_some() || facts.change.is_some())) {
        return Some(
            Cause::new(CauseId::ChangeRefused)
                .because("its attributes stay as they were")
                .saying("The storage system did not take over the attributes that were asked for. The volume works as before.")
                .asking_an_admin("A change of VolumeAttributesClass fails.")
                .seen(event.map(Evidence::event))
                .seen(failed.map(Evidence::condition)),
        );
    }
    (under_way.is_some() || facts.change.is_some()).then(|| {
        Cause::new(CauseId::BeingChanged)
            .because("usually under a minute")
            .saying("The storage system is taking over other attributes. The volume can be used meanwhile; this page follows by itself.")
            .seen(under_way.map(Evidence::condition))
    })
}
