//! What can the portal's account never do, and what can the accounts of tasks do at all? The API server itself is asked
//! (`kubectl auth can-i`). Needs `ground up`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use ground::{ACCOUNT, Api, Ground, NAMESPACE};
use serde_json::{Value, json};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const READ: [&str; 3] = ["get", "list", "watch"];
const WRITE: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

async fn may(api: &Api, verb: &str, group: &str, resource: &str, namespace: &str) -> bool {
    let (resource, part) = resource.split_once('/').unwrap_or((resource, ""));
    let about = json!({ "verb": verb, "group": group, "resource": resource, "subresource": part, "namespace": namespace });
    let review =
        json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": { "resourceAttributes": about } });
    let answer: Value = api.post(REVIEWS, &review).await.unwrap();
    answer["status"]["allowed"].as_bool().unwrap()
}

/// Group, resource and verbs, wherever it is.
fn never() -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
    let all = || [&READ[..], &WRITE[..], &["*"]].concat();
    let (rbac, authentication) = ("rbac.authorization.k8s.io", "authentication.k8s.io");
    vec![
        ("*", "*", all()),
        ("", "*", all()),
        // Everything but create and delete: they are written and never read.
        ("", "secrets", vec!["get", "list", "watch", "update", "patch", "deletecollection", "*"]),
        ("", "configmaps", vec!["watch", "update", "patch", "deletecollection", "*"]),
        ("", "serviceaccounts", [all(), vec!["impersonate"]].concat()),
        ("", "serviceaccounts/token", vec!["create"]),
        ("", "users", vec!["impersonate"]),
        ("", "groups", vec!["impersonate"]),
        (authentication, "uids", vec!["impersonate"]),
        (rbac, "roles", [all(), vec!["escalate", "bind"]].concat()),
        (rbac, "clusterroles", [all(), vec!["escalate", "bind"]].concat()),
        (rbac, "rolebindings", all()),
        (rbac, "clusterrolebindings", all()),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies", all()),
        ("admissionregistration.k8s.io", "validatingadmissionpolicybindings", all()),
        ("certificates.k8s.io", "certificatesigningrequests", all()),
        // Its `list` is what deploy/gpus.yaml grants, which may be left away.
        ("", "nodes", [vec!["get", "watch", "*"], WRITE.to_vec()].concat()),
        ("networking.k8s.io", "networkpolicies", vec!["get", "list", "watch", "update", "patch", "delete", "deletecollection", "*"]),
        // Its `get` is what deploy/usage.yaml grants, which may be left away.
        ("", "nodes/proxy", [vec!["list", "watch", "*"], WRITE.to_vec()].concat()),
        ("", "persistentvolumes", [vec!["get", "watch", "*"], WRITE.to_vec()].concat()),
        ("storage.k8s.io", "storageclasses", [vec!["*"], WRITE.to_vec()].concat()),
        ("", "namespaces", all()),
        ("", "pods", vec!["create", "update", "patch", "deletecollection", "*"]),
        ("", "pods/exec", [vec!["list", "watch", "*"], WRITE[1..].to_vec()].concat()),
        ("", "pods/attach", vec!["get", "create"]),
        ("", "pods/portforward", vec!["get", "create"]),
        ("", "pods/proxy", vec!["get", "create"]),
        ("", "pods/ephemeralcontainers", vec!["get", "update", "patch"]),
        ("", "services", vec!["get", "list", "watch", "update", "patch", "delete", "deletecollection", "*"]),
        ("", "services/proxy", vec!["get", "create"]),
        ("", "persistentvolumeclaims", vec!["update", "deletecollection", "*"]),
        ("batch", "jobs", vec!["update", "deletecollection", "*"]),
        ("batch", "cronjobs", all()),
        ("apps", "deployments", all()),
        ("authorization.k8s.io", "subjectaccessreviews", vec!["create"]),
        // The right that the admission policies ask for; the portal passes by its name.
        ("stowage.dev", "marks", vec!["write"]),
    ]
}

#[tokio::test]
async fn the_portals_account_can_do_nothing_of_what_is_never_granted() {
    let ground = Ground::current().await.unwrap();
    let portal = ground.admin().acting_as(ACCOUNT);
    assert!(may(&portal, "list", "", "persistentvolumeclaims", NAMESPACE).await, "the question is understood");
    for namespace in [NAMESPACE, "stowage-system", "kube-system", ""] {
        for (group, resource, verbs) in never() {
            for verb in verbs {
                assert!(!may(&portal, verb, group, resource, namespace).await, "{verb} {group}/{resource} in {namespace:?}");
            }
        }
    }
    for namespace in ["stowage-system", "kube-system", "default", ""] {
        for (group, resource) in
            [("", "persistentvolumeclaims"), ("", "pods"), ("", "pods/log"), ("", "pods/exec"), ("", "events"), ("batch", "jobs")]
        {
            for verb in [&READ[..], &WRITE[..]].concat() {
                assert!(!may(&portal, verb, group, resource, namespace).await, "{verb} {group}/{resource} in {namespace:?}");
            }
        }
    }
}

#[tokio::test]
async fn tasks_have_no_rights_at_all() {
    let ground = Ground::current().await.unwrap();
    for account in ["default", "stowage-task"] {
        let task = ground.admin().acting_as(&format!("system:serviceaccount:{NAMESPACE}:{account}"));
        let granted = ["persistentvolumeclaims", "pods", "pods/log", "pods/exec", "services", "events", "resourcequotas"]
            .map(|resource| ("", resource));
        let further = [("batch", "jobs"), ("storage.k8s.io", "storageclasses"), ("", "persistentvolumes"), ("", "nodes/proxy")];
        let all = || [&READ[..], &WRITE[..]].concat();
        let everything = granted.into_iter().chain(further).map(|(group, resource)| (group, resource, all())).chain(never());
        for (group, resource, verbs) in everything {
            for verb in verbs {
                assert!(!may(&task, verb, group, resource, NAMESPACE).await, "{account}: {verb} {group}/{resource}");
            }
        }
    }
}
