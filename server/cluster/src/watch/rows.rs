//! What was seen in the cluster, by owner, and whom does a change concern?

use crate::{
    claim::{Around, ClaimRow},
    events::{EventRow, naming_only},
    labels::Owner,
    pods::{Mount, PodRow, Viewer},
    quotas::{self, QuotaRow},
    storage_classes::{ClassRow, Proven, classes, with_proven},
    unreadable::unreadable,
    watch::{measured::Samples, revision::Concerned, tasks::Tasks},
    word::Word,
};
use domain::{
    cause::{ALWAYS, CauseId, Moment, Span},
    event::{Event, newest_first},
    name::VolumeId,
    owner::OwnerKey,
    quota::{QuotaLeft, TaskQuota},
    storage_class::StorageClass,
    usage::Fullness,
    volume::{Unreadable, Use, Volume},
};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use tracing::warn;

/// Whoever may write events may write any number of them.
const EVENTS_MAX: usize = 100;

/// A claim with all that is said about it: what one volume is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VolumeRow {
    pub(crate) claim: Arc<ClaimRow>,
    pub(crate) owner: Owner,
    pub(crate) mounts: Vec<Mount>,
    /// What looks into it, with what was said about that.
    pub(crate) windows: Vec<(PodRow, Vec<Event>)>,
    events: Vec<Event>,
    pub(super) fullness: Fullness,
    /// The claim says of itself what cannot be.
    pub(crate) is_odd: bool,
    judged: Judged,
}

/// The status that administrators see, and for which time it holds. A copy is about to differ, and is judged anew.
#[derive(Debug, Default)]
struct Judged(Mutex<Option<(CauseId, Span)>>);

impl Clone for Judged {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// It follows from the rest.
impl PartialEq for Judged {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Judged {}

impl VolumeRow {
    pub(crate) fn volume(&self, viewer: Viewer<'_>, classes: &[StorageClass], now: i64) -> Volume {
        let volume = self.claim.volume(self.around(viewer), classes, now);
        match viewer {
            Viewer::Owner(_) => volume,
            Viewer::Admin => self.with_proven_owner(volume),
        }
    }

    /// The status of [its volume](Self::volume) for administrators, judged once for as long as the row and the classes stay and time
    /// makes no difference.
    pub(crate) fn status(&self, classes: &[StorageClass], now: i64) -> CauseId {
        let mut judged = self.judged.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((id, (from, until))) = *judged
            && (from..until).contains(&now)
        {
            return id;
        }
        let holds = Cell::new(ALWAYS);
        let id = self.claim.cause(&self.around(Viewer::Admin), classes, Moment::noting(now, &holds)).id();
        *judged = Some((id, holds.get()));
        id
    }

    /// What uses it, as administrators know it.
    pub(crate) fn users(&self) -> impl Iterator<Item = &str> {
        self.mounts.iter().filter_map(Mount::user)
    }

    pub(crate) fn fullness(&self) -> Fullness {
        self.fullness
    }

    /// The same, this full.
    pub(super) fn filled(&self, fullness: Fullness) -> Self {
        Self { fullness, ..self.clone() }
    }

    /// All that is known of the claim beside itself, as this viewer may know it.
    pub(crate) fn around(&self, viewer: Viewer<'_>) -> Around {
        let mut uses: Vec<Use> = self.mounts.iter().map(|mount| mount.seen_by(viewer)).collect();
        let hidden = self.hidden(viewer);
        if let Viewer::Owner(_) = viewer {
            let visible = self.visible(viewer);
            for event in uses.iter_mut().flat_map(|pod| &mut pod.events) {
                *event = naming_only(event.clone(), &visible, &hidden);
            }
        }
        Around { uses, events: self.events(viewer), fullness: self.fullness, hidden }
    }

    /// The names of PersistentVolumes that are not this viewer's to know.
    pub(crate) fn hidden(&self, viewer: Viewer<'_>) -> Vec<String> {
        match viewer {
            Viewer::Owner(_) => self.claim.storage_names(),
            Viewer::Admin => Vec::new(),
        }
    }

    /// The names of the pods that this viewer may know.
    fn visible(&self, viewer: Viewer<'_>) -> Vec<&str> {
        self.mounts.iter().filter_map(|mount| mount.name_for(viewer)).collect()
    }

    /// Anybody who may write claims can write any `username` label. Administrators act on who the owner is, so they see
    /// what is proven, and nobody's name where nothing is.
    fn with_proven_owner(&self, volume: Volume) -> Volume {
        // The proof is that this subject, with the issuer, gives the key again.
        let owner_subject = self.owner.key().and_then(|_| self.claim.meta.annotations.owner_subject.as_deref().map(str::to_owned));
        Volume { username: self.proven_name().to_owned(), owner_subject, ..volume }
    }

