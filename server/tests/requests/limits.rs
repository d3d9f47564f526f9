//! Does nobody get more than they may have, however many pages, programs and portals they ask at once?

use crate::api::Program;
use crate::new_task::small;
use crate::portal::{Place, Portal, Trust};
use crate::tasks::json_of;
use crate::visitor::{Page, Visitor};
use anyhow::{Context, Result};
use futures::future::join_all;
use ground::{Ground, Namespace};
use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Portals that share a namespace and their records.
struct Stage {
    ground: Ground,
    namespace: Namespace,
    portals: Vec<Portal>,
}

/// A file for the records that no other test uses.
#[expect(clippy::disallowed_methods, reason = "tests have no clock of their own to hand in")]
fn records() -> Result<String> {
    let file = format!("limits-{}.db", SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos());
    Ok(format!("sqlite://{}", std::env::temp_dir().join(file).display()))
}

impl Stage {
    async fn new(number: usize, limits: &[(&'static str, &str)]) -> Result<Self> {
        let ground = Ground::current().await?;
        let (namespace, records) = (ground.namespace("limits").await?, records()?);
        let mut portals = Vec::new();
        for _ in 0..number {
            let own = [("kubernetes.namespace", namespace.name()), ("records.url", records.as_str())];
            let settings: Vec<_> = own.into_iter().chain(limits.iter().copied()).collect();
            portals.push(Place::free().await?.portal(&ground, Trust::from(&ground), &settings).await?);
        }
        Ok(Self { ground, namespace, portals })
    }

    fn portal(&self) -> &Portal {
        &self.portals[0]
    }

    async fn there(&self, kind: &str) -> Result<Vec<Value>> {
        let path = match kind {
            "jobs" => format!("/apis/batch/v1/namespaces/{}/jobs", self.namespace.name()),
            kind => self.namespace.path(kind),
        };
        Ok(self.ground.admin().list(&path).await?)
    }

    async fn end(self) -> Result<()> {
        self.namespace.delete().await
    }
}

/// A task that goes on.
fn lasting(name: &str, more: &str) -> String {
    small(name, more).replace("run: 'true'", "run: sleep 300")
}

async fn by_page(portal: &Portal, mut who: Visitor, name: String) -> Result<Page> {
    who.post(&portal.at("/tasks/new"), &[("do", "submit"), ("key", &name), ("file", &lasting(&name, ""))]).await
}

async fn by_rest(portal: &Portal, program: &Program, file: String) -> Result<Page> {
    program.send(portal, Method::POST, "/api/tasks/submit", |request| request.header(CONTENT_TYPE, "text/yaml").body(file)).await
}

/// How many were made; the others are refused by the limit, with numbers.
fn made(answers: Vec<Result<Page>>, numbers: &str) -> Result<usize> {
    let mut made = 0;
    for answer in answers {
        let page = answer?;
        if page.location.is_some() || page.status == StatusCode::CREATED {
            made += 1;
        } else {
            assert_eq!(page.status, StatusCode::CONFLICT, "{page:?}");
            assert!(page.text.contains(numbers), "{page:?}");
        }
    }
    Ok(made)
}

/// c3_063 for tasks.
#[tokio::test]
async fn of_many_submissions_by_pages_programs_and_two_portals_at_once_only_as_many_as_allowed_are_made() -> Result<()> {
    let stage = Stage::new(2, &[("limits.tasks", "3")]).await?;
    let mut visitors = Vec::new();
    for portal in &stage.portals {
        visitors.push(Visitor::signed_in(portal, "alice").await?);
    }
    let program = Program::of(stage.portal(), &mut visitors[0].clone()).await?;
    let pages = (0..4).map(|n| by_page(&stage.portals[n % 2], visitors[n % 2].clone(), format!("page{n}")));
    let calls = (0..4).map(|n| by_rest(&stage.portals[n % 2], &program, lasting(&format!("rest{n}"), "")));
    let (pages, calls) = futures::future::join(join_all(pages), join_all(calls)).await;
    assert_eq!(made(pages.into_iter().chain(calls).collect(), "3 of 3 running tasks")?, 3);
    assert_eq!(stage.there("jobs").await?.len(), 3);

    // Who is at the limit is told before, with what could be stopped; and room is made by stopping.
    let mut alice = visitors.swap_remove(0);
    let page = alice.visit(&stage.portal().at("/tasks/new")).await?;
    assert!(page.text.contains("3 of 3 running tasks") && page.text.contains("/stop\">Stop "), "{page:?}");
    assert!(page.text.contains("Must change") && page.text.contains("or wait until one has ended"), "{page:?}");
    let judged = program
        .send(stage.portal(), Method::POST, "/api/tasks/preflight", |request| {
            request.header(CONTENT_TYPE, "text/yaml").body(lasting("late", ""))
        })
        .await?;
    assert_eq!(json_of(&judged)?["ok"], false, "{judged:?}");
    // Another person has their own.
    let mut bob = Visitor::signed_in(stage.portal(), "bob").await?;
    let his = Program::of(stage.portal(), &mut bob).await?;
    assert_eq!(by_rest(stage.portal(), &his, lasting("his", "")).await?.status, StatusCode::CREATED);
    // What asks again under the same key is no other task, also at the limit.
    let job = &stage.there("jobs").await?.into_iter().find(|job| job["metadata"]["labels"]["username"] != "bob").context("one of hers")?;
    let id = job["metadata"]["labels"]["task-id"].as_str().context("an id")?.to_owned();
    let gone = program.send(stage.portal(), Method::DELETE, &format!("/api/tasks/{id}"), |request| request).await?;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
    assert_eq!(by_rest(&stage.portals[1], &program, lasting("next", "")).await?.status, StatusCode::CREATED);
    stage.end().await
}

/// c3_063
#[tokio::test]
async fn c3_063_volumes_and_their_size_are_limited_together_and_the_refusal_has_the_numbers() -> Result<()> {
    let stage = Stage::new(2, &[("limits.volumes", "4"), ("limits.gib", "5")]).await?;
    let mut alice = Visitor::signed_in(stage.portal(), "alice").await?;
    let before = alice.visit(&stage.portal().at("/volumes/new")).await?;
    assert!(before.text.contains("0 of 4 volumes, 0 Gi of 5 Gi"), "{before:?}");
    let other = Visitor::signed_in(&stage.portals[1], "alice").await?;
    let program = Program::of(stage.portal(), &mut alice).await?;
    let visitors = [alice.clone(), other];
    let pages = (0..4).map(|n| {
        let (portal, mut who) = (&stage.portals[n % 2], visitors[n % 2].clone());
        async move {
            let name = format!("page-{n}");
            let form = [("name", name.as_str()), ("size", "1"), ("unit", "Gi"), ("class", "standard"), ("access", "ReadWriteOnce")];
            who.post(&portal.at("/volumes/new"), &form).await
        }
    });
    let bodies: Vec<_> = (0..4).map(|n| json!({"name": format!("rest-{n}"), "size": "1Gi"})).collect();
    let calls = bodies.iter().enumerate().map(|(n, body)| program.create(&stage.portals[n % 2], body));
    let (pages, calls) = futures::future::join(join_all(pages), join_all(calls)).await;
    assert_eq!(made(pages.into_iter().chain(calls).collect(), "4 of 4 volumes")?, 4);
    let claims = stage.there("persistentvolumeclaims").await?;
    assert_eq!(claims.len(), 4);

    let refused = program.create(stage.portal(), &json!({"name": "one-more", "size": "10Mi"})).await?;
    let said = json_of(&refused)?;
    assert_eq!((refused.status, &said["code"]), (StatusCode::CONFLICT, &json!("quota")), "{said}");
    assert!(said["message"].as_str().context("a message")?.contains("You have 4 of 4 volumes. Delete one"), "{said}");
    // With one fewer there is room by number; 3 Gi are taken, so 3 more are too many and 2 are not.
    let id = claims[0]["metadata"]["labels"]["volume-id"].as_str().context("an id")?.to_owned();
    let gone = program.send(stage.portal(), Method::DELETE, &format!("/api/volumes/{id}?force=true"), |request| request).await?;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
    let claim = claims[0]["metadata"]["name"].as_str().context("a name")?;
    let path = stage.namespace.path(&format!("persistentvolumeclaims/{claim}"));
    stage.ground.admin().wait_until(&path, Duration::from_secs(60), Value::is_null).await?;
    let large = json_of(&program.create(stage.portal(), &json!({"name": "large", "size": "3Gi"})).await?)?;
    let sentence = large["fields"]["size"].as_str().context("a sentence")?;
    assert!(sentence.contains("Your volumes have 3 Gi of 5 Gi, so 2 Gi are left, and 3 Gi more are asked for."), "{large}");
    assert_eq!(program.create(stage.portal(), &json!({"name": "fits", "size": "2Gi"})).await?.status, StatusCode::CREATED);
    // A task that brings a volume is refused whole: neither is made.
    let file = lasting("brings", "volumes:\n  /new: {name: brought, size: 1Gi}\n");
    let brings = by_rest(stage.portal(), &program, file).await?;
    assert!(brings.status == StatusCode::CONFLICT && brings.text.contains("You have 4 of 4 volumes"), "{brings:?}");
    assert_eq!((stage.there("persistentvolumeclaims").await?.len(), stage.there("jobs").await?.len()), (4, 0));
    stage.end().await
}

#[tokio::test]
async fn administrators_who_act_for_themselves_have_the_same_limits_and_a_refusal_is_on_record() -> Result<()> {
    let stage = Stage::new(1, &[("limits.volumes", "1"), ("limits.gpus", "2"), ("limits.tasks", "9")]).await?;
    let mut admin = Visitor::signed_in(stage.portal(), "admin").await?;
    let program = Program::of(stage.portal(), &mut admin).await?;
    assert_eq!(program.create(stage.portal(), &json!({"name": "one", "size": "10Mi"})).await?.status, StatusCode::CREATED);
    let refused = program.create(stage.portal(), &json!({"name": "two", "size": "10Mi"})).await?;
    assert!(refused.status == StatusCode::CONFLICT && refused.text.contains("1 of 1 volume"), "{refused:?}");
    // GPUs of all pods that run at the same time.
    let gpus = |name: &str, more: &str| lasting(name, more).replace("resources:\n", "resources:\n  accelerators: 1\n");
    let refused = by_rest(stage.portal(), &program, gpus("sweep", "completions: 5\nparallelism: 3\n")).await?;
    assert!(refused.status == StatusCode::CONFLICT && refused.text.contains("asks for 3 GPUs at the same time"), "{refused:?}");
    assert_eq!(by_rest(stage.portal(), &program, gpus("fits", "completions: 5\nparallelism: 2\n")).await?.status, StatusCode::CREATED);
    let refused = by_rest(stage.portal(), &program, gpus("more", "")).await?;
    assert!(
        refused.status == StatusCode::CONFLICT && refused.text.contains("2 of 2 GPUs, and it asks for 1 GPU. Stop a task"),
        "{refused:?}"
    );
    assert_eq!(by_rest(stage.portal(), &program, lasting("without", "")).await?.status, StatusCode::CREATED);
    let trail = admin.visit(&stage.portal().at("/admin/audit")).await?;
    assert!(trail.text.contains("quota"), "{trail:?}");
    // What is refused again and again fills nothing.
    for _ in 0..30 {
        program.create(stage.portal(), &json!({"name": "two", "size": "10Mi"})).await?;
    }
    let lines = stage.portal().records.audit().page(&records::Filter::default(), None).await?.0;
    assert!(lines.len() < 30 && lines.iter().map(|line| line.times).sum::<u32>() > 30, "{}", lines.len());
    assert!(admin.visit(&stage.portal().at("/admin/audit")).await?.text.contains("more like it within the hour"));
    stage.end().await
}

/// Without a limit nobody is told of one.
#[tokio::test]
async fn where_nothing_is_limited_nothing_is_said() -> Result<()> {
    let stage = Stage::new(1, &[]).await?;
    let mut alice = Visitor::signed_in(stage.portal(), "alice").await?;
    for page in ["/tasks/new", "/volumes/new"] {
        assert!(!alice.visit(&stage.portal().at(page)).await?.text.contains("id=\"limits\""), "{page}");
    }
    tokio::time::timeout(Duration::from_secs(60), stage.end()).await?
}
