//! What holds for every request and every answer?

use crate::api::Program;
use crate::portal::{Place, Portal, Trust};
use crate::visitor::{Page, Visitor};
use crate::volumes::{form, make, remove, uid, unique};
use anyhow::{Context, Result};
use ground::Ground;
use reqwest::{Method, StatusCode};
use std::collections::HashSet;

#[tokio::test]
async fn c2_020_021_022_023_acts_that_another_site_starts_are_refused() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let https = portal.url.replace("http:", "https:");
    let suffixed = format!("{}.evil.example", portal.url);
    let cases: &[&[(&str, &str)]] = &[
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site"), ("origin", &portal.url)],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", &https)],
        &[("origin", &suffixed)],
        &[("origin", "http://127.0.0.1:1")],
        &[("origin", "https://other.portal.example"), ("sec-fetch-site", "same-site")],
        &[("referer", &portal.url)],
    ];
    let name = unique("cross-site")?;
    for headers in cases {
        for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/json"] {
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
                let with = |request: reqwest::RequestBuilder| {
                    headers
                        .iter()
                        .fold(request.header("content-type", kind).body("{}"), |request, (name, value)| request.header(*name, *value))
                };
                let page = alice.send(method, &portal.at("/auth/logout"), with).await?;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{headers:?} {kind}");
                assert!(page.location.is_none() && page.text.contains("cross_site"), "{headers:?} {kind}: {page:?}");
            }
        }
    }
    // A form that would make something, if it were ours.
    for headers in cases {
        let with = |request: reqwest::RequestBuilder| {
            let request = request.form(&form(&name, "standard")).header("referer", "https://evil.example/").header("accept", "text/html");
            headers.iter().filter(|(name, _)| *name != "referer").fold(request, |request, (name, value)| request.header(*name, *value))
        };
        let page = alice.send(Method::POST, &portal.at("/volumes/new"), with).await?;
        assert!(page.status == StatusCode::FORBIDDEN && page.location.is_none(), "{headers:?}: {page:?}");
    }
    assert!(!alice.visit(&portal.at("/volumes")).await?.text.contains(&name), "nothing was made");
    // Whoever asks for a socket from elsewhere is refused before anything looks at it.
    for headers in cases {
        let with = |request: reqwest::RequestBuilder| {
            let request = request.header("upgrade", "websocket").header("connection", "upgrade");
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
        };
        let socket = alice.send(Method::GET, &portal.at("/"), with).await?;
        assert_eq!(socket.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert!(alice.is_known(&portal).await?, "nothing was changed");
    let ours = alice.send(Method::POST, &portal.at("/auth/logout"), |request| request.header("origin", &portal.url)).await?;
    assert_eq!(ours.status, StatusCode::SEE_OTHER, "browsers that say the origin only");
    Ok(())
}

fn check_headers(page: &Page, what: &str) -> Result<String> {
    let header = |name: &str| page.headers.get(name).and_then(|value| value.to_str().ok()).with_context(|| format!("{what} lacks {name}"));
    let policy = header("content-security-policy")?;
    let nonce = policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).context("a nonce")?.0.to_owned();
    for part in [
        "default-src 'none'",
        "'wasm-unsafe-eval'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "connect-src 'self'",
        "form-action 'self' http://127.0.0.1:",
    ] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
    assert_eq!(header("x-content-type-options")?, "nosniff", "{what}");
    assert_eq!(header("cross-origin-opener-policy")?, "same-origin", "{what}");
    assert_eq!(header("cross-origin-resource-policy")?, "same-origin", "{what}");
    assert_eq!(header("referrer-policy")?, "same-origin", "{what}");
    assert_eq!(header("cache-control")?, "no-store", "{what}");
    assert!(header("permissions-policy")?.contains("camera=()"), "{what}");
    assert!(page.headers.get("strict-transport-security").is_none(), "{what}: not over plain http");
    assert!(page.headers.get("access-control-allow-origin").is_none(), "{what}");
    assert_eq!(header("x-request-id")?.len(), 16, "{what}");
    Ok(nonce)
}

