//! What does the page for a new task do with files: with a task file that is opened, and with small files that go along?

use crate::{
    api::Program,
    new_task::{file, key, short, small, verdict},
    tasks::Stage,
    visitor::{Page, Visitor},
};
use anyhow::{Context, Result};
use cluster::UserCluster;
use domain::{name::TaskId, task::Attachments};
use reqwest::{Method, StatusCode, header::ACCEPT};
use serde_json::{Value, json};

/// One part of a form: its name, a file's name if it is one, and what it holds.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

/// Posts as a browser without scripts does.
async fn post(who: &mut Visitor, url: &str, parts: &[Part<'_>]) -> Result<Page> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"\r\nContent-Type: application/octet-stream")).unwrap_or_default();
        body.extend(format!("--xx-xx\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--xx-xx--\r\n");
    who.send(Method::POST, url, |request| {
        let request = request.header("content-type", "multipart/form-data; boundary=xx-xx").header("sec-fetch-site", "same-origin");
        request.header(ACCEPT, "text/html").body(body)
    })
    .await
}

/// What the page holds of attached files, as it would be sent again.
fn kept(page: &Page) -> Vec<String> {
    let values = page.text.split("name=\"kept\" value=\"").skip(1);
    values.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
}

async fn stored(alice: &UserCluster, address: &str) -> Result<Attachments> {
    let id: TaskId = address.trim_start_matches("/tasks/").split('?').next().unwrap_or_default().parse()?;
    Ok(alice.attached(&id).await?)
}

#[tokio::test]
async fn g2_94_96_files_and_a_folder_are_attached_kept_and_sent_without_scripts_and_come_back_for_another_run() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let at = stage.portal.at("/tasks/new");
    let first = alice.visit(&at).await?;
    let (key, text) = (key(&first)?, small(&short("carry")?, ""));
    let text = text.as_bytes();
    let chosen: [Part<'_>; 8] = [
        ("do", None, b"look"),
        ("key", None, key.as_bytes()),
        ("shown", None, b""),
        ("file", None, text),
        ("name", None, b"what-the-page-had"),
        ("upload", Some(""), b""),
        ("attach", Some("train.py"), b"print(1)\n"),
        ("folder", Some("src/lib/x.bin"), &[0, 255]),
    ];
    let page = post(&mut alice, &at, &chosen).await?;
    let said = verdict(&page)?;
    assert!(said.contains("Attached: 2 files, 11 bytes, in /task/files, for reading."), "{said}");
    assert_eq!(kept(&page), ["AP8= src/lib/x.bin", "cHJpbnQoMSkK train.py"]);
    assert!(page.text.contains("kind: ConfigMap"), "what would be made has them");
    // What is refused is all still there, with its sentence; and nothing is attached of it.
    let kept = kept(&page);
    let mut again: Vec<Part<'_>> = vec![("key", None, key.as_bytes()), ("file", None, text)];
    again.extend(kept.iter().map(|one| ("kept", None, one.as_bytes())));
    let with = |more: &[Part<'static>]| [more, &again].concat();
    let odd = post(&mut alice, &at, &with(&[("do", None, b"submit"), ("attach", Some("../../etc/passwd"), b"x")])).await?;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.text.contains("cannot be attached under this name") && self::kept(&odd) == kept, "{odd:?}");
    assert_eq!(file(&odd)?.as_bytes(), text);

    let sent = post(&mut alice, &at, &with(&[("do", None, b"submit")])).await?.location.context("it is made")?;
    let twice = post(&mut alice, &at, &with(&[("do", None, b"submit")])).await?.location.context("it is found")?;
    assert_eq!(sent, twice);
    let files = stored(&stage.alice, &sent).await?;
    assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["src/lib/x.bin", "train.py"]);
    // The same file with other files beside it is another task.
    let other = post(&mut alice, &at, &[&again[..2], &[("do", None, b"submit" as &[u8])]].concat()).await?.location.context("too")?;
    assert!(other != sent && stored(&stage.alice, &other).await?.is_empty());

    let id = sent.trim_start_matches("/tasks/").split('?').next().unwrap_or_default();
    let rerun = alice.visit(&stage.portal.at(&format!("/tasks/new?again={id}"))).await?;
    assert_eq!(self::kept(&rerun), kept);
    let mut bob = Visitor::signed_in(&stage.portal, "bob").await?;
    let his = bob.visit(&stage.portal.at(&format!("/tasks/new?again={id}"))).await?;
    assert!(self::kept(&his).is_empty(), "another person's are not there");
    Ok(())
}

