//! What do people get when they make and remove volumes through the pages, and when they send what the pages never would?

use crate::portal::Portal;
use crate::visitor::{Page, Visitor};
use anyhow::{Context, Result};
use ground::{Ground, NAMESPACE, Work};
use reqwest::{Method, StatusCode, header::ACCEPT};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A volume of somebody's, made through the page.
pub struct Made {
    pub name: String,
    pub id: String,
}

impl Made {
    pub fn page(&self) -> String {
        format!("/volumes/{}", self.id)
    }

    pub fn claim(&self) -> String {
        format!("{}-{}", self.name, self.id)
    }
}

/// A name that no other test uses.
#[expect(clippy::disallowed_methods, reason = "tests have no clock of their own to hand in")]
pub fn unique(stem: &str) -> Result<String> {
    Ok(format!("{stem}-{}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos()))
}

pub fn form<'f>(name: &'f str, class: &'f str) -> Vec<(&'static str, &'f str)> {
    vec![("name", name), ("size", "10"), ("unit", "Mi"), ("class", class), ("access", "ReadWriteOnce")]
}

pub async fn make(portal: &Portal, who: &mut Visitor, stem: &str, class: &str) -> Result<Made> {
    let name = unique(stem)?;
    let page = who.post(&portal.at("/volumes/new"), &form(&name, class)).await?;
    let there = page.location.as_deref().with_context(|| format!("not made: {page:?}"))?;
    let id = there.trim_start_matches("/volumes/").split('?').next().unwrap_or_default().to_owned();
    Ok(Made { name, id })
}

pub async fn uid(made: &Made) -> Result<String> {
    let ground = Ground::current().await?;
    let claim = ground.admin().get(&format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{}", made.claim())).await?;
    Ok(claim["metadata"]["uid"].as_str().context("a uid")?.to_owned())
}

pub async fn remove(portal: &Portal, who: &mut Visitor, made: &Made) -> Result<Page> {
    let uid = uid(made).await?;
    who.post(&portal.at(&format!("{}/delete", made.page())), &[("confirm", &made.name), ("uid", &uid)]).await
}

#[tokio::test]
async fn what_a_person_made_is_in_the_answer_that_follows() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "own-write", "standard").await?;
    let page = alice.visit(&portal.at(&made.page())).await?;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("This volume waits for its first use"), "{}", page.text);
    assert!(alice.visit(&portal.at("/volumes")).await?.text.contains(&made.name));
    let to = remove(&portal, &mut alice, &made).await?.location.context("a way on")?;
    assert!(to.starts_with("/volumes?done=deleted&at="), "{to}");
    assert!(alice.visit(&portal.at(&to)).await?.text.contains("Deletion was asked for"));
    Ok(())
}

#[tokio::test]
async fn a_volumes_page_says_why_it_is_so_with_what_the_cluster_said_and_one_thing_to_do() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut alice, "why", "standard").await?;
    let own = alice.visit(&portal.at(&made.page())).await?;
    let everybodys = admin.visit(&portal.at(&format!("/admin{}", made.page()))).await?;
    for page in [&own, &everybodys] {
        let cause = page.text.split_once("data-cause=\"waits-for-first-use\"").with_context(|| format!("a cause: {page:?}"))?.1;
        let cause = cause.split("</section>").next().unwrap_or_default();
        assert!(cause.contains("Nothing is wrong.") && cause.matches("class=\"button\"").count() == 1, "{cause}");
        assert!(cause.contains("href=\"#use-it\"") && page.text.contains("id=\"use-it\""), "{cause}");
    }
    assert_eq!(remove(&portal, &mut alice, &made).await?.status, StatusCode::SEE_OTHER);
    Ok(())
}

#[tokio::test]
async fn c3_040_another_persons_volume_is_answered_exactly_as_one_that_never_was() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let made = make(&portal, &mut alice, "not-yours", "standard").await?;
    let pages = ["", "/delete", "/grow", "/edit", "/cleanup", "/yaml", "/publish"].map(|end| (Method::GET, end));
    let posts = ["/delete", "/grow", "/edit", "/cleanup", "/restore", "/publish"].map(|end| (Method::POST, end));
    for (method, end) in pages.into_iter().chain(posts) {
        let mut answers = Vec::new();
        for id in [made.id.as_str(), "zzzzzzzz"] {
            let with = |request: reqwest::RequestBuilder| {
                request.header(ACCEPT, "text/html").header("sec-fetch-site", "same-origin").form(&[("uid", "")])
            };
            let page = bob.send(method.clone(), &portal.at(&format!("/volumes/{id}{end}")), with).await?;
            answers.push((page.status, constant(&page)?));
        }
        assert_eq!(answers[0], answers[1], "{method} {end}");
        assert_eq!(answers[0].0, StatusCode::NOT_FOUND);
    }
    assert_eq!(alice.visit(&portal.at(&made.page())).await?.status, StatusCode::OK, "nothing was changed");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// The page without what differs between any two answers: the policy's nonce and the time.
