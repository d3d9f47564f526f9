//! What did the cluster say about a claim? Matched by uid: names are used again, uids are not.

use crate::object::{Meta, Row, Time, null_is_default};
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
    #[serde(deserialize_with = "null_is_default")]
    reason: String,
    #[serde(deserialize_with = "null_is_default")]
    message: String,
    #[serde(deserialize_with = "null_is_default")]
    reporting_component: String,
    #[serde(deserialize_with = "null_is_default")]
    source: Source,
    count: Option<u32>,
    first_timestamp: Time,
    last_timestamp: Time,
    event_time: Time,
    series: Option<Series>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Involved {
    #[serde(deserialize_with = "null_is_default")]
    uid: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Source {
    #[serde(deserialize_with = "null_is_default")]
    component: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Series {
    count: Option<u32>,
    last_observed_time: Time,
}

impl Row for EventRow {
    const PLURAL: &'static str = "events";
    const FIELD_SELECTOR: Option<&'static str> = Some("involvedObject.kind=PersistentVolumeClaim");

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
            count: series.and_then(|s| s.count).or(self.count).unwrap_or(1).max(1),
            first,
            last: last.unwrap_or(first),
        }
    }
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
    fn an_event_without_anything_is_still_one_event() {
        let event = event(json!({}));
        assert_eq!((event.count, event.first, event.last), (1, 0, 0));
    }
}
