//! Filtered, counted, sorted, cut into pages: all of it in memory, from rows that are there already.

use super::{Column, View};
use crate::{
    filter::{Filter, Term},
    volume::Volume,
};
use std::{cmp::Reverse, collections::BTreeMap};

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

/// `now` is in seconds since 1970.
pub fn arrange(volumes: Vec<Volume>, view: &View, now: i64) -> Listing {
    let filter = view.filter();
    let total = volumes.len();
    let rows: Vec<_> = volumes.into_iter().filter(|volume| filter.matches(volume, now)).collect();
    let matching = rows.len();
    let pages = matching.div_ceil(view.per_page).max(1);
    let page = view.page.min(pages);
    let statuses = facets(&rows, |v, found| found(v.status.label()), |v, _| Term::status(&v.status_word()));
    let classes = facets(&rows, |v, found| found(v.class.as_deref().unwrap_or("none")), |_, class| Term::class(class));
    let pairs = |v: &Volume, found: &mut dyn FnMut(&str)| v.labels.iter().for_each(|(key, value)| found(&format!("{key}={value}")));
    let labels = facets(&rows, pairs, |_, pair| Term::label(pair));
    let owner = |v: &Volume, found: &mut dyn FnMut(&str)| found(if v.username.is_empty() { "unclaimed" } else { &v.username });
    let owners = if view.everybody { facets(&rows, owner, |_, owner| Term::owner(owner)) } else { Vec::new() };
    let unused = rows.iter().filter(|volume| !volume.is_used()).count();
    let bytes = sum(&rows);
    let rows = part(rows, view, (page - 1) * view.per_page);
    Listing { rows, filter, total, matching, bytes, page, pages, statuses, classes, labels, owners, unused }
}

fn sum<'a>(volumes: impl IntoIterator<Item = &'a Volume>) -> u64 {
    volumes.into_iter().fold(0, |sum, volume| sum.saturating_add(volume.size().bytes()))
}

