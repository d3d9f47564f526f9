//! What may be asked for when a volume is made or removed? From the text of a form to a value that cannot be wrong.

mod words;

use super::edit::{description, labels, mount_path};
use crate::{
    access::{AccessMode, parse_modes},
    label::Labels,
    name::{MountPath, ObjectName, VolumeName},
    problem::FieldErrors,
    quantity::Size,
    storage_class::{Offer, StorageClass, propose},
};
use serde::{Deserialize, Serialize};

/// The form for a new volume: exactly what the page has, all text. Types begin at [`VolumeForm::check`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VolumeForm {
    pub name: String,
    /// A number, or a number with a unit.
    pub size: String,
    /// Used when `size` is a bare number.
    pub unit: String,
    pub class: String,
    /// One mode or a comma-separated list.
    pub access: String,
    pub description: String,
    pub mount_path: String,
    /// Pairs such as `stage=prod`, parted by blanks or commas.
    pub labels: String,
}

/// A volume to be made. Only [`VolumeForm::check`] makes one from what a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeSpec {
    pub name: VolumeName,
    pub size: Size,
    pub class: ObjectName,
    pub modes: Vec<AccessMode>,
    pub description: Option<String>,
    pub mount_path: Option<MountPath>,
    pub labels: Labels,
}

pub const DESCRIPTION_MAX: usize = 200;

/// The text fields of the form, read.
struct Read {
    name: VolumeName,
    size: Size,
    modes: Vec<AccessMode>,
    description: Option<String>,
    mount_path: Option<MountPath>,
    labels: Labels,
}

impl VolumeForm {
    /// What the form starts with: one node, Gi, and a class that the portal chooses.
    pub fn blank() -> Self {
        Self { size: "10".into(), unit: "Gi".into(), access: AccessMode::ReadWriteOnce.to_string(), ..Self::default() }
    }

    /// Every field by its name on the page: how a filled form is read from an address.
    pub fn fields(&mut self) -> [(&'static str, &mut String); 8] {
        [
            ("name", &mut self.name),
            ("size", &mut self.size),
            ("unit", &mut self.unit),
            ("class", &mut self.class),
            ("access", &mut self.access),
            ("description", &mut self.description),
            ("mount_path", &mut self.mount_path),
            ("labels", &mut self.labels),
        ]
    }

    /// The size as one text: a bare number takes the unit beside it.
    pub fn size_text(&self) -> String {
        if !self.size.is_empty() && self.size.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            format!("{}{}", self.size, self.unit)
        } else {
            self.size.clone()
        }
    }

    /// The sentences of the fields that can be judged without asking the cluster: what the browser checks while typing.
    pub fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        self.read(&mut errors);
        errors
    }

    /// Every field's sentence at once, or the volume to make.
    pub fn check(&self, classes: &[StorageClass]) -> Result<VolumeSpec, FieldErrors> {
        let mut errors = FieldErrors::default();
        let read = self.read(&mut errors);
        let modes = parse_modes(&self.access).unwrap_or_default();
        let class = self.chosen_class(&modes, classes).map_err(|sentence| errors.add("class", sentence)).ok();
        if let Some(class) = class
            && let Some(mode) = modes.iter().find(|mode| class.offers(**mode) == Offer::No)
        {
            errors.add("access", format!("Class {} cannot do {mode}. Choose another class, or one node at a time.", class.name));
        }
        match (read, class) {
            (Some(Read { name, size, modes, description, mount_path, labels }), Some(class)) if errors.is_empty() => {
                Ok(VolumeSpec { name, size, class: class.name.clone(), modes, description, mount_path, labels })
            }
            _ => Err(errors),
        }
    }

    /// What the text fields say, or `None` with a sentence for each that says nothing.
    fn read(&self, errors: &mut FieldErrors) -> Option<Read> {
        let name = self.name.parse::<VolumeName>().map_err(|error| {
            let hint = VolumeName::suggestion(&self.name).map(|name| format!(" Try {name}.")).unwrap_or_default();
            errors.add("name", format!("{error}{hint}"));
        });
        let size = Size::typed(&self.size_text()).map_err(|error| errors.add("size", error.to_string()));
        let modes = parse_modes(&self.access).map_err(|sentence| errors.add("access", sentence));
        let description = description(&self.description, errors);
        let mount_path = mount_path(&self.mount_path, errors);
        let labels = labels(&self.labels, errors);
        Some(Read {
            name: name.ok()?,
            size: size.ok()?.size,
            modes: modes.ok()?,
            description: description?,
            mount_path: mount_path?,
            labels: labels?,
        })
    }

    /// The class that was chosen; where none was, the one that the portal proposes.
    fn chosen_class<'a>(&self, modes: &[AccessMode], classes: &'a [StorageClass]) -> Result<&'a StorageClass, String> {
        if self.class.is_empty() || classes.is_empty() {
            return propose(modes, classes).map(|proposal| proposal.class);
        }
        classes.iter().find(|c| c.name.as_str() == self.class).ok_or_else(|| {
            let names = classes.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
            format!("There is no class of this name. The cluster has {names}.")
        })
    }
}

/// The sentence for a name that the person uses already. Names differ by more than the case of their letters.
pub fn taken<'a>(name: &str, own: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known = own.into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
    Some(format!("You already have a volume named {known}. Choose another name."))
}

/// The two things a deletion needs from a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeleteForm {
    /// The volume's name, typed.
    pub confirm: String,
    /// The uid of the volume that the person saw: a successor of the same name is never deleted instead.
    pub uid: String,
    /// `yes`: for good, also where there is a trash.
    pub now: String,
    /// Then a volume like it is made: with this class, or `yes` for one that is chosen later.
    pub again: String,
}

