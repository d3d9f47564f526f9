//! How does a test get id tokens that no honest provider gives? From a provider of its own, in this process, that signs what it is told to.

use crate::portal::{Place, Portal, Site, Trust};
use crate::visitor::{Page, Visitor};
use anyhow::{Context, Result, anyhow};
use axum::extract::{Form, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::BASE64URL_NOPAD;
use ground::Ground;
use reqwest::StatusCode;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use url::Url;

pub const CLIENT: &str = "stowage";
pub const SECRET: &str = "a secret that the client and the provider share";

/// The id of the key that the provider publishes.
pub const KEY: &str = "published";

/// Signs with ES256.
pub struct Signer(EcdsaKeyPair);

impl Signer {
    pub fn new() -> Result<Self> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| anyhow!("no key"))?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).map_err(|_| anyhow!("no key"))?;
        Ok(Self(pair))
    }

    /// A token with exactly this header and these claims.
    pub fn token(&self, header: &Value, claims: &Value) -> Result<String> {
        let text = unsigned(header, claims);
        let signature = self.0.sign(&SystemRandom::new(), text.as_bytes()).map_err(|_| anyhow!("not signed"))?;
        Ok(format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref())))
    }

    /// The public key: 0x04, then both coordinates.
    pub fn point(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// The public key as a JSON Web Key (RFC 7518, section 6.2).
    pub fn jwk(&self, id: &str) -> Value {
        let (x, y) = self.point()[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y)})
    }
}

/// What a signature is made over.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// A token that is signed with a secret which both sides know (HS256).
pub fn by_secret(secret: &[u8], claims: &Value) -> String {
    let text = unsigned(&json!({"alg": "HS256", "typ": "JWT"}), claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
}

/// The same claims with one of them changed, or taken away with null.
pub fn with(mut claims: Value, name: &str, value: &Value) -> Value {
    match (claims.as_object_mut(), value) {
        (Some(claims), Value::Null) => drop(claims.remove(name)),
        (Some(claims), value) => drop(claims.insert(name.to_owned(), value.clone())),
        (None, _) => {}
    }
    claims
}

#[expect(clippy::disallowed_methods, reason = "tests have no clock of their own to hand in")]
pub fn now() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}

pub struct Issuer {
    pub url: String,
    pub signer: Signer,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Which id token is given for a code.
    tokens: Mutex<HashMap<String, String>>,
    /// The paths that it was asked for.
    asked: Mutex<Vec<String>>,
}

impl Issuer {
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (signer, shared) = (Signer::new()?, Arc::new(Shared::default()));
        let about = json!({
            "issuer": url, "authorization_endpoint": format!("{url}/authorize"), "token_endpoint": format!("{url}/token"),
            "jwks_uri": format!("{url}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        let keys = json!({"keys": [signer.jwk(KEY)]});
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(async move || Json(about)))
            .route("/keys", get(async move || Json(keys)))
            .route("/token", post(token))
            .layer(from_fn_with_state(Arc::clone(&shared), note))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, signer, shared })
    }

    /// A portal that trusts this provider.
    pub async fn portal(&self, settings: &[(&'static str, &str)]) -> Result<Portal> {
        self.portal_at(Place::free().await?, settings).await
    }

    pub async fn portal_at(&self, place: Place, settings: &[(&'static str, &str)]) -> Result<Portal> {
        place.portal(&Ground::current().await?, self.trust(), settings).await
    }

    pub fn trust(&self) -> Trust {
        Trust { issuer: self.url.clone(), client_secret: SECRET.to_owned() }
    }

    /// The header of a token as agreed.
    pub fn header(&self) -> Value {
        json!({"alg": "ES256", "kid": KEY})
    }

    /// The claims of a token as agreed, for the sign-in that was sent to this address.
    pub fn claims(&self, there: &Url) -> Result<Value> {
        let now = now()?;
        Ok(json!({
            "iss": self.url, "aud": CLIENT, "sub": "carol", "name": "Carol Diaz", "preferred_username": "carol",
            "iat": now, "exp": now + 300, "nonce": parameter(there, "nonce")?,
        }))
    }

    /// The address at which the browser brings back a code for this token.
    pub fn callback(&self, portal: &impl Site, there: &Url, token: String) -> Result<Url> {
        let state = parameter(there, "state")?;
        let code = format!("code-of-{state}");
        self.shared.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), token);
        let mut callback = Url::parse(&portal.at("/auth/callback"))?;
        callback.query_pairs_mut().append_pair("state", &state).append_pair("code", &code);
        Ok(callback)
    }

    /// A whole sign-in with the token that is made from the claims as agreed.
    pub async fn sign_in(&self, portal: &impl Site, visitor: &mut Visitor, token: impl FnOnce(Value) -> Result<String>) -> Result<Page> {
        let there = visitor.start(portal, "/").await?;
        let callback = self.callback(portal, &there, token(self.claims(&there)?)?)?;
        visitor.visit(callback.as_str()).await
    }

    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A value of the address that a sign-in was sent to.
fn parameter(there: &Url, name: &str) -> Result<String> {
    let found = there.query_pairs().find(|(other, _)| other == name);
    Ok(found.with_context(|| format!("no {name} in {there}"))?.1.into_owned())
}

async fn note(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> axum::response::Response {
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.uri().path().to_owned());
    next.run(request).await
}

/// A failure for a code that was given for no token.
async fn token(State(shared): State<Arc<Shared>>, Form(sent): Form<HashMap<String, String>>) -> Result<Json<Value>, StatusCode> {
    let code = sent.get("code").map(String::as_str).unwrap_or_default();
    let token = shared.tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(code);
    let token = token.ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(json!({"access_token": "unused", "token_type": "Bearer", "expires_in": 300, "refresh_token": "never-used", "id_token": token})))
}
