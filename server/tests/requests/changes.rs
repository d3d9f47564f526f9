//! What do people get when they change volumes through the pages: grow, edit, clean up, delete many; and administrators anybody's?

use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{make, remove, uid, unique};
use anyhow::{Context, Result};
use ground::{Ground, NAMESPACE, Work};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

fn claim_path(claim: &str) -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{claim}")
}

/// Opens a page until it says what it should: the portal's rows follow the cluster by watches of their own.
async fn until(visitor: &mut Visitor, url: &str, says: &str) -> Result<String> {
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    let looking = async {
        loop {
            pace.tick().await;
            let page = visitor.visit(url).await?;
            if page.text.contains(says) {
                return anyhow::Ok(page.text);
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.with_context(|| format!("{url} does not say: {says}"))?
}

#[tokio::test]
async fn c3_064_growth_is_a_plain_form_with_its_refusals_in_place() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let class = unique("growable")?;
    let classes = "/apis/storage.k8s.io/v1/storageclasses";
    let growable = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": class}, "provisioner": "stowage.dev/absent",
        "volumeBindingMode": "Immediate", "allowVolumeExpansion": true
    });
    ground.admin().post(classes, &growable).await?;
    until(&mut alice, &portal.at("/volumes/new"), &class).await?;
    let made = make(&portal, &mut alice, "grows", &class).await?;
    let (grow, uid) = (portal.at(&format!("{}/grow", made.page())), uid(&made).await?);

    // Not there yet: the page says why, in place of the form, and so does the button.
    let waiting = alice.visit(&grow).await?;
    assert!(waiting.text.contains("cannot grow now") && waiting.text.contains("It can grow once it is ready"), "{}", waiting.text);
    assert!(alice.visit(&portal.at(&made.page())).await?.text.contains("It can grow once it is ready"));
    let storage = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": class},
        "spec": {
            "capacity": {"storage": "10Mi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": class,
            "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": "/nowhere"}
        }
    });
    ground.admin().post("/api/v1/persistentvolumes", &storage).await?;
    until(&mut alice, &grow, "New size").await?;

    let smaller = alice.post(&grow, &[("size", "5"), ("unit", "Mi"), ("uid", &uid)]).await?;
    assert_eq!(smaller.status, StatusCode::UNPROCESSABLE_ENTITY, "{smaller:?}");
    assert!(
        smaller.text.contains("volumes never shrink") && smaller.text.contains("value=\"5\""),
        "what was typed is kept: {}",
        smaller.text
    );
    let nonsense = alice.post(&grow, &[("size", "large"), ("unit", "Mi"), ("uid", &uid)]).await?;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stale = alice.post(&grow, &[("size", "20"), ("unit", "Mi"), ("uid", "00000000-0000-0000-0000-000000000000")]).await?;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text.contains("Nothing was changed"), "{}", stale.text);

    let grown = alice.post(&grow, &[("size", "20"), ("unit", "Mi"), ("uid", &uid)]).await?;
    assert_eq!(grown.status, StatusCode::SEE_OTHER, "{grown:?}");
    let page = alice.visit(&portal.at(grown.location.as_deref().context("a way on")?)).await?;
    assert!(page.text.contains("Growth was asked for"), "{}", page.text);
    assert_eq!(ground.admin().get(&claim_path(&made.claim())).await?["spec"]["resources"]["requests"]["storage"], "20Mi");
    // The news is no news later on.
    let old = alice.visit(&portal.at(&format!("{}?done=grown&at=1", made.page()))).await?;
    assert!(old.status.is_success() && !old.text.contains("Growth was asked for"));
    remove(&portal, &mut alice, &made).await?;
    ground.admin().delete(&format!("{classes}/{class}")).await?;
    ground.admin().delete(&format!("/api/v1/persistentvolumes/{class}")).await?;
    Ok(())
}

