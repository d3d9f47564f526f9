//! What follows from a deletion, and how are many volumes chosen at once? A person reads it before they confirm.

use super::{Trash, Volume};
use crate::{
    allowed::{WhyNot, offers_delete},
    name::VolumeId,
    problem::FieldErrors,
    quantity::Size,
    storage_class::{Reclaim, StorageClass},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// At most so many volumes are deleted by one form.
pub const AT_ONCE: usize = 500;

/// What a person should know before a volume goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consequences {
    pub size: Size,
    /// `None` if the class is not known any more.
    pub reclaim: Option<Reclaim>,
    /// Pods that have finished and still hold the deletion.
    pub finished: usize,
}

impl Consequences {
    pub fn of(volume: &Volume, class: Option<&StorageClass>) -> Self {
        Self {
            size: volume.size(),
            reclaim: class.map(|class| class.reclaim),
            finished: volume.used_by.iter().filter(|u| !u.phase.is_use()).count(),
        }
    }

    /// What becomes of the data.
    pub fn data(&self) -> &'static str {
        match self.reclaim {
            Some(Reclaim::Delete) => "Its data is destroyed. This cannot be undone.",
            Some(Reclaim::Retain) => "The volume goes; its data is kept aside by the cluster, and only an administrator can bring it back.",
            None => "Its class is unknown, so expect that its data is destroyed. This cannot be undone.",
        }
    }

    /// The same where there is a trash.
    pub fn data_after(&self, trash: Trash) -> String {
        let then = match self.reclaim {
            Some(Reclaim::Delete) => "Then it is removed, and its data is destroyed.",
            Some(Reclaim::Retain) => {
                "Then it is removed; its data is kept aside by the cluster, and only an administrator can bring it back."
            }
            None => "Then it is removed; its class is unknown, so expect that its data is destroyed.",
        };
        format!("It goes to the trash and can be restored {}. {then}", trash.in_words())
    }

    /// The reclaim policy, in few words.
    pub fn reclaim_in_words(&self) -> &'static str {
        match self.reclaim {
            Some(Reclaim::Delete) => "Data is destroyed",
            Some(Reclaim::Retain) => "Data is kept aside",
            None => "Class unknown: expect that data is destroyed",
        }
    }
}

/// Volumes that somebody chose, as a review shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub can: Vec<Volume>,
    pub cannot: Vec<(Volume, WhyNot)>,
    /// Chosen, but not there.
    pub absent: usize,
    /// Left out, since there were more than [`AT_ONCE`].
    pub too_many: usize,
}

impl Selection {
    /// Of these volumes, the ones with these ids and the ones whose name begins with the prefix (if that says anything).
    pub fn of(volumes: Vec<Volume>, ids: &[String], prefix: &str) -> Self {
        let mut wanted: Vec<&String> = ids.iter().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let absent = wanted.into_iter().filter(|id| !volumes.iter().any(|volume| volume.id.as_str() == **id)).count();
        let mut chosen: Vec<_> = volumes
            .into_iter()
            .filter(|volume| ids.iter().any(|id| id == volume.id.as_str()) || (!prefix.is_empty() && volume.name.starts_with(prefix)))
            .collect();
        chosen.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.uid.cmp(&b.uid)));
        let too_many = chosen.len().saturating_sub(AT_ONCE);
        chosen.truncate(AT_ONCE);
        let mut selection = Self { absent, too_many, ..Self::default() };
        for volume in chosen {
            match offers_delete(&volume) {
                Ok(()) => selection.can.push(volume),
                Err(why) => selection.cannot.push((volume, why)),
            }
        }
        selection
    }

    /// Exactly the volumes that the person sees, for the form's hidden field.
    pub fn chosen(&self) -> String {
        self.can.iter().map(|volume| format!("{}:{}", volume.id, volume.uid)).collect::<Vec<_>>().join(",")
    }
}

/// The form that deletes many volumes: exactly those that the person saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BulkDeleteForm {
    /// `id:uid` of each, separated by commas.
    pub chosen: String,
    /// `delete`, a space, and how many they are.
    pub confirm: String,
}

impl BulkDeleteForm {
    /// What must be typed to delete so many.
    pub fn phrase(number: usize) -> String {
        format!("delete {number}")
    }

    /// The volumes to delete, each with the uid that the person saw.
    pub fn check(&self) -> Result<Vec<(VolumeId, String)>, FieldErrors> {
        let parts = self.chosen.split(',').filter(|part| !part.is_empty());
        let chosen: Option<Vec<(VolumeId, String)>> = parts
            .take(AT_ONCE + 1)
            .map(|part| part.split_once(':').and_then(|(id, uid)| Some((id.parse().ok()?, uid.to_owned()))))
            .collect();
        let chosen = chosen.ok_or_else(|| FieldErrors::one("confirm", "The list cannot be read, so nothing was deleted. Choose again."))?;
        let ids: BTreeSet<_> = chosen.iter().map(|(id, _)| id).collect();
        if ids.len() < chosen.len() {
            return Err(FieldErrors::one("confirm", "The list names a volume twice, so nothing was deleted. Choose again."));
        }
        if chosen.is_empty() {
            return Err(FieldErrors::one("confirm", "No volume is chosen, so nothing was deleted."));
        }
        if chosen.len() > AT_ONCE {
            return Err(FieldErrors::one("confirm", format!("At most {AT_ONCE} volumes are deleted at once. Choose fewer.")));
        }
        let phrase = Self::phrase(chosen.len());
        if self.confirm.trim() == phrase {
            Ok(chosen)
        } else {
            Err(FieldErrors::one("confirm", format!("Type {phrase}, exactly, to delete them.")))
        }
    }

