//! What do people see while the API server is away, and after it is back?

use crate::portal::{Place, Portal, Trust};
use crate::visitor::Visitor;
use crate::volumes::{form, make, remove, unique};
use anyhow::{Result, bail};
use ground::{FaultProxy, Ground};
use reqwest::StatusCode;
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
async fn a_portal_that_starts_without_the_api_server_says_so_and_recovers_by_itself() -> Result<()> {
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
async fn while_the_api_server_is_away_the_last_rows_stay_with_their_age_and_changes_are_refused_at_once() -> Result<()> {
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
