//! What does the page for a new task say, and what comes of what it sends?

use crate::portal::Portal;
use crate::visitor::{Page, Visitor};
use crate::volumes::{make, remove, unique};
use anyhow::{Context, Result};
use ground::{Ground, NAMESPACE};
use reqwest::StatusCode;
use serde_json::Value;

/// What stands between two tags, as a person reads it.
fn plain(html: &str) -> String {
    let marks = html.split("<!--").map(|piece| piece.split_once("-->").map_or(piece, |(_, rest)| rest));
    let mut text = String::new();
    for piece in marks.collect::<String>().split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, rest)| rest));
    }
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, character);
    }
    text
}

fn between(html: &str, start: &str, end: &str) -> Result<String> {
    let (_, rest) = html.split_once(start).with_context(|| format!("no {start}: {html}"))?;
    let (_, rest) = rest.split_once('>').context("the tag ends")?;
    Ok(plain(rest.split_once(end).map_or(rest, |(text, _)| text)))
}

pub fn file(page: &Page) -> Result<String> {
    Ok(between(&page.text, "id=\"file\"", "</textarea>")?.trim_start_matches('\n').to_owned())
}

pub fn verdict(page: &Page) -> Result<String> {
    between(&page.text, "data-part=\"verdict\"", "</ul>")
}

