//! What does the page about storage classes tell whom?

use crate::new_volume::portal_with;
use crate::outages::until;
use crate::visitor::Visitor;
use crate::volumes::{make, remove};
use anyhow::{Context, Result};
use domain::owner::{OwnerKey, Principal};
use ground::Ground;
use serde_json::json;

/// The row of the table that is about this class.
fn row<'p>(page: &'p str, title: &str) -> Result<&'p str> {
    let cards = page.split("<li class=\"sheet card\">");
    cards.into_iter().find(|card| card.contains(&format!("<h2>{title}<"))).with_context(|| format!("no card of {title}: {page}"))
}

#[tokio::test]
async fn everybody_reads_what_a_class_does_and_administrators_also_those_that_nobody_may_choose() -> Result<()> {
    let portal = portal_with(&[
        ("classes.standard.title", "Local disk"),
        ("classes.standard.deprecated", "It goes in May."),
        ("classes.shared.modes", "ReadWriteOnce,ReadWriteMany"),
        ("classes.shared.groups", "stowage-admins,everyone"),
        ("classes.broken.hidden", "true"),
    ])
    .await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut alice, "counted", "standard").await?;

    let page = alice.visit(&portal.at("/classes")).await?.text;
    let standard = row(&page, "Local disk")?;
    for text in [
        "default",
        "deprecated",
        "It goes in May.",
        "Local disk on the node of its first use",
        "when first used",
        "everybody",
        "rancher.io/local-path",
    ] {
        assert!(standard.contains(text), "{text}: {standard}");
    }
    assert!(standard.contains("href=\"/volumes/new?class=standard\""), "{standard}");
    assert!(row(&page, "shared").is_err() && row(&page, "broken").is_err(), "{page}");
    assert!(page.contains("Your volumes") && page.contains("nobody has tried; the volume may wait forever"), "{page}");

    let page = admin.visit(&portal.at("/classes")).await?.text;
    assert!(page.contains("All volumes"), "{page}");
    let shared = row(&page, "shared")?;
    assert!(shared.contains("groups stowage-admins, everyone") && shared.contains("proven") && shared.contains(">no<"), "{shared}");
    let broken = row(&page, "broken")?;
    assert!(broken.contains("hidden") && broken.contains("nobody any more") && !broken.contains("/volumes/new"), "{broken}");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn people_count_their_own_volumes_and_administrators_all() -> Result<()> {
    let portal = portal_with(&[]).await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut bob, "counted", "broken").await?;
    let count = |page: &str, label: &str| -> Result<u32> {
        let cell = row(page, "broken")?.split(&format!("<dt>{label}</dt>")).nth(1).context("a count")?.to_owned();
        let digits: String = cell.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        Ok(digits.parse()?)
    };
    let (mine, all) = (bob.visit(&portal.at("/classes")).await?.text, admin.visit(&portal.at("/classes")).await?.text);
    assert!(count(&mine, "Your volumes")? >= 1 && count(&all, "All volumes")? >= count(&mine, "Your volumes")?);
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    assert_eq!(count(&alice.visit(&portal.at("/classes")).await?.text, "Your volumes")?, 0, "others' volumes are not counted");
    remove(&portal, &mut bob, &made).await?;
    Ok(())
}

#[tokio::test]
async fn a_hidden_class_is_never_suggested() -> Result<()> {
    let ground = Ground::current().await?;
    let namespace = ground.namespace("hidden").await?;
    let alice_is = Principal::new(ground.issuer(), "a11ce000-5d1f-4c7e-9a52-1f0c6e1d0001")?;
    let labels = json!({
        "skypilot-volume": "true", "volume-id": "ab12cd34", "volume-name": "data", "username": "alice", "stowage.dev/owner": OwnerKey::of(&alice_is)
    });
    let annotations = json!({"stowage.dev/owner-iss": alice_is.issuer(), "stowage.dev/owner-sub": alice_is.subject()});
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data-ab12cd34", "labels": labels, "annotations": annotations},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standart", "resources": {"requests": {"storage": "1Mi"}}},
    });
    ground.admin().post(&namespace.path("persistentvolumeclaims"), &claim).await?;
    let here = [("kubernetes.namespace", namespace.name())];
    for (settings, suggested) in
        [(vec![], true), (vec![("classes.standard.hidden", "true")], false), (vec![("classes.standard.groups", "stowage-admins")], false)]
    {
        let portal = portal_with(&[&here[..], &settings].concat()).await?;
        let mut alice = Visitor::signed_in(&portal, "alice").await?;
        let page = until(&mut alice, &portal.at("/volumes/ab12cd34"), |_, text| text.contains("data-cause=\"class-missing\"")).await?;
        assert_eq!(page.contains("Was standard meant?"), suggested, "{settings:?}: {page}");
        assert_eq!(page.contains("Delete and create again with standard"), suggested, "{settings:?}");
        let list = alice.visit(&portal.at("/volumes")).await?.text;
        assert!(list.contains("class standart does not exist") && list.contains("Was standard") <= suggested, "{list}");
    }
    namespace.delete().await
}
