//! Who is this driver? Asked by everyone who connects, and by the kubelet when it finds the socket.
use tonic::Status;

use crate::messages::{GetPluginCapabilitiesResponse, GetPluginInfoResponse, Kind, PluginCapability, PluginInfo, RegistrationStatus};

/// Named as `provisioner` in storage classes.
pub const DRIVER: &str = "loop.csi.stowage.dev";

/// `PluginCapability.Service.CONTROLLER_SERVICE`
const CONTROLLER_SERVICE: Kind = Kind { number: 1 };
/// `PluginCapability.VolumeExpansion.ONLINE`
const ONLINE: Kind = Kind { number: 1 };

pub(crate) fn plugin_info() -> GetPluginInfoResponse {
    GetPluginInfoResponse { name: DRIVER.to_owned(), vendor_version: env!("CARGO_PKG_VERSION").to_owned() }
}

pub(crate) fn capabilities() -> GetPluginCapabilitiesResponse {
    GetPluginCapabilitiesResponse {
        capabilities: vec![
            PluginCapability { service: Some(CONTROLLER_SERVICE), volume_expansion: None },
            PluginCapability { service: None, volume_expansion: Some(ONLINE) },
        ],
    }
}

/// The kubelet speaks CSI on the socket where it asks.
pub(crate) fn registration(socket: &str) -> PluginInfo {
    PluginInfo {
        plugin_type: "CSIPlugin".to_owned(),
        name: DRIVER.to_owned(),
        endpoint: socket.to_owned(),
        supported_versions: vec!["1.0.0".to_owned()],
    }
}

pub(crate) fn registered(status: &RegistrationStatus) -> Result<(), Status> {
    if status.plugin_registered {
        println!("registered with the kubelet");
    } else {
        println!("the kubelet refused: {}", status.error);
    }
    Ok(())
}
