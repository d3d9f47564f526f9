//! The running ground, as tests of other crates see it.
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;

use crate::api::Api;
use crate::certificates::ADMIN;
use crate::kubeconfig::{self, PORTAL};
use crate::layout::Layout;
use crate::manifests;
use crate::own_provider::OwnProvider;
use crate::own_records::OwnRecords;
use crate::state::State;
use crate::up::admin_api;

/// A new namespace has no service account for a moment, and no pod may be created without one.
const NEW_NAMESPACE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Ground {
    layout: Layout,
    state: State,
    address: SocketAddr,
    admin: Api,
    portal_kubeconfig: PathBuf,
    admin_kubeconfig: PathBuf,
    audit_log: PathBuf,
}

impl Ground {
    /// The running ground of this workspace (or of `GROUND_DIR`); otherwise an error that says how to start it.
    pub async fn current() -> Result<Self> {
        Self::of(Layout::new(&Layout::default_dir())?).await
    }

    async fn of(layout: Layout) -> Result<Self> {
        let Some(state) = State::read(&layout)? else {
            bail!("no ground is running in {}; start it with `cargo run -p ground -- up`", layout.dir().display());
        };
        if !state.all_up() {
            bail!("a part of the ground in {} has ended; run `ground status`, then `ground up`", layout.dir().display());
        }
        let address = state.api.context("only the identity provider is running; start the rest with `ground up`")?;
        let admin = admin_api(&layout, address)?;
        admin.get_text("/readyz").await.context("the ground's API server is not ready")?;
        Ok(Self {
            admin,
            portal_kubeconfig: layout.kubeconfig(PORTAL),
            admin_kubeconfig: layout.kubeconfig(ADMIN),
            audit_log: layout.audit_log(),
            layout,
            state,
            address,
        })
    }

    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    pub fn client_id(&self) -> &str {
        &self.state.client_id
    }

    pub fn client_secret(&self) -> &str {
        &self.state.client_secret
    }

    /// As the portal's service account.
    pub fn portal_kubeconfig(&self) -> &Path {
        &self.portal_kubeconfig
    }

    pub fn admin_kubeconfig(&self) -> &Path {
        &self.admin_kubeconfig
    }

    pub fn api_address(&self) -> SocketAddr {
        self.address
    }

    /// Acts as a member of system:masters.
    pub fn admin(&self) -> &Api {
        &self.admin
    }

    /// One JSON object a line for each answered request, written before the answer is.
    pub fn audit_log(&self) -> &Path {
        &self.audit_log
    }

    /// Empty records on the ground's PostgreSQL, which only this test has.
    pub async fn own_records(&self) -> Result<OwnRecords> {
        let url = self.state.postgres.as_deref();
        OwnRecords::make(url.context("the ground has no PostgreSQL; end it with `ground down`, then `ground up`")?).await
    }

    /// A kubeconfig of the portal's that reaches the API server through `address`, such as a [`crate::FaultProxy`]'s.
    pub fn portal_kubeconfig_via(&self, address: SocketAddr) -> Result<PathBuf> {
        kubeconfig::write_portal_via(&self.layout, address)
    }

    /// A fresh namespace named `prefix-xxxxxx`, restricted like `stowage-work` and without its quota, where the portal
    /// has its rights. It stays until it is deleted or the ground goes down.
    pub async fn namespace(&self, prefix: &str) -> Result<Namespace> {
        let name = format!("{prefix}-{}", HEXLOWER.encode(&rand::random::<[u8; 3]>()));
        manifests::apply_namespace(&self.admin, &name).await?;
        let account = format!("/api/v1/namespaces/{name}/serviceaccounts/default");
        self.admin.wait_until(&account, NEW_NAMESPACE, |account| !account.is_null()).await?;
        Ok(Namespace { name, admin: self.admin.clone() })
    }

    /// The admission policies that the portal ships with, for this namespace alone. Returns their addresses: they belong to no
    /// namespace, so whoever applied them deletes them.
    pub async fn apply_policies(&self, namespace: &Namespace) -> Result<Vec<String>> {
        manifests::apply_policies(&self.admin, namespace.name()).await
    }

    /// Whether the API server would take these manifests; nothing is applied.
    pub async fn try_apply(&self, manifests: &str) -> Result<()> {
        manifests::try_apply(&self.admin, manifests).await
    }

    /// An identity provider of the test's own, which may misbehave without disturbing other tests. It announces
    /// sign-outs to `backchannel`, if given.
    pub async fn own_provider(&self, backchannel: Option<&str>) -> Result<OwnProvider> {
        OwnProvider::start(&self.layout, backchannel).await
    }
}

#[derive(Debug)]
pub struct Namespace {
    name: String,
    admin: Api,
}

impl Namespace {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `/api/v1/namespaces/<name>/<rest>`
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/namespaces/{}/{rest}", self.name)
    }

    /// Returns at once; the namespace is gone some seconds later.
    pub async fn delete(self) -> Result<()> {
        self.admin.delete(&format!("/api/v1/namespaces/{}", self.name)).await?;
        Ok(())
    }
}
