//! What does the page for a new volume show, and is it what is made?

use crate::outages::{cut_portal, until};
use crate::portal::{Place, Portal, Trust};
use crate::visitor::Visitor;
use crate::volumes::{form, make, remove, unique};
use anyhow::{Context, Result};
use ground::{Ground, NAMESPACE};
use reqwest::{Method, StatusCode, header::ACCEPT};
use serde_json::Value;

/// A portal whose administrators say this about classes.
pub async fn portal_with(settings: &[(&'static str, &str)]) -> Result<Portal> {
    let ground = Ground::current().await?;
    Place::free().await?.portal(&ground, Trust::from(&ground), settings).await
}

/// What stands in one of the page's parts, as a person reads it.
fn part(html: &str, name: &str) -> Result<String> {
    let (_, rest) = html.split_once(&format!("data-part=\"{name}\"")).with_context(|| format!("no part {name}: {html}"))?;
    let (_, rest) = rest.split_once('>').context("an opening tag")?;
    let end = rest.find("</div>").into_iter().chain(rest.find("</span></p>")).min().context("an end")?;
    Ok(plain(&rest[..end]))
}

fn plain(html: &str) -> String {
    let mut text = String::new();
    // Comments are leptos' own marks, and may hold what looks like a tag.
    let marks = html.split("<!--").map(|piece| piece.split_once("-->").map_or(piece, |(_, rest)| rest));
    for piece in marks.collect::<String>().split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, rest)| rest));
    }
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, character);
    }
    text
}

/// The radio of this value is chosen.
fn is_chosen(html: &str, name: &str, value: &str) -> bool {
    html.contains(&format!("name=\"{name}\" value=\"{value}\" checked"))
}

fn is_typed(html: &str, name: &str, value: &str) -> bool {
    let tag = html.split('<').find(|tag| tag.starts_with("input") && tag.contains(&format!("name=\"{name}\"")));
    tag.is_some_and(|tag| tag.contains(&format!("value=\"{value}\"")))
}

#[tokio::test]
async fn a_purpose_fills_the_form_and_an_address_can_fill_single_fields() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = alice.visit(&portal.at("/volumes/new?preset=shared-cache")).await?.text;
    assert!(
        is_typed(&page, "name", "cache") && is_typed(&page, "mount_path", "/cache") && is_chosen(&page, "access", "ReadWriteMany"),
        "{page}"
    );
    for line in ["UV_CACHE_DIR=/cache/uv", "HF_HOME=/cache/huggingface", "PIP_CACHE_DIR=/cache/pip"] {
        assert!(part(&page, "variables")?.contains(line), "{page}");
    }
    let page = alice.visit(&portal.at("/volumes/new?preset=workshop")).await?.text;
    assert!(is_typed(&page, "name", "vol-alice") && is_typed(&page, "size", "1") && is_chosen(&page, "class", "shared"), "{page}");
    let page = alice.visit(&portal.at("/volumes/new?preset=logs&name=my+logs&size=7&unit=Mi&class=standard&mount_path=")).await?.text;
    assert!(is_typed(&page, "name", "my logs") && is_typed(&page, "size", "7") && is_typed(&page, "mount_path", ""), "{page}");
    assert!(is_chosen(&page, "class", "standard") && page.contains("<option selected>Mi"), "{page}");
    assert!(page.contains("No spaces in names. Try my-logs."), "what was filled in is judged: {page}");
    let blank = alice.visit(&portal.at("/volumes/new")).await?.text;
    assert!(!blank.contains("Enter a name."), "what was not is not");
    assert!(part(&blank, "yaml")?.contains("as soon as the form can be sent"), "{blank}");
    Ok(())
}

#[tokio::test]
async fn g1_08_several_nodes_move_the_portals_choice_of_class_and_the_reason_is_said() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut fit = async |query: &str| part(&alice.visit(&portal.at(&format!("/volumes/new?name=a&{query}"))).await?.text, "fit");
    assert_eq!(fit("").await?, "The portal takes standard, because it is the cluster's default.");
    assert!(fit("access=ReadWriteMany").await?.starts_with("The portal takes shared, because "));
    assert!(
        fit("access=ReadWriteMany&class=broken")
            .await?
            .starts_with("Nobody has tried ReadWriteMany with broken here. The portal would take")
    );
    assert_eq!(fit("access=ReadWriteOnce&class=broken").await?, "", "what somebody chose and can work is theirs to choose");
    Ok(())
}

