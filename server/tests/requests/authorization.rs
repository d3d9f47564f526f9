//! Who may reach what? Every route and every server function, asked as nobody, a stranger, the owner and an administrator.

use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{make, remove};
use anyhow::{Result, ensure};
use reqwest::{Method, header::ACCEPT};
use server_fn::axum::server_fn_paths;
use std::collections::BTreeSet;

/// One row: how a route is asked, and the status for nobody, a stranger, the owner, an administrator. `{id}` is the owner's volume.
struct Row {
    method: Method,
    /// As the router knows it.
    route: &'static str,
    /// What is asked; the route itself unless that holds a parameter or needs a query.
    path: &'static str,
    html: bool,
    expected: [u16; 4],
}

/// Open to everybody; the status depends on what is asked, but it is never a refusal.
const OPEN: [u16; 4] = [0; 4];

fn table() -> Vec<Row> {
    let page = |route, expected| Row { method: Method::GET, route, path: route, html: true, expected };
    let data = |route, path, expected| Row { method: Method::GET, route, path, html: false, expected };
    let post = |route, expected| Row { method: Method::POST, route, path: route, html: true, expected };
    let file = |route, path| Row { method: Method::GET, route, path, html: false, expected: OPEN };
    vec![
        page("/", [303, 200, 200, 200]),
        page("/volumes", [303, 200, 200, 200]),
        page("/volumes/new", [303, 200, 200, 200]),
        page("/volumes/{id}", [303, 404, 200, 404]),
        page("/volumes/{id}/delete", [303, 404, 200, 404]),
        page("/classes", [303, 200, 200, 200]),
        page("/admin/volumes", [303, 403, 403, 200]),
        page("/admin/volumes/{id}", [303, 403, 403, 200]),
        // Empty forms: whoever may post at all is told what is missing.
        post("/volumes/new", [401, 422, 422, 422]),
        post("/volumes/{id}/delete", [401, 404, 422, 404]),
        data("/fn/volumes/list", "/fn/volumes/list", [401, 200, 200, 200]),
        data("/fn/admin/volumes/list", "/fn/admin/volumes/list", [401, 403, 403, 200]),
        data("/live", "/live", [401, 200, 200, 200]),
        data("/live", "/live?scope=admin", [401, 403, 403, 200]),
        page("/auth/login", [303, 303, 303, 303]),
        page("/auth/callback", [400, 400, 400, 400]),
        page("/auth/signed-out", [200, 200, 200, 200]),
        post("/auth/backchannel-logout", [400, 400, 400, 400]),
        data("/livez", "/livez", [200, 200, 200, 200]),
        data("/readyz", "/readyz", [200, 200, 200, 200]),
        data("/startupz", "/startupz", [200, 200, 200, 200]),
        file("/favicon.svg", "/favicon.svg"),
        file("/icons.svg", "/icons.svg"),
        file("/robots.txt", "/robots.txt"),
        data("/prefetch.json", "/prefetch.json", [200, 200, 200, 200]),
        file("/pkg/{*__private__axum_nest_tail_param}", "/pkg/nothing.js"),
        file("/pkg/", "/pkg/"),
        data("/pkg", "/pkg", [401, 404, 404, 404]),
        Row { path: "/nowhere", ..page("/{*__private__axum_fallback}", [303, 404, 404, 404]) },
        // Last: it ends the sessions of those who ask.
        post("/auth/logout", [303, 303, 303, 303]),
    ]
}

#[tokio::test]
async fn everybody_gets_exactly_what_the_table_says() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "authorized", "standard").await?;
    let mut people = [
        ("nobody", Visitor::new()?),
        ("stranger", Visitor::signed_in(&portal, "bob").await?),
        ("owner", Visitor::signed_in(&portal, "alice").await?),
        ("admin", Visitor::signed_in(&portal, "admin").await?),
    ];
    let mut wrong = Vec::new();
    for row in table() {
        for ((who, visitor), expected) in people.iter_mut().zip(row.expected) {
            let path = row.path.replace("{id}", &made.id);
            let accept = if row.html { "text/html" } else { "application/json" };
            let with = |request: reqwest::RequestBuilder| {
                let request = request.header(ACCEPT, accept);
                if row.method == Method::POST { request.form(&[("x", "")][..0]).header("sec-fetch-site", "same-origin") } else { request }
            };
            // Streams never end: the status is enough.
            let answer = visitor.open(row.method.clone(), &portal.at(&path), with).await?;
            let status = answer.status().as_u16();
            let is_right = if expected == 0 { ![401, 403, 303].contains(&status) } else { status == expected };
            if !is_right {
                wrong.push(format!("{} {path} as {who}: {status}, not {expected}", row.method));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn a_route_or_a_server_function_without_a_row_fails() -> Result<()> {
    let portal = Portal::start().await?;
    let known: BTreeSet<String> = table().iter().map(|row| row.route.to_owned()).collect();
    ensure!(
        portal.routes.contains("/volumes") && portal.routes.contains("/live"),
        "the router no longer tells its routes: {:?}",
        portal.routes
    );
    let unlisted: Vec<_> = portal.routes.difference(&known).collect();
    assert!(unlisted.is_empty(), "add a row for each of {unlisted:?}");
    let functions: Vec<_> = server_fn_paths().map(|(path, _)| path).filter(|path| !known.contains(*path)).collect();
    assert!(functions.is_empty(), "add a row for each of {functions:?}");
    assert!(server_fn_paths().all(|(path, _)| path.starts_with("/fn/")), "the guard of server functions knows them by /fn/");
    let stale: Vec<_> = known.difference(&portal.routes).collect();
    assert!(stale.is_empty(), "these rows are of routes that are gone: {stale:?}");
    Ok(())
}

#[tokio::test]
async fn a_method_without_a_row_is_not_taken_from_anybody() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let rows = table();
    let mut taken = Vec::new();
    for row in rows.iter().filter(|row| row.expected != OPEN) {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let has_row = rows.iter().any(|other| other.route == row.route && other.method == method);
            if has_row {
                continue;
            }
            let path = portal.at(&row.path.replace("{id}", "zzzzzzzz"));
            let page = admin.send(method.clone(), &path, |request| request.header("sec-fetch-site", "same-origin")).await?;
            if page.status != 405 && page.status != 404 {
                taken.push(format!("{method} {}: {}", row.path, page.status));
            }
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
    Ok(())
}

#[tokio::test]
async fn lists_hold_ones_own_and_nothing_else() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut alice, "listed", "standard").await?;
    for path in ["/volumes", "/", "/volumes?q=listed"] {
        assert!(!bob.visit(&portal.at(path)).await?.text.contains(&made.name), "bob at {path}");
        assert!(!admin.visit(&portal.at(path)).await?.text.contains(&made.name), "the administrator's own {path}");
        assert!(alice.visit(&portal.at(path)).await?.text.contains(&made.name), "alice at {path}");
    }
    for path in ["/admin/volumes", "/admin/volumes?owner=alice"] {
        assert!(admin.visit(&portal.at(path)).await?.text.contains(&made.name), "{path}");
    }
    let (own, all) = (portal.at("/fn/volumes/list"), portal.at("/fn/admin/volumes/list"));
    assert!(alice.ask(&own).await?.text.contains(&made.name) && admin.ask(&all).await?.text.contains(&made.name));
    assert!(!bob.ask(&own).await?.text.contains(&made.name) && !admin.ask(&own).await?.text.contains(&made.name));
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}
