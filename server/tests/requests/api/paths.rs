//! The calls of guide 0, and whether they say what the pages say.

use super::{Program, read};
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{make, remove, unique};
use anyhow::{Context, Result};
use domain::quantity::Size;
use ground::NAMESPACE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_volume_is_made_listed_looked_at_and_deleted_0_97_to_0_100() -> Result<()> {
    let portal = Portal::start().await?;
    let program = Program::signed_in(&portal, "alice").await?;
    let name = unique("by-rest")?;
    let body = json!({
        "name": name, "size": "10Mi", "storage_class": "standard", "access_modes": "ReadWriteOnce", "description": "raw images", "mount_path": "/data"
    });
    let created = program.create(&portal, &body).await?;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    let made = read(&created)?;
    let id = made["id"].as_str().context("an id")?;
    assert_eq!(created.location.as_deref(), Some(format!("/api/volumes/{id}").as_str()));
    assert_eq!(made["pvc_name"], format!("{name}-{id}"), "0.91");
    for (field, expected) in [
        ("name", json!(name)),
        ("size", json!("10Mi")),
        ("storage_class", json!("standard")),
        ("access_modes", json!(["ReadWriteOnce"])),
        ("description", json!("raw images")),
        ("mount_path", json!("/data")),
        ("namespace", json!(NAMESPACE)),
        ("status", json!("Pending")),
        ("username", json!("alice")),
        ("used_by", json!([])),
    ] {
        assert_eq!(made[field], expected, "{field}");
    }
    let one = read(&program.get(&portal, &format!("/api/volumes/{id}")).await?)?;
    assert_eq!(one, made, "0.99");
    let mine = |list: &Value| list["volumes"].as_array().into_iter().flatten().find(|volume| volume["id"] == id).cloned();
    let brief = mine(&read(&program.get(&portal, "/api/volumes").await?)?).context("it is listed")?;
    assert!(brief.get("mount_path").is_none() && brief["status"] == "Pending", "0.98: {brief}");
    let detailed = mine(&read(&program.get(&portal, "/api/volumes?details=true").await?)?);
    assert_eq!(detailed, Some(made.clone()), "0.09");

    let there = format!("/api/volumes/{id}");
    for unconfirmed in [there.clone(), format!("{there}?force=false"), format!("{there}?confirm=other")] {
        let page = program.send(&portal, Method::DELETE, &unconfirmed, |request| request).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "2.53: {unconfirmed}");
        assert!(page.text.contains(&format!("confirm={name}")), "{}", page.text);
    }
    let gone = program.call(&portal, Method::DELETE, &there, &json!({"confirm": name})).await?;
    assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
    let status = read(&gone)?["status"].clone();
    assert!(status == "Deleted" || status == "Terminating", "0.100: {status}");
    Ok(())
}

#[tokio::test]
async fn a_volume_is_found_by_its_name_and_one_that_is_not_there_comes_with_near_names_2_84() -> Result<()> {
    let portal = Portal::start().await?;
    let (alice, bob) = (Program::signed_in(&portal, "alice").await?, Program::signed_in(&portal, "bob").await?);
    let made = alice.made(&portal, "checkpoints", json!({})).await?;
    let there = |name: &str| format!("/api/volumes/by-name/{name}");
    for name in [made.name.clone(), made.name.to_uppercase()] {
        assert_eq!(read(&alice.get(&portal, &there(&name)).await?)?["id"], made.id);
    }
    let slip = made.name.replacen("checkpoints", "chekpoints", 1);
    let absent = alice.get(&portal, &there(&slip)).await?;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
    let told = read(&absent)?["message"].clone();
    assert_eq!(
        told,
        format!("You have no volume named {slip}. Nearly: {}. The list has what is there; POST /api/volumes/create makes one.", made.name)
    );
    let his = bob.get(&portal, &there(&made.name)).await?;
    assert_eq!(his.status, StatusCode::NOT_FOUND);
    assert_eq!(
        read(&his)?["message"],
        format!("You have no volume named {}. The list has what is there; POST /api/volumes/create makes one.", made.name)
    );
    alice.removed(&portal, &made).await?;
    Ok(())
}

