//! What becomes of what people put in? Tasks read it; it is on no page, in no answer, on no record and in no log.

use crate::api::{Program, read};
use crate::logs::Lines;
use crate::new_task::{key, short, small, verdict};
use crate::portal::{Place, Portal, Trust};
use crate::visitor::{Page, Visitor};
use crate::volumes::unique;
use anyhow::{Context, Result, ensure};
use domain::audit::Verb;
use ground::{Ground, NAMESPACE};
use records::Filter;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// What is seen on the page that asks.
fn uid(page: &Page) -> Result<String> {
    let (_, rest) = page.text.split_once("name=\"uid\" value=\"").with_context(|| format!("no uid: {page:?}"))?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

async fn put(portal: &Portal, person: &mut Visitor, name: &str, values: &[(&str, &str)]) -> Result<Page> {
    let rows: Vec<(String, &str)> = values
        .iter()
        .enumerate()
        .flat_map(|(place, (key, value))| [(format!("key{place}"), *key), (format!("value{place}"), *value)])
        .chain([("name".to_owned(), name)])
        .collect();
    let fields: Vec<(&str, &str)> = rows.iter().map(|(field, text)| (field.as_str(), *text)).collect();
    person.post(&portal.at("/secrets/new"), &fields).await
}

async fn delete(portal: &Portal, person: &mut Visitor, name: &str) -> Result<Page> {
    let page = portal.at(&format!("/secrets/{name}/delete"));
    let uid = uid(&person.visit(&page).await?)?;
    person.post(&page, &[("uid", &uid)]).await
}

#[tokio::test]
async fn t28_a_value_that_was_put_in_is_on_no_page_in_no_answer_in_no_record_and_in_no_log() -> Result<()> {
    const CANARY: &str = "canary8f1c";
    let lines = Lines::default();
    let writer = lines.clone();
    let ours = "server=trace,app=trace,cluster=trace,records=trace,domain=trace,tower_http=trace,axum=trace,kube=trace,sqlx=trace";
    let log = tracing_subscriber::fmt().with_env_filter(ours).with_ansi(false).with_writer(move || writer.clone()).finish();
    let logged = tracing::subscriber::set_default(log);
    let ground = Ground::current().await?;
    let file = std::env::temp_dir().join(format!("{}.db", unique("stowage-records")?));
    let url = format!("sqlite://{}", file.display());
    let portal = Place::free().await?.portal(&ground, Trust::from(&ground), &[("records.url", &url)]).await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let program = Program::of(&portal, &mut alice).await?;
    let (name, by_rest) = (unique("s3")?, unique("rest")?);
    let mut told: Vec<(String, Page)> = Vec::new();

    // Put in, refused, put in again, and by a program in every wrong way.
    let long = format!("{CANARY}-\u{0}");
    for (key, value) in [("1X", CANARY), ("A", long.as_str()), (CANARY, ""), ("A B", CANARY)] {
        let page = put(&portal, &mut alice, &name, &[("OTHER", CANARY), (key, value)]).await?;
        ensure!(page.status == StatusCode::UNPROCESSABLE_ENTITY, "{page:?}");
        ensure!(page.text.contains("enter them again") && page.text.contains("value=\"OTHER\""), "{page:?}");
        if key != CANARY {
            told.push((format!("refused {key}"), page));
        }
    }
    let lines_of = format!("A={CANARY}\n{CANARY}");
    told.push(("refused lines".into(), alice.post(&portal.at("/secrets/new"), &[("name", &name), ("lines", &lines_of)]).await?));
    told.push(("field".into(), alice.post(&portal.at("/secrets/new"), &[("name", &name), (CANARY, CANARY)]).await?));
    told.push(("as its name".into(), put(&portal, &mut alice, "No Name", &[("A", CANARY)]).await?));
    let made = put(&portal, &mut alice, &name, &[("KEY", CANARY)]).await?;
    ensure!(made.status == StatusCode::SEE_OTHER, "{made:?}");
    told.push(("made".into(), made));
    told.push(("taken".into(), put(&portal, &mut alice, &name, &[("KEY", CANARY)]).await?));
    for values in
        [json!(CANARY), json!([CANARY]), json!({"A": {"B": CANARY}}), json!({"A": [CANARY]}), json!({"": CANARY}), json!({"A b": CANARY})]
    {
        let page = program.call(&portal, Method::POST, "/api/secrets", &json!({"name": by_rest, "values": values})).await?;
        ensure!(page.status == StatusCode::UNPROCESSABLE_ENTITY, "{values}: {page:?}");
        told.push((format!("program {values:.5}"), page));
    }
    let cut = format!("{{\"name\": \"{by_rest}\", \"values\": {{\"A\": \"{CANARY}");
    let cut =
        program.send(&portal, Method::POST, "/api/secrets", |request| request.header("content-type", "application/json").body(cut)).await?;
    told.push(("cut off".into(), cut));
    let body = json!({"name": by_rest, "values": {"KEY": CANARY}});
    let made = program.send(&portal, Method::POST, "/api/secrets", |request| request.header("Idempotency-Key", "once").json(&body)).await?;
    ensure!(made.status == StatusCode::CREATED, "{made:?}");
    told.push(("made by a program".into(), made));
    let again =
        program.call(&portal, Method::POST, "/api/secrets", &json!({"name": by_rest, "replace": true, "values": {"KEY": CANARY}})).await?;
    ensure!(again.status == StatusCode::OK, "{again:?}");
    told.push(("replaced by a program".into(), again));
    let replace = format!("/secrets/{name}/replace");
    let seen = uid(&alice.visit(&portal.at(&replace)).await?)?;
    let replaced = alice.post(&portal.at(&replace), &[("uid", &seen), ("key0", "KEY"), ("value0", CANARY)]).await?;
    ensure!(replaced.status == StatusCode::SEE_OTHER, "{replaced:?}");

    // A task that reads it, and never writes it.
    let task = short("reads")?;
    let text = small(&task, &format!("secrets:\n  TOKEN: {name}/KEY\n")).replace("run: 'true'", "run: 'echo ${#TOKEN}'");
    let drafted = program
        .send(&portal, Method::POST, "/api/tasks/preflight", |request| request.header("content-type", "text/yaml").body(text.clone()))
        .await?;
    let draft = read(&drafted)?;
    ensure!(draft["ok"] == true && draft["manifest"].to_string().contains("secretKeyRef"), "{draft}");
    told.push(("preflight".into(), drafted));
    let submitted =
        program.send(&portal, Method::POST, "/api/tasks/submit", |request| request.header("content-type", "text/yaml").body(text)).await?;
    let id = read(&submitted)?["id"].as_str().with_context(|| format!("{submitted:?}"))?.to_owned();
    let job = format!("/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{task}-{id}");
    let over = |job: &Value| job["status"]["succeeded"] == 1;
    ground.admin().wait_until(&job, std::time::Duration::from_secs(90), over).await?;
    let said = program.get(&portal, &format!("/api/tasks/{id}/logs")).await?;
    ensure!(said.text.contains(&CANARY.len().to_string()), "it was there: {said:?}");

    for path in [
        "/secrets",
        "/secrets/new",
        &replace,
        &format!("/secrets/{name}/delete"),
        &format!("/tasks/{id}"),
        &format!("/tasks/{id}/yaml"),
        &format!("/tasks/{id}/logs"),
        "/tasks",
        "/",
        "/tasks/new",
        &format!("/tasks/new?again={id}"),
        "/find?q=s3",
    ] {
        let page = alice.visit(&portal.at(path)).await?;
        ensure!(page.status == StatusCode::OK, "{path}: {page:?}");
        told.push((path.to_owned(), page));
    }
    let page = &told.iter().find(|(path, _)| *path == format!("/tasks/{id}")).context("its page")?.1.text;
    ensure!(page.contains("from Secret") && page.contains(&format!("{name}/KEY")), "which Secret it is, is said: {page}");
    for path in ["/admin/audit", &format!("/admin/tasks/{id}"), &format!("/admin/tasks/{id}/yaml")] {
        told.push((path.to_owned(), admin.visit(&portal.at(path)).await?));
    }
    for path in ["/api/secrets", "/api/tasks", &format!("/api/tasks/{id}"), &format!("/api/tasks/{id}/logs")] {
        told.push((path.to_owned(), program.get(&portal, path).await?));
    }
    ensure!(read(&told.iter().find(|(path, _)| path == "/api/secrets").context("the list")?.1)?["secrets"].to_string().contains(&by_rest));
    for (what, page) in &told {
        assert!(!page.text.contains(CANARY) && !format!("{:?}{:?}", page.headers, page.location).contains(CANARY), "{what}: {page:?}");
    }

    // Who did what is on record, by name.
    for (verb, names) in [(Verb::CreateSecret, [&name, &by_rest]), (Verb::ReplaceSecret, [&name, &by_rest])] {
        let (found, _) = portal.records.audit().page(&Filter { verb: Some(verb), ..Filter::default() }, None).await?;
        assert!(!format!("{found:?}").contains(CANARY));
        for name in names {
            assert!(found.iter().any(|line| line.object_name == *name && line.outcome == "done"), "{verb} {name}: {found:?}");
        }
    }
    let gone = program.send(&portal, Method::DELETE, &format!("/api/secrets/{by_rest}"), |request| request).await?;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
    let gone = delete(&portal, &mut alice, &name).await?;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{gone:?}");
    ground.admin().delete(&format!("{job}?propagationPolicy=Background")).await?;

    // The file of the records, with what is beside it.
    let mut bytes = Vec::new();
    for more in ["", "-wal", "-shm"] {
        let path = format!("{}{more}", file.display());
        bytes.extend(std::fs::read(&path).unwrap_or_default());
    }
    let holds = |what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
    assert!(holds(&name), "the file is being read");
    assert!(!holds(CANARY), "the records hold a value");
    drop(logged);
    let text = lines.text();
    assert!(text.contains("secret written"), "the lines are being read: {text}");
    assert!(!text.contains(CANARY), "the log holds a value");
    for more in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{more}", file.display())));
    }
    Ok(())
}

