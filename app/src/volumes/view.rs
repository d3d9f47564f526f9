//! How does a volume's state look, and what follows from its class in words?

use crate::ui::icon::{icon, tone};
use domain::{cause::Cause, storage_class::StorageClass};
use leptos::prelude::*;

/// Silhouette, word and colour of a state.
pub fn badge(status: &Cause) -> impl IntoView + use<> {
    view! { <span class=format!("status {}", tone(status.tone()))>{icon(status.icon())}{status.label()}</span> }
}

/// What follows from the volume's class, in one line.
pub fn class_in_words(class: &StorageClass) -> String {
    let facts = [class.binding_in_words(), class.growth_in_words(), class.reclaim_in_words()].join(", ");
    match class.description() {
        Some(description) => format!("{description}: {facts}"),
        None => facts,
    }
}