fn constant(page: &Page) -> Result<String> {
    let policy = page.headers.get("content-security-policy").context("a policy")?.to_str()?;
    let (_, rest) = policy.split_once("'nonce-").context("a nonce")?;
    let nonce = rest.split_once('\'').context("a whole nonce")?.0;
    let (head, rest) = page.text.split_once("data-now=\"").context("a time")?;
    Ok(format!("{head}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit())).replace(nonce, ""))
}

#[tokio::test]
async fn c3_042_043_050_ids_that_are_none_are_absent() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    // 404 and not 422: what can be no id is as absent as one that nobody has.
    for id in [
        "%20",
        "*",
        "%2e%2e%2f",
        "%00",
        "abc12345%2Cusername!%3Dx",
        "abc12345)",
        "a%20in%20(b)",
        "!x",
        "=x",
        "a%23frag",
        "a%2Fstatus",
        "a%2f..%2f..%2fsecrets%2fdb",
        "a%252fstatus",
        "a/status",
        "ABC12345",
        "a..b",
    ] {
        let page = alice.visit(&portal.at(&format!("/volumes/{id}"))).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{id}");
        let page = alice.post(&portal.at(&format!("/volumes/{id}/delete")), &[("confirm", "x"), ("uid", "x")]).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{id}");
    }
    Ok(())
}

#[tokio::test]
async fn an_address_that_only_resembles_a_page_leads_nowhere() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    for path in ["/volumes/", "//volumes", "/volumes/new/", "/VOLUMES", "/admin/volumes/", "/admin//volumes"] {
        assert_eq!(admin.visit(&portal.at(path)).await?.status, StatusCode::NOT_FOUND, "{path}");
    }
    let name = unique("swallowed")?;
    let posted = admin.post(&portal.at("/volumes/new/"), &form(&name, "standard")).await?;
    assert_eq!(posted.status, StatusCode::NOT_FOUND, "nothing was made, and it does not look as if");
    Ok(())
}

#[tokio::test]
async fn c3_055_a_field_that_the_form_does_not_have_is_named_and_nothing_is_made() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    for field in ["dataSource", "dataSourceRef", "volumeName", "selector", "volumeMode", "annotations", "labels", "finalizers", "namespace"]
    {
        let name = unique("extra")?;
        let mut fields = form(&name, "standard");
        fields.push((field, "x"));
        let page = alice.post(&portal.at("/volumes/new"), &fields).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.text.contains(field), "{field}");
        assert!(!alice.visit(&portal.at("/volumes")).await?.text.contains(&name), "{field}");
    }
    Ok(())
}

#[tokio::test]
async fn c3_056_more_than_the_cluster_allows_is_refused_at_the_field_with_the_limit() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let name = unique("huge")?;
    let fields = [("name", name.as_str()), ("size", "90Ti"), ("class", "standard"), ("access", "ReadWriteOnce")];
    let page = alice.post(&portal.at("/volumes/new"), &fields).await?;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{page:?}");
    assert!(page.text.contains("The largest volume here is 100 Gi."), "{}", page.text);
    assert!(page.text.contains(&name) && page.text.contains("90Ti"), "what was typed is kept");
    Ok(())
}

#[tokio::test]
async fn c3_046_065_deletion_is_refused_while_a_pod_mounts_it_and_for_a_former_uid() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "in-use", "shared").await?;
    let delete = portal.at(&format!("{}/delete", made.page()));
    let stale = alice.post(&delete, &[("confirm", &made.name), ("uid", "00000000-0000-0000-0000-000000000000")]).await?;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text.contains("Nothing was deleted"), "{}", stale.text);

    let pod = unique("user-of")?;
    ground.admin().start_pod(NAMESPACE, &pod, &[(&made.claim(), "/data")], &[], Work::UntilDeleted).await?;
    ground.admin().wait_for_phase(NAMESPACE, &pod, "Running", Duration::from_secs(30)).await?;
    let held = remove(&portal, &mut alice, &made).await?;
    assert_eq!(held.status, StatusCode::CONFLICT);
    assert!(held.text.contains(&pod), "{}", held.text);
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/{pod}");
    ground.admin().delete(&path).await?;
    ground.admin().wait_until(&path, Duration::from_secs(30), serde_json::Value::is_null).await?;
    assert_eq!(remove(&portal, &mut alice, &made).await?.status, StatusCode::SEE_OTHER);
    Ok(())
}
