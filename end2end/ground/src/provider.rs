//! How does the identity provider start? It is a Node program whose packages are installed once per machine.
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use reqwest::Client;

use crate::binaries::run;
use crate::cache::Cache;
use crate::layout::{Layout, fingerprint};
use crate::progress::step;

const FILES: [(&str, &str); 5] = [
    ("provider.mjs", include_str!("../provider/provider.mjs")),
    ("people.mjs", include_str!("../provider/people.mjs")),
    ("sign_in.mjs", include_str!("../provider/sign_in.mjs")),
    ("store.mjs", include_str!("../provider/store.mjs")),
    ("behaviour.mjs", include_str!("../provider/behaviour.mjs")),
];
const PACKAGE: &str = include_str!("../provider/package.json");
const LOCK: &str = include_str!("../provider/package-lock.json");

pub(crate) const CLIENT_ID: &str = "stowage";
/// In the program's environment: where it announces sign-outs.
pub(crate) const BACKCHANNEL: &str = "PROVIDER_BACKCHANNEL_URI";

/// Where the packages of the lock file lie.
pub(crate) async fn install(cache: &Cache) -> Result<PathBuf> {
    cache
        .entry(&format!("provider-{}", fingerprint(LOCK, 12)), async |dir: &Path| {
            std::fs::write(dir.join("package.json"), PACKAGE)?;
            std::fs::write(dir.join("package-lock.json"), LOCK)?;
            let mut npm = tokio::process::Command::new("npm");
            npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(dir);
            step("installing the identity provider", run(npm)).await
        })
        .await
        .map(|dir| dir.join("node_modules"))
}

/// A client that speaks to the identity provider, which needs no encryption on loopback.
pub(crate) fn client() -> Result<Client> {
    crate::api::install_cryptography();
    Ok(Client::builder().tls_certs_only([]).no_proxy().build()?)
}

pub(crate) async fn answers(client: &Client, issuer: &str) -> bool {
    let configuration = client.get(format!("{issuer}/.well-known/openid-configuration"));
    configuration.send().await.is_ok_and(|response| response.status().is_success())
}

pub(crate) async fn misbehave(issuer: &str, mode: &str) -> Result<()> {
    let request = client()?.post(format!("{issuer}/test/misbehave")).json(&serde_json::json!({ "mode": mode }));
    let response = request.send().await.context("the identity provider does not answer")?;
    if !response.status().is_success() {
        bail!("the identity provider refused: {}", response.text().await?.trim());
    }
    Ok(())
}

pub(crate) fn issuer(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// `modules` is where the packages lie.
pub(crate) fn command(layout: &Layout, modules: &Path, port: u16, client_secret: &str) -> Result<Command> {
    // The program is the ground's own and may change without its packages: it lies beside them only by a link.
    let dir = layout.join("config/provider");
    std::fs::create_dir_all(&dir)?;
    for (name, text) in FILES {
        std::fs::write(dir.join(name), text)?;
    }
    std::os::unix::fs::symlink(modules, dir.join("node_modules")).context("cannot link the identity provider's packages")?;
    let keys = layout.join("data/provider-keys.json");
    let mut command = Command::new("node");
    command
        .arg(dir.join("provider.mjs"))
        .env("PROVIDER_PORT", port.to_string())
        .env("PROVIDER_KEYS", keys)
        .env("PROVIDER_CLIENT_ID", CLIENT_ID)
        .env("PROVIDER_CLIENT_SECRET", client_secret);
    Ok(command)
}
