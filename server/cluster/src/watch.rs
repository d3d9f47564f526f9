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
//! | [`cache`] | the three together behind one lock |

pub(crate) mod cache;
mod follow;
pub(crate) mod health;
pub(crate) mod kept;
pub(crate) mod measured;
pub(crate) mod revision;
pub(crate) mod rows;
pub(crate) mod tasks;

use crate::{claim::ClaimRow, events::EventRow, jobs::JobRow, pods::PodRow, quotas::QuotaRow, storage_classes::ClassRow};
use cache::Cache;
use kube::Client;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Starts every watch. They end when the set is dropped.
pub(crate) fn start(client: &Client, namespace: &str, cache: &Arc<Cache>) -> JoinSet<()> {
    let mut watches = JoinSet::new();
    watches.spawn(follow::follow::<ClassRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(follow::follow::<ClaimRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(follow::follow::<PodRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(follow::follow::<EventRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(follow::follow::<JobRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches.spawn(follow::follow::<QuotaRow>(client.clone(), namespace.to_owned(), Arc::clone(cache)));
    watches
}