    /// What administrators call its owner; empty where nobody provably owns it.
    pub(crate) fn proven_name(&self) -> &str {
        let Some(key) = self.owner.key().map(OwnerKey::as_str) else { return "" };
        let label = self.claim.meta.labels.username.as_deref().filter(|label| !label.is_empty());
        label.unwrap_or_else(|| key.get(..12).unwrap_or(key))
    }

    /// What the cluster said, newest first, without the names of pods and of storage that are not this viewer's to know.
    pub(crate) fn events(&self, viewer: Viewer<'_>) -> Vec<Event> {
        match viewer {
            Viewer::Admin => self.events.clone(),
            Viewer::Owner(_) => {
                let (visible, hidden) = (self.visible(viewer), self.hidden(viewer));
                // Two that named different pods may now be one and the same.
                newest_first(self.events.iter().map(|event| naming_only(event.clone(), &visible, &hidden)))
            }
        }
    }
}

pub(crate) type Snapshot = Arc<[Arc<VolumeRow>]>;

/// All rows, each indexed by what asks for it.
#[derive(Default)]
pub(crate) struct Rows {
    pub(super) volumes: BTreeMap<Word, Arc<VolumeRow>>,
    pub(super) claim_by_uid: HashMap<Word, Word>,
    pub(super) pods: HashMap<Word, PodRow>,
    pub(super) pod_by_uid: HashMap<Word, Word>,
    pub(super) pods_by_claim: HashMap<String, BTreeSet<Word>>,
    /// By the uid of the claim or pod, then by the event's name. Also of those that are not here yet: the watches are not
    /// ordered between them.
    pub(super) events: HashMap<String, BTreeMap<Word, Event>>,
    pub(super) classes: BTreeMap<Word, ClassRow>,
    pub(super) quotas: BTreeMap<Word, QuotaRow>,
    proven: Proven,
    pub(super) samples: Samples,
    pub(super) claims_by_owner: HashMap<OwnerKey, BTreeSet<Word>>,
    snapshots: HashMap<OwnerKey, Snapshot>,
    /// Everybody's rows, and which of them cannot be; made once for each change, when somebody asks.
    all: OnceLock<Snapshot>,
    unreadable: OnceLock<Arc<[Unreadable]>>,
    pub(super) tasks: Tasks,
    choices: Arc<[StorageClass]>,
}

impl Rows {
    /// One owner's volumes as they are at this moment; cheap to take, unchanged by what comes later.
    pub(crate) fn of(&self, owner: &OwnerKey) -> Snapshot {
        self.snapshots.get(owner).cloned().unwrap_or_default()
    }

    pub(crate) fn all(&self) -> Snapshot {
        Arc::clone(self.all.get_or_init(|| self.volumes.values().cloned().collect()))
    }

    pub(crate) fn unreadable(&self) -> Arc<[Unreadable]> {
        Arc::clone(self.unreadable.get_or_init(|| unreadable(&self.all()).into()))
    }

    fn forget_all(&mut self) {
        self.all = OnceLock::new();
        self.unreadable = OnceLock::new();
    }

    pub(crate) fn claim(&self, name: &str) -> Option<&Arc<VolumeRow>> {
        self.volumes.get(name)
    }

    /// A pod that mounts a claim or runs a task.
    pub(crate) fn pod(&self, name: &str) -> Option<&PodRow> {
        self.pods.get(name)
    }

    /// Where a pod has a claim mounted, or is about to.
    pub(crate) fn nodes(&self) -> BTreeSet<String> {
        self.pods.values().filter_map(PodRow::mounts_on).map(str::to_owned).collect()
    }

    pub(crate) fn has_id(&self, id: &VolumeId) -> bool {
        self.volumes.values().any(|row| row.claim.id() == *id)
    }

    pub(crate) fn classes(&self) -> Arc<[StorageClass]> {
        Arc::clone(&self.choices)
    }

    pub(crate) fn choices(&self) -> Vec<StorageClass> {
        with_proven(&self.choices, &self.proven)
    }

    pub(crate) fn quota(&self) -> Option<QuotaLeft> {
        quotas::left(self.quotas.values())
    }

    pub(crate) fn task_quota(&self) -> TaskQuota {
        quotas::of_tasks(self.quotas.values())
    }

