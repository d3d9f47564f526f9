//! Who may do what? A person reads their own rows; more takes a proof or a role.

use crate::{
    clock::now,
    connect::{Options, clients},
    error::Error,
    events::without_storage,
    job::PodSettings,
    pods::Viewer,
    watch::{
        self,
        cache::Cache,
        health::Health,
        revision::Revision,
        rows::{Rows, VolumeRow},
    },
};
use domain::{
    event::Event,
    limits::PerPerson,
    name::VolumeId,
    owner::{OwnerKey, Principal, username_label},
    quota::QuotaLeft,
    rights::Standing,
    storage_class::{Classes, StorageClass},
    volume::Volume,
};
use kube::Client;
use std::sync::Arc;
use tokio::{
    sync::{Mutex, watch::Sender},
    task::JoinSet,
};

/// A person who asks. Only `server::auth` makes one: from a session that a verified id token began, or from a token of theirs.
#[derive(Clone, Debug)]
pub struct User {
    principal: Principal,
    key: OwnerKey,
    username: String,
    name: String,
    admin: bool,
    groups: Vec<String>,
}

impl User {
    /// `username` becomes the label of what this person makes; `name` is how the pages call them.
    pub fn from_session(principal: Principal, username: String, name: String, admin: bool) -> Self {
        let key = OwnerKey::of(&principal);
        // A label that Kubernetes refuses would fail every create; cleaning a clean one changes nothing.
        let username = username_label(&username, &key);
        Self { principal, key, username, name, admin, groups: Vec::new() }
    }

    /// The groups that the id token names.
    pub fn in_groups(self, groups: Vec<String>) -> Self {
        Self { groups, ..self }
    }

    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    pub fn key(&self) -> &OwnerKey {
        &self.key
    }

    pub fn username(&self) -> &str {
        &self.username
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn is_admin(&self) -> bool {
        self.admin
    }

    pub fn groups(&self) -> &[String] {
        &self.groups
    }
}

/// The connection to the cluster. It has no operations on objects: those belong to somebody.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) link: Arc<Link>,
}

/// What all who act on one cluster share. The watches end with the last of them.
pub(crate) struct Link {
    pub(crate) client: Client,
    /// For answers that go on.
    pub(crate) streaming: Client,
    pub(crate) namespace: String,
    pub(crate) cache: Arc<Cache>,
    /// One person's creates happen one after the other, or two at once could both find a name free. Persons share a few
    /// locks by their key, so that there is nothing to clean up.
    creating: [Mutex<()>; 64],
    /// The same for tasks, which create volumes.
    creating_tasks: [Mutex<()>; 64],
    classes: Classes,
    pub(crate) pods: PodSettings,
    /// Seconds in which a deletion can be undone.
    trash: Option<i64>,
    pub(crate) limits: PerPerson,
    /// How the account's rights were found last.
    pub(crate) standing: Sender<Option<Standing>>,
    _watches: JoinSet<()>,
}

impl Link {
    /// Every class, in the order in which people choose, with what has been seen of it and what is said about it.
    fn storage_classes(&self) -> Result<Vec<StorageClass>, Error> {
        let settled = |class: StorageClass| {
            let settings = self.classes.get(&class.name).cloned().unwrap_or_default();
            StorageClass { settings, ..class }
        };
        Ok(self.cache.rows(Rows::choices)?.into_iter().map(settled).collect())
    }

    /// What is said of a volume is judged by every class; those that this person may not choose are marked hidden, so that none of
    /// them is suggested.
    pub(crate) fn classes_for(&self, user: &User) -> Result<Vec<StorageClass>, Error> {
        let seen = |mut class: StorageClass| {
            class.settings.hidden = !class.is_offered_to(&user.groups);
            class
        };
        Ok(self.storage_classes()?.into_iter().map(seen).collect())
    }

    /// Until when what is deleted now can be restored; nothing where deletions are at once.
    pub(crate) fn trash_until(&self, now: i64) -> Option<i64> {
        self.trash.map(|seconds| now.saturating_add(seconds))
    }

