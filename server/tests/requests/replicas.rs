//! Are two replicas one portal? Processes of their own on one PostgreSQL and one cluster, reached as by a balancer that picks either.

use crate::live::{ALICE, Stream};
use crate::new_task::small;
use crate::portal::{Place, Site, Trust};
use crate::visitor::{Page, Visitor};
use anyhow::{Context, Result, bail};
use domain::owner::{OwnerKey, Principal};
use futures::future::join_all;
use ground::{Ground, Namespace, OwnRecords};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

const BOB: &str = "b0b00000-8e44-4d0b-8c1b-77ad3c9e0002";
const START: Duration = Duration::from_secs(60);
/// Streams also look by themselves, every fifteen seconds. What comes sooner was told by the other replica.
const TOLD: Duration = Duration::from_secs(8);

struct Stage {
    ground: Ground,
    namespace: Namespace,
    records: OwnRecords,
    settings: Vec<(&'static str, &'static str)>,
}

/// The first one's address is the public one.
struct Replica {
    url: String,
    child: Child,
}

impl Site for Replica {
    fn url(&self) -> &str {
        &self.url
    }
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Stage {
    async fn new(settings: &[(&'static str, &'static str)]) -> Result<Self> {
        let ground = Ground::current().await?;
        let (namespace, records) = (ground.namespace("replicas").await?, ground.own_records().await?);
        Ok(Self { ground, namespace, records, settings: settings.to_vec() })
    }

    async fn two(&self) -> Result<[Replica; 2]> {
        let ports = [free_port()?, free_port()?];
        let (a, b) = tokio::try_join!(self.replica(ports[0], ports[0]), self.replica(ports[1], ports[0]))?;
        Ok([a, b])
    }

    async fn replica(&self, port: u16, public: u16) -> Result<Replica> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stowage"));
        let own = [
            ("public_url", format!("http://127.0.0.1:{public}")),
            ("listen.address", format!("127.0.0.1:{port}")),
            ("listen.hosts", format!("127.0.0.1:{port}")),
            ("oidc.issuer", self.ground.issuer().to_owned()),
            ("oidc.client_id", self.ground.client_id().to_owned()),
            ("oidc.client_secret", self.ground.client_secret().to_owned()),
            ("oidc.scopes", "openid profile email groups".to_owned()),
            ("kubernetes.kubeconfig", self.ground.portal_kubeconfig().display().to_string()),
            ("kubernetes.namespace", self.namespace.name().to_owned()),
            ("tasks.image", "stowage.dev/busybox:1".to_owned()),
            ("records.url", self.records.url()),
        ];
        for (key, value) in own.into_iter().chain(self.settings.iter().map(|(key, value)| (*key, (*value).to_owned()))) {
            command.args(["--set", &format!("{key}={value}")]);
        }
        let log = std::fs::File::create(std::env::temp_dir().join(format!("stowage-{}-{port}.log", self.namespace.name())))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        let mut replica = Replica { url: format!("http://127.0.0.1:{port}"), child: command.spawn()? };
        replica.ready().await?;
        Ok(replica)
    }

    async fn jobs(&self) -> Result<usize> {
        Ok(self.ground.admin().list(&format!("/apis/batch/v1/namespaces/{}/jobs", self.namespace.name())).await?.len())
    }

    async fn end(self) -> Result<()> {
        self.namespace.delete().await
    }
}

impl Replica {
    /// Waits until it has read the cluster.
    async fn ready(&mut self) -> Result<()> {
        let (mut look, begin) = (tokio::time::interval(Duration::from_millis(50)), Instant::now());
        let mut kubelet = Visitor::new()?;
        while begin.elapsed() < START {
            look.tick().await;
            if let Some(status) = self.child.try_wait()? {
                bail!("a replica ended with {status}");
            }
            if kubelet.visit(&self.at("/readyz?verbose")).await.is_ok_and(|page| page.text.contains("cluster is in step")) {
                return Ok(());
            }
        }
        bail!("a replica is not ready within {} s", START.as_secs())
    }