#[tokio::test]
async fn labels_and_kind_are_in_calls_and_narrow_the_list_0_96_2_48() -> Result<()> {
    let portal = Portal::start().await?;
    let program = Program::signed_in(&portal, "alice").await?;
    let team = unique("t")?;
    let made = program.made(&portal, "labelled", json!({"labels": {"team": team, "stage": "prod"}})).await?;
    let one = read(&program.get(&portal, &format!("/api/volumes/{}", made.id)).await?)?;
    assert_eq!((&one["kind"], &one["labels"]), (&json!("filesystem"), &json!({"team": team, "stage": "prod"})));
    let ids = async |q: &str| -> Result<Vec<String>> {
        let list = read(&program.get(&portal, &format!("/api/volumes?q={q}")).await?)?;
        Ok(list["volumes"].as_array().into_iter().flatten().filter_map(|volume| volume["id"].as_str().map(str::to_owned)).collect())
    };
    assert_eq!(ids(&format!("label:team={team}")).await?, std::slice::from_ref(&made.id));
    assert!(ids("kind:filesystem").await?.contains(&made.id) && !ids("kind:block").await?.contains(&made.id));
    let name = unique("refused")?;
    for labels in [
        json!({"stowage.dev/owner": "x"}),
        json!({"a": "b c=d"}),
        json!({"a": "b,c=d"}),
        json!({"a b": "c"}),
        (0..11).map(|n| (format!("k{n}"), json!("v"))).collect::<serde_json::Map<_, _>>().into(),
    ] {
        let refused = program.create(&portal, &json!({"name": name, "size": "10Mi", "labels": labels})).await?;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{labels}");
        assert!(read(&refused)?["fields"]["labels"].is_string(), "{refused:?}");
    }
    program.removed(&portal, &made).await?;
    Ok(())
}

#[tokio::test]
async fn what_a_call_says_is_what_the_page_says() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let by_page = make(&portal, &mut alice, "same-facts", "standard").await?;
    let modes = json!({"access_modes": ["ReadWriteOnce", "ReadOnlyMany"], "storage_class": "shared", "description": "a & b"});
    let by_rest = program.made(&portal, "same-facts", modes).await?;
    for made in [&by_page, &by_rest] {
        let said = read(&program.get(&portal, &format!("/api/volumes/{}", made.id)).await?)?;
        let page = alice.visit(&portal.at(&made.page())).await?;
        let facts = facts(&page.text);
        let text = |field: &str| said[field].as_str().map(str::to_owned).with_context(|| format!("{field}: {said}"));
        let size = Size::from_kubernetes(&text("size")?).context("a size")?;
        let modes: Vec<_> = said["access_modes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (fact, expected) in [
            ("Size", size.rounded()),
            ("Class", text("storage_class")?),
            ("Phase", text("status")?),
            ("Id", text("id")?),
            ("PVC", text("pvc_name")?),
            ("Mount path", text("mount_path")?),
        ] {
            let (_, shown) = facts.iter().find(|(name, _)| *name == fact).with_context(|| format!("no {fact} in {facts:?}"))?;
            assert!(shown.contains(&expected), "{fact}: {shown} is not {expected}");
        }
        let (_, access) = facts.iter().find(|(name, _)| *name == "Access").context("modes")?;
        assert!(!modes.is_empty() && modes.iter().all(|mode| access.contains(&format!("({mode})"))), "{access} {modes:?}");
        assert!(page.text.contains(&text("name")?) && page.text.contains(&text("state")?), "{}", page.text);
        remove(&portal, &mut alice, made).await?;
    }
    Ok(())
}

