//! What is answered to bytes that no browser and no client library sends?

use crate::api::Program;
use crate::portal::Portal;
use crate::visitor::Visitor;
use anyhow::{Context, Result};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What comes back for exactly these bytes, up to the end of the connection.
async fn answer(portal: &Portal, sent: &str) -> Result<String> {
    let mut socket = TcpStream::connect(portal.address).await?;
    socket.write_all(sent.as_bytes()).await?;
    let mut text = String::new();
    let end = tokio::time::timeout(Duration::from_secs(20), socket.read_to_string(&mut text)).await;
    end.with_context(|| format!("the connection does not end after {sent:?}"))??;
    Ok(text)
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn c2_029_a_request_that_names_another_host_beside_ours_is_misdirected() -> Result<()> {
    let portal = Portal::start().await?;
    let ours = portal.address;
    for sent in [
        format!("GET /auth/login HTTP/1.1\r\nhost: {ours}\r\nhost: evil.example\r\n"),
        format!("GET /auth/login HTTP/1.1\r\nhost: evil.example\r\nhost: {ours}\r\n"),
        format!("GET /auth/login HTTP/1.1\r\nhost: {ours}\r\nhost: {ours}\r\n"),
        format!("GET http://evil.example/auth/login HTTP/1.1\r\nhost: {ours}\r\n"),
        format!("GET http://{ours}/auth/login HTTP/1.1\r\nhost: evil.example\r\n"),
        format!("GET http://{ours}@evil.example/auth/login HTTP/1.1\r\nhost: {ours}\r\n"),
        format!("GET /auth/login HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-host: {ours}\r\n"),
        format!("GET /auth/login HTTP/1.1\r\nhost: {ours}, evil.example\r\n"),
        "GET /auth/login HTTP/1.1\r\nhost:\r\n".to_owned(),
        "GET /auth/login HTTP/1.1\r\n".to_owned(),
        "GET /auth/login HTTP/1.0\r\n".to_owned(),
    ] {
        let said = answer(&portal, &format!("{sent}connection: close\r\n\r\n")).await?;
        assert!(["421", "400"].contains(&status(&said)), "{sent:?}: {said}");
        assert!(!said.contains("\r\nlocation:") && !said.contains("evil.example"), "{sent:?}: {said}");
    }
    // A name that proxies pass on is nothing that we build an address from.
    let told = format!("GET /auth/login HTTP/1.1\r\nhost: {ours}\r\nx-forwarded-host: evil.example\r\nforwarded: host=evil.example\r\n");
    let said = answer(&portal, &format!("{told}connection: close\r\n\r\n")).await?;
    assert!(status(&said) == "303" && !said.contains("evil.example"), "{said}");
    Ok(())
}

#[tokio::test]
async fn c2_039_a_header_that_the_connection_names_means_what_it_meant() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let cookie = alice.session(&portal).context("signed in")?;
    let named = "connection: close, Authorization, Cookie, Impersonate-User, Host\r\nimpersonate-user: system:admin\r\n\r\n";
    let ask =
        async |path: &str, who: &str| answer(&portal, &format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{who}{named}", portal.address)).await;
    let own = ask("/api/volumes", &format!("authorization: Bearer {}\r\n", program.token())).await?;
    assert!(status(&own) == "200" && own.contains("\"volumes\""), "{own}");
    let own = ask("/", &format!("cookie: stowage={cookie}\r\naccept: text/html\r\n")).await?;
    assert!(status(&own) == "200" && own.contains("Alice Nguyen"), "{own}");
    for (path, who) in [("/api/volumes", ""), ("/volumes", "")] {
        let nobody = ask(path, who).await?;
        assert_eq!(status(&nobody), "401", "{path}: {nobody}");
    }
    let admin = ask("/admin/volumes", &format!("cookie: stowage={cookie}\r\n")).await?;
    assert_eq!(status(&admin), "403", "{admin}");
    Ok(())
}

#[tokio::test]
async fn c3_042_dots_in_an_address_are_no_way_to_another() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let program = Program::of(&portal, &mut admin).await?;
    let cookie = format!("cookie: stowage={}\r\naccept: text/html\r\n", admin.session(&portal).context("signed in")?);
    let token = format!("authorization: Bearer {}\r\n", program.token());
    for id in
        [".", "..", "%2e", "%2e%2e", "./", "../", "..;", "../volumes", "%2e%2e%2fvolumes", ".%00", "..\\", "\\", "x/../new", "x\\..\\new"]
    {
        for (method, start, end, who) in [
            ("GET", "/volumes/", "", &cookie),
            ("GET", "/admin/volumes/", "/yaml", &cookie),
            ("GET", "/api/volumes/", "", &token),
            ("DELETE", "/api/volumes/", "?force=true", &token),
        ] {
            let path = format!("{start}{id}{end}");
            let sent = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{who}connection: close\r\n\r\n", portal.address);
            let said = answer(&portal, &sent).await?;
            // 405: nothing but the list has fewer parts, and the list is not deleted.
            assert!(["404", "400", "405"].contains(&status(&said)), "{method} {path}: {said}");
            assert!(!said.contains("\"volumes\":"), "{method} {path}: {said}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn c6_105_a_body_that_never_comes_is_not_waited_for_longer_than_ten_seconds() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let head = format!(
        "POST /api/volumes/create HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
        portal.address,
        alice.token()
    );
    let stalled = [format!("{head}content-length: 1000\r\n\r\n{{"), format!("{head}transfer-encoding: chunked\r\n\r\n1\r\n{{\r\n")];
    let (one, other) = tokio::join!(answer(&portal, &stalled[0]), answer(&portal, &stalled[1]));
    for said in [one?, other?] {
        assert!(status(&said).starts_with('4') && said.contains("nothing was changed"), "{said}");
    }
    Ok(())
}
