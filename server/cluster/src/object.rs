//! What does every object of the cluster carry, and how is a list of them read without keeping what nobody asks for?

use crate::{
    labels::{Annotations, Labels},
    word::Word,
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use tracing::warn;

/// One kind of object, parsed into the few fields that the portal uses.
pub(crate) trait Row: DeserializeOwned + Clone + Send + Sync + 'static {
    /// The plural name, as in sentences, rights and paths.
    const PLURAL: &'static str;
    const LABEL_SELECTOR: Option<&'static str> = None;
    const FIELD_SELECTOR: Option<&'static str> = None;
    /// The path of the collection.
    fn path(namespace: &str) -> String;
    fn meta(&self) -> &Meta;
}

/// `ObjectMeta`, without `managedFields` and all that is not used. Every field may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Meta {
    #[serde(deserialize_with = "null_is_default")]
    pub(crate) name: Word,
    #[serde(deserialize_with = "null_is_default")]
    pub(crate) uid: Word,
    #[serde(deserialize_with = "null_is_default")]
    pub(crate) resource_version: Word,
    pub(crate) creation_timestamp: Time,
    pub(crate) deletion_timestamp: Time,
    #[serde(deserialize_with = "null_is_default")]
    pub(crate) finalizers: Vec<String>,
    /// The uid of the one object that made this one and looks after it.
    #[serde(rename = "ownerReferences", deserialize_with = "controller")]
    pub(crate) controller: Option<Word>,
    #[serde(deserialize_with = "null_is_default")]
    pub(crate) labels: Labels,
    #[serde(deserialize_with = "null_is_default")]
    pub(crate) annotations: Annotations,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OwnerReference {
    #[serde(deserialize_with = "null_is_default")]
    uid: Word,
    #[serde(deserialize_with = "null_is_default")]
    controller: bool,
}

fn controller<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Word>, D::Error> {
    let owners: Vec<OwnerReference> = null_is_default(deserializer)?;
    Ok(owners.into_iter().find(|owner| owner.controller).map(|owner| owner.uid))
}

/// `Time` or `MicroTime`, as seconds since 1970; absent, null and unreadable are all "not known".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Option<i64>);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.and_then(|text| text.parse::<jiff::Timestamp>().ok()).map(jiff::Timestamp::as_second)))
    }
}

/// Go writes an empty list or map as `null` wherever `omitempty` is missing.
pub(crate) fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// As much of a text as is shown, at most so many bytes: whoever may write the object may write a megabyte.
pub(crate) fn cut<'de, const BYTES: usize, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(maybe_cut::<BYTES, D, String>(deserializer)?.unwrap_or_default())
}

/// The same for a text that may be absent.
pub(crate) fn maybe_cut<'de, const BYTES: usize, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|mut text| {
        text.truncate(text.floor_char_boundary(BYTES));
        text.shrink_to_fit();
        text.into()
    }))
}

/// An object of a watch, whatever its form; it becomes a row by itself, so that one odd object costs only itself.
pub(crate) struct Odd {
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) resource_version: String,
    pub(crate) error: serde_json::Error,
}

/// The row, or what the metadata says about an object that is not of the known form.
pub(crate) fn row<R: Row>(object: &Value) -> Result<R, Odd> {
    R::deserialize(object).map_err(|error| {
        let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_owned();
        Odd { name: text("name"), uid: text("uid"), resource_version: text("resourceVersion"), error }
    })
}

/// One page of a list. Items stay text until each is parsed by itself, so that one odd object costs only itself.
#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    pub(crate) metadata: PageMeta,
    #[serde(default, deserialize_with = "null_is_default")]
    items: Vec<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PageMeta {
    pub(crate) resource_version: String,
    #[serde(rename = "continue")]
    pub(crate) next: String,
}

impl Page {
    pub(crate) fn rows<R: Row>(self) -> impl Iterator<Item = R> {
        self.items.into_iter().filter_map(|item| {
            serde_json::from_str(item.get())
                .inspect_err(|error| warn!(kind = R::PLURAL, %error, "an object was skipped: it is not of the known form"))
                .ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::ClaimRow;
    use serde_json::json;

    #[test]
    fn one_odd_object_costs_only_itself() {
        let page = json!({"metadata": {"resourceVersion": "7"}, "items": [
            {"metadata": {"name": "a"}}, {"metadata": {"name": 5}}, "nonsense", {"metadata": {"name": "b"}}, {}
        ]});
        let page: Page = serde_json::from_str(&page.to_string()).unwrap();
        let names: Vec<_> = page.rows::<ClaimRow>().map(|row| row.meta.name).collect();
        assert_eq!(names, ["a", "b", ""]);
    }

    #[test]
    fn an_odd_object_of_a_watch_is_known_by_its_metadata() {
        let object = json!({"metadata": {"name": "a", "uid": "u", "resourceVersion": "7", "finalizers": 5}});
        let odd = row::<ClaimRow>(&object).err().unwrap();
        assert_eq!((odd.name.as_str(), odd.uid.as_str(), odd.resource_version.as_str()), ("a", "u", "7"));
        for nonsense in [json!(null), json!("x"), json!([1]), json!({"metadata": 5}), json!({"metadata": {"name": 5}})] {
            assert_eq!(row::<ClaimRow>(&nonsense).err().map(|odd| odd.name), Some(String::new()), "{nonsense}");
        }
        assert_eq!(row::<ClaimRow>(&json!({"metadata": {"name": "b"}})).ok().map(|row| row.meta.name), Some("b".into()));
    }

    #[test]
    fn null_lists_and_unreadable_times_are_absent() {
        let meta: Meta = serde_json::from_value(json!({
            "finalizers": null, "labels": null, "annotations": null, "ownerReferences": null, "deletionTimestamp": null, "creationTimestamp": "yesterday"
        }))
        .unwrap();
        assert_eq!(meta, Meta::default());
        let times: Vec<Time> = serde_json::from_value(json!(["2026-03-21T14:02:07Z", "2026-03-21T14:02:07.123456Z"])).unwrap();
        assert_eq!(times, [Time(Some(1_774_101_727)); 2]);
    }
}
