//! What becomes of a portal that loses its disk, the room for its records, its way or its rights?

use crate::outages::until;
use crate::portal::Site as _;
use crate::process::{PATIENCE, Site};
use crate::visitor::Visitor;
use crate::volumes::form;
use anyhow::{Context, Result, ensure};
use ground::{FaultProxy, Ground, Namespace};
use reqwest::StatusCode;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// A site whose portal works in a namespace of its own.
pub async fn site(ground: &Ground, prefix: &str) -> Result<(Site, Namespace)> {
    let namespace = ground.namespace(prefix).await?;
    let mut site = Site::new(ground).await?;
    site.settings.push(("kubernetes.namespace", namespace.name().to_owned()));
    Ok((site, namespace))
}

/// Names as people gave them, by what holds them in the cluster.
pub async fn names(ground: &Ground, path: &str, label: &str) -> Result<BTreeMap<String, usize>> {
    let mut names = BTreeMap::new();
    for object in ground.admin().list(path).await? {
        let name = object["metadata"]["labels"][label].as_str().with_context(|| format!("no {label}: {}", object["metadata"]))?;
        *names.entry(name.to_owned()).or_default() += 1;
    }
    Ok(names)
}

/// Fills the file system of the records, as the portal sees it; the file that does.
fn fill(running: &crate::process::Running, site: &Site) -> Result<std::path::PathBuf> {
    let file = running.seen(&site.records)?.join("filler");
    let mut size = 1 << 20;
    let mut held = Vec::new();
    // Ever smaller pieces, until not one byte more has room.
    while size > 0 {
        held.resize(held.len() + size, 0);
        if std::fs::write(&file, &held).is_err() {
            held.truncate(held.len() - size);
            size /= 2;
        }
    }
    Ok(file)
}

#[tokio::test]
async fn d_40_a_portal_writes_nowhere_but_to_its_records_and_says_so_when_they_are_full() -> Result<()> {
    let ground = Ground::current().await?;
    let (mut site, namespace) = site(&ground, "full").await?;
    site.mounts = format!("mount -t tmpfs -o size=4m tmpfs {}; mount -o remount,bind,ro /", site.records.display());
    let running = site.start().await?;
    let inside = running.seen(&site.folder)?;
    assert!(std::fs::write(inside.join("x"), "x").is_err(), "the rest is read-only");
    let mut alice = Visitor::signed_in(&site, "alice").await?;
    let made = alice.post(&site.at("/volumes/new"), &form("before", "standard")).await?;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{made:?}");

    let filler = fill(&running, &site)?;
    // The volume is made; that nobody can write down who made it is no reason to deny that.
    let (mut refused, mut denied) = (0, 0);
    for number in 0..20 {
        let name = format!("while-{number}");
        let page = alice.post(&site.at("/volumes/new"), &form(&name, "standard")).await?;
        let is_there = names(&ground, &namespace.path("persistentvolumeclaims"), "volume-name").await?.contains_key(&name);
        denied += usize::from(is_there != (page.status == StatusCode::SEE_OTHER));
        refused += usize::from(!is_there);
        assert!(is_there || page.status == StatusCode::SERVICE_UNAVAILABLE, "{page:?}");
    }
    assert_eq!((refused, denied), (0, 0), "d_33: what was done is not denied");
    assert!(site.log()?.contains("an act is missing in the audit trail"), "the log has what the trail lacks");
    assert!(alice.visit(&site.at("/volumes")).await?.status.is_success(), "who is signed in reads on");
    let mut bob = Visitor::new()?;
    let callback = bob.reach_callback(&site, "bob", "/").await;
    let page = match callback {
        Ok(callback) => bob.visit(callback.as_str()).await?,
        Err(_) => bob.visit(&site.at("/auth/login")).await?,
    };
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page:?}");
    assert!(page.text.contains("try again") || page.text.contains("Try again"), "{}", page.text);
    let token = alice.post(&site.at("/tokens"), &[("name", "full"), ("days", "90"), ("volumes_read", "on")]).await?;
    assert!(token.status.is_server_error() && token.text.contains("request"), "{token:?}");

    std::fs::remove_file(filler)?;
    Visitor::signed_in(&site, "bob").await?;
    let after = alice.post(&site.at("/volumes/new"), &form("after", "standard")).await?;
    assert_eq!(after.status, StatusCode::SEE_OTHER, "{after:?}");
    drop(running);
    namespace.delete().await
}

