//! What storage does the cluster itself hold? Its PersistentVolumes, for administrators.

use crate::quantity::Size;

/// One PersistentVolume. `created` is in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersistentVolume {
    pub name: String,
    pub size: Option<Size>,
    pub class: Option<String>,
    /// `status.phase`
    pub phase: String,
    /// Namespace and name of the claim that it belongs to, or belonged to.
    pub claim: Option<(String, String)>,
    /// `spec.persistentVolumeReclaimPolicy`
    pub reclaim: String,
    /// What its driver said last, if anything failed.
    pub message: Option<String>,
    pub created: i64,
}

impl PersistentVolume {
    /// What happens to it and its data when its claim is deleted.
    pub fn reclaim_in_words(&self) -> String {
        match self.reclaim.as_str() {
            "Delete" => "Removed with its claim, and the data with it".into(),
            "Retain" => "Kept with its data when its claim is deleted".into(),
            "Recycle" => "Emptied and offered again when its claim is deleted".into(),
            "" => "Not said".into(),
            other => format!("{other}, which the portal does not know"),
        }
    }

    /// What an administrator can do about it; `None` where nothing is to be done.
    pub fn advice(&self) -> Option<String> {
        let name = &self.name;
        match (self.phase.as_str(), self.reclaim.as_str()) {
            ("Released", "Retain") => Some(format!(
                "Its claim is gone and the data is kept. To give the data to a new claim, take the old one out (kubectl patch pv {name} \
                 --type json -p '[{{\"op\":\"remove\",\"path\":\"/spec/claimRef\"}}]') and let the new claim name it in spec.volumeName. To \
                 be rid of it, delete it (kubectl delete pv {name}) and then the storage behind it by hand."
            )),
            ("Released", "Delete") => Some(format!(
                "Its claim is gone and its driver is to remove it. If it stays, the driver says why: kubectl describe pv {name}."
            )),
            ("Released", _) => Some(format!("Its claim is gone. What becomes of it: kubectl describe pv {name}.")),
            ("Failed", _) => Some(format!(
                "Its driver could not remove it. Mend what it names below, or remove the storage by hand and then kubectl delete pv {name}."
            )),
            _ => None,
        }
    }
}

/// Those that need a hand first, then by name.
pub fn order(volumes: &mut [PersistentVolume]) {
    volumes.sort_by(|a, b| a.advice().is_none().cmp(&b.advice().is_none()).then_with(|| a.name.cmp(&b.name)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(name: &str, phase: &str, reclaim: &str) -> PersistentVolume {
        PersistentVolume {
            name: name.into(),
            size: None,
            class: None,
            phase: phase.into(),
            claim: None,
            reclaim: reclaim.into(),
            message: None,
            created: 0,
        }
    }

    #[test]
    fn g0_72_released_ones_say_what_can_be_done_by_what_keeps_them() {
        let advice = |phase, reclaim| volume("pv-1", phase, reclaim).advice();
        assert!(
            advice("Released", "Retain")
                .unwrap()
                .contains("kubectl patch pv pv-1 --type json -p '[{\"op\":\"remove\",\"path\":\"/spec/claimRef\"}]'")
        );
        assert!(advice("Released", "Delete").unwrap().contains("its driver is to remove it"));
        assert!(advice("Failed", "Delete").unwrap().contains("by hand"));
        for phase in ["Available", "Bound", "Pending", ""] {
            assert_eq!(advice(phase, "Retain"), None, "{phase}");
        }
    }

    #[test]
    fn policies_are_said_in_words() {
        for (policy, words) in
            [("Delete", "Removed with"), ("Retain", "Kept with"), ("Recycle", "Emptied"), ("", "Not said"), ("New", "New, which")]
        {
            assert!(volume("pv", "Bound", policy).reclaim_in_words().starts_with(words), "{policy}");
        }
    }

    #[test]
    fn what_needs_a_hand_comes_first() {
        let mut all = [volume("a", "Bound", "Delete"), volume("c", "Released", "Retain"), volume("b", "Failed", "Delete")];
        order(&mut all);
        assert_eq!(all.map(|one| one.name), ["b", "c", "a"]);
    }
}
