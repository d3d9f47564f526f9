//! Is every act on record, and who reads it?

use crate::api::Program;
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{make, remove, uid, unique};
use anyhow::{Context, Result};
use domain::{
    audit::Verb,
    owner::{OwnerKey, Principal},
};
use ground::{Ground, NAMESPACE};
use records::{Attempt, Begun, Filter, Line};
use reqwest::{Method, StatusCode};
use serde_json::json;

const ALICE: &str = "a11ce000-5d1f-4c7e-9a52-1f0c6e1d0001";
const BOB: &str = "b0b00000-8e44-4d0b-8c1b-77ad3c9e0002";

async fn key(subject: &str) -> Result<OwnerKey> {
    Ok(OwnerKey::of(&Principal::new(Ground::current().await?.issuer(), subject)?))
}

/// Oldest first.
async fn lines(portal: &Portal, verb: Verb) -> Result<Vec<Line>> {
    let (mut lines, _) = portal.records.audit().page(&Filter { verb: Some(verb), ..Filter::default() }, None).await?;
    lines.reverse();
    Ok(lines)
}

#[tokio::test]
async fn what_people_do_by_pages_and_by_tokens_is_on_record_with_who_and_which_c6_115() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let by_page = make(&portal, &mut alice, "recorded", "standard").await?;
    remove(&portal, &mut alice, &by_page).await?;
    let program = Program::of(&portal, &mut alice).await?;
    let by_token = program.made(&portal, "recorded", json!({})).await?;
    let kept = program.call(&portal, Method::POST, "/api/volumes/create", &json!({"name": by_token.name, "size": "10Mi"})).await?;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    program.removed(&portal, &by_token).await?;

    let lines = async |admin: &mut Visitor, query: &str| -> Result<String> {
        Ok(admin.visit(&portal.at(&format!("/admin/audit?{query}"))).await?.text)
    };
    for (volume, through) in [(&by_page, "a page"), (&by_token, "token test")] {
        let rows = lines(&mut admin, &format!("volume={}", volume.id)).await?;
        for part in ["Create volume", "Delete volume", ">alice<", &volume.name, &volume.id, through, ">done<"] {
            assert!(rows.contains(part), "{part}: {rows}");
        }
    }
    let refused = lines(&mut admin, &format!("volume={}&verb=volume.create", by_token.name)).await?;
    assert!(refused.contains(">conflict<") && refused.contains(">done<") && !refused.contains(">Delete volume</td>"), "{refused}");
    assert!(refused.contains(kept.headers["x-request-id"].to_str()?), "the reference leads to the answer");
    assert!(lines(&mut admin, "person=alice&verb=token.create").await?.contains("Create token"));
    assert!(lines(&mut admin, "person=nobody-of-this-name").await?.contains("Nothing matches"));
    Ok(())
}

#[tokio::test]
async fn what_was_no_act_is_not_on_record() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    alice.post(&portal.at("/volumes/new"), &[("name", "")]).await?;
    alice.post(&portal.at("/volumes/no%20id/delete"), &[("confirm", "x")]).await?;
    alice.post(&portal.at("/tokens/no%20id/revoke"), &[]).await?;
    program.call(&portal, Method::DELETE, "/api/volumes/no%20id", &json!({"force": true})).await?;
    let made = program.made(&portal, "there-already", json!({})).await?;
    let again = json!({"name": made.name, "size": "10Mi", "if_absent": true});
    assert_eq!(program.create(&portal, &again).await?.status, StatusCode::OK);
    let (lines, _) = portal.records.audit().page(&records::Filter::default(), None).await?;
    assert_eq!(lines.iter().map(|line| line.verb.as_str()).collect::<Vec<_>>(), ["volume.create", "token.create"]);
    program.removed(&portal, &made).await?;
    Ok(())
}

#[tokio::test]
async fn each_of_many_deletions_is_on_record_and_made_up_ids_are_one_line() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let (one, two) = (make(&portal, &mut alice, "each", "standard").await?, make(&portal, &mut alice, "each", "standard").await?);
    let stale = "00000000-0000-0000-0000-000000000000";
    let chosen = format!("{}:{},{}:{stale},zzzzzzzz:{stale},yyyyyyyy:{stale}", one.id, uid(&one).await?, two.id);
    let done = alice.post(&portal.at("/volumes/delete"), &[("chosen", &chosen), ("confirm", "delete 4")]).await?;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let mut told: Vec<_> = lines(&portal, Verb::DeleteVolume).await?;
    told.sort_by(|a, b| a.outcome.cmp(&b.outcome));
    let told: Vec<_> = told.iter().map(|line| (line.object_id.as_str(), line.object_name.as_str(), line.outcome.as_str())).collect();
    let expected = [
        (two.id.as_str(), two.name.as_str(), "conflict"),
        (one.id.as_str(), one.name.as_str(), "done"),
        ("zzzzzzzz", "and 1 more", "not_found"),
    ];
    assert_eq!(told, expected);
    remove(&portal, &mut alice, &two).await?;
    Ok(())
}