impl DeleteForm {
    pub fn check(&self, name: &str) -> Result<(), FieldErrors> {
        if !name.is_empty() && self.confirm == name {
            Ok(())
        } else {
            Err(FieldErrors::one("confirm", format!("Type {name}, exactly, to delete it.")))
        }
    }
}

#[cfg(test)]
mod refusals;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage_class::{Binding, ClassSettings, Reclaim};
    use proptest::prelude::*;

    pub(super) fn classes() -> Vec<StorageClass> {
        let class = |name: &str, provisioner: &str, default| StorageClass {
            name: name.parse().unwrap(),
            provisioner: provisioner.into(),
            default,
            binding: Binding::Immediate,
            reclaim: Reclaim::Delete,
            expandable: false,
            description: None,
            proven: vec![],
            settings: ClassSettings::default(),
        };
        vec![class("standard", "rancher.io/local-path", true), class("gp3", "ebs.csi.aws.com", false)]
    }

    pub(super) fn good() -> VolumeForm {
        VolumeForm { name: "vol-alice".into(), ..VolumeForm::blank() }
    }

    #[test]
    fn the_blank_form_needs_only_a_name() {
        let spec = good().check(&classes()).unwrap();
        assert_eq!(
            (spec.size.to_string().as_str(), spec.class.as_str(), spec.modes.as_slice()),
            ("10Gi", "standard", &[AccessMode::ReadWriteOnce][..])
        );
    }

    #[test]
    fn without_a_choice_the_class_follows_from_how_it_is_used() {
        let mut classes = classes();
        let many = VolumeForm { access: "ReadWriteMany".into(), ..good() };
        assert!(many.check(&classes).unwrap_err().get("class").unwrap().contains("Ask an administrator"));
        classes.push(StorageClass { name: "rook-cephfs".parse().unwrap(), default: false, ..classes[0].clone() });
        assert_eq!(many.check(&classes).unwrap().class.as_str(), "rook-cephfs");
        assert_eq!(good().check(&classes).unwrap().class.as_str(), "standard");
    }

    #[test]
    fn every_field_is_found_by_its_name_on_the_page() {
        let mut form = VolumeForm::default();
        for (name, value) in form.fields() {
            *value = name.to_owned();
        }
        let text = |text: &str| text.to_owned();
        let whole = VolumeForm {
            name: text("name"),
            size: text("size"),
            unit: text("unit"),
            class: text("class"),
            access: text("access"),
            description: text("description"),
            mount_path: text("mount_path"),
            labels: text("labels"),
        };
        assert_eq!(form, whole);
    }

    #[test]
    fn a_name_is_taken_whatever_the_case_of_its_letters() {
        assert!(taken("data", ["other", "Data"]).unwrap().contains("named Data."));
        assert_eq!(taken("data2", ["data"]), None);
    }

    #[test]
    fn every_wrong_field_gets_its_sentence_at_once() {
        let form = VolumeForm {
            name: "vol alice".into(),
            size: "0".into(),
            class: "ultra".into(),
            access: "ReadWriteEverything".into(),
            description: "x".repeat(201),
            mount_path: "data".into(),
            labels: "prod".into(),
            ..good()
        };
        let errors = form.check(&classes()).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["access", "class", "description", "labels", "mount_path", "name", "size"]);
        assert_eq!(errors.get("name"), Some("No spaces in names. Try vol-alice."));
        assert_eq!(errors.get("class"), Some("There is no class of this name. The cluster has standard, gp3."));
    }

    #[test]
    fn a_typed_unit_outweighs_the_picker() {
        let form = VolumeForm { size: "500Mi".into(), ..good() };
        assert_eq!(form.check(&classes()).unwrap().size.to_string(), "500Mi");
    }

    #[test]
    fn a_mode_that_the_class_cannot_do_is_refused() {
        let form = VolumeForm { class: "gp3".into(), access: "ReadWriteMany".into(), ..good() };
        assert!(form.check(&classes()).unwrap_err().get("access").is_some());
    }

    #[test]
    fn without_classes_the_form_says_whom_to_ask() {
        assert!(good().check(&[]).unwrap_err().get("class").unwrap().contains("administrator"));
    }

    #[test]
    fn characters_that_cannot_be_seen_are_refused() {
        for bad in ["paid \u{202e}gpj", "x\u{2066}y", "a\u{200b}b", "\u{feff}"] {
            let form = VolumeForm { description: format!("a{bad}z"), mount_path: format!("/data{bad}z"), ..good() };
            let errors = form.check(&classes()).unwrap_err();
            assert!(errors.get("description").is_some() && errors.get("mount_path").is_some(), "{bad:?}");
        }
    }

    #[test]
    fn deletion_needs_the_exact_name() {
        let form = |confirm: &str| DeleteForm { confirm: confirm.into(), ..DeleteForm::default() };
        assert!(form("data").check("data").is_ok());
        assert!(form("").check("").is_err(), "a volume without a name is not deleted by typing nothing");
        for wrong in ["", "Data", "data ", "dat"] {
            assert!(form(wrong).check("data").is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_form_makes_the_check_panic(name in "\\PC{0,70}", size in "\\PC{0,20}", class in "\\PC{0,20}", access in "\\PC{0,30}", mount_path in "\\PC{0,30}") {
            let form = VolumeForm { name, size, class, access, mount_path, ..good() };
            let _ = form.check(&classes());
        }
    }
}
