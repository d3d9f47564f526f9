//! What does this installation allow a task? From the configuration.

use crate::{name::ImageRef, quantity::Size};

/// The section `tasks` of the configuration. Hours and counts are upper ends, for each task by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Taken where a file names none.
    pub image: Option<ImageRef>,
    /// Registries and beginnings of images: `ghcr.io`, `registry.example/team`. With nothing said, only the default image.
    pub images: Vec<String>,
    /// Whether an image must be named by its digest.
    pub digest: bool,
    /// Seconds.
    pub max_time: u32,
    /// Pods at the same time.
    pub max_nodes: u32,
    /// Thousandths of a core, of one pod.
    pub max_cpu_millis: u64,
    /// Of one pod.
    pub max_memory: Size,
    /// What the cluster calls a GPU; nothing if it has none to give.
    pub gpu_resource: Option<String>,
    /// Seconds that a Job stays after its end, unless its file says otherwise.
    pub keep: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            image: None,
            images: Vec::new(),
            digest: false,
            max_time: 24 * 3600,
            max_nodes: 16,
            max_cpu_millis: 64_000,
            max_memory: Size::from_bytes(256 << 30),
            gpu_resource: Some("nvidia.com/gpu".to_owned()),
            keep: 24 * 3600,
        }
    }
}

impl Limits {
    /// Why this image may not be run, if it may not.
    pub fn refuses_image(&self, image: &ImageRef) -> Option<String> {
        let whole = in_full(image);
        let is_allowed = self.images.iter().any(|allowed| begins(&whole, allowed) || begins(image.as_str(), allowed));
        if !is_allowed && self.image.as_ref() != Some(image) {
            let allowed = self.images.iter().map(String::as_str).chain(self.image.iter().map(ImageRef::as_str)).collect::<Vec<_>>();
            let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
            return Some(format!("Image {image} is not allowed here. Allowed: {allowed}. Ask an administrator for another."));
        }
        (self.digest && !image.has_digest()).then(|| {
            format!("Image {image} must be named by its digest: {}@sha256:…", image.as_str().split('@').next().unwrap_or_default())
        })
    }
}

/// With the registry and the folder that a short name stands for (distribution/reference, `ParseNormalizedNamed`: Docker Hub).
fn in_full(image: &ImageRef) -> String {
    match image.registry() {
        Some(_) => image.to_string(),
        None if image.as_str().contains('/') => format!("docker.io/{image}"),
        None => format!("docker.io/library/{image}"),
    }
}

/// Whole parts only: `ghcr.io/a` is no beginning of `ghcr.io/ab`.
fn begins(image: &str, allowed: &str) -> bool {
    image.strip_prefix(allowed.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(images: &[&str]) -> Limits {
        let image = "stowage.dev/busybox:1".parse().ok();
        Limits { image, images: images.iter().map(ToString::to_string).collect(), ..Limits::default() }
    }

    fn may(limits: &Limits, image: &str) -> bool {
        limits.refuses_image(&image.parse().unwrap()).is_none()
    }

    #[test]
    fn c4_080_only_images_of_allowed_registries_are_run() {
        let limits = limits(&["ghcr.io/team", "docker.io/library/", "registry.example:5000"]);
        for good in ["stowage.dev/busybox:1", "ghcr.io/team/a:1", "busybox", "python:3.12-slim", "registry.example:5000/x"] {
            assert!(may(&limits, good), "{good}");
        }
        for bad in [
            "169.254.169.254/latest",
            "localhost:5000/x",
            "10.0.0.1/x",
            "registry.kube-system.svc/x",
            "ghcr.io/teams/a",
            "ghcr.io/a",
            "evil/python",
            "stowage.dev/busybox:2",
            "registry.example:50001/x",
            "docker.io.evil.example/library/x",
        ] {
            assert!(!may(&limits, bad), "{bad}");
        }
        assert!("[::1]/x".parse::<ImageRef>().is_err());
    }

    #[test]
    fn with_nothing_allowed_only_the_default_image_is_run() {
        assert!(may(&limits(&[]), "stowage.dev/busybox:1") && !may(&limits(&[]), "busybox") && !may(&limits(&[""]), "busybox"));
        let nothing = Limits::default().refuses_image(&"busybox".parse().unwrap()).unwrap();
        assert!(nothing.contains("Allowed: none."), "{nothing}");
    }

    #[test]
    fn c4_081_a_tag_is_refused_where_a_digest_is_required() {
        let limits = Limits { digest: true, ..limits(&["ghcr.io"]) };
        let refused = limits.refuses_image(&"ghcr.io/a:1".parse().unwrap()).unwrap();
        assert!(refused.contains("ghcr.io/a:1@sha256:"), "{refused}");
        assert!(may(&limits, &format!("ghcr.io/a:1@sha256:{}", "a".repeat(64))));
    }
}