#[tokio::test]
async fn a_volume_that_a_lost_call_made_is_on_record_once_its_repetition_finds_it() -> Result<()> {
    let (portal, elsewhere) = (Portal::start().await?, Portal::start().await?);
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let key_text = unique("key")?;
    // What a call leaves that was cut off after the API server had made the volume: the volume, an open key and no line.
    let made = Program::signed_in(&elsewhere, "alice").await?.made(&elsewhere, "lost", json!({})).await?;
    let body = json!({"name": made.name, "size": "10Mi"});
    let attempt = Attempt::new(key(ALICE).await?, &key_text, &serde_json::to_vec(&body)?);
    let keys = portal.records.idempotency();
    assert_eq!(keys.begin(&attempt).await?, Begun::First);
    keys.unknown(&attempt).await?;
    for _ in 0..2 {
        let with = |request: reqwest::RequestBuilder| request.header("idempotency-key", &key_text).json(&body);
        let again = program.send(&portal, Method::POST, "/api/volumes/create", with).await?;
        assert_eq!(again.status, StatusCode::OK, "{again:?}");
    }
    let told = lines(&portal, Verb::CreateVolume).await?;
    let told: Vec<_> = told.iter().map(|line| (line.object_id.as_str(), line.object_name.as_str(), line.outcome.as_str())).collect();
    assert_eq!(told, [(made.id.as_str(), made.name.as_str(), "done")]);
    // What the trail has already is not made again by a call of an open key.
    let other =
        Attempt::new(key(ALICE).await?, "another", &serde_json::to_vec(&json!({"name": made.name, "size": "10Mi", "if_absent": true}))?);
    keys.begin(&other).await?;
    keys.unknown(&other).await?;
    let with = |request: reqwest::RequestBuilder| {
        request.header("idempotency-key", "another").json(&json!({"name": made.name, "size": "10Mi", "if_absent": true}))
    };
    assert_eq!(program.send(&portal, Method::POST, "/api/volumes/create", with).await?.status, StatusCode::OK);
    assert_eq!(lines(&portal, Verb::CreateVolume).await?.len(), 1);
    program.removed(&portal, &made).await?;
    Ok(())
}

#[tokio::test]
async fn adoptions_and_transfers_are_on_record_with_the_keys_of_who_lost_and_who_got_it_c6_115() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let claim = unique("from-kubectl")?;
    let object = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claim},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Mi"}}}
    });
    let made = ground.admin().post(&format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims"), &object).await?;
    let claim_uid = made["metadata"]["uid"].as_str().context("a uid")?;
    let to = |subject: &'static str, username: &'static str| {
        [
            ("issuer", ground.issuer()),
            ("subject", subject),
            ("username", username),
            ("name", claim.as_str()),
            ("confirmed", "yes"),
            ("uid", claim_uid),
        ]
    };
    let adopted = admin.post(&portal.at("/admin/adopt"), &[&to(ALICE, "alice")[..], &[("claim", &claim)]].concat()).await?;
    let page = adopted.location.with_context(|| adopted.text)?;
    let page = page.split('?').next().unwrap_or_default().to_owned();
    let given = admin.post(&portal.at(&format!("{page}/transfer")), &to(BOB, "bob")).await?;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{given:?}");
    let (hers, his) = (key(ALICE).await?.to_string(), key(BOB).await?.to_string());
    let owners = |line: &Line| (line.username.clone(), line.owner.clone(), line.new_owner.clone().unwrap_or_default());
    let adoptions: Vec<_> = lines(&portal, Verb::AdoptVolume).await?.iter().map(owners).collect();
    assert_eq!(adoptions, [("admin".to_owned(), String::new(), hers.clone())]);
    let transfers: Vec<_> = lines(&portal, Verb::TransferVolume).await?.iter().map(owners).collect();
    assert_eq!(transfers, [("admin".to_owned(), hers, his)]);
    let trail = admin.visit(&portal.at("/admin/audit?person=bob")).await?.text;
    assert!(trail.contains("Transfer volume") && trail.contains("of alice, to bob") && !trail.contains("Adopt volume</td>"), "{trail}");
    // Whoever got it reads who gave it.
    let own = page.trim_start_matches("/admin");
    let told = bob.visit(&portal.at(own)).await?.text;
    assert!(told.contains("Changed by an administrator: transferred to you,"), "{told}");
    ground.admin().delete(&format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{claim}")).await?;
    Ok(())
}

#[tokio::test]
async fn an_owner_sees_that_an_administrator_changed_their_volume_c6_115() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut alice, "watched", "standard").await?;
    let page = portal.at(&made.page());
    assert!(!alice.visit(&page).await?.text.contains("Changed by an administrator"), "her own act is no news");
    // What holds it keeps it on the page after its deletion.
    let path = format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{}", made.claim());
    ground.admin().patch_merge(&path, &json!({"metadata": {"finalizers": ["stowage.dev/test"]}})).await?;
    let fields = [("confirm", made.name.clone()), ("uid", uid(&made).await?)];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = admin.post(&portal.at(&format!("/admin{}/delete", made.page())), &[("confirm", "x"), fields[1]]).await?;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!alice.visit(&page).await?.text.contains("Changed by an administrator"), "what was refused changed nothing");
    let done = admin.post(&portal.at(&format!("/admin{}/delete", made.page())), &fields).await?;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
    let told = alice.visit(&page).await?.text;
    assert!(told.contains("Changed by an administrator: deletion asked for,"), "{told}");
    ground.admin().patch_merge(&path, &json!({"metadata": {"finalizers": null}})).await?;
    Ok(())
}

