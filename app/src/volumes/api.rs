//! What may an island ask about volumes? Rows in words: the browser needs no rules to show them.

use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;

pub const LIST: &str = "/fn/volumes/list";
pub const LIST_ALL: &str = "/fn/admin/volumes/list";

/// One row of the table, as it is shown. Crosses as a list of texts in this order: fewer bytes in the page and far fewer in
/// the bundle than a map. A text that an older server did not send is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Row {
    pub uid: String,
    pub href: String,
    pub name: String,
    pub description: String,
    /// The owner's readable name; empty when nobody owns it.
    pub owner: String,
    /// The classes, the silhouette's address and the word of the status.
    pub tone: String,
    pub icon: String,
    pub status: String,
    pub reason: String,
    pub size: String,
    pub class: String,
    pub access: String,
    /// The first user, and how many more.
    pub used_by: String,
    pub all_users: String,
    /// Seconds since 1970, the same as a date, and as an age.
    pub created: String,
    pub date: String,
    pub age: String,
}

impl From<Vec<String>> for Row {
    fn from(texts: Vec<String>) -> Self {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().unwrap_or_default();
        Self {
            uid: next(),
            href: next(),
            name: next(),
            description: next(),
            owner: next(),
            tone: next(),
            icon: next(),
            status: next(),
            reason: next(),
            size: next(),
            class: next(),
            access: next(),
            used_by: next(),
            all_users: next(),
            created: next(),
            date: next(),
            age: next(),
        }
    }
}

impl From<Row> for Vec<String> {
    fn from(row: Row) -> Self {
        let Row {
            uid,
            href,
            name,
            description,
            owner,
            tone,
            icon,
            status,
            reason,
            size,
            class,
            access,
            used_by,
            all_users,
            created,
            date,
            age,
        } = row;
        vec![uid, href, name, description, owner, tone, icon, status, reason, size, class, access, used_by, all_users, created, date, age]
    }
}

/// The rows that match, in words: no number crosses, since reading numbers costs the bundle more than showing them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeList {
    pub rows: Vec<Row>,
    /// `12 volumes`, or `3 of 12 volumes`.
    pub count: String,
    /// Of what was read: another one on the stream means that there is news.
    pub revision: String,
    /// The sentence that says since when the cluster has not answered; the rows are from then. Empty when all is well.
    pub down: String,
}

/// The caller's own volumes whose name holds `q`.
#[server(prefix = "/fn", endpoint = "volumes/list", input = GetUrl)]
pub async fn list_volumes(#[server(default)] q: String) -> Result<VolumeList, ApiError> {
    let caller = crate::server::caller()?;
    let read = crate::server::reading(caller.changes(), || Ok(caller.volumes()?))?;
    Ok(super::view::own_rows(read, &q))
}

/// Everybody's volumes whose owner's readable name holds `owner`. Administrators only.
#[server(prefix = "/fn", endpoint = "admin/volumes/list", input = GetUrl)]
pub async fn list_all_volumes(#[server(default)] owner: String) -> Result<VolumeList, ApiError> {
    let admin = crate::server::admin()?;
    let read = crate::server::reading(admin.changes(), || Ok(admin.volumes()?))?;
    Ok(super::view::all_rows(read, &owner))
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn a_row_crosses_as_it_is_and_a_shorter_one_has_empty_ends() {
        let texts: Vec<String> = (0..17).map(|n| n.to_string()).collect();
        assert_eq!(Vec::from(Row::from(texts.clone())), texts);
        assert_eq!(Row::from(vec!["u".to_owned()]), Row { uid: "u".into(), ..Row::default() });
    }
}
