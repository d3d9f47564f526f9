//! A real Kubernetes cluster and a real OpenID provider on this machine, for tests and the demo.
//!
//! `ground up` starts them; tests find them with [`Ground::current`].
mod api;
mod binaries;
mod browser;
mod cache;
mod certificates;
mod cgroups;
mod control_plane;
mod csi;
mod environment;
mod fault_proxy;
mod ground;
mod image;
mod kubeconfig;
mod layout;
mod loops;
mod manifests;
mod mounts;
mod network;
mod node;
mod own_provider;
mod packages;
mod pods;
mod process;
mod progress;
mod provider;
mod provisioner;
mod registry;
mod starting;
mod state;
mod teardown;
mod up;

pub use api::{Api, ApiError};
pub use browser::{Browser, sign_in};
pub use csi::serve as serve_csi;
pub use environment::environment;
pub use fault_proxy::FaultProxy;
pub use ground::{Ground, Namespace};
pub use image::BUSYBOX;
pub use layout::Layout;
pub use manifests::NAMESPACE;
pub use own_provider::OwnProvider;
pub use pods::Work;
pub use process::Process;
pub use state::{Component, Extent, State};
pub use up::{down, up};
