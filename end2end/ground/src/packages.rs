//! What does the node need from the system, and is it there?
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::binaries::run;
use crate::progress::step;

/// Program and the Debian package that holds it.
const PROGRAMS: [(&str, &str); 10] = [
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("runc", "runc"),
    ("ip", "iproute2"),
    ("mount", "mount"),
    ("umount", "mount"),
    ("losetup", "mount"),
    ("mountpoint", "util-linux"),
    ("mkfs.xfs", "xfsprogs"),
    ("xfs_growfs", "xfsprogs"),
];

const PLUGIN_DIRS: [&str; 2] = ["/usr/lib/cni", "/opt/cni/bin"];

pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(PathBuf::from));
    dirs.map(|dir| dir.join(name)).find(|candidate| candidate.is_file())
}

pub(crate) fn network_plugins() -> Option<PathBuf> {
    PLUGIN_DIRS.iter().map(PathBuf::from).find(|dir| dir.join("bridge").is_file() && dir.join("host-local").is_file())
}

/// A busybox that needs no library, since the image holds nothing else.
pub(crate) fn static_busybox() -> Option<PathBuf> {
    let path = program("busybox")?;
    let loader = b"/ld-linux";
    let dynamic = std::fs::read(&path).ok()?.windows(loader.len()).any(|window| window == loader);
    (!dynamic).then_some(path)
}

fn missing() -> Vec<&'static str> {
    let programs = PROGRAMS.iter().filter(|(name, _)| program(name).is_none()).map(|(_, package)| *package);
    let plugins = network_plugins().is_none().then_some("containernetworking-plugins");
    let busybox = static_busybox().is_none().then_some("busybox-static");
    let postgres = (crate::postgres::programs().is_none() || program("psql").is_none()).then_some("postgresql");
    let mut packages: Vec<_> = programs.chain(plugins).chain(busybox).chain(postgres).collect();
    packages.dedup();
    packages
}

/// Installs what a node needs. An error says what is missing where it cannot be installed.
pub(crate) async fn ensure() -> Result<()> {
    let packages = missing();
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("a node needs what Debian calls {names}; install them and run `ground up` again");
    }
    step(&format!("installing {names}"), async {
        // The package lists may be older than the packages' servers: refresh them only if they do not do.
        if install(&packages).await.is_err() {
            let mut update = Command::new("apt-get");
            update.args(["update", "--quiet"]);
            run(update).await?;
            install(&packages).await?;
        }
        Ok(())
    })
    .await
    .context("the node's packages cannot be installed")?;
    match missing().first() {
        None => Ok(()),
        Some(package) => bail!("{package} is installed, yet what it should hold is not there"),
    }
}

async fn install(packages: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    run(command).await
}
