//! What if the provider does not do what a provider does? Nobody gets in, and whoever is in stays in.

use crate::portal::{Place, Portal, Trust};
use crate::visitor::Visitor;
use anyhow::Result;
use ground::Ground;
use reqwest::StatusCode;
use std::time::Duration;
use tokio::time::Instant;

async fn refused(portal: &Portal, visitor: &mut Visitor, status: StatusCode) -> Result<String> {
    let callback = visitor.reach_callback(portal, "alice", "/").await?;
    let page = visitor.visit(callback.as_str()).await?;
    assert_eq!(page.status, status, "{page:?}");
    assert!(visitor.cookies(portal).is_empty(), "no session, and the sign-in's cookie is dropped: {page:?}");
    Ok(page.text)
}

#[tokio::test]
async fn c1_011_012_013_id_tokens_that_prove_nothing_are_refused() -> Result<()> {
    let (portal, provider) = Portal::with_own_provider().await?;
    for mode in ["wrong-issuer", "wrong-audience", "wrong-nonce", "expired", "unsigned", "no-iss"] {
        provider.misbehave(mode).await?;
        let mut visitor = Visitor::new()?;
        let text = refused(&portal, &mut visitor, StatusCode::BAD_REQUEST).await?;
        assert!(text.contains("Sign-in could not be completed"), "{mode}: {text}");
    }
    provider.misbehave("none").await?;
    Visitor::signed_in(&portal, "alice").await?;
    Ok(())
}

#[tokio::test]
async fn c1_009_an_answer_from_another_issuer_is_refused_before_its_code_is_used() -> Result<()> {
    let (portal, provider) = Portal::with_own_provider().await?;
    // Whoever asks this provider for a token now waits for half a minute.
    provider.misbehave("slow").await?;
    let mut visitor = Visitor::new()?;
    let callback = visitor.reach_callback(&portal, "alice", "/").await?;
    let forged = callback.as_str().replace(&format!("iss={}", urlencoded(provider.issuer())), "iss=https%3A%2F%2Fevil.example");
    assert!(forged.contains("evil.example"), "{callback}");
    let started = Instant::now();
    assert_eq!(visitor.visit(&forged).await?.status, StatusCode::BAD_REQUEST);
    assert!(started.elapsed() < Duration::from_secs(5), "the token endpoint was asked");
    Ok(())
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn d_27_a_provider_that_answers_with_a_page_or_too_late_is_a_502() -> Result<()> {
    let (portal, provider) = Portal::with_own_provider().await?;
    for mode in ["html", "slow"] {
        provider.misbehave(mode).await?;
        let started = Instant::now();
        let text = refused(&portal, &mut Visitor::new()?, StatusCode::BAD_GATEWAY).await?;
        assert!(text.contains("Sign-in is not available right now") && text.contains("/auth/login"), "{mode}: {text}");
        assert!(started.elapsed() < Duration::from_secs(15), "{mode}");
    }
    Ok(())
}

#[tokio::test]
async fn d_28_signing_keys_may_change_between_sign_ins_but_are_fetched_again_once_a_minute_at_most() -> Result<()> {
    let (portal, provider) = Portal::with_own_provider().await?;
    let mut before = Visitor::signed_in(&portal, "alice").await?;
    provider.misbehave("rotate-keys").await?;
    Visitor::signed_in(&portal, "bob").await?;
    assert!(before.is_known(&portal).await?);
    provider.misbehave("rotate-keys").await?;
    refused(&portal, &mut Visitor::new()?, StatusCode::BAD_REQUEST).await?;
    Ok(())
}

#[tokio::test]
async fn without_the_provider_nobody_signs_in_and_everybody_goes_on_working() -> Result<()> {
    let (portal, provider) = Portal::with_own_provider().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    drop(provider);
    let noticed = async {
        loop {
            let page = Visitor::new()?.visit(&portal.at("/auth/login?next=%2Fvolumes")).await?;
            if page.status == StatusCode::SERVICE_UNAVAILABLE {
                return anyhow::Ok(page);
            }
        }
    };
    let page = tokio::time::timeout(Duration::from_secs(10), noticed).await??;
    assert!(page.text.contains("Sign-in is not available right now") && page.text.contains("/auth/login?next=%2Fvolumes"), "{}", page.text);
    assert!(page.headers.contains_key("retry-after"));
    assert!(alice.is_known(&portal).await?);
    // Signing out works all the same.
    let out = alice.post(&portal.at("/auth/logout"), &[]).await?;
    assert_eq!((out.status, out.location.as_deref()), (StatusCode::SEE_OTHER, Some("/auth/signed-out")));
    assert!(!alice.is_known(&portal).await?);
    Ok(())
}

#[tokio::test]
async fn d_26_a_portal_starts_without_its_provider_and_is_ready() -> Result<()> {
    let ground = Ground::current().await?;
    let trust = Trust { issuer: "http://127.0.0.1:9".to_owned(), client_secret: "x".to_owned() };
    let portal = Place::free().await?.portal(&ground, trust, &[]).await?;
    let mut visitor = Visitor::new()?;
    assert_eq!(visitor.visit(&portal.at("/readyz")).await?.status, StatusCode::OK);
    assert_eq!(visitor.visit(&portal.at("/auth/login")).await?.status, StatusCode::SERVICE_UNAVAILABLE);
    Ok(())
}
