//! What do the admission policies of `deploy/policies.yaml` refuse, and to whom? Each refusal is seen to be theirs: without them the same
//! is accepted.

mod taken_over;

use crate::{
    people::{ISSUER, PATIENCE, Portal, key, until, volume_is, wish},
    tasks::plan,
};
use cluster::Mode;
use domain::{
    owner::Principal,
    secret::SecretSpec,
    task::{FromSecret, TaskState},
    volume::{Handover, Words},
};
use ground::{ACCOUNT, Api, ApiError};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, interval};

/// A portal in a namespace where no policy is in force yet, and somebody who may edit everything in it with kubectl.
async fn unguarded() -> (Portal, Api) {
    let portal = Portal::start().await;
    let namespace = format!("/api/v1/namespaces/{}", portal.namespace.name());
    portal.admin().patch_merge(&namespace, &json!({"metadata": {"labels": {"stowage.dev/work": null}}})).await.unwrap();
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "kim"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "kim"}]
    });
    let bindings = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings", portal.namespace.name());
    portal.admin().post(&bindings, &binding).await.unwrap();
    let kim = portal.admin().acting_as("kim");
    let marked = claim("marked", json!({"stowage.dev/owner": "x"}), json!({}), json!({}));
    settles(|| tried(&kim, &portal, "persistentvolumeclaims", &marked), Result::is_ok).await;
    (portal, kim)
}

struct Policies(Vec<String>);

impl Policies {
    /// In force when this returns.
    async fn of(portal: &Portal) -> Self {
        let paths = portal.ground.apply_policies(&portal.namespace).await.unwrap();
        let (kim, account) = (portal.admin().acting_as("kim"), portal.admin().acting_as(ACCOUNT));
        let marked = claim("marked", json!({"stowage.dev/owner": "x"}), json!({}), json!({}));
        settles(|| tried(&kim, portal, "persistentvolumeclaims", &marked), |answer| by(answer, "stowage-marks")).await;
        let nobodys = claim("nobodys", json!({}), json!({}), json!({}));
        settles(|| tried(&account, portal, "persistentvolumeclaims", &nobodys), |answer| by(answer, "stowage-volumes")).await;
        let empty = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "nobodys"}, "spec": {"clusterIP": "None"}});
        settles(|| tried(&account, portal, "services", &empty), |answer| by(answer, "stowage-services")).await;
        let pods = json!({"restartPolicy": "Never", "containers": [{"name": "x", "image": "x"}]});
        let nobodys = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"}, "spec": {"template": {"spec": pods}}});
        settles(|| tried(&account, portal, "jobs", &nobodys), |answer| by(answer, "stowage-tasks")).await;
        let nobodys = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "nobodys"}});
        settles(|| tried(&account, portal, "secrets", &nobodys), |answer| by(answer, "stowage-secrets")).await;
        let (kind, metadata) = ("NetworkPolicy", json!({"name": "nobodys"}));
        let nobodys = json!({"apiVersion": "networking.k8s.io/v1", "kind": kind, "metadata": metadata, "spec": {"podSelector": {}}});
        settles(|| tried(&account, portal, "networkpolicies", &nobodys), |answer| by(answer, "stowage-peers")).await;
        Self(paths)
    }

    async fn end(self, portal: Portal) {
        for path in &self.0 {
            portal.admin().delete(path).await.unwrap();
        }
        portal.end().await;
    }
}

type Answer = Result<Value, ApiError>;

fn by(answer: &Answer, policy: &str) -> bool {
    answer.as_ref().is_err_and(|refused| refused.to_string().contains(&format!("'{policy}-")))
}

/// The API server follows policies, namespaces and bindings by watches of its own.
async fn settles<F: Future<Output = Answer>>(ask: impl Fn() -> F, is_so: impl Fn(&Answer) -> bool) {
    let (start, mut pace) = (Instant::now(), interval(Duration::from_millis(50)));
    loop {
        pace.tick().await;
        let answer = ask().await;
        if is_so(&answer) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{answer:?}");
    }
}

fn collection(portal: &Portal, resource: &str) -> String {
    match resource {
        "jobs" => format!("/apis/batch/v1/namespaces/{}/jobs", portal.namespace.name()),
        "networkpolicies" => format!("/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies", portal.namespace.name()),
        _ => portal.namespace.path(resource),
    }
}

