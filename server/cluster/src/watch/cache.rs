//! How do rows, revisions and health stay one picture? They change together, behind one lock that is held for moments.

use crate::{
    clock::now,
    error::Error,
    usage::Measured,
    watch::{
        FAILURES,
        health::{Health, WatchHealth},
        kept::{Kept, Kind},
        measured::Measuring,
        revision::{Concerned, Revision, Revisions},
        rows::Rows,
        tasks::TaskRow,
    },
};
use domain::owner::OwnerKey;
use std::{
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};
use tokio::sync::watch;

pub(crate) struct Cache {
    picture: RwLock<Picture>,
}

struct Picture {
    rows: Rows,
    watches: [WatchHealth; Kind::ALL.len()],
    revisions: Revisions,
    /// How often the code of a watch has failed.
    failures: u32,
}

impl Picture {
    fn watch<R: Kept>(&mut self) -> &mut WatchHealth {
        &mut self.watches[R::KIND as usize]
    }

    /// A good word on an open watch: `change` says whom it concerns. The end of an outage concerns everyone.
    fn heard<R: Kept>(&mut self, change: impl FnOnce(&mut Rows) -> Concerned) {
        let concerned = change(&mut self.rows);
        let objects = R::count(&self.rows);
        let watch = self.watch::<R>();
        watch.objects = objects;
        let recovered = watch.heard(now());
        self.revisions.moved(if recovered { &Concerned::Everyone } else { &concerned });
    }
}

impl Cache {
    pub(crate) fn new() -> Self {
        let watches = Kind::ALL.map(|kind| WatchHealth { kind: kind.plural(), ..WatchHealth::default() });
        Self { picture: RwLock::new(Picture { rows: Rows::default(), watches, revisions: Revisions::new(), failures: 0 }) }
    }

    // No code between lock and unlock can panic halfway through a change; a poisoned picture is still a whole one.
    fn read(&self) -> RwLockReadGuard<'_, Picture> {
        self.picture.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Picture> {
        self.picture.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything of this kind that is there; what is not among it is gone. An outage ends only with the watch that
    /// follows, or a missing right to watch would end and begin it at every attempt.
    pub(crate) fn replaced<R: Kept>(&self, all: impl IntoIterator<Item = R>) {
        let mut picture = self.write();
        R::replace(&mut picture.rows, all);
        let objects = R::count(&picture.rows);
        let watch = picture.watch::<R>();
        watch.objects = objects;
        watch.synced = true;
        watch.last_contact = Some(now());
        picture.revisions.moved(&Concerned::Everyone);
    }

    pub(crate) fn applied<R: Kept>(&self, row: R) {
        self.write().heard::<R>(|rows| row.apply(rows));
    }

    pub(crate) fn removed<R: Kept>(&self, row: &R) {
        self.write().heard::<R>(|rows| row.remove(rows));
    }

    pub(crate) fn forgotten<R: Kept>(&self, name: &str, uid: &str) {
        self.write().heard::<R>(|rows| R::forget(rows, name, uid));
    }

    /// The API server has spoken, of nothing in particular.
    pub(crate) fn contact<R: Kept>(&self) {
        self.write().heard::<R>(|_| Concerned::Nobody);
    }

    /// How full volumes are; `measuring` only if that is known anew.
    pub(crate) fn measured(&self, measured: &[Measured], measuring: Option<Measuring>) {
        let mut picture = self.write();
        let concerned = picture.rows.measured(measured, measuring);
        picture.revisions.moved(&concerned);
    }

    pub(crate) fn failed<R: Kept>(&self, error: &Error) {
        let mut picture = self.write();
        let began = picture.watch::<R>().failed(error, now());
        // Pages show since when the cluster is away, so the beginning of an outage is news.
        if began {
            picture.revisions.moved(&Concerned::Everyone);
        }
    }

    /// The code of this watch has failed; until it begins anew, nothing is heard.
    pub(crate) fn broke<R: Kept>(&self) {
        self.write().failures += 1;
        tracing::error!(kind = R::PLURAL, "the watch has failed by a fault of the portal and begins anew");
        self.failed::<R>(&Error::unexpected("a fault of the portal"));
    }

    pub(crate) fn health(&self) -> Health {
        let picture = self.read();
        Health { sound: picture.failures < FAILURES, ..Health::of(&picture.watches) }
    }

    /// Looks at the rows, if they have ever come.
    pub(crate) fn rows<T>(&self, look: impl FnOnce(&Rows) -> T) -> Result<T, Error> {
        let picture = self.read();
        if picture.watches.iter().all(|watch| watch.synced) {
            return Ok(look(&picture.rows));
        }
        let health = Health::of(&picture.watches);
        drop(picture);
        Err(health.readable().err().unwrap_or(Error::Unreachable { since: health.down_since, source: None }))
    }

    /// The tasks that were over when their Jobs were deleted, each once.
    pub(crate) fn departed(&self) -> Vec<Arc<TaskRow>> {
        self.write().rows.take_departed()
    }

    pub(crate) fn changes(&self, owner: &OwnerKey) -> watch::Receiver<Revision> {
        self.write().revisions.of(owner)
    }

    pub(crate) fn all_changes(&self) -> watch::Receiver<Revision> {
        self.read().revisions.of_all()
    }

    /// Waits until the rows show what is looked for, at most so long. Whoever waits gives up without an error: the
    /// write has happened, only its notice is late.
    pub(crate) async fn until_seen<T>(&self, at_most: Duration, mut look: impl FnMut(&Rows) -> Option<T>) -> Option<T> {
        let mut changes = self.all_changes();
        let seen = async {
            loop {
                changes.borrow_and_update();
                if let Ok(Some(found)) = self.rows(&mut look) {
                    return Some(found);
                }
                // The sender lives in this cache, so this ends only by a change or by the deadline.
                changes.changed().await.ok()?;
            }
        };
        tokio::time::timeout(at_most, seen).await.ok().flatten()
    }

    pub(crate) async fn synced(&self) {
        let mut changes = self.all_changes();
        loop {
            changes.borrow_and_update();
            if self.health().synced || changes.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{claim::ClaimRow, pods::PodRow};

    #[test]
    fn d_43_a_portal_whose_watches_fail_three_times_by_its_own_fault_is_not_sound() {
        let cache = Cache::new();
        cache.replaced::<PodRow>(vec![]);
        for is_sound in [true, true, false] {
            assert!(cache.health().sound);
            cache.broke::<ClaimRow>();
            assert_eq!(cache.health().sound, is_sound);
        }
        assert!(cache.health().down_since.is_some(), "pages say that they may be behind");
        cache.failed::<PodRow>(&Error::Slow);
        assert_eq!(cache.read().failures, 3, "an API server that is away is no fault of the portal");
    }
}
