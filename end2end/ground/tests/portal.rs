//! Does the portal's way in lead where it should, and no further? Needs `ground up`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use ground::{ACCOUNT, FaultProxy, Ground, NAMESPACE, TESTER};
use reqwest::{Certificate, Client};
use serde_json::Value;

/// A client as the portal is one: by its kubeconfig's server, name, authority and token.
async fn status(kubeconfig: &std::path::Path, path: &str) -> reqwest::Result<u16> {
    let config: Value = serde_json::from_slice(&std::fs::read(kubeconfig).unwrap()).unwrap();
    let cluster = &config["clusters"][0]["cluster"];
    let authority = cluster["certificate-authority-data"].as_str().unwrap();
    let authority = data_encoding::BASE64.decode(authority.as_bytes()).unwrap();
    let server: url::Url = cluster["server"].as_str().unwrap().parse().unwrap();
    let name = cluster["tls-server-name"].as_str().unwrap();
    let address = (std::net::Ipv4Addr::LOCALHOST, server.port().unwrap()).into();
    let client = Client::builder()
        .user_agent(TESTER)
        .tls_certs_only([Certificate::from_pem(&authority).unwrap()])
        .resolve(name, address)
        .no_proxy()
        .build()
        .unwrap();
    let token = config["users"][0]["user"]["token"].as_str().unwrap();
    let url = format!("https://{name}:{}{path}", address.port());
    Ok(client.get(url).bearer_auth(token).send().await?.status().as_u16())
}

#[tokio::test]
async fn the_portal_may_do_what_it_does_and_nothing_else() {
    let ground = Ground::current().await.unwrap();
    let namespace = ground.namespace("rights").await.unwrap();
    let allowed = [
        "/apis/storage.k8s.io/v1/storageclasses".to_owned(),
        "/api/v1/persistentvolumes".to_owned(),
        "/api/v1/nodes/localhost/proxy/stats/summary".to_owned(),
        format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims"),
        namespace.path("persistentvolumeclaims"),
        namespace.path("pods"),
        namespace.path("events"),
        namespace.path("resourcequotas"),
        format!("/apis/batch/v1/namespaces/{}/jobs", namespace.name()),
        // What deploy/gpus.yaml grants.
        "/api/v1/nodes".to_owned(),
    ];
    for path in allowed {
        assert_eq!(status(ground.portal_kubeconfig(), &path).await.unwrap(), 200, "{path}");
    }
    let refused = [
        "/api/v1/persistentvolumeclaims".to_owned(),
        "/api/v1/nodes/any".to_owned(),
        namespace.path("secrets"),
        namespace.path("serviceaccounts"),
        namespace.path("limitranges"),
        // They are made, and go with their Jobs.
        namespace.path("services"),
        namespace.path("pods/any/attach"),
        format!("/apis/batch/v1/namespaces/{}/cronjobs", namespace.name()),
        "/api/v1/namespaces/default/persistentvolumeclaims".to_owned(),
    ];
    for path in refused {
        assert_eq!(status(ground.portal_kubeconfig(), &path).await.unwrap(), 403, "{path}");
    }
    namespace.delete().await.unwrap();
}

#[tokio::test]
async fn the_portal_reaches_the_api_server_through_a_proxy_until_it_is_cut() {
    let ground = Ground::current().await.unwrap();
    let proxy = FaultProxy::start(ground.api_address()).await.unwrap();
    let kubeconfig = ground.portal_kubeconfig_via(proxy.address()).unwrap();
    let path = "/apis/storage.k8s.io/v1/storageclasses";
    assert_eq!(status(&kubeconfig, path).await.unwrap(), 200);
    proxy.cut();
    assert!(status(&kubeconfig, path).await.is_err());
    proxy.restore();
    assert_eq!(status(&kubeconfig, path).await.unwrap(), 200);
    std::fs::remove_file(kubeconfig).unwrap();
}

#[tokio::test]
async fn every_request_is_in_the_audit_log_before_its_answer() {
    let ground = Ground::current().await.unwrap();
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods?labelSelector=audit%3D{}", std::process::id());
    assert_eq!(status(ground.portal_kubeconfig(), &path).await.unwrap(), 200);
    let log = std::fs::read_to_string(ground.audit_log()).unwrap();
    // The last line may just be being written, for somebody else's request.
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let seen: Vec<Value> = lines.filter(|line| line["requestURI"] == path.as_str()).collect();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["stage"], "ResponseComplete");
    assert_eq!(seen[0]["user"]["username"], ACCOUNT);
}