    pub(crate) fn creating(&self, owner: &OwnerKey) -> &Mutex<()> {
        &self.creating[place(owner) % self.creating.len()]
    }

    pub(crate) fn creating_task(&self, owner: &OwnerKey) -> &Mutex<()> {
        &self.creating_tasks[place(owner) % self.creating_tasks.len()]
    }
}

fn place(owner: &OwnerKey) -> usize {
    owner.as_str().bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)))
}

impl Cluster {
    /// Reads the configuration and starts the watches. Fails if the configuration cannot be used, never because the API
    /// server is away.
    pub async fn connect(options: Options) -> Result<Self, Error> {
        let clients = clients(&options).await?;
        let cache = Arc::new(Cache::new());
        let watches = watch::start(&clients.watching, &options.namespace, &cache);
        let link = Link {
            client: clients.acting,
            streaming: clients.watching,
            namespace: options.namespace,
            cache,
            creating: std::array::from_fn(|_| Mutex::default()),
            creating_tasks: std::array::from_fn(|_| Mutex::default()),
            classes: options.classes,
            pods: options.pods,
            trash: options.trash.and_then(|time| i64::try_from(time.as_secs()).ok()).filter(|seconds| *seconds > 0),
            limits: options.limits,
            standing: Sender::default(),
            _watches: watches,
        };
        Ok(Self { link: Arc::new(link) })
    }

    pub fn as_user(&self, user: User) -> UserCluster {
        UserCluster { link: Arc::clone(&self.link), user }
    }

    pub fn health(&self) -> Health {
        self.link.cache.health()
    }

    pub fn namespace(&self) -> &str {
        &self.link.namespace
    }

    /// Until when what is deleted now can be restored, in seconds since 1970; nothing where deletions are at once.
    pub fn trash_until(&self) -> Option<i64> {
        self.link.trash_until(now())
    }

    /// Waits until every watch has listed once. Without an end of its own: the caller has a deadline.
    pub async fn synced(&self) {
        self.link.cache.synced().await;
    }
}

/// The cluster as one person may see it.
#[derive(Clone)]
pub struct UserCluster {
    pub(crate) link: Arc<Link>,
    pub(crate) user: User,
}

/// One volume with what the cluster said about it, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeDetail {
    pub volume: Volume,
    pub events: Vec<Event>,
    /// What the cluster says of a growth that failed.
    pub growth_error: Option<String>,
}

impl VolumeDetail {
    fn of(row: &VolumeRow, viewer: Viewer<'_>, classes: &[StorageClass]) -> Self {
        let growth_error = row.claim.growth_error().map(|text| without_storage(text, &row.hidden(viewer)));
        Self { volume: row.volume(viewer, classes, now()), events: row.events(viewer), growth_error }
    }
}

impl UserCluster {
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Own volumes, by the name of the claim; without those in the trash.
    pub fn volumes(&self) -> Result<Vec<Volume>, Error> {
        Ok(self.volumes_and_trash()?.into_iter().filter(|volume| volume.trash.is_none()).collect())
    }

    /// All that this person owns, also what is in the trash: it has its name and counts against the quota.
    pub fn volumes_and_trash(&self) -> Result<Vec<Volume>, Error> {
        let (rows, classes) = (self.link.cache.rows(|rows| rows.of(self.user.key()))?, self.link.classes_for(&self.user)?);
        let now = now();
        Ok(rows.iter().map(|row| row.volume(Viewer::Owner(self.user.key()), &classes, now)).collect())
    }

    /// One own volume. Another person's is as absent as one that never was.
    pub fn volume(&self, id: &VolumeId) -> Result<VolumeDetail, Error> {
        let row = self.link.cache.rows(|rows| only(rows.of(self.user.key()).iter(), id, Viewer::Owner(self.user.key())))??;
        Ok(VolumeDetail::of(&row, Viewer::Owner(self.user.key()), &self.link.classes_for(&self.user)?))
    }