#[tokio::test]
async fn g4_59_a_secret_is_put_in_named_in_a_task_with_fields_and_taken_away_without_scripts() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let name = unique("s3")?;
    let made = put(&portal, &mut alice, &name, &[("ACCESS_KEY", "one"), ("SECRET_KEY", "two")]).await?;
    let list = alice.visit(&portal.at(made.location.as_deref().context("on to the list")?)).await?;
    assert!(
        list.text.contains("The Secret is stored") && list.text.contains(&name) && list.text.contains("ACCESS_KEY, SECRET_KEY"),
        "{list:?}"
    );
    assert!(!bob.visit(&portal.at("/secrets")).await?.text.contains(&name), "nobody else sees it");

    // The picker offers it, and what is chosen is in the file.
    let new = alice.visit(&portal.at("/tasks/new?template=one-volume")).await?;
    assert!(new.text.contains(&format!("<option value=\"{name}/ACCESS_KEY\"")), "{new:?}");
    let from = format!("{name}/ACCESS_KEY");
    let fields = [
        ("name", "a"),
        ("run", "true"),
        ("secret0_from", &from),
        ("secret0_env", ""),
        ("secret1_from", ""),
        ("secret1_env", ""),
        ("do", "show"),
    ];
    let shown = alice.post(&portal.at("/tasks/new"), &fields).await?;
    assert!(shown.text.contains(&format!("ACCESS_KEY: {from}")), "{shown:?}");
    let said = verdict(&shown)?;
    assert!(said.contains(&format!("ACCESS_KEY: from your Secret {name}, key ACCESS_KEY.")), "{said}");

    // A slip is told with its line; what looks like a key in plain variables leads to the form; another's is not there.
    let file = small("a", &format!("envs:\n  HF_TOKEN: x\nsecrets:\n  A: {name}/ACCES_KEY\n  B: {name}x/ACCESS_KEY\n"));
    let key = key(&new)?;
    let fields = [("file", file.as_str()), ("key", &key), ("do", "check")];
    let said = verdict(&alice.post(&portal.at("/tasks/new"), &fields).await?)?;
    for part in [
        "Line 9, column 6",
        "Did you mean ACCESS_KEY?",
        "Line 10, column 6",
        &format!("Did you mean {name}?"),
        "Put it into a Secret at /secrets/new",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = verdict(&bob.post(&portal.at("/tasks/new"), &fields).await?)?;
    assert!(said.contains(&format!("You have no Secret named {name}.")), "{said}");

    let stale = alice.post(&portal.at(&format!("/secrets/{name}/delete")), &[("uid", "other")]).await?;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{stale:?}");
    assert_eq!(bob.visit(&portal.at(&format!("/secrets/{name}/delete"))).await?.status, StatusCode::NOT_FOUND);
    assert_eq!(delete(&portal, &mut alice, &name).await?.status, StatusCode::SEE_OTHER);
    assert!(!alice.visit(&portal.at("/secrets")).await?.text.contains(&name));
    Ok(())
}
