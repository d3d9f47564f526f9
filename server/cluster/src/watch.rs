//! What is in the cluster now? One watch per kind for the whole portal; everybody reads its rows.
//!
//! | Module | Answers |
//! |---|---|
//! | [`follow`] | how is one kind kept up to date, through whatever happens to the connection |
//! | [`rows`] | what was seen, by owner, and whom does a change concern |
//! | [`tasks`] | the same of tasks |
//! | [`kept`] | how does each kind of object enter the rows, and leave them |
//! | [`measured`] | how full is each, as last measured |
//! | [`revision`] | has anything of mine changed |
//! | [`health`] | can what is shown be trusted, and since when not |
//! | [`restart`] | what if the code of a watch itself fails |
//! | [`cache`] | the three together behind one lock |

pub(crate) mod cache;
mod follow;
pub(crate) mod health;
pub(crate) mod kept;
pub(crate) mod measured;
mod restart;
pub(crate) mod revision;
pub(crate) mod rows;
pub(crate) mod tasks;

use crate::{claim::ClaimRow, events::EventRow, jobs::JobRow, pods::PodRow, quotas::QuotaRow, storage_classes::ClassRow};
use cache::Cache;
use kept::Kept;
use kube::Client;
use std::sync::Arc;
use tokio::task::JoinSet;

/// So many times the code of watches may have failed; then only a restart of the portal helps.
pub(crate) const FAILURES: u32 = restart::MOST;

/// Starts every watch. They end when the set is dropped.
pub(crate) fn start(client: &Client, namespace: &str, cache: &Arc<Cache>) -> JoinSet<()> {
    let mut watches = JoinSet::new();
    watches.spawn(kept_up::<ClassRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(kept_up::<ClaimRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(kept_up::<PodRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(kept_up::<EventRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(kept_up::<JobRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(kept_up::<QuotaRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches
}

async fn kept_up<R: Kept>(client: Client, namespace: String, cache: Arc<Cache>) {
    let begin = || follow::follow::<R>(client.clone(), namespace.clone(), Arc::clone(&cache));
    restart::kept_up(|| cache.broke::<R>(), begin).await;
}
