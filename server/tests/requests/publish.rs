//! What do people get when a volume is published as read-only?

use crate::api::{Program, read};
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{make, remove, uid};
use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn g0_62_a_volume_is_published_on_its_page_and_tasks_are_told() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "published", "standard").await?;
    let (there, uid) = (portal.at(&format!("{}/publish", made.page())), uid(&made).await?);
    let asked = alice.visit(&there).await?.text;
    assert!(asked.contains("Publish as read-only") && asked.contains("kubectl in this namespace can still write"), "{asked}");
    assert!(asked.contains("/volumes/new?access=ReadOnlyMany"), "the way for many nodes: {asked}");
    let stale = alice.post(&there, &[("read_only", "yes"), ("uid", "00000000-0000-0000-0000-000000000000")]).await?;
    assert!(stale.status == StatusCode::CONFLICT && stale.text.contains("Nothing was changed"), "{stale:?}");
    let done = alice.post(&there, &[("read_only", "yes"), ("uid", &uid)]).await?;
    let page = alice.visit(&portal.at(&done.location.context("a way on")?)).await?.text;
    assert!(page.contains("Published as read-only") && page.contains(">read-only</span>"), "{page}");
    assert!(alice.visit(&portal.at("/volumes?q=published")).await?.text.contains(">read-only</span>"));
    let file = |more: &str| format!("name: t\nrun: ls\nvolumes:\n  /data: {{name: {}{more}}}\n", made.name);
    let told = alice.post(&portal.at("/tasks/new"), &[("do", "look"), ("file", &file(""))]).await?.text;
    assert!(told.contains("for reading only, because you published it so"), "{told}");
    let told = alice.post(&portal.at("/tasks/new"), &[("do", "look"), ("file", &file(", read_only: false"))]).await?.text;
    assert!(told.contains("is published as read-only, and this asks to write to it"), "{told}");
    let back = alice.post(&there, &[("read_only", "no"), ("uid", &uid)]).await?;
    let page = alice.visit(&portal.at(&back.location.context("a way on")?)).await?.text;
    assert!(page.contains("Open for writing") && !page.contains(">read-only</span>"), "{page}");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn g0_62_calls_publish_and_take_back_and_another_persons_is_not_there() -> Result<()> {
    let portal = Portal::start().await?;
    let (alice, bob) = (Program::signed_in(&portal, "alice").await?, Program::signed_in(&portal, "bob").await?);
    let made = alice.made(&portal, "published", json!({})).await?;
    let there = format!("/api/volumes/{}/publish", made.id);
    assert_eq!(bob.call(&portal, Method::POST, &there, &json!({"read_only": true})).await?.status, StatusCode::NOT_FOUND);
    for wrong in [json!({}), json!({"read_only": "yes"}), json!({"read_only": true, "modes": []})] {
        let refused = alice.call(&portal, Method::POST, &there, &wrong).await?;
        assert!(refused.status.is_client_error(), "{wrong}: {refused:?}");
    }
    for read_only in [true, true, false] {
        let told = read(&alice.call(&portal, Method::POST, &there, &json!({"read_only": read_only})).await?)?;
        assert_eq!(told["read_only"], read_only);
    }
    alice.removed(&portal, &made).await?;
    Ok(())
}
