//! Is all as people were told, once nobody acts and nothing is disturbed? Asked of the API server and of the records themselves.

use crate::known::{Act, Kind, May};
use crate::lists::LISTS;
use crate::person::Person;
use crate::portal::Site as _;
use crate::process::{Running, Site};
use crate::told::Told;
use anyhow::{Context, Result, bail, ensure};
use domain::owner::{OwnerKey, Principal};
use ground::{Ground, Namespace, OwnRecords};
use records::Records;
use reqwest::StatusCode;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::{Instant, interval};

/// What is deleted leaves, and what was begun under a key comes to its end.
const PATIENCE: Duration = Duration::from_secs(150);
/// A turn that was never ended runs out.
const TURN: Duration = Duration::from_secs(100);
const SUBJECTS: [&str; 3] =
    ["a11ce000-5d1f-4c7e-9a52-1f0c6e1d0001", "b0b00000-8e44-4d0b-8c1b-77ad3c9e0002", "ad314000-27c9-4f63-b0de-5c2f8ab40003"];

/// A name for each object of the namespace; twice where there are two.
async fn objects(ground: &Ground, path: &str, label: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for object in ground.admin().list(path).await? {
        let name = object["metadata"]["labels"][label].as_str();
        names.push(name.with_context(|| format!("nobody's: {}", object["metadata"]))?.to_owned());
    }
    names.sort();
    Ok(names)
}

/// Waits until the cluster is as everybody was told, and their lists are as the cluster.
pub async fn all(ground: &Ground, namespace: &Namespace, people: &mut [Person]) -> Result<()> {
    let (begin, mut look) = (Instant::now(), interval(Duration::from_millis(500)));
    for person in people.iter_mut() {
        // Their pods hold the volumes that were deleted.
        for n in 0..person.things.len() {
            if person.things[n].kind == Kind::Task && person.things[n].may == May::LISTED {
                person.remove(n, Act::Remove).await?;
            }
        }
    }
    loop {
        look.tick().await;
        let wrong = wrong(ground, namespace, people).await?;
        match wrong {
            None => return orphans(ground, namespace, begin).await,
            Some(wrong) if begin.elapsed() > PATIENCE => bail!("after {} s {wrong}", PATIENCE.as_secs()),
            Some(_) => {}
        }
    }
}

async fn wrong(ground: &Ground, namespace: &Namespace, people: &mut [Person]) -> Result<Option<String>> {
    let claims = objects(ground, &namespace.path("persistentvolumeclaims"), "volume-name").await?;
    let jobs = objects(ground, &format!("/apis/batch/v1/namespaces/{}/jobs", namespace.name()), "task-name").await?;
    for (kind, names) in [(Kind::Volume, &claims), (Kind::Task, &jobs)] {
        ensure!(names.windows(2).all(|pair| pair[0] != pair[1]), "something is there twice: {names:?}");
        let everybodys: BTreeSet<_> =
            people.iter().flat_map(|person| &person.things).filter(|thing| thing.kind == kind).map(|thing| &thing.name).collect();
        let odd = names.iter().find(|name| !everybodys.contains(name));
        ensure!(odd.is_none(), "nobody asked for {odd:?}");
    }
    for person in people {
        let mut listed = BTreeSet::new();
        for (path, place, kind, may) in LISTS {
            let Some(names) = person.reads_list(path, place, kind, may).await? else { return Ok(Some(format!("{path} cannot be read"))) };
            listed.extend(names);
        }
        for thing in &person.things {
            let in_cluster = if thing.kind == Kind::Volume { &claims } else { &jobs }.contains(&thing.name);
            let is_listed = listed.contains(&thing.name);
            let is_wrong = in_cluster != is_listed || (thing.may == May::GONE) && in_cluster || !thing.may.gone && !in_cluster;
            if is_wrong {
                return Ok(Some(format!("{thing:?}: in the cluster {in_cluster}, in the lists {is_listed}")));
            }
        }
    }
    Ok(None)
}

/// No pod and no service without its task.
async fn orphans(ground: &Ground, namespace: &Namespace, begin: Instant) -> Result<()> {
    let jobs = format!("/apis/batch/v1/namespaces/{}/jobs", namespace.name());
    let mut look = interval(Duration::from_millis(500));
    loop {
        look.tick().await;
        let tasks: BTreeSet<_> = objects(ground, &jobs, "task-name").await?.into_iter().collect();
        let mut left: Vec<Value> = Vec::new();
        for what in ["pods", "services", "secrets", "configmaps"] {
            let objects = ground.admin().list(&namespace.path(what)).await?;
            left.extend(objects.into_iter().filter(|object| {
                let task = object["metadata"]["labels"]["task-name"].as_str();
                task.is_some_and(|name| !tasks.contains(name))
            }));
        }
        if left.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = left.iter().map(|object| object["metadata"]["name"].to_string()).collect();
        ensure!(begin.elapsed() < 2 * PATIENCE, "left without their tasks: {names:?}");
    }
}

/// Ends the portal, once everybody has signed out, and looks at what is left in its records.
pub async fn records(
    ground: &Ground,
    site: &Site,
    mut running: Running,
    server: Option<&OwnRecords>,
    people: Vec<Person>,
    told: &Told,
) -> Result<()> {
    for mut person in people {
        let out = person.visitor.post(&site.at("/auth/logout"), &[]).await?;
        ensure!(out.status == StatusCode::SEE_OTHER && !person.visitor.is_known(site).await?, "{out:?}");
    }
    let sent = Command::new("sh").args(["-c", &format!("kill -TERM {}", running.pid()?)]).status().await?;
    ensure!(sent.success() && running.ends().await?.success(), "it does not end well");
    let url = match server {
        Some(server) => server.url(),
        None => format!("sqlite://{}/stowage.db", site.records.display()),
    };
    let records = Records::open(&url).await?;
    for subject in SUBJECTS {
        let turn = records.turns().take(&OwnerKey::of(&Principal::new(ground.issuer(), subject)?), TURN).await?;
        turn.context("a turn was never ended")?.end().await?;
    }
    if let Some(server) = server {
        // Of those whose sign-out was lost.
        let left: usize = server.ask("SELECT count(*) FROM sessions").await?.parse()?;
        let lost = told.lost("sign in elsewhere");
        ensure!(left <= lost, "{left} sessions are left of {lost} whose sign-out was lost");
    }
    records.close().await;
    Ok(())
}
