//! How does a person see and take the files of a volume, on pages and by calls? Real pods write them and read them.

use crate::tasks::Stage;
use crate::tokens::token_for;
use crate::visitor::{Page, Visitor};
use crate::volumes::{Made, make};
use anyhow::{Context, Result};
use domain::task::{Mount, TaskState};
use domain::volume::files::Window;
use reqwest::{Method, StatusCode, header::RANGE};
use serde_json::Value;
use std::time::Duration;

/// A volume of alice's in which a task has run this.
async fn written(stage: &Stage, alice: &mut Visitor, script: &str) -> Result<Made> {
    let made = make(&stage.portal, alice, "data", "standard").await?;
    let volume = stage.alice.volume(&made.id.parse()?)?.volume;
    let mount =
        Mount { path: "/data".parse()?, claim: volume.claim.parse().ok(), uid: Some(volume.uid.clone()), new: None, read_only: false };
    let task = stage.submit_with("writes", script, vec![mount], 600).await?;
    stage.until(&task, |task| task.state == TaskState::Succeeded).await?;
    Ok(made)
}

async fn until_open(stage: &Stage, made: &Made) -> Result<()> {
    let id = made.id.parse()?;
    let open = async {
        let mut changes = stage.alice.changes();
        loop {
            changes.borrow_and_update();
            if stage.alice.window(&id).await? == Window::Open {
                return anyhow::Ok(());
            }
            changes.changed().await?;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), open).await.context("the volume is open")?
}

fn header<'p>(page: &'p Page, name: &str) -> &'p str {
    page.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// 2.59