    pub(super) fn put_claim(&mut self, mut claim: ClaimRow) -> Concerned {
        // Only the watch needs the version; without it, a claim that looks the same is the same.
        claim.meta.resource_version = Word::default();
        if let Some((class, modes)) = claim.proven() {
            self.proven.entry(class.to_owned()).or_default().extend(modes);
        }
        let name = claim.meta.name.clone();
        let owner = claim.owner();
        if owner == Owner::Contradicted {
            warn!(claim = %name, "owner label and owner annotations name different people; the volume is hidden from both");
        }
        let former = self.volumes.get(&name).map(|row| (row.owner.clone(), row.claim.meta.uid.clone()));
        if let Some((_, uid)) = former.as_ref().filter(|(_, uid)| *uid != claim.meta.uid) {
            self.claim_by_uid.remove(uid);
        }
        self.claim_by_uid.insert(claim.meta.uid.clone(), name.clone());
        if let Some(key) = former.as_ref().and_then(|(former, _)| former.key()).filter(|key| owner.key() != Some(key)) {
            self.disown(key, &name);
        }
        if let Some(key) = owner.key() {
            self.claims_by_owner.entry(key.clone()).or_default().insert(name.clone());
        }
        let row = self.row(Arc::new(claim), owner.clone());
        if self.volumes.get(&name).is_some_and(|former| **former == row) {
            return Concerned::Nobody;
        }
        self.volumes.insert(name, Arc::new(row));
        concerned(former.map(|(owner, _)| owner).into_iter().chain([owner]))
    }

    pub(super) fn take_claim(&mut self, name: &str) -> Concerned {
        let Some(row) = self.volumes.remove(name) else { return Concerned::Nobody };
        self.claim_by_uid.remove(&row.claim.meta.uid);
        if let Some(key) = row.owner.key() {
            self.disown(key, name);
        }
        concerned([row.owner.clone()])
    }

    fn disown(&mut self, key: &OwnerKey, name: &str) {
        if let Some(names) = self.claims_by_owner.get_mut(key) {
            names.remove(name);
            if names.is_empty() {
                self.claims_by_owner.remove(key);
            }
        }
    }

    fn row(&self, claim: Arc<ClaimRow>, owner: Owner) -> VolumeRow {
        let pods = self.pods_by_claim.get(&*claim.meta.name).into_iter().flatten();
        let (windows, others): (Vec<_>, Vec<_>) = pods.filter_map(|pod| self.pods.get(pod)).partition(|pod| pod.is_window());
        let windows = windows.into_iter().map(|pod| (pod.clone(), self.events_of(&pod.meta.uid))).collect();
        let mounts = others.into_iter().map(|pod| pod.mount(self.events_of(&pod.meta.uid))).collect();
        let events = self.events_of(&claim.meta.uid);
        let is_mounted = self.is_mounted(&claim.meta.name);
        let fullness = self.samples.fullness(&claim.meta.uid, claim.is_bound(), is_mounted);
        let is_odd = !claim.contradictions(&owner).is_empty();
        VolumeRow { claim, owner, mounts, windows, events, fullness, is_odd, judged: Judged::default() }
    }

    pub(crate) fn events_of(&self, uid: &str) -> Vec<Event> {
        newest_first(self.events.get(uid).into_iter().flat_map(BTreeMap::values).cloned())
    }

    /// Puts these claims together again, after pods or events about them changed.
    pub(super) fn renew<'a>(&mut self, claims: impl IntoIterator<Item = &'a str>) -> Concerned {
        let mut owners = Vec::new();
        for name in claims {
            let Some(former) = self.volumes.get(name) else { continue };
            let row = self.row(Arc::clone(&former.claim), former.owner.clone());
            if **former != row {
                owners.push(row.owner.clone());
                self.volumes.insert(row.claim.meta.name.clone(), Arc::new(row));
            }
        }
        concerned(owners)
    }

    pub(super) fn publish(&mut self, concerned: Concerned) -> Concerned {
        if concerned != Concerned::Nobody {
            self.forget_all();
        }
        if let Concerned::Owners(keys) = &concerned {
            for key in keys {
                self.publish_for(key);
            }
        }
        concerned
    }

    fn publish_for(&mut self, key: &OwnerKey) {
        match self.claims_by_owner.get(key) {
            Some(names) => {
                let rows = names.iter().filter_map(|name| self.volumes.get(name)).cloned().collect();
                self.snapshots.insert(key.clone(), rows);
            }
            None => {
                self.snapshots.remove(key);
            }
        }
    }

    pub(super) fn renew_all(&mut self) {
        let names: Vec<_> = self.volumes.keys().cloned().collect();
        self.renew(names.iter().map(|name| &**name));
        self.publish_all();
        self.renew_all_tasks();
    }

