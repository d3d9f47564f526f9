//! Does the portal's account use exactly the rights that it ships with? The API server's audit log says what it did.
use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::layout::Layout;
use crate::manifests;

/// How the audit log calls the portal.
pub const ACCOUNT: &str = "system:serviceaccount:stowage-system:stowage";
/// What tests say they are when they act as the portal without being it.
pub const TESTER: &str = "ground-test";

/// One thing that can be done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Right {
    group: String,
    /// With its subresource: `pods/log`.
    resource: String,
    verb: String,
    in_namespace: bool,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = if self.group.is_empty() { "core" } else { &self.group };
        let place = if self.in_namespace { "in its namespace" } else { "cluster-wide" };
        write!(f, "{:<17} {:<24} {:<24} {place}", self.verb, group, self.resource)
    }
}

/// What was found, to be printed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rights {
    used: BTreeSet<Right>,
    granted: BTreeSet<Right>,
    /// Granted, and refused in a namespace whose Role nobody touched.
    refused: BTreeSet<String>,
    whole: bool,
}

impl Rights {
    fn missing(&self) -> impl Iterator<Item = &Right> {
        self.used.difference(&self.granted)
    }

    fn idle(&self) -> impl Iterator<Item = &Right> {
        self.granted.difference(&self.used)
    }

    pub fn agree(&self) -> bool {
        self.refused.is_empty() && self.missing().next().is_none() && !(self.whole && self.idle().next().is_some())
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = |title: &str, lines: Vec<String>| {
            if lines.is_empty() { Ok(()) } else { writeln!(f, "{title}\n  {}", lines.join("\n  ")) }
        };
        let text = |right: &Right| right.to_string();
        table("The portal used what deploy/ does not grant:", self.missing().map(text).collect())?;
        if self.whole {
            table("deploy/ grants what the portal did not use:", self.idle().map(text).collect())?;
        }
        table("The portal was refused what deploy/ grants:", self.refused.iter().cloned().collect())?;
        let verdict = if self.agree() { "used and granted agree" } else { "used and granted differ; the differences are above" };
        write!(f, "{} rights granted, {} of them used: {verdict}", self.granted.len(), self.granted.len() - self.idle().count())
    }
}

/// Reads the audit log of this ground. `whole`: what was not used should not be granted.
pub fn compare(layout: &Layout, whole: bool) -> Result<Rights> {
    let path = layout.audit_log();
    let log = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    found(&log, &manifests::shipped_rights()?, whole).with_context(|| format!("in {}", path.display()))
}

