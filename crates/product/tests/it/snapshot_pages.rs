//! Whatever is asked, the indexes answer as a scan of all items would, page after page.

use std::{collections::BTreeMap, sync::Arc};

use pm33_product::{
    BacklogFilter, Changes, ItemId, ItemType, Mode, ObjectiveId, Priority, Snapshot, Sort, Status, TeamId,
    WorkItem, sort_key,
};
use pm33_tenancy::Timestamp;
use proptest::{prelude::*, sample::subsequence};
use uuid::Uuid;

use crate::place::{backlog, here, id};

fn filter() -> impl Strategy<Value = BacklogFilter> {
    let few = |most: usize| 0..=most;
    (
        prop::bool::ANY,
        subsequence(ItemType::ALL, few(2)),
        subsequence(Status::ALL, few(3)),
        subsequence(Priority::ALL, few(2)),
        prop::collection::vec(0_u128..3, 0..2),
        prop::collection::vec(1_u32..9, 0..2),
        prop::option::weighted(0.2, 0_u128..2),
        (subsequence(vec!["WEB", "api"], few(1)), subsequence(vec!["ÄNN", "bea"], few(1))),
        prop::option::weighted(0.2, 0_i64..20),
        prop::collection::vec(1_u32..60, 0..3),
    )
        .prop_flat_map(|parts| (Just(parts), prop::bool::weighted(0.1)))
        .prop_map(
            |(
                (full, types, statuses, priorities, teams, under, objective, (labels, people), since, ids),
                by_ids,
            )| {
                BacklogFilter {
                    mode: if full { Mode::Full } else { Mode::Active },
                    types,
                    statuses,
                    priorities,
                    teams: teams.into_iter().map(|id| TeamId::from_uuid(Uuid::from_u128(id))).collect(),
                    sprints: Vec::new(),
                    under: under.into_iter().map(id).collect(),
                    objectives: objective
                        .map(|id| ObjectiveId::from_uuid(Uuid::from_u128(id)))
                        .into_iter()
                        .collect(),
                    labels: labels.into_iter().map(str::to_owned).collect(),
                    assignees: people.into_iter().map(str::to_owned).collect(),
                    updated_since: since.map(Timestamp::from_micros),
                    ids: if by_ids { ids.into_iter().map(id).collect() } else { Vec::new() },
                }
            },
        )
}

/// A snapshot that got its items in two steps, and what it must hold.
fn built(items: &[WorkItem]) -> (Snapshot, BTreeMap<ItemId, WorkItem>) {
    let newest: BTreeMap<_, _> = items.iter().map(|item| (item.id, item.clone())).collect();
    let mut snapshot = Snapshot::empty(here(), "HERE");
    for (version, part) in items.chunks(7).enumerate() {
        let items = part.iter().cloned().map(Arc::new).collect();
        snapshot =
            snapshot.with(i64::try_from(version).unwrap() + 1, &Changes { items, ..Changes::default() });
    }
    (snapshot, newest)
}

fn sort() -> impl Strategy<Value = Sort> {
    proptest::sample::select(&[Sort::Priority, Sort::Updated, Sort::Created, Sort::Due, Sort::Key][..])
}

proptest! {
    #[test]
    fn pages_are_what_a_scan_finds(
        items in backlog(200),
        filter in filter(),
        sort in sort(),
        limit in 1_usize..30,
    ) {
        let (snapshot, newest) = built(&items);
        let mut wanted: Vec<_> =
            newest.values().filter(|item| snapshot.selects(&filter, item)).map(|item| sort_key(item, sort)).collect();
        wanted.sort_unstable();
        let mut got = Vec::new();
        let mut after = None;
        for _ in 0..300 {
            let page = snapshot.page(&filter, sort, after, limit);
            prop_assert_eq!(page.total, wanted.len());
            prop_assert!(page.items.len() <= limit);
            got.extend(page.items.iter().map(|item| sort_key(item, sort)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        prop_assert_eq!(got, wanted);
    }

    #[test]
    fn items_are_found_by_every_name(items in backlog(60)) {
        let (snapshot, newest) = built(&items);
        prop_assert_eq!(snapshot.len(), newest.len());
        prop_assert_eq!(snapshot.items().count(), newest.len());
        for item in newest.values() {
            prop_assert_eq!(&**snapshot.get(item.id).unwrap(), item);
            prop_assert_eq!(&**snapshot.by_key(&snapshot.key(item)).unwrap(), item);
            if let Some(external) = &item.external {
                prop_assert_eq!(&**snapshot.by_external(external).unwrap(), item);
                prop_assert_eq!(&snapshot.by_external_id(&external.id)[..], [snapshot.by_external(external).unwrap()]);
            }
        }
    }

    #[test]
    fn an_older_version_stays_as_it_was(items in backlog(60), changed in backlog(60)) {
        let (snapshot, newest) = built(&items);
        let pages = |snapshot: &Snapshot| {
            let all = BacklogFilter { mode: Mode::Full, ..BacklogFilter::default() };
            snapshot.page(&all, Sort::Priority, None, 1_000).items
        };
        let before = pages(&snapshot);
        let items = changed.into_iter().map(Arc::new).collect();
        let _next = snapshot.with(99, &Changes { items, ..Changes::default() });
        prop_assert_eq!(pages(&snapshot), before);
        prop_assert_eq!(snapshot.len(), newest.len());
    }
}

#[test]
fn a_circle_of_parents_ends() {
    let mut items: Vec<WorkItem> = Vec::new();
    for number in 1..=3 {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut item = proptest::strategy::ValueTree::current(
            &crate::place::item(number).new_tree(&mut runner).unwrap(),
        );
        item.parent = Some(id(number % 3 + 1));
        items.push(item);
    }
    let (snapshot, _) = built(&items);
    let filter = BacklogFilter { mode: Mode::Full, under: vec![id(1)], ..BacklogFilter::default() };
    assert_eq!(snapshot.page(&filter, Sort::Key, None, 10).total, 3);
}
