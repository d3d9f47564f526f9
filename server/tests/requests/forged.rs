//! What about claims that the portal did not write, and names that it never gave?

use crate::api::{Program, read};
use crate::new_volume::portal_with;
use crate::outages::until;
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{form, make, remove, uid, unique};
use anyhow::{Context, Result};
use domain::owner::{OwnerKey, Principal};
use ground::{Ground, NAMESPACE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const ALICE: &str = "a11ce000-5d1f-4c7e-9a52-1f0c6e1d0001";

fn claims(name: &str) -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims{name}")
}

/// A claim as somebody makes it with kubectl.
fn claim(name: &str, labels: &Value, annotations: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "labels": labels, "annotations": annotations},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Mi"}}},
    })
}

/// Its code is `conflict`, as of everything that stands against what is there; the claims are in the sentence.
#[tokio::test]
async fn c3_045_an_id_that_two_own_claims_carry_is_a_conflict_that_names_them_and_nothing_is_done() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let one = make(&portal, &mut alice, "one-of-two", "standard").await?;
    let two = make(&portal, &mut alice, "two-of-two", "standard").await?;
    let (uid, paths) = (uid(&one).await?, [&one, &two].map(|made| claims(&format!("/{}", made.claim()))));
    ground.admin().patch_merge(&paths[1], &json!({"metadata": {"labels": {"volume-id": one.id}}})).await?;
    let both = |text: &str| text.contains(&one.claim()) && text.contains(&two.claim());
    until(&mut alice, &portal.at(&one.page()), |status, text| status == StatusCode::CONFLICT && both(text)).await?;
    let fields = [("confirm", one.name.as_str()), ("uid", uid.as_str())];
    let posted = alice.post(&portal.at(&format!("{}/delete", one.page())), &fields).await?;
    assert!(posted.status == StatusCode::CONFLICT && both(&posted.text), "{posted:?}");
    let there = format!("/api/volumes/{}", one.id);
    for (method, query) in [(Method::GET, String::new()), (Method::DELETE, format!("?force=true&uid={uid}"))] {
        let page = program.send(&portal, method.clone(), &format!("{there}{query}"), |request| request).await?;
        assert!(page.status == StatusCode::CONFLICT && both(&page.text), "{method}: {page:?}");
    }
    for path in paths {
        assert!(ground.admin().get(&path).await?["metadata"]["deletionTimestamp"].is_null(), "{path}");
        ground.admin().delete(&path).await?;
    }
    Ok(())
}

#[tokio::test]
async fn c3_047_a_claim_with_our_labels_and_no_owner_is_unclaimed_to_administrators_and_not_there_for_others() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let name = unique("from-the-cli")?;
    let id = &name[name.len() - 8..];
    let labels = json!({"skypilot-volume": "true", "volume-id": id, "volume-name": name, "username": "alice"});
    ground.admin().post(&claims(""), &claim(&name, &labels, &json!({}))).await?;
    let list = portal.at(&format!("/admin/volumes?q={name}"));
    let seen = until(&mut admin, &list, |_, text| text.contains(&format!(">{name}<"))).await?;
    let row = seen.split("<tr ").find(|row| row.contains(&format!(">{name}</a>"))).context("a row")?;
    assert!(row.contains(">unclaimed<") && !row.contains(">alice<"), "a readable name is no owner: {row}");
    assert!(!alice.visit(&portal.at("/volumes")).await?.text.contains(&name));
    assert!(!program.get(&portal, "/api/volumes").await?.text.contains(&name));
    assert_eq!(alice.visit(&portal.at(&format!("/volumes/{id}"))).await?.status, StatusCode::NOT_FOUND);
    let there = format!("/api/volumes/{id}?force=true");
    assert_eq!(program.send(&portal, Method::DELETE, &there, |request| request).await?.status, StatusCode::NOT_FOUND);
    ground.admin().delete(&claims(&format!("/{name}"))).await?;
    Ok(())
}

#[tokio::test]
async fn c3_048_050_a_name_that_leads_elsewhere_is_refused_wherever_one_is_taken() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let real = unique("real")?;
    let made = ground.admin().post(&claims(""), &claim(&real, &json!({}), &json!({}))).await?;
    let uid = made["metadata"]["uid"].as_str().context("a uid")?;
    for end in ["#frag", "%23frag", "/status", "/../../secrets/db", "%2f..%2f..%2fsecrets%2fdb", "%252fstatus", "?dryRun=All", "\0"] {
        let name = format!("{real}{end}");
        let page = program.create(&portal, &json!({"name": name, "size": "10Mi"})).await?;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && read(&page)?["fields"]["name"].is_string(), "{name:?}: {page:?}");
        let page = alice.post(&portal.at("/volumes/new"), &form(&name, "standard")).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        let fields =
            [("claim", name.as_str()), ("uid", uid), ("name", "good"), ("issuer", "https://i"), ("subject", "s"), ("confirmed", "yes")];
        let page = admin.post(&portal.at("/admin/adopt"), &fields).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}: {page:?}");
        let mut address = url::Url::parse(&portal.at("/admin/adopt"))?;
        address.query_pairs_mut().append_pair("claim", &name);
        assert_eq!(admin.visit(address.as_str()).await?.status, StatusCode::NOT_FOUND, "{name:?}");
    }
    let path = claims(&format!("/{real}"));
    let after = ground.admin().get(&path).await?;
    assert_eq!(after["metadata"]["resourceVersion"], made["metadata"]["resourceVersion"], "nothing was changed");
    ground.admin().delete(&path).await?;
    Ok(())
}