#[tokio::test]
async fn the_preview_is_the_object_that_is_made_apart_from_id_and_time() -> Result<()> {
    let portal = Portal::start().await?;
    let ground = Ground::current().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let name = unique("Same_As")?;
    let description = "it's: \"quoted\" <b> & # yes {x} - [y]";
    let fields = [
        ("name", name.as_str()),
        ("size", "1.5"),
        ("unit", "Mi"),
        ("class", ""),
        ("access", "ReadWriteOnce,ReadWriteMany"),
        ("description", description),
        ("mount_path", "/data/set 1"),
    ];
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let page = alice.visit(&portal.at(&format!("/volumes/new?{query}"))).await?;
    let mut shown: Value = serde_saphyr::from_str(&part(&page.text, "yaml")?)?;

    let there = alice.post(&portal.at("/volumes/new"), &fields).await?.location.context("it is made")?;
    let id = there.trim_start_matches("/volumes/").split('?').next().unwrap_or_default().to_owned();
    let claim = shown["metadata"]["name"].as_str().context("a name")?.replace("xxxxxxxx", &id);
    let mut live = ground.admin().get(&format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{claim}")).await?;
    // What only the moment of making knows, and what the API server adds.
    shown["metadata"]["name"] = claim.into();
    shown["metadata"]["labels"]["volume-id"] = id.into();
    for object in [&mut shown, &mut live] {
        object["metadata"]["annotations"]["created-at"] = "".into();
    }
    for added in ["uid", "resourceVersion", "creationTimestamp", "managedFields", "finalizers"] {
        live["metadata"].as_object_mut().context("metadata")?.remove(added);
    }
    let annotations = live["metadata"]["annotations"].as_object_mut().context("annotations")?;
    annotations.retain(|key, _| key.starts_with("stowage.dev/") || key == "created-at");
    for added in ["volumeMode", "volumeName"] {
        live["spec"].as_object_mut().context("spec")?.remove(added);
    }
    live.as_object_mut().context("an object")?.remove("status");
    assert_eq!(shown, live);
    assert_eq!(live["spec"]["storageClassName"], "shared", "the portal chose");
    let path = format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims/{}", shown["metadata"]["name"].as_str().unwrap_or_default());
    ground.admin().delete(&path).await?;
    Ok(())
}

#[tokio::test]
async fn every_way_shows_the_same_wish() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page =
        alice.visit(&portal.at("/volumes/new?name=data&size=2&unit=Gi&class=shared&access=ReadWriteMany&description=it%27s")).await?.text;
    assert_eq!(part(&page, "command")?, "k8s-cli volumes create data 2Gi \\\n  --storage-class shared \\\n  --access-modes ReadWriteMany");
    let rest = part(&page, "rest")?;
    let body = rest.split_once("-d '").context("a body")?.1.trim_end_matches('\'').replace("'\\''", "'");
    let body: Value = serde_json::from_str(&body)?;
    assert_eq!(
        body,
        serde_json::json!({"name": "data", "size": "2Gi", "storage_class": "shared", "access_modes": ["ReadWriteMany"], "description": "it's"})
    );
    assert!(rest.starts_with(&format!("curl {}/api/volumes/create", portal.url)), "{rest}");
    assert!(part(&page, "outlook")?.contains("data-xxxxxxxx"), "{page}");
    Ok(())
}

#[tokio::test]
async fn what_was_refused_is_summed_up_with_a_way_to_each_field_and_kept() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let fields = [
        ("name", "my data"),
        ("size", "10gi"),
        ("unit", "Ti"),
        ("class", "ultra"),
        ("access", "ReadWriteOnce,ReadOnlyMany"),
        ("mount_path", "/etc"),
    ];
    let page = alice.post(&portal.at("/volumes/new?preset=logs"), &fields).await?;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let summary = page.text.split("id=\"refused\"").nth(1).and_then(|rest| rest.split("</section>").next()).context("a summary")?;
    assert!(summary.contains("autofocus") && summary.contains("tabindex=\"-1\""), "{summary}");
    for (field, sentence) in [
        ("name", "No spaces in names. Try my-data."),
        ("size", "Write 10Gi: sizes have the units"),
        ("class", "There is no class of this name."),
        ("mount_path", "Use an absolute path"),
    ] {
        assert!(summary.contains(&format!("href=\"#{field}\"")) && summary.contains(sentence), "{field}: {summary}");
        assert!(page.text.contains(&format!("id=\"{field}\"")), "the way to {field} leads somewhere");
    }
    let text = &page.text;
    assert!(is_typed(text, "name", "my data") && is_typed(text, "size", "10gi") && is_typed(text, "mount_path", "/etc"), "{text}");
    assert!(is_chosen(text, "class", "ultra") && is_chosen(text, "access", "ReadWriteOnce,ReadOnlyMany"), "{text}");
    Ok(())
}

#[tokio::test]
async fn what_was_typed_survives_an_outage_from_the_first_moment_on() -> Result<()> {
    let (portal, proxy) = cut_portal().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let name = unique("kept")?;
    let page = alice.post(&portal.at("/volumes/new"), &form(&name, "shared")).await?;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page:?}");
    assert!(is_typed(&page.text, "name", &name) && is_chosen(&page.text, "class", "shared"), "{}", page.text);
    assert!(page.text.contains("The classes cannot be read at the moment."), "failed is never shown as empty: {}", page.text);
    assert!(!page.text.contains("There is no class of this name"), "{}", page.text);
    proxy.restore();
    until(&mut alice, &portal.at("/volumes/new"), |status, _| status.is_success()).await?;
    Ok(())
}

