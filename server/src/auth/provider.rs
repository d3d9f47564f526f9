//! What does the provider say about itself? Its addresses and signing keys, fetched when needed and remembered.
//!
//! The portal starts without the provider. Each sign-in tries again; one failure answers everybody for two seconds, so that a
//! provider that is down is not asked once per click. A key that is not known is fetched anew, at most once a minute.

use super::http::Http;
use crate::config;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

const REFETCH: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(2);
/// How long a person waits to find out that the provider is away, and how long the answer is remembered.
const PATIENCE: Duration = Duration::from_secs(2);
const STALE: Duration = Duration::from_secs(3600);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Extra {
    pub end_session_endpoint: Option<Url>,
    /// RFC 9207: callbacks name their issuer.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extra {}

pub type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The provider did not answer, or not as a provider does.
#[derive(Debug, Error)]
#[error("the identity provider is not available")]
pub struct Away(#[source] Option<Box<dyn std::error::Error + Send + Sync>>);

pub struct Provider {
    pub settings: config::Oidc,
    pub http: Http,
    known: Mutex<Known>,
    /// Where sign-out leads, for the security headers; known after the first contact.
    sign_out_origin: OnceLock<String>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Instant)>,
    failed: Option<Instant>,
    refetched: Option<Instant>,
    heard: Option<Instant>,
}

impl Provider {
    pub fn new(settings: config::Oidc) -> Result<Self, reqwest::Error> {
        Ok(Self { settings, http: Http::new()?, known: Mutex::default(), sign_out_origin: OnceLock::new() })
    }

    /// From memory, else from the provider. Whoever comes meanwhile waits for the same answer.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, Away> {
        let mut known = self.known.lock().await;
        let within = |time: Option<Instant>, limit| time.is_some_and(|time| time.elapsed() < limit);
        if let Some((metadata, at)) = &known.metadata
            && (at.elapsed() < STALE || within(known.failed, PAUSE))
        {
            return Ok(Arc::clone(metadata));
        }
        if within(known.failed, PAUSE) {
            return Err(Away(None));
        }
        match self.discover().await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                if let Some(url) = &metadata.additional_metadata().end_session_endpoint {
                    let _ = self.sign_out_origin.set(url.origin().ascii_serialization());
                }
                let now = Instant::now();
                *known = Known { metadata: Some((Arc::clone(&metadata), now)), failed: None, refetched: known.refetched, heard: Some(now) };
                Ok(metadata)
            }
            Err(away) => {
                tracing::warn!(error = &away as &dyn std::error::Error, "the identity provider could not be asked");
                known.failed = Some(Instant::now());
                known.metadata.as_ref().map(|(metadata, _)| Arc::clone(metadata)).ok_or(away)
            }
        }
    }

    /// The same, if the provider answers at this moment: nobody is sent to a server that is down.
    pub async fn present(&self) -> Result<Arc<Metadata>, Away> {
        let metadata = self.metadata().await?;
        if self.known.lock().await.heard.is_some_and(|time| time.elapsed() < PATIENCE) {
            return Ok(metadata);
        }
        if !self.http.answers(metadata.jwks_uri().as_str(), PATIENCE).await {
            return Err(Away(None));
        }
        self.known.lock().await.heard = Some(Instant::now());
        Ok(metadata)
    }

    /// Fresh signing keys, for a token signed by a key that is not known. Nothing if they were fetched within the last minute.
    pub async fn fresh_keys(&self) -> Result<Option<Arc<Metadata>>, Away> {
        let mut known = self.known.lock().await;
        let Some((metadata, at)) = known.metadata.clone() else { return Ok(None) };
        if known.refetched.is_some_and(|time| time.elapsed() < REFETCH) {
            return Ok(None);
        }
        known.refetched = Some(Instant::now());
        tracing::info!("fetching the provider's signing keys again");
        let keys = CoreJsonWebKeySet::fetch_async(metadata.jwks_uri(), &self.http).await.map_err(|cause| Away(Some(Box::new(cause))))?;
        let metadata = Arc::new(Metadata::clone(&metadata).set_jwks(keys));
        known.metadata = Some((Arc::clone(&metadata), at));
        Ok(Some(metadata))
    }

    /// Where forms of ours may lead, beside ourselves: signing out posts here and is redirected there.
    pub fn origins(&self) -> String {
        let issuer = Url::parse(&self.settings.issuer).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        match self.sign_out_origin.get() {
            Some(other) if *other != issuer => format!("{issuer} {other}"),
            _ => issuer,
        }
    }

    async fn discover(&self) -> Result<Metadata, Away> {
        let away = |cause: Box<dyn std::error::Error + Send + Sync>| Away(Some(cause));
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|cause| away(Box::new(cause)))?;
        Metadata::discover_async(issuer, &self.http).await.map_err(|cause| away(Box::new(cause)))
    }
}
