//! When does a session count?

use crate::portal::Portal;
use crate::visitor::Visitor;
use anyhow::Result;
use reqwest::{Method, RequestBuilder, StatusCode};

#[tokio::test]
async fn what_is_not_listed_as_open_needs_a_person() -> Result<()> {
    let portal = Portal::start().await?;
    let mut nobody = Visitor::new()?;
    for path in ["/", "/volumes", "/api/volumes", "/live", "/admin", "/no/such/page", "/pkg/../volumes", "/auth", "/auth/other", "//"] {
        let program = nobody.send(Method::GET, &portal.at(path), |request| request.header("accept", "application/json")).await?;
        assert!(matches!(program.status, StatusCode::UNAUTHORIZED), "{path}: {program:?}");
        let post = nobody.post(&portal.at(path), &[]).await?;
        assert_eq!(post.status, StatusCode::UNAUTHORIZED, "{path}");
        let person = nobody.visit(&portal.at(path)).await?;
        if path.starts_with("/api/") || path == "/live" {
            assert!(person.location.is_none() && person.status == StatusCode::UNAUTHORIZED, "{path} is no page to land on: {person:?}");
            continue;
        }
        assert!(person.location.is_some_and(|to| to.starts_with("/auth/login?next=")), "{path}");
    }
    for path in ["/auth/signed-out", "/livez", "/readyz", "/startupz"] {
        assert_eq!(nobody.visit(&portal.at(path)).await?.status, StatusCode::OK, "{path}");
    }
    assert!(nobody.cookies(&portal).is_empty(), "nobody gets a session for looking");
    Ok(())
}

#[tokio::test]
async fn d_34_what_was_typed_is_kept_on_the_page_that_refuses_it_as_text_and_only_for_the_portals_own_pages() -> Result<()> {
    let portal = Portal::start().await?;
    let mut nobody = Visitor::new()?;
    let typed = [("name", "my-data"), ("note", "\"><script>alert(1)</script>")];
    let page = nobody.post(&portal.at("/volumes/new"), &typed).await?;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    for kept in ["action=\"/volumes/new\"", "name=\"name\" value=\"my-data\"", "Send it again", "target=\"_blank\""] {
        assert!(page.text.contains(kept), "{kept}: {}", page.text);
    }
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    let folder = nobody.post(&portal.at("/volumes/abcdefgh/files?path=a%2Fb"), &typed).await?;
    assert!(folder.text.contains("action=\"/volumes/abcdefgh/files?path=a%2Fb\""), "the whole address: {}", folder.text);
    let from_elsewhere =
        |request: RequestBuilder| request.form(&typed).header("accept", "text/html").header("sec-fetch-site", "cross-site");
    let page = nobody.send(Method::POST, &portal.at("/volumes/new"), from_elsewhere).await?;
    assert!(page.status == StatusCode::FORBIDDEN && !page.text.contains("my-data"), "{page:?}");
    // A Secret's value is on no page, and an address that a browser reads as another site's is nobody's form.
    for path in ["/secrets/new", "/secrets/s3/replace", "//elsewhere.example/volumes/new"] {
        let page = nobody.post(&portal.at(path), &typed).await?;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert!(page.text.contains("Your session has ended") && !page.text.contains("my-data"), "{path}: {}", page.text);
    }
    Ok(())
}

#[tokio::test]
async fn d_31_a_store_that_does_not_answer_signs_nobody_out() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    portal.records.close().await;
    let program = alice.send(Method::GET, &portal.at("/"), |request| request).await?;
    assert_eq!(program.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(program.text.contains("session_store_unavailable") && program.headers.contains_key("retry-after"), "{program:?}");
    let person = alice.visit(&portal.at("/")).await?;
    assert_eq!(person.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(person.headers.contains_key("retry-after"));
    assert!(alice.session(&portal).is_some(), "the cookie stays");
    let out = alice.post(&portal.at("/auth/logout"), &[]).await?;
    assert_eq!(out.status, StatusCode::SERVICE_UNAVAILABLE, "not signed out, and not said so");
    assert_eq!(alice.visit(&portal.at("/readyz")).await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_stored_gets_nobody_in() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::new()?;
    let callback = alice.reach_callback(&portal, "alice", "/").await?;
    portal.records.close().await;
    assert_eq!(alice.visit(callback.as_str()).await?.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(alice.session(&portal).is_none());
    Ok(())
}