#[tokio::test]
async fn the_files_of_a_volume_are_looked_at_and_downloaded_once_they_are_asked_for() -> Result<()> {
    let stage = Stage::new().await?;
    let (portal, mut alice) = (&stage.portal, Visitor::signed_in(&stage.portal, "alice").await?);
    let script = "cd /data; mkdir -p runs/7 empty; printf 0123456789 > runs/7/model.pt; printf '<script>' > 'x<b>.svg'; ln -s /etc/passwd link; \
                  printf x > \"$(printf 'a\\377')\"";
    let made = written(&stage, &mut alice, script).await?;
    let page = format!("{}/files", made.page());
    let own = stage.read(&mut alice, &made.page()).await?;
    assert!(own.contains(&format!("href=\"{page}?path=\"")), "{own}");

    // To look at the address opens nothing.
    assert!(stage.read(&mut alice, &page).await?.contains("Nothing looks into this volume yet"));
    assert_eq!(alice.ask(&portal.at(&format!("{}/file?path=runs/7/model.pt", made.page()))).await?.status, StatusCode::CONFLICT);
    let opened = alice.post(&portal.at(&format!("{page}?path=runs")), &[]).await?;
    assert_eq!((opened.status, opened.location.as_deref()), (StatusCode::SEE_OTHER, Some(format!("{page}?path=runs").as_str())));
    until_open(&stage, &made).await?;

    let root = stage.read(&mut alice, &page).await?;
    for text in
        ["5 entries", "<bdi>runs</bdi>/", "/etc/passwd", ">link<", "x&lt;b&gt;.svg", "path=a%FF", "a\u{fffd}", "read-only", "rw-r--r--"]
    {
        assert!(root.to_lowercase().contains(&text.to_lowercase()), "{text}: {root}");
    }
    let places = ["<bdi>empty</bdi>", "<bdi>runs</bdi>", "<bdi>a\u{fffd}", "<bdi>link</bdi>"].map(|text| root.find(text));
    assert!(places.is_sorted() && places[0].is_some(), "folders first: {places:?}");
    assert!(!root.contains("<b>.svg") && !root.contains("path=link"), "no name is markup, no link leads on: {root}");
    assert!(stage.read(&mut alice, &format!("{page}?path=empty")).await?.contains("This folder is empty"));
    let deep = stage.read(&mut alice, &format!("{page}?path=runs/7")).await?;
    assert!(deep.contains("path=runs/7/model.pt") && deep.contains("aria-current=\"location\""), "{deep}");

    // c5_092: kept, never shown.
    let file = |path: &str| portal.at(&format!("{}/file?path={path}", made.page()));
    let svg = alice.visit(&file("x%3Cb%3E.svg")).await?;
    assert_eq!((svg.status, svg.text.as_str()), (StatusCode::OK, "<script>"));
    assert_eq!(header(&svg, "content-disposition"), "attachment; filename=\"x_b_.svg\"; filename*=UTF-8''x%3Cb%3E.svg");
    assert_eq!(header(&svg, "content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!((header(&svg, "x-content-type-options"), header(&svg, "content-type")), ("nosniff", "application/octet-stream"));
    assert_eq!((header(&svg, "content-length"), header(&svg, "cache-control")), ("8", "no-store"));
    assert_eq!(alice.visit(&file("a%FF")).await?.text, "x");

    let part = async |alice: &mut Visitor, range: &'static str, tag: Option<&str>| {
        let with = |request: reqwest::RequestBuilder| {
            let request = request.header(RANGE, range);
            tag.iter().fold(request, |request, tag| request.header("if-range", *tag))
        };
        alice.send(Method::GET, &file("runs/7/model.pt"), with).await
    };
    let rest = part(&mut alice, "bytes=6-", None).await?;
    assert_eq!((rest.status, rest.text.as_str(), header(&rest, "content-range")), (StatusCode::PARTIAL_CONTENT, "6789", "bytes 6-9/10"));
    let tag = header(&rest, "etag").to_owned();
    assert_eq!(part(&mut alice, "bytes=2-3", Some(&tag)).await?.text, "23");
    assert_eq!(part(&mut alice, "bytes=-2", None).await?.text, "89");
    let other = part(&mut alice, "bytes=2-3", Some("\"1-1\"")).await?;
    assert_eq!((other.status, other.text.as_str()), (StatusCode::OK, "0123456789"), "what changed comes as a whole");
    assert_eq!(part(&mut alice, "bytes=10-", None).await?.status, StatusCode::RANGE_NOT_SATISFIABLE);

    let packed = alice.visit(&portal.at(&format!("{}/archive?path=runs", made.page()))).await?;
    assert_eq!((packed.status, header(&packed, "content-type")), (StatusCode::OK, "application/gzip"));
    assert!(header(&packed, "content-disposition").contains("filename=\"runs.tar.gz\""), "{packed:?}");

    // c5_085, c5_086: neither pages nor downloads lead out.
    for (path, status) in
        [("../../etc/passwd", 422), ("%2e%2e/x", 422), ("//etc//passwd", 422), ("link", 422), ("absent", 404), ("runs", 422)]
    {
        assert_eq!(alice.ask(&file(path)).await?.status.as_u16(), status, "{path}");
    }
    for (path, status) in [("../x", 422), ("link", 422), ("absent", 404)] {
        assert_eq!(alice.visit(&portal.at(&format!("{page}?path={path}"))).await?.status.as_u16(), status, "{path}");
    }

    // Nobody else, also no administrator.
    for who in ["bob", "admin"] {
        let mut other = Visitor::signed_in(portal, who).await?;
        assert_eq!(other.ask(&file("runs/7/model.pt")).await?.status, StatusCode::NOT_FOUND, "{who}");
        assert_eq!(other.visit(&portal.at(&page)).await?.status, StatusCode::NOT_FOUND, "{who}");
        assert_eq!(other.post(&portal.at(&page), &[]).await?.status, StatusCode::NOT_FOUND, "{who}");
    }
    Ok(())
}

#[tokio::test]
async fn a_program_opens_a_volume_lists_it_and_reads_a_file() -> Result<()> {
    let stage = Stage::new().await?;
    let (portal, mut alice) = (&stage.portal, Visitor::signed_in(&stage.portal, "alice").await?);
    let made = written(&stage, &mut alice, "cd /data; mkdir out; printf model > 'out/my model.pt'").await?;
    let token = token_for(portal, &mut alice, &["volumes_read"]).await?;
    let mut program = Visitor::new()?;
    let call = async |program: &mut Visitor, method: Method, path: &str| {
        program.send(method, &portal.at(&format!("/api/volumes/{}{path}", made.id)), |request| request.bearer_auth(&token)).await
    };
    assert_eq!(call(&mut program, Method::GET, "/files").await?.status, StatusCode::CONFLICT);
    assert_eq!(call(&mut program, Method::POST, "/files/open").await?.status, StatusCode::OK);
    until_open(&stage, &made).await?;
    assert_eq!(serde_json::from_str::<Value>(&call(&mut program, Method::POST, "/files/open").await?.text)?["open"], true);
    let list: Value = serde_json::from_str(&call(&mut program, Method::GET, "/files?path=out").await?.text)?;
    let entry = &list["entries"][0];
    assert_eq!(
        (&list["total"], &entry["path"], &entry["size"], &entry["kind"]),
        (&1.into(), &"out/my%20model.pt".into(), &5.into(), &"file".into())
    );
    let file = call(&mut program, Method::GET, "/file?path=out/my%20model.pt").await?;
    assert_eq!((file.status, file.text.as_str()), (StatusCode::OK, "model"));
    assert_eq!(call(&mut program, Method::GET, "/file?path=../x").await?.status, StatusCode::UNPROCESSABLE_ENTITY);
    Ok(())
}
