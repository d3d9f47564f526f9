//! Does the identity provider do what a portal meets elsewhere? Needs `ground up`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use ground::{Ground, sign_in};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-accepted-by-everyone";

/// As much of a portal as signing in needs: it sends people to the provider and keeps what they bring back.
struct Portal {
    base: String,
    issuer: String,
    secret: String,
    callback: Arc<Mutex<Option<Url>>>,
}

impl Portal {
    async fn start(issuer: &str, secret: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let callback = Arc::new(Mutex::new(None));
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER));
        let authorize = Url::parse_with_params(
            &format!("{issuer}/auth"),
            [
                ("client_id", "stowage"),
                ("response_type", "code"),
                ("scope", "openid profile email groups offline_access"),
                ("redirect_uri", &format!("{base}/auth/callback")),
                ("state", "state"),
                ("nonce", "nonce"),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ],
        )
        .unwrap();
        let (kept, origin) = (Arc::clone(&callback), base.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = [0; 8192];
                let length = stream.read(&mut bytes).await.unwrap();
                let request = String::from_utf8_lossy(&bytes[..length]).into_owned();
                let target = request.split(' ').nth(1).unwrap_or_default();
                let answer = if target.starts_with("/auth/login") {
                    format!("303 See Other\r\nlocation: {authorize}")
                } else if target.starts_with("/auth/callback") {
                    *kept.lock().unwrap() = Some(Url::parse(&format!("{origin}{target}")).unwrap());
                    "303 See Other\r\nlocation: /\r\nset-cookie: session=one; HttpOnly; SameSite=Lax".to_owned()
                } else if request.contains("cookie: session=one") {
                    "200 OK".to_owned()
                } else {
                    "401 Unauthorized".to_owned()
                };
                let head = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
            }
        });
        Self { base, issuer: issuer.to_owned(), secret: secret.to_owned(), callback }
    }

    fn brought_back(&self, name: &str) -> Option<String> {
        let callback = self.callback.lock().unwrap();
        callback.as_ref()?.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    async fn token(&self, form: &[(&str, &str)]) -> Value {
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let request = client.post(format!("{}/token", self.issuer)).basic_auth("stowage", Some(&self.secret));
        request.form(form).send().await.unwrap().json().await.unwrap()
    }

    async fn redeem(&self) -> Value {
        let code = self.brought_back("code").unwrap();
        let redirect = format!("{}/auth/callback", self.base);
        let grant = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", &redirect), ("code_verifier", VERIFIER)];
        self.token(&grant).await
    }
}

fn claims(answer: &Value) -> Value {
    let token = answer["id_token"].as_str().unwrap();
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap()
}

#[tokio::test]
async fn people_come_back_signed_in_and_their_id_token_says_who_they_are() {
    let ground = Ground::current().await.unwrap();
    let portal = Portal::start(ground.issuer(), ground.client_secret()).await;
    let mut alice = sign_in(&portal.base, "alice").await.unwrap();
    assert_eq!(alice.cookies()["session"], "one");
    assert_eq!(alice.get("/").await.unwrap().status(), 200);
    assert_eq!(portal.brought_back("iss").as_deref(), Some(ground.issuer()));

    let said = claims(&portal.redeem().await);
    assert_eq!((said["name"].as_str(), said["email"].as_str()), (Some("Alice Nguyen"), Some("alice@example.org")));
    assert_eq!((said["preferred_username"].as_str(), said["nonce"].as_str()), (Some("alice"), Some("nonce")));
    assert!(said.get("groups").is_none());

    sign_in(&portal.base, "admin").await.unwrap();
    let answer = portal.redeem().await;
    assert_eq!(claims(&answer)["groups"], serde_json::json!(["stowage-admins"]));
    let refresh = answer["refresh_token"].as_str().unwrap();
    let fresh = portal.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(claims(&fresh)["name"], "Ada Admin");
}

#[tokio::test]
async fn a_stranger_is_not_let_in() {
    let ground = Ground::current().await.unwrap();
    let portal = Portal::start(ground.issuer(), ground.client_secret()).await;
    let refusal = sign_in(&portal.base, "mallory").await.unwrap_err();
    assert!(format!("{refusal:#}").contains("did not send mallory back"), "{refusal:#}");
}

#[tokio::test]
async fn signing_out_at_the_provider_asks_nothing_and_leads_back() {
    let ground = Ground::current().await.unwrap();
    let portal = Portal::start(ground.issuer(), ground.client_secret()).await;
    let mut browser = ground::Browser::new(&portal.base).unwrap();
    browser.sign_in("bob").await.unwrap();
    let answer = portal.redeem().await;
    let back = format!("{}/auth/signed-out", portal.base);
    let leave = Url::parse_with_params(
        &format!("{}/session/end", ground.issuer()),
        [("id_token_hint", answer["id_token"].as_str().unwrap()), ("post_logout_redirect_uri", &back)],
    )
    .unwrap();
    let (landed, _) = browser.follow(reqwest::Method::GET, leave, None).await.unwrap();
    assert_eq!(landed.as_str(), back);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", answer["refresh_token"].as_str().unwrap())];
    assert_eq!(portal.token(&refresh).await["error"], "invalid_grant");
}

#[tokio::test]
async fn a_provider_of_the_tests_own_misbehaves_as_told() {
    let ground = Ground::current().await.unwrap();
    let own = ground.own_provider(None).await.unwrap();
    let portal = Portal::start(own.issuer(), own.client_secret()).await;
    let spoilt = [
        ("wrong-audience", "aud", "another-client"),
        ("wrong-nonce", "nonce", "another-nonce"),
        ("wrong-issuer", "iss", "https://other.example.org"),
        ("none", "aud", "stowage"),
    ];
    for (mode, claim, value) in spoilt {
        own.misbehave(mode).await.unwrap();
        sign_in(&portal.base, "alice").await.unwrap();
        assert_eq!(claims(&portal.redeem().await)[claim], value, "{mode}");
    }
    own.misbehave("no-iss").await.unwrap();
    sign_in(&portal.base, "alice").await.unwrap();
    assert_eq!(portal.brought_back("iss"), None);
    assert!(own.misbehave("nonsense").await.is_err());
}
