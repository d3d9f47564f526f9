//! Do the pages say what the table in docs/parity.md promises of them, where no other test reads it?

use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{Made, make, remove, uid, unique};
use anyhow::{Context, Result};
use ground::{Ground, NAMESPACE, Work};
use reqwest::StatusCode;
use std::time::Duration;

/// What a person reads of a page: its text without tags.
fn words(html: &str) -> String {
    html.split('<').enumerate().map(|(n, piece)| if n == 0 { piece } else { piece.split_once('>').map_or("", |(_, rest)| rest) }).collect()
}

/// What stands between two marks of a page.
fn between<'p>(page: &'p str, start: &str, end: &str) -> Result<&'p str> {
    let (_, rest) = page.split_once(start).with_context(|| format!("no {start}: {page}"))?;
    Ok(rest.split_once(end).with_context(|| format!("no {end} after {start}: {rest}"))?.0)
}

#[track_caller]
fn says(text: &str, sentence: &str) {
    assert!(text.contains(sentence), "{sentence}: {text}");
}

async fn read(who: &mut Visitor, portal: &Portal, path: &str) -> Result<String> {
    let page = who.visit(&portal.at(path)).await?;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
    Ok(page.text)
}

/// 0.13, 0.53
#[tokio::test]
async fn the_page_that_deletes_a_volume_has_its_size_and_says_that_it_is_final() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "final", "standard").await?;
    let page = read(&mut alice, &portal, &format!("{}/delete", made.page())).await?;
    says(words(between(&page, ">Size</dt>", "</dd>")?).as_str(), "10 Mi");
    says(&words(&page), "Its data is destroyed. This cannot be undone.");
    says(&words(&page), &made.name);
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// 0.07, 1.27
#[tokio::test]
async fn who_made_a_volume_is_told_its_id_can_copy_it_and_finds_it_all_as_json() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let name = unique("told")?;
    let answer = alice.post(&portal.at("/volumes/new"), &crate::volumes::form(&name, "standard")).await?;
    let there = answer.location.with_context(|| format!("not made: {}", answer.text))?;
    let id = there.trim_start_matches("/volumes/").split('?').next().unwrap_or_default().to_owned();
    let page = read(&mut alice, &portal, &there).await?;
    says(&words(&page), &format!("Its id is {id}"));
    says(between(&page, ">Id</dt>", "</dd>")?, &format!("data-copy=\"{id}\""));
    let link = page.split("<a ").find(|tag| tag.contains(&format!("href=\"/api/volumes/{id}\""))).context("a link to the call")?;
    says(link, ">JSON</a>");
    remove(&portal, &mut alice, &Made { name, id }).await?;
    Ok(())
}

/// 0.50 to 0.52, 4.24
#[tokio::test]
async fn a_volumes_page_has_its_timeline_and_for_how_long_its_state_lasts() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "timeline", "broken").await?;
    let page = read(&mut alice, &portal, &made.page()).await?;
    let timeline = between(&page, "data-part=\"timeline\"", "</section>")?;
    says(&words(timeline), "Timeline");
    says(&words(between(timeline, "<ol", "</ol>")?), "Created");
    let heading = words(between(between(&page, "data-cause=", "</section>")?, "<h2>", "</h2>")?);
    says(&heading, "The storage is being made for ");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// 0.60, 0.62, 0.68, 0.71, 1.48, 2.75
#[tokio::test]
async fn the_form_says_how_to_choose_nodes_size_and_a_name_that_means_something() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = words(&read(&mut alice, &portal, "/volumes/new").await?);
    for sentence in [
        "Read and write by one node at a time. Fast, fits most work",
        "one node is faster",
        "Read-only by many nodes, for finished datasets",
        "Say what it holds and which version: imagenet-v2, prod-checkpoints.",
        "little to try something, more for what grows",
    ] {
        says(&page, sentence);
    }
    Ok(())
}