#[tokio::test]
async fn c3_055_fields_of_a_claim_that_the_form_does_not_have_are_named_and_nothing_is_made() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
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
        "preset",
    ] {
        let name = unique("extra")?;
        let mut fields = form(&name, "standard");
        fields.push((field, "Block"));
        let page = alice
            .send(Method::POST, &portal.at("/volumes/new"), |request| {
                request.form(&fields).header(ACCEPT, "application/json").header("sec-fetch-site", "same-origin")
            })
            .await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.text.contains(field), "{field}: {}", page.text);
        assert!(!alice.visit(&portal.at("/volumes")).await?.text.contains(&name), "{field}");
    }
    Ok(())
}

#[tokio::test]
async fn c3_056_and_057_sizes_and_names_are_refused_at_their_field_and_nothing_is_made() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let long = "9".repeat(400);
    let name = unique("size")?;
    for size in
        ["", "0", "-1Gi", "1m", "0.5", "1e3", "1E", "9999999Ei", "10 Gi", " 10Gi", "１０Gi", "10gi", "0x10", "NaN", "1.0000000001Gi", &long]
    {
        let page = alice.post(&portal.at("/volumes/new"), &[("name", name.as_str()), ("size", size), ("access", "ReadWriteOnce")]).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{size}");
        assert!(page.text.contains("href=\"#size\""), "{size}: {}", page.text);
    }
    let long = "a".repeat(64);
    for bad in
        ["", "-a", "a-", "a.b", "my data", &long, "new", "create", "xn--a", "😀", "a\u{202e}", "<img src=x onerror=1>", "'; rm -rf /"]
    {
        let page = alice.post(&portal.at("/volumes/new"), &[("name", bad), ("size", "10Mi"), ("access", "ReadWriteOnce")]).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert!(page.text.contains("href=\"#name\"") && !page.text.contains("<img src=x"), "{bad}: {}", page.text);
    }
    assert!(!alice.visit(&portal.at("/volumes")).await?.text.contains(&name));
    Ok(())
}

#[tokio::test]
async fn c3_062_a_class_that_is_hidden_for_others_or_not_there_is_refused_with_one_sentence_and_a_volume_that_has_it_keeps_it() -> Result<()>
{
    let settings =
        [("classes.shared.hidden", "true"), ("classes.broken.groups", "stowage-admins"), ("classes.standard.title", "Local disk")];
    let (open, closed) = (Portal::start().await?, portal_with(&settings).await?);
    let mut before = Visitor::signed_in(&open, "alice").await?;
    let made = make(&open, &mut before, "has-hidden", "shared").await?;

    let mut alice = Visitor::signed_in(&closed, "alice").await?;
    let name = unique("refused")?;
    let mut sentences = Vec::new();
    for class in ["shared", "broken", "../x", "\"\"", "never-was"] {
        let page = alice.post(&closed.at("/volumes/new"), &form(&name, class)).await?;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{class}");
        let error = page.text.split("id=\"class-error\"").nth(1).and_then(|rest| rest.split("</div>").next()).context("a sentence")?;
        sentences.push(error.to_owned());
    }
    assert!(sentences[0].contains("There is no class of this name. The cluster has standard, fast."), "{sentences:?}");
    assert!(sentences.iter().all(|sentence| *sentence == sentences[0]), "{sentences:?}");
    assert!(!alice.visit(&closed.at("/volumes")).await?.text.contains(&name), "nothing was made");

    let page = alice.visit(&closed.at("/volumes/new")).await?.text;
    assert!(page.contains("Local disk") && !page.contains("value=\"shared\"") && !page.contains("value=\"broken\""), "{page}");
    let detail = alice.visit(&closed.at(&made.page())).await?.text;
    assert!(detail.contains(">shared<") && detail.contains("One directory that every node can write to"), "{detail}");
    // In the group, the other class is there.
    let mut admin = Visitor::signed_in(&closed, "admin").await?;
    assert!(admin.visit(&closed.at("/volumes/new")).await?.text.contains("value=\"broken\""));
    remove(&closed, &mut alice, &made).await?;
    Ok(())
}

#[tokio::test]
async fn a_mode_that_no_class_can_do_cannot_be_chosen_and_says_why() -> Result<()> {
    let one = "ReadWriteOnce";
    let portal = portal_with(&[
        ("classes.standard.modes", one),
        ("classes.shared.modes", one),
        ("classes.broken.modes", one),
        ("classes.fast.modes", one),
    ])
    .await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let page = alice.visit(&portal.at("/volumes/new")).await?.text;
    let radio = page.split('<').find(|tag| tag.contains("value=\"ReadWriteMany\"")).context("the radio")?;
    assert!(radio.contains("disabled"), "{radio}");
    assert!(page.contains("No class here can. Ask an administrator for one that can."), "{page}");
    let fields = [("name", "never"), ("size", "10Mi"), ("access", "ReadWriteMany"), ("class", "standard")];
    let refused = alice.post(&portal.at("/volumes/new"), &fields).await?;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Class standard cannot do ReadWriteMany."), "{}", refused.text);
    Ok(())
}
