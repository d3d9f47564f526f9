//! Does a filter that was understood read back as it is written?
#![no_main]

use domain::{filter::Filter, task::listing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let filter = Filter::read(text, true);
    let again = Filter::read(&filter.to_string(), true);
    assert_eq!(again.terms, filter.terms, "{filter}");
    assert!(again.refused.is_empty(), "{filter}: {:?}", again.refused);
    let _ = listing::Filter::read(text, true);
});
