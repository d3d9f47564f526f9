//! How does a test sign in without a browser? By following redirects and keeping cookies, as a browser would.
use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use reqwest::header::{COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use url::Url;

/// What each of the identity provider's people has.
const PASSWORD: &str = "stowage";
const MOST_REDIRECTS: usize = 12;

/// One person's browser, signed in at the portal. It does not follow redirects of `get` and `post_form`, so that a
/// test sees the portal's own answer.
#[derive(Debug, Clone)]
pub struct Browser {
    client: Client,
    portal: Url,
    /// By origin, unlike a real browser's: ports keep portal and provider apart here, as hosts do elsewhere.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// Signs `user` (alice, bob or admin) in at the portal, through the identity provider's form.
pub async fn sign_in(portal: &str, user: &str) -> Result<Browser> {
    let mut browser = Browser::new(portal)?;
    let landed = browser.sign_in(user).await.with_context(|| format!("{user} could not sign in at {portal}"))?;
    let status = landed.status();
    if status.is_client_error() || status.is_server_error() {
        let said = landed.text().await?;
        bail!("{user} signed in, but the portal answers {status}: {}", said.chars().take(500).collect::<String>());
    }
    Ok(browser)
}

impl Browser {
    /// Nobody's browser: without any cookie.
    pub fn new(portal: &str) -> Result<Self> {
        crate::api::install_cryptography();
        let client = Client::builder().redirect(redirect::Policy::none()).tls_certs_only([]).no_proxy().build()?;
        let portal = Url::parse(portal).with_context(|| format!("{portal} is not an address"))?;
        Ok(Self { client, portal, cookies: BTreeMap::new() })
    }

    /// From `/auth/login` to where the portal lets the person in. The answer is that of the last page.
    pub async fn sign_in(&mut self, user: &str) -> Result<Response> {
        let login = self.portal.join("/auth/login")?;
        let (page, form) = self.follow(Method::GET, login, None).await?;
        if page.origin() == self.portal.origin() {
            // The provider knew this browser and asked for nothing.
            return Ok(form);
        }
        let html = form.text().await?;
        let action = html.split_once("<form").and_then(|(_, rest)| rest.split_once("action=\""));
        let action = action.and_then(|(_, rest)| rest.split_once('"')).map(|(action, _)| action);
        let action = page.join(action.with_context(|| format!("{page} shows no form: {html}"))?)?;
        let (landed, answer) = self.follow(Method::POST, action, Some(&[("user", user), ("password", PASSWORD)])).await?;
        if landed.origin() != self.portal.origin() {
            bail!("the provider did not send {user} back, but answered {} at {landed}", answer.status());
        }
        Ok(answer)
    }

    /// `path` of the portal, with the person's cookies.
    pub async fn get(&mut self, path: &str) -> Result<Response> {
        let url = self.portal.join(path)?;
        self.send(self.client.get(url.clone()), &url).await
    }

    /// Posts as a form on one of the portal's own pages does.
    pub async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let url = self.portal.join(path)?;
        let request = self.client.post(url.clone()).form(fields);
        let origin = self.portal.origin().ascii_serialization();
        self.send(request.header(ORIGIN, origin).header("sec-fetch-site", "same-origin"), &url).await
    }

    /// Any request to the portal with the person's cookies, for headers and bodies of the test's own.
    pub async fn request(&mut self, method: Method, path: &str, with: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Result<Response> {
        let url = self.portal.join(path)?;
        self.send(with(self.client.request(method, url.clone())), &url).await
    }

    /// What the browser would send the portal as `Cookie`.
    pub fn cookie_header(&self) -> String {
        self.cookies_for(&self.portal)
    }

    /// The portal's cookies by name.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.get(&self.portal.origin().ascii_serialization()).cloned().unwrap_or_default()
    }

    /// Follows redirects, also between origins, to the first answer that is none.
    pub async fn follow(&mut self, method: Method, url: Url, form: Option<&[(&str, &str)]>) -> Result<(Url, Response)> {
        let mut request = self.client.request(method, url.clone());
        if let Some(form) = form {
            request = request.form(form).header(ORIGIN, url.origin().ascii_serialization());
        }
        let (mut url, mut answer) = (url.clone(), self.send(request, &url).await?);
        for _ in 0..MOST_REDIRECTS {
            let Some(location) = answer.headers().get(LOCATION).filter(|_| answer.status().is_redirection()) else {
                return Ok((url, answer));
            };
            url = url.join(location.to_str()?)?;
            answer = self.send(self.client.get(url.clone()), &url).await?;
        }
        bail!("more than {MOST_REDIRECTS} redirects, the last to {url}")
    }

    fn cookies_for(&self, url: &Url) -> String {
        let jar = self.cookies.get(&url.origin().ascii_serialization());
        let pairs = jar.into_iter().flatten().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    async fn send(&mut self, mut request: RequestBuilder, url: &Url) -> Result<Response> {
        let cookies = self.cookies_for(url);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        let response = request.send().await.with_context(|| format!("no answer from {url}"))?;
        keep(self.cookies.entry(url.origin().ascii_serialization()).or_default(), response.headers());
        Ok(response)
    }
}

/// A cookie that is empty or has no time left is deleted.
fn keep(jar: &mut BTreeMap<String, String>, headers: &HeaderMap) {
    for line in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
        let mut parts = line.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
        let expired = parts.any(|part| {
            let part = part.to_ascii_lowercase();
            part.strip_prefix("max-age=").is_some_and(|age| age == "0" || age.starts_with('-'))
                || part.starts_with("expires=thu, 01 jan 1970")
        });
        if expired || value.is_empty() {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_cookie_is_gone() {
        let mut jar = BTreeMap::new();
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, "session=a=b; Path=/; HttpOnly".parse().unwrap());
        headers.append(SET_COOKIE, "login=x; Max-Age=600".parse().unwrap());
        keep(&mut jar, &headers);
        assert_eq!(jar["session"], "a=b");
        headers.clear();
        headers.append(SET_COOKIE, "login=x; Max-Age=0; Path=/".parse().unwrap());
        keep(&mut jar, &headers);
        assert_eq!(jar.len(), 1);
    }
}
