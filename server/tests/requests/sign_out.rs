//! Is a session over when somebody says so: the person, or the provider?

use crate::issuer::{CLIENT, Issuer, KEY, SECRET, Signer, by_secret, now, unsigned, with};
use crate::portal::{Place, Portal, Trust};
use crate::visitor::Visitor;
use anyhow::{Context, Result};
use ground::Ground;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

#[tokio::test]
async fn signing_out_ends_the_session_here_and_at_the_provider() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let stolen = alice.clone();
    let out = alice.post(&portal.at("/auth/logout"), &[]).await?;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert!(out.headers.contains_key("clear-site-data"));
    assert!(alice.session(&portal).is_none());
    assert!(!stolen.clone().is_known(&portal).await?, "the old id is dead, whoever holds it");
    let there = Url::parse(out.location.as_deref().context("to the provider")?)?;
    let value = |name: &str| there.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned());
    assert_eq!(value("post_logout_redirect_uri"), Some(portal.at("/auth/signed-out")));
    assert!(value("id_token_hint").is_some_and(|hint| hint.split('.').count() == 3));
    let mut page = alice.visit(there.as_str()).await?;
    let mut url = there;
    while let Some(location) = &page.location {
        url = url.join(location)?;
        page = alice.visit(url.as_str()).await?;
    }
    assert!(url.as_str().starts_with(&portal.at("/auth/signed-out")), "{url}");
    assert!(page.text.contains("You are signed out"));
    // The provider asks for the password again.
    let login = alice.visit(&portal.at("/auth/login")).await?;
    let asked = alice.visit(login.location.as_deref().context("to the provider")?).await?;
    assert!(asked.location.is_some_and(|to| to.contains("/sign-in/")), "the provider's session is over as well");
    Ok(())
}

#[tokio::test]
async fn c2_025_027_a_link_or_an_image_signs_nobody_out() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    for method in [Method::GET, Method::HEAD] {
        let page = alice.send(method, &portal.at("/auth/logout"), |request| request.header("x-http-method-override", "POST")).await?;
        assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert!(alice.is_known(&portal).await?);
    Ok(())
}

#[tokio::test]
async fn c2_032_requests_under_way_do_not_bring_a_session_back() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let (mut tab, url) = (alice.clone(), portal.at("/"));
            tokio::spawn(async move { tab.visit(&url).await.map(|page| page.status) })
        })
        .collect();
    let before = alice.clone();
    alice.post(&portal.at("/auth/logout"), &[]).await?;
    for request in requests {
        assert!(matches!(request.await??, StatusCode::OK | StatusCode::SEE_OTHER));
    }
    assert!(!before.clone().is_known(&portal).await?);
    Ok(())
}

#[tokio::test]
async fn signing_out_twice_or_without_a_session_is_no_error() -> Result<()> {
    let portal = Portal::start().await?;
    let out = Visitor::new()?.post(&portal.at("/auth/logout"), &[]).await?;
    assert_eq!((out.status, out.location.as_deref()), (StatusCode::SEE_OTHER, Some("/auth/signed-out")));
    Ok(())
}

#[tokio::test]
async fn when_the_provider_ends_a_session_ours_ends_too_and_no_other() -> Result<()> {
    let ground = Ground::current().await?;
    let place = Place::free().await?;
    let provider = ground.own_provider(Some(&format!("{}/auth/backchannel-logout", place.url()))).await?;
    let portal = place.portal(&ground, Trust::from(&provider), &[]).await?;
    let mut desk = Visitor::signed_in(&portal, "alice").await?;
    let mut phone = Visitor::signed_in(&portal, "alice").await?;
    let mut url = Url::parse(&format!("{}/session/end?client_id={}", provider.issuer(), provider.client_id()))?;
    let mut page = desk.visit(url.as_str()).await?;
    while let Some(location) = &page.location {
        url = url.join(location)?;
        page = desk.visit(url.as_str()).await?;
    }
    tokio::time::timeout(Duration::from_secs(10), async {
        while desk.is_known(&portal).await? {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    })
    .await
    .context("the session ends")??;
    assert!(phone.is_known(&portal).await?, "another session of the same person goes on");
    Ok(())
}

#[tokio::test]
async fn c2_037_sign_out_messages_of_others_are_refused() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let unsigned = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.";
    for body in ["", "logout_token=", "logout_token=abc", "other=1", &format!("logout_token={unsigned}")] {
        let send =
            |request: reqwest::RequestBuilder| request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned());
        let page = Visitor::new()?.send(Method::POST, &portal.at("/auth/backchannel-logout"), send).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert!(alice.is_known(&portal).await?);
    Ok(())
}

