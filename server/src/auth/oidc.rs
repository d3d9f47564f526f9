//! Who does the provider say this is? The code flow with PKCE, and everything that must hold for an id token.

use super::cookie::{LOGIN_SECONDS, Login};
use super::provider::{Away, Metadata, Provider};
use super::session::Person;
use domain::owner::{OwnerKey, Principal, username_label};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, Client, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken, IdTokenClaims, IdTokenFields,
    IdTokenVerifier, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use thiserror::Error;
use url::Url;

/// How far the provider's clock may be from ours, in seconds, both ways.
pub const LEEWAY: i64 = 60;

/// Asymmetric only: with a shared secret, whoever knows the client's secret could sign in as anybody.
pub const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

#[derive(Debug, Error)]
pub enum Failure {
    /// The provider's fault: down, slow, or not making sense.
    #[error("the provider did not complete the sign-in")]
    Provider(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What came back proves nothing.
    #[error("the sign-in was refused: {0}")]
    Refused(String),
}

impl From<Away> for Failure {
    fn from(away: Away) -> Self {
        Self::Provider(Box::new(away))
    }
}

/// Claims beside the standard ones; which one lists groups is configured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OtherClaims(HashMap<String, Value>);

impl AdditionalClaims for OtherClaims {}

type Jwe = CoreJweContentEncryptionAlgorithm;
type Token = IdToken<OtherClaims, CoreGenderClaim, Jwe, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;
type Fields = IdTokenFields<OtherClaims, EmptyExtraTokenFields, CoreGenderClaim, Jwe, CoreJwsSigningAlgorithm>;
type Answer = StandardTokenResponse<Fields, CoreTokenType>;
type PortalClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    Jwe,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

fn client(provider: &Provider, metadata: &Metadata, callback: &str) -> Result<PortalClient, Failure> {
    let settings = &provider.settings;
    let secret = ClientSecret::new(settings.client_secret.reveal().to_owned());
    let redirect = RedirectUrl::new(callback.to_owned()).map_err(|cause| Failure::Provider(Box::new(cause)))?;
    let client: PortalClient = Client::from_provider_metadata(metadata.clone(), ClientId::new(settings.client_id.clone()), Some(secret))
        .set_redirect_uri(redirect);
    let body_only = metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| {
        !methods.contains(&CoreClientAuthMethod::ClientSecretBasic) && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
    });
    Ok(if body_only { client.set_auth_type(AuthType::RequestBody) } else { client })
}

/// Where to send the browser, the state that names the sign-in, and what to remember of it.
pub async fn start(provider: &Provider, callback: &str, next: &str, now: i64) -> Result<(Url, String, Login), Failure> {
    let metadata = provider.present().await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let client = client(provider, &metadata, callback)?;
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let scopes = provider.settings.scopes.iter().filter(|scope| *scope != "openid").map(|scope| Scope::new(scope.clone()));
    let (url, state, nonce) = client
        .authorize_url(flow, || CsrfToken::new_random_len(32), || Nonce::new_random_len(32))
        .add_scopes(scopes)
        .set_pkce_challenge(challenge)
        .url();
    let login =
        Login { nonce: nonce.secret().clone(), verifier: verifier.into_secret(), next: next.to_owned(), until: now + LOGIN_SECONDS };
    Ok((url, state.into_secret(), login))
}

/// Exchanges the code and checks the id token.
pub async fn finish(provider: &Provider, callback: &str, code: String, login: &Login, now: i64) -> Result<Person, Failure> {
    let metadata = provider.metadata().await?;
    let client = client(provider, &metadata, callback)?;
    let away = |cause: Box<dyn std::error::Error + Send + Sync>| Failure::Provider(cause);
    let answer = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|cause| away(Box::new(cause)))?
        .set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()))
        .request_async(&provider.http)
        .await
        .map_err(|error| match &error {
            RequestTokenError::ServerResponse(answer) if *answer.error() == CoreErrorResponseType::InvalidGrant => {
                Failure::Refused("the provider does not know this code".to_owned())
            }
            RequestTokenError::ServerResponse(_)
            | RequestTokenError::Request(_)
            | RequestTokenError::Parse(..)
            | RequestTokenError::Other(_) => away(Box::new(error)),
        })?;
    let token = answer.id_token().ok_or_else(|| Failure::Refused("there is no id token".to_owned()))?;
    let nonce = Nonce::new(login.nonce.clone());
    let (metadata, claims) = match verify(provider, &metadata, token, &nonce) {
        Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
        )) => {
            let fresh = provider.fresh_keys().await?.unwrap_or(metadata);
            let claims = verify(provider, &fresh, token, &nonce);
            (fresh, claims)
        }
        verified => (metadata, verified),
    };
    let claims = claims.map_err(|cause| Failure::Refused(cause.to_string()))?;
    in_time(claims.issue_time().timestamp(), claims.expiration().timestamp(), now).map_err(Failure::Refused)?;
    if let Some(expected) = claims.access_token_hash() {
        let verifier = verifier(provider, &metadata);
        let hash = token
            .signing_alg()
            .and_then(|algorithm| token.signing_key(&verifier).map(|key| (algorithm, key)))
            .map(|(algorithm, key)| AccessTokenHash::from_token(answer.access_token(), algorithm, key));
        if !hash.is_ok_and(|hash| hash.is_ok_and(|hash| hash == *expected)) {
            return Err(Failure::Refused("the access token is another one than the id token speaks of".to_owned()));
        }
    }
    person(provider, claims, token.to_string())
}

