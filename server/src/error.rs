//! Why can the portal not start? Everything later is a `Problem`.

use thiserror::Error;

#[derive(Debug, Error)]
pub enum Error {
    #[error(transparent)]
    Records(#[from] records::Error),
    #[error("the cluster configuration cannot be used")]
    Cluster(#[source] cluster::Error),
    #[error("the client for the identity provider could not be built")]
    Provider(#[source] reqwest::Error),
    #[error("the key for login cookies could not be used")]
    Key,
}