    /// The ids alone, to show the review again; no more than can be deleted, whatever was sent.
    pub fn ids(&self) -> Vec<String> {
        self.chosen.split(',').filter_map(|part| part.split_once(':')).take(AT_ONCE).map(|(id, _)| id.to_owned()).collect()
    }
}

/// The one thing that the removal of finished pods needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CleanupForm {
    /// The uid of the volume that the person saw.
    pub uid: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cause::tests::deleting,
        volume::{Use, UsePhase, sample},
    };

    fn volume(name: &str, number: u64) -> Volume {
        Volume { id: VolumeId::from_random(number), ..sample(name) }
    }

    fn pod(name: &str, task: Option<&str>, phase: UsePhase) -> Use {
        Use { pod: name.into(), task: task.map(str::to_owned), node: None, phase, since: 0, events: vec![] }
    }

    #[test]
    fn consequences_count_the_pods_that_have_finished() {
        let used_by = vec![
            pod("a", Some("train"), UsePhase::Running),
            pod("b", Some("train"), UsePhase::Waiting),
            pod("c", None, UsePhase::Starting),
            pod("d", Some("old"), UsePhase::Finished),
        ];
        let told = Consequences::of(&Volume { used_by, ..sample("data") }, None);
        assert_eq!((told.finished, told.size, told.reclaim), (1, Size::from_bytes(10 << 30), None));
    }

    #[test]
    fn g0_53_what_becomes_of_the_data_is_said_with_the_time_until_which_it_can_be_undone() {
        let told = |reclaim| Consequences { size: Size::from_bytes(1), reclaim, finished: 0 }.data_after(Trash::Until(0));
        let until = "It goes to the trash and can be restored until 1 Jan 1970, 00:00:00 UTC. Then it is removed";
        assert_eq!(told(Some(Reclaim::Delete)), format!("{until}, and its data is destroyed."));
        assert!(told(Some(Reclaim::Retain)).starts_with(&format!("{until}; its data is kept aside")));
        assert!(told(None).starts_with(&format!("{until}; its class is unknown")));
    }

    #[test]
    fn a_prefix_chooses_by_the_beginning_of_the_name_and_an_empty_one_nothing() {
        let volumes = || vec![volume("run-2", 2), volume("run-1", 1), volume("my-run", 3)];
        let names = |selection: &Selection| selection.can.iter().map(|volume| volume.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&Selection::of(volumes(), &[], "run-")), ["run-1", "run-2"]);
        assert_eq!(Selection::of(volumes(), &[], ""), Selection::default());
        let ids = [volumes()[2].id.to_string(), "zzzzzzzz".into(), "not an id".into(), "zzzzzzzz".into()];
        let chosen = Selection::of(volumes(), &ids, "run-2");
        assert_eq!((names(&chosen), chosen.absent), (vec!["my-run".into(), "run-2".into()], 2));
    }

    #[test]
    fn what_cannot_be_deleted_is_left_out_with_its_reason() {
        let busy = Volume { used_by: vec![pod("p", None, UsePhase::Running)], ..volume("busy", 1) };
        let leaving = Volume { status: deleting(), ..volume("leaving", 2) };
        let chosen = Selection::of(
            vec![busy, leaving, volume("free", 3)],
            &[VolumeId::from_random(1).to_string(), VolumeId::from_random(2).to_string()],
            "free",
        );
        assert_eq!(chosen.can.len(), 1);
        assert_eq!(chosen.cannot[0].1, WhyNot::InUse { by: vec!["p".into()] });
        assert_eq!(chosen.cannot[1].1, WhyNot::DeletedAlready);
        assert_eq!(chosen.chosen(), format!("{}:uid-of-free", VolumeId::from_random(3)));
    }

    #[test]
    fn more_than_are_allowed_are_never_chosen_at_once() {
        let many: Vec<_> = (0..530).map(|number| volume(&format!("v{number:03}"), number)).collect();
        let chosen = Selection::of(many.clone(), &[], "v");
        assert_eq!((chosen.can.len(), chosen.too_many), (AT_ONCE, 30));
        let all = Selection { can: many, ..Selection::default() }.chosen();
        let form = BulkDeleteForm { chosen: all, confirm: "delete 530".into() };
        assert!(form.check().unwrap_err().get("confirm").unwrap().contains("At most 500"));
        assert_eq!(form.ids().len(), AT_ONCE);
    }

    #[test]
    fn many_volumes_are_deleted_only_when_their_number_was_typed() {
        let form = |chosen: &str, confirm: &str| BulkDeleteForm { chosen: chosen.into(), confirm: confirm.into() };
        let two = "abcdefgh:u-1,ijklmnop:u-2";
        let chosen = form(two, "delete 2").check().unwrap();
        assert_eq!(chosen, [("abcdefgh".parse().unwrap(), "u-1".into()), ("ijklmnop".parse().unwrap(), "u-2".into())]);
        for wrong in ["", "delete", "2", "delete 3", "Delete 2"] {
            assert!(form(two, wrong).check().unwrap_err().get("confirm").unwrap().contains("Type delete 2"), "{wrong}");
        }
        for unreadable in ["abc:u", "abcdefgh", "abcdefgh:u,../x:y", "", "abcdefgh:u,abcdefgh:u", "abcdefgh:u,abcdefgh:v"] {
            for confirm in ["delete 1", "delete 2"] {
                assert!(form(unreadable, confirm).check().is_err(), "{unreadable}");
            }
        }
    }
}
