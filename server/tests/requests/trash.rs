//! What do people get where a deletion can be undone: on the pages, by calls, and when its time is over?

use crate::api::{Program, read};
use crate::portal::{Place, Portal, Trust};
use crate::visitor::Visitor;
use crate::volumes::{form, make, remove, uid, unique};
use anyhow::{Context, Result};
use domain::audit::{PORTAL, Verb};
use ground::{Ground, NAMESPACE};
use records::Filter;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

async fn portal() -> Result<Portal> {
    let ground = Ground::current().await?;
    Place::free().await?.portal(&ground, Trust::from(&ground), &[("trash.hours", "2")]).await
}

fn claim(name: &str) -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{name}")
}

#[tokio::test]
async fn g0_53_a_deleted_volume_is_found_in_the_trash_restored_and_deleted_for_good() -> Result<()> {
    let portal = portal().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let made = make(&portal, &mut alice, "thrown", "standard").await?;
    let (page, trash, uid) = (portal.at(&made.page()), portal.at("/volumes/trash"), uid(&made).await?);
    let asked = alice.visit(&portal.at(&format!("{}/delete", made.page()))).await?.text;
    assert!(asked.contains("It goes to the trash and can be restored until") && asked.contains("Move to the trash"), "{asked}");
    let to = remove(&portal, &mut alice, &made).await?.location.context("a way on")?;
    assert!(to.starts_with("/volumes?done=trashed&at=") && to.contains("&until="), "{to}");
    assert!(alice.visit(&portal.at(&to)).await?.text.contains("It can be restored until"));

    // Nowhere but in the trash, and on its own page.
    for path in ["/volumes", "/", "/volumes?q=thrown", "/volumes/download?format=json", "/volumes/delete?prefix=thrown", "/tasks/new"] {
        assert!(!alice.visit(&portal.at(path)).await?.text.contains(&made.name), "{path}");
    }
    assert!(!alice.visit(&portal.at(&format!("/find?q={}", made.name))).await?.text.contains(&made.page()));
    let listed = alice.visit(&trash).await?.text;
    assert!(listed.contains(&made.name) && (listed.contains("It goes in 1 h") || listed.contains("It goes in 2 h")), "{listed}");
    assert!(!bob.visit(&trash).await?.text.contains(&made.name));
    let own = alice.visit(&page).await?.text;
    assert!(own.contains("This volume is in the trash") && own.contains(&format!("{}/restore", made.page())), "{own}");
    assert!(alice.visit(&portal.at(&format!("{}/edit", made.page()))).await?.text.contains("Restore it first."));

    // Its name is taken, and where it is is a click away.
    let again = alice.post(&portal.at("/volumes/new"), &form(&made.name, "standard")).await?;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("is in the trash until") && again.text.contains("href=\"/volumes/trash\""), "{}", again.text);

    // A page from before cannot skip the trash.
    let stale = remove(&portal, &mut alice, &made).await?;
    assert!(stale.location.is_some_and(|to| to.contains("done=trashed")));
    let restore = portal.at(&format!("{}/restore", made.page()));
    let other = alice.post(&restore, &[("uid", "00000000-0000-0000-0000-000000000000")]).await?;
    assert!(other.status == StatusCode::CONFLICT && other.text.contains("Nothing was changed"), "{other:?}");
    let back = alice.post(&restore, &[("uid", &uid)]).await?;
    let to = back.location.context("a way on")?;
    assert!(alice.visit(&portal.at(&to)).await?.text.contains("Restored"));
    assert!(alice.visit(&portal.at("/volumes")).await?.text.contains(&made.name));

    remove(&portal, &mut alice, &made).await?;
    let delete = portal.at(&format!("{}/delete", made.page()));
    let now = alice.visit(&delete).await?.text;
    assert!(now.contains("This cannot be undone.") && now.contains("name=\"now\" value=\"yes\""), "{now}");
    let untyped = alice.post(&delete, &[("confirm", "x"), ("uid", &uid), ("now", "yes")]).await?;
    assert_eq!(untyped.status, StatusCode::UNPROCESSABLE_ENTITY);
    let gone = alice.post(&delete, &[("confirm", &made.name), ("uid", &uid), ("now", "yes")]).await?;
    assert!(gone.location.is_some_and(|to| to.contains("done=deleted")));
    Ground::current().await?.admin().wait_until(&claim(&made.claim()), Duration::from_secs(30), Value::is_null).await?;
    let acts = portal.records.audit().page(&Filter { object: made.id.clone(), ..Filter::default() }, None).await?.0;
    let acts: Vec<_> = acts.iter().rev().map(|line| (line.verb.as_str(), line.outcome.as_str())).collect();
    let expected = [
        ("volume.create", "done"),
        ("volume.trash", "done"),
        ("volume.trash", "done"),
        ("volume.restore", "conflict"),
        ("volume.restore", "done"),
        ("volume.trash", "done"),
        ("volume.delete", "done"),
    ];
    assert_eq!(acts, expected);
    Ok(())
}

