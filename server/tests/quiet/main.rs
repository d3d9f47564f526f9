//! What does an open tab cost the API server? Its audit log tells. A program of its own, since it counts every request of the
//! portal's account: cargo runs test programs one after the other.

#[expect(dead_code, reason = "shared with the other tests, which use all of it")]
#[path = "../requests/portal.rs"]
mod portal;
#[expect(dead_code, reason = "shared with the other tests, which use all of it")]
#[path = "../requests/visitor.rs"]
mod visitor;

use anyhow::{Context, Result};
use ground::Ground;
use portal::Portal;
use reqwest::{Method, header::ACCEPT};
use serde_json::Value;
use visitor::Visitor;

/// What the portal's account asked the API server so far, but for watches that go on.
fn requests(ground: &Ground) -> Result<Vec<String>> {
    let log = std::fs::read_to_string(ground.audit_log())?;
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = lines.filter(|line| line["user"]["username"] == "system:serviceaccount:stowage-system:stowage" && line["verb"] != "watch");
    Ok(ours.map(|line| format!("{} {}", line["verb"], line["requestURI"])).collect())
}

#[tokio::test]
async fn open_tabs_and_page_views_make_no_request_to_the_api_server() -> Result<()> {
    let ground = Ground::current().await?;
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    alice.visit(&portal.at("/volumes")).await?;
    let before = requests(&ground)?;
    let mut streams = Vec::new();
    for _ in 0..5 {
        for path in ["/live", "/live"] {
            let mut stream = alice.open(Method::GET, &portal.at(path), |request| request.header(ACCEPT, "text/event-stream")).await?;
            stream.chunk().await?.context("the first revision")?;
            streams.push(stream);
        }
        for path in ["/", "/volumes", "/volumes?q=size>1Gi&sort=-age", "/find?q=vol", "/volumes/new", "/classes"] {
            assert!(alice.visit(&portal.at(path)).await?.status.is_success(), "{path}");
        }
        assert!(alice.ask(&portal.at("/volumes/download?format=json")).await?.status.is_success());
        assert!(admin.visit(&portal.at("/admin/volumes")).await?.status.is_success());
        assert!(admin.ask(&portal.at("/admin/volumes/download?format=csv")).await?.status.is_success());
    }
    let after = requests(&ground)?;
    assert_eq!(after[before.len().min(after.len())..], [] as [String; 0]);
    assert!(!before.is_empty(), "the log is being read");
    Ok(())
}
