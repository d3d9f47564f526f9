//! Are a person's own labels theirs to write, to see, to filter by, and nothing more? And are filters kept under a name?

use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{Made, form, make, remove, uid, unique};
use anyhow::{Context, Result};
use ground::{Ground, NAMESPACE};
use reqwest::StatusCode;
use serde_json::json;

fn claims() -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims")
}

async fn labelled(portal: &Portal, who: &mut Visitor, labels: &str) -> Result<Made> {
    let name = unique("labelled")?;
    let mut fields = form(&name, "standard");
    fields.push(("labels", labels));
    let page = who.post(&portal.at("/volumes/new"), &fields).await?;
    let there = page.location.as_deref().with_context(|| format!("not made: {page:?}"))?;
    let id = there.trim_start_matches("/volumes/").split('?').next().unwrap_or_default().to_owned();
    Ok(Made { name, id })
}

/// 0.96, 2.76
#[tokio::test]
async fn labels_of_ones_own_are_written_shown_filtered_by_and_taken_away() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let team = unique("t")?;
    let made = labelled(&portal, &mut alice, &format!("stage=prod, team={team}")).await?;
    let other = make(&portal, &mut alice, "unlabelled", "standard").await?;
    let detail = alice.visit(&portal.at(&made.page())).await?.text;
    assert!(detail.contains(&format!("href=\"/volumes?q=label:team%3D{team}\"")), "{detail}");
    let yaml = alice.visit(&portal.at(&format!("{}/yaml", made.page()))).await?.text;
    assert!(yaml.contains("label.stowage.dev/stage: prod") && yaml.contains(&format!("label.stowage.dev/team: {team}")), "{yaml}");

    let list = alice.visit(&portal.at(&format!("/volumes?q=label:team%3D{team}&columns=details"))).await?.text;
    assert!(list.contains(&made.name) && !list.contains(&other.name), "{list}");
    assert!(list.contains(&format!("id=\"l-team={team}\"")) && list.contains("id=\"sort-labels\""), "{list}");
    let csv = alice.visit(&portal.at(&format!("/volumes/download?format=csv&q=label:team%3D{team}"))).await?.text;
    assert!(csv.contains(&format!("\"stage=prod team={team}\"")), "{csv}");

    let edit = portal.at(&format!("{}/edit", made.page()));
    assert!(alice.visit(&edit).await?.text.contains(&format!("value=\"stage=prod team={team}\"")));
    let uid = uid(&made).await?;
    let saved = alice.post(&edit, &[("labels", "stage=dev"), ("uid", &uid)]).await?;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{saved:?}");
    let live = Ground::current().await?.admin().get(&format!("{}/{}", claims(), made.claim())).await?;
    let own: Vec<_> =
        live["metadata"]["labels"].as_object().context("labels")?.iter().filter(|(key, _)| key.starts_with("label.")).collect();
    assert_eq!(own, [(&"label.stowage.dev/stage".to_owned(), &json!("dev"))]);
    remove(&portal, &mut alice, &made).await?;
    remove(&portal, &mut alice, &other).await?;
    Ok(())
}

#[tokio::test]
async fn no_label_of_a_persons_own_passes_for_one_of_the_portals() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let his = make(&portal, &mut bob, "his", "standard").await?;
    let key = ground.admin().get(&format!("{}/{}", claims(), his.claim())).await?["metadata"]["labels"]["stowage.dev/owner"].clone();
    let key = key.as_str().context("an owner key")?;
    let name = unique("forged")?;
    for labels in [format!("stowage.dev/owner={key}"), format!("label.stowage.dev/x={key}"), "stage".into(), "a=b=c".into()] {
        let mut fields = form(&name, "standard");
        fields.push(("labels", &labels));
        let refused = alice.post(&portal.at("/volumes/new"), &fields).await?;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{labels}");
        assert!(refused.text.contains("href=\"#labels\""), "{labels}: {}", refused.text);
    }
    assert!(!alice.visit(&portal.at("/volumes")).await?.text.contains(&name), "nothing was made");

    // Called as the portal's own, they are the person's all the same.
    let made = labelled(&portal, &mut alice, &format!("owner={key} username=bob volume-id=zzzzzzzz skypilot-volume=false")).await?;
    let page = alice.visit(&portal.at(&made.page())).await?;
    assert!(page.status.is_success() && page.text.contains(&made.name), "{page:?}");
    assert_eq!(bob.visit(&portal.at(&made.page())).await?.status, StatusCode::NOT_FOUND);
    remove(&portal, &mut alice, &made).await?;
    remove(&portal, &mut bob, &his).await?;
    Ok(())
}

