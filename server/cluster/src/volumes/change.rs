//! How does a volume grow, and how do its words change? By a patch of exactly the claim that was read.

use super::{ATTEMPTS, DEADLINE, Owned, Right, within};
use crate::{
    claim::{Around, ClaimRow},
    clock::now,
    error::Error,
    labels,
    watch::rows::Rows,
};
use domain::{
    allowed::{may_edit, may_expand},
    problem::FieldErrors,
    quantity::Size,
    volume::{Words, growth},
};
use serde_json::{Value, json};
use std::sync::Arc;
use tracing::info;

impl Owned {
    /// Asks for a larger size, exactly of the volume that the person saw. The size that it is asked to have already is no
    /// change; what has not grown yet may be lowered. The answer comes when the list shows it (or after three seconds more).
    pub async fn expand(self, seen_uid: &str, size: Size) -> Result<(), Error> {
        let classes = self.link.cache.rows(Rows::classes)?;
        // One after the other with this person's creates, or two growths could both find room.
        let (link, right) = (Arc::clone(&self.link), self.right.clone());
        let _turn = match &right {
            Right::Owner(user) => {
                let turn = link.creating(user.key()).lock().await;
                within(DEADLINE, link.may_grow(user.key(), seen_uid, size)).await?;
                Some(turn)
            }
            Right::Admin(_) => None,
        };
        self.change(seen_uid, "volume growth requested", move |live| {
            let volume = live.volume(Around::default(), &classes, now());
            let class = classes.iter().find(|class| Some(class.name.as_str()) == volume.class.as_deref());
            let Some(size) = growth(&volume, size).map_err(|sentence| Error::Invalid(FieldErrors::one("size", sentence)))? else {
                return Ok(None);
            };
            may_expand(&volume, class).map_err(Error::NotAllowed)?;
            Ok(Some(json!({"spec": {"resources": {"requests": {"storage": size.to_string()}}}})))
        })
        .await
    }

    /// Says this of exactly the volume that the person saw; what is empty is taken away.
    pub async fn describe(self, seen_uid: &str, words: &Words) -> Result<(), Error> {
        let (description, path) = (words.description.as_deref(), words.mount_path.as_ref().map(|path| path.as_str()));
        self.change(seen_uid, "volume described", |live| {
            let annotations = &live.meta.annotations;
            let own = &live.meta.labels.own;
            if annotations.description.as_deref() == description && annotations.mount_path.as_deref() == path && *own == words.labels {
                return Ok(None);
            }
            may_edit(&live.volume(Around::default(), &[], now())).map_err(Error::NotAllowed)?;
            let mut pairs = serde_json::Map::new();
            for (key, _) in own.iter().chain(words.labels.iter()) {
                pairs.insert(format!("{}{key}", labels::OWN), words.labels.get(key).into());
            }
            let annotations = json!({labels::DESCRIPTION: description, labels::MOUNT_PATH: path});
            Ok(Some(json!({"metadata": {"annotations": annotations, "labels": pairs}})))
        })
        .await
    }

    /// Publishes exactly the volume that the person saw as read-only, or takes that back. What mounts it already goes on as it began.
    pub async fn publish(self, seen_uid: &str, read_only: bool) -> Result<(), Error> {
        self.change(seen_uid, "volume published or opened for writing", |live| {
            if live.is_read_only() == read_only {
                return Ok(None);
            }
            may_edit(&live.volume(Around::default(), &[], now())).map_err(Error::NotAllowed)?;
            Ok(Some(json!({"metadata": {"annotations": {labels::READ_ONLY: read_only.then_some(labels::MARKED)}}})))
        })
        .await
    }

    /// Brings the claim to what `plan` wants of it: a merge patch, or `None` when it is so already.
    pub(super) async fn change(
        mut self,
        seen_uid: &str,
        what: &'static str,
        plan: impl Fn(&ClaimRow) -> Result<Option<Value>, Error>,
    ) -> Result<(), Error> {
        if within(DEADLINE, self.patch_as_planned(seen_uid, &plan)).await? {
            info!(by = ?self.right, claim = %self.name, "{what}");
        }
        self.until_seen(seen_uid, |row| !matches!(plan(&row.claim), Ok(Some(_)))).await;
        Ok(())
    }

    /// Whether this call did it.
    async fn patch_as_planned(&mut self, seen_uid: &str, plan: &impl Fn(&ClaimRow) -> Result<Option<Value>, Error>) -> Result<bool, Error> {
        for _ in 0..ATTEMPTS {
            if self.live.meta.uid != seen_uid {
                return Err(Error::Stale);
            }
            let Some(patch) = plan(&self.live)? else { return Ok(false) };
            let error = match self.link.patch::<ClaimRow>(&self.name, &self.live.meta, patch, false).await {
                Ok(()) => return Ok(true),
                Err(error) => error,
            };
            if !matches!(error, Error::Stale) && !error.leaves_open() {
                return Err(error);
            }
            // Changed meanwhile, or no answer: look again, prove again.
            self.live = match self.link.live(&self.name).await {
                Ok(live) => self.right.proven(live)?,
                Err(Error::NotFound) => return Err(Error::NotFound),
                Err(_) => return Err(error),
            };
            if error.leaves_open() {
                return if self.live.meta.uid == seen_uid && plan(&self.live)?.is_none() { Ok(true) } else { Err(error) };
            }
        }
        Err(Error::Stale)
    }
}
