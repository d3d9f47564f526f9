//! What does the REST API answer to programs? Asked with a token that was made on the page.

mod misuse;
mod paths;
mod repeats;
mod tasks;

use crate::portal::Portal;
use crate::tokens::token;
use crate::visitor::{Page, Visitor};
use crate::volumes::{Made, unique};
use anyhow::{Context, Result};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// Something that calls with a token.
pub struct Program {
    token: String,
}

impl Program {
    pub async fn of(portal: &Portal, person: &mut Visitor) -> Result<Self> {
        Ok(Self { token: token(portal, person).await? })
    }

    pub async fn signed_in(portal: &Portal, person: &str) -> Result<Self> {
        Self::of(portal, &mut Visitor::signed_in(portal, person).await?).await
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub async fn send(
        &self,
        portal: &Portal,
        method: Method,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Page> {
        Visitor::new()?.send(method, &portal.at(path), |request| with(request.bearer_auth(&self.token))).await
    }

    pub async fn call(&self, portal: &Portal, method: Method, path: &str, body: &Value) -> Result<Page> {
        self.send(portal, method, path, |request| request.json(body)).await
    }

    pub async fn get(&self, portal: &Portal, path: &str) -> Result<Page> {
        self.send(portal, Method::GET, path, |request| request).await
    }

    pub async fn create(&self, portal: &Portal, body: &Value) -> Result<Page> {
        self.call(portal, Method::POST, "/api/volumes/create", body).await
    }

    /// A volume of ten mebibytes with these further fields.
    pub async fn made(&self, portal: &Portal, stem: &str, further: Value) -> Result<Made> {
        let name = unique(stem)?;
        let mut body = json!({"name": name, "size": "10Mi"});
        if let (Some(body), Value::Object(further)) = (body.as_object_mut(), further) {
            body.extend(further);
        }
        let page = self.create(portal, &body).await?;
        assert_eq!(page.status, StatusCode::CREATED, "{page:?}");
        Ok(Made { name, id: read(&page)?["id"].as_str().context("an id")?.to_owned() })
    }

    pub async fn removed(&self, portal: &Portal, made: &Made) -> Result<Page> {
        self.send(portal, Method::DELETE, &format!("/api/volumes/{}?confirm={}", made.id, made.name), |request| request).await
    }
}

pub fn read(page: &Page) -> Result<Value> {
    assert_eq!(page.headers["content-type"], "application/json", "{page:?}");
    Ok(serde_json::from_str(&page.text)?)
}
