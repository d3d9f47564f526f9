//! Where do browsers find this portal? Asked for redirects, cookies, the same-origin check and the Host check.

use std::str::FromStr;
use url::{Host, Url};

/// Scheme, host and port; the portal lives at the root of its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    authority: String,
    https: bool,
}

impl PublicUrl {
    /// `https://host[:port]`, as browsers write it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// `host[:port]`, as browsers write it in `Host`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The full address of a path that starts with `/`.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Stands in while the configuration is being refused.
    pub(super) fn unusable() -> Self {
        Self { origin: String::new(), authority: String::new(), https: true }
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "must be an address such as https://stowage.example.org".to_owned())?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !bare || url.password().is_some() {
            return Err("must be scheme and host only: the portal lives at the root of its host".to_owned());
        }
        let https = match url.scheme() {
            "https" => true,
            "http" if is_loopback(&url) => false,
            "http" => return Err("must be https: plain http is allowed on loopback only, or cookies could be read on the way".to_owned()),
            _ => return Err("must be an http or https address".to_owned()),
        };
        let origin = url.origin().ascii_serialization();
        let authority = origin.split_once("://").map_or_else(String::new, |(_, rest)| rest.to_owned());
        Ok(Self { origin, authority, https })
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