/// 422 and not 404: there is no such parameter, whatever its value is. The portal works in one namespace.
#[tokio::test]
async fn c3_054_no_call_and_no_form_takes_a_namespace() -> Result<()> {
    let portal = Portal::start().await?;
    let admin = Program::signed_in(&portal, "admin").await?;
    let mut person = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut person, "namespaced", "standard").await?;
    let there = format!("/api/volumes/{}", made.id);
    for namespace in ["kube-system", "default%2F..%2Fkube-system", "", NAMESPACE] {
        for (method, path) in [
            (Method::GET, "/api/volumes?all_users=true&".to_owned()),
            (Method::GET, format!("{there}?")),
            (Method::DELETE, format!("{there}?force=true&")),
        ] {
            let page = admin.send(&portal, method.clone(), &format!("{path}namespace={namespace}"), |request| request).await?;
            assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("namespace"), "{method} {path}: {page:?}");
        }
        let body = json!({"name": unique("elsewhere")?, "size": "10Mi"});
        let path = format!("/api/volumes/create?namespace={namespace}");
        assert_eq!(admin.call(&portal, Method::POST, &path, &body).await?.status, StatusCode::UNPROCESSABLE_ENTITY, "{namespace}");
        let listed = person.visit(&portal.at(&format!("/admin/volumes?namespace={namespace}&q={}", made.name))).await?;
        assert!(listed.status == StatusCode::OK && listed.text.contains(&made.name), "a page looks at its own: {namespace}");
    }
    remove(&portal, &mut person, &made).await?;
    Ok(())
}

/// There is no number of volumes that the portal allows; the cluster's quota is the limit.
#[tokio::test]
async fn c3_063_what_the_quota_refuses_is_a_conflict_with_the_numbers_and_not_a_failure() -> Result<()> {
    let ground = Ground::current().await?;
    let namespace = ground.namespace("quota").await?;
    let hard = json!({"requests.storage": "20Mi", "persistentvolumeclaims": "2"});
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "rule"}, "spec": {"hard": hard}});
    ground.admin().post(&namespace.path("resourcequotas"), &quota).await?;
    let counted = |quota: &Value| !quota["status"]["used"].is_null();
    ground.admin().wait_until(&namespace.path("resourcequotas/rule"), Duration::from_secs(30), counted).await?;
    let portal = portal_with(&[("kubernetes.namespace", namespace.name())]).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    program.made(&portal, "fits", json!({})).await?;
    let name = unique("too-much")?;
    let page = program.create(&portal, &json!({"name": name, "size": "16Mi"})).await?;
    assert!(page.status == StatusCode::CONFLICT && read(&page)?["code"] == "quota", "{page:?}");
    assert!(page.text.contains("allows 20 Mi for all volumes together") && page.text.contains("10 Mi are left"), "{}", page.text);
    let fields = [("name", name.as_str()), ("size", "16Mi"), ("class", "standard"), ("access", "ReadWriteOnce")];
    let page = alice.post(&portal.at("/volumes/new"), &fields).await?;
    assert!(page.status == StatusCode::CONFLICT && page.text.contains("20 Mi"), "{page:?}");
    program.made(&portal, "fits-too", json!({})).await?;
    let page = program.create(&portal, &json!({"name": unique("third")?, "size": "1Mi"})).await?;
    assert!(page.status == StatusCode::CONFLICT && read(&page)?["code"] == "quota", "one volume too many: {page:?}");
    namespace.delete().await?;
    Ok(())
}

#[tokio::test]
async fn c6_117_a_claim_with_absurd_labels_is_a_row_like_any_other() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let made = make(&portal, &mut alice, "beside", "standard").await?;
    let name = unique("absurd")?;
    let key = OwnerKey::of(&Principal::new(ground.issuer(), ALICE)?);
    let labels =
        json!({"skypilot-volume": "true", "stowage.dev/owner": key, "volume-id": "NOT.AN.ID", "volume-name": "x_.-y", "username": ""});
    let annotations = json!({
        "stowage.dev/owner-iss": ground.issuer(), "stowage.dev/owner-sub": ALICE, "created-at": "the day before yesterday",
        "stowage.dev/mount-path": "\u{7}../../etc\u{202e}", "stowage.dev/description": "<b>ü".repeat(50_000),
    });
    let mut absurd = claim(&name, &labels, &annotations);
    absurd["spec"]["storageClassName"] = json!("never-was");
    ground.admin().post(&claims(""), &absurd).await?;
    let listed = |status: StatusCode, text: &str| status == StatusCode::OK && text.contains("x_.-y") && text.contains(&made.name);
    let list = until(&mut alice, &portal.at("/volumes"), listed).await?;
    assert!(!list.contains("<b>ü") && list.len() < 200_000, "{}", list.len());
    let all = read(&program.get(&portal, "/api/volumes?details=true").await?)?;
    let row = all["volumes"].as_array().into_iter().flatten().find(|volume| volume["pvc_name"] == name).context("it is listed")?;
    assert!(row["description"].as_str().is_some_and(|text| text.len() < 2000), "{row}");
    let page = alice.visit(&portal.at(&format!("/volumes/{}", row["id"].as_str().context("an id")?))).await?;
    assert!(page.status == StatusCode::OK && page.text.contains("never-was") && !page.text.contains("<b>ü"), "{page:?}");
    ground.admin().delete(&claims(&format!("/{name}"))).await?;
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}