/// Whether this could be created; nothing is.
async fn tried(who: &Api, portal: &Portal, resource: &str, object: &Value) -> Answer {
    who.post(&format!("{}?dryRun=All", collection(portal, resource)), object).await
}

fn claim(name: &str, labels: Value, annotations: Value, spec: Value) -> Value {
    let mut claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "labels": labels, "annotations": annotations},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": {"requests": {"storage": "1Mi"}}}
    });
    for (field, value) in spec.as_object().unwrap() {
        claim["spec"][field] = value.clone();
    }
    claim
}

#[tokio::test]
async fn p2_somebody_with_kubectl_takes_no_volume_and_makes_nothing_with_the_portals_marks() {
    let (portal, kim) = unguarded().await;
    let alice = portal.alice();
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let kims = key("kim");
    let ours = json!({"stowage.dev/owner": kims});
    let changes = [
        json!({"labels": ours, "annotations": {"stowage.dev/owner-iss": ISSUER, "stowage.dev/owner-sub": "kim"}}),
        json!({"labels": ours}),
        json!({"labels": {"stowage.dev/owner": null}}),
        json!({"labels": null}),
        json!({"labels": {"volume-id": "abcdefgh"}}),
        json!({"labels": {"volume-name": "mine"}}),
        json!({"labels": {"username": "kim"}}),
        json!({"labels": {"skypilot-volume": null}}),
        json!({"annotations": {"stowage.dev/owner-sub": "kim"}}),
        json!({"annotations": {"stowage.dev/owner-iss": null}}),
        json!({"annotations": {"stowage.dev/mount-path": "/etc"}}),
        json!({"annotations": null}),
    ];
    let pod = json!({"restartPolicy": "Never", "containers": [{
        "name": "task", "image": ground::BUSYBOX,
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}
    }], "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}});
    let job = |labels: &Value, of_pods: &Value| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "kims", "labels": labels},
               "spec": {"template": {"metadata": {"labels": of_pods}, "spec": pod}}})
    };
    let object = |kind: &str, further: Value| {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "kims", "labels": ours}});
        object.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
        object
    };
    let forged = [
        ("persistentvolumeclaims", claim("kims", ours.clone(), json!({}), json!({}))),
        ("persistentvolumeclaims", claim("kims", json!({}), json!({"stowage.dev/owner-sub": "alice"}), json!({}))),
        ("pods", object("Pod", json!({"spec": pod}))),
        ("jobs", job(&ours, &json!({}))),
        ("jobs", job(&json!({}), &ours)),
        ("services", object("Service", json!({"spec": {"clusterIP": "None"}}))),
        ("configmaps", object("ConfigMap", json!({}))),
        ("secrets", object("Secret", json!({}))),
    ];
    let hers = portal.claim(&made);
    let changed = |change: &Value| {
        let (kim, path, patch) = (kim.clone(), format!("{hers}?dryRun=All"), json!({"metadata": change}));
        async move { kim.patch_merge(&path, &patch).await }
    };
    for change in &changes {
        changed(change).await.unwrap_or_else(|refused| panic!("without the policies {change} is accepted: {refused}"));
    }
    for (resource, object) in &forged {
        tried(&kim, &portal, resource, object).await.unwrap_or_else(|refused| panic!("without the policies: {refused}"));
    }

    let policies = Policies::of(&portal).await;
    for change in &changes {
        let answer = changed(change).await;
        assert!(by(&answer, "stowage-marks"), "{change}: {answer:?}");
        assert_eq!(answer.unwrap_err().status(), Some(403));
    }
    for (resource, object) in &forged {
        let answer = tried(&kim, &portal, resource, object).await;
        assert!(by(&answer, "stowage-marks"), "{resource} {object}: {answer:?}");
    }
    // What is not the portal's is kim's: own labels of a volume, claims of other tools, Jobs and their pods.
    changed(&json!({"labels": {"label.stowage.dev/stage": "prod", "backup": "daily"}})).await.unwrap();
    let names = json!({"skypilot-volume": "true", "volume-id": "abcdefgh", "volume-name": "kims", "username": "kim"});
    kim.post(&collection(&portal, "persistentvolumeclaims"), &claim("kims", names, json!({}), json!({}))).await.unwrap();
    let rename = json!({"metadata": {"labels": {"volume-name": "other"}}});
    kim.patch_merge(&portal.namespace.path("persistentvolumeclaims/kims"), &rename).await.unwrap();
    kim.post(&collection(&portal, "jobs"), &job(&json!({}), &json!({}))).await.unwrap();
    let done = |job: &Value| job["status"]["succeeded"] == 1;
    portal.admin().wait_until(&format!("{}/kims", collection(&portal, "jobs")), PATIENCE, done).await.unwrap();
    // Nor does anything else make pods with them in kim's name.
    let deployment = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "kims"}, "spec": {
        "replicas": 1, "selector": {"matchLabels": {"app": "kims"}}, "template": {
            "metadata": {"labels": {"app": "kims", "stowage.dev/owner": kims}},
            "spec": {"containers": pod["containers"], "securityContext": pod["securityContext"]}}}});
    let sets = format!("/apis/apps/v1/namespaces/{}/replicasets", portal.namespace.name());
    kim.post(&sets, &deployment).await.unwrap();
    let refused = |set: &Value| set["status"]["conditions"].to_string().contains("written by the portal alone");
    portal.admin().wait_until(&format!("{sets}/kims"), PATIENCE, refused).await.unwrap();

    assert_eq!(alice.volume(&made.id).unwrap().volume.uid, made.uid);
    policies.end(portal).await;
}

