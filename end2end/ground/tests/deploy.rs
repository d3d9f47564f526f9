//! Is what an administrator applies taken by the API server, and in force in the ground? Needs `ground up`.

use std::path::Path;
use std::time::Duration;

use ground::{ApiError, Ground, NAMESPACE};
use serde_json::{Value, json};

#[tokio::test]
async fn every_file_of_deploy_is_taken_as_it_is_and_has_no_field_that_the_cluster_does_not_know() {
    let ground = Ground::current().await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")).unwrap() {
        let path = entry.unwrap().path();
        ground.try_apply(&std::fs::read_to_string(&path).unwrap()).await.unwrap_or_else(|cause| panic!("{}: {cause:#}", path.display()));
        files += 1;
    }
    assert!(files >= 5, "{files}");
}

/// Pod security looks at pods, so a Deployment that it would refuse is taken.
#[tokio::test]
async fn the_portals_own_pod_keeps_to_the_restricted_standard() {
    let ground = Ground::current().await.unwrap();
    let namespace = ground.namespace("portal").await.unwrap();
    let files = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/portal.yaml")).unwrap();
    let objects: Vec<Value> = serde_saphyr::from_multiple(&files).unwrap();
    let deployment = objects.into_iter().find(|object| object["kind"] == "Deployment").unwrap();
    let mut spec = deployment["spec"]["template"]["spec"].clone();
    let account = spec["serviceAccountName"].take();
    assert_eq!(account, "stowage");
    spec.as_object_mut().unwrap().remove("serviceAccountName");
    let mut pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "portal" }, "spec": spec });
    let pods = namespace.path("pods?dryRun=All");
    ground.admin().post(&pods, &pod).await.unwrap();
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = true.into();
    assert_eq!(ground.admin().post(&pods, &pod).await.unwrap_err().status(), Some(403));
    namespace.delete().await.unwrap();
}

#[tokio::test]
async fn in_every_work_namespace_of_the_ground_somebody_with_kubectl_cannot_write_the_portals_marks() {
    let ground = Ground::current().await.unwrap();
    let namespace = ground.namespace("marks").await.unwrap();
    for name in [NAMESPACE, namespace.name()] {
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "kim" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit" },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "kim" }],
        });
        let path = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{name}/rolebindings/kim");
        ground.admin().apply(&path, &binding).await.unwrap();
        let kim = ground.admin().acting_as("kim");
        let claims = format!("/api/v1/namespaces/{name}/persistentvolumeclaims");
        let claim = |labels: Value| {
            json!({
                "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "generateName": "kims-", "labels": labels },
                "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Mi" } } },
            })
        };
        let tried = format!("{claims}?dryRun=All");
        // The authorizer follows bindings by a watch of its own.
        let allowed = async {
            while let Err(early) = kim.post(&tried, &claim(json!({}))).await {
                assert_eq!(early.status(), Some(403), "{early}");
            }
        };
        tokio::time::timeout(Duration::from_secs(30), allowed).await.unwrap();
        let refused: ApiError = kim.post(&tried, &claim(json!({ "stowage.dev/owner": "o1-kim" }))).await.unwrap_err();
        assert!(refused.to_string().contains("'stowage-marks'"), "{refused}");
        ground.admin().delete(&path).await.unwrap();
    }
    namespace.delete().await.unwrap();
}
