//! What do the provisioner and the resizer ask? To make, remove and enlarge volumes.
use std::sync::Arc;

use tonic::Status;

use crate::messages::{
    Confirmed, ControllerExpandVolumeRequest, ControllerExpandVolumeResponse, CreateVolumeRequest, CreateVolumeResponse,
    DeleteVolumeRequest, Kind, ServiceCapabilities, ServiceCapability, ValidateVolumeCapabilitiesRequest,
    ValidateVolumeCapabilitiesResponse, Volume, VolumeCapability,
};
use crate::volume::Volumes;

/// `ControllerServiceCapability.RPC`: CREATE_DELETE_VOLUME, EXPAND_VOLUME, SINGLE_NODE_MULTI_WRITER
const CAPABILITIES: [i32; 3] = [1, 9, 13];
/// `VolumeCapability.AccessMode`: SINGLE_NODE_WRITER, SINGLE_NODE_READER_ONLY, SINGLE_NODE_SINGLE_WRITER and
/// SINGLE_NODE_MULTI_WRITER; all others have several nodes.
const ONE_NODE: [i32; 4] = [1, 2, 6, 7];

pub(crate) fn service_capabilities(numbers: &[i32]) -> ServiceCapabilities {
    let capability = |number: &i32| ServiceCapability { rpc: Some(Kind { number: *number }) };
    ServiceCapabilities { capabilities: numbers.iter().map(capability).collect() }
}

pub(crate) fn capabilities() -> ServiceCapabilities {
    service_capabilities(&CAPABILITIES)
}

/// What cannot be had, if anything.
fn refusal(capabilities: &[VolumeCapability]) -> Option<&'static str> {
    if capabilities.is_empty() {
        return Some("how the volume is to be used is missing");
    }
    capabilities.iter().find_map(|capability| {
        let mode = capability.access_mode.unwrap_or_default().number;
        if capability.block.is_some() {
            Some("these volumes hold a file system and cannot be block devices")
        } else if !ONE_NODE.contains(&mode) {
            Some("these volumes are on one node's disk and cannot be used from several nodes")
        } else {
            let asked = capability.mount.as_ref().map(|mount| mount.fs_type.as_str()).unwrap_or_default();
            (!matches!(asked, "" | "xfs")).then_some("these volumes are made with file system xfs only")
        }
    })
}

pub(crate) async fn create(volumes: Arc<Volumes>, request: CreateVolumeRequest) -> Result<CreateVolumeResponse, Status> {
    if let Some(refusal) = refusal(&request.volume_capabilities) {
        return Err(Status::invalid_argument(refusal));
    }
    let range = request.capacity_range.unwrap_or_default();
    let capacity_bytes = volumes.create(&request.name, range, &request.parameters).await?;
    Ok(CreateVolumeResponse { volume: Some(Volume { capacity_bytes, volume_id: request.name }) })
}

pub(crate) async fn delete(volumes: Arc<Volumes>, request: DeleteVolumeRequest) -> Result<(), Status> {
    volumes.delete(&request.volume_id).await
}

pub(crate) async fn expand(
    volumes: Arc<Volumes>,
    request: ControllerExpandVolumeRequest,
) -> Result<ControllerExpandVolumeResponse, Status> {
    let capacity_bytes = volumes.expand(&request.volume_id, request.capacity_range.unwrap_or_default()).await?;
    Ok(ControllerExpandVolumeResponse { capacity_bytes, node_expansion_required: true })
}

pub(crate) async fn validate(
    volumes: Arc<Volumes>,
    request: ValidateVolumeCapabilitiesRequest,
) -> Result<ValidateVolumeCapabilitiesResponse, Status> {
    volumes.disk(&request.volume_id)?;
    Ok(match refusal(&request.volume_capabilities) {
        Some(refusal) => ValidateVolumeCapabilitiesResponse { confirmed: None, message: refusal.to_owned() },
        None => {
            let confirmed = Confirmed { volume_capabilities: request.volume_capabilities };
            ValidateVolumeCapabilitiesResponse { confirmed: Some(confirmed), message: String::new() }
        }
    })
}
