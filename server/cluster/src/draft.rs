//! How does a wish look as a manifest? Written from the object that would be sent, so that the two cannot differ.

use crate::{claim::claim, clock::now, error::Error, scope::UserCluster};
use domain::{name::VolumeId, volume::VolumeSpec};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;

/// Stands for the id, which is drawn when the volume is made.
const ID: &str = "xxxxxxxx";

impl UserCluster {
    /// The claim that [`UserCluster::create_volume`] would send now, as YAML.
    pub fn draft(&self, spec: &VolumeSpec) -> Result<String, Error> {
        let id: VolumeId = ID.parse().map_err(Error::unexpected)?;
        let claim = claim(spec, &id, &self.user, &self.link.namespace, now());
        yaml(&claim)
    }
}

fn yaml(claim: &PersistentVolumeClaim) -> Result<String, Error> {
    serde_saphyr::to_string(claim).map_err(Error::unexpected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::User;
    use domain::{access::AccessMode, label::Labels, owner::Principal, quantity::Size};
    use serde_json::{Value, json};

    fn manifest(name: &str, description: &str) -> String {
        let user = User::from_session(Principal::new("https://id.example", "alice").unwrap(), "alice".into(), "Alice".into(), false);
        let spec = VolumeSpec {
            name: name.parse().unwrap(),
            size: Size::from_bytes(10 << 30),
            class: "standard".parse().unwrap(),
            modes: vec![AccessMode::ReadWriteOnce],
            description: Some(description.into()),
            mount_path: Some("/data".parse().unwrap()),
            labels: Labels::typed("stage=prod").unwrap(),
        };
        yaml(&claim(&spec, &ID.parse().unwrap(), &user, "n", 0)).unwrap()
    }

    /// kubectl reads YAML 1.1, where `yes` is no text.
    #[test]
    fn words_that_yaml_reads_as_something_else_stay_words() {
        for name in ["yes", "No", "on", "off", "y", "n", "null", "true", "e1"] {
            let quoted = [format!("volume-name: \"{name}\""), format!("volume-name: '{name}'")];
            let text = manifest(name, "d");
            assert!(name == "e1" || quoted.iter().any(|line| text.contains(line)), "{name}: {text}");
            assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap()["metadata"]["labels"]["volume-name"], json!(name));
        }
        assert!(manifest("a", "d").contains("skypilot-volume: \"true\"") || manifest("a", "d").contains("skypilot-volume: 'true'"));
    }

    #[test]
    fn no_description_can_add_a_line_that_means_something() {
        let long = "word ".repeat(39);
        for text in [
            "a: b",
            "- a",
            "# x",
            "{x}",
            "it's \"q\"",
            "---",
            "&a *b",
            "\\n",
            "%",
            "@",
            "`",
            "|",
            "> x",
            "1.5",
            "0x10",
            "1e3",
            "~",
            "=",
            long.trim(),
        ] {
            let read: Value = serde_saphyr::from_str(&manifest("a", text)).unwrap();
            assert_eq!(read["metadata"]["annotations"]["stowage.dev/description"], json!(text), "{text}");
            assert_eq!(read["metadata"]["annotations"].as_object().unwrap().len(), 5, "{text}");
        }
    }
}