/// 2.76
#[tokio::test]
async fn a_filter_that_was_named_is_a_link_above_its_owners_list_until_it_is_deleted() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let made = labelled(&portal, &mut alice, "stage=prod").await?;
    let (list, filters) = (portal.at("/volumes"), portal.at("/volumes/filters"));
    let narrowed = alice.visit(&portal.at("/volumes?q=label:stage%3Dprod")).await?.text;
    assert!(narrowed.contains("Save this filter") && narrowed.contains("action=\"/volumes/filters\""), "{narrowed}");
    assert!(!alice.visit(&list).await?.text.contains("Save this filter"), "there is no filter to save");

    let saved = alice.post(&filters, &[("name", "In <b>production"), ("q", "label:stage=prod")]).await?;
    assert_eq!((saved.status, saved.location.as_deref()), (StatusCode::SEE_OTHER, Some("/volumes?q=label:stage%3Dprod")));
    let page = alice.visit(&list).await?.text;
    assert!(page.contains("href=\"/volumes?q=label:stage%3Dprod\"") && page.contains("In &lt;b&gt;production"), "{page}");
    assert!(!alice.visit(&portal.at("/volumes?q=label:stage%3Dprod")).await?.text.contains("Save this filter"), "it is saved");
    assert!(!bob.visit(&filters).await?.text.contains("production"), "nobody else's");

    for (name, q, field) in [("", "x", "name"), ("a", "", "q"), ("a", "colour:red", "q"), ("a", "owner:bob", "q")] {
        let refused = alice.post(&filters, &[("name", name), ("q", q)]).await?;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {q}");
        let (_, rest) = refused.text.split_once(&format!("id=\"{field}-error\"")).context("a place")?;
        assert!(!rest.split_once("</div>").context("an end")?.0.ends_with('>'), "{name} {q}: {}", refused.text);
    }
    for n in 1..20 {
        assert_eq!(alice.post(&filters, &[("name", &format!("f{n}")), ("q", "x")]).await?.status, StatusCode::SEE_OTHER, "{n}");
    }
    let full = alice.post(&filters, &[("name", "one more"), ("q", "x")]).await?;
    assert_eq!(full.status, StatusCode::CONFLICT);
    assert!(full.text.contains("You have 20 saved filters, which is the most."), "{}", full.text);

    let forget = [("name", "In <b>production"), ("act", "forget")];
    assert_eq!(bob.post(&filters, &forget).await?.status, StatusCode::SEE_OTHER);
    assert!(alice.visit(&filters).await?.text.contains("production"), "nobody else forgets it");
    assert_eq!(alice.post(&filters, &forget).await?.location.as_deref(), Some("/volumes/filters"));
    assert!(!alice.visit(&list).await?.text.contains("production"));
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// 2.46, 2.48
#[tokio::test]
async fn the_kind_of_a_volume_is_a_column_and_narrows_the_list() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let files = make(&portal, &mut alice, "files", "standard").await?;
    // Made with kubectl, as a copy of hers with another name: a bare disk.
    let live = ground.admin().get(&format!("{}/{}", claims(), files.claim())).await?;
    let disk = unique("disk")?;
    let mut labels = live["metadata"]["labels"].clone();
    (labels["volume-name"], labels["volume-id"]) = (json!(disk), json!("blockdev"));
    let mut spec = live["spec"].clone();
    spec["volumeMode"] = json!("Block");
    let annotations =
        ["stowage.dev/owner-iss", "stowage.dev/owner-sub"].map(|key| (key.to_owned(), live["metadata"]["annotations"][key].clone()));
    let copy = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": spec,
        "metadata": {"name": disk, "labels": labels, "annotations": serde_json::Map::from_iter(annotations)}
    });
    ground.admin().post(&claims(), &copy).await?;

    let blocks = portal.at("/volumes?q=kind:block&columns=details");
    let page = crate::outages::until(&mut alice, &blocks, |_, text| text.contains(&disk)).await?;
    assert!(!page.contains(&files.name) && page.contains("id=\"sort-kind\"") && page.contains(">block</td>"), "{page}");
    let page = alice.visit(&portal.at("/volumes?q=kind:filesystem&columns=details")).await?.text;
    assert!(page.contains(&files.name) && !page.contains(&disk) && page.contains(">filesystem</td>"), "{page}");
    assert!(alice.visit(&portal.at("/volumes/blockdev")).await?.text.contains("Bare disk, without a file system"));
    ground.admin().delete(&format!("{}/{disk}", claims())).await?;
    remove(&portal, &mut alice, &files).await?;
    Ok(())
}
