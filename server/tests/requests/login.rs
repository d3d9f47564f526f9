//! Who gets in, and where do they land?

use crate::portal::Portal;
use crate::visitor::Visitor;
use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use url::Url;

#[tokio::test]
async fn a_person_signs_in_and_lands_on_the_page_they_asked_for() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::new()?;
    let asked = alice.visit(&portal.at("/volumes?sort=name&q=a%20b")).await?;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert_eq!(asked.location.as_deref(), Some("/auth/login?next=%2Fvolumes%3Fsort%3Dname%26q%3Da%2520b"));
    let callback = alice.reach_callback(&portal, "alice", "/volumes?sort=name&q=a%20b").await?;
    let landed = alice.visit(callback.as_str()).await?;
    assert_eq!((landed.status, landed.location.as_deref()), (StatusCode::SEE_OTHER, Some("/volumes?sort=name&q=a%20b")));
    assert!(alice.is_known(&portal).await?);
    assert_eq!(alice.cookies(&portal), ["stowage"], "the sign-in's own cookie is gone");
    Ok(())
}

#[tokio::test]
async fn c1_001_002_003_headers_that_name_a_user_mean_nothing() -> Result<()> {
    let portal = Portal::start().await?;
    for (name, value) in [
        ("x-user", "alice"),
        ("x_user", "alice"),
        ("x-forwarded-user", "alice"),
        ("x-forwarded-email", "alice@example.org"),
        ("x-auth-request-user", "alice"),
        ("remote-user", "alice"),
        ("impersonate-user", "system:admin"),
        ("authorization", "Bearer nothing"),
        ("authorization", "Basic YWRtaW46c3Rvd2FnZQ=="),
    ] {
        let page = Visitor::new()?.send(Method::GET, &portal.at("/volumes"), |request| request.header(name, value)).await?;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{name}");
        assert!(page.text.contains("\"unauthenticated\""), "{name}: {}", page.text);
    }
    // Alice with an administrator's name in a header is still Alice.
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = alice.send(Method::GET, &portal.at("/live?scope=admin"), |request| request.header("x-user", "admin")).await?;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test]
async fn c1_007_c2_026_a_callback_that_no_sign_in_of_this_browser_began_gets_nobody_in() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::new()?;
    let real = alice.reach_callback(&portal, "alice", "/").await?;
    let mut other = Visitor::new()?;
    let mut without_state = real.clone();
    without_state.set_query(Some("code=abc"));
    let mut twice = real.clone();
    twice.query_pairs_mut().append_pair("state", "other");
    for url in [portal.at("/auth/callback"), portal.at("/auth/callback?code=a&state=unknown"), without_state.into(), twice.into()] {
        let page = alice.visit(&url).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{url}");
        assert!(page.text.contains("Sign-in could not be completed"), "{url}: {}", page.text);
        assert!(alice.session(&portal).is_none(), "{url}");
    }
    // The address with everything in it, opened elsewhere: somebody wants another person to work in their name.
    assert_eq!(other.visit(real.as_str()).await?.status, StatusCode::BAD_REQUEST);
    assert!(other.session(&portal).is_none());
    // In its own browser it works, once.
    assert_eq!(alice.visit(real.as_str()).await?.status, StatusCode::SEE_OTHER);
    assert_eq!(alice.cookies(&portal), ["stowage"], "the sign-in's cookie is dropped");
    let session = alice.session(&portal).context("signed in")?.to_owned();
    let replayed = alice.visit(real.as_str()).await?;
    assert_eq!(replayed.status, StatusCode::BAD_REQUEST);
    assert_eq!(alice.session(&portal), Some(session.as_str()), "the session that there was goes on");
    Ok(())
}

#[tokio::test]
async fn c1_008_what_the_provider_says_about_an_error_is_never_shown() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::new()?;
    let there = alice.start(&portal, "/").await?;
    let state = there.query_pairs().find(|(name, _)| name == "state").context("a state")?.1.into_owned();
    let issuer = there.origin().ascii_serialization();
    let mut callback = Url::parse(&portal.at("/auth/callback"))?;
    callback
        .query_pairs_mut()
        .append_pair("state", &state)
        .append_pair("iss", &issuer)
        .append_pair("error", "access_denied")
        .append_pair("error_description", "<script>alert(1)</script>Your account is locked, call +1 555");
    let page = alice.visit(callback.as_str()).await?;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("Sign-in could not be completed"));
    assert!(!page.text.contains("locked") && !page.text.contains("alert"));
    assert!(alice.cookies(&portal).is_empty(), "the sign-in's cookie is dropped");
    Ok(())
}