#[tokio::test]
async fn a_task_file_is_opened_without_scripts_and_one_that_is_none_leaves_what_was_there() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let at = stage.portal.at("/tasks/new");
    let typed: Part<'_> = ("file", None, b"name: typed\nrun: ls\n");
    let opened =
        post(&mut alice, &at, &[("do", None, b"look"), typed, ("upload", Some("a.yaml"), b"\xef\xbb\xbfname: opened\r\nrun: ls\r\n")])
            .await?;
    assert_eq!((opened.status, file(&opened)?.as_str()), (StatusCode::OK, "name: opened\nrun: ls\n"));
    assert!(opened.text.contains("name=\"name\" value=\"opened\""), "the fields show it");
    let large = vec![b'a'; 70_000];
    for (bytes, sentence) in
        [(&b"\xff\xfen\0"[..], "UTF-16"), (b"name: \xff", "Line 1, column 7: This is not UTF-8"), (&large, "larger than 64 KiB")]
    {
        let refused = post(&mut alice, &at, &[("do", None, b"look"), typed, ("upload", Some("a.yaml"), bytes)]).await?;
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains(sentence), "{sentence}: {refused:?}");
        assert_eq!(file(&refused)?, "name: typed\nrun: ls\n");
    }
    // A name is a name, also one that would be markup.
    let odd = post(&mut alice, &at, &[("do", None, b"look"), typed, ("attach", Some("<script>alert(1)</script>"), b"x")]).await?;
    assert!(odd.status == StatusCode::UNPROCESSABLE_ENTITY && !odd.text.contains("<script>alert"), "{odd:?}");
    Ok(())
}

#[tokio::test]
async fn c5_089_what_is_too_large_is_refused_before_it_is_read_to_its_end() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let at = stage.portal.at("/tasks/new");
    let typed: Part<'_> = ("file", None, b"name: typed\nrun: ls\n");
    let (much, more) = (vec![7; 300 * 1024], vec![7; 1100 * 1024]);
    let refused = post(&mut alice, &at, &[("do", None, b"look"), typed, ("attach", Some("a"), &much)]).await?;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("have 300 KiB; at most 256 KiB can be attached") && file(&refused)?.contains("typed"), "{refused:?}");
    let cut = post(&mut alice, &at, &[("do", None, b"look"), typed, ("attach", Some("a"), &more)]).await?;
    assert!(cut.status == StatusCode::PAYLOAD_TOO_LARGE && cut.text.contains("too large"), "{}", cut.status);
    for body in ["--xx-xx\r\n", "", "--xx-xx\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xx-xx--\r\n"] {
        let page = alice
            .send(Method::POST, &at, |request| {
                let request = request.header("content-type", "multipart/form-data; boundary=xx-xx").header("sec-fetch-site", "same-origin");
                request.header(ACCEPT, "text/html").body(body)
            })
            .await?;
        assert!(page.status.is_client_error(), "{body:?}: {}", page.status);
    }
    Ok(())
}