fn found(log: &str, shipped: &[Value], whole: bool) -> Result<Rights> {
    let mut found = Rights { granted: granted(shipped)?, whole, ..Rights::default() };
    // The last line may just be being written.
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let touched: BTreeSet<&str> = lines.iter().filter(|line| takes_rights(line)).map(namespace).collect();
    for line in lines.iter().filter(|line| line["user"]["username"] == ACCOUNT && line["userAgent"] != TESTER) {
        let right = asked(line);
        // Everybody may ask what they may do (`system:basic-user`).
        if right.resource.starts_with("selfsubject") {
            continue;
        }
        let forbidden = line["annotations"]["authorization.k8s.io/decision"] == "forbid";
        if forbidden && found.granted.contains(&right) && !touched.contains(namespace(line)) {
            found.refused.insert(format!("{right}: {}", text(&line["requestURI"])));
        }
        // A stream into a pod is logged as `get`, and allowed with `create` only beside it
        // (kubernetes, feature AuthorizePodWebsocketUpgradeCreatePermission, from 1.35).
        if right.resource == "pods/exec" && right.verb == "get" {
            found.used.insert(Right { verb: "create".to_owned(), ..right.clone() });
        }
        found.used.insert(right);
    }
    if found.used.is_empty() {
        bail!("the audit log holds nothing that the portal did");
    }
    Ok(found)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn namespace(line: &Value) -> &str {
    text(&line["objectRef"]["namespace"])
}

/// A test took the portal's rights away, or the namespace is going. The ground itself only ever applies them.
fn takes_rights(line: &Value) -> bool {
    let changes = ["update", "patch", "delete", "deletecollection"].contains(&text(&line["verb"]));
    let object = &line["objectRef"];
    let ours = ["roles", "rolebindings"].contains(&text(&object["resource"])) && ["", "stowage"].contains(&text(&object["name"]));
    changes && ours && !text(&line["requestURI"]).contains("fieldManager=ground")
}

fn asked(line: &Value) -> Right {
    let object = &line["objectRef"];
    let (resource, part) = (text(&object["resource"]), text(&object["subresource"]));
    let resource = match (resource, part) {
        // Not an object: `/version`.
        ("", _) => text(&line["requestURI"]).split('?').next().unwrap_or_default().to_owned(),
        (resource, "") => resource.to_owned(),
        (resource, part) => format!("{resource}/{part}"),
    };
    Right {
        group: text(&object["apiGroup"]).to_owned(),
        resource,
        verb: text(&line["verb"]).to_owned(),
        in_namespace: !namespace(line).is_empty(),
    }
}

fn granted(shipped: &[Value]) -> Result<BTreeSet<Right>> {
    let mut rights = BTreeSet::new();
    for role in shipped {
        let in_namespace = match text(&role["kind"]) {
            "Role" => true,
            "ClusterRole" => false,
            _ => continue,
        };
        for rule in role["rules"].as_array().context("a role without rules")? {
            let words = |name: &str| rule[name].as_array().with_context(|| format!("a rule without {name}: {rule}"));
            for group in words("apiGroups")? {
                for resource in words("resources")? {
                    for verb in words("verbs")? {
                        let [group, resource, verb] = [group, resource, verb].map(|word| text(word).to_owned());
                        if [&group, &resource, &verb].iter().any(|word| word.contains('*')) {
                            bail!("a rule grants everything of something: {rule}");
                        }
                        rights.insert(Right { group, resource, verb, in_namespace });
                    }
                }
            }
        }
    }
    Ok(rights)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(verb: &str, resource: &str, namespace: &str) -> Value {
        json!({
            "verb": verb, "user": { "username": ACCOUNT }, "requestURI": format!("/api/v1/{resource}?x"),
            "objectRef": { "resource": resource, "namespace": namespace, "apiVersion": "v1" },
            "annotations": { "authorization.k8s.io/decision": "allow" },
        })
    }

    fn refused(mut line: Value) -> Value {
        line["annotations"]["authorization.k8s.io/decision"] = "forbid".into();
        line
    }

    fn role(verbs: &[&str]) -> Vec<Value> {
        vec![json!({ "kind": "Role", "rules": [{ "apiGroups": [""], "resources": ["pods"], "verbs": verbs }] })]
    }

    fn compared(lines: &[Value], verbs: &[&str], whole: bool) -> Rights {
        let log: String = lines.iter().map(|line| format!("{line}\n")).collect();
        found(&log, &role(verbs), whole).unwrap()
    }

    #[test]
    fn what_is_used_and_not_granted_differs_and_so_does_what_is_granted_and_not_used() {
        let used = [line("get", "pods", "work"), line("list", "pods", "work")];
        assert!(compared(&used, &["get", "list"], true).agree());
        let less = compared(&used, &["get"], true);
        assert!(!less.agree() && less.to_string().contains("does not grant:\n  list "), "{less}");
        let more = compared(&used, &["get", "list", "delete"], true);
        assert!(!more.agree() && more.to_string().contains("did not use:\n  delete "), "{more}");
        assert!(compared(&used, &["get", "list", "delete"], false).agree(), "not everything was tried");
    }

    #[test]
    fn a_right_is_for_a_namespace_or_for_the_cluster_and_for_one_part() {
        assert!(!compared(&[line("list", "pods", "")], &["list"], false).agree());
        let mut log = line("get", "pods", "work");
        log["objectRef"]["subresource"] = "log".into();
        assert!(!compared(&[log], &["get"], false).agree());
        let version = json!({ "verb": "get", "user": { "username": ACCOUNT }, "requestURI": "/version?x" });
        assert!(compared(&[version], &["get"], false).to_string().contains(" /version "));
    }

    #[test]
    fn a_stream_into_a_pod_uses_two_rights_and_is_logged_as_one() {
        let mut exec = line("get", "pods", "work");
        exec["objectRef"]["subresource"] = "exec".into();
        let told = compared(&[exec], &[], true).to_string();
        assert!(told.contains(" create ") && told.contains(" get "), "{told}");
    }

    #[test]
    fn a_refusal_counts_unless_a_test_took_the_right_away() {
        let refusal = refused(line("get", "pods", "work"));
        assert!(!compared(std::slice::from_ref(&refusal), &["get"], false).agree());
        let mut taken = line("patch", "roles", "work");
        taken["user"]["username"] = "ground-admin".into();
        taken["objectRef"]["name"] = "stowage".into();
        assert!(compared(&[refusal.clone(), taken.clone()], &["get"], false).agree());
        taken["requestURI"] = "/roles/stowage?fieldManager=ground&force=true".into();
        assert!(!compared(&[refusal.clone(), taken], &["get"], false).agree());
        let mut of_another = line("delete", "rolebindings", "work");
        of_another["objectRef"]["name"] = "kim".into();
        assert!(!compared(&[refusal.clone(), of_another], &["get"], false).agree());
        let never_granted = refused(line("get", "secrets", "work"));
        assert!(!compared(std::slice::from_ref(&never_granted), &["get"], false).agree());
        let mut test = never_granted;
        test["userAgent"] = TESTER.into();
        assert!(compared(&[test, line("get", "pods", "work")], &["get"], false).agree());
    }

    #[test]
    fn nothing_is_granted_by_a_star() {
        assert!(granted(&role(&["*"])).is_err());
        assert!(!granted(&manifests::shipped_rights().unwrap()).unwrap().is_empty());
    }

    #[test]
    fn an_empty_log_proves_nothing() {
        assert!(found("", &role(&["get"]), false).is_err());
    }
}