    async fn signal(&self, name: &str) -> Result<()> {
        let pid = self.child.id().context("the replica has ended")?;
        // The shell's own `kill` is on every machine.
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().await?;
        anyhow::ensure!(sent.success(), "no signal {name}");
        Ok(())
    }

    fn port(&self) -> Result<u16> {
        Ok(self.url.rsplit(':').next().unwrap_or_default().parse()?)
    }
}

/// Somebody who has signed in at the first, with the cookies for both.
async fn signed_in(a: &Replica, b: &Replica, user: &str) -> Result<Visitor> {
    let mut visitor = Visitor::signed_in(a, user).await?;
    visitor.goes_on_at(a, b);
    Ok(visitor)
}

async fn until(what: &str, holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
    let wait = async {
        let mut look = tokio::time::interval(Duration::from_millis(50));
        while !holds().await? {
            look.tick().await;
        }
        anyhow::Ok(())
    };
    timeout(START, wait).await.with_context(|| what.to_owned())?
}

async fn is_told_of_its_end(stream: &mut Stream) -> Result<()> {
    let heard = async {
        loop {
            if stream.next().await?.context("the end is said before the stream ends")?.contains("event: signed-out") {
                return anyhow::Ok(());
            }
        }
    };
    timeout(TOLD, heard).await.context("the stream goes on")?
}

#[tokio::test]
async fn a_sign_in_begun_at_one_replica_ends_at_the_other_and_a_sign_out_there_ends_it_at_both_at_once() -> Result<()> {
    let stage = Stage::new(&[]).await?;
    let both = stage.two().await?;
    let [a, b] = &both;
    let mut alice = Visitor::new()?;
    let callback = alice.reach_callback(a, "alice", "/").await?;
    alice.goes_on_at(a, b);
    let there = callback.as_str().replace(a.url(), b.url());
    let page = alice.visit(&there).await?;
    assert!(page.status == StatusCode::SEE_OTHER && alice.session(b).is_some(), "{page:?}");
    assert!(alice.visit(&there).await?.status.is_client_error(), "a callback counts once, wherever");
    alice.goes_on_at(b, a);
    assert!(alice.is_known(a).await? && alice.is_known(b).await?);

    let mut stream = Stream::open(&mut alice, a).await?;
    stream.next().await?.context("a first event")?;
    let mut stolen = alice.clone();
    assert_eq!(alice.post(&b.at("/auth/logout"), &[]).await?.status, StatusCode::SEE_OTHER);
    assert!(!stolen.is_known(a).await? && !stolen.is_known(b).await?);
    is_told_of_its_end(&mut stream).await?;
    stage.end().await
}

async fn submit(replica: &Replica, mut who: Visitor, name: &str) -> Result<Page> {
    let file = small(name, "").replace("run: 'true'", "run: sleep 300");
    who.post(&replica.at("/tasks/new"), &[("do", "submit"), ("key", name), ("file", &file)]).await
}