/// The facts of a volume's page: each term with its text.
fn facts(html: &str) -> Vec<(String, String)> {
    let terms = html.split("<dt>").skip(1).filter_map(|rest| {
        let (term, rest) = rest.split_once("</dt>")?;
        let (_, rest) = rest.split_once("<dd")?;
        Some((text(term), text(rest.split_once('>')?.1.split_once("</dd>")?.0)))
    });
    terms.collect()
}

fn text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = true;
    for c in html.chars() {
        match c {
            '<' => inside = false,
            '>' => inside = true,
            c if inside => text.push(c),
            _ => {}
        }
    }
    text
}

#[tokio::test]
async fn a_finished_answer_for_everybody_is_for_administrators_0_10_c3_041() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let admin = Program::signed_in(&portal, "admin").await?;
    let made = alice.made(&portal, "everybodys", json!({})).await?;
    let has = async |program: &Program, path: &str| -> Result<bool> { Ok(program.get(&portal, path).await?.text.contains(&made.id)) };
    assert!(has(&admin, "/api/volumes?all_users=true").await? && has(&admin, "/api/volumes?all_users=true&details=true").await?);
    assert!(!has(&admin, "/api/volumes").await? && !has(&admin, "/api/volumes?all_users=false").await?);
    assert_eq!(alice.get(&portal, "/api/volumes?all_users=true").await?.status, StatusCode::FORBIDDEN);
    for odd in ["all_users=1", "all-users=", "ALL_USERS=true", "all_users=true&all_users=false", "namespace=kube-system", "user=bob"] {
        for program in [&alice, &admin] {
            let page = program.get(&portal, &format!("/api/volumes?{odd}")).await?;
            assert!([422, 400].contains(&page.status.as_u16()) && !page.text.contains("\"volumes\""), "{odd}: {page:?}");
            let name = odd.split('=').next().unwrap_or_default();
            assert!(page.text.contains(name), "{odd} is named: {}", page.text);
        }
    }
    alice.removed(&portal, &made).await?;
    Ok(())
}

#[tokio::test]
async fn a_signed_in_browser_may_download_its_list_from_the_portals_pages_only_2_47() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    for (site, expected) in
        [(Some("same-origin"), 200), (Some("none"), 200), (Some("cross-site"), 401), (Some("same-site"), 401), (None, 401)]
    {
        let with =
            |request: reqwest::RequestBuilder| site.into_iter().fold(request, |request, site| request.header("sec-fetch-site", site));
        let page = alice.send(Method::GET, &portal.at("/api/volumes"), with).await?;
        assert_eq!(page.status.as_u16(), expected, "{site:?}");
        let with = |request: reqwest::RequestBuilder| with(request).json(&json!({"name": "x", "size": "10Mi"}));
        let page = alice.send(Method::POST, &portal.at("/api/volumes/create"), with).await?;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "a cookie makes nothing: {site:?}");
        assert_eq!(page.headers["www-authenticate"], "Bearer realm=\"Stowage\"");
    }
    Ok(())
}

#[tokio::test]
async fn the_description_names_exactly_the_calls_that_there_are() -> Result<()> {
    let portal = Portal::start().await?;
    let described = read(&Visitor::new()?.ask(&portal.at("/api/openapi.json")).await?)?;
    let paths: BTreeSet<_> = described["paths"].as_object().into_iter().flatten().map(|(path, _)| path.clone()).collect();
    let routes = portal.routes.iter().filter(|route| route.starts_with("/api/") && *route != "/api/openapi.json").cloned();
    assert_eq!(paths, routes.collect());
    assert_eq!(described["servers"][0]["url"], portal.url);
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = alice.visit(&portal.at("/api")).await?.text;
    for part in [&portal.at("/api/volumes/create"), "/api/openapi.json", "/tokens", "curl -X DELETE", "confirm=train-images"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("all_users"), "what only administrators may is not offered");
    Ok(())
}
