//! What do people see while the API server is away, and after it is back?

use crate::portal::{Place, Portal, Trust};
use crate::visitor::Visitor;
use crate::volumes::{form, make, remove, unique};
use anyhow::{Context, Result, bail};
use ground::{FaultProxy, Ground};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, interval};

/// A portal whose way to the API server leads through a proxy that can cut it.
async fn portal() -> Result<(Portal, FaultProxy)> {
    let ground = Ground::current().await?;
    let proxy = FaultProxy::start(ground.api_address()).await?;
    let portal = Place::free().await?.portal_via(&ground, Trust::from(&ground), &proxy).await?;
    tokio::time::timeout(Duration::from_secs(30), portal.cluster.synced()).await?;
    Ok((portal, proxy))
}

/// A portal that has never reached the cluster.
pub async fn cut_portal() -> Result<(Portal, FaultProxy)> {
    let ground = Ground::current().await?;
    let proxy = FaultProxy::start(ground.api_address()).await?;
    proxy.cut();
    let portal = Place::free().await?.portal_via(&ground, Trust::from(&ground), &proxy).await?;
    Ok((portal, proxy))
}

/// Opens a page until it says what it should.
pub async fn until(visitor: &mut Visitor, url: &str, is_so: impl Fn(StatusCode, &str) -> bool) -> Result<String> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut pace = interval(Duration::from_millis(100));
    let mut last = String::new();
    while Instant::now() < deadline {
        pace.tick().await;
        let page = visitor.visit(url).await?;
        if is_so(page.status, &page.text) {
            return Ok(page.text);
        }
        last = format!("{} {}", page.status, page.text);
    }
    bail!("not within 30 s: {last}")
}

#[tokio::test]
async fn d_01_a_portal_that_starts_without_the_api_server_says_so_and_recovers_by_itself() -> Result<()> {
    let (portal, proxy) = cut_portal().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = alice.visit(&portal.at("/volumes")).await?;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("The cluster does not answer") && page.text.contains("since"), "{}", page.text);
    assert!(!page.text.contains("No volumes yet"), "failed is never shown as empty");
    assert_eq!(alice.visit(&portal.at("/livez")).await?.status, StatusCode::OK);
    proxy.restore();
    until(&mut alice, &portal.at("/volumes"), |status, text| status.is_success() && !text.contains("It has been silent since")).await?;
    Ok(())
}

#[tokio::test]
async fn d_02_while_the_api_server_is_away_the_last_rows_stay_with_their_age_and_changes_are_refused_at_once() -> Result<()> {
    let (portal, proxy) = portal().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "kept", "standard").await?;
    proxy.cut();
    let banner = "It has been silent since";
    until(&mut alice, &portal.at("/volumes"), |status, text| status.is_success() && text.contains(banner) && text.contains(&made.name))
        .await?;
    let page = alice.visit(&portal.at(&made.page())).await?;
    assert!(page.status.is_success() && page.text.contains(banner), "{page:?}");
    let (started, name) = (Instant::now(), unique("refused")?);
    let refused = alice.post(&portal.at("/volumes/new"), &form(&name, "standard")).await?;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
    assert!(refused.text.contains(&name), "what was typed is kept");
    assert!(started.elapsed() < Duration::from_secs(30), "it does not hang");
    proxy.restore();
    until(&mut alice, &portal.at("/volumes"), |status, text| status.is_success() && !text.contains(banner)).await?;
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn d_03_an_api_server_that_accepts_and_never_answers_ends_a_request_after_ten_seconds_and_lists_go_on() -> Result<()> {
    let (portal, proxy) = portal().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "stalled", "standard").await?;
    proxy.stall();
    let started = Instant::now();
    let live = alice.visit(&portal.at(&format!("{}/yaml", made.page()))).await?;
    assert_eq!(live.status, StatusCode::GATEWAY_TIMEOUT, "{live:?}");
    assert!((9..20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    let started = Instant::now();
    let list = alice.visit(&portal.at("/volumes")).await?;
    assert!(list.status.is_success() && list.text.contains(&made.name), "{list:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    proxy.restore();
    until(&mut alice, &portal.at(&format!("{}/yaml", made.page())), |status, _| status.is_success()).await?;
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// The portal's kubeconfig with another authority in it: any certificate will do.
fn distrusting(ground: &Ground) -> Result<Value> {
    let read = |path: &Path| anyhow::Ok(serde_json::from_slice::<Value>(&std::fs::read(path)?)?);
    let other = read(ground.admin_kubeconfig())?.pointer("/users/0/user/client-certificate-data").context("a certificate")?.clone();
    let mut kubeconfig = read(ground.portal_kubeconfig())?;
    *kubeconfig.pointer_mut("/clusters/0/cluster/certificate-authority-data").context("an authority")? = other;
    Ok(kubeconfig)
}

#[tokio::test]
async fn d_19_an_api_server_whose_certificate_is_not_of_the_known_authority_is_told_nothing() -> Result<()> {
    let ground = Ground::current().await?;
    let place = Place::free().await?;
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("distrusting-{}", place.url().replace(['/', ':'], "-")));
    std::fs::write(&file, distrusting(&ground)?.to_string())?;
    let portal = place.portal_by(file.clone(), Trust::from(&ground)).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    until(&mut alice, &portal.at("/volumes"), |status, text| {
        status == StatusCode::SERVICE_UNAVAILABLE && text.contains("The cluster does not answer") && text.contains("since")
    })
    .await?;
    assert!(!portal.cluster.health().synced);
    let name = unique("distrusted")?;
    let refused = alice.post(&portal.at("/volumes/new"), &form(&name, "standard")).await?;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
    std::fs::remove_file(file)?;
    Ok(())
}

#[tokio::test]
async fn d_32_when_all_sessions_are_lost_people_sign_in_again_and_land_where_they_were() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::new()?;
    // An id as the portal gives them, which its store does not know.
    alice.plant(&portal, "AAAAAAAAAAAAAAAAAAAAAA");
    let program = alice.send(Method::GET, &portal.at("/volumes?sort=name"), |request| request).await?;
    assert_eq!(program.status, StatusCode::UNAUTHORIZED, "{program:?}");
    let stream = alice.send(Method::GET, &portal.at("/live"), |request| request).await?;
    assert_eq!(stream.status, StatusCode::UNAUTHORIZED, "{stream:?}");
    let asked = alice.visit(&portal.at("/volumes?sort=name")).await?;
    assert_eq!((asked.status, asked.location.as_deref()), (StatusCode::SEE_OTHER, Some("/auth/login?next=%2Fvolumes%3Fsort%3Dname")));
    let callback = alice.reach_callback(&portal, "alice", "/volumes?sort=name").await?;
    assert_eq!(alice.visit(callback.as_str()).await?.location.as_deref(), Some("/volumes?sort=name"));
    assert!(alice.is_known(&portal).await?);
    Ok(())
}
