//! What is left of people's work when the portal is killed while they work?

use crate::faults::{names, site};
use crate::new_task::small;
use crate::outages::until;
use crate::portal::Site as _;
use crate::process::{PATIENCE, Site};
use crate::visitor::{Page, Visitor};
use crate::volumes::form;
use anyhow::{Context, Result, ensure};
use ground::Ground;
use reqwest::StatusCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{interval, timeout};

const PEOPLE: [&str; 3] = ["alice", "bob", "admin"];

/// What one person asked for, and what they were told.
#[derive(Clone, Debug)]
struct Asked {
    name: String,
    /// The form, to be sent once more as it was; of a volume or of a task.
    key: Option<String>,
    /// Where it is, if the portal said so.
    told: Option<String>,
}

async fn ask(site: &Site, who: &mut Visitor, asked: &Asked) -> Result<Page> {
    match &asked.key {
        None => who.post(&site.at("/volumes/new"), &form(&asked.name, "standard")).await,
        Some(key) => {
            let file = small(&asked.name, "num_nodes: 2\n");
            who.post(&site.at("/tasks/new"), &[("do", "submit"), ("key", key), ("file", &file)]).await
        }
    }
}

/// What was begun under a key counts as under way for a minute: nobody can tell a portal that is slow from one that was killed.
async fn settled(site: &Site, who: &mut Visitor, asked: &Asked) -> Result<Page> {
    let mut pace = interval(Duration::from_millis(500));
    let settled = async {
        loop {
            pace.tick().await;
            let page = ask(site, who, asked).await?;
            if asked.key.is_none() || page.status != StatusCode::CONFLICT {
                return anyhow::Ok(page);
            }
        }
    };
    timeout(Duration::from_secs(90), settled).await.context("it stays under way")?
}

#[tokio::test]
async fn what_was_answered_before_a_kill_is_there_once_and_what_was_not_is_there_once_or_not_at_all() -> Result<()> {
    const ROUNDS: usize = 3;
    const ANSWERS: usize = 9;
    let ground = Ground::current().await?;
    let (site, namespace) = site(&ground, "killed").await?;
    let site = Arc::new(site);
    let mut running = site.start().await?;
    let mut people = Vec::new();
    for person in PEOPLE {
        let mut visitor = Visitor::signed_in(&*site, person).await?;
        until(&mut visitor, &site.at("/volumes"), |status, _| status.is_success()).await?;
        people.push((visitor, Vec::<Asked>::new()));
    }
    for round in 0..ROUNDS {
        let (answered, enough) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let work = people.into_iter().enumerate().map(|(person, (mut visitor, mut all))| {
            let (site, answered, enough) = (Arc::clone(&site), Arc::clone(&answered), Arc::clone(&enough));
            tokio::spawn(async move {
                for number in 0.. {
                    let name = format!("r{round}p{person}n{number}");
                    let mut asked = Asked { name, key: (number % 2 == 1).then(|| format!("key-{round}-{person}-{number}")), told: None };
                    let page = ask(&site, &mut visitor, &asked).await;
                    let lost = page.is_err();
                    if let Ok(page) = page {
                        ensure!(page.status == StatusCode::SEE_OTHER, "{}: {page:?}", asked.name);
                        asked.told = page.location;
                        if answered.fetch_add(1, Ordering::SeqCst) + 1 >= ANSWERS {
                            enough.notify_one();
                        }
                    }
                    all.push(asked);
                    if lost {
                        break;
                    }
                }
                Ok((visitor, all))
            })
        });
        let work: Vec<_> = work.collect();
        timeout(PATIENCE, enough.notified()).await.context("nothing is answered")?;
        assert!(!running.killed().await?.success());
        people = Vec::new();
        for one in work {
            people.push(one.await??);
        }
        running = site.start().await?;
        for (visitor, _) in &mut people {
            // Their sessions hold. The portal is there before it has read the cluster.
            until(visitor, &site.at("/volumes"), |status, _| status.is_success()).await?;
        }
    }
    let all: Vec<&Asked> = people.iter().flat_map(|(_, all)| all).collect();
    let lost = all.iter().filter(|asked| asked.told.is_none()).count();
    assert!(all.len() - lost >= ROUNDS * ANSWERS && lost >= ROUNDS, "{} asked, {lost} without an answer", all.len());

    // Whoever is not told sends the same form again: the session holds, and so does the key.
    let (claims, jobs) = (namespace.path("persistentvolumeclaims"), format!("/apis/batch/v1/namespaces/{}/jobs", namespace.name()));
    let made_before = [names(&ground, &claims, "volume-name").await?, names(&ground, &jobs, "task-name").await?];
    for (visitor, all) in &mut people {
        for asked in all.iter_mut() {
            let count = made_before[usize::from(asked.key.is_some())].get(&asked.name).copied().unwrap_or_default();
            match &asked.told {
                Some(there) => {
                    assert_eq!(count, 1, "{asked:?}");
                    assert_eq!(visitor.visit(&site.at(there)).await?.status, StatusCode::OK, "{asked:?}");
                }
                None => {
                    assert!(count <= 1, "{asked:?}");
                    let page = settled(&site, visitor, asked).await?;
                    // A volume that was made has its name; a task that was submitted is found by its key.
                    let is_there = page.status == StatusCode::SEE_OTHER || (count == 1 && page.status == StatusCode::CONFLICT);
                    assert!(is_there, "{asked:?}: {page:?}");
                }
            }
        }
    }
    let made = [names(&ground, &claims, "volume-name").await?, names(&ground, &jobs, "task-name").await?];
    for (_, all) in &people {
        for asked in all {
            assert_eq!(made[usize::from(asked.key.is_some())].get(&asked.name), Some(&1), "{asked:?}");
        }
    }
    assert_eq!(made.iter().map(BTreeMap::len).sum::<usize>(), people.iter().map(|(_, all)| all.len()).sum::<usize>(), "and nothing else");
    // A task of several nodes is two objects: none has only one of them.
    let services = names(&ground, &namespace.path("services"), "task-name").await?;
    assert_eq!(services.keys().collect::<Vec<_>>(), made[1].keys().collect::<Vec<_>>());
    drop(running);
    namespace.delete().await
}
