//! Does the portal know what its account may do? Three accounts: as shipped, with too little, with too much.

use cluster::{Cluster, Options};
use domain::rights::Standing;
use ground::{Api, Ground, Namespace};
use serde_json::{Value, json};
use std::path::PathBuf;

const ROLES: &str = "/apis/rbac.authorization.k8s.io/v1";

/// A service account of this name with these rules in the namespace alone, and a kubeconfig of its own.
async fn account(admin: &Api, ground: &Ground, namespace: &Namespace, name: &str, rules: &Value) -> PathBuf {
    let accounts = namespace.path("serviceaccounts");
    admin.post(&accounts, &json!({"metadata": {"name": name}})).await.unwrap();
    let place = format!("{ROLES}/namespaces/{}", namespace.name());
    admin.post(&format!("{place}/roles"), &json!({"metadata": {"name": name}, "rules": rules})).await.unwrap();
    let binding = json!({"metadata": {"name": name}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace.name()}]});
    admin.post(&format!("{place}/rolebindings"), &binding).await.unwrap();
    let token = admin.post(&format!("{accounts}/{name}/token"), &json!({"spec": {}})).await.unwrap();
    let mut kubeconfig: Value = serde_json::from_slice(&std::fs::read(ground.portal_kubeconfig()).unwrap()).unwrap();
    *kubeconfig.pointer_mut("/users/0/user").unwrap() = json!({"token": token["status"]["token"]});
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", namespace.name()));
    std::fs::write(&file, kubeconfig.to_string()).unwrap();
    file
}

/// What is found once it is as awaited: the authorizer hears of new roles a moment later.
async fn review(kubeconfig: PathBuf, namespace: &Namespace, holds: impl Fn(&Standing) -> bool) -> Standing {
    let options = Options { kubeconfig: Some(kubeconfig), namespace: namespace.name().to_owned(), ..Options::default() };
    let cluster = Cluster::connect(options).await.unwrap();
    assert_eq!(cluster.standing(), None);
    for _ in 0..1000 {
        let standing = cluster.review_rights(true).await.unwrap();
        assert_eq!(cluster.standing().as_ref(), Some(&standing));
        if holds(&standing) {
            return standing;
        }
    }
    panic!("{:?}", cluster.standing())
}

fn names(standing: &Standing) -> (Vec<String>, Vec<String>) {
    (standing.missing.iter().map(ToString::to_string).collect(), standing.dangerous().map(ToString::to_string).collect())
}

#[tokio::test]
async fn the_rights_of_the_account_are_known_exactly_too_few_or_too_many() {
    let ground = Ground::current().await.unwrap();
    let namespace = ground.namespace("rights").await.unwrap();
    let admin = ground.admin();
    let shipped = review(ground.portal_kubeconfig().to_owned(), &namespace, |standing| standing.missing.is_empty()).await;
    assert_eq!(shipped.dangerous().count(), 0, "{shipped:?}");

    let reads = json!([{"apiGroups": [""], "resources": ["persistentvolumeclaims"], "verbs": ["get", "list", "watch"]}]);
    let few = account(admin, &ground, &namespace, "few", &reads).await;
    let held = |standing: &Standing| !names(standing).0.contains(&"list persistentvolumeclaims".to_owned());
    let (missing, dangerous) = names(&review(few, &namespace, held).await);
    for right in
        ["create persistentvolumeclaims", "create jobs.batch", "get pods/log", "list storageclasses.storage.k8s.io", "get nodes/proxy"]
    {
        assert!(missing.contains(&right.to_owned()), "{right}: {missing:?}");
    }
    assert!(!missing.contains(&"get persistentvolumeclaims".to_owned()) && dangerous.is_empty(), "{missing:?} {dangerous:?}");

    let too_much = json!([
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
        {"apiGroups": ["batch"], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]},
        {"apiGroups": [""], "resources": ["endpoints"], "verbs": ["get"]},
    ]);
    let many = account(admin, &ground, &namespace, "many", &too_much).await;
    let standing = review(many, &namespace, |standing| !standing.excess.is_empty()).await;
    let excess: Vec<_> = standing.excess.iter().map(ToString::to_string).collect();
    assert_eq!(excess, ["* *.batch", "get endpoints", "get secrets", "impersonate serviceaccounts"]);
    assert_eq!(names(&standing).1, ["* *.batch", "get secrets", "impersonate serviceaccounts"]);
    assert!(!names(&standing).0.contains(&"create jobs.batch".to_owned()), "all of a kind is enough for one");
    namespace.delete().await.unwrap();
}