/// The message that a provider posts when a session of its own has ended (OpenID Connect Back-Channel Logout 1.0, 2.4).
fn sign_out(issuer: &Issuer, jti: &str) -> Result<Value> {
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    Ok(json!({"iss": issuer.url, "aud": CLIENT, "sub": "carol", "iat": now()?, "exp": now()? + 120, "jti": jti, "events": events}))
}

#[tokio::test]
async fn c2_037_only_a_true_and_fresh_message_of_the_provider_ends_sessions() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    let (mut desk, mut phone) = (Visitor::new()?, Visitor::new()?);
    let mut kept = Vec::new();
    for visitor in [&mut desk, &mut phone] {
        issuer
            .sign_in(&portal, visitor, |claims| {
                let token = issuer.signer.token(&issuer.header(), &claims)?;
                kept.push(token.clone());
                Ok(token)
            })
            .await?;
        assert!(visitor.is_known(&portal).await?);
    }
    let told = async |message: String| -> Result<StatusCode> {
        Ok(Visitor::new()?
            .send(Method::POST, &portal.at("/auth/backchannel-logout"), |request| request.form(&[("logout_token", message)]))
            .await?
            .status)
    };
    let header = json!({"alg": "ES256", "kid": KEY, "typ": "logout+jwt"});
    let good = sign_out(&issuer, "1")?;
    let mallory = Signer::new()?;
    let mut variants = vec![
        ("no signature", format!("{}.", unsigned(&json!({"alg": "none", "typ": "logout+jwt"}), &good))),
        ("the client's secret", by_secret(SECRET.as_bytes(), &good)),
        ("another key", mallory.token(&header, &good)?),
        ("an id token", kept.pop().context("an id token")?),
    ];
    for (what, claim, value) in [
        ("another issuer", "iss", json!("https://id.example")),
        ("another client", "aud", json!("another-client")),
        ("no issuer", "iss", Value::Null),
        ("no client", "aud", Value::Null),
        ("no event", "events", Value::Null),
        ("another event", "events", json!({"http://schemas.openid.net/event/other": {}})),
        ("a nonce", "nonce", json!("n")),
        ("nobody", "sub", Value::Null),
        ("no number", "jti", Value::Null),
        ("no time", "iat", Value::Null),
        ("long ago", "iat", json!(now()? - 3600)),
    ] {
        variants.push((what, issuer.signer.token(&header, &with(good.clone(), claim, &value))?));
    }
    for (what, message) in variants {
        assert_eq!(told(message).await?, StatusCode::BAD_REQUEST, "{what}");
        assert!(desk.is_known(&portal).await?, "{what}");
    }
    let message = issuer.signer.token(&header, &good)?;
    assert_eq!(told(message.clone()).await?, StatusCode::OK);
    assert!(!desk.is_known(&portal).await? && !phone.is_known(&portal).await?, "all sessions of the person");
    issuer.sign_in(&portal, &mut desk, |claims| issuer.signer.token(&issuer.header(), &claims)).await?;
    assert_eq!(told(message).await?, StatusCode::BAD_REQUEST, "a repetition");
    assert!(desk.is_known(&portal).await?, "who has signed in again stays");
    Ok(())
}