#[tokio::test]
async fn d_41_a_name_that_is_not_known_or_leads_elsewhere_is_looked_up_again() -> Result<()> {
    let ground = Ground::current().await?;
    let (mut site, namespace) = site(&ground, "named").await?;
    let first = FaultProxy::start_at("127.0.0.2:0".parse()?, ground.api_address()).await?;
    let port = first.address().port();
    let mut kubeconfig: Value = serde_json::from_slice(&std::fs::read(ground.portal_kubeconfig())?)?;
    *kubeconfig.pointer_mut("/clusters/0/cluster/server").context("a server")? = format!("https://cluster.test:{port}").into();
    site.kubeconfig = site.write("kubeconfig", &kubeconfig.to_string())?;
    let hosts = site.write("hosts", "127.0.0.1 localhost\n")?;
    site.mounts = format!("mount --bind {} /etc/hosts", hosts.display());
    let running = site.start().await?;
    let mut alice = Visitor::signed_in(&site, "alice").await?;
    let volumes = site.at("/volumes");
    let away = |status: StatusCode, text: &str| status == StatusCode::SERVICE_UNAVAILABLE && text.contains("The cluster does not answer");
    let silent = "It has been silent since";
    until(&mut alice, &volumes, away).await?;
    site.write("hosts", "127.0.0.1 localhost\n127.0.0.2 cluster.test\n")?;
    until(&mut alice, &volumes, |status, text| status.is_success() && !text.contains(silent)).await?;

    // Now only by the other kind of address.
    drop(first);
    until(&mut alice, &volumes, |status, text| status.is_success() && text.contains(silent)).await?;
    let second = FaultProxy::start_at(format!("[::1]:{port}").parse()?, ground.api_address()).await?;
    site.write("hosts", "127.0.0.1 localhost\n::1 cluster.test\n")?;
    until(&mut alice, &volumes, |status, text| status.is_success() && !text.contains(silent)).await?;
    let made = alice.post(&site.at("/volumes/new"), &form("moved", "standard")).await?;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{made:?}");
    assert!(second.accepted() > 0);
    drop(running);
    namespace.delete().await
}

#[tokio::test]
async fn d_33_a_page_reads_the_session_once() -> Result<()> {
    let ground = Ground::current().await?;
    let (mut site, namespace) = site(&ground, "reads").await?;
    site.log_filter = "info,sqlx::query=debug";
    let running = site.start().await?;
    let mut alice = Visitor::signed_in(&site, "alice").await?;
    let reads = || anyhow::Ok(site.log()?.lines().filter(|line| line.contains("FROM sessions")).count());
    alice.visit(&site.at("/volumes")).await?;
    let before = reads()?;
    assert!(before > 0, "the statements are being read: {}", site.log()?);
    for _ in 0..5 {
        assert!(alice.visit(&site.at("/volumes")).await?.status.is_success());
    }
    assert_eq!(reads()? - before, 5);
    drop(running);
    namespace.delete().await
}

