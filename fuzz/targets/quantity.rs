//! Is a size that was understood written so that everybody else understands the same?
#![no_main]

use domain::quantity::Size;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(typed) = Size::typed(text) {
        let written = typed.size.to_string();
        assert_eq!(Size::from_kubernetes(&written), Some(typed.size), "{text:?} as {written}");
        assert_eq!(Size::typed(&written).map(|again| again.size), Ok(typed.size), "{text:?} as {written}");
    }
    if let Some(size) = Size::from_kubernetes(text) {
        assert!(Size::from_kubernetes(&size.bytes().to_string()) == Some(size), "{text:?}");
    }
});
