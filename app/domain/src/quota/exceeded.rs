//! Which quota is in the way, in words? From what the API server says when it refuses.

use super::{OF_CLASS, SIZE, VOLUMES, words};
use crate::quantity::Size;

/// What a quota forbade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// What is allowed and what is there, with numbers. The quota's name is for administrators.
    pub sentence: String,
    pub of: Of,
}

/// What there would be too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Less of it would have fitted: a smaller size, never fewer volumes than one.
    Size,
    Volumes,
    /// Jobs, pods, and what pods use.
    Tasks,
    /// The cluster says nothing that can be read.
    Unknown,
}

impl Exceeded {
    /// From `exceeded quota: q, requested: ..., used: ..., limited: ...`, which names only what is exceeded (apiserver,
    /// pkg/admission/plugin/resourcequota/controller.go, `CheckRequest`). What cannot be read is said without numbers.
    pub fn read(said: &str) -> Self {
        let (asked, used, limits) = (amounts(said, "requested"), amounts(said, "used"), amounts(said, "limited"));
        let find = |all: &[(&str, &'_ str)], resource: &str| {
            all.iter().find(|(known, _)| *known == resource).map(|(_, amount)| (*amount).to_owned())
        };
        let found = limits.into_iter().filter_map(|(resource, limit)| {
            let used = find(&used, resource)?;
            of(resource, limit, &used).or_else(|| of_tasks(resource, limit, &used, &find(&asked, resource)?))
        });
        let found: Vec<_> = found.collect();
        // Where the number of volumes is reached, no size helps.
        let of = [Of::Tasks, Of::Volumes, Of::Size].into_iter().find(|kind| found.iter().any(|(_, of)| of == kind));
        let Some(of) = of else { return Self { sentence: "The namespace's quota is used up.".into(), of: Of::Unknown } };
        let sentence = found.into_iter().map(|(sentence, _)| sentence).collect::<Vec<_>>().join(" ");
        Self { sentence, of }
    }
}

/// The pairs of one part. The amounts are separated by commas without a blank, the parts by commas with one.
fn amounts<'a>(said: &'a str, part: &str) -> Vec<(&'a str, &'a str)> {
    let start = format!("{part}: ");
    let rest = said.split_once(start.as_str()).map_or("", |(_, rest)| rest);
    rest.split(", ").next().unwrap_or_default().split(',').filter_map(|amount| amount.split_once('=')).collect()
}

fn of(resource: &str, limit: &str, used: &str) -> Option<(String, Of)> {
    let (class, resource) = match resource.split_once(OF_CLASS) {
        Some((class, resource)) => (format!(" of class {class}"), resource),
        None => (String::new(), resource),
    };
    let (limit, used) = (Size::from_kubernetes(limit)?, Size::from_kubernetes(used)?);
    if resource == SIZE {
        let left = Size::from_bytes(limit.bytes().saturating_sub(used.bytes()));
        let left = if left.bytes() == 0 { "nothing is left".to_owned() } else { format!("{} are left", left.rounded()) };
        let (limit, used) = (limit.rounded(), used.rounded());
        return Some((
            format!("The namespace's quota allows {limit} for all volumes{class} together; {used} are taken, so {left}."),
            Of::Size,
        ));
    }
    // A number of objects has no unit, so its bytes are the number.
    let (limit, used) = (limit.bytes(), used.bytes());
    let volumes = if limit == 1 { "volume" } else { "volumes" };
    let are = if used == 1 { "is" } else { "are" };
    VOLUMES
        .contains(&resource)
        .then(|| (format!("The namespace's quota allows {limit} {volumes}{class}; {used} {are} there."), Of::Volumes))
}