#[tokio::test]
async fn under_the_policies_the_portal_and_administrators_work_as_ever() {
    let (portal, kim) = unguarded().await;
    let before = claim("before", json!({}), json!({}), json!({}));
    let before = kim.post(&collection(&portal, "persistentvolumeclaims"), &before).await.unwrap();
    let policies = Policies::of(&portal).await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let made = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let words = Words { description: Some("cats".to_owned()), ..Words::default() };
    alice.owned_volume(&made.id).await.unwrap().describe(&made.uid, &words).await.unwrap();

    let task = alice.submit(&plan("good", "echo done")).await.unwrap();
    let mut two = plan("two", "echo done");
    two.spec.nodes = 2;
    let two = alice.submit(&two).await.unwrap();
    let mut secret = SecretSpec { name: "s3".parse().unwrap(), values: vec![("ID".parse().unwrap(), "one".to_owned().into())] };
    let put = alice.create_secret(&secret).await.unwrap();
    secret.values[0].1 = "two".to_owned().into();
    let put = alice.replace_secret(&secret, &put.uid).await.unwrap();
    let mut reads = plan("reads", "[ \"$A\" = two ]");
    reads.spec.secrets = vec![FromSecret::read("A".parse().unwrap(), "s3/ID").unwrap()];
    let reads = alice.submit(&reads).await.unwrap();
    for task in [task, two, reads] {
        let over = || alice.task(&task.id).ok().filter(|detail| detail.task.state == TaskState::Succeeded).map(drop);
        until(alice.changes(), "the task has succeeded", over).await;
        alice.owned_task(&task.id).await.unwrap().delete(&task.uid).await.unwrap();
    }

    alice.delete_secret(&put.name, &put.uid).await.unwrap();

    // A claim without labels is found and adopted, and what the storage does to claims goes on.
    let root = portal.cluster.as_user(crate::people::person("root", true)).admin().unwrap();
    assert!(root.unclaimed().await.unwrap().iter().any(|volume| volume.claim == "before"));
    let to = Handover { name: "before".parse().unwrap(), principal: Principal::new(ISSUER, "bob").unwrap(), username: "bob".into() };
    let uid = before["metadata"]["uid"].as_str().unwrap();
    root.adopt(&"before".parse().unwrap(), uid, &to, Mode::Do).await.unwrap();
    let adopted = bob.volumes().unwrap().pop().unwrap();
    let pod = ground::Work::Nothing;
    portal.admin().start_pod(portal.namespace.name(), "first", &[("before", "/data")], &[], pod).await.unwrap();
    volume_is(&bob, &adopted, "its storage is there", |volume| volume.status.phase() == "Bound").await;
    let refused = kim.patch_merge(&portal.claim(&adopted), &json!({"metadata": {"labels": {"stowage.dev/owner": key("kim")}}})).await;
    assert!(by(&refused, "stowage-marks"), "{refused:?}");
    // Whoever may do everything in the cluster may write marks, to bring back what was lost.
    let relabelled =
        json!({"metadata": {"labels": {"stowage.dev/owner": key("alice")}, "annotations": {"stowage.dev/owner-sub": "alice"}}});
    portal.admin().patch_merge(&portal.claim(&adopted), &relabelled).await.unwrap();

    alice.owned_volume(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    policies.end(portal).await;
}
