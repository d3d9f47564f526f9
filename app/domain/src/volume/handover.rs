//! To whom may an administrator give a volume? To a person by issuer and subject, never by a readable name.

use crate::{
    name::VolumeName,
    owner::{OwnerKey, Principal, username_label},
    problem::FieldErrors,
};
use serde::{Deserialize, Serialize};

/// A person who owns a volume already: proven by what their volumes carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownOwner {
    pub principal: Principal,
    /// The readable label; display only.
    pub username: String,
}

impl KnownOwner {
    pub fn key(&self) -> OwnerKey {
        OwnerKey::of(&self.principal)
    }
}

/// The form that gives a volume to a person: to one who is known, or to one by issuer and subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HandoverForm {
    /// The claim to adopt; empty when the address says which volume.
    pub claim: String,
    /// The uid of the claim that the administrator saw.
    pub uid: String,
    /// What the new owner calls it.
    pub name: String,
    /// The owner key of a known person, or empty.
    pub owner: String,
    pub issuer: String,
    pub subject: String,
    /// The readable name of somebody who is not known yet.
    pub username: String,
    /// `yes` once the administrator has seen what will change.
    pub confirmed: String,
}

/// A volume's new owner, and what they call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    pub name: VolumeName,
    pub principal: Principal,
    pub username: String,
}

impl Handover {
    pub fn key(&self) -> OwnerKey {
        OwnerKey::of(&self.principal)
    }
}

impl HandoverForm {
    pub fn check(&self, known: &[KnownOwner]) -> Result<Handover, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = self.name.parse::<VolumeName>().map_err(|error| {
            let hint = VolumeName::suggestion(&self.name).map(|name| format!(" Try {name}.")).unwrap_or_default();
            errors.add("name", format!("{error}{hint}"));
        });
        let owner = self.new_owner(known).map_err(|(field, sentence)| errors.add(field, sentence));
        match (name, owner) {
            (Ok(name), Ok(KnownOwner { principal, username })) => Ok(Handover { name, principal, username }),
            (Err(()), _) | (_, Err(())) => Err(errors),
        }
    }

    fn new_owner(&self, known: &[KnownOwner]) -> Result<KnownOwner, (&'static str, String)> {
        let (issuer, subject) = (self.issuer.as_str(), self.subject.as_str());
        match (self.owner.as_str(), issuer.is_empty() && subject.is_empty()) {
            ("", true) => Err(("owner", "Choose a person, or enter issuer and subject.".into())),
            ("", false) => {
                if !(issuer.starts_with("https://") || issuer.starts_with("http://")) || issuer.contains(char::is_whitespace) {
                    return Err((
                        "issuer",
                        "Enter the issuer as the identity provider writes it, for example https://id.example.org.".into(),
                    ));
                }
                let principal = Principal::new(issuer, subject)
                    .map_err(|_| ("subject", "Enter the subject: 1 to 255 printable ASCII characters without spaces.".to_owned()))?;
                let key = OwnerKey::of(&principal);
                let known = known.iter().find(|owner| owner.principal == principal).cloned();
                Ok(known.unwrap_or_else(|| KnownOwner { username: username_label(&self.username, &key), principal }))
            }
            (_, false) => Err(("owner", "Choose a person or enter issuer and subject, not both.".into())),
            (key, true) => known
                .iter()
                .find(|owner| owner.key().as_str() == key)
                .cloned()
                .ok_or_else(|| ("owner", "This person owns nothing here any more. Enter issuer and subject.".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(subject: &str) -> KnownOwner {
        KnownOwner { principal: Principal::new("https://id", subject).unwrap(), username: subject.into() }
    }

    fn form(owner: &str, issuer: &str, subject: &str) -> HandoverForm {
        HandoverForm {
            name: "data".into(),
            owner: owner.into(),
            issuer: issuer.into(),
            subject: subject.into(),
            username: "bob@example.org".into(),
            ..HandoverForm::default()
        }
    }

    #[test]
    fn a_new_owner_is_a_known_one_or_issuer_and_subject_byte_for_byte() {
        let people = [known("alice"), known("bob")];
        let chosen = form(people[1].key().as_str(), "", "").check(&people).unwrap();
        assert_eq!((chosen.principal, chosen.username.as_str()), (people[1].principal.clone(), "bob"));
        let typed = form("", "https://id/", "bob").check(&people).unwrap();
        assert_ne!(typed.principal, people[1].principal, "another issuer is another person");
        assert_eq!(typed.username, "bob-example.org");
        assert_eq!(form("", "https://id", "bob").check(&people).unwrap().username, "bob", "what is known outweighs what was typed");
    }

    #[test]
    fn nobody_or_two_at_once_are_no_owner() {
        let people = [known("alice")];
        let key = people[0].key();
        for (bad, field) in [
            (form("", "", ""), "owner"),
            (form(key.as_str(), "https://id", "bob"), "owner"),
            (form("o1-nobody", "", ""), "owner"),
            (form("alice", "", ""), "owner"),
            (form("", "id", "bob"), "issuer"),
            (form("", "https://id", ""), "subject"),
            (form("", "https://id", "b ob"), "subject"),
            (HandoverForm { name: "no good".into(), ..form(key.as_str(), "", "") }, "name"),
        ] {
            assert!(bad.check(&people).unwrap_err().get(field).is_some(), "{bad:?}");
        }
    }
}
