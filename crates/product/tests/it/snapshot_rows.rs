//! Rows that are kept are those that would be made now, are made once, and go with what they show.

use std::{
    cell::Cell,
    convert::Infallible,
    sync::{Arc, Weak},
};

use pm33_product::{Changes, Row, Snapshot, Team, TeamId, WorkItem};
use proptest::{
    prelude::*,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use uuid::Uuid;

use crate::place::{backlog, here, id, item};

fn team(name: &str) -> Team {
    Team {
        id: TeamId::from_uuid(Uuid::from_u128(1)),
        name: name.into(),
        capacity_per_week: None,
        wip_limit: None,
        skills: Vec::new(),
        calendar: None,
    }
}

/// What is shown of an item: its own words, and names that others have.
fn words(snapshot: &Snapshot, item: &WorkItem) -> String {
    let team = item.team.and_then(|team| snapshot.team(team)).map(|team| &*team.name);
    let parent = item.parent.and_then(|parent| snapshot.get(parent)).map(|parent| parent.number);
    format!("{} {} {:?} {team:?} {parent:?}", item.number, item.title, item.status)
}

/// The rows of items as they are told, and how many of them were made.
fn told(snapshot: &Snapshot, items: &[Arc<WorkItem>]) -> (Vec<String>, usize) {
    let made = Cell::new(0);
    let make = |item: &Arc<WorkItem>| {
        made.set(made.get() + 1);
        let json = serde_json::to_string(&words(snapshot, item)).unwrap();
        Ok::<_, Infallible>(Row { json, escaped: String::new() })
    };
    let Ok(rows) = snapshot.rows(items, make);
    (rows.iter().map(|row| serde_json::from_str(&row.json).unwrap()).collect(), made.get())
}

fn all(snapshot: &Snapshot) -> Vec<Arc<WorkItem>> {
    snapshot.items().cloned().collect()
}

fn items(items: impl IntoIterator<Item = WorkItem>) -> Changes {
    Changes { items: items.into_iter().map(Arc::new).collect(), ..Changes::default() }
}

fn one(number: u32) -> WorkItem {
    item(number).new_tree(&mut TestRunner::deterministic()).unwrap().current()
}

proptest! {
    #[test]
    fn a_row_is_what_would_be_made_now(changes in backlog(40), renamed in 0_usize..40) {
        let mut snapshot = Snapshot::empty(here(), "HERE");
        for (place, change) in changes.into_iter().enumerate() {
            let mut next = items([change]);
            if place == renamed {
                next.teams = Some(vec![team("Others")]);
            }
            let old = snapshot.clone();
            snapshot = snapshot.with(i64::try_from(place).unwrap() + 1, &next);
            let shown = all(&snapshot);
            let fresh: Vec<_> = shown.iter().map(|item| words(&snapshot, item)).collect();
            prop_assert_eq!(&told(&snapshot, &shown).0, &fresh);
            // Who still reads the version before sees that one, and leaves nothing behind.
            let before = all(&old);
            let was: Vec<_> = before.iter().map(|item| words(&old, item)).collect();
            prop_assert_eq!(&told(&old, &before).0, &was);
            prop_assert_eq!(&told(&snapshot, &shown).0, &fresh);
        }
    }
}

#[test]
fn a_row_is_made_once_and_anew_when_what_it_shows_is_other() {
    let first = Snapshot::empty(here(), "HERE").with(1, &items([one(1), one(2), one(3)]));
    assert_eq!(told(&first, &all(&first)).1, 3);
    assert_eq!(told(&first, &all(&first)).1, 0);
    let second = first.with(2, &items([one(2)]));
    assert_eq!(told(&second, &all(&second)).1, 1, "the others have not changed");
    let renamed = second.with(3, &Changes { teams: Some(vec![team("Others")]), ..Changes::default() });
    assert_eq!(told(&renamed, &all(&renamed)).1, 3);
    // A picture of what might be leaves the rows of what is.
    let might_be = renamed.with(renamed.version(), &items([one(1)]));
    assert_eq!(told(&might_be, &all(&might_be)).1, 3);
    assert_eq!(told(&renamed, &all(&renamed)).1, 0);
}

#[test]
fn a_parent_that_comes_later_is_shown_then() {
    let child = WorkItem { parent: Some(id(1)), ..one(2) };
    let first = Snapshot::empty(here(), "HERE").with(1, &items([child]));
    assert!(told(&first, &all(&first)).0[0].ends_with("None"));
    let second = first.with(2, &items([one(1)]));
    assert!(told(&second, &all(&second)).0[1].ends_with("Some(1)"));
}

#[test]
fn what_an_item_was_is_not_kept() {
    let first = Snapshot::empty(here(), "HERE").with(1, &items([one(1), one(2)]));
    let (was, stays): (Weak<_>, Weak<_>) =
        (Arc::downgrade(first.by_number(1).unwrap()), Arc::downgrade(first.by_number(2).unwrap()));
    told(&first, &all(&first));
    let second = first.with(2, &items([one(1)]));
    // A reader who began before the change ends after it.
    told(&first, &all(&first));
    drop(first);
    assert!(was.upgrade().is_none() && stays.upgrade().is_some());
    told(&second, &all(&second));
}

#[test]
fn rows_of_a_large_backlog_take_a_bounded_memory_which_is_counted() {
    let many = Snapshot::empty(here(), "HERE").with(1, &items((1..=20_000).map(one)));
    let bare = many.bytes();
    told(&many, &all(&many));
    let rows = many.bytes() - bare;
    assert!((50_000..400_000).contains(&rows), "{rows} bytes");
    // The last ones are kept.
    let shown = all(&many);
    assert_eq!(told(&many, &shown[shown.len() - 1_000..]).1, 0);
}