#[tokio::test]
async fn c2_031_signing_in_gives_a_new_id_and_kills_the_one_that_was_there() -> Result<()> {
    let portal = Portal::start().await?;
    let mallory = Visitor::signed_in(&portal, "bob").await?;
    let planted = mallory.session(&portal).context("signed in")?.to_owned();
    let mut alice = Visitor::new()?;
    let callback = alice.reach_callback(&portal, "alice", "/").await?;
    alice.plant(&portal, &planted);
    assert_eq!(alice.visit(callback.as_str()).await?.status, StatusCode::SEE_OTHER);
    assert_ne!(alice.session(&portal), Some(planted.as_str()));
    assert!(alice.is_known(&portal).await?);
    assert!(!mallory.clone().is_known(&portal).await?, "whoever planted the id holds nothing");
    Ok(())
}

#[tokio::test]
async fn c2_030_034_a_cookie_that_the_portal_did_not_give_is_nobody() -> Result<()> {
    let portal = Portal::start().await?;
    let long = "A".repeat(4000);
    for value in ["AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA", "short", "a.b.c", "%00", "' OR 1=1 --", "-", &long] {
        let mut visitor = Visitor::new()?;
        visitor.plant(&portal, value);
        assert!(!visitor.is_known(&portal).await?, "{value}");
    }
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let ended = alice.session(&portal).context("signed in")?.to_owned();
    alice.post(&portal.at("/auth/logout"), &[]).await?;
    let mut again = Visitor::new()?;
    again.plant(&portal, &ended);
    assert!(!again.is_known(&portal).await?, "of a session that has ended");
    let callback = again.reach_callback(&portal, "alice", "/").await?;
    again.plant(&portal, &ended);
    assert_eq!(again.visit(callback.as_str()).await?.status, StatusCode::SEE_OTHER);
    let id = again.session(&portal).context("signed in")?;
    assert_ne!(id, ended, "a sign-in never takes an id that was there");
    for twice in [format!("stowage={id}; stowage={id}x"), format!("stowage={id}x; stowage={id}")] {
        let page = Visitor::new()?.send(Method::GET, &portal.at("/"), |request| request.header("cookie", twice)).await?;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "two cookies of one name");
    }
    Ok(())
}

#[tokio::test]
async fn c1_018_return_paths_that_lead_elsewhere_land_on_the_front_page() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let long = format!("/{}", "a".repeat(8192));
    for next in [
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "/%5cevil.example",
        "https:evil.example",
        "https://evil.example/",
        "https://portal.example.evil.example",
        "https://portal.example@evil.example",
        "/./../../\\evil.example",
        "javascript:alert(1)",
        "/auth/login",
        "/api/volumes",
        &long,
    ] {
        let callback = alice.reach_callback(&portal, "alice", next).await?;
        let landed = alice.visit(callback.as_str()).await?;
        assert_eq!(landed.location.as_deref(), Some("/"), "{next}");
    }
    Ok(())
}

#[tokio::test]
async fn c1_019_sign_ins_in_several_tabs_do_not_disturb_each_other() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::new()?;
    let first = alice.start(&portal, "/one").await?;
    let second = alice.start(&portal, "/two").await?;
    for (there, next) in [(second, "/two"), (first, "/one")] {
        let callback = alice.through_provider(&portal, "alice", there).await?;
        assert_eq!(alice.visit(callback.as_str()).await?.location.as_deref(), Some(next));
    }
    assert!(alice.is_known(&portal).await?);
    Ok(())
}

#[tokio::test]
async fn a_flood_of_started_sign_ins_leaves_no_pile_of_cookies() -> Result<()> {
    let portal = Portal::start().await?;
    let mut visitor = Visitor::new()?;
    for _ in 0..50 {
        assert_eq!(visitor.visit(&portal.at("/auth/login")).await?.status, StatusCode::SEE_OTHER);
        assert!(visitor.cookies(&portal).len() <= 5);
    }
    Ok(())
}

#[tokio::test]
async fn only_the_group_in_the_id_token_makes_an_administrator() -> Result<()> {
    let portal = Portal::start().await?;
    for (user, status) in [("admin", StatusCode::OK), ("alice", StatusCode::FORBIDDEN)] {
        let mut visitor = Visitor::signed_in(&portal, user).await?;
        let answer = visitor.open(Method::GET, &portal.at("/live?scope=admin"), |request| request).await?;
        assert_eq!(answer.status(), status, "{user}");
    }
    Ok(())
}
