//! Does a name that was taken keep what its type promises?
#![no_main]

use domain::{
    label::Labels,
    name::{EnvName, ImageRef, MountPath, ObjectName, TaskId, TaskName, VolumeId, VolumeName},
    task::log::Stamp,
};
use libfuzzer_sys::fuzz_target;

/// A label value (apimachinery, `IsValidLabelValue`).
fn is_label(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63 && ends(text.chars().next()) && ends(text.chars().last()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fuzz_target!(|text: &str| {
    if let Ok(name) = text.parse::<VolumeName>() {
        assert!(is_label(name.as_str()));
    }
    if let Ok(name) = text.parse::<TaskName>() {
        assert!(is_label(name.as_str()));
    }
    for id in [text.parse::<VolumeId>().map(String::from), text.parse::<TaskId>().map(String::from)].into_iter().flatten() {
        assert!(id.len() == 8 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    }
    if let Ok(name) = text.parse::<ObjectName>() {
        assert!(name.as_str().len() <= 253 && !name.as_str().contains("..") && is_plain(name.as_str(), b"-."));
    }
    if let Ok(path) = text.parse::<MountPath>() {
        let path = path.as_str();
        assert!(path.starts_with('/') && path.len() > 1 && !path.contains("//") && !path.contains(':') && !path.contains(char::is_control));
        assert!(path.split('/').all(|part| part != "." && part != ".."), "{path:?}");
        assert!(!["/proc", "/sys", "/dev", "/etc"].iter().any(|system| path == *system || path.starts_with(&format!("{system}/"))), "{path:?}");
    }
    if let Ok(name) = text.parse::<EnvName>() {
        assert!(!name.as_str().starts_with(|c: char| c.is_ascii_digit()) && name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    }
    if let Ok(image) = text.parse::<ImageRef>() {
        assert!(image.as_str().bytes().all(|b| b.is_ascii_graphic()) && !image.as_str().starts_with(['-', '/', '.']));
    }
    if let Ok(labels) = Labels::typed(text) {
        assert_eq!(Labels::typed(&labels.to_string()), Ok(labels));
    }
    let _ = text.parse::<Stamp>();
});

fn is_plain(text: &str, more: &[u8]) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || more.contains(&b))
}
