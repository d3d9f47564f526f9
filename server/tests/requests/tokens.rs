//! What do people get when they make and revoke API tokens, and what does a token open?

use crate::portal::{Place, Portal, Trust};
use crate::visitor::{Page, Visitor};
use anyhow::{Context, Result};
use domain::owner::{OwnerKey, Principal};
use domain::token::Secret;
use ground::Ground;
use records::Person;
use reqwest::{Method, StatusCode};

/// The form as the page has it; administrators also tick their role.
fn form(name: &str) -> Vec<(&'static str, &str)> {
    vec![("name", name), ("days", "90"), ("volumes_read", "on"), ("volumes_write", "on")]
}

/// The secret on the one page that shows it.
fn secret(page: &Page) -> Result<String> {
    let (_, rest) = page.text.split_once("stw_").with_context(|| format!("no token: {page:?}"))?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    Ok(format!("stw_{}", &rest[..end]))
}

/// A token of this person with every scope that they can give.
pub async fn token(portal: &Portal, visitor: &mut Visitor) -> Result<String> {
    let mut fields = form("test");
    fields.extend([("tasks_read", "on"), ("tasks_write", "on")]);
    if visitor.visit(&portal.at("/admin/volumes")).await?.status == StatusCode::OK {
        fields.push(("admin", "on"));
    }
    secret(&visitor.post(&portal.at("/tokens"), &fields).await?)
}

fn now() -> i64 {
    app::server::now()
}

/// As the provider would have described the administrator, so many days ago.
async fn signed_in_days_ago(portal: &Portal, days: i64) -> Result<()> {
    let ground = Ground::current().await?;
    let person = Person {
        principal: Principal::new(ground.issuer(), "ad314000-27c9-4f63-b0de-5c2f8ab40003")?,
        username: "admin".into(),
        name: "Ada Admin".into(),
        admin: true,
        groups: vec![],
        seen: now() - days * 86_400,
    };
    Ok(portal.records.people().signed_in(&person).await?)
}

/// A token of this person with these scopes, by the names of their fields.
pub async fn token_for(portal: &Portal, visitor: &mut Visitor, scopes: &[&'static str]) -> Result<String> {
    let mut fields = vec![("name", "test"), ("days", "90")];
    fields.extend(scopes.iter().map(|scope| (*scope, "on")));
    secret(&visitor.post(&portal.at("/tokens"), &fields).await?)
}

async fn status(portal: &Portal, token: &str) -> Result<StatusCode> {
    Ok(Visitor::new()?.send(Method::GET, &portal.at("/api/volumes"), |request| request.bearer_auth(token)).await?.status)
}

#[tokio::test]
async fn a_secret_is_shown_once_and_is_kept_by_nobody() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = alice.post(&portal.at("/tokens"), &form("nightly backup")).await?;
    assert_eq!((made.status, made.headers["cache-control"].to_str()?), (StatusCode::OK, "no-store"), "{made:?}");
    let secret = secret(&made)?;
    assert!(secret.parse::<Secret>().is_ok(), "{secret}");
    assert!(made.text.contains("curl") && made.text.contains(&portal.at("/api/volumes")), "{}", made.text);
    let list = alice.visit(&portal.at("/tokens")).await?;
    assert!(list.text.contains("nightly backup") && list.text.contains("volumes:read volumes:write"), "{}", list.text);
    assert!(!list.text.contains(&secret) && !list.text.contains("stw_"), "{}", list.text);
    assert!(list.text.contains(">never<"));
    assert_eq!(status(&portal, &secret).await?, StatusCode::OK);
    assert!(!alice.visit(&portal.at("/tokens")).await?.text.contains(">never<"), "its use is noted");
    Ok(())
}

#[tokio::test]
async fn what_no_token_can_be_is_refused_at_its_field_c6_112() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let long = "x".repeat(10_000);
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("name", "a"), ("days", "90")], "Choose what the token may do."),
        (&[("name", "a"), ("days", "-1"), ("volumes_read", "on")], "Enter a number of days from 1 to 365."),
        (&[("name", "a"), ("days", "36500"), ("volumes_read", "on")], "Enter a number of days from 1 to 365."),
        (&[("name", &long), ("volumes_read", "on")], "Use at most 64 characters."),
        (&[("name", ""), ("volumes_read", "on")], "Enter a name"),
        (&[("name", "a"), ("volumes_read", "on"), ("admin", "on")], "Only administrators can make a token with their role."),
        (&[("name", "a"), ("scopes", "*")], "The form does not take the field “scopes”"),
    ];
    for (fields, sentence) in cases {
        let page = alice.post(&portal.at("/tokens"), fields).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        assert!(page.text.contains(sentence) && !page.text.contains("stw_"), "{sentence}: {}", page.text);
    }
    assert!(alice.visit(&portal.at("/tokens")).await?.text.contains("No tokens yet"));
    Ok(())
}

