//! How does a file become a disk with a file system, and where is it mounted? By the programs that every node has.
//!
//! The file system is XFS, because it grows while it is mounted for whoever may mount it. ext4 asks for the right to
//! exceed limits of resources (CAP_SYS_RESOURCE) as well, which containers and many CI machines are not given.
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Output, Stdio};

use tokio::process::Command;
use tonic::Status;

async fn output(program: &str, arguments: &[&OsStr]) -> Result<Output, Status> {
    let mut command = Command::new(program);
    // The programs of administrators are not on everyone's path.
    let path = std::env::var("PATH").unwrap_or_default();
    command.args(arguments).env("PATH", format!("{path}:/usr/sbin:/sbin")).env("LC_ALL", "C").stdin(Stdio::null());
    // Below 300 MiB mkfs.xfs works only for tests, which say so like this.
    command.envs([("TEST_DIR", "1"), ("TEST_DEV", "1"), ("QA_CHECK_FS", "1")]);
    command.output().await.map_err(|cause| Status::internal(format!("cannot run {program}: {cause}")))
}

async fn run(program: &str, arguments: &[&OsStr]) -> Result<String, Status> {
    let output = output(program, arguments).await?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Status::internal(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

fn text(text: &str) -> &OsStr {
    OsStr::new(text)
}

pub(crate) async fn make_file_system(disk: &Path) -> Result<(), Status> {
    // The smallest journal, since the usual 64 MiB are more than many of these volumes have.
    let options = ["-q", "-f", "-m", "reflink=0,rmapbt=0", "-l", "size=4m"].map(text);
    run("mkfs.xfs", &[&options[..], &[disk.as_os_str()]].concat()).await?;
    Ok(())
}

/// The loop device of a disk that is mounted.
pub(crate) async fn device(disk: &Path) -> Result<Option<String>, Status> {
    let found = run("losetup", &[text("--associated"), disk.as_os_str(), text("--noheadings"), text("--output=NAME")]).await?;
    Ok(found.lines().next().map(|line| line.trim().to_owned()))
}

async fn is_mounted(at: &Path) -> Result<bool, Status> {
    Ok(output("mountpoint", &[text("--quiet"), at.as_os_str()]).await?.status.success())
}

/// With a loop device that goes away with its mount.
pub(crate) async fn mount_disk(disk: &Path, at: &Path, flags: &[String]) -> Result<(), Status> {
    std::fs::create_dir_all(at).map_err(|cause| Status::internal(cause.to_string()))?;
    if is_mounted(at).await? {
        return Ok(());
    }
    let options = [&["loop".to_owned()], flags].concat().join(",");
    run("mount", &[text("-t"), text("xfs"), text("-o"), text(&options), disk.as_os_str(), at.as_os_str()]).await?;
    Ok(())
}

pub(crate) async fn bind(from: &Path, to: &Path, readonly: bool) -> Result<(), Status> {
    std::fs::create_dir_all(to).map_err(|cause| Status::internal(cause.to_string()))?;
    if is_mounted(to).await? {
        return Ok(());
    }
    let options = if readonly { "bind,ro" } else { "bind" };
    run("mount", &[text("-o"), text(options), from.as_os_str(), to.as_os_str()]).await?;
    Ok(())
}

pub(crate) async fn unmount(at: &Path) -> Result<(), Status> {
    if is_mounted(at).await? {
        run("umount", &[at.as_os_str()]).await?;
    }
    Ok(())
}

/// Lets the device see how large its file has become, then the file system how large its device has.
pub(crate) async fn grow(device: &str, at: &Path) -> Result<(), Status> {
    run("losetup", &[text("--set-capacity"), text(device)]).await?;
    run("xfs_growfs", &[text("-d"), at.as_os_str()]).await?;
    Ok(())
}