fn verifier(provider: &Provider, metadata: &Metadata) -> IdTokenVerifier<'static, CoreJsonWebKey> {
    let client_id = ClientId::new(provider.settings.client_id.clone());
    let issuer: IssuerUrl = metadata.issuer().clone();
    // Times are ours to check, with leeway: the library has none.
    IdTokenVerifier::new_public_client(client_id, issuer, metadata.jwks().clone())
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(Default::default)
}

fn verify<'t>(provider: &Provider, metadata: &Metadata, token: &'t Token, nonce: &Nonce) -> Result<&'t Claims, ClaimsVerificationError> {
    token.claims(&verifier(provider, metadata), nonce)
}

/// Not expired, not from the future, and made for this sign-in rather than hours ago.
fn in_time(issued: i64, expires: i64, now: i64) -> Result<(), String> {
    if expires.saturating_add(LEEWAY) <= now {
        return Err("the id token has expired".to_owned());
    }
    if issued > now.saturating_add(LEEWAY) {
        return Err("the id token is from the future".to_owned());
    }
    if issued.saturating_add(LOGIN_SECONDS + LEEWAY) < now {
        return Err("the id token is older than the sign-in".to_owned());
    }
    Ok(())
}

fn person(provider: &Provider, claims: &Claims, id_token: String) -> Result<Person, Failure> {
    let settings = &provider.settings;
    let principal = Principal::new(&settings.issuer, claims.subject().as_str()).map_err(|cause| Failure::Refused(cause.to_string()))?;
    let other = &claims.additional_claims().0;
    let name = claims.name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let preferred = claims.preferred_username().map(|name| name.as_str());
    let email = claims.email().map(|email| email.as_str());
    let username = username_label(preferred.or(email).unwrap_or_default(), &OwnerKey::of(&principal));
    let shown = name.or(preferred).or(email).unwrap_or(&username);
    let groups = groups(other.get(&settings.groups_claim));
    Ok(Person {
        name: shown.chars().filter(|c| !c.is_control()).take(100).collect(),
        username,
        admin: is_member(&groups, &settings.admin_group),
        // Some people are in thousands: those that nothing asks for are not kept.
        groups: groups.into_iter().filter(|group| settings.class_groups.contains(group)).collect(),
        sid: other.get("sid").and_then(Value::as_str).map(str::to_owned),
        principal,
        id_token,
    })
}

/// An array of names, byte for byte. Anything else is no group at all.
fn groups(claim: Option<&Value>) -> Vec<String> {
    match claim.map(|claim| claim.as_array().ok_or(claim)) {
        None => Vec::new(),
        Some(Ok(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Err(_)) => {
            tracing::warn!("the groups claim is not a list; it counts as no groups");
            Vec::new()
        }
    }
}

fn is_member(groups: &[String], group: &str) -> bool {
    !group.is_empty() && groups.iter().any(|name| name == group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn c1_013_a_token_counts_within_a_minute_of_its_times() {
        let now = 1_800_000_000;
        assert!(in_time(now - 100, now - 61, now).is_err());
        assert!(in_time(now - 100, now - 59, now).is_ok());
        assert!(in_time(now + 59, now + 900, now).is_ok());
        assert!(in_time(now + 61, now + 900, now).is_err());
        assert!(in_time(now - 36_000, now + 900, now).is_err());
    }

    #[test]
    fn c1_016_only_a_list_with_the_exact_name_makes_an_administrator() {
        let is_admin = |groups: Value| is_member(&super::groups(Some(&groups)), "stowage-admins");
        assert!(is_admin(json!(["a", "stowage-admins"])));
        for not in [
            json!("stowage-admins"),
            json!(["stowage-admins "]),
            json!(["Stowage-Admins"]),
            json!(["/stowage-admins"]),
            json!([["stowage-admins"]]),
            json!({"stowage-admins": true}),
            json!([{"name": "stowage-admins"}]),
            json!([]),
            json!(null),
        ] {
            assert!(!is_admin(not.clone()), "{not}");
        }
        let many: Vec<String> = (0..5000).map(|n| format!("group-{n}")).collect();
        assert!(!is_admin(json!(many)));
        assert!(!is_member(&super::groups(None), "stowage-admins"));
        assert!(!is_member(&super::groups(Some(&json!([""]))), ""), "an empty setting names no group");
    }
}
