//! What do programs get for a task file?

use super::{Program, read};
use crate::{
    live::ALICE,
    new_task::{short, small},
    new_volume::portal_with,
    outages::until,
    portal::Portal,
    tokens::token_for,
    visitor::{Page, Visitor},
    volumes::unique,
};
use anyhow::{Context, Result};
use domain::owner::{OwnerKey, Principal};
use ground::{Ground, NAMESPACE};
use records::{Attempt, Begun};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use std::time::Duration;

async fn program(portal: &Portal) -> Result<Program> {
    let mut alice = Visitor::signed_in(portal, "alice").await?;
    Ok(Program { token: token_for(portal, &mut alice, &["tasks_read", "tasks_write"]).await? })
}

async fn sent(program: &Program, portal: &Portal, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Result<Page> {
    program.send(portal, Method::POST, path, |request| request.header(CONTENT_TYPE, kind).body(body)).await
}

#[tokio::test]
async fn a_file_is_judged_with_lines_and_nothing_is_made_of_it() -> Result<()> {
    let portal = Portal::start().await?;
    let program = program(&portal).await?;
    let preflight = "/api/tasks/preflight";
    let good = small(&short("judged")?, "num_nodes: 2\n");
    for page in [
        sent(&program, &portal, preflight, "text/yaml", good.clone()).await?,
        sent(&program, &portal, preflight, "application/yaml; charset=utf-8", good.clone()).await?,
        program.call(&portal, Method::POST, preflight, &json!({ "file": good })).await?,
    ] {
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let said = read(&page)?;
        assert_eq!(said["ok"], true, "{said}");
        assert!(said["manifest"].as_str().context("a manifest")?.contains("kind: Job"), "{said}");
        let warns = said["verdicts"].as_array().into_iter().flatten().any(|line| line["level"] == "warning" && line["line"].is_null());
        assert!(warns, "results would be lost: {said}");
    }
    let bad = read(&sent(&program, &portal, preflight, "text/yaml", "name: a\nRun: ls\n").await?)?;
    assert_eq!((&bad["ok"], &bad["manifest"]), (&json!(false), &json!(null)));
    assert!(bad["verdicts"].as_array().into_iter().flatten().any(|line| line["line"] == 2 && line["column"] == 1), "{bad}");
    for (kind, body, status) in [
        ("text/plain", &b"name: a"[..], StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("text/yaml", b"name: \xff", StatusCode::UNPROCESSABLE_ENTITY),
        ("application/json", b"{\"file\": \"x\", \"podSpec\": {}}", StatusCode::UNPROCESSABLE_ENTITY),
        ("application/json", b"[]", StatusCode::BAD_REQUEST),
    ] {
        let page = sent(&program, &portal, preflight, kind, body).await?;
        assert_eq!(page.status, status, "{page:?}");
    }
    let large = sent(&program, &portal, preflight, "text/yaml", "a".repeat(70 * 1024)).await?;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    Ok(())
}

#[tokio::test]
async fn g4_31_a_product_of_gpus_that_no_node_has_is_told_before_the_task_waits_for_it() -> Result<()> {
    let portal = Portal::start().await?;
    let program = program(&portal).await?;
    let file = "name: wants\nresources:\n  accelerators: A10:1\nrun: ls\n";
    let said = read(&sent(&program, &portal, "/api/tasks/preflight", "text/yaml", file).await?)?;
    assert_eq!(said["ok"], true, "it may wait for one: {said}");
    let told = |line: &Value| line["level"] == "warning" && line["message"].as_str().is_some_and(|text| text.contains("type A10, so it"));
    assert!(said["verdicts"].as_array().into_iter().flatten().any(told), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_key_makes_one_task_whoever_repeats_it() -> Result<()> {
    let portal = Portal::start().await?;
    let program = program(&portal).await?;
    let (name, key) = (short("keyed")?, unique("key")?);
    let submit = async |key: &str, file: String| {
        program
            .send(&portal, Method::POST, "/api/tasks/submit", |request| {
                request.header(CONTENT_TYPE, "text/yaml").header("idempotency-key", key).body(file)
            })
            .await
    };
    let (first, second) = (submit(&key, small(&name, "")).await?, submit(&key, small(&name, "")).await?);
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::OK), "{first:?} {second:?}");
    let (one, two) = (read(&first)?, read(&second)?);
    assert_eq!((&one["id"], &one["job_name"]), (&two["id"], &two["job_name"]));
    assert_eq!(first.location.as_deref(), Some(format!("/api/tasks/{}", one["id"].as_str().unwrap_or_default()).as_str()));
    let other = submit(&key, small(&name, "retries: 1\n")).await?;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{other:?}");
    let refused = submit(&unique("key")?, small(&name, "volumes:\n  /data: nothing-of-mine\n")).await?;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
    let told = read(&refused)?["fields"]["file"].as_str().unwrap_or_default().to_owned();
    assert!(told.starts_with("Line 7, column 3: You have no volume"), "{told}");
    let job = format!("/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{}", one["job_name"].as_str().context("a Job")?);
    Ground::current().await?.admin().delete(&format!("{job}?propagationPolicy=Foreground")).await?;
    Ok(())
}

#[tokio::test]
async fn d_12_a_key_is_answered_with_its_task_when_its_file_could_no_longer_be_one() -> Result<()> {
    let ground = Ground::current().await?;
    let namespace = ground.namespace("repeated").await?;
    // So nothing holds the volume.
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}});
    let (admin, rule) = (ground.admin(), namespace.path("resourcequotas/none"));
    admin.post(&namespace.path("resourcequotas"), &quota).await?;
    admin.wait_until(&rule, Duration::from_secs(30), |quota| !quota["status"]["used"].is_null()).await?;
    let portal = portal_with(&[("kubernetes.namespace", namespace.name())]).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program { token: token_for(&portal, &mut alice, &["volumes_read", "volumes_write", "tasks_write"]).await? };
    let (name, key) = (short("repeated")?, unique("key")?);
    let volume = program.call(&portal, Method::POST, "/api/volumes/create", &json!({"name": name, "size": "10Mi"})).await?;
    assert_eq!(volume.status, StatusCode::CREATED, "{volume:?}");
    let volume = format!("/api/volumes/{}", read(&volume)?["id"].as_str().context("an id")?);
    let submit = async |key: &str| {
        program
            .send(&portal, Method::POST, "/api/tasks/submit", |request| {
                let file = small(&name, &format!("volumes:\n  /data: {name}\n"));
                request.header(CONTENT_TYPE, "text/yaml").header("idempotency-key", key).body(file)
            })
            .await
    };
    let first = submit(&key).await?;
    assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
    let gone = program.send(&portal, Method::DELETE, &format!("{volume}?force=true&now=true"), |request| request).await?;
    assert!(gone.status.is_success(), "{gone:?}");
    until(&mut alice, &portal.at("/volumes"), |_, page| !page.contains(&name)).await?;
    let with_another = submit(&unique("key")?).await?;
    assert_eq!(with_another.status, StatusCode::UNPROCESSABLE_ENTITY, "{with_another:?}");
    let repeated = submit(&key).await?;
    assert_eq!(repeated.status, StatusCode::OK, "{repeated:?}");
    assert_eq!(read(&repeated)?["id"], read(&first)?["id"]);
    namespace.delete().await
}

