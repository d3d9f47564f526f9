//! What do tasks often look like? Whole files to begin with, each of which can be sent as it is.

/// A task that many people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// As it stands in addresses.
    pub slug: &'static str,
    pub label: &'static str,
    text: &'static str,
}

macro_rules! templates {
    ($($slug:literal, $label:literal, $file:literal;)*) => {
        &[$(Template { slug: $slug, label: $label, text: include_str!(concat!("templates/", $file, ".yaml")) },)*]
    };
}

impl Template {
    pub const ALL: &[Self] = templates! {
        "one-volume", "One volume", "one_volume";
        "checkpoints", "Train with checkpoints", "checkpoints";
        "several-nodes", "Several nodes", "several_nodes";
        "pipeline-1", "Pipeline 1: download", "pipeline_1_download";
        "pipeline-2", "Pipeline 2: process", "pipeline_2_process";
        "pipeline-3", "Pipeline 3: train", "pipeline_3_train";
        "cache", "Shared cache", "cache";
        "database", "Database", "database";
        "build", "Build in memory", "build";
        "staging", "Source, work, results", "staging";
        "sweep", "Parameter sweep", "sweep";
        "sweep-scratch", "Sweep, nothing kept", "sweep_scratch";
        "s3", "From a bucket to scratch space", "s3";
        "s3-keys", "From your own bucket", "s3_keys";
        "interactive", "Look around for an hour", "interactive";
        "analyse", "Analyse results", "analyse";
        "scratch-only", "Nothing kept", "scratch_only";
    };

    pub fn from_slug(text: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|template| template.slug == text)
    }

    /// The file, with an image that may be run here (a line less if none is known) and with a volume of the person's, or with one
    /// that is made in the same step.
    pub fn file(&self, image: Option<&str>, volume: Option<&str>) -> String {
        let other = |usual: &str| volume.map_or_else(|| usual.to_owned(), str::to_owned);
        let words = [
            ("{{volume}}", other("{name: data, size: 1Gi}")),
            ("{{shared}}", other("{name: shared, size: 1Gi, access: ReadWriteMany}")),
            (
                "{{source}}",
                volume.map_or_else(|| "{name: data, size: 1Gi}".to_owned(), |name| format!("{{name: {name}, read_only: true}}")),
            ),
            ("{{image}}", image.unwrap_or_default().to_owned()),
        ];
        let lines = self.text.lines().filter(|line| image.is_some() || !line.contains("{{image}}"));
        lines.map(|line| words.iter().fold(line.to_owned(), |line, (word, meant)| line.replace(word, meant)) + "\n").collect()
    }
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::*;
    use crate::task::{
        file::tests::{classes, limits, secrets, world},
        preflight::{Known, Level, Preflight, preflight},
    };

    fn refusals(verdict: &Preflight) -> Vec<&str> {
        verdict.of(Level::Refusal).map(|line| line.sentence.as_str()).collect()
    }

    #[test]
    fn every_template_is_a_task_that_can_be_sent_as_it_is() {
        let (classes, limits) = (classes(), limits());
        for template in Template::ALL {
            let secrets = secrets();
            let nothing_yet = Known { own: &[], secrets: &secrets, classes: &classes, quota: None, limits: &limits };
            for image in [Some("ghcr.io/team/a:1"), None] {
                let verdict = preflight(&template.file(image, None), &nothing_yet);
                assert_eq!(refusals(&verdict), [] as [&str; 0], "{}", template.slug);
                assert_eq!(verdict.plan.unwrap().spec.image.as_str(), image.unwrap_or("stowage.dev/busybox:1"));
            }
            let verdict = world(|known| preflight(&template.file(None, Some("shared")), known));
            assert_eq!(refusals(&verdict), [] as [&str; 0], "{} with a volume", template.slug);
            assert!(!template.file(None, None).contains("{{"));
        }
    }

    #[test]
    fn no_template_holds_a_plain_secret_and_only_two_lose_their_results() {
        for template in Template::ALL {
            let verdict = world(|known| preflight(&template.file(None, Some("shared")), known));
            let warnings: Vec<_> = verdict.of(Level::Warning).map(|line| line.sentence.as_str()).collect();
            assert!(warnings.iter().all(|told| !told.contains("secret")), "{warnings:?}");
            let loses = warnings.iter().any(|told| told.contains("lost at the end"));
            assert_eq!(loses, ["scratch-only", "sweep-scratch"].contains(&template.slug), "{}", template.slug);
        }
    }

    #[test]
    fn g4_44_the_keys_of_a_bucket_come_from_a_secret_and_whoever_has_none_reads_where_it_goes_in() {
        let (classes, limits) = (classes(), limits());
        let text = Template::from_slug("s3-keys").unwrap().file(None, None);
        let verdict = preflight(&text, &Known { own: &[], secrets: &[], classes: &classes, quota: None, limits: &limits });
        let told = "secrets: You have no Secret named s3. Put it in at /secrets/new, or leave the line out.";
        assert_eq!(refusals(&verdict), [told, told]);
        for template in Template::ALL {
            let verdict =
                preflight(&template.file(None, None), &Known { own: &[], secrets: &[], classes: &classes, quota: None, limits: &limits });
            assert_eq!(verdict.plan.is_none(), template.slug == "s3-keys", "{}", template.slug);
        }
    }

    #[test]
    fn templates_are_found_by_their_slugs() {
        for template in Template::ALL {
            assert_eq!(Template::from_slug(template.slug), Some(template));
        }
        assert_eq!(Template::from_slug("x"), None);
    }
}
