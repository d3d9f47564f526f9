//! Does what follows a sign-in always stay in the portal, however often something on the way decodes it?
#![no_main]

#[path = "../../server/src/auth/next.rs"]
mod next;

use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &str| {
    let next = next::Next::parse(text);
    let here = Url::parse("https://portal.example/deep/page").expect("an address");
    let there = here.join(next.as_str()).expect("an address in the portal");
    assert_eq!(there.origin(), here.origin());
    assert!(next.as_str().starts_with('/') && !next.as_str().starts_with("//") && next.as_str().bytes().all(|b| b.is_ascii_graphic()));
});