#[tokio::test]
async fn g0_53_many_and_anybodys_go_to_the_trash_and_administrators_see_and_restore_it() -> Result<()> {
    let portal = portal().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let (one, two) = (make(&portal, &mut alice, "many", "standard").await?, make(&portal, &mut alice, "many", "standard").await?);
    let review = alice.visit(&portal.at(&format!("/volumes/delete?id={}", one.id))).await?.text;
    assert!(review.contains("They go to the trash and can be restored until"), "{review}");
    let chosen = format!("{}:{}", one.id, uid(&one).await?);
    let done = alice.post(&portal.at("/volumes/delete"), &[("chosen", &chosen), ("confirm", "delete 1")]).await?;
    assert!(done.text.contains("1 volume moved to the trash") && done.text.contains("See the trash"), "{}", done.text);
    let there = portal.at(&format!("/admin{}/delete", two.page()));
    let done = admin.post(&there, &[("confirm", &two.name), ("uid", &uid(&two).await?)]).await?;
    assert!(done.location.is_some_and(|to| to.starts_with("/admin/volumes?done=trashed")));
    let trash = admin.visit(&portal.at("/admin/trash")).await?.text;
    assert!(trash.contains(&one.name) && trash.contains(&two.name) && trash.contains(">alice<"), "{trash}");
    assert!(!admin.visit(&portal.at("/admin/volumes?q=many")).await?.text.contains(&one.name));
    let told = alice.visit(&portal.at(&two.page())).await?.text;
    assert!(told.contains("Changed by an administrator: moved to the trash"), "{told}");
    let back = admin.post(&portal.at(&format!("/admin{}/restore", two.page())), &[("uid", &uid(&two).await?)]).await?;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(alice.visit(&portal.at("/volumes?q=many")).await?.text.contains(&two.name));
    for made in [one, two] {
        Ground::current().await?.admin().delete(&claim(&made.claim())).await?;
    }
    Ok(())
}

