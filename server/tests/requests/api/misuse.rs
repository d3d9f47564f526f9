//! What happens with calls that no honest program sends?

use super::{Program, read};
use crate::portal::{Place, Portal, Trust};
use crate::visitor::{Page, Visitor};
use crate::volumes::unique;
use anyhow::Result;
use ground::{Ground, NAMESPACE, Work};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn headers_that_name_somebody_mean_nothing_0_90_c1_001_002_003() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let bob = Program::signed_in(&portal, "bob").await?;
    let made = alice.made(&portal, "x-user", json!({})).await?;
    for header in ["x-user", "x_user", "x-forwarded-user", "x-forwarded-email", "remote-user", "impersonate-user"] {
        let page = Visitor::new()?.send(Method::GET, &portal.at("/api/volumes"), |request| request.header(header, "alice")).await?;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{header}");
        let page = bob.send(&portal, Method::GET, "/api/volumes", |request| request.header(header, "alice")).await?;
        assert!(page.status == StatusCode::OK && !page.text.contains(&made.id), "{header}: {page:?}");
        let there = format!("/api/volumes/{}", made.id);
        let page = bob.send(&portal, Method::GET, &there, |request| request.header(header, "alice")).await?;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{header}");
    }
    alice.removed(&portal, &made).await?;
    Ok(())
}

#[tokio::test]
async fn it_must_be_clear_who_calls_c1_004_005_006() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let bob = Program::signed_in(&portal, "bob").await?;
    for token in [&program.token, &bob.token] {
        let both = alice.send(Method::GET, &portal.at("/api/volumes"), |request| request.bearer_auth(token)).await?;
        assert_eq!(both.status, StatusCode::BAD_REQUEST, "a cookie and a token: {both:?}");
    }
    let twice = program.send(&portal, Method::GET, "/api/volumes", |request| request.header("authorization", "Bearer x")).await?;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST, "{twice:?}");
    let (tab, long) = (format!("bearer\t{}", program.token), format!("Bearer {}", "x".repeat(100_000)));
    for line in ["", "Bearer", "Bearer ", "Bearer nothing", "Basic YTpi", &tab, &long] {
        let page = Visitor::new()?.send(Method::GET, &portal.at("/api/volumes"), |request| request.header("authorization", line)).await?;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{line:?}");
        assert!(read(&page)?["message"].as_str().is_some_and(|message| message.contains("/tokens")), "{page:?}");
    }
    for name in ["access_token", "token"] {
        let path = format!("/api/volumes?{name}={}", program.token);
        assert_eq!(Visitor::new()?.ask(&portal.at(&path)).await?.status, StatusCode::UNAUTHORIZED, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_ones_own_is_not_there_c3_040_042_043() -> Result<()> {
    let portal = Portal::start().await?;
    let (alice, bob) = (Program::signed_in(&portal, "alice").await?, Program::signed_in(&portal, "bob").await?);
    let made = alice.made(&portal, "others", json!({})).await?;
    for method in [Method::GET, Method::DELETE] {
        let force = if method == Method::DELETE { "?force=true" } else { "" };
        let ask = async |id: &str| -> Result<Value> {
            let page = bob.send(&portal, method.clone(), &format!("/api/volumes/{id}{force}"), |request| request).await?;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{method} {id}: {page:?}");
            let mut said = read(&page)?;
            said["request_id"].take();
            Ok(said)
        };
        let absent = ask("zzzzzzzz").await?;
        // What can be no id is as absent as one that nobody has: no second answer tells the two apart.
        let odd =
            ["%20", "*", "%2e%2e%2f", "%00", "abc12345%2Cusername!%3Dx", "abc12345)", "a%20in%20(b)", "!x", "=x", "a%23frag", "ABC12345"];
        for id in [made.id.as_str(), ""].into_iter().chain(odd) {
            assert_eq!(ask(id).await?, absent, "{method} {id}");
        }
    }
    assert_eq!(alice.get(&portal, &format!("/api/volumes/{}", made.id)).await?.status, StatusCode::OK);
    alice.removed(&portal, &made).await?;
    Ok(())
}

#[tokio::test]
async fn a_volume_that_is_used_or_is_another_one_is_not_deleted_by_force_c3_046_065() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let made = alice.made(&portal, "forced", json!({"storage_class": "shared"})).await?;
    let there = format!("/api/volumes/{}", made.id);
    let former = json!({"force": true, "uid": "00000000-0000-0000-0000-000000000000"});
    assert_eq!(alice.call(&portal, Method::DELETE, &there, &former).await?.status, StatusCode::CONFLICT);
    let pod = unique("user-of")?;
    ground.admin().start_pod(NAMESPACE, &pod, &[(&made.claim(), "/data")], &[], Work::UntilDeleted).await?;
    ground.admin().wait_for_phase(NAMESPACE, &pod, "Running", Duration::from_secs(30)).await?;
    let held = alice.call(&portal, Method::DELETE, &there, &json!({"force": true})).await?;
    assert!(held.status == StatusCode::CONFLICT && held.text.contains(&pod), "{held:?}");
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/{pod}");
    ground.admin().delete(&path).await?;
    ground.admin().wait_until(&path, Duration::from_secs(30), Value::is_null).await?;
    assert_eq!(alice.call(&portal, Method::DELETE, &there, &json!({"force": true})).await?.status, StatusCode::OK, "0.14");
    Ok(())
}

#[tokio::test]
async fn fields_that_a_volume_does_not_have_are_named_c3_055() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    for field in [
        "dataSource",
        "dataSourceRef",
        "volumeName",
        "selector",
        "volumeMode",
        "annotations",
        "labels",
        "finalizers",
        "ownerReferences",
        "namespace",
    ] {
        let name = unique("extra")?;
        let page = alice.create(&portal, &json!({"name": name, "size": "10Mi", field: "x"})).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(read(&page)?["fields"].get(field).is_some(), "{field}: {}", page.text);
        assert!(!alice.get(&portal, "/api/volumes").await?.text.contains(&name), "{field}");
    }
    Ok(())
}

