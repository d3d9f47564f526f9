//! How does a ground come up? As much as possible at the same time; what a dead one left is cleared away first.
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::api::Api;
use crate::binaries::Binaries;
use crate::cache::Cache;
use crate::certificates::{self, ADMIN};
use crate::layout::Layout;
use crate::network::Subnet;
use crate::progress::words;
use crate::starting::Starting;
use crate::state::{Extent, State};
use crate::teardown::teardown;
use crate::{
    cgroups, control_plane, csi, dns, image, kubeconfig, manifests, network, node, packages, postgres, provider, provisioner, registry,
};

const TOKEN_LIFETIME_SECONDS: u32 = 30 * 24 * 60 * 60;

/// What `extent` needs, all of it made and installed.
struct Parts {
    provider: PathBuf,
    /// None when only the identity provider is wanted.
    binaries: Option<Binaries>,
    /// The images' archive; none without a node.
    images: Option<PathBuf>,
}

struct Ports {
    api: u16,
    etcd: u16,
    etcd_peer: u16,
    kubelet: u16,
    provider: u16,
    records: u16,
}

/// Brings the ground up; harmless if it is up already. `only` starts no more than that.
pub async fn up(layout: &Layout, only: Option<Extent>) -> Result<()> {
    let begin = Instant::now();
    let cache = Cache::open()?;
    let _held = registry::hold(&cache, layout).await?;
    let possible = if packages::is_root() { Extent::Whole } else { Extent::ControlPlane };
    let extent = only.map_or(possible, |only| only.min(possible));
    if let Ok(Some(state)) = State::read(layout)
        && state.extent >= extent
        && state.all_up()
    {
        println!("already running in {}", layout.dir().display());
        return Ok(());
    }
    registry::sweep(&cache, layout)?;
    teardown(layout)?;
    if extent == Extent::ControlPlane {
        println!(
            "Without root there is no node. Missing: containerd and the kubelet. What still works: the API server and \
             its controllers; claims stay Pending and pods are never scheduled."
        );
    }
    let parts = Parts::prepare(&cache, extent).await?;

    registry::enter(&cache, layout)?;
    let start = Instant::now();
    if let Err(cause) = bring_up(layout, extent, &parts).await {
        // What came up is of no use; the logs stay.
        teardown(layout).context("and what had come up could not be ended")?;
        return Err(cause);
    }
    println!("up in {} (of {} in all): {}", words(start.elapsed()), words(begin.elapsed()), layout.dir().display());
    Ok(())
}

/// Ends the ground and removes its data; the logs stay. Harmless if it is down already.
pub async fn down(layout: &Layout) -> Result<()> {
    let cache = Cache::open()?;
    let _held = registry::hold(&cache, layout).await?;
    teardown(layout)?;
    registry::leave(&cache, layout)
}

impl Parts {
    async fn prepare(cache: &Cache, extent: Extent) -> Result<Self> {
        let provider = provider::install(cache).await?;
        let binaries = match extent {
            Extent::Provider => None,
            Extent::ApiServer | Extent::ControlPlane | Extent::Whole => Some(Binaries::build(cache).await?),
        };
        let images = match extent {
            Extent::Provider | Extent::ApiServer | Extent::ControlPlane => None,
            Extent::Whole => {
                packages::ensure().await?;
                Some(image::pack(cache).await?)
            }
        };
        Ok(Self { provider, binaries, images })
    }
}

