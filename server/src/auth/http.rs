//! How does the portal speak to the identity provider? No redirects, ten seconds, one mebibyte: whatever it answers.

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use thiserror::Error;

const DEADLINE: Duration = Duration::from_secs(10);
const LARGEST: usize = 1 << 20;

#[derive(Debug, Error)]
pub enum HttpError {
    #[error("the request to the provider failed")]
    Request(#[from] reqwest::Error),
    #[error("the provider's answer could not be rebuilt")]
    Answer(#[from] http::Error),
    #[error("the provider's answer is larger than {LARGEST} bytes")]
    TooLarge,
}

#[derive(Clone, Debug)]
pub struct Http(reqwest::Client);

impl Http {
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().redirect(Policy::none()).timeout(DEADLINE).connect_timeout(Duration::from_secs(5));
        client.user_agent(concat!("stowage/", env!("CARGO_PKG_VERSION"))).build().map(Self)
    }

    /// Does anything answer at this address? For a person who waits.
    pub async fn answers(&self, url: &str, within: Duration) -> bool {
        self.0.get(url).timeout(within).send().await.is_ok_and(|answer| !answer.status().is_server_error())
    }

    async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut copy = http::Response::builder().status(answer.status());
        if let Some(headers) = copy.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await? {
            if body.len() + part.len() > LARGEST {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(copy.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetch(request))
    }
}
