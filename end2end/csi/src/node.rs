//! What does the kubelet ask? To mount a volume for its pods, to say how full it is, and to let its file system grow.
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use tonic::Status;

use crate::controller::service_capabilities;
use crate::messages::{
    NodeExpandVolumeRequest, NodeExpandVolumeResponse, NodeGetInfoResponse, NodeGetVolumeStatsRequest, NodeGetVolumeStatsResponse,
    NodePublishVolumeRequest, NodeStageVolumeRequest, NodeUnpublishVolumeRequest, NodeUnstageVolumeRequest, ServiceCapabilities,
    VolumeUsage,
};
use crate::mount;
use crate::volume::Volumes;

/// `NodeServiceCapability.RPC`: STAGE_UNSTAGE_VOLUME, GET_VOLUME_STATS, EXPAND_VOLUME, SINGLE_NODE_MULTI_WRITER
const CAPABILITIES: [i32; 4] = [1, 2, 3, 5];
/// `VolumeUsage.Unit`
const BYTES: i32 = 1;
const INODES: i32 = 2;

pub(crate) fn capabilities() -> ServiceCapabilities {
    service_capabilities(&CAPABILITIES)
}

pub(crate) fn info(node: &str) -> NodeGetInfoResponse {
    NodeGetInfoResponse { node_id: node.to_owned() }
}

/// A path that may be mounted at: the specification leaves it to the caller, yet an empty one would be our directory.
fn place(path: &str) -> Result<&Path, Status> {
    let path = Path::new(path);
    if path.is_absolute() { Ok(path) } else { Err(Status::invalid_argument("a path is missing")) }
}

/// Once for each volume, whatever the number of its pods.
pub(crate) async fn stage(volumes: Arc<Volumes>, request: NodeStageVolumeRequest) -> Result<(), Status> {
    let disk = volumes.disk(&request.volume_id)?;
    let flags = request.volume_capability.and_then(|capability| capability.mount).unwrap_or_default().mount_flags;
    mount::mount_disk(&disk, place(&request.staging_target_path)?, &flags).await
}

pub(crate) async fn unstage(request: NodeUnstageVolumeRequest) -> Result<(), Status> {
    mount::unmount(place(&request.staging_target_path)?).await
}

pub(crate) async fn publish(request: NodePublishVolumeRequest) -> Result<(), Status> {
    mount::bind(place(&request.staging_target_path)?, place(&request.target_path)?, request.readonly).await
}

pub(crate) async fn unpublish(request: NodeUnpublishVolumeRequest) -> Result<(), Status> {
    let target = place(&request.target_path)?;
    mount::unmount(target).await?;
    match fs::remove_dir(target) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(Status::internal(cause.to_string())),
        Ok(()) | Err(_) => Ok(()),
    }
}

pub(crate) fn stats(request: &NodeGetVolumeStatsRequest) -> Result<NodeGetVolumeStatsResponse, Status> {
    let found = rustix::fs::statvfs(place(&request.volume_path)?).map_err(|cause| Status::not_found(cause.to_string()))?;
    let usage = |total: u64, free: u64, available: u64, unit: u64, kind: i32| {
        let signed = |count: u64| i64::try_from(count.saturating_mul(unit)).unwrap_or(i64::MAX);
        VolumeUsage { total: signed(total), used: signed(total.saturating_sub(free)), available: signed(available), unit: kind }
    };
    Ok(NodeGetVolumeStatsResponse {
        usage: vec![
            usage(found.f_blocks, found.f_bfree, found.f_bavail, found.f_frsize, BYTES),
            usage(found.f_files, found.f_ffree, found.f_favail, 1, INODES),
        ],
    })
}

pub(crate) async fn expand(volumes: Arc<Volumes>, request: NodeExpandVolumeRequest) -> Result<NodeExpandVolumeResponse, Status> {
    let disk = volumes.disk(&request.volume_id)?;
    let device = mount::device(&disk).await?;
    let device = device.ok_or_else(|| Status::failed_precondition("the volume is not mounted on this node"))?;
    mount::grow(&device, place(&request.volume_path)?).await?;
    let size = fs::metadata(disk).map_err(|cause| Status::internal(cause.to_string()))?.len();
    Ok(NodeExpandVolumeResponse { capacity_bytes: i64::try_from(size).unwrap_or(i64::MAX) })
}
