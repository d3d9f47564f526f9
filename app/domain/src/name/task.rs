//! What may a task, its variables and its image be called?

use super::{NameError, VolumeId, VolumeName};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A Job's pod is a host called `{job}-{index}`, and a Job is called `{name}-{id}` (RFC 1123: at most 63).
const TASK_MAX: usize = 40;
const ENV_MAX: usize = 128;
const IMAGE_MAX: usize = 255;
const PATH_MAX: usize = 200;
const DEPTH_MAX: usize = 8;

text_type! {
    /// What a person calls a task: like a volume, but at most 40 characters.
    TaskName
}

text_type! {
    /// Eight characters of `[a-z0-9]`: a handle for addresses, never a secret.
    TaskId
}

text_type! {
    /// The name of an environment variable: letters, digits and `_`, no digit first (POSIX, XBD 8.1); at most 128.
    EnvName
}

text_type! {
    /// A container image: `registry.example/team/image:tag` or `...@sha256:<64 hexadecimal digits>` (OCI distribution).
    ImageRef
}

text_type! {
    /// Where an attached file lies below the folder of all of them: `train.py`, `lib/data.py`. Letters, digits, `.`, `_`, `-` and
    /// blanks inside, at most 200 characters and 8 folders; no part begins with two dots, so that it never leads out of the folder.
    AttachedPath
}

impl AttachedPath {
    fn check(text: &str) -> Result<(), NameError> {
        let good_part = |part: &str| {
            let plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b' '));
            !part.is_empty() && plain && part != "." && !part.starts_with("..") && part.trim() == part
        };
        let fits = text.len() <= PATH_MAX && text.split('/').count() <= DEPTH_MAX;
        if fits && text.split('/').all(good_part) { Ok(()) } else { Err(NameError::Form) }
    }
}

impl TaskName {
    fn check(text: &str) -> Result<(), NameError> {
        VolumeName::check(text)?;
        if text.len() > TASK_MAX { Err(NameError::TooLongForTask(text.len())) } else { Ok(()) }
    }

    /// The name in the cluster: in lower case, `_` as `-`.
    pub fn lower(&self) -> String {
        self.0.to_ascii_lowercase().replace('_', "-")
    }
}

impl TaskId {
    fn check(text: &str) -> Result<(), NameError> {
        VolumeId::check(text)
    }

    /// The id that a random number stands for.
    pub fn from_random(number: u64) -> Self {
        Self(VolumeId::from_random(number).0)
    }
}

impl EnvName {
    fn check(text: &str) -> Result<(), NameError> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !text.starts_with(|c: char| c.is_ascii_digit());
        if !text.is_empty() && text.len() <= ENV_MAX && plain { Ok(()) } else { Err(NameError::Form) }
    }
}

impl ImageRef {
    fn check(text: &str) -> Result<(), NameError> {
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (text, None),
        };
        let good_digest = digest.is_none_or(|digest| {
            digest
                .strip_prefix("sha256:")
                .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
        });
        let (path, tag) = match named.rsplit_once(':') {
            // A colon before the last slash belongs to the registry's port.
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (named, None),
        };
        let good_tag = tag.is_none_or(|tag| {
            (1..=128).contains(&tag.len())
                && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
                && !tag.starts_with(['.', '-'])
        });
        let mut parts = path.split('/');
        let first = parts.next().unwrap_or_default();
        let good_first = match first.split_once(':') {
            Some((host, port)) => {
                part(host) && !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()) && path.contains('/')
            }
            None => part(first),
        };
        if text.len() <= IMAGE_MAX && good_digest && good_tag && good_first && parts.all(part) { Ok(()) } else { Err(NameError::Form) }
    }

    /// The registry's host, with its port; `None` where the name leaves it to the node.
    pub fn registry(&self) -> Option<&str> {
        let (first, _) = self.0.split_once('/')?;
        (first.contains(['.', ':']) || first == "localhost").then_some(first)
    }

    pub fn has_digest(&self) -> bool {
        self.0.contains('@')
    }
}

/// A component of an image's path: lower case, separated by single `.`, `_`, `__` or dashes.
fn part(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(ends)
        && text.ends_with(ends)
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
        && !text.contains("..")
        && !text.contains("___")
}

#[cfg(test)]
mod tests {
    use super::{super::LABEL_MAX, *};

    #[test]
    fn c4_076_a_tasks_name_leaves_room_for_its_pods_names() {
        for good in ["a", "Train_1", &"a".repeat(TASK_MAX)] {
            assert!(good.parse::<TaskName>().is_ok(), "{good}");
        }
        for bad in ["", "1a", "a b", "new", &"a".repeat(TASK_MAX + 1)] {
            assert!(bad.parse::<TaskName>().is_err(), "{bad}");
        }
        assert!(TASK_MAX + "-abcdefgh-4294967295".len() <= LABEL_MAX);
    }

    #[test]
    fn c4_071_names_of_variables_are_posixs() {
        for good in ["A", "_", "a1", "LD_PRELOAD", "PATH"] {
            assert!(good.parse::<EnvName>().is_ok(), "{good}");
        }
        for bad in ["", "A=B", "A B", "1A", "Ä", "A\0", &"A".repeat(ENV_MAX + 1)] {
            assert!(bad.parse::<EnvName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn c4_079_images_are_references_and_nothing_else() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for good in
            ["busybox", "busybox:1", "ghcr.io/a/b_c:v1.2-x", "reg.example:5000/a", &format!("a/b@{digest}"), &format!("a/b:1@{digest}")]
        {
            assert!(good.parse::<ImageRef>().is_ok(), "{good}");
        }
        let long = "a".repeat(500);
        for bad in [
            "",
            "../x",
            "http://x/y",
            "x:y:z",
            "a b",
            &long,
            "Team/image",
            "a@sha256:short",
            "a/",
            "/a",
            "a//b",
            "[::1]/x",
            "a:",
            "x:5000:1/y",
        ] {
            assert!(bad.parse::<ImageRef>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_image_says_which_registry_it_comes_from() {
        for (image, registry) in [
            ("busybox", None),
            ("team/a", None),
            ("ghcr.io/a", Some("ghcr.io")),
            ("localhost:5000/x", Some("localhost:5000")),
            ("localhost/x", Some("localhost")),
        ] {
            assert_eq!(image.parse::<ImageRef>().unwrap().registry(), registry, "{image}");
        }
    }
}
