//! Does an open page hear of changes, and of its own end?

use crate::portal::{Place, Portal, Site, Trust};
use crate::visitor::Visitor;
use anyhow::{Context, Result};
use domain::owner::{OwnerKey, Principal};
use ground::Ground;
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use std::time::Duration;

pub const ALICE: &str = "a11ce000-5d1f-4c7e-9a52-1f0c6e1d0001";

pub struct Stream {
    answer: Response,
    text: String,
}

impl Stream {
    pub async fn open(visitor: &mut Visitor, portal: &impl Site) -> Result<Self> {
        let answer = visitor.open(Method::GET, &portal.at("/live"), |request| request.header("accept-encoding", "gzip, br")).await?;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert!(answer.headers().get("content-encoding").is_none(), "compression would hold notices back");
        Ok(Self { answer, text: String::new() })
    }

    /// The next whole event; nothing at the end of the stream.
    pub async fn next(&mut self) -> Result<Option<String>> {
        tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                if let Some((event, rest)) = self.text.split_once("\n\n") {
                    let event = event.to_owned();
                    self.text = rest.to_owned();
                    if event.contains("event:") {
                        return Ok(Some(event));
                    }
                } else {
                    let Some(part) = self.answer.chunk().await? else { return Ok(None) };
                    self.text.push_str(&String::from_utf8_lossy(&part));
                }
            }
        })
        .await
        .context("no event within ten seconds")?
    }
}

#[tokio::test]
async fn a_stream_says_at_once_where_it_stands_and_ends_with_its_session() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut other = Visitor::signed_in(&portal, "alice").await?;
    let mut stream = Stream::open(&mut alice, &portal).await?;
    let mut stays = Stream::open(&mut other, &portal).await?;
    let first = stream.next().await?.context("a first event")?;
    assert!(first.contains("event: volumes") && first.contains("data: "), "{first}");
    alice.post(&portal.at("/auth/logout"), &[]).await?;
    loop {
        let event = stream.next().await?.context("the end is said before the stream ends")?;
        if event.contains("event: signed-out") {
            break;
        }
    }
    assert_eq!(stream.next().await?, None);
    assert!(stays.next().await?.is_some_and(|event| event.contains("event: volumes")), "another session's stream goes on");
    Ok(())
}

#[tokio::test]
async fn a_change_of_ones_own_volumes_is_told_with_a_new_revision() -> Result<()> {
    let ground = Ground::current().await?;
    let namespace = ground.namespace("live").await?;
    let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &[("kubernetes.namespace", namespace.name())]).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut stream = Stream::open(&mut alice, &portal).await?;
    let mut last = stream.next().await?.context("a first event")?;
    let key = OwnerKey::of(&Principal::new(ground.issuer(), ALICE)?);
    let labels =
        json!({"skypilot-volume": "true", "volume-id": "ab12cd34", "volume-name": "data", "username": "alice", "stowage.dev/owner": key});
    let annotations = json!({"stowage.dev/owner-iss": ground.issuer(), "stowage.dev/owner-sub": ALICE});
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-ab12cd34", "labels": labels, "annotations": annotations},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    });
    // What the watches found at their start may still be told; after that it is quiet.
    while let Ok(Ok(Some(event))) = tokio::time::timeout(Duration::from_secs(1), stream.next()).await {
        last = event;
    }
    ground.admin().post(&namespace.path("persistentvolumeclaims"), &claim).await?;
    let told = stream.next().await?.context("a notice")?;
    assert_ne!(told, last);
    namespace.delete().await
}

#[tokio::test]
async fn c6_104_a_person_has_twenty_streams_at_most() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(Stream::open(&mut alice, &portal).await?);
    }
    let refused = alice.open(Method::GET, &portal.at("/live"), |request| request).await?;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    Stream::open(&mut bob, &portal).await?;
    drop(streams);
    tokio::time::timeout(Duration::from_secs(10), async {
        while alice.open(Method::GET, &portal.at("/live"), |request| request).await?.status() != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    })
    .await
    .context("closed streams make room")?
}

#[tokio::test]
async fn streams_end_when_the_portal_stops() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut stream = Stream::open(&mut alice, &portal).await?;
    stream.next().await?;
    portal.end.now();
    while stream.next().await?.is_some() {}
    Ok(())
}
