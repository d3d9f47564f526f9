//! What happens when a call comes twice?

use super::{Program, read};
use crate::portal::Portal;
use crate::visitor::Page;
use crate::volumes::{Made, unique};
use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn keyed(program: &Program, portal: &Portal, key: &str, body: &Value) -> Result<Page> {
    program.send(portal, Method::POST, "/api/volumes/create", |request| request.header("idempotency-key", key).json(body)).await
}

fn id(page: &Page) -> Result<String> {
    Ok(read(page)?["id"].as_str().with_context(|| format!("no id: {page:?}"))?.to_owned())
}

#[tokio::test]
async fn a_key_makes_one_volume_whoever_repeats_it_c6_111() -> Result<()> {
    let portal = Portal::start().await?;
    let (alice, bob) = (Program::signed_in(&portal, "alice").await?, Program::signed_in(&portal, "bob").await?);
    let (name, key) = (unique("keyed")?, unique("key")?);
    let body = json!({"name": name, "size": "10Mi"});
    let first = keyed(&alice, &portal, &key, &body).await?;
    let second = keyed(&alice, &portal, &key, &body).await?;
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(id(&first)?, id(&second)?);
    let other = keyed(&alice, &portal, &key, &json!({"name": unique("other")?, "size": "10Mi"})).await?;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{other:?}");
    let anothers = keyed(&bob, &portal, &key, &body).await?;
    assert_eq!(anothers.status, StatusCode::CREATED, "another person's key is another key");
    assert_ne!(id(&anothers)?, id(&first)?);
    for bad in ["", &"x".repeat(256), "a\tb", "\u{e9}"] {
        let page = keyed(&alice, &portal, bad, &json!({"name": unique("bad-key")?, "size": "10Mi"})).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad:?}");
    }
    bob.removed(&portal, &Made { name: name.clone(), id: id(&anothers)? }).await?;
    alice.removed(&portal, &Made { name, id: id(&first)? }).await?;
    let after = keyed(&alice, &portal, &key, &body).await?;
    // While the cluster takes it away it is still the same volume; nothing is made again.
    assert!(after.status == StatusCode::OK || after.status == StatusCode::CONFLICT, "{after:?}");
    Ok(())
}

#[tokio::test]
async fn calls_of_one_key_at_the_same_instant_make_one_volume() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let (name, key) = (unique("at-once")?, unique("key")?);
    let body = json!({"name": name, "size": "10Mi"});
    let call = || keyed(&alice, &portal, &key, &body);
    let (a, b, c, d) = tokio::join!(call(), call(), call(), call());
    let pages = [a?, b?, c?, d?];
    let made: Vec<_> = pages.iter().filter(|page| page.status == StatusCode::CREATED).collect();
    assert_eq!(made.len(), 1, "{pages:?}");
    assert!(pages.iter().all(|page| [201, 200, 409].contains(&page.status.as_u16())), "{pages:?}");
    let list = read(&alice.get(&portal, "/api/volumes").await?)?;
    let count = list["volumes"].as_array().into_iter().flatten().filter(|volume| volume["name"] == name).count();
    assert_eq!(count, 1);
    assert_eq!(keyed(&alice, &portal, &key, &body).await?.status, StatusCode::OK, "who came too early gets it later");
    alice.removed(&portal, &Made { name, id: id(made[0])? }).await?;
    Ok(())
}

#[tokio::test]
async fn a_key_whose_call_was_refused_is_free() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let there = alice.made(&portal, "in-the-way", json!({})).await?;
    let (body, key) = (json!({"name": there.name, "size": "10Mi"}), unique("key")?);
    for _ in 0..2 {
        assert_eq!(keyed(&alice, &portal, &key, &body).await?.status, StatusCode::CONFLICT, "the name is taken, not the key");
    }
    let other = json!({"name": unique("free")?, "size": "10Mi"});
    let made = keyed(&alice, &portal, &key, &other).await?;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    alice.removed(&portal, &there).await?;
    alice.call(&portal, Method::DELETE, &format!("/api/volumes/{}", id(&made)?), &json!({"force": true})).await?;
    Ok(())
}

#[tokio::test]
async fn a_volume_is_made_only_if_it_is_absent_1_19() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let name = unique("absent")?;
    let body = json!({"name": name, "size": "10Mi", "if_absent": true});
    let first = alice.create(&portal, &body).await?;
    let (second, third) = tokio::join!(alice.create(&portal, &body), alice.create(&portal, &body));
    let (second, third) = (second?, third?);
    assert_eq!((first.status, second.status, third.status), (StatusCode::CREATED, StatusCode::OK, StatusCode::OK), "{second:?} {third:?}");
    assert!(id(&first)? == id(&second)? && id(&first)? == id(&third)?);
    let differs = alice.create(&portal, &json!({"name": name, "size": "20Mi", "storage_class": "shared", "if_absent": true})).await?;
    assert_eq!(differs.status, StatusCode::CONFLICT);
    let told = read(&differs)?["message"].to_string();
    assert!(told.contains("its size is 10Mi, not 20Mi") && told.contains("its class is standard, not shared"), "{told}");
    let without = alice.create(&portal, &json!({"name": name, "size": "10Mi"})).await?;
    assert_eq!(without.status, StatusCode::CONFLICT, "unless asked for, a name is taken");
    alice.removed(&portal, &Made { name, id: id(&first)? }).await?;
    Ok(())
}