/// `of` tells each of a volume's labels, `term` what narrows to one. Of ten thousand volumes nearly all have what others had before
/// them, so a label is written down, and its term made, only when it is new.
fn facets(rows: &[Volume], of: impl Fn(&Volume, &mut dyn FnMut(&str)), term: impl Fn(&Volume, &str) -> Term) -> Vec<Facet> {
    let mut found: BTreeMap<String, Facet> = BTreeMap::new();
    for volume in rows {
        let bytes = volume.size().bytes();
        of(volume, &mut |label| match found.get_mut(label) {
            Some(facet) => {
                facet.count += 1;
                facet.bytes = facet.bytes.saturating_add(bytes);
            }
            None => {
                let facet = Facet { label: label.to_owned(), term: term(volume, label), count: 1, bytes };
                found.insert(label.to_owned(), facet);
            }
        });
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by_key(|facet| Reverse(facet.count));
    found
}

/// One page in the order of the view. Equal ones stand in the order of their names, then of their age; so every reading has the same
/// order. Only what is before the page's end is put in order, and nothing is moved but what is on it.
fn part(rows: Vec<Volume>, view: &View, skip: usize) -> Vec<Volume> {
    let names: Vec<_> = rows.iter().map(|v| v.name.to_lowercase()).collect();
    let compare = |a: &usize, b: &usize| {
        let (a_name, b_name, a, b) = (&names[*a], &names[*b], &rows[*a], &rows[*b]);
        let by = match view.sort.by {
            Column::Name => a_name.cmp(b_name),
            Column::Owner => a.username.to_lowercase().cmp(&b.username.to_lowercase()),
            Column::Status => a.status.label().cmp(b.status.label()),
            Column::Size => a.size().cmp(&b.size()),
            // What nobody measured comes before what is empty.
            Column::Full => a.fullness.percent().cmp(&b.fullness.percent()),
            Column::Class => a.class.cmp(&b.class),
            Column::Kind => a.kind.cmp(&b.kind),
            Column::Access => a.modes.cmp(&b.modes),
            Column::UsedBy => users(a).cmp(&users(b)),
            Column::Labels => a.labels.cmp(&b.labels),
            Column::MountPath => a.mount_path.cmp(&b.mount_path),
            Column::Pvc => a.claim.cmp(&b.claim),
            Column::Id => a.id.as_str().cmp(b.id.as_str()),
            // The older, the greater the age.
            Column::Age => b.created.cmp(&a.created),
        };
        let by = if view.sort.descending { by.reverse() } else { by };
        by.then_with(|| a_name.cmp(b_name)).then_with(|| a.created.cmp(&b.created)).then_with(|| a.uid.cmp(&b.uid))
    };
    let end = skip.saturating_add(view.per_page);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    if end < order.len() {
        order.select_nth_unstable_by(end, compare);
        order.truncate(end);
    }
    order.sort_by(compare);
    let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
    order.into_iter().skip(skip).filter_map(|index| rows[index].take()).collect()
}

fn users(volume: &Volume) -> usize {
    volume.used_by.iter().filter(|u| u.phase.is_use()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cause::tests::in_phase, label::Labels, listing::Sort, quantity::Size, volume::Kind};

    fn volume(n: u64) -> Volume {
        Volume {
            id: "abc12345".parse().unwrap(),
            name: format!("v{n}"),
            claim: format!("v{n}-abc12345"),
            uid: n.to_string(),
            username: if n.is_multiple_of(2) { "ana".into() } else { String::new() },
            owner_subject: None,
            status: in_phase(if n.is_multiple_of(5) { "Lost" } else { "Bound" }),
            requested: Size::from_bytes(n << 20),
            capacity: None,
            fullness: crate::usage::Fullness::default(),
            class: (!n.is_multiple_of(3)).then(|| "fast".to_owned()),
            kind: Kind::Filesystem,
            modes: vec![],
            used_by: vec![],
            created: i64::try_from(n).unwrap(),
            description: None,
            mount_path: "/v".into(),
            labels: Labels::default(),
            read_only: false,
            trash: None,
        }
    }

    fn names(listing: &Listing) -> Vec<&str> {
        listing.rows.iter().map(|v| v.name.as_str()).collect()
    }

    #[test]
    fn sizes_sort_by_value_and_pages_cut_them() {
        let by_size = View { sort: Sort { by: Column::Size, descending: true }, per_page: 25, page: 2, ..View::usual(false) };
        let listing = arrange((1..=60).map(volume).collect(), &by_size, 100);
        assert_eq!((names(&listing)[0], names(&listing)[24]), ("v35", "v11"));
        assert_eq!((listing.total, listing.matching, listing.page, listing.pages, listing.unused), (60, 60, 2, 3, 60));
    }

    #[test]
    fn the_pages_together_are_the_whole_in_order() {
        for sort in [Sort { by: Column::Name, descending: false }, Sort { by: Column::Status, descending: true }] {
            let view = View { sort, per_page: 1000, ..View::usual(false) };
            let volumes = || (1..=97).map(|n| volume(n * 37 % 97)).collect::<Vec<_>>();
            let whole = arrange(volumes(), &view, 100);
            let page = |page| arrange(volumes(), &View { page, per_page: 10, ..view.clone() }, 100).rows;
            assert_eq!((1..=10).flat_map(page).collect::<Vec<_>>(), whole.rows);
        }
    }

    #[test]
    fn a_page_behind_the_last_is_the_last() {
        let far = View { page: 99, per_page: 25, ..View::usual(false) };
        let listing = arrange((1..=30).map(volume).collect(), &far, 100);
        assert_eq!((listing.page, listing.rows.len()), (2, 5));
        let none = arrange(vec![], &far, 100);
        assert_eq!((none.page, none.pages, none.total), (1, 1, 0));
    }

    #[test]
    fn facets_count_what_matches_and_narrow_to_it() {
        let everybody = View { q: "size>5Mi".into(), ..View::usual(true) };
        let listing = arrange((1..=10).map(volume).collect(), &everybody, 100);
        let said = |facets: &[Facet]| facets.iter().map(|f| (f.label.clone(), f.count, f.bytes >> 20)).collect::<Vec<_>>();
        assert_eq!(said(&listing.statuses), [("Ready".into(), 4, 30), ("Lost".into(), 1, 10)]);
        assert_eq!(said(&listing.owners), [("ana".into(), 3, 24), ("unclaimed".into(), 2, 16)]);
        assert_eq!(listing.bytes >> 20, 40);
        let narrower = View { q: listing.filter.and(listing.owners[1].term.clone()).to_string(), ..everybody };
        assert_eq!(names(&arrange((1..=10).map(volume).collect(), &narrower, 100)), ["v7", "v9"]);
        assert!(arrange(vec![volume(1)], &View::usual(false), 100).owners.is_empty(), "no owners in one's own list");
    }

    #[test]
    fn a_volume_counts_for_each_of_its_labels() {
        let labelled = |n, text: &str| Volume { labels: Labels::typed(text).unwrap(), ..volume(n) };
        let volumes = vec![labelled(1, "stage=prod team=a"), labelled(2, "stage=Prod"), labelled(3, "stage=prod"), volume(4)];
        let listing = arrange(volumes.clone(), &View::usual(false), 100);
        let said: Vec<_> = listing.labels.iter().map(|f| (f.label.as_str(), f.count, f.term.to_string())).collect();
        assert_eq!(
            said,
            [
                ("stage=prod", 2, "label:stage=prod".into()),
                ("stage=Prod", 1, "label:stage=prod".into()),
                ("team=a", 1, "label:team=a".into())
            ]
        );
        let prod = View { q: "label:team=a".into(), ..View::usual(false) };
        assert_eq!(names(&arrange(volumes, &prod, 100)), ["v1"]);
    }

    #[test]
    fn equal_ones_keep_one_order() {
        let by_status = View { sort: Sort { by: Column::Status, descending: true }, ..View::usual(false) };
        let forth = arrange((1..=9).map(volume).collect(), &by_status, 100);
        let back = arrange((1..=9).rev().map(volume).collect(), &by_status, 100);
        assert_eq!(names(&forth), names(&back));
        assert_eq!(names(&forth), ["v1", "v2", "v3", "v4", "v6", "v7", "v8", "v9", "v5"]);
    }
}