/// 0.67
#[tokio::test]
async fn four_purposes_make_the_set_of_one_volume_for_each_kind_of_data() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = read(&mut alice, &portal, "/volumes/new").await?;
    let set = between(&page, "One volume for each kind of data:", "</p>")?;
    for purpose in ["training-data", "checkpoints", "logs", "results"] {
        says(set, &format!("href=\"/volumes/new?preset={purpose}\""));
    }
    assert_eq!(set.matches("<a ").count(), 4, "{set}");
    Ok(())
}

/// 1.14
#[tokio::test]
async fn the_foot_of_each_page_names_the_namespace() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    for path in ["/", "/volumes", "/volumes/new", "/classes", "/tokens"] {
        let page = read(&mut alice, &portal, path).await?;
        says(between(&page, "class=\"foot", "</div>")?, &format!(">{NAMESPACE}</span>"));
    }
    Ok(())
}

/// 2.46
#[tokio::test]
async fn the_list_says_how_old_a_volume_is() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let made = make(&portal, &mut alice, "aged", "standard").await?;
    let page = read(&mut alice, &portal, "/volumes?columns=details").await?;
    says(&words(between(&page, "id=\"sort-age\"", "</th>")?), "Age");
    let row = page.split("<tr ").skip(1).find(|row| row.contains(&made.name)).context("a row")?;
    let age = words(between(&format!("{row}</td>"), "num when\"", "</td>")?);
    assert!(age.trim_start_matches('>').starts_with(|c: char| c.is_ascii_digit()), "{age}: {row}");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// 4.20
#[tokio::test]
async fn the_storage_behind_a_volume_is_named_in_the_administrators_yaml_alone() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut alice, "behind", "standard").await?;
    let pod = unique("user-of")?;
    ground.admin().start_pod(NAMESPACE, &pod, &[(&made.claim(), "/data")], &[], Work::UntilDeleted).await?;
    ground.admin().wait_for_phase(NAMESPACE, &pod, "Running", Duration::from_secs(60)).await?;
    let storage = format!("pvc-{}", uid(&made).await?);

    let all = words(&read(&mut admin, &portal, &format!("/admin{}/yaml", made.page())).await?);
    says(&all, &format!("volumeName: {storage}"));
    says(&all, &format!("kubectl get pv {storage} -o yaml"));
    let own = words(&read(&mut alice, &portal, &format!("{}/yaml", made.page())).await?);
    says(&own, "storageClassName: standard");
    for hidden in ["volumeName", "kubectl get pv", &storage] {
        assert!(!own.contains(hidden), "{hidden}: {own}");
    }

    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/{pod}");
    ground.admin().delete(&path).await?;
    ground.admin().wait_until(&path, Duration::from_secs(30), serde_json::Value::is_null).await?;
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// 0.55
#[tokio::test]
async fn c6_115_an_administrators_deletion_is_on_record_with_whose_volume_it_was() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut alice, "by-admin", "standard").await?;
    let uid = uid(&made).await?;
    let answer =
        admin.post(&portal.at(&format!("/admin{}/delete", made.page())), &[("confirm", made.name.as_str()), ("uid", uid.as_str())]).await?;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = read(&mut admin, &portal, &format!("/admin/audit?volume={}&verb=volume.delete", made.id)).await?;
    let row = page.split("<tr ").skip(1).find(|row| row.contains(&made.id)).context("a row")?;
    says(row, ">admin</td>");
    says(&words(between(row, "data-label=\"On\"", "</td>")?), "alice");
    says(row, ">done<");
    Ok(())
}

/// 2.26, 2.32
#[tokio::test]
async fn the_form_counts_the_characters_of_a_name_and_says_how_a_decimal_size_was_read() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = read(&mut alice, &portal, "/volumes/new?name=imagenet-v2&size=10GB").await?;
    says(&words(between(&page, "id=\"name-count\"", "</span>")?), "11 of 63 characters.");
    says(&words(between(&page, "id=\"size-hint\"", "</span>")?), "Read in binary units: 10 Gi. Plan a fifth more");
    let plain = read(&mut alice, &portal, "/volumes/new?size=10Gi").await?;
    says(&words(between(&plain, "id=\"size-hint\"", "</span>")?), "10 Gi. Plan");
    assert!(!plain.contains("Read in binary units") && !plain.contains("of 63 characters"), "{plain}");
    Ok(())
}