#[tokio::test]
async fn words_are_edited_and_bad_ones_are_refused_in_place() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "worded", "standard").await?;
    let (edit, uid) = (portal.at(&format!("{}/edit", made.page())), uid(&made).await?);
    let refused = alice.post(&edit, &[("description", "mine <b>"), ("mount_path", "/etc"), ("uid", &uid)]).await?;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Use an absolute path") && refused.text.contains("mine &lt;b&gt;"), "{}", refused.text);
    let saved = alice.post(&edit, &[("description", "pictures of cats"), ("mount_path", "/cats"), ("uid", &uid)]).await?;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{saved:?}");
    let page = alice.visit(&portal.at(saved.location.as_deref().context("a way on")?)).await?;
    assert!(page.text.contains("Saved") && page.text.contains("pictures of cats") && page.text.contains("/cats"), "{}", page.text);
    assert!(alice.visit(&edit).await?.text.contains("value=\"pictures of cats\""));
    let yaml = alice.visit(&portal.at(&format!("{}/yaml", made.page()))).await?;
    assert!(yaml.text.contains("stowage.dev/description: pictures of cats"), "{}", yaml.text);
    assert!(!yaml.text.contains("managedFields") && yaml.text.contains(&format!("get pvc {} -o yaml", made.claim())));
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn many_volumes_are_reviewed_then_deleted_when_their_number_is_typed() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let stem = unique("many")?;
    let (one, two) = (make(&portal, &mut alice, &stem, "standard").await?, make(&portal, &mut alice, &stem, "standard").await?);
    let busy = make(&portal, &mut alice, &stem, "shared").await?;
    let his = make(&portal, &mut bob, &stem, "standard").await?;
    let pod = unique("busy")?;
    ground.admin().start_pod(NAMESPACE, &pod, &[(&busy.claim(), "/data")], &[], Work::UntilDeleted).await?;
    until(&mut alice, &portal.at(&busy.page()), &pod).await?;

    // By what their names begin with, or one by one; another person's is as absent as one that never was.
    let by_prefix = alice.visit(&portal.at(&format!("/volumes/delete?prefix={stem}"))).await?.text;
    let by_id = format!("/volumes/delete?id={}&id={}&id={}&id={}&id=zzzzzzzz", one.id, two.id, busy.id, his.id);
    let by_id = alice.visit(&portal.at(&by_id)).await?.text;
    for review in [&by_prefix, &by_id] {
        assert!(review.contains("Delete 2 volumes?") && review.contains("delete 2"), "{review}");
        assert!(review.contains("Left out") && review.contains(&format!("It is mounted by pod {pod}.")), "{review}");
        assert!(review.contains("Data is destroyed") && review.contains(&one.name) && !review.contains(&his.name), "{review}");
    }
    assert!(by_id.contains("2 volumes that you chose: not there any more, or not yours"), "{by_id}");
    assert!(alice.visit(&portal.at("/volumes/delete")).await?.text.contains("No volume can be deleted"));

    let mut chosen = Vec::new();
    for made in [&one, &two, &busy, &his] {
        chosen.push(format!("{}:{}", made.id, uid(made).await?));
    }
    let chosen = chosen.join(",");
    let delete = portal.at("/volumes/delete");
    for wrong in ["", "delete", "delete 3", "yes"] {
        let refused = alice.post(&delete, &[("chosen", &chosen), ("confirm", wrong)]).await?;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.text.contains("Type delete 4, exactly") || refused.text.contains("Type delete 2"), "{}", refused.text);
    }
    assert!(alice.visit(&portal.at(&one.page())).await?.status.is_success(), "nothing was deleted");

    // Whatever the page showed: each is checked again by itself.
    let done = alice.post(&delete, &[("chosen", &chosen), ("confirm", "delete 4")]).await?;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.text.contains("2 of 4 volumes deleted"), "{}", done.text);
    assert!(done.text.contains(&format!("It is mounted by pod {pod}.")) && done.text.contains("or it is not yours"), "{}", done.text);
    assert!(bob.visit(&portal.at(&his.page())).await?.status.is_success());
    ground.admin().delete(&format!("/api/v1/namespaces/{NAMESPACE}/pods/{pod}")).await?;
    ground.admin().wait_until(&format!("/api/v1/namespaces/{NAMESPACE}/pods/{pod}"), PATIENCE, Value::is_null).await?;
    remove(&portal, &mut alice, &busy).await?;
    remove(&portal, &mut bob, &his).await?;
    Ok(())
}

