//! Which tokens of the provider count? Those that it signed, for this portal, about this sign-in, now.

use crate::issuer::{self, CLIENT, Issuer, KEY, SECRET, Signer, by_secret, now, unsigned, with};
use crate::portal::{Place, Portal};
use crate::visitor::{Page, Visitor};
use anyhow::{Context, Result};
use futures::future::try_join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

type Forge<'f> = &'f dyn Fn(&Value) -> String;

/// Nobody got in, and the page says no more than that.
fn check_refused(portal: &Portal, visitor: &Visitor, page: &Page, what: &str) {
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{what}: {page:?}");
    assert!(page.text.contains("Sign-in could not be completed"), "{what}: {}", page.text);
    assert!(visitor.cookies(portal).is_empty(), "{what}: no session, and the sign-in's cookie is dropped");
}

#[tokio::test]
async fn c1_011_a_token_that_the_provider_did_not_sign_as_agreed_lets_nobody_in() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    let mallory = Signer::new()?;
    let elsewhere = format!("{}/elsewhere", issuer.url);
    let mine = |header: Value| (header, &mallory);
    let signed = [
        ("a key of one's own", mine(json!({"alg": "ES256", "kid": "mallory"}))),
        ("a key of one's own under the provider's id", mine(json!({"alg": "ES256", "kid": KEY}))),
        ("a key of one's own under no id", mine(json!({"alg": "ES256"}))),
        ("another algorithm with a key of one's own", mine(json!({"alg": "RS256", "kid": "mallory"}))),
        ("a key that the token brings", mine(json!({"alg": "ES256", "kid": "mallory", "jwk": mallory.jwk("mallory")}))),
        ("an address for keys", mine(json!({"alg": "ES256", "kid": "mallory", "jku": elsewhere}))),
        ("an address for certificates", mine(json!({"alg": "ES256", "kid": "mallory", "x5u": elsewhere}))),
        ("an address for keys, under the provider's id", mine(json!({"alg": "ES256", "kid": KEY, "jku": elsewhere, "x5u": elsewhere}))),
        ("another algorithm with the provider's key", (json!({"alg": "RS256", "kid": KEY}), &issuer.signer)),
        ("what must be understood", (json!({"alg": "ES256", "kid": KEY, "crit": ["exp"], "exp": 1}), &issuer.signer)),
        ("a token within the token", (json!({"alg": "ES256", "kid": KEY, "cty": "JWT"}), &issuer.signer)),
    ];
    for (what, (header, signer)) in &signed {
        let mut visitor = Visitor::new()?;
        let page = issuer.sign_in(&portal, &mut visitor, |claims| signer.token(header, &claims)).await?;
        check_refused(&portal, &visitor, &page, what);
    }
    let none = json!({"alg": "none"});
    let forgeries: [(&str, Forge<'_>); 5] = [
        ("no signature", &|claims| format!("{}.", unsigned(&none, claims))),
        ("no signature under the provider's key", &|claims| format!("{}.", unsigned(&json!({"alg": "none", "kid": KEY}), claims))),
        ("an empty signature", &|claims| format!("{}.", unsigned(&json!({"alg": "ES256", "kid": KEY}), claims))),
        ("the client's secret", &|claims| by_secret(SECRET.as_bytes(), claims)),
        ("the provider's public key as a secret", &|claims| by_secret(issuer.signer.point(), claims)),
    ];
    for (what, forge) in forgeries {
        let mut visitor = Visitor::new()?;
        let page = issuer.sign_in(&portal, &mut visitor, |claims| Ok(forge(&claims))).await?;
        check_refused(&portal, &visitor, &page, what);
    }
    let asked = issuer.asked();
    assert!(!asked.contains(&"/elsewhere".to_owned()), "no token says where keys are: {asked:?}");
    let mut carol = Visitor::new()?;
    issuer.sign_in(&portal, &mut carol, |claims| issuer.signer.token(&issuer.header(), &claims)).await?;
    assert!(carol.is_known(&portal).await?, "a token as agreed does");
    Ok(())
}

#[tokio::test]
async fn c1_012_a_token_for_somebody_else_or_about_nobody_lets_nobody_in() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    for (claim, value) in [
        ("aud", json!("another-client")),
        ("aud", json!([CLIENT, "another-client"])),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("aud", json!(format!("{CLIENT} "))),
        ("sub", json!("")),
        ("sub", json!("s".repeat(300))),
        ("sub", json!("carol\0")),
        ("sub", json!("carol\n")),
        ("sub", json!("cárol")),
        ("iss", json!(format!("{}/", issuer.url))),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
    ] {
        let mut visitor = Visitor::new()?;
        let token = |claims| issuer.signer.token(&issuer.header(), &with(claims, claim, &value));
        let page = issuer.sign_in(&portal, &mut visitor, token).await?;
        check_refused(&portal, &visitor, &page, &format!("{claim} {value}"));
    }
    // Without what every id token has it is none: the provider does not answer as it should, which is a 502.
    for claim in ["sub", "iss", "exp", "iat"] {
        let mut visitor = Visitor::new()?;
        let token = |claims| issuer.signer.token(&issuer.header(), &with(claims, claim, &Value::Null));
        let page = issuer.sign_in(&portal, &mut visitor, token).await?;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{claim}: {page:?}");
        assert!(visitor.cookies(&portal).is_empty(), "{claim}");
    }
    Ok(())
}