#[tokio::test]
async fn c2_028_every_answer_carries_the_headers_and_a_nonce_of_its_own() -> Result<()> {
    let portal = Portal::start().await?;
    let mut nobody = Visitor::new()?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let answers = [
        ("page", 200, alice.visit(&portal.at("/")).await?),
        ("absent page", 404, alice.visit(&portal.at("/no/such")).await?),
        ("absent file", 404, nobody.visit(&portal.at("/pkg/none.js")).await?),
        ("redirect", 303, nobody.visit(&portal.at("/volumes")).await?),
        ("problem", 401, nobody.send(Method::GET, &portal.at("/volumes"), |request| request).await?),
        ("wrong method", 405, nobody.visit(&portal.at("/auth/logout")).await?),
        ("cross-site", 403, nobody.send(Method::POST, &portal.at("/"), |request| request).await?),
        ("wrong host", 421, nobody.send(Method::GET, &portal.at("/"), |request| request.header("host", "evil.example")).await?),
        ("too large", 413, alice.post(&portal.at("/auth/logout"), &[("a", &"x".repeat(70_000))]).await?),
        ("failed sign-in", 400, nobody.visit(&portal.at("/auth/callback")).await?),
        ("health", 200, nobody.visit(&portal.at("/livez")).await?),
    ];
    let mut nonces = HashSet::new();
    for (what, status, page) in &answers {
        assert_eq!(page.status.as_u16(), *status, "{what}: {page:?}");
        assert!(nonces.insert(check_headers(page, what)?), "{what} repeats a nonce");
    }
    Ok(())
}

#[tokio::test]
async fn c2_029_a_name_that_is_not_the_portals_is_misdirected() -> Result<()> {
    let portal = Portal::start().await?;
    let port = portal.address.port();
    for host in
        ["evil.example", "127.0.0.1.nip.example", "127.0.0.1", &format!("localhost:{port}"), &format!("127.0.0.1:{port}.evil.example")]
    {
        let page = Visitor::new()?.send(Method::GET, &portal.at("/auth/login"), |request| request.header("host", host)).await?;
        assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert!(page.location.is_none(), "{host}");
        let health = Visitor::new()?.send(Method::GET, &portal.at("/livez"), |request| request.header("host", host)).await?;
        assert_eq!(health.status, StatusCode::OK, "the kubelet uses the pod's address");
    }
    let ground = Ground::current().await?;
    let listed = Place::free().await?.portal(&ground, Trust::from(&ground), &[("listen.hosts", "other.example:8443")]).await?;
    let page =
        Visitor::new()?.send(Method::GET, &listed.at("/auth/signed-out"), |request| request.header("host", "other.example:8443")).await?;
    assert_eq!(page.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host_and_browsers_are_told_to_stay() -> Result<()> {
    let ground = Ground::current().await?;
    let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &[("public_url", "https://stowage.example")]).await?;
    let page = Visitor::new()?.send(Method::GET, &portal.at("/auth/login"), |request| request.header("host", "stowage.example")).await?;
    let cookie = page.headers.get("set-cookie").context("a cookie")?.to_str()?;
    assert!(cookie.starts_with("__Host-stowage-login-"), "{cookie}");
    for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert_eq!(page.headers["strict-transport-security"], "max-age=31536000");
    assert!(page.location.is_some_and(|to| to.contains("redirect_uri=https%3A%2F%2Fstowage.example%2Fauth%2Fcallback")));
    Ok(())
}

#[tokio::test]
async fn the_session_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites_forms() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::new()?;
    let callback = alice.reach_callback(&portal, "alice", "/").await?;
    let page = alice.visit(callback.as_str()).await?;
    let lines = page.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let cookie = lines.into_iter().find(|line| line.starts_with("stowage=")).context("a session cookie")?;
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=28800"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    Ok(())
}

#[tokio::test]
async fn requests_are_named_here_and_problems_carry_the_name() -> Result<()> {
    let portal = Portal::start().await?;
    let page = Visitor::new()?.send(Method::GET, &portal.at("/volumes"), |request| request.header("x-request-id", "mine")).await?;
    let id = page.headers["x-request-id"].to_str()?.to_owned();
    assert_ne!(id, "mine");
    assert!(page.text.contains(&format!("\"request_id\":\"{id}\"")), "{}", page.text);
    Ok(())
}

