//! Does a portal stay right for as long as it runs? Random people do random things while the API server, the records and the portal
//! itself come and go: nobody sees what is not theirs, nothing is doubled, nothing that was answered with success is lost, nothing
//! hangs, and the portal's memory does not grow. `make soak` runs it for long, FOR seconds; what people choose follows from SEED.

mod faults;
mod known;
mod lists;
mod person;
#[expect(dead_code, reason = "shared with the other tests, which use all of it")]
#[path = "../requests/portal.rs"]
mod portal;
#[expect(dead_code, reason = "shared with the other tests, which use all of it")]
#[path = "../requests/process.rs"]
mod process;
mod settled;
mod tasks;
mod told;
#[expect(dead_code, reason = "shared with the other tests, which use all of it")]
#[path = "../requests/visitor.rs"]
mod visitor;
mod volumes;

use crate::faults::{Faults, Ways};
use crate::person::Person;
use crate::process::Site;
use crate::told::Told;
use anyhow::{Context, Result, ensure};
use ground::{FaultProxy, Ground, Namespace, OwnRecords};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};

pub const PEOPLE: [&str; 3] = ["alice", "bob", "admin"];
/// A run that is shorter says nothing about memory.
const TELLS_OF_MEMORY: Duration = Duration::from_secs(300);

fn setting(name: &str, usual: u64) -> Result<u64> {
    match std::env::var(name) {
        Ok(text) => text.parse().with_context(|| format!("{name} is not a number: {text}")),
        Err(_) => Ok(usual),
    }
}

/// What the portal held at a moment: bytes that are not of files, and open files.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    bytes: u64,
    files: usize,
}

impl Held {
    /// Nothing while the portal is being started.
    fn by(pid: u32) -> Option<Self> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        let bytes = line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024;
        Some(Self { bytes, files: std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() })
    }

    fn most(self, other: Self) -> Self {
        Self { bytes: self.bytes.max(other.bytes), files: self.files.max(other.files) }
    }
}

#[tokio::test]
async fn whatever_goes_wrong_everybody_sees_their_own_and_all_of_it() -> Result<()> {
    let (long, seed) = (Duration::from_secs(setting("FOR", 20)?), setting("SEED", 1)?);
    let server = std::env::var("RECORDS").is_ok_and(|kind| kind == "postgres");
    println!("for {} s, SEED={seed}, records {}", long.as_secs(), if server { "on PostgreSQL" } else { "in a file" });
    let ground = Ground::current().await?;
    let namespace = ground.namespace("soak").await?;
    let records = if server { Some(ground.own_records().await?) } else { None };
    let came = soak(&ground, &namespace, records.as_ref(), long, seed).await;
    namespace.delete().await?;
    came.with_context(|| format!("SEED={seed}"))
}

/// The way to the records as well, if they are on a server.
async fn stage(ground: &Ground, namespace: &Namespace, records: Option<&OwnRecords>) -> Result<(Site, Ways)> {
    let mut site = Site::new(ground).await?;
    println!("the portal's log is {}", site.folder.join("log").display());
    let cluster = FaultProxy::start(ground.api_address()).await?;
    site.kubeconfig = ground.portal_kubeconfig_via(cluster.address())?;
    site.settings.push(("kubernetes.namespace", namespace.name().to_owned()));
    site.settings.push(("trash.hours", "2".to_owned()));
    // What is limited is made in turns.
    site.settings.extend([("limits.volumes", "40".to_owned()), ("limits.tasks", "40".to_owned())]);
    site.settings.push(("limits.sign_ins_per_minute", "6000".to_owned()));
    let mut ways = Ways { cluster, records: None };
    if let Some(records) = records {
        let mut url = url::Url::parse(&records.url())?;
        let place = (url.host_str().context("a host")?.parse()?, url.port().context("a port")?);
        let way = FaultProxy::start(std::net::SocketAddr::from((std::net::IpAddr::V4(place.0), place.1))).await?;
        ensure!(url.set_port(Some(way.address().port())).is_ok(), "no port in {url}");
        site.settings.push(("records.url", url.to_string()));
        ways.records = Some(way);
    }
    Ok((site, ways))
}

async fn soak(ground: &Ground, namespace: &Namespace, records: Option<&OwnRecords>, long: Duration, seed: u64) -> Result<()> {
    let (site, ways) = stage(ground, namespace, records).await?;
    let (site, told) = (Arc::new(site), Arc::new(Told::default()));
    let running = site.start().await?;
    let (stop, stopped) = watch::channel(false);
    let mut people = JoinSet::new();
    let mut streams = JoinSet::new();
    for (number, name) in PEOPLE.into_iter().enumerate() {
        let random = StdRng::seed_from_u64(seed.wrapping_mul(100).wrapping_add(number as u64));
        let person = Person::sign_in(Arc::clone(&site), name, Arc::clone(&told), random).await?;
        streams.spawn(person.listens(stopped.clone()));
        people.spawn(person.lives(stopped.clone()));
    }
    let faults = Faults::new(Arc::clone(&site), running, ways, Arc::clone(&told), StdRng::seed_from_u64(seed));
    let (pid, begin) = (faults.pid(), Instant::now());
    // After that nothing ends the portal any more, so that its memory can be compared.
    let mut faults = tokio::spawn(faults.happen(begin + long / 3, stopped.clone()));

    let (mut held, mut pace) = ([Held::default(); 3], interval(Duration::from_secs(1)));
    while begin.elapsed() < long {
        tokio::select! {
            _ = pace.tick() => {
                let third = (begin.elapsed().as_secs_f64() * 3.0 / long.as_secs_f64()).clamp(0.0, 2.0) as usize;
                if let Some(now) = Held::by(pid.load(std::sync::atomic::Ordering::SeqCst)) {
                    held[third] = held[third].most(now);
                }
            }
            // Whoever ends early has seen something wrong.
            Some(ended) = people.join_next() => drop(ended??),
            Some(ended) = streams.join_next() => ended??,
            ended = &mut faults => drop(ended??),
        }
    }
    stop.send_replace(true);
    let (running, _ways) = faults.await??;
    let mut lived = Vec::new();
    while let Some(person) = people.join_next().await {
        lived.push(person??);
    }
    while let Some(ended) = streams.join_next().await {
        ended??;
    }
    let all = settled::all(ground, namespace, &mut lived).await;
    print!("{}", told.table());
    for (third, held) in held.iter().enumerate() {
        println!("{:24}{:>8} MiB {:>6} open files, at most", format!("third {}", third + 1), held.bytes >> 20, held.files);
    }
    all?;
    if long >= TELLS_OF_MEMORY {
        let [_, warm, end] = held;
        ensure!(end.bytes <= warm.bytes + warm.bytes / 5, "the portal's memory grew by more than a fifth");
        ensure!(end.files <= warm.files + warm.files / 5 + 5, "the portal keeps files open");
    }
    settled::records(ground, &site, running, records, lived, &told).await
}
