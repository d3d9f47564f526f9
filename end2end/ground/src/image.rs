//! What do the pods run? Two images made from the system's static busybox, and the portal's own for the files of volumes, since no
//! registry is at hand.
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};
use tokio::process::Command;

use crate::binaries::run;
use crate::cache::Cache;
use crate::layout::fingerprint;
use crate::packages::static_busybox;
use crate::progress::step;

/// For pods: a shell and its tools, and the unprivileged user 1000.
pub const BUSYBOX: &str = "stowage.dev/busybox:1";
/// For the portal's pods that look into volumes: one static program and nothing else.
pub const FILES: &str = "stowage.dev/files:1";
/// Holds a pod's namespaces open; ends at once when told to.
pub(crate) const PAUSE: &str = "stowage.dev/pause:1";

const FILES_PROGRAM: &str = "stowage-files";
const WAIT: &str = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done";
/// Part of the cache's key: raise it when this file changes what is in the images.
const EDITION: &str = "2";

fn put(tar: &mut Builder<Vec<u8>>, kind: EntryType, path: &str, mode: u32, bytes: &[u8]) -> Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(bytes.len().try_into()?);
    tar.append_data(&mut header, path, bytes).with_context(|| format!("cannot pack {path}"))
}

fn link(tar: &mut Builder<Vec<u8>>, path: &str, target: &str) -> Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Symlink);
    header.set_mode(0o777);
    header.set_size(0);
    header.set_mtime(0);
    tar.append_link(&mut header, path, target).with_context(|| format!("cannot pack {path}"))
}

fn layer<'a>(busybox: &[u8], applets: impl Iterator<Item = &'a str>) -> Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for (dir, mode) in [("bin/", 0o755), ("etc/", 0o755), ("home/", 0o755), ("home/user/", 0o777), ("tmp/", 0o1777)] {
        put(&mut tar, EntryType::Directory, dir, mode, &[])?;
    }
    put(&mut tar, EntryType::Regular, "bin/busybox", 0o755, busybox)?;
    for applet in applets.filter(|applet| *applet != "busybox") {
        link(&mut tar, &format!("bin/{applet}"), "busybox")?;
    }
    let passwd = "root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n";
    put(&mut tar, EntryType::Regular, "etc/passwd", 0o644, passwd.as_bytes())?;
    put(&mut tar, EntryType::Regular, "etc/group", 0o644, b"root:x:0:\nuser:x:1000:\n")?;
    Ok(tar.into_inner()?)
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn config(layer: &[u8], command: &[&str]) -> Value {
    json!({
        "architecture": architecture(),
        "os": "linux",
        "created": "2020-01-01T00:00:00Z",
        "config": { "Env": ["PATH=/bin"], "Cmd": command, "WorkingDir": "/" },
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(layer)))] },
    })
}

/// A docker-archive that holds all images; those of busybox share their layer.
fn archive<'a>(busybox: &[u8], applets: impl Iterator<Item = &'a str>, files: &[u8]) -> Result<Vec<u8>> {
    let tools = layer(busybox, applets)?;
    let mut alone = Builder::new(Vec::new());
    put(&mut alone, EntryType::Regular, FILES_PROGRAM, 0o755, files)?;
    let alone = alone.into_inner()?;
    let mut tar = Builder::new(Vec::new());
    let layers = [("layer.tar", tools.as_slice()), ("files.tar", alone.as_slice())];
    for (file, layer) in layers {
        put(&mut tar, EntryType::Regular, file, 0o644, layer)?;
    }
    let [tools, alone] = layers;
    let mut manifest = Vec::new();
    for (name, (file, layer), command) in
        [(BUSYBOX, tools, &["/bin/sh"][..]), (PAUSE, tools, &["/bin/sh", "-c", WAIT][..]), (FILES, alone, &["/stowage-files", "hold"][..])]
    {
        let config = serde_json::to_vec(&config(layer, command))?;
        let named = format!("{}.json", HEXLOWER.encode(&Sha256::digest(&config)));
        put(&mut tar, EntryType::Regular, &named, 0o644, &config)?;
        manifest.push(json!({ "Config": named, "RepoTags": [name], "Layers": [file] }));
    }
    put(&mut tar, EntryType::Regular, "manifest.json", 0o644, &serde_json::to_vec(&manifest)?)?;
    Ok(tar.into_inner()?)
}

/// The program for the files of volumes, static: its image holds no library. In a directory of its own, so that its flags build
/// nothing else anew.
async fn files_program() -> Result<Vec<u8>> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let target = root.join("target/files");
    let mut cargo = Command::new("cargo");
    cargo.args(["rustc", "--quiet", "--release", "--package", "files", "--bin", FILES_PROGRAM, "--target-dir"]).arg(&target);
    cargo.args(["--", "-C", "target-feature=+crt-static"]).current_dir(root);
    step("building the program for files", run(cargo)).await?;
    Ok(std::fs::read(target.join("release").join(FILES_PROGRAM))?)
}

/// The archive's path, packed if these programs were not packed before.
pub(crate) async fn pack(cache: &Cache) -> Result<PathBuf> {
    let path = static_busybox().context("no static busybox was found")?;
    let (busybox, files) = (std::fs::read(&path)?, files_program().await?);
    let key = fingerprint([busybox.as_slice(), files.as_slice(), EDITION.as_bytes()].concat(), 12);
    let dir = cache
        .entry(&format!("images-{key}"), async |dir: &Path| {
            let list = Command::new(&path).arg("--list").output().await?;
            if !list.status.success() {
                bail!("{} does not say which tools it holds", path.display());
            }
            let list = String::from_utf8(list.stdout)?;
            Ok(std::fs::write(dir.join("images.tar"), archive(&busybox, list.lines(), &files)?)?)
        })
        .await?;
    Ok(dir.join("images.tar"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn files(bytes: &[u8]) -> std::collections::BTreeMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(bytes);
        let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.path().unwrap().display().to_string(), content)
        };
        archive.entries().unwrap().map(read).collect()
    }

    #[test]
    fn the_archive_names_each_image_and_its_layer_by_its_digest() {
        let outer = files(&archive(b"elf", ["sh", "busybox"].into_iter(), b"files").unwrap());
        let manifest: Value = serde_json::from_slice(&outer["manifest.json"]).unwrap();
        assert_eq!(manifest[0]["RepoTags"][0], BUSYBOX);
        assert_eq!(manifest[1]["RepoTags"][0], PAUSE);
        assert_eq!((&manifest[2]["RepoTags"][0], &manifest[2]["Layers"][0]), (&json!(FILES), &json!("files.tar")));
        assert_eq!(files(&outer["files.tar"])[FILES_PROGRAM], b"files");
        let config: Value = serde_json::from_slice(&outer[manifest[1]["Config"].as_str().unwrap()]).unwrap();
        let digest = format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(&outer["layer.tar"])));
        assert_eq!(config["rootfs"]["diff_ids"][0], digest);
        let inner = files(&outer["layer.tar"]);
        assert_eq!(inner["bin/busybox"], b"elf");
        assert!(inner.contains_key("bin/sh"));
        assert!(String::from_utf8_lossy(&inner["etc/passwd"]).contains("user:x:1000"));
    }
}