#[tokio::test]
async fn values_that_a_volume_cannot_have_are_refused_at_their_field_c3_056_057_061_062() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let refused = async |field: &str, value: Value| -> Result<()> {
        let mut body = json!({"name": unique("wrong")?, "size": "10Mi"});
        body[field] = value.clone();
        let page = alice.create(&portal, &body).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}: {page:?}");
        assert!(read(&page)?["fields"].get(field).is_some(), "{field} {value}: {}", page.text);
        Ok(())
    };
    for size in [
        "0",
        "-1Gi",
        "1m",
        "0.5",
        "1e3",
        "1E",
        "9999999Ei",
        "10 Gi",
        " 10Gi",
        "１０Gi",
        "10gi",
        "0x10",
        "NaN",
        "1.0000000001Gi",
        "",
        "90Ti",
    ] {
        refused("size", json!(size)).await?;
    }
    for size in [json!("1".repeat(400)), Value::Null, json!(10), json!(1.5), json!(["10Gi"]), json!({"Gi": 10}), json!(true)] {
        refused("size", size).await?;
    }
    for name in ["", "-a", "a-", "a.b", "my data", "new", "create", "xn--a", "😀", "a\u{202e}", "<img src=x onerror=1>", "'; rm -rf /"] {
        refused("name", json!(name)).await?;
    }
    refused("name", json!("a".repeat(64))).await?;
    for modes in [
        json!([]),
        json!(""),
        json!("ReadWriteEverything"),
        json!("ReadWriteOnce,ReadWriteOnce"),
        json!(["ReadWriteEverything"]),
        json!(["ReadWriteOnce", "ReadWriteOnce"]),
        json!(["ReadWriteOnce,ReadOnlyMany"]),
        json!(vec!["ReadWriteOnce"; 1000]),
        json!(5),
    ] {
        refused("access_modes", modes).await?;
    }
    for class in ["", "nothing", "../x", "standard\u{0}"] {
        refused("storage_class", json!(class)).await?;
    }
    refused("mount_path", json!("data")).await?;
    refused("description", json!("x".repeat(201))).await?;
    refused("if_absent", json!("yes")).await?;
    Ok(())
}

/// A create with this body, as it is.
async fn raw(program: &Program, portal: &Portal, kind: &str, body: impl Into<reqwest::Body>) -> Result<Page> {
    let body = body.into();
    program.send(portal, Method::POST, "/api/volumes/create", |request| request.header("content-type", kind).body(body)).await
}