#[tokio::test]
async fn d_12_a_key_whose_end_nobody_knows_makes_the_rest_of_what_it_began() -> Result<()> {
    let ground = Ground::current().await?;
    let namespace = ground.namespace("half").await?;
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}, "spec": {"hard": {"services": "0"}}});
    let (admin, rule) = (ground.admin(), namespace.path("resourcequotas/none"));
    admin.post(&namespace.path("resourcequotas"), &quota).await?;
    admin.wait_until(&rule, Duration::from_secs(30), |quota| !quota["status"]["used"].is_null()).await?;
    let portal = portal_with(&[("kubernetes.namespace", namespace.name())]).await?;
    let program = program(&portal).await?;
    let (key, file) = (unique("key")?, small(&short("half")?, "num_nodes: 2\n"));
    let submit = async || {
        program
            .send(&portal, Method::POST, "/api/tasks/submit", |request| {
                request.header(CONTENT_TYPE, "text/yaml").header("idempotency-key", &key).body(file.clone())
            })
            .await
    };
    let half = submit().await?;
    assert_eq!(half.status, StatusCode::CONFLICT, "there is no room for what lies between its pods: {half:?}");
    // A portal that ended here left the key like this.
    let attempt = Attempt::new(OwnerKey::of(&Principal::new(ground.issuer(), ALICE)?), &key, file.as_bytes());
    assert_eq!(portal.records.idempotency().begin(&attempt).await?, Begun::First);
    portal.records.idempotency().unknown(&attempt).await?;
    admin.delete(&rule).await?;
    admin.wait_until(&rule, Duration::from_secs(30), Value::is_null).await?;
    let whole = submit().await?;
    assert_eq!(whole.status, StatusCode::CREATED, "{whole:?}");
    let services = admin.list(&namespace.path("services")).await?;
    assert_eq!(services.iter().map(|service| &service["metadata"]["name"]).collect::<Vec<_>>(), [&read(&whole)?["job_name"]]);
    namespace.delete().await
}

#[tokio::test]
async fn each_call_needs_its_scope() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    for (scope, path, lacks) in [
        ("tasks_read", "/api/tasks/submit", "tasks:write"),
        ("tasks_write", "/api/tasks/preflight", "tasks:read"),
        ("volumes_write", "/api/tasks/submit", "tasks:write"),
    ] {
        let program = Program { token: token_for(&portal, &mut alice, &[scope]).await? };
        let page = sent(&program, &portal, path, "text/yaml", "name: a\nrun: ls\n").await?;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page:?}");
        assert!(page.text.contains(&format!("lacks the scope {lacks},")), "{page:?}");
    }
    Ok(())
}