#[tokio::test]
async fn who_is_refused_is_on_record_with_what_they_tried() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let his = make(&portal, &mut bob, "his", "standard").await?;
    let id = his.id.as_str();
    for (path, fields) in [
        (format!("/admin/volumes/{id}/delete"), vec![("confirm", his.name.as_str())]),
        (format!("/admin/volumes/{id}/transfer"), vec![]),
        ("/admin/volumes/%3Cscript%3E/transfer".to_owned(), vec![]),
        ("/admin/volumes/delete".to_owned(), vec![("chosen", "abcdefgh:u,ijklmnop:u")]),
        ("/admin/adopt".to_owned(), vec![("claim", "a-claim")]),
    ] {
        assert_eq!(alice.post(&portal.at(&path), &fields).await?.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(alice.post(&portal.at(&format!("/volumes/{id}/grow")), &[("size", "20Mi")]).await?.status, StatusCode::NOT_FOUND);
    let made = alice.post(&portal.at("/tokens"), &[("name", "reads"), ("volumes_read", "on")]).await?;
    let (_, rest) = made.text.split_once("stw_").context("a token")?;
    let secret = format!("stw_{}", rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default());
    let program = Program::of(&portal, &mut alice).await?;
    let without = |request: reqwest::RequestBuilder| request.bearer_auth(&secret);
    for (method, path) in [(Method::DELETE, format!("/api/volumes/{id}")), (Method::POST, "/api/volumes/create".to_owned())] {
        assert_eq!(Visitor::new()?.send(method, &portal.at(&path), without).await?.status, StatusCode::FORBIDDEN);
    }
    let stranger = program.call(&portal, Method::DELETE, &format!("/api/volumes/{id}"), &json!({"force": true})).await?;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);

    let (mut told, _) = portal.records.audit().page(&Filter { person: "alice".to_owned(), ..Filter::default() }, None).await?;
    told.retain(|line| line.outcome != "done");
    told.reverse();
    let told: Vec<_> = told
        .iter()
        .map(|line| {
            assert!(line.owner.is_empty() || line.verb == "volume.create", "it is not hers: {line:?}");
            (line.verb.as_str(), line.object_id.as_str(), line.object_name.as_str(), line.token.as_deref(), line.outcome.as_str())
        })
        .collect();
    let expected = [
        ("volume.delete", id, "", None, "forbidden"),
        ("volume.transfer", id, "", None, "forbidden"),
        ("volume.transfer", "", "", None, "forbidden"),
        ("volume.delete", "abcdefgh", "and 1 more", None, "forbidden"),
        ("volume.adopt", "", "a-claim", None, "forbidden"),
        ("volume.grow", id, "", None, "not_found"),
        ("volume.delete", id, "", Some("reads"), "forbidden"),
        ("volume.create", "", "", Some("reads"), "forbidden"),
        ("volume.delete", id, "", Some("test"), "not_found"),
    ];
    assert_eq!(told, expected);
    remove(&portal, &mut bob, &his).await?;
    Ok(())
}
