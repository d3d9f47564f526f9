//! Where does a person land after signing in? Asked when a sign-in starts and again when it ends.

use url::Url;

/// Longer ones are dropped: the path travels in a cookie.
const LONGEST: usize = 512;

/// A path inside this portal that is safe to redirect to; `/` for everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next(String);

impl Next {
    pub fn parse(text: &str) -> Self {
        if is_safe(text) { Self(text.to_owned()) } else { Self("/".to_owned()) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_safe(text: &str) -> bool {
    let printable = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if text.len() > LONGEST || !text.starts_with('/') || !printable(text) || text.contains('#') {
        return false;
    }
    let path = text.split('?').next().unwrap_or(text);
    // Something between us and the browser may decode once more than it should, so every reading has to be safe.
    let mut reading = path.to_owned();
    for _ in 0..4 {
        let segments = || reading.split('/');
        if !printable(&reading) || reading.contains("//") || segments().any(|part| part == "." || part == "..") || is_no_page(&reading) {
            return false;
        }
        match decoded(&reading) {
            Some(again) if again == reading => break,
            Some(again) => reading = again,
            None => return false,
        }
    }
    let here = Url::parse("https://portal.invalid/");
    here.and_then(|here| here.join(text)).is_ok_and(|there| there.host_str() == Some("portal.invalid") && there.scheme() == "https")
}

/// First segments of what is not a page for people. Sign-in and sign-out would loop; the others are for programs.
const NO_PAGES: &[&str] = &[
    "auth",
    "live",
    "livez",
    "readyz",
    "startupz",
    "pkg",
    "prefetch.json",
    "editor.js",
    "favicon.svg",
    "icons.svg",
    "live.js",
    "log.js",
    "robots.txt",
    "terminal.css",
    "terminal.js",
];

fn is_no_page(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    // `/api` itself explains what is below it.
    NO_PAGES.iter().any(|other| other.eq_ignore_ascii_case(first)) || path.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("/api/"))
}

/// Percent-decoded; nothing if that is not text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
            bytes.push(digit(rest.next())? * 16 + digit(rest.next())?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_portal_are_kept() {
        for good in [
            "/",
            "/volumes",
            "/volumes/ab12cd34/events",
            "/volumes?sort=name&q=a%20b&next=https%3A%2F%2Fx.example",
            "/volumes?q=//x",
            "/tasks/x_y-z.1~",
            "/authors",
            "/lives",
            "/apis",
            "/api",
            "/volumes/live",
        ] {
            assert_eq!(Next::parse(good).as_str(), good);
        }
    }

    #[test]
    fn c1_018_hostile_values_land_on_the_front_page() {
        let long = format!("/{}", "a".repeat(8192));
        let hostile = [
            "//evil.example",
            "/\\evil.example",
            "/%09/evil.example",
            "/%5cevil.example",
            "https:evil.example",
            "https://portal.example.evil.example",
            "https://portal.example@evil.example",
            "/./../../\\evil.example",
            "javascript:alert(1)",
            "/auth/login",
            long.as_str(),
            "",
            " ",
            "evil.example",
            "///evil.example",
            "////evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/%2f/evil.example",
            "/%2Fevil.example",
            "/%2f%2fevil.example",
            "/%252f%252fevil.example",
            "/%25252fevil.example",
            "/%255cevil.example",
            "/%5c%5cevil.example",
            "/%00",
            "/%0d%0aSet-Cookie:a=b",
            "/\r\nSet-Cookie: a=b",
            "/..//evil.example",
            "/.//evil.example",
            "/a/../..//evil.example",
            "/%2e%2e//evil.example",
            "/%2e/evil",
            "/a/%2e%2e/%2e%2e/b",
            "/;//evil.example",
            "http:///evil.example",
            "https:/evil.example",
            "HTTPS://EVIL.EXAMPLE",
            "data:text/html,x",
            "vbscript:x",
            "//evil%E3%80%82example",
            "/\u{2028}/evil.example",
            "/é",
            "/%c0%af/evil.example",
            "/%ff",
            "/%",
            "/%2",
            "/%zz",
            "/#//evil.example",
            "?next=//evil.example",
            "#",
            "@evil.example",
            "/auth",
            "/auth/callback?code=x",
            "/AUTH/login",
            "/%61uth/login",
            "/auth%2flogin",
            "/auth/logout",
            "/a//b",
        ];
        for text in hostile {
            assert_eq!(Next::parse(text).as_str(), "/", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_page_is_no_place_to_land_in_any_reading() {
        let no_pages = [
            "/api/",
            "/api/volumes",
            "/api/volumes?details=true",
            "/API/volumes",
            "/%61pi/volumes",
            "/api%2fvolumes",
            "/%2561pi/volumes",
            "/live",
            "/live?scope=admin",
            "/liv%65",
            "/livez",
            "/readyz?verbose",
            "/startupz",
            "/pkg/stowage.js",
            "/pkg",
            "/prefetch.json",
            "/prefetch%2ejson",
            "/favicon.svg",
            "/icons.svg",
            "/live.js",
            "/editor.js",
            "/log.js",
            "/robots.txt",
            "/terminal.js",
            "/terminal.css",
        ];
        for text in no_pages {
            assert_eq!(Next::parse(text).as_str(), "/", "{text:?}");
        }
    }

    #[test]
    fn a_path_may_be_512_bytes_long() {
        let longest = format!("/{}", "a".repeat(511));
        assert_eq!(Next::parse(&longest).as_str(), longest);
        assert_eq!(Next::parse(&format!("{longest}a")).as_str(), "/");
    }
    /// Whatever browsers, proxies and we read differently, put together in every order.
    #[test]
    fn c1_018_no_composition_of_what_is_read_in_two_ways_leads_elsewhere() {
        let pieces = ["/", "\\", "//", "%2f", "%5C", "%252f", "%09", "\t", "\n", ".", "..", "%2e", "@", ":", ";", "?", "#", "https:", "a"];
        let here = Url::parse("https://portal.example/deep/page").unwrap();
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            let longer = texts.iter().flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}")));
            texts = [String::new()].into_iter().chain(longer).collect();
        }
        let mut kept = 0;
        for text in texts.iter().map(|text| format!("{text}evil.example")) {
            let next = Next::parse(&text);
            if next.as_str() == "/" {
                continue;
            }
            kept += 1;
            // As it is, and as something on the way may decode it before it is followed.
            let mut reading = next.as_str().to_owned();
            for _ in 0..3 {
                let there = here.join(&reading).unwrap();
                assert_eq!(there.origin(), here.origin(), "{text:?} as {reading:?}");
                reading = decoded(&reading).unwrap();
            }
        }
        assert!(kept > 100, "harmless ones are kept: {kept}");
    }
}
