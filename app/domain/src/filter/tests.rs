use super::*;
use crate::{
    access::AccessMode,
    cause::tests::in_phase,
    label::Labels,
    quantity::Size,
    usage::{Fullness, Sample, Usage},
    volume::{Kind, Use, UsePhase, Volume},
};
use proptest::prelude::*;

const DAY: i64 = 86_400;
const NOW: i64 = 100 * DAY;

fn volume(name: &str) -> Volume {
    Volume {
        id: "abc12345".parse().unwrap(),
        name: name.into(),
        claim: format!("{name}-abc12345"),
        uid: "u".into(),
        username: "ana".into(),
        owner_subject: None,
        status: in_phase("Bound"),
        requested: Size::from_bytes(20 << 30),
        capacity: None,
        fullness: Fullness::default(),
        class: Some("fast".into()),
        kind: Kind::Filesystem,
        modes: vec![AccessMode::ReadWriteMany],
        used_by: vec![],
        created: NOW - 40 * DAY,
        description: Some("Imaging dataset".into()),
        mount_path: "/v".into(),
        labels: Labels::typed("stage=Prod team=vision").unwrap(),
        read_only: false,
        trash: None,
    }
}

fn matches(filter: &str) -> bool {
    let filter = Filter::read(filter, true);
    assert_eq!(filter.refused, Vec::<String>::new());
    filter.matches(&volume("Train-images"), NOW)
}

#[test]
fn every_property_narrows_and_a_minus_turns_it_round() {
    for (yes, no) in [
        ("train", "trains"),
        ("name:train*", "name:images*"),
        ("*images", "*train"),
        ("status:Ready", "status:waits-for-first-use"),
        ("status:rea*", "status:rea"),
        ("phase:bound", "phase:Pending"),
        ("class:FAST,slow", "class:fas"),
        ("mode:RWX", "mode:ReadWriteOnce"),
        ("size>10Gi", "size>20Gi"),
        ("size>=20Gi", "size<=10GB"),
        ("size:20Gi", "size=21Gi"),
        ("age>30d", "age<30d"),
        ("age>=5w", "age>1y"),
        ("unused:yes", "unused:no"),
        ("text:dataset", "text:video"),
        ("pvc:abc12345", "pvc:zzz"),
        ("owner:ana", "owner:an"),
        ("label:stage=prod", "label:stage=pro"),
        ("label:Team", "label:tea"),
        ("label:stage=*", "label:stage="),
        ("label:stage=dev,team=vision", "label:stage=dev,team=audio"),
        ("kind:filesystem", "kind:block"),
        ("text:\"imaging dataset\"", "\"imaging dataset\""),
    ] {
        assert!(matches(yes), "{yes}");
        assert!(!matches(no), "{no}");
        if yes.contains([':', '<', '>', '=']) {
            assert!(!matches(&format!("-{yes}")), "-{yes}");
            assert!(matches(&format!("-{no}")) || !no.contains([':', '<', '>', '=']), "-{no}");
        }
    }
}

#[test]
fn all_terms_hold_together() {
    assert!(matches("train class:fast size>10Gi age>30d unused:yes"));
    assert!(!matches("train class:fast size>10Gi age>50d unused:yes"));
}

#[test]
fn what_uses_it_counts_and_what_is_finished_does_not() {
    let pod = |phase| Use { pod: "job-1".into(), task: Some("sweep".into()), node: None, phase, since: 0, events: vec![] };
    let filter = |text| Filter::read(text, false);
    let running = Volume { used_by: vec![pod(UsePhase::Running)], ..volume("v") };
    let finished = Volume { used_by: vec![pod(UsePhase::Finished)], ..volume("v") };
    assert!(filter("used-by:swe").matches(&running, NOW) && !filter("unused:yes").matches(&running, NOW));
    assert!(!filter("used-by:swe").matches(&finished, NOW) && filter("unused:yes").matches(&finished, NOW));
}

#[test]
fn g0_59_what_is_full_is_found_and_what_nobody_measured_is_not() {
    let usage = Usage { used: Size::from_bytes(81), total: Size::from_bytes(100) };
    let full = Volume { fullness: Fullness::Measured(Sample { at: 0, usage, files: None }), ..volume("v") };
    let filter = |text| Filter::read(text, false);
    for (yes, no) in [("full>80", "full>81"), ("full>=81%", "full<81"), ("full:81", "full:8")] {
        assert!(filter(yes).matches(&full, NOW) && !filter(no).matches(&full, NOW), "{yes}");
    }
    assert!(!filter("full>0").matches(&volume("v"), NOW) && !filter("full<=100").matches(&volume("v"), NOW));
    assert!(filter("full>101").refused[0].contains("0 to 100") && filter("full>a").refused[0].contains("full>80"));
    assert_eq!(filter("full>80%").to_string(), "full>80");
}

#[test]
fn what_means_nothing_is_told_and_narrows_nothing() {
    for (text, told) in [
        ("clas:fast", "Did you mean “class”"),
        ("colour:red", "There are name, status"),
        ("size>big", "A size is a number"),
        ("age>old", "12h, 30d"),
        ("unused:maybe", "unused:yes or unused:no"),
        ("class:", "no value yet"),
        ("class:,", "no value yet"),
        ("class>fast", "cannot be compared"),
    ] {
        let filter = Filter::read(text, true);
        assert!(filter.terms.is_empty() && filter.refused.len() == 1 && filter.refused[0].contains(told), "{text}: {:?}", filter.refused);
    }
    assert!(Filter::read("owner:ana", false).refused[0].contains("All volumes here are yours"));
}

/// security.md c3, 053: a selector is a text like any other.
#[test]
fn c3_053_a_typed_selector_is_only_looked_for_in_names() {
    let filter = Filter::read("volume-name in (a,b),username notin (me)", false);
    assert_eq!(filter.refused, Vec::<String>::new());
    assert_eq!(filter.terms.len(), 5);
    assert!(!filter.matches(&volume("a"), NOW));
}

#[test]
fn terms_come_and_go_once() {
    let filter = Filter::read("train", false).and(Term::class("fast")).and(Term::class("Fast"));
    assert_eq!(filter.to_string(), "train class:fast");
    assert_eq!(filter.without(&Term::class("fast")).to_string(), "train");
    assert_eq!(Filter::read("a a A", false).terms.len(), 1);
}

proptest! {
    #[test]
    fn a_filter_is_written_as_it_reads(text in "(-?(name|class|size|full|age|owner|unused|label|kind)?[:<>=]{0,2}[a-zA-Z0-9*, \"]{0,12} ?){0,5}") {
        let filter = Filter::read(&text, true);
        let again = Filter::read(&filter.to_string(), true);
        prop_assert_eq!(&again.terms, &filter.terms, "{}", filter.to_string());
        prop_assert!(again.refused.is_empty());
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,600}") {
        let _ = Filter::read(&text, true).matches(&volume("v"), NOW);
    }

    #[test]
    fn a_pattern_of_stars_and_the_text_itself_always_fits(text in "[a-c]{0,8}", at in 0usize..8) {
        let at = at.min(text.len());
        let pattern = format!("{}*{}", &text[..at], &text[at..]);
        prop_assert!(term_fits(&text, &pattern));
    }
}

fn term_fits(name: &str, pattern: &str) -> bool {
    Filter::read(&format!("name:{pattern}"), true).matches(&volume(name), NOW)
}