pub fn key(page: &Page) -> Result<String> {
    let (_, rest) = page.text.split_once("name=\"key\" value=\"").context("a key")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

/// The job of a task whose page this is the address of.
async fn job(name: &str, address: &str) -> Result<(String, Value)> {
    let id = address.trim_start_matches("/tasks/").split('?').next().unwrap_or_default();
    let path = format!("/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{name}-{id}");
    let job = Ground::current().await?.admin().get(&path).await?;
    Ok((path, job))
}

/// A task that does nothing and asks for little.
pub fn small(name: &str, more: &str) -> String {
    format!("name: {name}\nresources:\n  cpus: 50m\n  memory: 16Mi\n  disk: 16Mi\n{more}run: 'true'\ntime_limit: 10m\n")
}

/// At most forty characters, for a task.
pub fn short(stem: &str) -> Result<String> {
    let name = unique("")?;
    Ok(format!("{stem}{}", &name[name.len().saturating_sub(16)..]))
}

#[tokio::test]
async fn a_template_is_there_to_begin_with_and_an_address_fills_in_a_volume() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let first = alice.visit(&portal.at("/tasks/new")).await?;
    assert!(file(&first)?.contains("image_id: stowage.dev/busybox:1") && verdict(&first)?.contains("It can be submitted"), "{first:?}");
    for path in ["/data", "/checkpoints", "/logs", "/output"] {
        assert!(first.text.contains(&format!("<option value=\"{path}\"")), "0.31: usual paths are offered: {path}");
    }
    let sweep = alice.visit(&portal.at("/tasks/new?template=sweep")).await?;
    assert!(file(&sweep)?.contains("completions: 4"), "{sweep:?}");
    let made = make(&portal, &mut alice, "filled", "standard").await?;
    let with = alice.visit(&portal.at(&format!("/tasks/new?volume={}", made.name))).await?;
    assert!(file(&with)?.contains(&format!("/data: {}\n", made.name)), "{with:?}");
    assert!(verdict(&with)?.contains(&format!("resolved by name to PVC {}", made.claim())), "{with:?}");
    assert!(with.text.contains(&format!("<option value=\"{}\"", made.name)), "own volumes are offered");
    // What is no name is no part of a file.
    let odd = alice.visit(&portal.at("/tasks/new?volume=x%0Arun:%20evil")).await?;
    assert!(!file(&odd)?.contains("evil"));
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let his = bob.visit(&portal.at(&format!("/tasks/new?volume={}", made.claim()))).await?;
    assert!(verdict(&his)?.contains("You have no volume and no claim named"), "c3_058: another's is as absent as none: {his:?}");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn fields_write_the_file_and_the_file_fills_the_fields_without_scripts() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let at = portal.at("/tasks/new");
    let fields = [
        ("do", "show"),
        ("name", "from-fields"),
        ("cpus", "2"),
        ("volume0_path", "/out"),
        ("volume0_name", "results"),
        ("volume0_size", "1Gi"),
        ("envs", "A=1\r\nB=it's <b>"),
        ("run", "ls\r\nid\r\n"),
    ];
    let shown = alice.post(&at, &fields).await?;
    let text = "name: from-fields\nresources:\n  cpus: 2\nvolumes:\n  /out: {name: results, size: 1Gi}\nenvs:\n  A: \"1\"\n  B: \"it's <b>\"\nrun: |\n  ls\n  id\n";
    assert_eq!((shown.status, file(&shown)?.as_str()), (StatusCode::OK, text));
    let checked = alice.post(&at, &[("do", "check"), ("file", &small("from-file", "num_nodes: 3\n"))]).await?;
    assert!(
        checked.text.contains("name=\"name\" value=\"from-file\"") && checked.text.contains("name=\"num_nodes\" value=\"3\""),
        "{checked:?}"
    );
    assert!(verdict(&checked)?.contains("The cluster would take it as it is."), "{checked:?}");
    let evil = alice.post(&at, &[("do", "look"), ("file", "</textarea><script>alert(1)</script>")]).await?;
    assert!(!evil.text.contains("<script>alert"), "{evil:?}");
    for odd in [&[("do", "show"), ("podSpec", "x")][..], &[("do", "check"), ("file", ""), ("name", "x")], &[("do", "erase")], &[]] {
        let page = alice.post(&at, odd).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{odd:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_file_is_kept_with_each_sentence_at_its_line() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let bad = "name: refused\nnum_nodes: \"4\"\nresources:\n  image_id: 10.0.0.1/x\nenvs:\n  DB_PASSWORD: hunter2hunter2\nvolumes:\n  /data: no-such-volume\nrun: ls\n";
    let page = alice.post(&portal.at("/tasks/new"), &[("do", "submit"), ("key", "k"), ("file", bad)]).await?;
    assert_eq!((page.status, file(&page)?.as_str()), (StatusCode::UNPROCESSABLE_ENTITY, bad));
    assert!(verdict(&page)?.contains("Line 2, column 12: num_nodes: Write a whole number from 1 to 64"), "{page:?}");
    assert!(page.text.contains("The task was not submitted"), "{page:?}");
    let bad = bad.replace("\"4\"", "1");
    let page = alice.post(&portal.at("/tasks/new"), &[("do", "submit"), ("key", "k"), ("file", &bad)]).await?;
    let said = verdict(&page)?;
    assert!(said.contains("Line 4, column 3: Image 10.0.0.1/x is not allowed here"), "{said}");
    assert!(said.contains("Line 8, column 3: You have no volume and no claim named no-such-volume."), "{said}");
    assert!(said.contains("DB_PASSWORD looks like a secret") && !said.contains("hunter2"), "{said}");
    Ok(())
}

#[tokio::test]
async fn what_is_shown_is_what_is_made_and_a_form_that_is_sent_twice_is_one_task() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let at = portal.at("/tasks/new");
    let made = make(&portal, &mut alice, "task-data", "standard").await?;
    let name = short("once")?;
    let text = small(&name, &format!("volumes:\n  /data: {}\nscratch:\n  /scratch: 8Mi\nenvs:\n  A: $(B)\n", made.name));
    let key = key(&alice.visit(&at).await?)?;
    let look = alice.post(&at, &[("do", "look"), ("key", &key), ("file", &text)]).await?;
    let shown = between(&look.text, "data-part=\"made\"", "</pre>")?;
    let shown: Value = serde_saphyr::from_str(shown.split("---\n").last().context("a Job")?)?;

    let form = [("do", "submit"), ("key", key.as_str()), ("file", &text)];
    let first = alice.post(&at, &form).await?.location.context("it is made")?;
    let again = alice.post(&at, &form).await?.location.context("it is found")?;
    assert_eq!(first, again);
    let (path, job) = job(&name, &first).await?;
    let (shown, live) = (&shown["spec"]["template"]["spec"], &job["spec"]["template"]["spec"]);
    for field in ["command", "env", "volumeMounts", "image", "workingDir", "securityContext"] {
        // The API server leaves out what is said by saying nothing.
        let of = |pod: &Value| pod["containers"][0][field].to_string().replace(",\"readOnly\":false", "");
        assert_eq!(of(shown), of(live), "{field}");
    }
    assert_eq!(live["volumes"][0]["persistentVolumeClaim"]["claimName"], made.claim().as_str());
    // Another file on the same page is another task.
    let other = alice.post(&at, &[("do", "submit"), ("key", &key), ("file", &format!("{text}retries: 1\n"))]).await?;
    let other = other.location.context("it is made, too")?;
    assert_ne!(first, other);
    let (other, _) = self::job(&name, &other).await?;
    let ground = Ground::current().await?;
    for path in [path, other] {
        ground.admin().delete(&format!("{path}?propagationPolicy=Foreground")).await?;
    }
    Ok(())
}