#[tokio::test]
async fn a_person_has_at_most_twenty_tokens_c6_112() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    for n in 0..20 {
        assert_eq!(alice.post(&portal.at("/tokens"), &form(&format!("t{n}"))).await?.status, StatusCode::OK);
    }
    let page = alice.post(&portal.at("/tokens"), &form("one more")).await?;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("Revoke one that you no longer use."), "{}", page.text);
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    assert_eq!(bob.post(&portal.at("/tokens"), &form("t")).await?.status, StatusCode::OK, "others have their own");
    Ok(())
}

#[tokio::test]
async fn a_token_outlives_the_session_and_ends_with_its_revocation_c6_114() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let secret = token(&portal, &mut alice).await?;
    alice.post(&portal.at("/auth/logout"), &[]).await?;
    assert!(!alice.is_known(&portal).await?);
    assert_eq!(status(&portal, &secret).await?, StatusCode::OK);

    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let list = alice.visit(&portal.at("/tokens")).await?;
    let (_, rest) = list.text.split_once("action=\"/tokens/").context("a button to revoke")?;
    let revoke = portal.at(&format!("/tokens/{}", rest.split('"').next().context("an address")?));
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let stranger = bob.post(&revoke, &[]).await?;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND, "another person's is not there: {stranger:?}");
    assert_eq!(status(&portal, &secret).await?, StatusCode::OK);
    assert_eq!(alice.post(&revoke, &[]).await?.location.as_deref(), Some("/tokens"));
    assert_eq!(status(&portal, &secret).await?, StatusCode::UNAUTHORIZED);
    assert_eq!(alice.post(&revoke, &[]).await?.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_not_one_of_this_portals_opens_nothing_c6_114() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let secret = token(&portal, &mut alice).await?;
    let flipped = |place: usize| {
        let letter = if &secret[place..=place] == "a" { "b" } else { "a" };
        format!("{}{letter}{}", &secret[..place], &secret[place + 1..])
    };
    let other = Secret::from_random(&[7; 32]).reveal().to_owned();
    for bad in [flipped(4), flipped(30), flipped(61), secret[4..].to_owned(), secret.to_uppercase(), other] {
        let page = Visitor::new()?.send(Method::GET, &portal.at("/api/volumes"), |request| request.bearer_auth(&bad)).await?;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{bad}");
        assert_eq!(page.headers["www-authenticate"], "Bearer realm=\"Stowage\", error=\"invalid_token\"", "{bad}");
    }
    // A portal of another provider does not know these people, whatever its records hold.
    let ground = Ground::current().await?;
    let provider = ground.own_provider(None).await?;
    let elsewhere = Place::free().await?.portal(&ground, Trust::from(&provider), &[]).await?;
    let person = Person {
        principal: Principal::new("https://id.example", "alice")?,
        username: "alice".into(),
        name: "Alice".into(),
        admin: false,
        groups: vec![],
        seen: now(),
    };
    elsewhere.records.people().signed_in(&person).await?;
    let spec =
        domain::token::TokenForm { name: "t".into(), ..domain::token::TokenForm::blank() }.check(false).ok().context("a good form")?;
    let made = elsewhere.records.tokens().create(&OwnerKey::of(&person.principal), &spec).await?.context("a token")?;
    assert_eq!(status(&elsewhere, made.1.reveal()).await?, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn a_token_loses_the_role_when_its_person_has_lost_it_c6_116() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let secret = token(&portal, &mut admin).await?;
    let everybody = async || -> Result<StatusCode> {
        let url = portal.at("/api/volumes?all_users=true");
        Ok(Visitor::new()?.send(Method::GET, &url, |request| request.bearer_auth(&secret)).await?.status)
    };
    assert_eq!(everybody().await?, StatusCode::OK);
    // As a sign-in notes it that comes without the group.
    let demoted = Person {
        principal: Principal::new(ground.issuer(), "ad314000-27c9-4f63-b0de-5c2f8ab40003")?,
        username: "admin".into(),
        name: "Ada Admin".into(),
        admin: false,
        groups: vec![],
        seen: now(),
    };
    portal.records.people().signed_in(&demoted).await?;
    assert_eq!(everybody().await?, StatusCode::FORBIDDEN);
    assert_eq!(status(&portal, &secret).await?, StatusCode::OK, "for what is their own it goes on");
    let _again = token(&portal, &mut admin).await?;
    assert_eq!(everybody().await?, StatusCode::FORBIDDEN, "an older session gives no role back");
    Visitor::signed_in(&portal, "admin").await?;
    assert_eq!(everybody().await?, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_no_more() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let only = async |admin: &mut Visitor, scope: &'static str| -> Result<String> {
        secret(&admin.post(&portal.at("/tokens"), &[("name", scope), (scope, "on")]).await?)
    };
    let (read, write) = (only(&mut admin, "volumes_read").await?, only(&mut admin, "volumes_write").await?);
    for (method, path, token, lacks) in [
        (Method::POST, "/api/volumes/create", &read, "volumes:write"),
        (Method::DELETE, "/api/volumes/zzzzzzzz", &read, "volumes:write"),
        (Method::GET, "/api/volumes", &write, "volumes:read"),
        (Method::GET, "/api/volumes/zzzzzzzz", &write, "volumes:read"),
        (Method::GET, "/api/volumes?all_users=true", &read, "admin"),
    ] {
        let page = Visitor::new()?.send(method.clone(), &portal.at(path), |request| request.bearer_auth(token)).await?;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{method} {path}");
        assert!(page.text.contains(&format!("lacks the scope {lacks},")), "{}", page.text);
    }
    Ok(())
}

#[tokio::test]
async fn a_token_rests_when_its_person_has_not_signed_in_for_long_first_its_role_then_all_of_it_c6_116() -> Result<()> {
    let ground = Ground::current().await?;
    let settings = [("tokens.admin_days", "2"), ("tokens.idle_days", "4")];
    let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &settings).await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let secret = token(&portal, &mut admin).await?;
    let call = async |path: &str| Visitor::new()?.send(Method::GET, &portal.at(path), |request| request.bearer_auth(&secret)).await;
    for (days, own, everybodys) in [(1, 200, 200), (2, 200, 403), (3, 200, 403), (4, 401, 401), (100, 401, 401)] {
        signed_in_days_ago(&portal, days).await?;
        let (mine, all) = (call("/api/volumes").await?, call("/api/volumes?all_users=true").await?);
        assert_eq!((mine.status.as_u16(), all.status.as_u16()), (own, everybodys), "after {days} days");
        if everybodys != 200 {
            assert!(all.text.contains("Sign in again in the portal"), "{}", all.text);
        }
    }
    assert_eq!(call("/api/volumes").await?.headers["www-authenticate"], "Bearer realm=\"Stowage\", error=\"invalid_token\"");
    Visitor::signed_in(&portal, "admin").await?;
    assert_eq!(call("/api/volumes?all_users=true").await?.status, StatusCode::OK, "a sign-in wakes it");
    Ok(())
}