#[tokio::test]
async fn d_33_a_store_that_takes_three_seconds_is_asked_once_for_each_answer() -> Result<()> {
    let ground = Ground::current().await?;
    let (mut site, namespace) = site(&ground, "slow").await?;
    let records = ground.own_records().await?;
    site.settings.push(("records.url", records.url()));
    let running = site.start().await?;
    let mut alice = Visitor::signed_in(&site, "alice").await?;
    until(&mut alice, &site.at("/volumes"), |status, _| status.is_success()).await?;
    // Every statement about sessions now waits first, and is counted.
    let slow = "ALTER TABLE sessions RENAME TO quick; GRANT ALL ON quick TO PUBLIC; CREATE SEQUENCE asked; GRANT ALL ON asked TO PUBLIC;
        CREATE VIEW sessions AS SELECT * FROM quick WHERE (SELECT nextval('asked') FROM pg_sleep(3)) > 0; GRANT ALL ON sessions TO PUBLIC";
    records.ask(slow).await?;
    let begun = Instant::now();
    let pages = (0..5).map(|_| {
        let (mut tab, url) = (alice.clone(), site.at("/volumes"));
        async move { tab.visit(&url).await }
    });
    for page in futures::future::try_join_all(pages).await? {
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
    }
    assert!(begun.elapsed() >= Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(records.ask("SELECT last_value FROM asked").await?, "5");
    let made = alice.post(&site.at("/volumes/new"), &form("slowly", "standard")).await?;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{made:?}");
    assert_eq!(records.ask("SELECT last_value FROM asked").await?, "6");
    drop(running);
    namespace.delete().await
}

#[tokio::test]
async fn a_portal_whose_account_can_reach_everything_does_not_start_unless_that_is_meant() -> Result<()> {
    let ground = Ground::current().await?;
    let mut site = Site::new(&ground).await?;
    site.kubeconfig = ground.admin_kubeconfig().to_owned();
    let (well, said) = site.run_to_the_end().await?;
    assert!(!well && said.contains("the portal's account may also * *.*") && said.contains("kubernetes.accept_dangerous_rights"), "{said}");
    site.settings.push(("kubernetes.accept_dangerous_rights", "true".to_owned()));
    let running = site.start().await?;
    let verbose = Visitor::new()?.visit(&site.at("/readyz?verbose")).await?;
    assert!(verbose.text.contains("[+] rights are complete"), "{}", verbose.text);
    drop(running);

    // With a cluster that is away at the start, it runs until the first answer.
    let proxy = FaultProxy::start(ground.api_address()).await?;
    proxy.cut();
    let mut kubeconfig: Value = serde_json::from_slice(&std::fs::read(ground.admin_kubeconfig())?)?;
    *kubeconfig.pointer_mut("/clusters/0/cluster/server").context("a server")? = format!("https://{}", proxy.address()).into();
    site.kubeconfig = site.write("kubeconfig", &kubeconfig.to_string())?;
    site.settings.pop();
    let mut running = site.start().await?;
    let verbose = Visitor::new()?.visit(&site.at("/readyz?verbose")).await?;
    assert!(verbose.text.contains("[-] rights have not been looked up yet"), "{}", verbose.text);
    proxy.restore();
    assert!(!running.ends().await?.success());
    Ok(())
}

#[tokio::test]
async fn a_right_that_is_missing_is_named_where_the_state_is_told_and_in_the_log() -> Result<()> {
    let ground = Ground::current().await?;
    let (site, namespace) = site(&ground, "lacks").await?;
    let role = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles/stowage", namespace.name());
    let mut rules = ground.admin().get(&role).await?["rules"].take();
    let kept = rules.as_array_mut().context("rules")?;
    kept.retain(|rule| rule["resources"] != serde_json::json!(["pods/log"]));
    ground.admin().patch_merge(&role, &serde_json::json!({ "rules": rules })).await?;
    let mut kubelet = Visitor::new()?;
    let deadline = Instant::now() + PATIENCE;
    // The authorizer hears of the role a moment later: another start looks again.
    loop {
        let running = site.start().await?;
        let page = kubelet.visit(&site.at("/readyz?verbose")).await?;
        assert_eq!(page.status, StatusCode::OK, "it does not count");
        drop(running);
        if page.text.contains("[-] right is missing: get pods/log (does not count)\n") {
            assert_eq!(page.text.matches("right is missing").count(), 1, "{}", page.text);
            break;
        }
        ensure!(Instant::now() < deadline, "{}", page.text);
    }
    let log = site.log()?;
    let line = log.lines().rfind(|line| line.contains("the portal's account lacks a right")).context("a line")?;
    assert!(line.contains("\"right\":\"get pods/log\""), "{line}");
    namespace.delete().await
}