    pub(super) fn publish_all(&mut self) {
        self.snapshots.clear();
        self.forget_all();
        let keys: Vec<_> = self.claims_by_owner.keys().cloned().collect();
        keys.iter().for_each(|key| self.publish_for(key));
    }

    pub(super) fn put_pod(&mut self, mut pod: PodRow) -> Touched {
        pod.meta.resource_version = Word::default();
        let mut touched = self.take_pod(&pod.meta.name);
        touched.add(&pod);
        for claim in pod.claims() {
            self.pods_by_claim.entry(claim.to_owned()).or_default().insert(pod.meta.name.clone());
        }
        self.note_pod(&pod, true);
        // Pods that mount no claim and run no task are not kept.
        if pod.claims().next().is_some() || pod.is_of_a_task() {
            self.pod_by_uid.insert(pod.meta.uid.clone(), pod.meta.name.clone());
            self.pods.insert(pod.meta.name.clone(), pod);
        }
        touched
    }

    pub(super) fn take_pod(&mut self, name: &str) -> Touched {
        let mut touched = Touched::default();
        let Some(pod) = self.pods.remove(name) else { return touched };
        self.pod_by_uid.remove(&pod.meta.uid);
        self.note_pod(&pod, false);
        touched.add(&pod);
        for claim in &touched.claims {
            if let Some(pods) = self.pods_by_claim.get_mut(claim) {
                pods.remove(name);
                if pods.is_empty() {
                    self.pods_by_claim.remove(claim);
                }
            }
        }
        touched
    }

    /// Puts together again what a change of pods, or of what is said about them, touches.
    pub(super) fn renew_touched(&mut self, touched: &Touched) -> Concerned {
        let volumes = self.renew(touched.claims.iter().map(String::as_str));
        let volumes = self.publish(volumes);
        touched.jobs.iter().fold(volumes, |concerned, job| concerned.and(self.renew_task(job)))
    }

    pub(super) fn put_event(&mut self, event: &EventRow) {
        if !event.is_of_use() {
            return;
        }
        let events = self.events.entry(event.about().to_owned()).or_default();
        events.insert(event.meta.name.clone(), event.event());
        if events.len() > EVENTS_MAX
            && let Some(oldest) = events.iter().min_by_key(|(_, event)| event.last).map(|(name, _)| name.clone())
        {
            events.remove(&oldest);
        }
    }

    pub(super) fn take_event(&mut self, about: &str, name: &str) {
        if let Some(events) = self.events.get_mut(about) {
            events.remove(name);
            if events.is_empty() {
                self.events.remove(about);
            }
        }
    }

    /// What an event about this uid touches.
    pub(super) fn renew_uid(&mut self, uid: &str) -> Concerned {
        let mut touched = Touched::default();
        if let Some(name) = self.claim_by_uid.get(uid) {
            touched.claims.insert(name.to_string());
        } else if let Some(pod) = self.pod_by_uid.get(uid).and_then(|name| self.pods.get(name)) {
            touched.add(pod);
        } else {
            touched.jobs.insert(uid.into());
        }
        self.renew_touched(&touched)
    }

    pub(super) fn publish_classes(&mut self) -> Concerned {
        let choices: Arc<[StorageClass]> = classes(self.classes.values()).into();
        if choices == self.choices {
            return Concerned::Nobody;
        }
        self.choices = choices;
        // Volumes are judged by the classes.
        self.volumes.values_mut().for_each(|row| *row = Arc::new(VolumeRow::clone(row)));
        self.publish_all();
        Concerned::Everyone
    }
}

/// What a pod belongs to: names of claims, uids of Jobs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    claims: BTreeSet<String>,
    jobs: BTreeSet<Word>,
}

impl Touched {
    fn add(&mut self, pod: &PodRow) {
        self.claims.extend(pod.claims().map(str::to_owned));
        self.jobs.extend(pod.meta.controller.clone().filter(|_| pod.is_of_a_task()));
    }
}

pub(super) fn concerned(owners: impl IntoIterator<Item = Owner>) -> Concerned {
    let mut keys = Vec::new();
    let mut any = false;
    for owner in owners {
        any = true;
        if let Some(key) = owner.key().filter(|key| !keys.contains(*key)) {
            keys.push(key.clone());
        }
    }
    match (any, keys.is_empty()) {
        (false, _) => Concerned::Nobody,
        (true, true) => Concerned::Unclaimed,
        (true, false) => Concerned::Owners(keys),
    }
}

#[cfg(test)]
mod cost;
#[cfg(test)]
mod tests;
