//! Which words of a volume may change, and how are they read? The same rules for a new volume and for an old one.

use super::{DESCRIPTION_MAX, Volume};
use crate::{label::Labels, name::MountPath, problem::FieldErrors, text::is_invisible};
use serde::{Deserialize, Serialize};

/// The form for what is said about a volume. An empty field takes its word away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditForm {
    pub description: String,
    pub mount_path: String,
    pub labels: String,
    /// The uid of the volume that the person saw.
    pub uid: String,
}

/// What is said about a volume, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub description: Option<String>,
    pub mount_path: Option<MountPath>,
    pub labels: Labels,
}

impl EditForm {
    /// What the form starts with. The default path needs no annotation, so it is not filled in.
    pub fn of(volume: &Volume) -> Self {
        let mount_path = if volume.mount_path == format!("/volumes/{}", volume.name) { String::new() } else { volume.mount_path.clone() };
        Self {
            description: volume.description.clone().unwrap_or_default(),
            mount_path,
            labels: volume.labels.to_string(),
            uid: volume.uid.clone(),
        }
    }

    pub fn check(&self) -> Result<Words, FieldErrors> {
        let mut errors = FieldErrors::default();
        let words =
            (description(&self.description, &mut errors), mount_path(&self.mount_path, &mut errors), labels(&self.labels, &mut errors));
        match words {
            (Some(description), Some(mount_path), Some(labels)) => Ok(Words { description, mount_path, labels }),
            (None, _, _) | (_, None, _) | (_, _, None) => Err(errors),
        }
    }
}

/// One line of plain text, or nothing; `None` with a sentence if it is neither.
pub(super) fn description(text: &str, errors: &mut FieldErrors) -> Option<Option<String>> {
    let text = text.trim();
    if text.chars().count() > DESCRIPTION_MAX {
        errors.add("description", format!("Use at most {DESCRIPTION_MAX} characters."));
        return None;
    }
    if text.chars().any(is_invisible) {
        errors.add("description", "Use one line of plain text, without invisible characters.");
        return None;
    }
    Some((!text.is_empty()).then(|| text.to_owned()))
}

/// Where tasks find it, or nothing; `None` with a sentence if it is neither.
pub(super) fn mount_path(text: &str, errors: &mut FieldErrors) -> Option<Option<MountPath>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let path = text.parse::<MountPath>();
    if path.is_err() {
        errors.add("mount_path", "Use an absolute path outside the system's directories, for example /data.");
    }
    path.ok().map(Some)
}

/// Pairs, or none; `None` with a sentence if what is typed are none.
pub(super) fn labels(text: &str, errors: &mut FieldErrors) -> Option<Labels> {
    Labels::typed(text).map_err(|sentence| errors.add("labels", sentence)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::sample;

    #[test]
    fn the_form_holds_what_is_said_now_and_empty_fields_say_nothing() {
        let labels = Labels::typed("team=cats").unwrap();
        let volume = Volume { description: Some("cats".into()), mount_path: "/data".into(), labels: labels.clone(), ..sample("data") };
        let form = EditForm::of(&volume);
        assert_eq!((form.description.as_str(), form.mount_path.as_str(), &form.uid), ("cats", "/data", &volume.uid));
        assert_eq!(form.check().unwrap(), Words { description: Some("cats".into()), mount_path: "/data".parse().ok(), labels });
        assert_eq!(EditForm::of(&sample("data")).check(), Ok(Words::default()), "the default path is no word of its own");
        assert_eq!(EditForm { description: "  ".into(), mount_path: " ".into(), labels: " ".into(), ..form }.check(), Ok(Words::default()));
    }

    #[test]
    fn bad_words_each_get_their_sentence() {
        let form = EditForm { description: "a\u{202e}b".into(), mount_path: "data".into(), labels: "prod".into(), uid: String::new() };
        let errors = form.check().unwrap_err();
        assert!(["description", "mount_path", "labels"].into_iter().all(|field| errors.get(field).is_some()));
        let form = EditForm { description: "x".repeat(201), mount_path: "/etc".into(), ..EditForm::default() };
        let errors = form.check().unwrap_err();
        assert_eq!(errors.get("description"), Some("Use at most 200 characters."));
        assert!(errors.get("mount_path").is_some());
    }
}
