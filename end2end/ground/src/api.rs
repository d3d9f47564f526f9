//! How does a test speak to the API server? In plain paths and JSON, as the administrator.
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use reqwest::{Certificate, Identity, Method, RequestBuilder};
use serde_json::Value;
use tokio::time::Instant;

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("{method} {path}: {status} {reason}: {message}")]
    Refused { method: Method, path: String, status: u16, reason: String, message: String },
    #[error("{method} {path} was not answered")]
    Unanswered {
        method: Method,
        path: String,
        #[source]
        cause: reqwest::Error,
    },
    #[error("{path} was not as awaited within {} s; it was {last}", deadline.as_secs())]
    Late { path: String, deadline: Duration, last: Value },
}

impl ApiError {
    /// The answer's status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Unanswered { .. } | Self::Late { .. } => None,
        }
    }

    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }
}

/// Every path is as in `kubectl get --raw`: `/api/v1/namespaces/...`, with a query if wanted.
#[derive(Debug, Clone)]
pub struct Api {
    client: reqwest::Client,
    server: String,
    /// Whom the administrator acts as.
    acting_as: Option<String>,
}

/// reqwest has no cryptography of its own. The process may have chosen the same already, which is as good.
pub(crate) fn install_cryptography() {
    let _chosen_already = rustls::crypto::ring::default_provider().install_default();
}

impl Api {
    pub(crate) fn new(address: SocketAddr, authority: &Path, certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        install_cryptography();
        let read = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
        let identity = Identity::from_pem(&[read(certificate)?, read(key)?].concat())?;
        let client =
            reqwest::Client::builder().tls_certs_only([Certificate::from_pem(&read(authority)?)?]).identity(identity).no_proxy().build()?;
        Ok(Self { client, server: format!("https://{address}"), acting_as: None })
    }

    /// The same as somebody else, with no more rights than they have.
    pub fn acting_as(&self, user: &str) -> Self {
        Self { acting_as: Some(user.to_owned()), ..self.clone() }
    }

    async fn send(&self, method: Method, path: &str, with: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Result<String, ApiError> {
        let unanswered = |cause| ApiError::Unanswered { method: method.clone(), path: path.to_owned(), cause };
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.server));
        if let Some(user) = &self.acting_as {
            request = request.header("impersonate-user", user);
        }
        let response = with(request).send().await.map_err(unanswered)?;
        let status = response.status();
        let body = response.text().await.map_err(unanswered)?;
        if status.is_success() {
            return Ok(body);
        }
        let said: Value = serde_json::from_str(&body).unwrap_or_default();
        let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
        let message = if said.is_object() { text("message") } else { body };
        Err(ApiError::Refused { method, path: path.to_owned(), status: status.as_u16(), reason: text("reason"), message })
    }

    async fn send_json(&self, method: Method, path: &str, with: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Result<Value, ApiError> {
        let body = self.send(method, path, with).await?;
        Ok(serde_json::from_str(&body).unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> Result<Value, ApiError> {
        self.send_json(Method::GET, path, |request| request).await
    }

    /// As plain text: logs, `/readyz`, metrics.
    pub async fn get_text(&self, path: &str) -> Result<String, ApiError> {
        self.send(Method::GET, path, |request| request).await
    }

    /// The items of a list.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, ApiError> {
        let mut list = self.get(path).await?;
        match list["items"].take() {
            Value::Array(items) => Ok(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Ok(Vec::new()),
        }
    }

    pub async fn post(&self, path: &str, object: &Value) -> Result<Value, ApiError> {
        self.send_json(Method::POST, path, |request| request.json(object)).await
    }

    /// Server-side apply by field manager `ground`.
    pub async fn apply(&self, path: &str, object: &Value) -> Result<Value, ApiError> {
        self.apply_with(path, "fieldManager=ground&force=true", object).await
    }

    /// Whether the API server would apply this, and knows all of its fields.
    pub async fn try_apply(&self, path: &str, object: &Value) -> Result<Value, ApiError> {
        self.apply_with(path, "fieldManager=ground&force=true&fieldValidation=Strict&dryRun=All", object).await
    }

    async fn apply_with(&self, path: &str, query: &str, object: &Value) -> Result<Value, ApiError> {
        let path = format!("{path}?{query}");
        self.send_json(Method::PATCH, &path, |request| request.header("content-type", "application/apply-patch+yaml").json(object)).await
    }

    pub async fn patch_merge(&self, path: &str, patch: &Value) -> Result<Value, ApiError> {
        self.send_json(Method::PATCH, path, |request| request.header("content-type", "application/merge-patch+json").json(patch)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value, ApiError> {
        self.send_json(Method::DELETE, path, |request| request).await
    }

    /// The object at `path` once `holds` says so. While there is none, `holds` is asked about `Value::Null`.
    pub async fn wait_until(&self, path: &str, deadline: Duration, holds: impl Fn(&Value) -> bool) -> Result<Value, ApiError> {
        let start = Instant::now();
        let mut look = tokio::time::interval(Duration::from_millis(50));
        loop {
            look.tick().await;
            let object = match self.get(path).await {
                Err(absent) if absent.is_not_found() => Value::Null,
                answer => answer?,
            };
            if holds(&object) {
                return Ok(object);
            }
            if start.elapsed() > deadline {
                return Err(ApiError::Late { path: path.to_owned(), deadline, last: object });
            }
        }
    }
}
