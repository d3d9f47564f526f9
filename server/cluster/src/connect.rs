//! How does the portal reach the API server?

use crate::{error::Error, job::PodSettings};
use domain::{limits::PerPerson, storage_class::Classes};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use std::{path::PathBuf, time::Duration};

/// Where the cluster is and which namespace holds the volumes.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A kubeconfig file; without one, the service account of the pod that the portal runs in.
    pub kubeconfig: Option<PathBuf>,
    pub namespace: String,
    /// What the administrators say about classes.
    pub classes: Classes,
    /// And about the pods of tasks.
    pub pods: PodSettings,
    /// How long what is deleted can be restored; without it, a deletion is at once.
    pub trash: Option<Duration>,
    /// And about what one person may have.
    pub limits: PerPerson,
}

const CONNECT: Duration = Duration::from_secs(5);

/// Two clients, so that watches that stay open and people who wait never share limits.
pub(crate) struct Clients {
    pub(crate) watching: Client,
    pub(crate) acting: Client,
}

pub(crate) async fn clients(options: &Options) -> Result<Clients, Error> {
    let mut config = match &options.kubeconfig {
        Some(path) => from_file(path.clone()).await?,
        None => Config::incluster().map_err(Error::unexpected)?,
    };
    config.default_namespace.clone_from(&options.namespace);
    config.connect_timeout = Some(CONNECT);
    // kube would repeat every request, also a POST, for minutes (security, surprise 6). Each operation has its own deadline.
    config.default_retry = false;
    // A watch is silent for long; what cuts it is its own idle limit. For the rest the deadlines of the operations come
    // first, and this ends what they left behind.
    let mut acting = config.clone();
    acting.read_timeout = Some(crate::act::CREATE_DEADLINE);
    config.read_timeout = None;
    let client = |config| Client::try_from(config).map_err(Error::unexpected);
    Ok(Clients { watching: client(config)?, acting: client(acting)? })
}

async fn from_file(path: PathBuf) -> Result<Config, Error> {
    let file =
        tokio::task::spawn_blocking(move || Kubeconfig::read_from(path)).await.map_err(Error::unexpected)?.map_err(Error::unexpected)?;
    let names_a_proxy = file.clusters.iter().filter_map(|named| named.cluster.as_ref()).any(|cluster| cluster.proxy_url.is_some());
    let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await.map_err(Error::unexpected)?;
    // HTTPS_PROXY of the environment is for the identity provider; it must not come between portal and API server.
    if !names_a_proxy {
        config.proxy_url = None;
    }
    Ok(config)
}