#[tokio::test]
async fn finished_pods_are_removed_from_the_volumes_page_and_the_number_is_said() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "held", "standard").await?;
    let key = ground.admin().get(&claim_path(&made.claim())).await?["metadata"]["labels"]["stowage.dev/owner"].clone();
    let key = key.as_str().context("an owner key")?;
    let (hers, nobodys) = (unique("hers")?, unique("nobodys")?);
    ground.admin().start_pod(NAMESPACE, &hers, &[(&made.claim(), "/data")], &[("stowage.dev/owner", key)], Work::Nothing).await?;
    ground.admin().start_pod(NAMESPACE, &nobodys, &[(&made.claim(), "/data")], &[], Work::Nothing).await?;
    for pod in [&hers, &nobodys] {
        ground.admin().wait_for_phase(NAMESPACE, pod, "Succeeded", PATIENCE).await?;
    }
    until(&mut alice, &portal.at(&made.page()), "Remove finished pods").await?;
    let done = alice.post(&portal.at(&format!("{}/cleanup", made.page())), &[("uid", &uid(&made).await?)]).await?;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
    let page = alice.visit(&portal.at(done.location.as_deref().context("a way on")?)).await?;
    assert!(page.text.contains("1 finished pod removed. 1 more is not yours"), "{}", page.text);
    assert!(!page.text.contains(&hers), "{}", page.text);
    ground.admin().delete(&format!("/api/v1/namespaces/{NAMESPACE}/pods/{nobodys}")).await?;
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn an_administrator_sees_what_a_transfer_changes_before_it_does() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut alice, "goes", "standard").await?;
    let his = make(&portal, &mut bob, "his", "standard").await?;
    let ground = Ground::current().await?;
    let labels = ground.admin().get(&claim_path(&his.claim())).await?["metadata"]["labels"].clone();
    let key = labels["stowage.dev/owner"].as_str().context("an owner key")?;
    let transfer = portal.at(&format!("/admin{}/transfer", made.page()));
    let page = admin.visit(&transfer).await?;
    assert!(page.text.contains("Show what will change") && page.text.contains(key), "{}", page.text);
    let uid = uid(&made).await?;
    let fields = [("uid", uid.as_str()), ("name", &made.name), ("owner", key)];
    let proposed = admin.post(&transfer, &fields).await?;
    assert_eq!(proposed.status, StatusCode::OK, "{proposed:?}");
    assert!(
        proposed.text.contains("Nothing has changed yet") && proposed.text.contains("annotation stowage.dev/owner-sub"),
        "{}",
        proposed.text
    );
    assert!(alice.visit(&portal.at(&made.page())).await?.status.is_success());
    let done = admin.post(&transfer, &[fields[0], fields[1], fields[2], ("confirmed", "yes")]).await?;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
    let page = admin.visit(&portal.at(done.location.as_deref().context("a way on")?)).await?;
    assert!(page.text.contains("The volume has a new owner"), "{}", page.text);
    assert_eq!(alice.visit(&portal.at(&made.page())).await?.status, StatusCode::NOT_FOUND);
    assert!(bob.visit(&portal.at(&made.page())).await?.status.is_success());
    // The administrator deletes it by its name, whoever owns it.
    let delete = portal.at(&format!("/admin{}/delete", made.page()));
    assert_eq!(admin.post(&delete, &[("confirm", "x"), ("uid", &uid)]).await?.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.post(&delete, &[("confirm", &made.name), ("uid", &uid)]).await?.status, StatusCode::SEE_OTHER);
    remove(&portal, &mut bob, &his).await?;
    Ok(())
}

#[tokio::test]
async fn an_administrator_adopts_a_claim_that_was_made_without_the_portal() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let his = make(&portal, &mut bob, "his", "standard").await?;
    let labels = ground.admin().get(&claim_path(&his.claim())).await?["metadata"]["labels"].clone();
    let key = labels["stowage.dev/owner"].as_str().context("an owner key")?;
    let claim = unique("from-kubectl")?;
    let object = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claim},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Mi"}}}
    });
    let made = ground.admin().post(&format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims"), &object).await?;
    let uid = made["metadata"]["uid"].as_str().context("a uid")?;
    let adopt = portal.at("/admin/adopt");
    assert!(admin.visit(&adopt).await?.text.contains(&claim));
    let form = admin.visit(&format!("{adopt}?claim={claim}")).await?;
    assert!(form.text.contains("Show what will change") && form.text.contains(uid), "{}", form.text);
    let fields = [("claim", claim.as_str()), ("uid", uid), ("name", &claim), ("owner", key)];
    let refused = admin.post(&adopt, &[fields[0], fields[1], fields[2]]).await?;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Choose a person, or enter issuer and subject."), "{}", refused.text);
    assert_eq!(admin.post(&adopt, &fields).await?.status, StatusCode::OK);
    assert!(!bob.visit(&portal.at("/volumes")).await?.text.contains(&claim), "nothing has changed yet");
    let done = admin.post(&adopt, &[fields[0], fields[1], fields[2], fields[3], ("confirmed", "yes")]).await?;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
    assert!(bob.visit(&portal.at("/volumes")).await?.text.contains(&claim));
    assert!(!admin.visit(&adopt).await?.text.contains(&claim));
    ground.admin().delete(&claim_path(&claim)).await?;
    remove(&portal, &mut bob, &his).await?;
    Ok(())
}
