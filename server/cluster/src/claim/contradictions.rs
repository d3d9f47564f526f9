//! What does a claim say of itself that cannot be? Whoever may write claims may write any label and any size.

use super::ClaimRow;
use crate::{labels::Owner, object::Meta};
use domain::{
    name::{MountPath, VolumeId},
    text,
    volume::Trash,
};

impl ClaimRow {
    /// What its labels, annotations and sizes say that cannot be. `owner` is [its own](Self::owner).
    pub(crate) fn contradictions(&self, owner: &Owner) -> Vec<String> {
        let Self { meta: Meta { labels, annotations, .. }, spec, status } = self;
        let mut found = Vec::new();
        let label = labels.owner.as_deref().filter(|label| !label.is_empty());
        match (owner, label) {
            (Owner::Contradicted, _) => found.push("its owner label and its owner annotations name different people".to_owned()),
            (Owner::Unclaimed, Some(label)) => found.push(format!("its owner label {} has nothing that proves it", quoted(label))),
            (Owner::Unclaimed, None) | (Owner::Proven(_), _) => {}
        }
        if let Some(id) = labels.volume_id.as_deref().filter(|id| id.parse::<VolumeId>().is_err()) {
            found.push(format!("its volume-id {} is not 8 small letters and digits", quoted(id)));
        }
        if let Some(path) = annotations.mount_path.as_deref().filter(|path| path.parse::<MountPath>().is_err()) {
            found.push(format!("its mount path {} cannot be mounted at", quoted(path)));
        }
        if self.trash() == Some(Trash::Unreadable) {
            let until = annotations.trash_until.as_deref().unwrap_or_default();
            found.push(format!("its time in the trash {} is no time, so it is never removed by itself", quoted(until)));
        }
        if let Some(word) = annotations.read_only.as_deref().filter(|word| !matches!(*word, "true" | "false")) {
            found.push(format!("its mark as read-only {} is neither true nor false, so it counts as none", quoted(word)));
        }
        let sizes = [("it asks for", &spec.resources.requests), ("its capacity is", &status.capacity)];
        let absurd = sizes.into_iter().filter_map(|(what, amount)| Some((what, amount.absurd()?)));
        found.extend(absurd.map(|(what, text)| format!("{what} {}, which is no size of storage", quoted(text))));
        found
    }
}

/// Whoever may write the claim may write anything of any length.
fn quoted(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !text::is_invisible(*c)).take(80).collect();
    format!("“{shown}”")
}