    /// What this person may choose, in the order in which people choose. A class that is hidden, or for groups that they are
    /// not in, is as absent as one that never was.
    pub fn storage_classes(&self) -> Result<Vec<StorageClass>, Error> {
        Ok(self.link.storage_classes()?.into_iter().filter(|class| class.is_offered_to(&self.user.groups)).collect())
    }

    /// The class of a volume that is there, also one that nobody may choose any more.
    pub fn class_of(&self, volume: &Volume) -> Result<Option<StorageClass>, Error> {
        Ok(self.link.storage_classes()?.into_iter().find(|class| Some(class.name.as_str()) == volume.class.as_deref()))
    }

    /// What the namespace's quotas leave for one more volume; `None` when none of them concerns volumes.
    pub fn quota(&self) -> Result<Option<QuotaLeft>, Error> {
        self.link.cache.rows(crate::watch::rows::Rows::quota)
    }

    /// Moves when anything of this person's changes, and when the cluster goes or comes back.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<Revision> {
        self.link.cache.changes(self.user.key())
    }

    pub fn admin(self) -> Result<AdminCluster, Error> {
        if self.user.is_admin() { Ok(AdminCluster { link: self.link, user: self.user }) } else { Err(Error::Forbidden) }
    }
}

/// The cluster as an administrator may see it: everybody's volumes, and those of nobody.
#[derive(Clone)]
pub struct AdminCluster {
    pub(crate) link: Arc<Link>,
    pub(crate) user: User,
}

impl AdminCluster {
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Every managed volume, also the unclaimed ones, by the name of the claim; without those in the trash.
    pub fn volumes(&self) -> Result<Vec<Volume>, Error> {
        Ok(self.volumes_and_trash()?.into_iter().filter(|volume| volume.trash.is_none()).collect())
    }

    /// The same with those in the trash.
    pub fn volumes_and_trash(&self) -> Result<Vec<Volume>, Error> {
        let (rows, classes) = self.link.cache.rows(|rows| (rows.all(), rows.classes()))?;
        let now = now();
        Ok(rows.iter().map(|row| row.volume(Viewer::Admin, &classes, now)).collect())
    }

    /// Every class, also those that nobody may choose.
    pub fn storage_classes(&self) -> Result<Vec<StorageClass>, Error> {
        self.link.storage_classes()
    }

    /// Who provably owns it; nothing if nobody does, or if it is not there.
    pub fn owner_of(&self, id: &VolumeId) -> Option<OwnerKey> {
        let row = self.link.cache.rows(|rows| only(rows.all().iter(), id, Viewer::Admin)).ok()?.ok()?;
        row.owner.key().cloned()
    }

    pub fn volume(&self, id: &VolumeId) -> Result<VolumeDetail, Error> {
        let (row, classes) = self.link.cache.rows(|rows| (only(rows.all().iter(), id, Viewer::Admin), rows.classes()))?;
        let row = row?;
        Ok(VolumeDetail::of(&row, Viewer::Admin, &classes))
    }

    /// Moves when anything changes.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<Revision> {
        self.link.cache.all_changes()
    }
}

/// The one row with this id, among those that the viewer may see.
pub(crate) fn only<'a>(rows: impl Iterator<Item = &'a Arc<VolumeRow>>, id: &VolumeId, viewer: Viewer<'_>) -> Result<Arc<VolumeRow>, Error> {
    let mut found: Vec<_> = rows.filter(|row| row.claim.id() == *id).cloned().collect();
    match found.len() {
        0 | 1 => found.pop().ok_or(Error::NotFound),
        _ => Err(Error::Ambiguous {
            claims: found.iter().map(|row| row.claim.meta.name.to_string()).collect(),
            for_admin: match viewer {
                Viewer::Admin => true,
                Viewer::Owner(_) => false,
            },
        }),
    }
}
