//! How does a test go through a sign-in step by step? A browser without hands of its own: one request, one answer, cookies by origin.

use crate::portal::Site;
use anyhow::{Context, Result, bail};
use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};
use std::collections::BTreeMap;
use url::Url;

#[derive(Clone)]
pub struct Visitor {
    client: Client,
    jars: BTreeMap<String, BTreeMap<String, String>>,
}

/// What is left of an answer once it has been read.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Visitor {
    pub fn new() -> Result<Self> {
        let client = Client::builder().redirect(redirect::Policy::none()).tls_certs_only([]).no_proxy().build()?;
        Ok(Self { client, jars: BTreeMap::new() })
    }

    /// Somebody who has signed in.
    pub async fn signed_in(portal: &impl Site, user: &str) -> Result<Self> {
        let mut visitor = Self::new()?;
        let callback = visitor.reach_callback(portal, user, "/").await?;
        let page = visitor.visit(callback.as_str()).await?;
        if page.status != StatusCode::SEE_OTHER || visitor.session(portal).is_none() {
            bail!("{user} could not sign in: {page:?}");
        }
        Ok(visitor)
    }

    /// Opens a page, as a click does.
    pub async fn visit(&mut self, url: &str) -> Result<Page> {
        self.send(Method::GET, url, |request| request.header(ACCEPT, "text/html")).await
    }

    /// Asks as a program does.
    pub async fn ask(&mut self, url: &str) -> Result<Page> {
        self.send(Method::GET, url, |request| request.header(ACCEPT, "application/json")).await
    }

    /// Posts a form of the portal's own page.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Result<Page> {
        self.send(Method::POST, url, |request| request.form(fields).header(ACCEPT, "text/html").header("sec-fetch-site", "same-origin"))
            .await
    }

    pub async fn send(&mut self, method: Method, url: &str, with: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Result<Page> {
        let answer = self.open(method, url, with).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Page { status, location, headers, text: answer.text().await? })
    }

    /// The answer before its body has been read.
    pub async fn open(&mut self, method: Method, url: &str, with: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Result<Response> {
        let origin = Url::parse(url)?.origin().ascii_serialization();
        let jar = self.jars.entry(origin).or_default();
        let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = with(self.client.request(method, url));
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let answer = request.send().await?;
        for line in answer.headers().get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).context("a cookie has a name")?;
            if value.is_empty() || line.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    /// Signs in at the provider as far as its answer, which is not opened yet: the callback's address.
    pub async fn reach_callback(&mut self, portal: &impl Site, user: &str, next: &str) -> Result<Url> {
        let there = self.start(portal, next).await?;
        self.through_provider(portal, user, there).await
    }

    /// The first half: the provider's address that the portal sends the browser to.
    pub async fn start(&mut self, portal: &impl Site, next: &str) -> Result<Url> {
        let mut login = Url::parse(&portal.at("/auth/login"))?;
        login.query_pairs_mut().append_pair("next", next);
        let page = self.visit(login.as_str()).await?;
        Ok(Url::parse(page.location.as_deref().with_context(|| format!("the portal does not send to the provider: {page:?}"))?)?)
    }

    /// The second half.
    pub async fn through_provider(&mut self, portal: &impl Site, user: &str, mut url: Url) -> Result<Url> {
        let callback = portal.at("/auth/callback");
        let mut page = self.visit(url.as_str()).await?;
        for _ in 0..12 {
            if let Some(location) = &page.location {
                url = url.join(location)?;
                if url.as_str().starts_with(&callback) {
                    return Ok(url);
                }
                page = self.visit(url.as_str()).await?;
            } else {
                let (_, rest) = page.text.split_once("action=\"").with_context(|| format!("no form at {url}: {page:?}"))?;
                url = url.join(rest.split_once('"').map_or(rest, |(action, _)| action))?;
                page = self.post(url.as_str(), &[("user", user), ("password", "stowage")]).await?;
            }
        }
        bail!("the provider does not come to an end; last at {url}")
    }

    /// The value of the portal's session cookie.
    pub fn session(&self, portal: &impl Site) -> Option<&str> {
        self.jars.get(portal.url())?.get("stowage").map(String::as_str)
    }

    pub fn cookies(&self, portal: &impl Site) -> Vec<&str> {
        self.jars.get(portal.url()).into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    pub fn plant(&mut self, portal: &impl Site, value: &str) {
        self.jars.entry(portal.url().to_owned()).or_default().insert("stowage".to_owned(), value.to_owned());
    }

    /// As one browser that reaches several portals by one address: what one has given is sent to the other as well.
    pub fn goes_on_at(&mut self, from: &impl Site, to: &impl Site) {
        let cookies = self.jars.get(from.url()).cloned().unwrap_or_default();
        self.jars.entry(to.url().to_owned()).or_default().extend(cookies);
    }

    /// As one browser has the cookies of all its tabs.
    pub fn takes_cookies_of(&mut self, tab: Self) {
        for (origin, cookies) in tab.jars {
            self.jars.entry(origin).or_default().extend(cookies);
        }
    }

    /// Does the portal know who this is?
    pub async fn is_known(&mut self, portal: &impl Site) -> Result<bool> {
        let page = self.send(Method::GET, &portal.at("/"), |request| request).await?;
        match page.status {
            StatusCode::OK => Ok(true),
            StatusCode::UNAUTHORIZED => Ok(false),
            other => bail!("the front page answers {other}: {page:?}"),
        }
    }
}
