//! Who may reach what? Every route, asked as nobody, a stranger, the owner and an administrator.

use crate::portal::Portal;
use crate::tokens::token;
use crate::visitor::Visitor;
use crate::volumes::{make, remove};
use anyhow::{Result, ensure};
use reqwest::{Method, header::ACCEPT};
use std::collections::BTreeSet;

/// One row: how a route is asked, and the status for nobody, a stranger, the owner, an administrator, then for tokens of the last
/// three. `{id}` and `{name}` are the owner's volume.
struct Row {
    method: Method,
    /// As the router knows it.
    route: &'static str,
    /// What is asked; the route itself unless that holds a parameter or needs a query.
    path: &'static str,
    html: bool,
    expected: [u16; 4],
    by_token: [u16; 3],
}

/// Open to everybody; the status depends on what is asked, but it is never a refusal.
const OPEN: [u16; 4] = [0; 4];

fn table() -> Vec<Row> {
    // Outside of the API a token is nobody's.
    let row = |method, route, path, html, expected: [u16; 4]| Row { method, route, path, html, expected, by_token: [expected[0]; 3] };
    let page = |route, expected| row(Method::GET, route, route, true, expected);
    let data = |route, path, expected| row(Method::GET, route, path, false, expected);
    let post = |route, expected| row(Method::POST, route, route, true, expected);
    let file = |route, path| row(Method::GET, route, path, false, OPEN);
    let call = |method, route, path, expected, by_token| Row { method, route, path, html: false, expected, by_token };
    vec![
        page("/", [303, 200, 200, 200]),
        page("/volumes", [303, 200, 200, 200]),
        page("/volumes/new", [303, 200, 200, 200]),
        page("/volumes/{id}", [303, 404, 200, 404]),
        page("/tasks/new", [303, 200, 200, 200]),
        page("/volumes/delete", [303, 200, 200, 200]),
        page("/volumes/{id}/grow", [303, 404, 200, 404]),
        page("/volumes/{id}/edit", [303, 404, 200, 404]),
        page("/volumes/{id}/cleanup", [303, 404, 200, 404]),
        page("/volumes/{id}/files", [303, 404, 200, 404]),
        page("/volumes/{id}/yaml", [303, 404, 200, 404]),
        page("/volumes/{id}/delete", [303, 404, 200, 404]),
        page("/volumes/{id}/publish", [303, 404, 200, 404]),
        page("/volumes/{id}/backup", [303, 404, 200, 404]),
        // No task of theirs has written a backup.
        page("/volumes/restore", [303, 404, 404, 404]),
        page("/volumes/trash", [303, 200, 200, 200]),
        page("/admin/trash", [303, 403, 403, 200]),
        page("/volumes/filters", [303, 200, 200, 200]),
        page("/help", [303, 200, 200, 200]),
        page("/classes", [303, 200, 200, 200]),
        page("/find", [303, 200, 200, 200]),
        page("/secrets", [303, 200, 200, 200]),
        page("/secrets/new", [303, 200, 200, 200]),
        // The volume's name is no Secret's.
        page("/secrets/{name}/replace", [303, 404, 404, 404]),
        page("/secrets/{name}/delete", [303, 404, 404, 404]),
        post("/secrets/new", [401, 422, 422, 422]),
        post("/secrets/{name}/replace", [401, 404, 404, 404]),
        post("/secrets/{name}/delete", [401, 404, 404, 404]),
        call(Method::GET, "/api/secrets", "/api/secrets", [401, 200, 200, 200], [200, 200, 200]),
        call(Method::POST, "/api/secrets", "/api/secrets", [401, 401, 401, 401], [415, 415, 415]),
        call(Method::DELETE, "/api/secrets/{name}", "/api/secrets/{name}", [401, 401, 401, 401], [404, 404, 404]),
        page("/admin/pvs", [303, 403, 403, 200]),
        page("/admin/volumes", [303, 403, 403, 200]),
        page("/admin/volumes/delete", [303, 403, 403, 200]),
        page("/admin/volumes/{id}", [303, 403, 403, 200]),
        page("/admin/volumes/{id}/yaml", [303, 403, 403, 200]),
        page("/admin/volumes/{id}/transfer", [303, 403, 403, 200]),
        page("/admin/volumes/{id}/delete", [303, 403, 403, 200]),
        page("/admin/adopt", [303, 403, 403, 200]),
        page("/tasks", [303, 200, 200, 200]),
        page("/tasks/stop", [303, 200, 200, 200]),
        page("/tasks/delete", [303, 200, 200, 200]),
        page("/admin/tasks/stop", [303, 403, 403, 200]),
        page("/admin/tasks/delete", [303, 403, 403, 200]),
        page("/tasks/{id}", [303, 404, 404, 404]),
        page("/tasks/{id}/logs", [303, 404, 404, 404]),
        data("/tasks/{id}/logs/follow", "/tasks/{id}/logs/follow", [401, 404, 404, 404]),
        page("/tasks/{id}/shell", [303, 404, 404, 404]),
        data("/tasks/{id}/shell/socket", "/tasks/{id}/shell/socket", [401, 404, 404, 404]),
        page("/tasks/{id}/yaml", [303, 404, 404, 404]),
        page("/tasks/{id}/stop", [303, 404, 404, 404]),
        page("/tasks/{id}/resume", [303, 404, 404, 404]),
        page("/tasks/{id}/delete", [303, 404, 404, 404]),
        page("/admin/tasks", [303, 403, 403, 200]),
        page("/admin/tasks/{id}", [303, 403, 403, 404]),
        page("/admin/tasks/{id}/logs", [303, 403, 403, 404]),
        data("/admin/tasks/{id}/logs/follow", "/admin/tasks/{id}/logs/follow", [401, 403, 403, 404]),
        page("/admin/tasks/{id}/shell", [303, 403, 403, 404]),
        data("/admin/tasks/{id}/shell/socket", "/admin/tasks/{id}/shell/socket", [401, 403, 403, 404]),
        page("/admin/tasks/{id}/yaml", [303, 403, 403, 404]),
        page("/admin/tasks/{id}/stop", [303, 403, 403, 404]),
        page("/admin/tasks/{id}/delete", [303, 403, 403, 404]),
        // Empty forms: whoever may post at all is told what is missing.
        post("/volumes/new", [401, 422, 422, 422]),
        post("/tasks/new", [401, 422, 422, 422]),
        post("/volumes/delete", [401, 422, 422, 422]),
        post("/tasks/stop", [401, 422, 422, 422]),
        post("/tasks/delete", [401, 422, 422, 422]),
        post("/admin/tasks/stop", [401, 403, 403, 422]),
        post("/admin/tasks/delete", [401, 403, 403, 422]),
        // The taste that an empty form stands for is the usual one.
        post("/volumes/view", [401, 303, 303, 303]),
        post("/admin/volumes/view", [401, 403, 403, 303]),
        post("/volumes/filters", [401, 422, 422, 422]),
        post("/volumes/{id}/grow", [401, 404, 422, 404]),
        post("/tasks/{id}/stop", [401, 404, 404, 404]),
        post("/tasks/{id}/resume", [401, 404, 404, 404]),
        post("/tasks/{id}/shell", [401, 404, 404, 404]),
        post("/admin/tasks/{id}/shell", [401, 403, 403, 404]),
        post("/tasks/{id}/delete", [401, 404, 404, 404]),
        post("/admin/tasks/{id}/stop", [401, 403, 403, 404]),
        post("/admin/tasks/{id}/delete", [401, 403, 403, 404]),
        // Nothing is missing in these but the volume that was seen.
        post("/volumes/{id}/edit", [401, 404, 409, 404]),
        post("/volumes/{id}/cleanup", [401, 404, 409, 404]),
        post("/volumes/{id}/restore", [401, 404, 409, 404]),
        post("/volumes/{id}/publish", [401, 404, 409, 404]),
        // Nothing is stored in it yet.
        post("/volumes/{id}/backup", [401, 404, 409, 404]),
        post("/volumes/restore", [401, 404, 404, 404]),
        post("/admin/volumes/{id}/restore", [401, 403, 403, 409]),
        // Nothing is missing in it: the volume is opened.
        post("/volumes/{id}/files", [401, 404, 303, 404]),
        // Before anybody has opened it, and while its pod starts.
        data("/volumes/{id}/file", "/volumes/{id}/file?path=a", [401, 404, 409, 404]),
        data("/volumes/{id}/archive", "/volumes/{id}/archive", [401, 404, 409, 404]),
        post("/volumes/{id}/delete", [401, 404, 422, 404]),
        post("/admin/volumes/{id}/transfer", [401, 403, 403, 422]),
        post("/admin/volumes/{id}/delete", [401, 403, 403, 422]),
        post("/admin/volumes/delete", [401, 403, 403, 422]),
        post("/admin/adopt", [401, 403, 403, 422]),
        page("/api", [303, 200, 200, 200]),
        page("/tokens", [303, 200, 200, 200]),
        post("/tokens", [401, 422, 422, 422]),
        post("/tokens/{id}/revoke", [401, 404, 404, 404]),
        page("/admin/audit", [303, 403, 403, 200]),
        page("/admin/tokens", [303, 403, 403, 200]),
        // The volume's id is no token's.
        post("/admin/tokens/{id}/revoke", [401, 403, 403, 404]),
        data("/api/openapi.json", "/api/openapi.json", [200, 200, 200, 200]),
        data("/api/tasks/schema.json", "/api/tasks/schema.json", [200, 200, 200, 200]),
        call(Method::GET, "/api/volumes", "/api/volumes", [401, 200, 200, 200], [200, 200, 200]),
        call(Method::GET, "/api/volumes", "/api/volumes?all_users=true", [401, 403, 403, 200], [403, 403, 200]),
        call(Method::GET, "/api/volumes/{id}", "/api/volumes/{id}", [401, 404, 200, 404], [404, 200, 404]),
        call(Method::GET, "/api/volumes/by-name/{name}", "/api/volumes/by-name/{name}", [401, 404, 200, 404], [404, 200, 404]),
        call(Method::GET, "/api/volumes/{id}/files", "/api/volumes/{id}/files", [401, 404, 409, 404], [404, 409, 404]),
        call(Method::GET, "/api/volumes/{id}/file", "/api/volumes/{id}/file?path=a", [401, 404, 409, 404], [404, 409, 404]),
        call(Method::POST, "/api/volumes/{id}/files/open", "/api/volumes/{id}/files/open", [401, 401, 401, 401], [404, 200, 404]),
        // A cookie changes nothing here. Without a confirmation, and without JSON, a token does not either.
        call(Method::DELETE, "/api/volumes/{id}", "/api/volumes/{id}", [401, 401, 401, 401], [404, 422, 404]),
        // Restoring what is not in the trash changes nothing.
        call(Method::POST, "/api/volumes/{id}/restore", "/api/volumes/{id}/restore", [401, 401, 401, 401], [404, 200, 404]),
        call(Method::POST, "/api/volumes/{id}/publish", "/api/volumes/{id}/publish", [401, 401, 401, 401], [415, 415, 415]),
        call(Method::POST, "/api/volumes/{id}/backup", "/api/volumes/{id}/backup", [401, 401, 401, 401], [415, 415, 415]),
        call(Method::POST, "/api/volumes/restore", "/api/volumes/restore", [401, 401, 401, 401], [415, 415, 415]),
        call(Method::POST, "/api/volumes/create", "/api/volumes/create", [401, 401, 401, 401], [415, 415, 415]),
        call(Method::POST, "/api/tasks/preflight", "/api/tasks/preflight", [401, 401, 401, 401], [415, 415, 415]),
        call(Method::POST, "/api/tasks/submit", "/api/tasks/submit", [401, 401, 401, 401], [415, 415, 415]),
        call(Method::GET, "/api/tasks", "/api/tasks", [401, 200, 200, 200], [200, 200, 200]),
        call(Method::GET, "/api/tasks", "/api/tasks?all_users=true", [401, 403, 403, 200], [403, 403, 200]),
        call(Method::GET, "/api/tasks/{id}", "/api/tasks/{id}", [401, 404, 404, 404], [404, 404, 404]),
        call(Method::GET, "/api/tasks/{id}/logs", "/api/tasks/{id}/logs", [401, 404, 404, 404], [404, 404, 404]),
        call(Method::POST, "/api/tasks/{id}/stop", "/api/tasks/{id}/stop", [401, 401, 401, 401], [404, 404, 404]),
        call(Method::DELETE, "/api/tasks/{id}", "/api/tasks/{id}", [401, 401, 401, 401], [404, 404, 404]),
        page("/volumes/download", [303, 200, 200, 200]),
        page("/admin/volumes/download", [303, 403, 403, 200]),
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
        file("/live.js", "/live.js"),
        file("/editor.js", "/editor.js"),
        file("/log.js", "/log.js"),
        file("/robots.txt", "/robots.txt"),
        file("/terminal.css", "/terminal.css"),
        file("/terminal.js", "/terminal.js"),
        data("/prefetch.json", "/prefetch.json", [200, 200, 200, 200]),
        file("/pkg/{*__private__axum_nest_tail_param}", "/pkg/nothing.js"),
        file("/pkg/", "/pkg/"),
        data("/pkg", "/pkg", [401, 404, 404, 404]),
        Row { path: "/nowhere", ..page("/{*__private__axum_fallback}", [303, 404, 404, 404]) },
        // Last: it ends the sessions of those who ask.
        post("/auth/logout", [303, 303, 303, 303]),
    ]
}

