//! How does a test get a portal of its own? In this process, on a free port, with records in memory.

use anyhow::{Context, Result};
use cluster::{Cluster, Options};
use ground::{FaultProxy, Ground, NAMESPACE, OwnProvider};
use records::Records;
use server::config::{Config, Layers};
use server::ending::{End, Ending};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;

/// Which provider the portal trusts.
pub struct Trust {
    pub issuer: String,
    pub client_secret: String,
}

impl From<&Ground> for Trust {
    fn from(ground: &Ground) -> Self {
        Self { issuer: ground.issuer().to_owned(), client_secret: ground.client_secret().to_owned() }
    }
}

impl From<&OwnProvider> for Trust {
    fn from(provider: &OwnProvider) -> Self {
        Self { issuer: provider.issuer().to_owned(), client_secret: provider.client_secret().to_owned() }
    }
}

/// Where a visitor goes.
pub trait Site {
    fn url(&self) -> &str;

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }
}

impl Site for Portal {
    fn url(&self) -> &str {
        &self.url
    }
}

pub struct Portal {
    pub url: String,
    pub address: SocketAddr,
    pub records: Records,
    pub cluster: Cluster,
    pub end: End,
    /// The path of every route, as the router itself tells.
    pub routes: BTreeSet<String>,
}

/// A place for a portal that is not there yet, for providers that must know its address first.
pub struct Place {
    listener: TcpListener,
    address: SocketAddr,
}

impl Place {
    pub async fn free() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        Ok(Self { address: listener.local_addr()?, listener })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub async fn portal(self, ground: &Ground, trust: Trust, settings: &[(&'static str, &str)]) -> Result<Portal> {
        let portal = self.start(ground.portal_kubeconfig().to_owned(), trust, settings).await?;
        tokio::time::timeout(Duration::from_secs(30), portal.cluster.synced()).await?;
        Ok(portal)
    }

    /// With a proxy on the way to the API server; it may be away, so nothing is waited for.
    pub async fn portal_via(self, ground: &Ground, trust: Trust, proxy: &FaultProxy) -> Result<Portal> {
        self.start(ground.portal_kubeconfig_via(proxy.address())?, trust, &[]).await
    }

    /// By this kubeconfig; it may lead nowhere, so nothing is waited for.
    pub async fn portal_by(self, kubeconfig: PathBuf, trust: Trust) -> Result<Portal> {
        self.start(kubeconfig, trust, &[]).await
    }

    async fn start(self, kubeconfig: PathBuf, trust: Trust, settings: &[(&'static str, &str)]) -> Result<Portal> {
        // Whoever installed one first did the same.
        let _logging = tracing_subscriber::fmt().with_env_filter("info,tower_sessions_core=error").with_test_writer().try_init();
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut layers = Layers::default();
        layers
            .flags([
                ("public_url", self.url()),
                ("oidc.issuer", trust.issuer),
                ("oidc.client_id", "stowage".to_owned()),
                ("oidc.client_secret", trust.client_secret),
                ("oidc.scopes", "openid profile email groups".to_owned()),
                ("kubernetes.namespace", NAMESPACE.to_owned()),
                // The only image that the ground has.
                ("tasks.image", "stowage.dev/busybox:1".to_owned()),
                ("files.image", ground::FILES.to_owned()),
                ("records.url", "sqlite::memory:".to_owned()),
            ])
            .flags(settings.iter().map(|(key, value)| (*key, (*value).to_owned())));
        let config = Config::try_from(&layers)?;
        let records = Records::open(config.records.url.reveal()).await?;
        let cluster = Cluster::connect(Options {
            kubeconfig: Some(kubeconfig),
            namespace: config.kubernetes.namespace.clone(),
            classes: config.classes.clone(),
            pods: config.tasks.pods(),
            trash: config.trash,
            limits: config.limits.per_person,
        })
        .await?;
        let (end, ending) = Ending::new();
        let router = server::build_until(&config, cluster.clone(), records.clone(), ending).await?;
        let routes = paths(&format!("{router:?}"));
        // Goes on accepting when the end begins, so that a test sees what a stopping portal answers.
        tokio::spawn(async move { axum::serve(self.listener, router.into_make_service_with_connect_info::<SocketAddr>()).await });
        Ok(Portal { url: format!("http://{}", self.address), address: self.address, records, cluster, end, routes })
    }
}

impl Portal {
    /// Trusts the ground's shared provider, which always behaves.
    pub async fn start() -> Result<Self> {
        let ground = Ground::current().await?;
        Place::free().await?.portal(&ground, Trust::from(&ground), &[]).await
    }

    /// With a provider of its own, which the test can make misbehave.
    pub async fn with_own_provider() -> Result<(Self, OwnProvider)> {
        let ground = Ground::current().await?;
        let provider = ground.own_provider(None).await.context("a provider of the test's own")?;
        let portal = Place::free().await?.portal(&ground, Trust::from(&provider), &[]).await?;
        Ok((portal, provider))
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// axum has no list of routes but in what it prints for debugging: `RouteId(7): "/volumes"`.
fn paths(router: &str) -> BTreeSet<String> {
    let quoted =
        router.split("RouteId(").filter_map(|rest| rest.split_once("): \"")).filter(|(id, _)| id.bytes().all(|b| b.is_ascii_digit()));
    quoted.filter_map(|(_, rest)| rest.split_once('"')).map(|(path, _)| path.to_owned()).collect()
}