#[tokio::test]
async fn d_11_what_is_submitted_at_both_replicas_at_once_is_made_once_and_limits_hold_across_them() -> Result<()> {
    let stage = Stage::new(&[("limits.tasks", "2")]).await?;
    let both = stage.two().await?;
    let alice = signed_in(&both[0], &both[1], "alice").await?;
    // A click at each, twice; what is under way elsewhere is said to be so, and asking again tells what came of it.
    let clicks = join_all((0..4).map(|n| submit(&both[n % 2], alice.clone(), "twice"))).await;
    for page in clicks {
        let page = page?;
        assert!(page.location.is_some() || page.status == StatusCode::CONFLICT, "{page:?}");
    }
    assert_eq!(stage.jobs().await?, 1);
    let (here, there) = (submit(&both[0], alice.clone(), "twice").await?, submit(&both[1], alice.clone(), "twice").await?);
    let task = |page: &Page| page.location.clone().map(|to| to.split('?').next().unwrap_or_default().to_owned());
    assert!(task(&here).is_some_and(|to| to.starts_with("/tasks/")) && task(&here) == task(&there), "{here:?} {there:?}");
    assert_eq!(stage.jobs().await?, 1);
    // Each person has room for one more: were the portals to count each for itself, both would make one.
    for (person, user) in ["alice", "bob", "admin"].into_iter().enumerate() {
        let who = if user == "alice" { alice.clone() } else { signed_in(&both[0], &both[1], user).await? };
        if user != "alice" {
            assert!(submit(&both[0], who.clone(), &format!("first-{user}")).await?.location.is_some());
        }
        let names: Vec<_> = (0..6).map(|n| format!("many{n}-{user}")).collect();
        let made = join_all(names.iter().enumerate().map(|(n, name)| submit(&both[n % 2], who.clone(), name))).await;
        let mut count = 0;
        for page in made {
            let page = page?;
            count += usize::from(page.location.is_some());
            assert!(page.location.is_some() || page.text.contains("2 of 2 running tasks"), "{page:?}");
        }
        assert_eq!((count, stage.jobs().await?), (1, 2 * (person + 1)), "{user}");
    }
    for replica in &both {
        let list = alice.clone().visit(&replica.at("/tasks")).await?.text;
        assert!(list.contains("twice"), "both show it: {list}");
    }
    stage.end().await
}

#[tokio::test]
async fn what_is_due_in_the_trash_is_removed_by_one_replica_and_is_on_record_once() -> Result<()> {
    let stage = Stage::new(&[("trash.hours", "2")]).await?;
    let key = OwnerKey::of(&Principal::new(stage.ground.issuer(), ALICE)?);
    for n in 0..6 {
        let (id, name) = (format!("due0000{n}"), format!("due-{n}"));
        let labels =
            json!({"skypilot-volume": "true", "volume-id": id, "volume-name": name, "username": "alice", "stowage.dev/owner": key});
        let annotations = json!({
            "stowage.dev/owner-iss": stage.ground.issuer(), "stowage.dev/owner-sub": ALICE, "stowage.dev/trash-until": "2001-01-01T00:00:00Z",
        });
        let claim = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": format!("{name}-{id}"), "labels": labels, "annotations": annotations},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
        });
        stage.ground.admin().post(&stage.namespace.path("persistentvolumeclaims"), &claim).await?;
    }
    let _both = stage.two().await?;
    until("what is due goes", async || Ok(stage.ground.admin().list(&stage.namespace.path("persistentvolumeclaims")).await?.is_empty()))
        .await?;
    let lines = "SELECT count(*) || ' ' || count(DISTINCT object_id) FROM audit WHERE verb = 'volume.delete'";
    until("all of it is on record", async || Ok(!stage.records.ask(lines).await?.ends_with(" 5"))).await?;
    assert_eq!(stage.records.ask(lines).await?, "6 6");
    stage.end().await
}

/// A page by whichever replica takes the connection: what a browser behind a balancer sees.
async fn page(visitor: &mut Visitor, sites: &[String; 2], first: usize) -> Result<Page> {
    let begin = Instant::now();
    let mut look = tokio::time::interval(Duration::from_millis(20));
    for turn in first.. {
        match visitor.visit(&format!("{}/volumes", sites[turn % 2])).await {
            Ok(page) => return Ok(page),
            // Only what was never answered is asked again.
            Err(error) if begin.elapsed() > Duration::from_secs(10) => return Err(error.context("no replica answers")),
            Err(_) => look.tick().await,
        };
    }
    bail!("no page")
}

