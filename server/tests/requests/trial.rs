//! What does a person read of the cluster's refusals: before anything is made, at the field, in words?

use crate::new_volume::portal_with;
use crate::portal::Portal;
use crate::visitor::Visitor;
use crate::volumes::{form, unique};
use anyhow::{Context, Result};
use ground::{Ground, Namespace};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A portal with a namespace to itself.
async fn alone() -> Result<(Portal, Ground, Namespace)> {
    let ground = Ground::current().await?;
    let namespace = ground.namespace("trial").await?;
    let portal = portal_with(&[("kubernetes.namespace", namespace.name())]).await?;
    Ok((portal, ground, namespace))
}

/// What stands at a field.
fn at<'p>(page: &'p str, field: &str) -> Result<&'p str> {
    let (_, rest) = page.split_once(&format!("id=\"{field}-error\"")).with_context(|| format!("no {field}: {page}"))?;
    Ok(rest.split_once("</div>").context("an end")?.0)
}

fn yaml(page: &str) -> Result<&str> {
    let (_, rest) = page.split_once("data-part=\"yaml\"").context("a manifest")?;
    Ok(rest.split_once("</div>").context("an end")?.0)
}

#[tokio::test]
async fn the_preview_asks_the_cluster_only_when_it_is_pressed_and_makes_nothing() -> Result<()> {
    let portal = Portal::start().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let name = unique("tried")?;
    let there = |size: &str, further: &str| portal.at(&format!("/volumes/new?name={name}&size={size}&unit=Mi&class=standard{further}"));
    let typed = alice.visit(&there("10", "&labels=stage%3Dprod")).await?.text;
    assert!(!typed.contains("id=\"verdict\""), "{typed}");
    assert!(yaml(&typed)?.contains("label.stowage.dev/stage: prod"), "{typed}");
    let good = alice.visit(&there("10", "&labels=stage%3Dprod&try=form")).await?.text;
    assert!(good.contains("The cluster would accept this") && good.contains("Nothing was made yet."), "{good}");
    let day = |yaml: &str| yaml.split("created-at").next().map(str::to_owned);
    assert_eq!(day(yaml(&good)?), day(yaml(&typed)?), "what is shown is what would be sent");

    // The namespace's LimitRange, which no rule of the form knows.
    let large = alice.visit(&there("150Gi", "&try=form")).await?;
    assert_eq!(large.status, StatusCode::OK);
    assert!(large.text.contains("This would not be accepted") && large.text.contains("value=\"150Gi\""), "{}", large.text);
    assert!(at(&large.text, "size")?.contains("The largest volume here is 100 Gi."), "{}", large.text);
    assert!(at(&alice.visit(&there("150Gi", "")).await?.text, "size")?.ends_with('>'), "only who asks is told");

    let wrong = alice.visit(&portal.at("/volumes/new?name=&size=10&try=workshop")).await?.text;
    assert!(at(&wrong, "name")?.contains("Enter a name."), "{wrong}");
    assert!(wrong.contains("preset=workshop\" aria-current=\"true\"") || wrong.contains("aria-current=\"true\">Workshop"), "{wrong}");
    assert!(!alice.visit(&portal.at("/volumes")).await?.text.contains(&name), "nothing was made");
    Ok(())
}

#[tokio::test]
async fn a_quota_is_told_as_people_count_and_at_the_size_where_less_would_fit() -> Result<()> {
    let (portal, ground, namespace) = alone().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let rule = |hard: Value| json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "rule"}, "spec": {"hard": hard}});
    let quotas = namespace.path("resourcequotas");
    let counted = |quota: &Value| !quota["status"]["used"].is_null();
    ground.admin().post(&quotas, &rule(json!({"requests.storage": "20Mi"}))).await?;
    ground.admin().wait_until(&format!("{quotas}/rule"), PATIENCE, counted).await?;
    let made = alice.post(&portal.at("/volumes/new"), &form("first", "standard")).await?;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{made:?}");

    let words = "quota allows 20 Mi for all volumes together; 10 Mi are taken, so 10 Mi are left. Enter less";
    let large = [("name", "second"), ("size", "15"), ("unit", "Mi"), ("class", "standard"), ("access", "ReadWriteOnce")];
    let refused = alice.post(&portal.at("/volumes/new"), &large).await?;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(at(&refused.text, "size")?.contains(words), "{}", refused.text);
    let tried = alice.visit(&portal.at("/volumes/new?name=second&size=15&unit=Mi&class=standard&try=form")).await?.text;
    assert!(at(&tried, "size")?.contains(words), "{tried}");
    assert!(!tried.contains("requests.storage") && !refused.text.contains("requests.storage"));

    ground.admin().delete(&format!("{quotas}/rule")).await?;
    ground.admin().post(&quotas, &rule(json!({"count/persistentvolumeclaims": "1"}))).await?;
    ground.admin().wait_until(&format!("{quotas}/rule"), PATIENCE, counted).await?;
    let refused = alice.post(&portal.at("/volumes/new"), &form("second", "standard")).await?;
    assert!(refused.text.contains("quota allows 1 volume; 1 is there. Delete a volume"), "{}", refused.text);
    assert!(!refused.text.contains("count/persistentvolumeclaims"), "{}", refused.text);
    namespace.delete().await?;
    Ok(())
}

/// 2.83
#[tokio::test]
async fn administrators_read_which_right_the_portal_lacks_and_others_whom_to_tell() -> Result<()> {
    let (portal, ground, namespace) = alone().await?;
    let mut alice = Visitor::signed_in(&portal, "alice").await?;
    let mut admin = Visitor::signed_in(&portal, "admin").await?;
    let roles = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles/stowage", namespace.name());
    let read = json!({"apiGroups": [""], "resources": ["persistentvolumeclaims", "pods", "events", "resourcequotas"], "verbs": ["get", "list", "watch"]});
    ground.admin().patch_merge(&roles, &json!({"rules": [read]})).await?;
    let command = format!("kubectl auth can-i create persistentvolumeclaims --namespace {} --as ", namespace.name());
    let tried = portal.at("/volumes/new?name=data&size=10&unit=Mi&class=standard&try=form");
    // The authorizer follows the roles by a watch of its own.
    let told = crate::outages::until(&mut admin, &tried, |_, text| text.contains("The cluster could not be asked")).await?;
    assert!(told.contains("account may not create persistentvolumeclaims") && told.contains(&command), "{told}");
    let refused = admin.post(&portal.at("/volumes/new"), &form("data", "standard")).await?;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text.contains(&command), "{}", refused.text);

    let hers = alice.post(&portal.at("/volumes/new"), &form("data", "standard")).await?;
    assert_eq!(hers.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(hers.text.contains("It is not your fault; tell an administrator"), "{}", hers.text);
    for hidden in ["kubectl auth", "may not create", "serviceaccount"] {
        assert!(!hers.text.contains(hidden), "{hidden}: {}", hers.text);
    }
    namespace.delete().await?;
    Ok(())
}