#[tokio::test]
async fn fields_and_file_without_scripts_neither_is_lost_and_whichever_was_changed_is_meant() -> Result<()> {
    let stage = Stage::new().await?;
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let at = stage.portal.at("/tasks/new");
    let text = "name: one\nresources:\n  cpus: 1\n  memory: 1Gi\n  disk: 1Gi\n  image_id: stowage.dev/busybox:1\nrun: |-\n  ls\ntime_limit: 1h\nkeep: 1h\n";
    let page = alice.post(&at, &[("do", "look"), ("file", text)]).await?;
    let (_, shown) = page.text.split_once("name=\"shown\" id=\"shown\" value=\"").context("what was shown")?;
    let shown = shown.split('"').next().unwrap_or_default();
    let same = [
        ("cpus", "1"),
        ("memory", "1Gi"),
        ("disk", "1Gi"),
        ("image_id", "stowage.dev/busybox:1"),
        ("run", "ls"),
        ("time_limit", "1h"),
        ("keep", "1h"),
    ];
    let send =
        |name: &'static str, text: &'static str| [&[("do", "check"), ("shown", shown), ("file", text), ("name", name)][..], &same].concat();
    let by_field = alice.post(&at, &send("two", text)).await?;
    assert!(by_field.status == StatusCode::OK && file(&by_field)?.starts_with("name: two\n"), "{by_field:?}");
    let other = "name: three\nrun: ls\n";
    let by_file = alice.post(&at, &send("one", other)).await?;
    assert!(by_file.status == StatusCode::OK && file(&by_file)? == other, "{by_file:?}");
    let both = alice.post(&at, &send("two", other)).await?;
    assert_eq!((both.status, file(&both)?.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, other));
    assert!(both.text.contains("name=\"name\" value=\"two\"") && both.text.contains("both changed"), "{both:?}");
    Ok(())
}

#[tokio::test]
async fn g2_96_programs_attach_files_too_and_a_file_is_text_or_base64() -> Result<()> {
    let stage = Stage::new().await?;
    let program = Program::signed_in(&stage.portal, "alice").await?;
    let text = small(&short("program")?, "");
    let body = |attached: Value| json!({ "file": text, "attached": attached });
    let good = body(json!([{ "path": "a/b.txt", "text": "hi" }, { "path": "c", "base64": "AP8=" }]));
    let judged: Value = serde_json::from_str(&program.call(&stage.portal, Method::POST, "/api/tasks/preflight", &good).await?.text)?;
    assert!(judged["manifest"].as_str().is_some_and(|made| made.contains("kind: ConfigMap")), "{judged}");
    let made = program.call(&stage.portal, Method::POST, "/api/tasks/submit", &good).await?;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made: Value = serde_json::from_str(&made.text)?;
    let id = made["id"].as_str().context("an id")?;
    assert_eq!(stored(&stage.alice, id).await?.to_string(), "2 files, 4 bytes");
    for odd in [
        json!([{ "path": "../x", "text": "" }]),
        json!([{ "path": "x" }]),
        json!([{ "path": "x", "text": "", "base64": "" }]),
        json!([{ "path": "x", "base64": "no" }]),
        json!([{ "path": "x", "text": "" }, { "path": "x", "text": "" }]),
        json!([{ "path": "x", "text": "", "mode": "0777" }]),
    ] {
        let refused = program.call(&stage.portal, Method::POST, "/api/tasks/submit", &body(odd.clone())).await?;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd}: {refused:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_schema_of_task_files_is_for_everybody_and_the_page_has_the_words_to_complete() -> Result<()> {
    let stage = Stage::new().await?;
    let schema = Visitor::new()?.ask(&stage.portal.at("/api/tasks/schema.json")).await?;
    assert_eq!(schema.headers["content-type"], "application/schema+json");
    let schema: Value = serde_json::from_str(&schema.text)?;
    assert_eq!((&schema["additionalProperties"], &schema["properties"]["num_nodes"]["maximum"]), (&json!(false), &json!(64)));
    let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
    let page = alice.visit(&stage.portal.at("/tasks/new")).await?.text;
    for part in [
        "data-words=",
        "/api/tasks/schema.json",
        "&quot;completions&quot;",
        "Nodes do not see the files of your computer",
        "<option value=\"stowage.dev/busybox:1\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(alice.visit(&stage.portal.at("/api")).await?.text.contains("/api/tasks/schema.json"));
    Ok(())
}
