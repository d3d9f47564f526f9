//! Has somebody's session at the provider ended? Verifies the message that the provider posts (OpenID Connect Back-Channel Logout 1.0).

use super::oidc::{ALGORITHMS, Failure, LEEWAY};
use super::provider::{Metadata, Provider};
use data_encoding::BASE64URL_NOPAD;
use openidconnect::JsonWebKey;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Messages are made when the session ends; an old one is a replay whatever its expiry says.
const OLDEST: i64 = 600;

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    sub: Option<String>,
    sid: Option<String>,
    iat: i64,
    exp: Option<i64>,
    jti: String,
    events: Map<String, Value>,
    nonce: Option<Value>,
}

/// Whose sessions to end.
#[derive(Debug, PartialEq, Eq)]
pub struct SignedOut {
    pub sub: Option<String>,
    pub sid: Option<String>,
    pub jti: String,
}

pub async fn verify(provider: &Provider, token: &str, now: i64) -> Result<SignedOut, Failure> {
    let (signed, signature) = token.rsplit_once('.').ok_or_else(|| refused("it is no token"))?;
    let (head, body) = signed.split_once('.').ok_or_else(|| refused("it is no token"))?;
    let header: Header = part(head)?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| refused("its signature cannot be read"))?;
    if !ALGORITHMS.contains(&header.alg) || header.crit.is_some() {
        return Err(refused("its kind of signature is not accepted"));
    }
    // Before any key is used, so that a flood of rubbish does not make us ask the provider.
    let claims: Claims = part(body)?;
    let out = check(&header, claims, &provider.settings.issuer, &provider.settings.client_id, now)?;
    let metadata = provider.metadata().await?;
    if is_signed(&metadata, &header, signed, &signature) {
        return Ok(out);
    }
    match provider.fresh_keys().await? {
        Some(fresh) if is_signed(&fresh, &header, signed, &signature) => Ok(out),
        Some(_) | None => Err(refused("it is not signed by the provider")),
    }
}

fn is_signed(metadata: &Metadata, header: &Header, signed: &str, signature: &[u8]) -> bool {
    let named = |key: &&openidconnect::core::CoreJsonWebKey| match (&header.kid, key.key_id()) {
        (Some(wanted), Some(id)) => wanted == id.as_str(),
        (Some(_), None) => false,
        (None, _) => true,
    };
    metadata.jwks().keys().iter().filter(named).any(|key| key.verify_signature(&header.alg, signed.as_bytes(), signature).is_ok())
}

fn check(header: &Header, claims: Claims, issuer: &str, client_id: &str, now: i64) -> Result<SignedOut, Failure> {
    if header
        .typ
        .as_deref()
        .is_some_and(|typ| !matches!(typ.to_ascii_lowercase().as_str(), "logout+jwt" | "application/logout+jwt" | "jwt"))
    {
        return Err(refused("it is another kind of token"));
    }
    let ours = match &claims.aud {
        Value::String(one) => one == client_id,
        Value::Array(all) => !all.is_empty() && all.iter().all(|one| one.as_str() == Some(client_id)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    if claims.iss != issuer || !ours {
        return Err(refused("it is from or for somebody else"));
    }
    let expired = claims.exp.is_some_and(|exp| exp.saturating_add(LEEWAY) <= now);
    if expired || claims.iat > now.saturating_add(LEEWAY) || claims.iat.saturating_add(OLDEST + LEEWAY) < now {
        return Err(refused("it is not from now"));
    }
    if claims.nonce.is_some() || !claims.events.get(EVENT).is_some_and(Value::is_object) {
        return Err(refused("it does not say that a session ended"));
    }
    if claims.sub.is_none() && claims.sid.is_none() {
        return Err(refused("it does not say whose session ended"));
    }
    Ok(SignedOut { sub: claims.sub, sid: claims.sid, jti: claims.jti })
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| refused("it is no token"))?;
    serde_json::from_slice(&bytes).map_err(|_| refused("a claim is missing or of the wrong kind"))
}

fn refused(why: &str) -> Failure {
    Failure::Refused(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn good() -> Value {
        json!({"iss": "https://id", "aud": "us", "sub": "s", "sid": "x", "iat": NOW, "exp": NOW + 120, "jti": "j", "events": {EVENT: {}}})
    }

    fn judge(header: Value, claims: Value) -> bool {
        let (Ok(header), Ok(claims)) = (serde_json::from_value::<Header>(header), serde_json::from_value::<Claims>(claims)) else {
            return false;
        };
        check(&header, claims, "https://id", "us", NOW).is_ok()
    }

    fn with(key: &str, value: Value) -> Value {
        let mut claims = good();
        claims[key] = value;
        claims
    }

    #[test]
    fn a_message_as_the_standard_has_it_is_accepted() {
        assert!(judge(json!({"alg": "RS256", "typ": "logout+jwt"}), good()));
        assert!(judge(json!({"alg": "RS256"}), with("aud", json!(["us"]))));
        assert!(judge(json!({"alg": "RS256"}), with("sid", Value::Null)));
        assert!(judge(json!({"alg": "RS256"}), with("sub", Value::Null)));
    }

    #[test]
    fn c2_037_every_departure_is_refused() {
        for (key, value) in [
            ("iss", json!("https://other")),
            ("aud", json!("them")),
            ("aud", json!(["us", "them"])),
            ("aud", json!([])),
            ("aud", Value::Null),
            ("iat", json!(NOW + 61)),
            ("iat", json!(NOW - 3600)),
            ("iat", Value::Null),
            ("exp", json!(NOW - 60)),
            ("jti", Value::Null),
            ("events", json!({})),
            ("events", json!({"other": {}})),
            ("events", json!({EVENT: "yes"})),
            ("nonce", json!("n")),
        ] {
            assert!(!judge(json!({"alg": "RS256"}), with(key, value.clone())), "{key} {value}");
        }
        let mut nobody = good();
        nobody["sub"] = Value::Null;
        nobody["sid"] = Value::Null;
        assert!(!judge(json!({"alg": "RS256"}), nobody));
        assert!(!judge(json!({"alg": "RS256", "typ": "at+jwt"}), good()));
    }
}
