use super::*;
use crate::{
    cause::{Facts, cause},
    event::Severity,
    label::Labels,
    quantity::Size,
    volume::Kind,
};

fn volume(deleting_since: Option<i64>) -> Volume {
    let facts = Facts { phase: "Bound", deleting_since, ..crate::cause::tests::facts() };
    Volume {
        id: "abc12345".parse().unwrap(),
        name: "v".into(),
        claim: "v-abc12345".into(),
        uid: "u".into(),
        username: "alice".into(),
        owner_subject: None,
        status: cause(&facts),
        requested: Size::from_bytes(1),
        capacity: None,
        fullness: crate::usage::Fullness::default(),
        class: None,
        kind: Kind::Filesystem,
        modes: vec![],
        used_by: vec![],
        created: 100,
        description: None,
        mount_path: "/v".into(),
        labels: Labels::default(),
        read_only: false,
        trash: None,
    }
}

fn said(reason: &str, at: i64) -> Event {
    Event {
        severity: Severity::Normal,
        reason: reason.into(),
        message: String::new(),
        source: "rancher.io/local-path_host_1".into(),
        count: 1,
        first: at,
        last: at,
    }
}

fn words(volume: &Volume, events: &[Event]) -> Vec<String> {
    timeline(volume, events).iter().map(|step| step.what.in_words()).collect()
}

fn pod(name: &str, phase: UsePhase, since: i64) -> Use {
    Use { pod: name.into(), task: None, node: None, phase, since, events: vec![] }
}

#[test]
fn a_pending_volume_was_created_and_nothing_more() {
    assert_eq!(timeline(&volume(None), &[]), [Step { what: Moment::Created, at: Some(100) }]);
}

#[test]
fn who_made_the_storage_and_how_fast_is_known_while_the_event_is() {
    let bound = Volume { capacity: Some(Size::from_bytes(1)), ..volume(None) };
    assert_eq!(
        words(&bound, &[said("ProvisioningSucceeded", 104)]),
        ["Created", "Storage made by rancher.io/local-path", "Bound after 4 s"]
    );
    assert_eq!(timeline(&bound, &[])[1], Step { what: Moment::Bound { after: None }, at: None });
}

#[test]
fn mounts_and_growth_come_in_their_order_and_the_deletion_last() {
    let leaving = Volume {
        used_by: vec![
            pod("b", UsePhase::Running, 250),
            pod("a", UsePhase::Running, 200),
            pod("first", UsePhase::Finished, 150),
            pod("done", UsePhase::Finished, 160),
            pod("unplaced", UsePhase::Waiting, 120),
        ],
        ..volume(Some(300))
    };
    let grown = [said("VolumeResizeSuccessful", 210), said("FileSystemResizeSuccessful", 220)];
    assert_eq!(
        words(&leaving, &grown),
        ["Created", "First known mount, by first", "Mounted by a", "Grown", "Mounted by b", "Deletion asked"]
    );
    assert_eq!(timeline(&leaving, &grown).last().and_then(|step| step.at), Some(300));
}