/// 2.84
#[tokio::test]
async fn who_looks_for_a_name_that_is_not_there_finds_ones_own_that_are_nearly_so_and_a_way_to_make_it() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut bob = Visitor::signed_in(&portal, "bob").await?;
    let made = make(&portal, &mut alice, "checkpoints", "standard").await?;
    let slip = made.name.replacen("checkpoints", "chekpoints", 1);
    let hers = read(&mut alice, &portal, &format!("/find?q={slip}")).await?;
    says(&words(&hers), "No volume of yours is called so. Nearly:");
    says(&hers, &format!("href=\"{}\"", made.page()));
    says(&hers, &format!("href=\"/volumes/new?name={slip}\""));
    says(&words(&hers), &format!("Create {slip}"));
    let his = read(&mut bob, &portal, &format!("/find?q={slip}")).await?;
    says(&words(&his), &format!("Create {slip}"));
    assert!(!his.contains(&made.name) && !his.contains("Nearly"), "{his}");
    assert!(!read(&mut alice, &portal, &format!("/find?q={}", made.name)).await?.contains("Create check"), "it is there");
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// 4.19
#[tokio::test]
async fn a_page_explains_the_words_and_is_a_click_away_from_each_page() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = read(&mut alice, &portal, "/help").await?;
    for word in ["volume", "pvc", "pv", "class", "access", "phase", "task", "scratch"] {
        assert!(!between(&page, &format!("<dt id=\"{word}\""), "</dd>")?.is_empty());
    }
    says(&words(&page), "What is written there stays when the task ends");
    for path in ["/", "/volumes", "/volumes/new", "/classes", "/tokens"] {
        says(between(&read(&mut alice, &portal, path).await?, "class=\"foot", "</div>")?, "href=\"/help\"");
    }
    Ok(())
}

/// 1.16, 1.45
#[tokio::test]
async fn the_page_for_programs_says_that_volumes_of_other_namespaces_are_out_of_reach() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = words(&read(&mut alice, &portal, "/api").await?);
    says(&page, &format!("This portal works in one namespace, {NAMESPACE}"));
    says(&page, "A volume of another namespace is out of reach, also by its name or id");
    Ok(())
}

/// 0.72
#[tokio::test]
async fn administrators_see_the_storage_behind_the_claims_and_what_to_do_with_what_was_released() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let made = make(&portal, &mut alice, "storage", "fast").await?;
    let bound = |claim: &serde_json::Value| claim["status"]["phase"] == "Bound";
    let claim = format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{}", made.claim());
    ground.admin().wait_until(&claim, Duration::from_secs(60), bound).await?;
    let storage = format!("pvc-{}", uid(&made).await?);
    // Of a claim that is gone, and whose data is kept.
    let left = unique("left")?;
    let released = serde_json::json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": left},
        "spec": {"capacity": {"storage": "3Gi"}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "none-such", "hostPath": {"path": "/nowhere"},
            "claimRef": {"namespace": "elsewhere", "name": "former", "uid": "00000000-0000-0000-0000-000000000000"}}
    });
    ground.admin().post("/api/v1/persistentvolumes", &released).await?;
    let path = format!("/api/v1/persistentvolumes/{left}");
    ground.admin().wait_until(&path, Duration::from_secs(60), |pv| pv["status"]["phase"] == "Released").await?;

    let page = read(&mut admin, &portal, "/admin/pvs").await?;
    let row = |name: &str| page.split("<tr ").find(|row| row.contains(&format!(">{name}<"))).map(str::to_owned).context("a row");
    let (used, free) = (row(&storage)?, row(&left)?);
    says(&used, &format!("href=\"/admin{}\"", made.page()));
    says(&words(&used), "Removed with its claim, and the data with it");
    for sentence in ["Released", "3 Gi", "none-such", "elsewhere/former", "Kept with its data", &format!("kubectl delete pv {left}")] {
        says(&words(&free), sentence);
    }
    assert!(page.find(&left) < page.find(&storage), "what needs a hand comes first");
    says(&read(&mut admin, &portal, "/admin/volumes").await?, "href=\"/admin/pvs\"");
    assert!(!read(&mut alice, &portal, "/volumes").await?.contains("/admin/pvs"));

    ground.admin().delete(&path).await?;
    remove(&portal, &mut alice, &made).await?;
    Ok(())
}

