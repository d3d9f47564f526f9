//! How does a volume get an owner, or another one? An administrator names the person; labels and annotations follow together.

use super::{ATTEMPTS, CREATE_DEADLINE, DEADLINE, SEEN, within};
use crate::{
    claim::{Around, ClaimRow},
    clock::now,
    error::Error,
    labels::{self, Owner},
    scope::{AdminCluster, Link},
    watch::rows::Rows,
};
use domain::{
    allowed::WhyNot,
    name::{ObjectName, VolumeId},
    owner::Principal,
    problem::FieldErrors,
    text,
    volume::{Handover, KnownOwner, Volume},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

/// Whether it is only found out what would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Try,
    Do,
}

/// One label or annotation, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub what: String,
    pub from: Option<String>,
    pub to: String,
}

/// What a volume is known by now (or would be), and what changed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    pub id: VolumeId,
    pub changes: Vec<Change>,
}

impl AdminCluster {
    /// Everybody who owns a volume, by their readable name.
    pub fn owners(&self) -> Result<Vec<KnownOwner>, Error> {
        let mut owners: Vec<KnownOwner> = Vec::new();
        for row in self.link.cache.rows(Rows::all)?.iter() {
            let Some(key) = row.owner.key() else { continue };
            let annotations = &row.claim.meta.annotations;
            let principal = Principal::new(
                annotations.owner_issuer.as_deref().unwrap_or_default(),
                annotations.owner_subject.as_deref().unwrap_or_default(),
            );
            if let Ok(principal) = principal
                && !owners.iter().any(|owner| owner.principal == principal)
            {
                let username = row.claim.meta.labels.username.as_deref().unwrap_or_default();
                owners.push(KnownOwner { username: domain::owner::username_label(username, key), principal });
            }
        }
        owners.sort_by(|a, b| a.username.cmp(&b.username).then_with(|| a.principal.subject().cmp(b.principal.subject())));
        Ok(owners)
    }

    /// The live claims of the namespace that are nobody's, whether they carry our labels or not, by name.
    pub async fn unclaimed(&self) -> Result<Vec<Volume>, Error> {
        let claims = within(DEADLINE, self.link.list::<ClaimRow>(None)).await?;
        let classes = self.link.cache.rows(Rows::classes)?;
        let mut volumes: Vec<_> = claims
            .iter()
            .filter(|claim| is_adoptable(claim).is_ok())
            .map(|claim| claim.volume(Around::default(), &classes, now()))
            .collect();
        volumes.sort_by(|a, b| a.claim.cmp(&b.claim));
        Ok(volumes)
    }

    /// Gives exactly the claim that the administrator saw, which is nobody's, to a person.
    pub async fn adopt(&self, claim: &ObjectName, seen_uid: &str, to: &Handover, mode: Mode) -> Result<Handed, Error> {
        self.hand_over(claim, seen_uid, to, mode, is_adoptable).await
    }

    /// Takes exactly the volume that the administrator saw from its owner and gives it to another person.
    pub async fn transfer(&self, id: &VolumeId, seen_uid: &str, to: &Handover, mode: Mode) -> Result<Handed, Error> {
        let name: ObjectName = self.any_row(id)?.claim.meta.name.parse().map_err(Error::unexpected)?;
        let new = to.key();
        self.hand_over(&name, seen_uid, to, mode, |live| match live.owner() {
            _ if !live.is_marked() => Err(Error::NotFound),
            _ if live.trash().is_some() => Err(Error::NotAllowed(live.trash().map_or(WhyNot::DeletedAlready, WhyNot::InTrash))),
            Owner::Unclaimed => Err(Error::NotAllowed(WhyNot::Unclaimed)),
            Owner::Proven(key) if key == new => {
                Err(Error::Invalid(FieldErrors::one("owner", "It is theirs already. Choose another person.")))
            }
            Owner::Proven(_) | Owner::Contradicted => Ok(()),
        })
        .await
    }

    async fn hand_over(
        &self,
        name: &ObjectName,
        seen_uid: &str,
        to: &Handover,
        mode: Mode,
        check: impl Fn(&ClaimRow) -> Result<(), Error>,
    ) -> Result<Handed, Error> {
        let done = within(CREATE_DEADLINE, async {
            // The new owner may be making a volume of this name at the same moment.
            let _turn = self.link.creating(&to.key()).lock().await;
            self.link.hand_over(name, seen_uid, to, mode, check).await
        })
        .await?;
        if mode == Mode::Do {
            info!(by = ?self.user.key(), claim = %name, owner = ?to.key(), "volume handed over");
            let key = to.key();
            let theirs = |rows: &Rows| rows.claim(name.as_str()).filter(|row| row.owner.key() == Some(&key)).map(|_| ());
            self.link.cache.until_seen(SEEN, theirs).await;
        }
        Ok(done)
    }
}