#[tokio::test]
async fn administrators_see_everybodys_tokens_and_end_them_and_it_is_on_record() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let (hers, his) = (token(&portal, &mut alice).await?, token(&portal, &mut bob).await?);
    let home = admin.visit(&portal.at("/")).await?.text;
    assert!(home.contains("href=\"/admin/tokens\"") && !alice.visit(&portal.at("/")).await?.text.contains("/admin/tokens"), "{home}");
    let all = admin.visit(&portal.at("/admin/tokens")).await?.text;
    assert!(all.contains("Revoke test of alice") && all.contains("Revoke test of bob") && !all.contains("stw_"), "{all}");
    let list = admin.visit(&portal.at("/admin/tokens?person=alice")).await?.text;
    assert!(list.contains("Revoke test of alice") && !list.contains("Revoke test of bob"), "{list}");
    assert!(admin.visit(&portal.at("/admin/tokens?person=nobody")).await?.text.contains("Nobody of this name has a token."));

    let (_, rest) = list.split_once("action=\"/admin/tokens/").context("a button to revoke")?;
    let revoke = portal.at(&format!("/admin/tokens/{}", rest.split('"').next().context("an address")?));
    assert_eq!(bob.post(&revoke, &[]).await?.status, StatusCode::FORBIDDEN);
    assert_eq!(status(&portal, &hers).await?, StatusCode::OK);
    assert_eq!(admin.post(&revoke, &[]).await?.location.as_deref(), Some("/admin/tokens"));
    assert_eq!(status(&portal, &hers).await?, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&portal, &his).await?, StatusCode::OK);
    assert_eq!(admin.post(&revoke, &[]).await?.status, StatusCode::NOT_FOUND);
    let filter = records::Filter { verb: Some(domain::audit::Verb::RevokeToken), ..records::Filter::default() };
    let (lines, _) = portal.records.audit().page(&filter, None).await?;
    let told: Vec<_> = lines.iter().rev().map(|line| (line.username.as_str(), line.owner_name.as_str(), line.outcome.as_str())).collect();
    assert_eq!(told, [("bob", "", "forbidden"), ("admin", "alice", "done"), ("admin", "", "not_found")]);
    Ok(())
}

#[tokio::test]
async fn a_token_may_choose_the_classes_of_its_persons_groups() -> Result<()> {
    let portal = crate::new_volume::portal_with(&[("classes.shared.groups", "stowage-admins")]).await?;
    for (who, expected) in [("admin", StatusCode::CREATED), ("alice", StatusCode::UNPROCESSABLE_ENTITY)] {
        let program = crate::api::Program::signed_in(&portal, who).await?;
        let name = crate::volumes::unique("grouped")?;
        let body = serde_json::json!({"name": name, "size": "10Mi", "storage_class": "shared"});
        let page = program.create(&portal, &body).await?;
        assert_eq!(page.status, expected, "{who}: {page:?}");
        if expected == StatusCode::CREATED {
            let id = crate::api::read(&page)?["id"].as_str().context("an id")?.to_owned();
            program.removed(&portal, &crate::volumes::Made { name, id }).await?;
        }
    }
    Ok(())
}
