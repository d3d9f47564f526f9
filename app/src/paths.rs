//! What is the address of a page? Every link is made here, so that renaming a page is one change.

pub const HOME: &str = "/";
pub const VOLUMES: &str = "/volumes";
pub const NEW_VOLUME: &str = "/volumes/new";
/// The form, filled in with the claim of the storage tutorial.
pub const WORKSHOP_VOLUME: &str = "/volumes/new?preset=workshop";
pub const CLASSES: &str = "/classes";
pub const ADMIN_VOLUMES: &str = "/admin/volumes";
pub const LOGIN: &str = "/auth/login";
pub const LOGOUT: &str = "/auth/logout";
/// The stream of revisions of one's own objects.
pub const LIVE: &str = "/live";
/// The stream for administrators: any change.
pub const LIVE_ALL: &str = "/live?scope=admin";

pub fn volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}")
}

pub fn delete_volume(id: &impl std::fmt::Display) -> String {
    format!("{VOLUMES}/{id}/delete")
}

pub fn admin_volume(id: &impl std::fmt::Display) -> String {
    format!("{ADMIN_VOLUMES}/{id}")
}

/// A server function's address with one query parameter, percent-encoded.
pub fn with_query(path: &str, key: &str, value: &str) -> String {
    if value.is_empty() {
        return path.to_owned();
    }
    let mut url = format!("{path}?{key}=");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_value_cannot_leave_its_parameter() {
        assert_eq!(with_query("/fn/x", "q", "a&b=c #é"), "/fn/x?q=a%26b%3Dc%20%23%C3%A9");
        assert_eq!(with_query("/fn/x", "q", ""), "/fn/x");
    }
}
