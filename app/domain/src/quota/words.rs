//! How is an amount of something that pods use said? From the cluster's own names and numbers.

use crate::quantity::Size;

/// The resource without the end of it that is limited: a quota limits what is requested, or what may be used at most.
pub(super) fn bare(resource: &str) -> &str {
    resource.strip_prefix("requests.").or_else(|| resource.strip_prefix("limits.")).unwrap_or(resource)
}

/// Thousandths of a core for `cpu`, bytes for memory and disk, else a number.
pub(super) fn amount(resource: &str, text: &str) -> Option<u64> {
    match (bare(resource), text.strip_suffix('m')) {
        ("cpu", Some(millis)) => millis.parse().ok(),
        ("cpu", None) => Size::from_kubernetes(text)?.bytes().checked_mul(1000),
        _ => Some(Size::from_kubernetes(text)?.bytes()),
    }
}

/// `2 GPUs`, `0.5 cores`, `4 Gi of memory`; `None` for what tasks do not use.
pub(super) fn in_words(resource: &str, amount: u64) -> Option<String> {
    let counted = |noun: &str| if amount == 1 { format!("1 {noun}") } else { format!("{amount} {noun}s") };
    Some(match bare(resource) {
        "cpu" if amount == 1000 => "1 core".to_owned(),
        "cpu" if amount.is_multiple_of(1000) => format!("{} cores", amount / 1000),
        "cpu" => format!("{}.{} cores", amount / 1000, format!("{:03}", amount % 1000).trim_end_matches('0')),
        "memory" => format!("{} of memory", Size::from_bytes(amount).rounded()),
        "ephemeral-storage" => format!("{} of disk", Size::from_bytes(amount).rounded()),
        "pods" | "count/pods" => counted("pod"),
        "count/jobs.batch" => counted("task"),
        "services" | "count/services" => counted("Service"),
        extended if extended.ends_with("/gpu") => counted("GPU"),
        extended if extended.contains('/') && !extended.contains("storage") && !extended.starts_with("count/") => {
            format!("{amount} {extended}")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_as_people_count() {
        for (resource, text, said) in [
            ("requests.cpu", "500m", "0.5 cores"),
            ("limits.cpu", "1", "1 core"),
            ("cpu", "1050m", "1.05 cores"),
            ("limits.cpu", "64", "64 cores"),
            ("limits.memory", "4Gi", "4 Gi of memory"),
            ("requests.ephemeral-storage", "512Mi", "512 Mi of disk"),
            ("requests.nvidia.com/gpu", "1", "1 GPU"),
            ("requests.example.com/fpga", "2", "2 example.com/fpga"),
            ("pods", "3", "3 pods"),
            ("count/jobs.batch", "10", "10 tasks"),
        ] {
            assert_eq!(in_words(resource, amount(resource, text).unwrap()).as_deref(), Some(said), "{resource}={text}");
        }
        for not_of_tasks in ["configmaps", "count/secrets", "gold.storageclass.storage.k8s.io/requests.storage", "requests.storage"] {
            assert_eq!(in_words(not_of_tasks, 1), None, "{not_of_tasks}");
        }
    }
}
