//! Filtered, counted, sorted, cut into pages: all of it in memory, from rows that are there already.

use super::{Column, Listed, View};
use crate::{
    access::AccessMode,
    filter::{Filter, Term, owner},
    label::Labels,
    volume::{Kind, Volume},
};
use std::{
    borrow::Cow,
    cmp::{Ordering, Reverse},
    collections::HashMap,
    hash::Hash,
};

/// One page, and what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub rows: Vec<Volume>,
    pub filter: Filter,
    /// How many there are, how many match, and what the matching ones hold together.
    pub total: usize,
    pub matching: usize,
    pub bytes: u64,
    /// From 1, and never behind the last.
    pub page: usize,
    pub pages: usize,
    pub statuses: Vec<Facet>,
    pub classes: Vec<Facet>,
    /// Labels of people's own, as `key=value`.
    pub labels: Vec<Facet>,
    /// Of everybody's list only.
    pub owners: Vec<Facet>,
    /// How many of the matching ones nothing uses.
    pub unused: usize,
}

/// How many of the matching volumes have something in common, and how much they hold; most first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    pub label: String,
    /// Narrows the list to them.
    pub term: Term,
    pub count: usize,
    pub bytes: u64,
}

/// Only what is on the page is made whole, by `whole`. `now` is in seconds since 1970.
pub fn arrange<T: Listed>(all: &[T], view: &View, now: i64, whole: impl Fn(&T) -> Volume) -> Listing {
    let filter = view.filter();
    let (mut statuses, mut classes, mut labels, mut owners) = (Counts::default(), Counts::default(), Counts::default(), Counts::default());
    let (mut unused, mut bytes) = (0, 0_u64);
    let mut rows: Vec<(Key<'_>, &T)> = Vec::with_capacity(all.len());
    // Each is looked at once: of many, most of the time goes into reaching them.
    for volume in all.iter().filter(|volume| filter.matches(*volume, now)) {
        let size = volume.size().bytes();
        bytes = bytes.saturating_add(size);
        unused += usize::from(!volume.is_used());
        statuses.add(volume.status(), size);
        classes.add(volume.class().unwrap_or("none"), size);
        for label in volume.labels().iter() {
            labels.add(label, size);
        }
        if view.everybody {
            owners.add(owner(volume), size);
        }
        rows.push((Key::of(volume, view.sort.by), volume));
    }
    let matching = rows.len();
    let pages = matching.div_ceil(view.per_page).max(1);
    let page = view.page.min(pages);
    let written = |(key, value): &(&str, &str)| format!("{key}={value}");
    Listing {
        rows: part(rows, view, (page - 1) * view.per_page).into_iter().map(whole).collect(),
        filter,
        total: all.len(),
        matching,
        bytes,
        page,
        pages,
        statuses: statuses.facets(|id| id.label().to_owned(), |id| Term::status(&id.word())),
        classes: classes.facets(|class| (*class).to_owned(), |class| Term::class(class)),
        labels: labels.facets(written, |pair| Term::label(&written(pair))),
        owners: owners.facets(|owner| (*owner).to_owned(), |owner| Term::owner(owner)),
        unused,
    }
}

/// How many volumes have each of these in common, and how many bytes they hold.
struct Counts<K>(HashMap<K, (usize, u64)>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Counts<K> {
    fn add(&mut self, key: K, size: u64) {
        let (count, bytes) = self.0.entry(key).or_default();
        *count += 1;
        *bytes = bytes.saturating_add(size);
    }

    /// Only what differs is written down, by `label`, and narrowed to by `term`. Keys that are written alike are one facet.
    fn facets(self, label: impl Fn(&K) -> String, term: impl Fn(&K) -> Term) -> Vec<Facet> {
        let written = self.0.into_iter().map(|(key, (count, bytes))| Facet { label: label(&key), term: term(&key), count, bytes });
        let mut facets: Vec<_> = written.collect();
        facets.sort_by(|a, b| a.label.cmp(&b.label));
        facets.dedup_by(|next, facet| {
            let same = next.label == facet.label;
            if same {
                facet.count += next.count;
                facet.bytes = facet.bytes.saturating_add(next.bytes);
            }
            same
        });
        facets.sort_by_key(|facet| Reverse(facet.count));
        facets
    }
}

/// What one column puts a volume in order by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Text(Cow<'a, str>),
    Maybe(Option<&'a str>),
    Number(u64),
    /// What nobody measured comes before what is empty.
    Percent(Option<u64>),
    /// The older, the greater the age.
    Age(Reverse<i64>),
    Kind(Kind),
    Modes(&'a [AccessMode]),
    Labels(&'a Labels),
}

impl<'a> Key<'a> {
    fn of(volume: &'a impl Listed, by: Column) -> Self {
        match by {
            Column::Name => Self::Text(lower(volume.name())),
            Column::Owner => Self::Text(lower(volume.username())),
            Column::Status => Self::Text(volume.status().label().into()),
            Column::Size => Self::Number(volume.size().bytes()),
            Column::Full => Self::Percent(volume.fullness().percent()),
            Column::Class => Self::Maybe(volume.class()),
            Column::Kind => Self::Kind(volume.kind()),
            Column::Access => Self::Modes(volume.modes()),
            Column::UsedBy => Self::Number(volume.users().len() as u64),
            Column::Labels => Self::Labels(volume.labels()),
            Column::MountPath => Self::Text(volume.mount_path()),
            Column::Pvc => Self::Text(volume.claim().into()),
            Column::Id => Self::Text(volume.id()),
            Column::Age => Self::Age(Reverse(volume.created())),
        }
    }
}

/// The same text where all of it is in lower case, as nearly every name is.
fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { text.into() } else { text.to_lowercase().into() }
}

/// One page in the order of the view. Equal ones stand in the order of their names, then of their age; so every reading has the same
/// order. Only what is before the page's end is put in order.
fn part<'a, T: Listed>(mut order: Vec<(Key<'a>, &'a T)>, view: &View, skip: usize) -> Vec<&'a T> {
    let descending = view.sort.descending;
    let compare = |(a_key, a): &(Key<'_>, &T), (b_key, b): &(Key<'_>, &T)| -> Ordering {
        let by = a_key.cmp(b_key);
        let by = if descending { by.reverse() } else { by };
        by.then_with(|| lower(a.name()).cmp(&lower(b.name())))
            .then_with(|| a.created().cmp(&b.created()))
            .then_with(|| a.uid().cmp(b.uid()))
    };
    let end = skip.saturating_add(view.per_page);
    if end < order.len() {
        order.select_nth_unstable_by(end, compare);
        order.truncate(end);
    }
    order.sort_by(compare);
    order.into_iter().skip(skip).map(|(_, volume)| volume).collect()
}

#[cfg(test)]
mod tests;