#[tokio::test]
async fn d_23_while_one_replica_after_the_other_restarts_no_page_fails_and_streams_go_on_within_seconds() -> Result<()> {
    let stage = Stage::new(&[]).await?;
    let [mut a, mut b] = stage.two().await?;
    let alice = signed_in(&a, &b, "alice").await?;
    let sites = [a.url.clone(), b.url.clone()];
    let (stop, pages) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let people = (0..6).map(|n| {
        let (mut who, sites, stop, pages) = (alice.clone(), sites.clone(), Arc::clone(&stop), Arc::clone(&pages));
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let turn = pages.fetch_add(1, Ordering::SeqCst) + n;
                let page = page(&mut who, &sites, turn).await?;
                anyhow::ensure!(page.status == StatusCode::OK && page.text.contains("</html>"), "a page failed: {page:?}");
            }
            anyhow::Ok(())
        })
    });
    let people: Vec<_> = people.collect();
    let longest = Arc::new(Mutex::new(Duration::ZERO));
    let streams = (0..4).map(|n| tokio::spawn(follow(alice.clone(), sites.clone(), n, Arc::clone(&stop), Arc::clone(&longest))));
    let streams: Vec<_> = streams.collect();
    let served = async |more: usize| {
        let aim = pages.load(Ordering::SeqCst) + more;
        until("pages are served", async || {
            Ok(pages.load(Ordering::SeqCst) >= aim || people.iter().any(tokio::task::JoinHandle::is_finished))
        })
        .await
    };
    served(30).await?;
    for replica in [&mut a, &mut b] {
        replica.signal("TERM").await?;
        let status = timeout(Duration::from_secs(30), replica.child.wait()).await.context("it stops in time")??;
        assert!(status.success(), "{status}");
        served(30).await?;
        let public = sites[0].rsplit(':').next().unwrap_or_default().parse()?;
        *replica = stage.replica(replica.port()?, public).await?;
        served(30).await?;
    }
    stop.store(true, Ordering::SeqCst);
    for one in people.into_iter().chain(streams) {
        timeout(START, one).await???;
    }
    let longest = *longest.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(longest > Duration::ZERO && longest < Duration::from_secs(5), "a stream was away for {longest:?}");
    assert!(alice.clone().is_known(&a).await? && alice.clone().is_known(&b).await?, "sessions survive");
    stage.end().await
}

/// An open page as a browser keeps it: when its stream ends, it waits as long as it was told to and opens another.
async fn follow(mut who: Visitor, sites: [String; 2], first: usize, stop: Arc<AtomicBool>, longest: Arc<Mutex<Duration>>) -> Result<()> {
    struct At(String);
    impl Site for At {
        fn url(&self) -> &str {
            &self.0
        }
    }
    let mut away: Option<Instant> = None;
    let mut look = tokio::time::interval(Duration::from_millis(20));
    for turn in first.. {
        let Ok(mut stream) = Stream::open(&mut who, &At(sites[turn % 2].clone())).await else {
            anyhow::ensure!(away.is_none_or(|since| since.elapsed() < START), "no replica answers");
            look.tick().await;
            continue;
        };
        let Ok(Some(hello)) = stream.next().await else { continue };
        if let Some(since) = away.take() {
            let mut longest = longest.lock().unwrap_or_else(PoisonError::into_inner);
            *longest = since.elapsed().max(*longest);
        }
        let retry = hello.lines().find_map(|line| line.strip_prefix("retry: ")?.parse().ok()).context("how long to wait")?;
        loop {
            match timeout(Duration::from_millis(100), stream.next()).await {
                _ if stop.load(Ordering::SeqCst) => return Ok(()),
                Ok(Ok(None) | Err(_)) => break,
                Ok(Ok(Some(_))) | Err(_) => {}
            }
        }
        away = Some(Instant::now());
        tokio::time::sleep(Duration::from_millis(retry)).await;
    }
    Ok(())
}

