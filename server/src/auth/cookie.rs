//! What does the browser carry? Names, attributes, and the sealed cookie that a sign-in under way travels in.
//!
//! One cookie per sign-in, named after its state: people open several tabs. Nothing is stored for people who have not signed in, so a
//! flood of started sign-ins fills no disk.

use crate::config::PublicUrl;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use http::{HeaderMap, HeaderValue, header};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long a person may take at the provider.
pub const LOGIN_SECONDS: i64 = 600;
/// More than this many sign-ins under way in one browser are an accident or an attack: the old ones are dropped.
const MOST_LOGINS: usize = 5;
/// Of their names and values together: servers and proxies refuse requests with long headers, and then the browser is locked out.
const MOST_LOGIN_BYTES: usize = 4096;

#[derive(Clone, Debug)]
pub struct Cookies {
    prefix: &'static str,
    secure: &'static str,
}

impl Cookies {
    /// Browsers refuse `__Host-` and `Secure` over plain http, which is allowed on loopback only.
    pub fn new(public_url: &PublicUrl) -> Self {
        if public_url.is_https() { Self { prefix: "__Host-", secure: "; Secure" } } else { Self { prefix: "", secure: "" } }
    }

    pub fn session(&self) -> String {
        format!("{}stowage", self.prefix)
    }

    fn logins(&self) -> String {
        format!("{}stowage-login-", self.prefix)
    }

    pub fn login(&self, state: &str) -> String {
        format!("{}{}", self.logins(), HEXLOWER.encode(&Sha256::digest(state)[..8]))
    }

    /// How a list is liked: no secret, and no authority.
    pub fn taste(&self, everybody: bool) -> String {
        format!("{}stowage-view{}", self.prefix, if everybody { "-all" } else { "" })
    }

    pub fn set(&self, name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
        let secure = self.secure;
        HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")).ok()
    }

    pub fn drop(&self, name: &str) -> Option<HeaderValue> {
        self.set(name, "", 0)
    }

    /// The sign-ins to forget before another one starts.
    pub fn too_many_logins(&self, headers: &HeaderMap) -> Vec<String> {
        let start = self.logins();
        let logins: Vec<_> = pairs(headers).filter(|(name, _)| name.starts_with(&start)).collect();
        let bytes: usize = logins.iter().map(|(name, value)| name.len() + value.len()).sum();
        if logins.len() < MOST_LOGINS && bytes <= MOST_LOGIN_BYTES {
            return Vec::new();
        }
        logins.into_iter().map(|(name, _)| name.to_owned()).collect()
    }
}

/// The value of a cookie; nothing if it is there twice, for then somebody else has set one of them.
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = pairs(headers).filter(|(other, _)| *other == name).map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// A sign-in that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub nonce: String,
    pub verifier: String,
    pub next: String,
    /// Seconds since 1970.
    pub until: i64,
}

/// Encrypts and authenticates: the browser can neither read nor change what it carries.
pub struct Seal(LessSafeKey);

impl Seal {
    pub fn new(key: &[u8; 32]) -> Option<Self> {
        UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Bound to its state: under another name it does not open.
    pub fn close(&self, state: &str, login: &Login) -> Option<String> {
        let mut text = serde_json::to_vec(login).ok()?;
        let nonce: [u8; NONCE_LEN] = rand::random();
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(state), &mut text).ok()?;
        Some(BASE64URL_NOPAD.encode(&[nonce.as_slice(), &text].concat()))
    }

    pub fn open(&self, state: &str, value: &str, now: i64) -> Option<Login> {
        let mut bytes = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.0.open_in_place(nonce, Aad::from(state), text).ok()?;
        serde_json::from_slice::<Login>(text).ok().filter(|login| now < login.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        Login { nonce: "n".into(), verifier: "v".into(), next: format!("/{}", "a".repeat(511)), until: 100 }
    }

    #[test]
    fn a_sealed_sign_in_opens_once_in_time_for_its_state_and_key_only() {
        let seal = Seal::new(&[7; 32]).unwrap();
        let value = seal.close("state", &login()).unwrap();
        assert!(value.len() < 1000, "several have to fit into one request: {}", value.len());
        assert_eq!(seal.open("state", &value, 99), Some(login()));
        assert_eq!(seal.open("state", &value, 100), None);
        assert_eq!(seal.open("other", &value, 99), None);
        assert_eq!(Seal::new(&[8; 32]).unwrap().open("state", &value, 99), None);
        for bad in ["", "AAAA", "not base64!", &value[..value.len() - 4], &format!("AAAA{}", &value[4..])] {
            assert_eq!(seal.open("state", bad, 99), None, "{bad}");
        }
    }

    #[test]
    fn names_and_attributes_follow_the_public_address() {
        let https = Cookies::new(&"https://s.example".parse().unwrap());
        assert_eq!(https.session(), "__Host-stowage");
        assert!(https.login("x").starts_with("__Host-stowage-login-"));
        assert_eq!([https.taste(false), https.taste(true)], ["__Host-stowage-view", "__Host-stowage-view-all"]);
        assert_eq!(https.set("a", "b", 5).unwrap(), "a=b; Path=/; Max-Age=5; HttpOnly; SameSite=Lax; Secure");
        let http = Cookies::new(&"http://127.0.0.1:1".parse().unwrap());
        assert_eq!(http.session(), "stowage");
        assert_eq!(http.drop("a").unwrap(), "a=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn sign_ins_that_are_many_or_long_are_all_forgotten() {
        let cookies = Cookies::new(&"http://127.0.0.1:1".parse().unwrap());
        let forgotten = |count: usize, length: usize| {
            let mut headers = HeaderMap::new();
            headers.append(header::COOKIE, HeaderValue::from_static("stowage=x; other=y"));
            for n in 0..count {
                let line = format!("stowage-login-{n:016x}={}", "v".repeat(length));
                headers.append(header::COOKIE, HeaderValue::from_str(&line).unwrap());
            }
            cookies.too_many_logins(&headers).len()
        };
        assert_eq!(forgotten(4, 900), 0);
        assert_eq!(forgotten(5, 1), 5, "another one would be the sixth");
        assert_eq!(forgotten(1, 4066), 0);
        assert_eq!(forgotten(1, 4067), 1, "one byte over 4 KB");
        assert_eq!(forgotten(2, 3000), 2);
    }

    #[test]
    fn c2_034_a_cookie_that_is_there_twice_counts_as_absent() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; b=2"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=3"));
        assert_eq!(value(&headers, "a"), Some("1"));
        assert_eq!(value(&headers, "b"), None);
        assert_eq!(value(&headers, "c"), None);
    }
}
