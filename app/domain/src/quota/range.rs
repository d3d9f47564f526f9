//! What may one pod ask for, in words? From what the cluster's LimitRange says when it refuses.

use super::words::{amount, in_words};

/// Each limit that was passed, as a sentence; nothing if none can be read. `maximum memory usage per Container is 1Gi, but limit is
/// 2Gi` (kubernetes, plugin/pkg/admission/limitranger/admission.go, `minConstraint`, `maxConstraint`); several come as `[a, b]`.
pub fn out_of_range(said: &str) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for (word, begin) in [("at most", "maximum "), ("at least", "minimum ")] {
        for rest in said.split(begin).skip(1) {
            sentences.extend(sentence(word, rest));
        }
    }
    sentences.dedup();
    sentences
}

/// The rest: `memory usage per Container is 1Gi, but limit is 2Gi, ...`
fn sentence(word: &str, rest: &str) -> Option<String> {
    let (resource, rest) = rest.split_once(" usage per ")?;
    let (_, rest) = rest.split_once(" is ")?;
    let (allowed, rest) = rest.split_once(", but ")?;
    let (_, asked) = rest.split_once(" is ")?;
    let asked = asked.split([',', ']', ' ']).next()?.trim_end_matches('.');
    let said = |text: &str| in_words(resource, amount(resource, text)?);
    Some(format!("One pod may have {word} {}, and it asks for {}.", said(allowed)?, said(asked)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_limit_range_refuses_is_told_with_both_numbers() {
        let said = "maximum memory usage per Container is 1Gi, but limit is 2Gi";
        assert_eq!(out_of_range(said), ["One pod may have at most 1 Gi of memory, and it asks for 2 Gi of memory."]);
        let several =
            "[maximum cpu usage per Container is 1, but limit is 2500m, minimum memory usage per Container is 64Mi, but request is 8Mi]";
        assert_eq!(
            out_of_range(several),
            [
                "One pod may have at most 1 core, and it asks for 2.5 cores.",
                "One pod may have at least 64 Mi of memory, and it asks for 8 Mi of memory."
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_to_the_clusters_words() {
        for odd in [
            "",
            "maximum ",
            "maximum memory usage per Container is 1Gi",
            "maximum memory usage per Container is much, but limit is more",
            "cpu max limit to request ratio per Container is 2, but provided ratio is 20.000000",
        ] {
            assert!(out_of_range(odd).is_empty(), "{odd}");
        }
    }
}