impl Row {
    fn asked(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let accept = if self.html { "text/html" } else { "application/json" };
        let request = request.header(ACCEPT, accept).header("sec-fetch-site", "same-origin");
        if self.method == Method::POST { request.form(&[("x", "")][..0]) } else { request }
    }
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
            let path = row.path.replace("{id}", &made.id).replace("{name}", &made.name);
            // Streams never end: the status is enough.
            let answer = visitor.open(row.method.clone(), &portal.at(&path), |request| row.asked(request)).await?;
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
async fn c6_113_a_token_is_good_for_the_api_and_nothing_else() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "by-token", "standard").await?;
    let tokens = [
        token(&portal, &mut Visitor::signed_in(&portal, "bob").await?).await?,
        token(&portal, &mut alice).await?,
        token(&portal, &mut Visitor::signed_in(&portal, "admin").await?).await?,
    ];
    let mut wrong = Vec::new();
    for row in table() {
        for ((who, token), expected) in ["stranger", "owner", "admin"].iter().zip(&tokens).zip(row.by_token) {
            let path = row.path.replace("{id}", &made.id).replace("{name}", &made.name);
            let answer =
                Visitor::new()?.open(row.method.clone(), &portal.at(&path), |request| row.asked(request).bearer_auth(token)).await?;
            let status = answer.status().as_u16();
            let is_right = if expected == 0 { ![401, 403, 303].contains(&status) } else { status == expected };
            if !is_right {
                wrong.push(format!("{} {path} with the token of {who}: {status}, not {expected}", row.method));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn a_route_without_a_row_fails() -> Result<()> {
    let portal = Portal::start().await?;
    let known: BTreeSet<String> = table().iter().map(|row| row.route.to_owned()).collect();
    ensure!(
        portal.routes.contains("/volumes") && portal.routes.contains("/live"),
        "the router no longer tells its routes: {:?}",
        portal.routes
    );
    let unlisted: Vec<_> = portal.routes.difference(&known).collect();
    assert!(unlisted.is_empty(), "add a row for each of {unlisted:?}");
    let stale: Vec<_> = known.difference(&portal.routes).collect();
    assert!(stale.is_empty(), "these rows are of routes that are gone: {stale:?}");
    Ok(())
}

#[tokio::test]
async fn a_method_without_a_row_is_not_taken_from_anybody() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let token = token(&portal, &mut admin).await?;
    let rows = table();
    let mut taken = Vec::new();
    for row in rows.iter().filter(|row| row.expected != OPEN) {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let has_row = rows.iter().any(|other| other.route == row.route && other.method == method);
            if has_row {
                continue;
            }
            let path = portal.at(&row.path.replace("{id}", "zzzzzzzz").replace("{name}", "zzz"));
            let page = if row.route.starts_with("/api/") {
                Visitor::new()?.send(method.clone(), &path, |request| request.bearer_auth(&token)).await?
            } else {
                admin.send(method.clone(), &path, |request| request.header("sec-fetch-site", "same-origin")).await?
            };
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
    for path in ["/volumes", "/", "/volumes?q=listed", "/volumes?all_users=true&q=listed", "/volumes?namespace=kube-system&q=listed"] {
        assert!(!bob.visit(&portal.at(path)).await?.text.contains(&made.name), "bob at {path}");
        assert!(!admin.visit(&portal.at(path)).await?.text.contains(&made.name), "the administrator's own {path}");
        assert!(alice.visit(&portal.at(path)).await?.text.contains(&made.name), "alice at {path}");
    }
    for path in ["/admin/volumes", "/admin/volumes?q=owner:alice"] {
        assert!(admin.visit(&portal.at(path)).await?.text.contains(&made.name), "{path}");
    }
    let (own, all) = (portal.at("/volumes/download?format=json"), portal.at("/admin/volumes/download?format=csv"));
    assert!(alice.ask(&own).await?.text.contains(&made.name) && admin.ask(&all).await?.text.contains(&made.name));
    assert!(!bob.ask(&own).await?.text.contains(&made.name) && !admin.ask(&own).await?.text.contains(&made.name));
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}
