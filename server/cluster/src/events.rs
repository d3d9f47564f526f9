//! What did the cluster say about a claim or a task, and about their pods? Matched by uid: names are used again, uids
//! are not.

use crate::object::{Meta, Row, Time, cut, null_is_default};
use domain::event::{Event, Severity};
use kube::Resource;
use serde::Deserialize;

/// A core `Event`, with both of its forms: `count` and `lastTimestamp`, or `series` and `eventTime`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EventRow {
    #[serde(deserialize_with = "null_is_default", rename = "metadata")]
    pub(crate) meta: Meta,
    #[serde(deserialize_with = "null_is_default")]
    involved_object: Involved,
    #[serde(rename = "type", deserialize_with = "null_is_default")]
    severity: String,
    #[serde(deserialize_with = "cut::<128, _>")]
    reason: String,
    #[serde(deserialize_with = "cut::<1024, _>")]
    message: String,
    #[serde(deserialize_with = "cut::<128, _>")]
    reporting_component: String,
    #[serde(deserialize_with = "null_is_default")]
    source: Source,
    count: Option<i64>,
    first_timestamp: Time,
    last_timestamp: Time,
    event_time: Time,
    series: Option<Series>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Involved {
    #[serde(deserialize_with = "null_is_default")]
    kind: String,
    #[serde(deserialize_with = "null_is_default")]
    uid: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Source {
    #[serde(deserialize_with = "cut::<128, _>")]
    component: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Series {
    count: Option<i64>,
    last_observed_time: Time,
}

impl Row for EventRow {
    const PLURAL: &'static str = "events";
    fn path(namespace: &str) -> String {
        k8s_openapi::api::core::v1::Event::url_path(&(), Some(namespace))
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl EventRow {
    pub(crate) fn about(&self) -> &str {
        &self.involved_object.uid
    }

    /// Everything about claims and Jobs; about pods, what places, starts and ends them. The rest, such as `MissingClusterDNS`
    /// on every pod of a cluster without DNS, is never why anything is as it is.
    pub(crate) fn is_of_use(&self) -> bool {
        let reason = self.reason.as_str();
        match self.involved_object.kind.as_str() {
            "PersistentVolumeClaim" | "Job" => true,
            "Pod" => is_about_mounting(reason) || ABOUT_RUNNING.contains(&reason),
            _ => false,
        }
    }

    pub(crate) fn event(&self) -> Event {
        let created = self.meta.creation_timestamp.0;
        let series = self.series.as_ref();
        let last = series.and_then(|s| s.last_observed_time.0).or(self.last_timestamp.0).or(self.event_time.0).or(created);
        let first = self.first_timestamp.0.or(self.event_time.0).or(created).or(last).unwrap_or_default();
        let said_by = if self.reporting_component.is_empty() { &self.source.component } else { &self.reporting_component };
        Event {
            severity: if self.severity == "Warning" { Severity::Warning } else { Severity::Normal },
            reason: self.reason.clone(),
            message: self.message.clone(),
            source: said_by.clone(),
            count: times(series.and_then(|s| s.count).or(self.count)),
            first,
            last: last.unwrap_or(first),
        }
    }
}

/// kubernetes, pkg/kubelet/events/event.go and pkg/scheduler. The last ones tell that the volumes are mounted.
const ABOUT_MOUNTING: [&str; 10] = [
    "FailedScheduling",
    "FailedAttachVolume",
    "SuccessfulAttachVolume",
    "FailedMount",
    "FailedMapVolume",
    "SuccessfulMountVolume",
    "Pulling",
    "Pulled",
    "Created",
    "Started",
];

/// Why a pod does not start, or ended (kubernetes, pkg/kubelet/events/event.go, pkg/scheduler, pkg/kubelet/lifecycle/predicate.go).
const ABOUT_RUNNING: [&str; 16] = [
    "Scheduled",
    "Failed",
    "BackOff",
    "InspectFailed",
    "ErrImageNeverPull",
    "InvalidImageName",
    "FailedCreatePodSandBox",
    "FailedCreatePodContainer",
    "Killing",
    "Evicted",
    "Preempted",
    "TaintManagerEviction",
    "NodeNotReady",
    "OutOfcpu",
    "OutOfmemory",
    "UnexpectedAdmissionError",
];

/// Whether what is said of a pod with this reason is about its node and its volumes.
pub(crate) fn is_about_mounting(reason: &str) -> bool {
    ABOUT_MOUNTING.contains(&reason)
}

/// What is said instead of the name of a pod that may be another person's.
const WAITS_FOR_A_POD: &str = "waiting for a pod to be scheduled";
const USED_BY_PODS: &str = "Volume is already used by pod(s) ";

/// What is said instead of the name of a PersistentVolume, which is the administrators' side.
pub(crate) const HIDDEN: &str = "(name hidden)";

/// The text without these names of PersistentVolumes, where they stand alone or between what parts words.
pub(crate) fn without_storage(text: &str, hidden: &[String]) -> String {
    hidden.iter().fold(text.to_owned(), |text, name| without(&text, name))
}

fn without(text: &str, name: &str) -> String {
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let is_whole = !before.ends_with(is_of_a_name) && !after.starts_with(is_of_a_name);
        kept.push_str(before);
        kept.push_str(if is_whole { HIDDEN } else { name });
        rest = after;
    }
    kept + rest
}

/// The event for somebody who may know the names of these pods only, and not these of storage. The claim's events name every pod that waits for a
/// node (kubernetes, pkg/controller/volume/persistentvolume/pv_controller.go: `waiting for pod X to be scheduled`,
/// `waiting for pods X,Y to be scheduled`), and a pod's name those on another node that have its volume
/// (pkg/controller/volume/attachdetach/reconciler: `Multi-Attach error for volume "V" Volume is already used by pod(s) X, Y`).
/// A pod that is not known is not shown: it may have been another person's.
pub(crate) fn naming_only(event: Event, visible: &[&str], hidden: &[String]) -> Event {
    let event = Event { message: without_storage(&event.message, hidden), ..event };
    let known = |names: &str| names.split(',').all(|name| visible.contains(&name.trim()));
    if let Some((start, rest)) = event.message.split_once(USED_BY_PODS) {
        let names = rest.split(" and ").next().unwrap_or_default();
        return if known(names) { event } else { Event { message: format!("{start}Volume is already used by another pod"), ..event } };
    }
    if event.reason != "WaitForPodScheduled" {
        return event;
    }
    let names = ["waiting for pods ", "waiting for pod "]
        .iter()
        .find_map(|start| event.message.strip_prefix(start))
        .and_then(|rest| rest.strip_suffix(" to be scheduled"));
    if names.is_some_and(known) {
        return event;
    }
    Event { message: WAITS_FOR_A_POD.to_owned(), ..event }
}

/// The API server accepts any `int32` as a count, also a negative one; what was said was said at least once.
fn times(count: Option<i64>) -> u32 {
    u32::try_from(count.unwrap_or(1).max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(value: serde_json::Value) -> Event {
        serde_json::from_value::<EventRow>(value).unwrap().event()
    }

    #[test]
    fn both_forms_of_events_are_read() {
        let old = event(json!({
            "type": "Warning", "reason": "ProvisioningFailed", "message": "no", "count": 3, "eventTime": null, "series": null,
            "firstTimestamp": "1970-01-01T00:00:10Z", "lastTimestamp": "1970-01-01T00:00:20Z", "source": {"component": "local-path"},
            "reportingComponent": ""
        }));
        let expected = Event {
            severity: Severity::Warning,
            reason: "ProvisioningFailed".into(),
            message: "no".into(),
            source: "local-path".into(),
            count: 3,
            first: 10,
            last: 20,
        };
        assert_eq!(old, expected);
        let new = event(json!({
            "type": "Normal", "eventTime": "1970-01-01T00:00:10.000001Z", "firstTimestamp": null, "lastTimestamp": null,
            "series": {"count": 4, "lastObservedTime": "1970-01-01T00:00:30.000001Z"}, "reportingComponent": "x"
        }));
        assert_eq!((new.count, new.first, new.last, new.source.as_str(), new.severity), (4, 10, 30, "x", Severity::Normal));
    }

    #[test]
    fn a_pod_is_named_only_to_those_who_may_know_it() {
        let said = |message: &str, visible: &[&str]| {
            naming_only(event(json!({"reason": "WaitForPodScheduled", "message": message})), visible, &[]).message
        };
        let one = "waiting for pod train to be scheduled";
        let two = "waiting for pods train,other to be scheduled";
        assert_eq!(said(one, &["train"]), one);
        assert_eq!(said(two, &["other", "train"]), two);
        assert_eq!(said(two, &["train"]), WAITS_FOR_A_POD);
        assert_eq!(said(one, &["trai", "training"]), WAITS_FOR_A_POD);
        assert_eq!(said(one, &[]), WAITS_FOR_A_POD, "what is not there any more is nobody's to show");
        assert_eq!(said("pod train waits, in other words", &["train"]), WAITS_FOR_A_POD);
        let attach =
            "Multi-Attach error for volume \"pvc-1\" Volume is already used by pod(s) train, other and 1 pod(s) in different namespaces";
        let said = |visible: &[&str]| naming_only(event(json!({"reason": "FailedAttachVolume", "message": attach})), visible, &[]).message;
        assert_eq!(said(&["train", "other"]), attach);
        assert_eq!(said(&["train"]), "Multi-Attach error for volume \"pvc-1\" Volume is already used by another pod");
        let other = event(json!({"reason": "WaitForFirstConsumer", "message": "waiting for first consumer to be created before binding"}));
        assert_eq!(naming_only(other.clone(), &[], &[]), other);
    }

    #[test]
    fn g4_20_storage_is_named_to_nobody_who_is_no_administrator() {
        let hidden = ["pvc-1".to_owned(), "pvc-uid".to_owned()];
        for (said, shown) in [
            ("Successfully provisioned volume pvc-uid", "Successfully provisioned volume (name hidden)"),
            ("MountVolume.SetUp failed for volume \"pvc-1\" : no", "MountVolume.SetUp failed for volume \"(name hidden)\" : no"),
            ("mount /var/lib/x/pvc-1/mount: pvc-1, pvc-1.", "mount /var/lib/x/(name hidden)/mount: (name hidden), (name hidden)."),
            ("pvc-10 and my-pvc-1 are others", "pvc-10 and my-pvc-1 are others"),
            ("pvc-10 is not pvc-1", "pvc-10 is not (name hidden)"),
        ] {
            assert_eq!(naming_only(event(json!({"message": said})), &[], &hidden).message, shown);
            assert_eq!(naming_only(event(json!({"message": said})), &[], &[]).message, said);
        }
    }

    #[test]
    fn of_pods_only_what_places_starts_and_ends_them_is_kept() {
        let kept = |kind: &str, reason: &str| {
            serde_json::from_value::<EventRow>(json!({"involvedObject": {"kind": kind}, "reason": reason})).unwrap().is_of_use()
        };
        assert!(kept("PersistentVolumeClaim", "Anything") && kept("Pod", "FailedMount"));
        assert!(kept("Job", "FailedCreate") && kept("Pod", "BackOff") && kept("Pod", "Preempted"));
        assert!(is_about_mounting("FailedMount") && !is_about_mounting("BackOff"), "a volume is not as it is for want of an image");
        for (kind, reason) in [("Pod", "MissingClusterDNS"), ("Node", "FailedMount"), ("", "")] {
            assert!(!kept(kind, reason), "{kind} {reason}");
        }
    }

    #[test]
    fn c6_117_long_texts_are_cut_between_characters() {
        let long = "x".to_owned() + &"ü".repeat(100_000);
        let old = event(json!({"reason": long, "message": long, "source": {"component": long}, "reportingComponent": null}));
        assert_eq!((old.reason.len(), old.message.len(), old.source.len()), (127, 1023, 127));
        assert_eq!(event(json!({"reportingComponent": long})).source.len(), 127);
    }

    #[test]
    fn an_odd_count_costs_only_the_count() {
        for (count, expected) in [(-1_i64, 1), (0, 1), (3, 3), (i64::from(i32::MIN), 1), (i64::MAX, u32::MAX)] {
            assert_eq!(event(json!({"count": count})).count, expected, "{count}");
            assert_eq!(event(json!({"count": 7, "series": {"count": count}})).count, expected, "{count}");
        }
    }

    #[test]
    fn an_event_without_anything_is_still_one_event() {
        let event = event(json!({}));
        assert_eq!((event.count, event.first, event.last), (1, 0, 0));
    }
}
