//! What becomes of what is open when a portal is told to stop, and when it is told so twice?

use crate::faults::site;
use crate::issuer::{Issuer, with};
use crate::new_task::{short, small};
use crate::outages::until;
use crate::portal::Site as _;
use crate::process::Site;
use crate::shell::Shell;
use crate::visitor::Visitor;
use crate::volumes::unique;
use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use ground::Ground;
use reqwest::{Method, Response, StatusCode, header::ACCEPT};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// How long a portal that was told to stop may still say that it is ready.
const AT_ONCE: Duration = Duration::from_secs(2);

async fn stream(visitor: &mut Visitor, url: &str) -> Result<Response> {
    let mut stream = visitor.open(Method::GET, url, |request| request.header(ACCEPT, "text/event-stream")).await?;
    ensure!(stream.status() == StatusCode::OK, "{url}: {}", stream.status());
    stream.chunk().await?.context("a first word")?;
    Ok(stream)
}

/// A task of this person's that writes a line and waits; its address.
async fn waiting_task(site: &Site, who: &mut Visitor) -> Result<String> {
    let file = small(&short("waits")?, "").replace("run: 'true'", "run: echo begun; sleep 600");
    let made = who.post(&site.at("/tasks/new"), &[("do", "submit"), ("key", &unique("key")?), ("file", &file)]).await?;
    let there = made.location.with_context(|| made.text.clone())?;
    let page = there.split('?').next().unwrap_or_default().to_owned();
    until(who, &site.at(&format!("{page}/logs")), |_, text| text.contains(">begun<")).await?;
    Ok(page)
}

/// Everything that one person may have open, and some shells.
async fn opened(site: &Site, issuer: &Issuer, person: &str) -> Result<(Vec<Response>, Vec<Shell>)> {
    let mut who = Visitor::new()?;
    let token = |claims| issuer.signer.token(&issuer.header(), &with(claims, "sub", &json!(person)));
    let page = issuer.sign_in(site, &mut who, token).await?;
    ensure!(page.status == StatusCode::SEE_OTHER, "{page:?}");
    let task = waiting_task(site, &mut who).await?;
    let (mut streams, mut shells) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        streams.push(stream(&mut who, &site.at("/live")).await?);
        streams.push(stream(&mut who, &site.at(&format!("{task}/logs/follow"))).await?);
    }
    for _ in 0..2 {
        shells.push(Shell::open_in(site, &mut who, task.trim_start_matches("/tasks/")).await?);
    }
    Ok((streams, shells))
}

async fn unready(site: &Site) -> Result<()> {
    let unready = async { while site.readiness().await == Some(StatusCode::OK) {} };
    timeout(AT_ONCE, unready).await.context("it still says that it is ready")
}

#[tokio::test]
async fn d_22_a_portal_with_two_hundred_streams_and_ten_shells_open_stops_within_thirty_seconds() -> Result<()> {
    let (ground, issuer) = (Ground::current().await?, Issuer::start().await?);
    let (mut site, namespace) = site(&ground, "stops").await?;
    site.trust(issuer.trust());
    let mut running = site.start().await?;
    let people: Vec<String> = (0..5).map(|number| format!("person-{number}")).collect();
    let open = try_join_all(people.iter().map(|person| opened(&site, &issuer, person))).await?;
    let (streams, shells): (Vec<_>, Vec<_>) = open.into_iter().unzip();
    let (streams, shells) = (streams.into_iter().flatten().collect::<Vec<_>>(), shells.into_iter().flatten().collect::<Vec<_>>());
    assert_eq!((streams.len(), shells.len()), (200, 10));

    let asked = Instant::now();
    running.signal("TERM").await?;
    unready(&site).await?;
    assert!(Visitor::new()?.visit(&site.at("/volumes")).await.is_err(), "nobody new is let in");
    let ends = streams.into_iter().map(|mut stream| async move {
        // Whole: a browser that is cut off says so, one whose stream ends comes back.
        while stream.chunk().await?.is_some() {}
        anyhow::Ok(())
    });
    let closes = shells.into_iter().map(|mut shell| async move {
        let (code, reason) = shell.end().await?;
        ensure!(code == 1012, "{code} {reason}");
        Ok(())
    });
    let all = async { tokio::try_join!(try_join_all(ends), try_join_all(closes)) };
    timeout(Duration::from_secs(10), all).await.context("what is open holds the end up")??;
    let status = running.ends().await?;
    assert!(status.success(), "{status}: {}", site.log()?);
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
    assert!(!site.log()?.contains("under way"), "nothing had to be given up: {}", site.log()?);
    namespace.delete().await
}

#[tokio::test]
async fn d_22_a_second_signal_does_not_wait_for_what_is_under_way() -> Result<()> {
    let site = Site::new(&Ground::current().await?).await?;
    let mut running = site.start().await?;
    let here = site.url().trim_start_matches("http://").to_owned();
    let mut browser = TcpStream::connect(&here).await?;
    // Its form never comes; that the portal asks for it says that the request is under way.
    let head = format!(
        "POST /auth/backchannel-logout HTTP/1.1\r\nHost: {here}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    );
    browser.write_all(head.as_bytes()).await?;
    let mut said = [0; 21];
    timeout(AT_ONCE, browser.read_exact(&mut said)).await.context("it does not ask for the form")??;
    assert_eq!(&said, b"HTTP/1.1 100 Continue");
    running.signal("TERM").await?;
    unready(&site).await?;
    assert!(!running.has_ended()?, "the request under way is waited for");
    running.signal("TERM").await?;
    let status = timeout(AT_ONCE, running.ends()).await.context("it still waits")??;
    assert_eq!(status.code(), Some(130));
    Ok(())
}
