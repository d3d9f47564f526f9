//! Does a browser get its lists back as its person likes them?

use crate::portal::Portal;
use crate::visitor::{Page, Visitor};
use crate::volumes::{make, remove};
use anyhow::{Context, Result};
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Method, StatusCode};

/// The heads of the list's columns, and whether it is dense.
fn shown(page: &Page) -> (Vec<&str>, bool) {
    let heads = page.text.split("id=\"sort-").skip(1).filter_map(|rest| rest.split_once('"')).map(|(word, _)| word).collect();
    (heads, page.text.contains("cards compact"))
}

#[tokio::test]
async fn a_bare_list_is_as_it_was_liked_last_and_its_address_outweighs_that() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "liked", "standard").await?;
    let usual = (vec!["name", "status", "size", "class", "access", "used-by", "age"], false);
    let bare = portal.at("/volumes");
    assert_eq!(shown(&alice.visit(&bare).await?), usual);

    let liked =
        [("q", "liked"), ("sort", "-size"), ("columns", "name"), ("columns", "pvc"), ("per", "25"), ("density", "compact"), ("page", "7")];
    let answer = alice.post(&portal.at("/volumes/view"), &liked).await?;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location.as_deref(), Some("/volumes?q=liked&sort=-size&per=25&columns=name,pvc&density=compact"));
    let cookie = answer.headers.get(SET_COOKIE).context("a cookie")?.to_str()?;
    assert_eq!(cookie, "stowage-view=name.pvc:25:compact; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
    assert_eq!(shown(&alice.visit(&bare).await?), (vec!["name", "pvc"], true));
    let other = alice.visit(&portal.at("/volumes?columns=name,size&density=comfortable")).await?;
    assert_eq!(shown(&other), (vec!["name", "size"], false));
    assert_eq!(shown(&alice.visit(&bare).await?), (vec!["name", "pvc"], true), "an address is not remembered");
    let details = alice.visit(&portal.at("/volumes?columns=details")).await?;
    assert!(details.text.contains("density=compact"), "the links of the page say what would be lost to others: {}", details.text);

    // The usual again: nothing is left in the browser.
    alice
        .post(&portal.at("/volumes/view"), &[("columns", "name,status,size,class,access,used-by,age"), ("density", "comfortable")])
        .await?;
    assert_eq!(shown(&alice.visit(&bare).await?), usual);
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn each_list_is_remembered_by_itself_and_every_box_may_be_empty() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut admin, "counted", "standard").await?;
    let answer = admin.post(&portal.at("/admin/volumes/view"), &[("columns", "name"), ("columns", "owner")]).await?;
    assert_eq!(answer.location.as_deref(), Some("/admin/volumes?columns=name,owner"));
    admin.post(&portal.at("/volumes/view"), &[("columns", "name"), ("per", "50")]).await?;
    assert_eq!(shown(&admin.visit(&portal.at("/admin/volumes")).await?).0, ["name", "owner"]);
    assert_eq!(shown(&admin.visit(&portal.at("/volumes")).await?).0, ["name"]);
    remove(&portal, &mut admin, &made).await?;
    Ok(())
}

#[tokio::test]
async fn a_cookie_that_the_portal_did_not_write_changes_nothing() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "unmoved", "standard").await?;
    let usual = alice.visit(&portal.at("/volumes")).await?;
    for odd in [
        "stowage-view=name.pvc:25:<script>",
        "stowage-view=name.owner:25:compact",
        "stowage-view=\"name.pvc:25:compact\"",
        "stowage-view=name%2Epvc:25:compact",
        "stowage-view=name.pvc:25:compact; stowage-view=name.id:25:compact",
        "stowage-view-all=name.pvc:25:compact",
    ] {
        let page =
            alice.send(Method::GET, &portal.at("/volumes"), |request| request.header("accept", "text/html").header(COOKIE, odd)).await?;
        assert_eq!((page.status, shown(&page)), (StatusCode::OK, shown(&usual)), "{odd}");
    }
    let good = "stowage-view=name.pvc:25:compact";
    let page =
        alice.send(Method::GET, &portal.at("/volumes"), |request| request.header("accept", "text/html").header(COOKIE, good)).await?;
    assert_eq!(shown(&page), (vec!["name", "pvc"], true), "the way these were sent is one that works");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}