#[tokio::test]
async fn d_24_a_replica_that_slept_honours_no_session_that_ended_meanwhile_and_takes_up_no_lease_that_passed_on() -> Result<()> {
    let stage = Stage::new(&[("usage.seconds", "1")]).await?;
    let lease = "SELECT encode(holder, 'hex') FROM turns WHERE owner = 'lease usage'";
    let port = free_port()?;
    let a = stage.replica(port, port).await?;
    until("the first replica measures", async || Ok(!stage.records.ask(lease).await?.is_empty())).await?;
    let b = stage.replica(free_port()?, port).await?;
    let (mut alice, mut bob) = (signed_in(&a, &b, "alice").await?, signed_in(&a, &b, "bob").await?);
    let mut admin = signed_in(&a, &b, "admin").await?;
    let mut stream = Stream::open(&mut alice, &a).await?;
    stream.next().await?.context("a first event")?;
    let first = stage.records.ask(lease).await?;

    a.signal("STOP").await?;
    let mut stolen = alice.clone();
    assert_eq!(alice.post(&b.at("/auth/logout"), &[]).await?.status, StatusCode::SEE_OTHER);
    let bobs = OwnerKey::of(&Principal::new(stage.ground.issuer(), BOB)?);
    stage.records.ask(&format!("UPDATE sessions SET idle_until = 1 WHERE owner = '{bobs}'")).await?;
    until("the other replica takes the lease", async || {
        let now = stage.records.ask(lease).await?;
        Ok(!now.is_empty() && now != first)
    })
    .await?;
    let second = stage.records.ask(lease).await?;

    a.signal("CONT").await?;
    assert!(!stolen.is_known(&a).await?, "she signed out elsewhere");
    assert!(!bob.is_known(&a).await?, "it ran out");
    assert!(admin.is_known(&a).await?);
    is_told_of_its_end(&mut stream).await?;
    // Rounds of both go by; only one of them acts.
    for _ in 0..3 {
        let until_now = "SELECT until FROM turns WHERE owner = 'lease usage'";
        let before = stage.records.ask(until_now).await?;
        until("a round", async || Ok(stage.records.ask(until_now).await? != before)).await?;
        assert_eq!(stage.records.ask(lease).await?, second);
    }
    stage.end().await
}

#[tokio::test]
async fn d_31_d_33_without_its_server_or_with_one_that_only_reads_nobody_is_signed_out_or_said_to_be() -> Result<()> {
    let ground = Ground::current().await?;
    let records = ground.own_records().await?;
    let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &[("records.url", &records.url())]).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    records.away().await?;
    let program = alice.send(Method::GET, &portal.at("/"), |request| request).await?;
    assert_eq!(program.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(program.text.contains("session_store_unavailable") && program.headers.contains_key("retry-after"), "{program:?}");
    assert_eq!(alice.visit(&portal.at("/volumes")).await?.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(alice.visit(&portal.at("/readyz")).await?.status, StatusCode::OK);
    records.back().await?;
    assert!(alice.is_known(&portal).await?, "it recovers alone");

    records.only_read().await?;
    assert_eq!(alice.visit(&portal.at("/volumes")).await?.status, StatusCode::OK);
    let out = alice.post(&portal.at("/auth/logout"), &[]).await?;
    assert_eq!(out.status, StatusCode::SERVICE_UNAVAILABLE, "not signed out, and not said so");
    assert!(alice.is_known(&portal).await?);
    let mut bob = Visitor::new()?;
    let callback = bob.reach_callback(&portal, "bob", "/").await?;
    assert_eq!(bob.visit(callback.as_str()).await?.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(bob.session(&portal).is_none());
    records.back().await?;
    assert_eq!(alice.post(&portal.at("/auth/logout"), &[]).await?.status, StatusCode::SEE_OTHER);
    Ok(())
}

#[tokio::test]
async fn a_portal_whose_records_must_be_encrypted_does_not_start_and_says_what_to_do() -> Result<()> {
    let ground = Ground::current().await?;
    let mut site = crate::process::Site::new(&ground).await?;
    let records = ground.own_records().await?;
    site.settings.push(("records.url", format!("{}?sslmode=require", records.url())));
    let (is_well, said) = site.run_to_the_end().await?;
    assert!(!is_well && said.contains("sslmode=require") && said.contains("a program beside the portal encrypt"), "{said}");
    Ok(())
}