/// c6-117
#[tokio::test]
async fn c6_117_what_cannot_be_read_stands_on_the_administrators_page_and_on_no_other() -> Result<()> {
    let ground = Ground::current().await?;
    let name = unique("unreadable")?;
    let claim = serde_json::json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": {"skypilot-volume": "true", "stowage.dev/owner": "alice", "username": "alice"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Mi"}}}
    });
    let claims = format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims");
    ground.admin().post(&claims, &claim).await?;
    // A portal that starts now has listed it.
    let portal = Portal::start().await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let page = read(&mut admin, &portal, "/admin/volumes").await?;
    let told = words(between(&page, "id=\"unreadable\"", "</section>")?);
    says(&told, "that the portal cannot read");
    says(&told, &format!("{name}: its owner label “alice” has nothing that proves it."));
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    for path in ["/", "/volumes", "/volumes?columns=details"] {
        let page = read(&mut alice, &portal, path).await?;
        assert!(!page.contains(&name) && !page.contains("cannot read"), "{path}");
    }
    ground.admin().delete(&format!("{claims}/{name}")).await?;
    Ok(())
}

/// 0.47, 0.104, 2.08 to 2.18, 2.21, 2.69, 2.96, 4.01 to 4.04, 4.29, 4.43, 4.44, 4.51, 4.53, 4.54
#[tokio::test]
async fn the_help_says_where_files_go_what_a_task_finds_and_where_the_flags_of_other_tools_are() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = read(&mut alice, &portal, "/help").await?;
    let card = |id: &str| Ok::<_, anyhow::Error>(words(between(&page, &format!("id=\"{id}\""), "</section>")?));
    let files = card("files")?;
    for sentence in [
        "the space is small",
        "those that use most are ended first",
        "Scratch space on disk",
        "Scratch space in memory",
        "counts against the task’s memory, is lost with its pod, cannot be backed up, and no other task sees it",
        "/volumes/ and its name unless you chose another",
        "Shared file systems are slow with them",
    ] {
        says(&files, sentence);
    }
    let finds = card("variables")?;
    for name in ["NODE_RANK", "NUM_NODES", "NODE_PEERS", "JOB_COMPLETION_INDEX"] {
        says(&finds, name);
    }
    says(&card("buckets")?, "reached from tasks as well as from outside");
    says(&page, "href=\"https://github.com/awslabs/s3-connector-for-pytorch\"");
    let flags = card("flags")?;
    for flag in [
        "env",
        "network",
        "runtime",
        "upload-dir",
        "upload",
        "volume",
        "max-cpu",
        "max-memory",
        "schedule",
        "json",
        "size",
        "type",
        "force",
    ] {
        says(&flags, &format!("--{flag}"));
    }
    // The way through the exercise, step by step; each template is there.
    let first = between(&page, "id=\"first\"", "</section>")?;
    for template in ["interactive", "sweep", "analyse", "sweep-scratch"] {
        says(first, &format!("href=\"/tasks/new?template={template}\""));
        says(&read(&mut alice, &portal, &format!("/tasks/new?template={template}")).await?, "aria-current=\"true\"");
    }
    says(first, "href=\"/volumes/new?preset=workshop\"");
    Ok(())
}