#[tokio::test]
async fn g0_53_calls_say_what_the_pages_say_and_force_does_not_skip_the_trash() -> Result<()> {
    let portal = portal().await?;
    let (alice, bob) = (Program::signed_in(&portal, "alice").await?, Program::signed_in(&portal, "bob").await?);
    let made = alice.made(&portal, "by-call", json!({})).await?;
    let there = format!("/api/volumes/{}", made.id);
    let delete = async |more: &str| alice.send(&portal, Method::DELETE, &format!("{there}?{more}"), |request| request).await;
    let told = read(&delete("force=true").await?)?;
    assert_eq!(told["status"], "InTrash", "{told}");
    let until = told["trash_until"].as_str().context("a time")?.to_owned();
    assert_eq!(read(&delete("force=true").await?)?["trash_until"], until.as_str(), "asked again, its time does not move");
    let one = read(&alice.get(&portal, &there).await?)?;
    assert_eq!((&one["in_trash"], &one["trash_until"]), (&json!(true), &json!(until)));
    let named = read(&alice.get(&portal, &format!("/api/volumes/by-name/{}", made.name)).await?)?;
    assert_eq!(named["in_trash"], true, "its name is taken");
    let ids = async |query: &str| -> Result<Vec<String>> {
        let list = read(&alice.get(&portal, &format!("/api/volumes?{query}")).await?)?;
        Ok(list["volumes"].as_array().into_iter().flatten().filter_map(|volume| volume["id"].as_str().map(str::to_owned)).collect())
    };
    assert!(!ids("").await?.contains(&made.id) && ids("trash=true").await?.contains(&made.id));
    let taken = alice.create(&portal, &json!({"name": made.name, "size": "10Mi", "if_absent": true})).await?;
    assert!(taken.status == StatusCode::CONFLICT && taken.text.contains("is in the trash until"), "{taken:?}");
    let file = format!("name: t\nrun: ls\nvolumes:\n  /data: {}\n", made.name);
    let task =
        alice.send(&portal, Method::POST, "/api/tasks/preflight", |request| request.header("content-type", "text/yaml").body(file)).await?;
    assert!(task.text.contains("is in the trash until") && task.text.contains("Restore it first."), "{task:?}");

    let restore = format!("{there}/restore");
    assert_eq!(bob.send(&portal, Method::POST, &restore, |request| request).await?.status, StatusCode::NOT_FOUND);
    let back = read(&alice.send(&portal, Method::POST, &restore, |request| request).await?)?;
    assert_eq!((&back["in_trash"], &back["trash_until"]), (&json!(false), &Value::Null));
    let gone = read(&delete(&format!("confirm={}&now=true", made.name)).await?)?;
    assert!(gone["status"] == "Deleted" || gone["status"] == "Terminating", "{gone}");
    assert_eq!(gone["trash_until"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn g0_53_what_is_due_is_removed_by_the_portal_which_is_on_record_and_what_is_in_use_waits() -> Result<()> {
    let portal = portal().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "due", "standard").await?;
    let past = json!({"metadata": {"annotations": {"stowage.dev/trash-until": "2001-01-01T00:00:00Z"}}});
    ground.admin().patch_merge(&claim(&made.claim()), &past).await?;
    let seen = async {
        while !alice.visit(&portal.at(&made.page())).await?.text.contains("Its time is over.") {
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), seen).await??;
    let pod = unique("user-of")?;
    ground.admin().start_pod(NAMESPACE, &pod, &[(&made.claim(), "/data")], &[], ground::Work::UntilDeleted).await?;
    let lease = portal.records.lease("trash", Duration::from_secs(60));
    server::trash::round(&portal.cluster, &portal.records, &lease).await;
    assert!(ground.admin().get(&claim(&made.claim())).await?["metadata"]["deletionTimestamp"].is_null(), "it is in use");
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/{pod}");
    ground.admin().delete(&path).await?;
    ground.admin().wait_until(&path, Duration::from_secs(60), Value::is_null).await?;
    server::trash::round(&portal.cluster, &portal.records, &lease).await;
    ground.admin().wait_until(&claim(&made.claim()), Duration::from_secs(30), Value::is_null).await?;
    let acts = portal
        .records
        .audit()
        .page(&Filter { verb: Some(Verb::DeleteVolume), object: made.id.clone(), ..Filter::default() }, None)
        .await?
        .0;
    assert_eq!(acts.len(), 1, "once, and only when it went: {acts:?}");
    assert_eq!((acts[0].issuer.as_str(), acts[0].owner_name.as_str(), acts[0].outcome.as_str()), (PORTAL, "alice", "done"));
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    assert!(admin.visit(&portal.at(&format!("/admin/audit?volume={}", made.id))).await?.text.contains("nobody: by itself"));
    Ok(())
}