async fn bring_up(layout: &Layout, extent: Extent, parts: &Parts) -> Result<()> {
    if layout.logs().exists() {
        std::fs::remove_dir_all(layout.logs())?;
    }
    for dir in [layout.join("config"), layout.join("data"), layout.logs(), layout.run()] {
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    let [api, etcd, etcd_peer, kubelet, provider, records] = network::free_ports()?;
    let ports = Ports { api, etcd, etcd_peer, kubelet, provider, records };
    let client_secret = HEXLOWER.encode(&rand::random::<[u8; 16]>());
    let starting = Starting::new(layout);

    let identity = start_provider(&starting, parts, &ports, &client_secret);
    // Measurements that want an API server alone want nothing else.
    let records = async {
        let wanted = extent == Extent::Whole || (extent == Extent::ControlPlane && postgres::programs().is_some());
        if wanted { postgres::start(&starting, ports.records).await.map(Some) } else { Ok(None) }
    };
    let postgres = match &parts.binaries {
        Some(binaries) => {
            let cluster = start_cluster(&starting, extent, binaries, parts.images.as_deref(), &ports);
            tokio::try_join!(identity, cluster, records)?.2
        }
        None => tokio::try_join!(identity, records)?.1,
    };
    starting.check()?;
    let state = State {
        extent,
        components: starting.components(jiff::Timestamp::now()),
        api: parts.binaries.as_ref().map(|_| address(ports.api)),
        issuer: provider::issuer(ports.provider),
        client_id: provider::CLIENT_ID.to_owned(),
        client_secret,
        postgres,
    };
    state.write(layout)
}

fn address(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

async fn start_provider(starting: &Starting<'_>, parts: &Parts, ports: &Ports, secret: &str) -> Result<()> {
    let mut command = provider::command(starting.layout, &parts.provider, ports.provider, secret)?;
    // Told of every sign-out, for whoever runs one portal at a known address.
    if let Some(uri) = std::env::var_os("GROUND_BACKCHANNEL_LOGOUT_URI") {
        command.env(provider::BACKCHANNEL, uri);
    }
    starting.start("provider", command)?;
    let client = provider::client()?;
    let issuer = provider::issuer(ports.provider);
    starting.wait("identity provider", async || provider::answers(&client, &issuer).await).await
}

async fn start_cluster(
    starting: &Starting<'_>,
    extent: Extent,
    binaries: &Binaries,
    images: Option<&std::path::Path>,
    ports: &Ports,
) -> Result<()> {
    let layout = starting.layout;
    let subnet = network::choose_subnet(layout)?;
    certificates::write(layout, subnet)?;
    kubeconfig::write_users(layout, address(ports.api))?;
    let api = admin_api(layout, address(ports.api))?;

    let control_plane = async {
        start_api_server(starting, binaries, ports, subnet, &api).await?;
        if extent == Extent::ApiServer {
            return Ok(());
        }
        starting.start("kube-controller-manager", control_plane::controller_manager(binaries, layout))?;
        starting.start("kube-scheduler", control_plane::scheduler(binaries, layout))
    };
    let Some(images) = images else {
        control_plane.await?;
        return prepare_cluster(layout, &api, ports).await;
    };
    starting.start("loop-csi", csi::driver(layout)?)?;
    tokio::try_join!(control_plane, start_containerd(starting, images, subnet))?;
    starting.start("kubelet", node::kubelet(binaries, layout, ports.kubelet, subnet)?)?;
    tokio::try_join!(
        async {
            prepare_cluster(layout, &api, ports).await?;
            starting.start("dns", dns::server(binaries, layout, subnet)?)?;
            start_provisioners(starting, binaries).await?;
            starting.wait("names", async || says(layout, "dns", dns::SERVES)).await
        },
        starting.wait("node", async || node_is_ready(&api).await),
        starting.wait("volumes on the node", async || csi::is_registered(&api).await),
    )?;
    Ok(())
}

pub(crate) fn admin_api(layout: &Layout, address: SocketAddr) -> Result<Api> {
    Api::new(address, &layout.certificate("ca"), &layout.certificate(ADMIN), &layout.key(ADMIN))
}

async fn start_api_server(starting: &Starting<'_>, binaries: &Binaries, ports: &Ports, subnet: Subnet, api: &Api) -> Result<()> {
    let layout = starting.layout;
    starting.start("etcd", control_plane::etcd(binaries, layout, ports.etcd, ports.etcd_peer))?;
    starting.start("kube-apiserver", control_plane::api_server(binaries, layout, ports.api, ports.etcd, subnet)?)?;
    starting.wait("API server", async || api.get_text("/readyz").await.is_ok()).await
}

async fn start_containerd(starting: &Starting<'_>, images: &std::path::Path, subnet: Subnet) -> Result<()> {
    let layout = starting.layout;
    network::make_bridge(layout, subnet)?;
    cgroups::make(layout)?;
    starting.start("containerd", node::containerd(layout, subnet)?)?;
    starting.wait("containerd", async || node::containerd_answers(layout).await).await?;
    node::import_images(layout, images).await
}

/// The objects that are there from the start, and the portal's way in.
async fn prepare_cluster(layout: &Layout, api: &Api, ports: &Ports) -> Result<()> {
    manifests::apply_all(api).await?;
    let request = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": { "expirationSeconds": TOKEN_LIFETIME_SECONDS },
    });
    let path = "/api/v1/namespaces/stowage-system/serviceaccounts/stowage/token";
    let answer = api.post(path, &request).await.context("no token for the portal")?;
    let token = answer.pointer("/status/token").and_then(Value::as_str).context("the portal's token is empty")?;
    kubeconfig::write_portal(layout, address(ports.api), token)
}

async fn start_provisioners(starting: &Starting<'_>, binaries: &Binaries) -> Result<()> {
    let layout = starting.layout;
    starting.start("local-path-provisioner", provisioner::local_path(binaries, layout)?)?;
    starting.start("csi-provisioner", csi::provisioner(binaries, layout))?;
    starting.start("csi-resizer", csi::resizer(binaries, layout))?;
    let serve = || {
        says(layout, "local-path-provisioner", provisioner::SERVES)
            && says(layout, "csi-provisioner", csi::PROVISIONER_SERVES)
            && says(layout, "csi-resizer", csi::RESIZER_SERVES)
    };
    starting.wait("provisioners", async || serve()).await
}

/// Whether these words are in a component's log.
fn says(layout: &Layout, name: &str, words: &str) -> bool {
    std::fs::read_to_string(layout.log(name)).is_ok_and(|text| text.contains(words))
}

/// Ready, and no longer marked as not ready, so that a pod can be scheduled at once.
async fn node_is_ready(api: &Api) -> bool {
    let Ok(node) = api.get(&format!("/api/v1/nodes/{}", node::NAME)).await else { return false };
    let conditions = node.pointer("/status/conditions").and_then(Value::as_array);
    let ready = |condition: &Value| condition["type"] == "Ready" && condition["status"] == "True";
    conditions.is_some_and(|conditions| conditions.iter().any(ready)) && node.pointer("/spec/taints").is_none()
}