#[tokio::test]
async fn d_22_a_portal_that_stops_is_not_ready_but_alive() -> Result<()> {
    let portal = Portal::start().await?;
    let mut kubelet = Visitor::new()?;
    let verbose = kubelet.visit(&portal.at("/readyz?verbose")).await?;
    assert_eq!(verbose.status, StatusCode::OK);
    for part in ["[+] configuration is good", "[+] staying", "[+] records answer", "cluster is"] {
        assert!(verbose.text.contains(part), "{}", verbose.text);
    }
    portal.end.now();
    assert_eq!(kubelet.visit(&portal.at("/readyz")).await?.status, StatusCode::SERVICE_UNAVAILABLE);
    for path in ["/livez", "/startupz"] {
        assert_eq!(kubelet.visit(&portal.at(path)).await?.status, StatusCode::OK, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn the_stream_sends_nobody_to_where_they_seem_to_come_from() -> Result<()> {
    let portal = Portal::start().await?;
    let lured = |request: reqwest::RequestBuilder| request.header("accept", "text/html").header("referer", "https://evil.example/");
    let page = Visitor::new()?.send(Method::GET, &portal.at("/live"), lured).await?;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.location.is_none() && page.text.contains("\"unauthenticated\""), "{page:?}");
    Ok(())
}

#[tokio::test]
async fn what_no_handler_refuses_has_the_shape_of_every_no() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let ours = |request: reqwest::RequestBuilder| request.header("sec-fetch-site", "same-origin");
    let large = |request: reqwest::RequestBuilder| ours(request).body("x".repeat(70_000));
    let answers = [
        (400, "malformed", alice.ask(&portal.at("/live?scope=x")).await?),
        (405, "method_not_allowed", alice.ask(&portal.at("/auth/logout")).await?),
        (405, "method_not_allowed", alice.send(Method::DELETE, &portal.at("/volumes"), ours).await?),
        (405, "method_not_allowed", alice.send(Method::POST, &portal.at("/livez"), ours).await?),
        (413, "too_large", alice.send(Method::POST, &portal.at("/volumes/new"), large).await?),
    ];
    for (status, code, page) in &answers {
        assert_eq!(page.status.as_u16(), *status, "{page:?}");
        assert_eq!(page.headers["content-type"], "application/json", "{page:?}");
        assert!(page.text.contains(&format!("\"{code}\"")) && page.text.contains("request_id"), "{page:?}");
        assert!(*status != 405 || page.headers.contains_key("allow"), "{page:?}");
    }
    let page = alice.visit(&portal.at("/auth/logout")).await?;
    assert!(page.status == 405 && page.text.contains("This address does not take that"), "{page:?}");
    let page = alice.post(&portal.at("/volumes/new"), &[("name", &"x".repeat(70_000))]).await?;
    assert!(page.status == 413 && page.text.contains("larger than 64 KB"), "{page:?}");
    Ok(())
}

#[tokio::test]
async fn c2_025_what_acts_is_not_done_by_reading_its_address() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let made = make(&portal, &mut alice, "read-only", "standard").await?;
    let (uid, name) = (uid(&made).await?, unique("by-address")?);
    let tokens = alice.visit(&portal.at("/tokens")).await?;
    let (_, rest) = tokens.text.split_once("action=\"/tokens/").context("a button to revoke")?;
    let revoke = format!("/tokens/{}", rest.split('"').next().context("an address")?);
    let (there, delete) = (format!("/api/volumes/{}", made.id), format!("{}/delete", made.page()));
    let pages = [
        (200, format!("{delete}?confirm={}&uid={uid}&_method=POST", made.name)),
        (200, format!("/volumes/new?name={name}&size=10Mi&access=ReadWriteOnce&_method=POST")),
        (405, format!("{revoke}?_method=POST")),
        (405, "/auth/logout?_method=POST".to_owned()),
    ];
    let calls = [(405, format!("/api/volumes/create?name={name}&size=10Mi")), (422, format!("{there}?force=true")), (200, there.clone())];
    for act in ["POST", "DELETE"] {
        let with = |request: reqwest::RequestBuilder| {
            let names = ["x-http-method-override", "x-http-method", "x-method-override"];
            names.iter().fold(request, |request, name| request.header(*name, act)).header("sec-fetch-site", "same-origin")
        };
        for method in [Method::GET, Method::HEAD] {
            for (status, path) in &pages {
                let page = alice.send(method.clone(), &portal.at(path), |request| with(request).header("accept", "text/html")).await?;
                assert_eq!(page.status.as_u16(), *status, "{method} {path}");
            }
            for (status, path) in &calls {
                assert_eq!(program.send(&portal, method.clone(), path, with).await?.status.as_u16(), *status, "{method} {path}");
            }
        }
        let posted = alice.send(Method::POST, &portal.at(&made.page()), with).await?;
        assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    let list = program.get(&portal, "/api/volumes").await?;
    assert!(list.text.contains(&made.id) && !list.text.contains(&name) && !list.text.contains("Terminating"), "{list:?}");
    assert!(alice.is_known(&portal).await?);
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}
