//! Is every act on record, and who reads it?

use crate::api::Program;
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{make, remove};
use anyhow::Result;
use reqwest::{Method, StatusCode};
use serde_json::json;

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
    alice.post(&portal.at("/volumes/zzzzzzzz/delete"), &[("confirm", "x")]).await?;
    program.call(&portal, Method::DELETE, "/api/volumes/zzzzzzzz", &json!({"force": true})).await?;
    let made = program.made(&portal, "there-already", json!({})).await?;
    let again = json!({"name": made.name, "size": "10Mi", "if_absent": true});
    assert_eq!(program.create(&portal, &again).await?.status, StatusCode::OK);
    let (lines, _) = portal.records.audit().page(&records::Filter::default(), None).await?;
    assert_eq!(lines.iter().map(|line| line.verb.as_str()).collect::<Vec<_>>(), ["volume.create", "token.create"]);
    program.removed(&portal, &made).await?;
    Ok(())
}
