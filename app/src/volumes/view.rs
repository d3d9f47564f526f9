//! How does a volume look: in a row, at the top of its page, in words? Rendered on the server only.

use super::api::{Row, VolumeList};
use crate::{
    paths,
    server::{self, Reading},
    ui::icon::{self, icon, tone},
};
use domain::{status::Status, storage_class::StorageClass, text, volume::Volume};
use leptos::prelude::*;

/// Silhouette, word and colour of a state.
pub fn badge(status: &Status) -> impl IntoView + use<> {
    view! { <span class=format!("status {}", tone(status.tone()))>{icon(status.icon())}{status.label()}</span> }
}

/// A person's own rows whose name holds what is looked for.
pub fn own_rows(read: Reading<Vec<Volume>>, name: &str) -> VolumeList {
    rows(read, |volume| &volume.name, name, |volume| paths::volume(&volume.id))
}

/// Everybody's rows whose owner's readable name holds what is looked for.
pub fn all_rows(read: Reading<Vec<Volume>>, owner: &str) -> VolumeList {
    rows(read, |volume| &volume.username, owner, |volume| paths::admin_volume(&volume.id))
}

/// Letter case does not matter; sorted by name, then age, so that the order is the same at every reading.
fn rows(read: Reading<Vec<Volume>>, of: fn(&Volume) -> &String, wanted: &str, href: fn(&Volume) -> String) -> VolumeList {
    let Reading { data: mut volumes, revision, now } = read;
    let total = volumes.len();
    let wanted = wanted.trim().to_lowercase();
    volumes.retain(|volume| of(volume).to_lowercase().contains(&wanted));
    volumes.sort_by_cached_key(|volume| (volume.name.to_lowercase(), volume.created, volume.uid.clone()));
    let noun = if total == 1 { "volume" } else { "volumes" };
    let count = if wanted.is_empty() { format!("{total} {noun}") } else { format!("{} of {total} {noun}", volumes.len()) };
    let rows = volumes.into_iter().map(|volume| Row { href: href(&volume), ..row(volume, now) }).collect();
    VolumeList { rows, count, revision, down: server::down().unwrap_or_default() }
}

fn row(volume: Volume, now: i64) -> Row {
    let users: Vec<&str> = volume.used_by.iter().filter(|u| u.phase.is_use()).map(domain::volume::Use::label).collect();
    Row {
        href: String::new(),
        tone: format!("status {}", tone(volume.status.tone())),
        icon: icon::href(volume.status.icon()),
        status: volume.status.label().into(),
        reason: volume.status.reason().unwrap_or_default(),
        size: volume.size().rounded(),
        access: volume.modes_short(),
        used_by: match users.as_slice() {
            [] => "nothing".into(),
            [only] => (*only).to_owned(),
            [first, more @ ..] => format!("{first} +{}", more.len()),
        },
        all_users: users.join(", "),
        uid: volume.uid,
        name: volume.name,
        description: volume.description.unwrap_or_default(),
        owner: volume.username,
        class: volume.class.unwrap_or_else(|| "none".into()),
        created: volume.created.to_string(),
        date: text::date(volume.created),
        age: text::age(volume.created, now),
    }
}

/// What follows from the volume's class, in one line.
pub fn class_in_words(class: &StorageClass) -> String {
    let facts = [class.binding_in_words(), class.growth_in_words(), class.reclaim_in_words()].join(", ");
    match &class.description {
        Some(description) => format!("{description}: {facts}"),
        None => facts,
    }
}