fn of_tasks(resource: &str, limit: &str, used: &str, asked: &str) -> Option<(String, Of)> {
    let said = |text: &str| words::in_words(resource, words::amount(resource, text)?);
    let (limit, used, asked) = (said(limit)?, said(used)?, said(asked)?);
    let sentence = if resource.starts_with("count/jobs") {
        format!("The namespace's quota allows {limit}; {used} are there, with those that are over.")
    } else {
        format!("The namespace's quota allows {limit} for all people together; {used} are taken, and this asks for {asked}.")
    };
    Some((sentence, Of::Tasks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(said: &str) -> (String, Of) {
        let Exceeded { sentence, of } = Exceeded::read(&format!("exceeded quota: {said}"));
        (sentence, of)
    }

    #[test]
    fn a_quota_is_told_as_people_count() {
        for (said, sentence, of) in [
            (
                "q, requested: requests.storage=95Gi, used: requests.storage=150Gi, limited: requests.storage=200Gi",
                "The namespace's quota allows 200 Gi for all volumes together; 150 Gi are taken, so 50 Gi are left.",
                Of::Size,
            ),
            (
                "q, requested: count/persistentvolumeclaims=1, used: count/persistentvolumeclaims=10, limited: count/persistentvolumeclaims=10",
                "The namespace's quota allows 10 volumes; 10 are there.",
                Of::Volumes,
            ),
            (
                "q, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=1, limited: persistentvolumeclaims=1",
                "The namespace's quota allows 1 volume; 1 is there.",
                Of::Volumes,
            ),
            (
                "q, requested: gold.storageclass.storage.k8s.io/requests.storage=1Gi, used: gold.storageclass.storage.k8s.io/requests.storage=2Gi, limited: gold.storageclass.storage.k8s.io/requests.storage=2Gi",
                "The namespace's quota allows 2 Gi for all volumes of class gold together; 2 Gi are taken, so nothing is left.",
                Of::Size,
            ),
            (
                "q, requested: gold.storageclass.storage.k8s.io/persistentvolumeclaims=1, used: gold.storageclass.storage.k8s.io/persistentvolumeclaims=3, limited: gold.storageclass.storage.k8s.io/persistentvolumeclaims=3",
                "The namespace's quota allows 3 volumes of class gold; 3 are there.",
                Of::Volumes,
            ),
            (
                "q, requested: limits.memory=2Gi,requests.nvidia.com/gpu=2, used: limits.memory=3Gi,requests.nvidia.com/gpu=7, limited: limits.memory=4Gi,requests.nvidia.com/gpu=8",
                "The namespace's quota allows 4 Gi of memory for all people together; 3 Gi of memory are taken, and this asks for 2 Gi of memory. The namespace's quota allows 8 GPUs for all people together; 7 GPUs are taken, and this asks for 2 GPUs.",
                Of::Tasks,
            ),
            (
                "q, requested: count/jobs.batch=1, used: count/jobs.batch=3, limited: count/jobs.batch=3",
                "The namespace's quota allows 3 tasks; 3 tasks are there, with those that are over.",
                Of::Tasks,
            ),
        ] {
            assert_eq!(read(said), (sentence.to_owned(), of), "{said}");
        }
    }

    #[test]
    fn where_no_more_volumes_are_allowed_no_size_is_to_blame() {
        let (sentence, of) = read(
            "q, requested: persistentvolumeclaims=1,requests.storage=2Gi, used: persistentvolumeclaims=10,requests.storage=7Gi, limited: persistentvolumeclaims=10,requests.storage=8Gi",
        );
        assert!(
            sentence.starts_with("The namespace's quota allows 10 volumes; 10 are there. The namespace's quota allows 8 Gi"),
            "{sentence}"
        );
        assert_eq!(of, Of::Volumes);
    }

    #[test]
    fn what_cannot_be_read_is_said_without_numbers_and_without_the_clusters_words() {
        for odd in [
            "q",
            "q, requested: requests.storage=10Gi",
            "q, used: requests.storage=5Gi",
            "q, limited: , requested: x",
            "q, requested: configmaps=1, used: configmaps=5, limited: configmaps=5",
            "q, requested: requests.storage=1, used: requests.storage=much, limited: requests.storage=2Gi",
        ] {
            assert_eq!(read(odd), ("The namespace's quota is used up.".to_owned(), Of::Unknown), "{odd}");
        }
    }
}