/// What is answered to so many kilobytes of nothing, sent in chunks.
async fn streamed(program: &Program, portal: &Portal, kilobytes: usize) -> Result<String> {
    let mut socket = TcpStream::connect(portal.address).await?;
    let head = format!(
        "POST /api/volumes/create HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        portal.address, program.token
    );
    let chunks = format!("400\r\n{}\r\n", " ".repeat(1024)).repeat(kilobytes);
    socket.write_all(format!("{head}{chunks}0\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_body_is_one_json_object_of_at_most_64_kilobytes_c6_106_108() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let good = json!({"name": unique("raw")?, "size": "10Mi"}).to_string();
    let deep = format!("{}{}", "{\"name\":".repeat(8000), "1");
    for bad in [
        format!("{good}x"),
        format!("{good}{good}"),
        format!("\u{feff}{good}"),
        format!("[{good}]"),
        "[\"a\",\"10Mi\"]".into(),
        good.replace('{', "{\"name\":\"twice\","),
        good.replace("\"10Mi\"", "1e400"),
        good.replace("10Mi", "\\ud800"),
        deep,
        String::new(),
        "null".into(),
        good[..good.len() - 1].to_owned(),
    ] {
        let page = raw(&alice, &portal, "application/json", bad.clone()).await?;
        let begin: String = bad.chars().take(60).collect();
        assert!([400, 422].contains(&page.status.as_u16()), "{begin}: {page:?}");
        assert!(read(&page)?["message"].as_str().is_some_and(|message| message.contains("nothing was")), "{begin}: {}", page.text);
    }
    assert_eq!(raw(&alice, &portal, "application/json", " ".repeat(70_000)).await?.status, StatusCode::PAYLOAD_TOO_LARGE);
    let without_length = streamed(&alice, &portal, 70).await?;
    assert!(without_length.starts_with("HTTP/1.1 413") && without_length.contains("\"too_large\""), "{without_length}");
    for kind in
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"]
    {
        let page = raw(&alice, &portal, kind, good.clone()).await?;
        assert!(page.status == StatusCode::UNSUPPORTED_MEDIA_TYPE && page.text.contains("unsupported_media_type"), "{kind}: {page:?}");
    }
    for accept in ["application/xml", "text/html", "image/png;q=0"] {
        let page = alice.send(&portal, Method::GET, "/api/volumes", |request| request.header("accept", accept)).await?;
        assert!(page.status == StatusCode::OK && read(&page)?["volumes"].is_array(), "{accept}: {page:?}");
        let page = alice.send(&portal, Method::GET, "/api/nothing", |request| request.header("accept", accept)).await?;
        assert!(page.status == StatusCode::NOT_FOUND && read(&page)?["code"] == "not_found", "{accept}: {page:?}");
    }
    for refused in ["identity;q=0", "*;q=0", "gzip, identity; q=0"] {
        let page = alice.send(&portal, Method::GET, "/api/volumes", |request| request.header("accept-encoding", refused)).await?;
        assert!(page.status == StatusCode::OK && read(&page)?["volumes"].is_array(), "{refused}: {page:?}");
    }
    assert!(!alice.get(&portal, "/api/volumes").await?.text.contains("\"raw-"), "nothing was made");
    Ok(())
}

#[tokio::test]
async fn no_other_site_is_told_that_it_may_call_c6_110() -> Result<()> {
    let portal = Portal::start().await?;
    let alice = Program::signed_in(&portal, "alice").await?;
    let preflight = |request: RequestBuilder| {
        request
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
    };
    for page in [
        Visitor::new()?.send(Method::OPTIONS, &portal.at("/api/volumes/create"), preflight).await?,
        alice.send(&portal, Method::OPTIONS, "/api/volumes/create", preflight).await?,
        alice.send(&portal, Method::GET, "/api/volumes", |request| request.header("origin", "https://evil.example")).await?,
    ] {
        assert!(page.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{page:?}");
    }
    Ok(())
}

#[tokio::test]
async fn who_asks_too_often_waits_and_nobody_else_does_c6_104() -> Result<()> {
    let ground = Ground::current().await?;
    let limits = [("limits.calls_per_minute", "2"), ("limits.sign_ins_per_minute", "10")];
    let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &limits).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let bob = Program::signed_in(&portal, "bob").await?;
    assert_eq!(program.get(&portal, "/api/volumes").await?.status, StatusCode::OK);
    // The form post that made the token was the first of two.
    let told = program.get(&portal, "/api/volumes").await?;
    assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS, "{told:?}");
    let wait: u64 = told.headers["retry-after"].to_str()?.parse()?;
    assert!((1..=31).contains(&wait) && told.text.contains(&format!("Try again in {wait} s.")), "{told:?}");
    let posted = alice.post(&portal.at("/tokens"), &[]).await?;
    assert!(posted.status == StatusCode::TOO_MANY_REQUESTS && posted.text.contains("Too many requests"), "{posted:?}");
    let tried = alice.visit(&portal.at("/volumes/new?name=a&try=form")).await?;
    assert_eq!(tried.status, StatusCode::TOO_MANY_REQUESTS, "what the cluster is asked counts");
    for page in ["/volumes", "/volumes/new?name=a"] {
        assert_eq!(alice.visit(&portal.at(page)).await?.status, StatusCode::OK, "reading pages goes on: {page}");
    }
    assert_eq!(bob.get(&portal, "/api/volumes").await?.status, StatusCode::OK);

    let mut nobody = Visitor::new()?;
    let mut begun = 0;
    while nobody.visit(&portal.at("/auth/login")).await?.status == StatusCode::SEE_OTHER {
        begun += 1;
        assert!(begun < 50, "sign-ins are not counted");
    }
    assert_eq!(nobody.visit(&portal.at("/auth/login")).await?.status, StatusCode::TOO_MANY_REQUESTS);
    Ok(())
}
