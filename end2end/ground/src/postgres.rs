//! Where do several portals keep what they share? A PostgreSQL server on loopback, as an ordinary user: it refuses to be root's.
use std::net::Ipv4Addr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;

use crate::packages::is_root;
use crate::starting::Starting;

pub(crate) const NAME: &str = "postgres";
/// May make roles: each test has one of its own.
const ROLE: &str = "stowage";
/// Who the server runs as where the ground is root's; Debian's package makes this user.
const USER: &str = "postgres";

/// The newest PostgreSQL's programs, where Debian puts them.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let version = |dir: &Path| dir.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let found = versions.map(|entry| entry.path()).filter(|dir| dir.join("bin/postgres").is_file());
    found.max_by_key(|dir| version(dir)).map(|dir| dir.join("bin"))
}

/// Starts it, and returns where it is once it answers.
pub(crate) async fn start(starting: &Starting<'_>, port: u16) -> Result<String> {
    let layout = starting.layout;
    let programs = programs().context("there is no PostgreSQL on this machine; Debian's package is postgresql")?;
    let password = HEXLOWER.encode(&rand::random::<[u8; 16]>());
    let dir = layout.postgres();
    let owner = prepare(&dir)?;
    let secret = dir.join("password");
    std::fs::write(&secret, &password)?;
    if let Some((user, group)) = owner {
        chown(&secret, Some(user), Some(group))?;
    }
    let as_owner = |program: &str| {
        let mut command = Command::new(programs.join(program));
        command.current_dir("/").env("LC_ALL", "C.UTF-8");
        if let Some((user, group)) = owner {
            command.uid(user).gid(group);
        }
        command
    };
    let mut initdb = as_owner("initdb");
    initdb.args(["--username", ROLE, "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync", "--pwfile"]).arg(&secret);
    let made = initdb.arg("--pgdata").arg(dir.join("data")).output().context("initdb cannot be run")?;
    if !made.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&made.stderr).trim());
    }
    std::fs::remove_file(&secret)?;
    let mut server = as_owner("postgres");
    server.arg("-D").arg(dir.join("data")).arg("-p").arg(port.to_string());
    // What a test leaves is gone with the ground, so nothing needs to reach the disk. Each portal has some connections.
    for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=400", "shared_buffers=32MB"] {
        server.args(["-c", setting]);
    }
    starting.start(NAME, server)?;
    let ready = || std::fs::read_to_string(layout.log(NAME)).is_ok_and(|log| log.contains("ready to accept connections"));
    starting.wait("PostgreSQL", async || ready()).await?;
    Ok(format!("postgres://{ROLE}:{password}@{}:{port}/postgres", Ipv4Addr::LOCALHOST))
}

/// The folder for its data, and whose it is if not ours.
fn prepare(dir: &Path) -> Result<Option<(u32, u32)>> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))?;
    if !is_root() {
        return Ok(None);
    }
    let people = std::fs::read_to_string("/etc/passwd")?;
    let line = people.lines().find(|line| line.split(':').next() == Some(USER));
    let mut fields = line.with_context(|| format!("there is no user {USER}"))?.split(':').skip(2);
    let mut number = || fields.next().and_then(|field| field.parse().ok()).context("/etc/passwd has a line without numbers");
    let (user, group) = (number()?, number()?);
    chown(dir, Some(user), Some(group))?;
    Ok(Some((user, group)))
}
