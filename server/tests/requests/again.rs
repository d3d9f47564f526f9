//! Can a volume of the wrong class be deleted and made again, and is it said when data could be lost?

use crate::portal::{Place, Portal, Trust};
use crate::visitor::Visitor;
use crate::volumes::{Made, make, remove, uid};
use anyhow::{Context, Result};
use ground::{Ground, NAMESPACE, Work};
use reqwest::StatusCode;
use serde_json::Value;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

async fn says(who: &mut Visitor, url: &str, words: &str) -> Result<String> {
    let seen = async {
        loop {
            let text = who.visit(url).await?.text;
            if text.contains(words) {
                return anyhow::Ok(text);
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.with_context(|| format!("{url} does not say {words}"))?
}

async fn bound(made: &Made) -> Result<()> {
    let claim = format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{}", made.claim());
    Ground::current().await?.admin().wait_until(&claim, PATIENCE, |claim| claim["status"]["phase"] == "Bound").await?;
    Ok(())
}

#[tokio::test]
async fn g0_88_what_never_had_storage_is_deleted_and_the_form_has_what_it_was_asked_for() -> Result<()> {
    // Also where there is a trash: there is nothing to restore, and the name must be free.
    let ground = Ground::current().await?;
    let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &[("trash.hours", "2")]).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "wrong", "standard").await?;
    let own = alice.visit(&portal.at(&made.page())).await?.text;
    let again = format!("{}/delete?again=", made.page());
    assert!(own.contains(&format!("{again}yes")), "the page leads there: {own}");
    let there = portal.at(&format!("{again}shared"));
    let asked = alice.visit(&there).await?.text;
    assert!(
        asked.contains("No storage was ever made for it, so nothing can be lost.") && asked.contains("Delete and create again"),
        "{asked}"
    );
    let fields = [("confirm", made.name.as_str()), ("uid", &uid(&made).await?), ("now", "yes"), ("again", "shared")];
    let to = alice.post(&there, &fields).await?.location.context("a way on")?;
    assert!(to.starts_with(&format!("/volumes/new?name={}&size=10Mi&class=shared&access=ReadWriteOnce", made.name)), "{to}");
    let form = alice.visit(&portal.at(&to)).await?.text;
    assert!(form.contains("Now create it again") && form.contains(&format!("value=\"{}\"", made.name)), "{form}");
    assert!(!form.contains("already have a volume") && !form.contains("is being deleted"), "its name is free: {form}");
    Ok(())
}

#[tokio::test]
async fn g0_88_that_storage_is_empty_is_not_claimed_and_another_one_beside_it_is_offered() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "maybe", "fast").await?;
    bound(&made).await?;
    let again = portal.at(&format!("{}/delete?again=yes", made.page()));
    let asked = says(&mut alice, &again, "That it is empty cannot be proven").await?;
    let another = format!("/volumes/new?name={}-2&amp;size=10Mi&amp;class=fast", made.name);
    assert!(asked.contains(&another) && asked.contains("Delete and create again"), "{asked}");
    // A page from before its storage was made said that nothing can be lost.
    let before = [("confirm", made.name.as_str()), ("uid", &uid(&made).await?), ("now", "yes"), ("again", "yes")];
    let stale = alice.post(&again, &before).await?;
    assert!(stale.status == StatusCode::CONFLICT && stale.text.contains("Nothing was deleted"), "{stale:?}");
    remove(&portal, &mut alice, &made).await?;

    let used = make(&portal, &mut alice, "used", "standard").await?;
    let pod = format!("used-{}", used.id);
    let ground = Ground::current().await?;
    ground.admin().start_pod(NAMESPACE, &pod, &[(&used.claim(), "/data")], &[], Work::Nothing).await?;
    bound(&used).await?;
    let again = portal.at(&format!("{}/delete?again=yes", used.page()));
    let asked = says(&mut alice, &again, "It may hold data").await?;
    assert!(asked.contains("Create another like this") && !asked.contains("id=\"confirm\""), "{asked}");
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/{pod}");
    ground.admin().delete(&path).await?;
    ground.admin().wait_until(&path, PATIENCE, Value::is_null).await?;
    remove(&portal, &mut alice, &used).await?;
    Ok(())
}
