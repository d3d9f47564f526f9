//! Do the pages say how full volumes are, since when, and what comes? With what was measured put into the records, as a restart
//! finds it; that the nodes are really asked is proven in the crate `cluster`.

use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{Made, make, remove, uid};
use anyhow::{Context, Result};
use domain::quantity::Size;
use domain::usage::{Sample, Usage};
use ground::{Ground, NAMESPACE};
use reqwest::StatusCode;
use server::usage::remember;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MI: u64 = 1 << 20;
const DAY: i64 = 86_400;

#[expect(clippy::disallowed_methods, reason = "tests have no clock of their own to hand in")]
fn now() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}

/// A volume of alice's whose storage is there: 16 Mi, the least of its class.
async fn bound(portal: &Portal, alice: &mut Visitor, stem: &str) -> Result<Made> {
    let made = make(portal, alice, stem, "fast").await?;
    let claim = format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{}", made.claim());
    let bound = |claim: &serde_json::Value| claim["status"]["phase"] == "Bound";
    Ground::current().await?.admin().wait_until(&claim, Duration::from_secs(60), bound).await?;
    let shown = async {
        while !alice.visit(&portal.at(&made.page())).await?.text.contains(">Bound<") {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), shown).await.context("the portal sees it bound")??;
    Ok(made)
}

/// One sample a day until two hours ago, so many Mi of 14 used.
async fn measured(portal: &Portal, made: &Made, used: &[u64]) -> Result<()> {
    let (uid, last) = (uid(made).await?, now()? - 7200);
    let days = (0..i64::try_from(used.len())?).rev();
    let sample = |(used, day): (&u64, i64)| {
        let usage = Usage { used: Size::from_bytes(used * MI), total: Size::from_bytes(14 * MI) };
        (uid.clone(), Sample { at: last - day * DAY, usage, files: None })
    };
    portal.records.samples().keep(&used.iter().zip(days).map(sample).collect::<Vec<_>>()).await?;
    remember(&portal.cluster, &portal.records.samples()).await;
    Ok(())
}

async fn read(who: &mut Visitor, portal: &Portal, path: &str) -> Result<String> {
    let page = who.visit(&portal.at(path)).await?;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
    Ok(page.text)
}

/// What a part of the page says, without tags.
fn part(page: &str, name: &str) -> Result<String> {
    let (_, rest) = page.split_once(&format!("id=\"{name}\"")).with_context(|| format!("no {name}: {page}"))?;
    let part = rest.split("</section>").next().unwrap_or_default();
    Ok(part.split('<').map(|piece| piece.split_once('>').map_or("", |(_, text)| text)).collect())
}

#[tokio::test]
async fn g0_58_a_volumes_page_says_how_full_it_is_since_when_and_when_it_will_be_full() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = bound(&portal, &mut alice, "filling").await?;
    let before = part(&read(&mut alice, &portal, &made.page()).await?, "full")?;
    assert!(before.contains("The portal does not measure how full volumes are."), "{before}");

    measured(&portal, &made, &[4, 5, 6, 7, 8, 9, 10]).await?;
    let page = read(&mut alice, &portal, &made.page()).await?;
    let said = part(&page, "full")?;
    let day = domain::text::day(now()? - 7200 + 4 * DAY);
    for sentence in [
        "10 Mi of 14 Mi used (71 %)",
        &format!("Full on {day} if it goes on as it did."),
        "Measured 2 h ago",
        "when a pod last had it mounted",
    ] {
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    let bar = page.split("<meter").nth(1).context("a bar")?;
    assert!(bar.contains("value=\"71\"") && bar.contains("aria-label=\"Used\""), "{bar}");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn g1_49_what_is_nearly_full_is_on_the_home_page_and_found_in_the_list() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let (full, roomy) = (bound(&portal, &mut alice, "crowded").await?, bound(&portal, &mut alice, "roomy").await?);
    measured(&portal, &full, &[12]).await?;
    measured(&portal, &roomy, &[11]).await?;

    let home = read(&mut alice, &portal, "/").await?;
    let nearly = home.split("<section").find(|section| section.contains(">Nearly full</h2>")).context("a section")?;
    assert!(nearly.contains(&full.name) && nearly.contains("85 % used") && !nearly.contains(&roomy.name), "{nearly}");
    assert!(!read(&mut bob, &portal, "/").await?.contains("Nearly full"));

    let listed = read(&mut alice, &portal, "/volumes?q=full%3E80&columns=details").await?;
    assert!(listed.contains(&full.name) && !listed.contains(&roomy.name), "{listed}");
    assert!(listed.contains("id=\"sort-full\"") && listed.contains("value=\"85\""), "{listed}");
    let page = read(&mut alice, &portal, &full.page()).await?;
    assert!(page.contains("data-cause=\"nearly-full\"") && page.contains(&format!("href=\"{}/grow\"", full.page())), "{page}");
    for made in [&full, &roomy] {
        remove(&portal, &mut alice, made).await?;
    }
    Ok(())
}

#[tokio::test]
async fn figures_of_a_whole_file_system_are_no_bar_and_say_what_they_are() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = bound(&portal, &mut alice, "shared-disk").await?;
    let usage = Usage { used: Size::from_bytes(240 << 30), total: Size::from_bytes(250 << 30) };
    portal.records.samples().keep(&[(uid(&made).await?, Sample { at: now()?, usage, files: None })]).await?;
    remember(&portal.cluster, &portal.records.samples()).await;
    let page = read(&mut alice, &portal, &made.page()).await?;
    assert!(part(&page, "full")?.contains("Storage of this class reports the whole file system that it lies on: 240 Gi of 250 Gi used"));
    assert!(!page.contains("<meter") && !page.contains("data-cause=\"nearly-full\"") && !page.contains("data-cause=\"full\""), "{page}");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}