/// The seconds at the very edge are `oidc`'s own test; here the clock goes on.
#[tokio::test]
async fn c1_013_a_token_counts_around_its_times_only() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    for (issued, expires, is_good) in
        [(-300, -70, false), (-300, -40, true), (40, 300, true), (80, 300, false), (-36_000, 300, false), (-60, 300, true)]
    {
        let mut visitor = Visitor::new()?;
        let now = now()?;
        let token = |claims| {
            let claims = with(with(claims, "iat", &json!(now + issued)), "exp", &json!(now + expires));
            issuer.signer.token(&issuer.header(), &claims)
        };
        let page = issuer.sign_in(&portal, &mut visitor, token).await?;
        if is_good {
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{issued} {expires}: {page:?}");
        } else {
            check_refused(&portal, &visitor, &page, &format!("{issued} {expires}"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn c1_016_only_the_groups_in_the_token_itself_make_an_administrator() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    let many = |last: &str| (0..5000).map(|n| format!("group-{n}")).chain([last.to_owned()]).collect::<Vec<_>>();
    let pointer = format!("{}/groups", issuer.url);
    for (claim, value, is_admin) in [
        ("groups", json!(["stowage-admins"]), true),
        ("groups", json!(many("stowage-admins")), true),
        ("groups", json!(many("none")), false),
        ("groups", json!("stowage-admins"), false),
        ("groups", json!(["stowage-admins "]), false),
        ("groups", json!(["Stowage-Admins"]), false),
        ("groups", json!({"stowage-admins": true}), false),
        // OpenID Connect Core 1.0, 5.6.2: where to ask for a claim. Nobody does.
        ("_claim_sources", json!({"src1": {"endpoint": pointer, "access_token": "x"}}), false),
    ] {
        let mut visitor = Visitor::new()?;
        let token = |claims| {
            let claims = with(with(claims, "_claim_names", &json!({"groups": "src1"})), claim, &value);
            issuer.signer.token(&issuer.header(), &claims)
        };
        let page = issuer.sign_in(&portal, &mut visitor, token).await?;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
        let admin = visitor.visit(&portal.at("/admin/volumes")).await?.status;
        let what: String = value.to_string().chars().take(40).collect();
        assert_eq!(admin, if is_admin { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{claim} {what}");
    }
    assert!(!issuer.asked().contains(&"/groups".to_owned()));
    Ok(())
}

#[tokio::test]
async fn c1_019_of_fifty_sign_ins_at_once_each_is_its_own_persons() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    // At the same moment, so that no answer drops the cookies of the others.
    let begun = try_join_all((0..50).map(|number| {
        let portal = &portal;
        async move {
            let mut tab = Visitor::new()?;
            let there = tab.start(portal, &format!("/volumes?q=tab-{number}")).await?;
            anyhow::Ok((number, tab, there))
        }
    }))
    .await?;
    let mut browser = Visitor::new()?;
    let mut callbacks = Vec::new();
    for (number, tab, there) in begun {
        let claims = with(issuer.claims(&there)?, "sub", &json!(format!("person-{number}")));
        let claims = with(claims, "name", &json!(format!("Person {number} of fifty")));
        callbacks.push((number, issuer.callback(&portal, &there, issuer.signer.token(&issuer.header(), &claims)?)?));
        browser.takes_cookies_of(tab);
    }
    let mut completed = 0;
    for (number, callback) in callbacks.into_iter().rev() {
        let before = browser.session(&portal).map(str::to_owned);
        let page = browser.visit(callback.as_str()).await?;
        if page.status == StatusCode::BAD_REQUEST {
            assert_eq!(browser.session(&portal), before.as_deref(), "{number}: nothing changed");
            continue;
        }
        assert_eq!(page.location, Some(format!("/volumes?q=tab-{number}")));
        let home = browser.visit(&portal.at("/")).await?;
        assert!(home.text.contains(&format!("Person {number} of fifty")), "{number}: {}", home.text);
        completed += 1;
    }
    assert!(completed > 0, "some of them can be completed");
    Ok(())
}

#[tokio::test]
async fn c2_034_over_https_a_session_is_read_from_its_own_cookie_only() -> Result<()> {
    let issuer = Issuer::start().await?;
    let place = Place::free().await?;
    let here = place.url().replace("http://", "");
    let portal = issuer.portal_at(place, &[("public_url", "https://stowage.example"), ("listen.hosts", &here)]).await?;
    let mut carol = Visitor::new()?;
    let page = issuer.sign_in(&portal, &mut carol, |claims| issuer.signer.token(&issuer.header(), &claims)).await?;
    let lines = page.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let line = lines.into_iter().find(|line| line.starts_with("__Host-stowage=")).with_context(|| format!("{page:?}"))?;
    assert!(line.contains("; Secure") && line.contains("Path=/") && !line.contains("Domain"), "{line}");
    let id = line.split(['=', ';']).nth(1).context("an id")?;
    // What a page of a neighbouring name can set: everything but names that begin with `__Host-`.
    for (cookies, expected) in [
        (format!("__Host-stowage={id}"), StatusCode::OK),
        (format!("stowage=AAAAAAAAAAAAAAAAAAAAAA; __Host-stowage={id}"), StatusCode::OK),
        (format!("stowage={id}"), StatusCode::UNAUTHORIZED),
        (format!("__host-stowage={id}"), StatusCode::UNAUTHORIZED),
        (format!("__Host-stowage={id}; __Host-stowage={id}"), StatusCode::UNAUTHORIZED),
    ] {
        let page = Visitor::new()?.send(Method::GET, &portal.at("/volumes"), |request| request.header("cookie", &cookies)).await?;
        assert_eq!(page.status, expected, "{cookies}");
    }
    Ok(())
}

/// The address of a sign-in's answer with another issuer in it; the provider does not announce that it names itself.
#[tokio::test]
async fn c1_009_a_callback_that_names_another_provider_asks_for_no_token() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    let mut visitor = Visitor::new()?;
    let there = visitor.start(&portal, "/").await?;
    let token = issuer.signer.token(&issuer.header(), &issuer.claims(&there)?)?;
    let mut callback: Url = issuer.callback(&portal, &there, token)?;
    callback.query_pairs_mut().append_pair("iss", "https://evil.example");
    let page = visitor.visit(callback.as_str()).await?;
    check_refused(&portal, &visitor, &page, "another issuer");
    assert!(!issuer.asked().contains(&"/token".to_owned()));
    Ok(())
}

#[tokio::test]
async fn d_27_a_provider_that_fails_when_it_is_asked_for_the_token_is_a_502_that_can_be_tried_again() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    let mut carol = Visitor::new()?;
    let there = carol.start(&portal, "/volumes").await?;
    let token = issuer.signer.token(&issuer.header(), &issuer.claims(&there)?)?;
    let failing = issuer.callback(&portal, &there, token)?.as_str().replace("code=", "code=not-");
    let page = carol.visit(&failing).await?;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{page:?}");
    assert!(page.text.contains("Sign-in is not available right now") && page.text.contains("/auth/login"), "{}", page.text);
    assert!(carol.cookies(&portal).is_empty(), "no session, and the sign-in's cookie is dropped");
    issuer.sign_in(&portal, &mut carol, |claims| issuer.signer.token(&issuer.header(), &claims)).await?;
    assert!(carol.is_known(&portal).await?);
    Ok(())
}

#[tokio::test]
async fn d_28_a_flood_of_unknown_keys_fetches_the_providers_keys_once_more_and_not_again() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    let mut carol = Visitor::new()?;
    issuer.sign_in(&portal, &mut carol, |claims| issuer.signer.token(&issuer.header(), &claims)).await?;
    let fetched = || issuer.asked().iter().filter(|path| *path == "/keys").count();
    let (before, mallory) = (fetched(), Signer::new()?);
    for number in 0..20 {
        let mut visitor = Visitor::new()?;
        let header = json!({"alg": "ES256", "kid": format!("unknown-{number}")});
        let page = issuer.sign_in(&portal, &mut visitor, |claims| mallory.token(&header, &claims)).await?;
        check_refused(&portal, &visitor, &page, "an unknown key");
    }
    assert!(fetched() <= before + 1, "{:?}", issuer.asked());
    Ok(())
}

#[tokio::test]
async fn d_30_a_session_ends_by_its_own_clock_and_no_refresh_token_is_asked_for_or_used() -> Result<()> {
    let issuer = Issuer::start().await?;
    let portal = issuer.portal(&[]).await?;
    let mut carol = Visitor::new()?;
    let there = carol.start(&portal, "/").await?;
    assert!(!there.as_str().contains("offline_access"), "{there}");
    // The id token is for the sign-in alone: this one ends with it.
    let short = |claims: serde_json::Value| {
        let ends = issuer::now()? - 1;
        issuer.signer.token(&issuer.header(), &issuer::with(claims, "exp", &json!(ends)))
    };
    let page = issuer.sign_in(&portal, &mut carol, short).await?;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    let (mut one, mut other) = (carol.clone(), carol.clone());
    for _ in 0..5 {
        let (one, other) = tokio::join!(one.is_known(&portal), other.is_known(&portal));
        assert!(one? && other?);
    }
    assert_eq!(issuer.asked().iter().filter(|path| *path == "/token").count(), 1, "{:?}", issuer.asked());
    let all = format!("{page:?} {:?}", carol.visit(&portal.at("/")).await?);
    assert!(!all.contains("never-used"), "{all}");
    let cookie = page.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()).find(|line| line.starts_with("stowage="));
    assert!(cookie.context("a session")?.contains("Max-Age=28800"), "the session's own end is the cookie's");
    Ok(())
}
