use super::*;
use crate::{
    cause::tests::in_phase,
    listing::Sort,
    quantity::Size,
    usage::{Fullness, Sample, Usage},
    volume::{Use, UsePhase},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn arrange(volumes: Vec<Volume>, view: &View, now: i64) -> Listing {
    super::arrange(&volumes, view, now, Volume::clone)
}

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
        fullness: Fullness::default(),
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
        [("stage=prod", 2, "label:stage=prod".into()), ("stage=Prod", 1, "label:stage=prod".into()), ("team=a", 1, "label:team=a".into())]
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

/// Everything written out: each volume whole, all of them in order, each facet a count of equal texts.
fn plainly(volumes: &[Volume], view: &View, now: i64) -> (Vec<Volume>, BTreeMap<String, (usize, u64)>) {
    let filter = view.filter();
    let mut rows: Vec<_> = volumes.iter().filter(|volume| filter.matches(*volume, now)).cloned().collect();
    let users = |v: &Volume| v.used_by.iter().filter(|u| u.phase.is_use()).count();
    rows.sort_by(|a, b| {
        let by = match view.sort.by {
            Column::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
            Column::Owner => a.username.to_lowercase().cmp(&b.username.to_lowercase()),
            Column::Status => a.status.label().cmp(b.status.label()),
            Column::Size => a.size().cmp(&b.size()),
            Column::Full => a.fullness.percent().cmp(&b.fullness.percent()),
            Column::Class => a.class.cmp(&b.class),
            Column::Kind => a.kind.cmp(&b.kind),
            Column::Access => a.modes.cmp(&b.modes),
            Column::UsedBy => users(a).cmp(&users(b)),
            Column::Labels => a.labels.cmp(&b.labels),
            Column::MountPath => a.mount_path.cmp(&b.mount_path),
            Column::Pvc => a.claim.cmp(&b.claim),
            Column::Id => a.id.as_str().cmp(b.id.as_str()),
            Column::Age => b.created.cmp(&a.created),
        };
        let by = if view.sort.descending { by.reverse() } else { by };
        by.then(a.name.to_lowercase().cmp(&b.name.to_lowercase())).then(a.created.cmp(&b.created)).then(a.uid.cmp(&b.uid))
    });
    let mut counts: BTreeMap<String, (usize, u64)> = BTreeMap::new();
    for volume in &rows {
        let owner = if volume.username.is_empty() { "unclaimed" } else { &volume.username };
        let mut said = vec![format!("status {}", volume.status.label()), format!("class {}", volume.class.as_deref().unwrap_or("none"))];
        said.extend(volume.labels.iter().map(|(key, value)| format!("label {key}={value}")));
        said.extend(view.everybody.then(|| format!("owner {owner}")));
        for text in said {
            let (count, bytes) = counts.entry(text).or_default();
            *count += 1;
            *bytes += volume.size().bytes();
        }
    }
    (rows, counts)
}

fn some_volume() -> impl Strategy<Value = Volume> {
    let text = |of: &[&'static str]| prop::sample::select(of.to_vec());
    let fullness = prop::option::of(0_u64..=100).prop_map(|used| {
        let usage = |used| Usage { used: Size::from_bytes(used), total: Size::from_bytes(100) };
        used.map_or_else(Fullness::default, |used| Fullness::Measured(Sample { at: 1, usage: usage(used), files: None }))
    });
    let user = text(&["run", "shell"]).prop_flat_map(move |pod| {
        prop::sample::select(vec![UsePhase::Running, UsePhase::Finished]).prop_map(move |phase| Use {
            pod: pod.into(),
            task: None,
            node: None,
            phase,
            since: 0,
            events: vec![],
        })
    });
    (
        (
            text(&["a", "A", "b", "Ä", "ä", "train-1", "Train-2"]),
            text(&["", "ana", "Ana", "bob"]),
            text(&["Bound", "Lost", "Pending", "Odd"]),
        ),
        (0_u64..4, prop::option::of(text(&["fast", "slow", "Fast"])), fullness, prop::collection::vec(user, 0..3)),
        (0_i64..3, text(&["", "stage=prod", "stage=Prod team=a", "team=b"]), any::<bool>(), any::<u32>(), any::<bool>()),
    )
        .prop_map(|((name, username, phase), (size, class, fullness, used_by), (created, labels, is_block, uid, is_many))| Volume {
            name: name.into(),
            claim: format!("{name}-{uid}"),
            uid: uid.to_string(),
            username: username.into(),
            status: in_phase(phase),
            requested: Size::from_bytes(size << 30),
            class: class.map(str::to_owned),
            fullness,
            used_by,
            created,
            labels: Labels::typed(labels).unwrap(),
            kind: if is_block { Kind::Block } else { Kind::Filesystem },
            modes: if is_many { vec![AccessMode::ReadWriteMany, AccessMode::ReadOnlyMany] } else { vec![AccessMode::ReadWriteOnce] },
            mount_path: format!("/volumes/{name}"),
            ..volume(size)
        })
}

proptest! {
    #[test]
    fn a_page_is_what_the_plain_way_gives(
        volumes in prop::collection::vec(some_volume(), 0..60),
        by in 0..Column::ALL.len(),
        descending: bool,
        everybody: bool,
        page in 1_usize..5,
        per_page in prop::sample::select(vec![1_usize, 7, 25, 100]),
        q in prop::sample::select(vec![
            "", "a", "status:ready", "-status:ready size>1Gi", "phase:bound", "class:fast,none", "owner:ana", "owner:unclaimed", "unused:yes",
            "used-by:run", "full>50", "age<2s", "label:stage", "label:stage=prod", "kind:block", "mode:RWX", "text:v", "pvc:train-*", "nonsense:x",
        ]),
    ) {
        let view = View { q: q.to_owned(), sort: Sort { by: Column::ALL[by], descending }, page, per_page, ..View::usual(everybody) };
        let (rows, counts) = plainly(&volumes, &view, 2);
        let listing = arrange(volumes.clone(), &view, 2);
        prop_assert_eq!((listing.total, listing.matching), (volumes.len(), rows.len()));
        prop_assert_eq!(listing.bytes, rows.iter().map(|volume| volume.size().bytes()).sum::<u64>());
        prop_assert_eq!(listing.unused, rows.iter().filter(|volume| !volume.is_used()).count());
        let shown: Vec<_> = rows.into_iter().skip((listing.page - 1) * per_page).take(per_page).collect();
        prop_assert_eq!(&listing.rows, &shown);
        let kinds = [("status", &listing.statuses), ("class", &listing.classes), ("label", &listing.labels), ("owner", &listing.owners)];
        let mut told = BTreeMap::new();
        for (kind, facets) in kinds {
            prop_assert!(facets.is_sorted_by(|a, b| (Reverse(a.count), &a.label) < (Reverse(b.count), &b.label)), "{:?}", facets);
            told.extend(facets.iter().map(|facet| (format!("{kind} {}", facet.label), (facet.count, facet.bytes))));
        }
        prop_assert_eq!(told, counts);
    }
}