/// A claim that is nobody's, or that the portal does not know as a volume.
fn is_adoptable(claim: &ClaimRow) -> Result<(), Error> {
    if claim.is_marked() && claim.owner() != Owner::Unclaimed { Err(Error::NotAllowed(WhyNot::OwnedAlready)) } else { Ok(()) }
}

impl Link {
    async fn hand_over(
        &self,
        name: &ObjectName,
        seen_uid: &str,
        to: &Handover,
        mode: Mode,
        check: impl Fn(&ClaimRow) -> Result<(), Error>,
    ) -> Result<Handed, Error> {
        for _ in 0..ATTEMPTS {
            let live: Value = self.live(name).await?;
            let row = ClaimRow::deserialize(&live).map_err(Error::unexpected)?;
            if row.meta.uid != seen_uid {
                return Err(Error::Stale);
            }
            if row.is_deleting() {
                return Err(Error::NotAllowed(WhyNot::DeletedAlready));
            }
            check(&row)?;
            let theirs: Vec<_> = self.own_claims(&to.key()).await?.into_iter().filter(|claim| claim.meta.uid != seen_uid).collect();
            if let Some(taken) = theirs.iter().find(|claim| claim.display_name().eq_ignore_ascii_case(to.name.as_str())) {
                let sentence = format!("They already have a volume named {}. Enter another name.", taken.display_name());
                return Err(Error::Invalid(FieldErrors::one("name", sentence)));
            }
            let id = self.id_among(&row, &theirs);
            let patch = patch(&row, &live, &id, to);
            let done = Handed { id, changes: changes(&live, &patch) };
            let error = match self.patch::<ClaimRow>(name, &row.meta, patch.clone(), mode == Mode::Try).await {
                Ok(()) => return Ok(done),
                Err(Error::Stale) => continue,
                Err(error) => error,
            };
            if mode == Mode::Do && error.leaves_open() {
                // No answer says nothing about what happened; the live claim does.
                let Ok(again) = self.live::<Value>(name).await else { return Err(error) };
                if again["metadata"]["uid"] == seen_uid && changes(&again, &patch).is_empty() {
                    return Ok(done);
                }
            }
            return Err(error);
        }
        Err(Error::Stale)
    }

    /// The id that the claim has, unless the new owner has a volume with it or it has none of its own.
    fn id_among(&self, claim: &ClaimRow, theirs: &[ClaimRow]) -> VolumeId {
        let label = claim.meta.labels.volume_id.as_deref().and_then(|text| text.parse().ok());
        label.filter(|id| theirs.iter().all(|other| other.id() != *id)).unwrap_or_else(|| self.free_id(theirs))
    }
}

/// All that makes a claim this person's volume.
fn patch(claim: &ClaimRow, live: &Value, id: &VolumeId, to: &Handover) -> Value {
    let mut annotations = json!({labels::OWNER_ISSUER: to.principal.issuer(), labels::OWNER_SUBJECT: to.principal.subject()});
    if live["metadata"]["annotations"][labels::CREATED_AT].is_null()
        && let Some(created) = claim.meta.creation_timestamp.0
    {
        annotations[labels::CREATED_AT] = text::machine_date(created).into();
    }
    let labels = json!({
        labels::MARKER: labels::MARKED,
        labels::VOLUME_ID: id,
        labels::VOLUME_NAME: to.name,
        labels::USERNAME: to.username,
        labels::OWNER: to.key(),
    });
    json!({"metadata": {"labels": labels, "annotations": annotations}})
}

/// What the patch says that the live object does not.
fn changes(live: &Value, patch: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    for (kind, word) in [("labels", "label"), ("annotations", "annotation")] {
        let before = &live["metadata"][kind];
        for (key, to) in patch["metadata"][kind].as_object().into_iter().flatten() {
            if before[key] != *to {
                let text = |value: &Value| value.as_str().map(str::to_owned);
                changes.push(Change { what: format!("{word} {key}"), from: text(&before[key]), to: text(to).unwrap_or_default() });
            }
        }
    }
    changes
}
