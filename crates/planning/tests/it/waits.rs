//! What open items wait for, read from a workspace: which work it is, in which order, and what nobody has written down.

use std::collections::BTreeSet;

use pm33_planning::{
    forecast::{Need, UNITS_MAX, Unit},
    workspace::waits,
};
use pm33_product::{
    Dependency, ItemId,
    ItemType::{Epic, Story},
    Status::{Backlog, Done},
    WorkItem,
};

use crate::place::{below, id, item, snapshot, team};

fn ids(numbers: &[u32]) -> BTreeSet<ItemId> {
    numbers.iter().map(|number| id(*number)).collect()
}

fn needing(numbers: &[u32], mut item: WorkItem) -> WorkItem {
    let dependencies = numbers.iter().map(|number| Dependency { on: id(*number), lag_days: 0 });
    item.dependencies = dependencies.collect();
    item
}

fn unit(team: &str, items: u32, asked: bool, needs: &[usize]) -> Unit {
    let needs = needs.iter().map(|unit| Need { unit: *unit, lag_days: 0 }).collect();
    Unit { team: team.to_owned(), items, asked, needs }
}

#[test]
fn an_epics_prerequisites_are_the_open_work_below_them_and_what_these_wait_for() {
    // Epic 1 (items 2 and 3 of Core) waits for epic 4 (5 open, 6 done, 7 open; Web), whose item 7 waits for 8 (Data).
    let place = snapshot(
        vec![team(1, "Core"), team(2, "Web"), team(3, "Data")],
        Vec::new(),
        vec![
            needing(&[4], item(1, Epic, Backlog, Some(1))),
            below(1, item(2, Story, Backlog, Some(1))),
            below(1, item(3, Story, Backlog, Some(1))),
            item(4, Epic, Backlog, Some(2)),
            below(4, item(5, Story, Backlog, Some(2))),
            below(4, item(6, Story, Done, Some(2))),
            needing(&[8], below(4, item(7, Story, Backlog, Some(2)))),
            item(8, Story, Backlog, Some(3)),
            item(9, Story, Backlog, Some(3)),
        ],
    );
    let found = waits(&place, &ids(&[2, 3]));
    assert_eq!((found.work, found.unknown, found.unordered), (ids(&[5, 7, 8]), ids(&[]), 0));
    assert_eq!(found.named, ids(&[4, 8]));
    let told: BTreeSet<String> = found.units.iter().map(|unit| format!("{unit:?}")).collect();
    assert_eq!(found.units.len(), 4, "{told:?}");
    let place_of = |team: &str, needs: usize| {
        found.units.iter().position(|unit| unit.team == team && unit.needs.len() == needs).unwrap()
    };
    let (five, seven, eight) = (place_of("Web", 0), place_of("Web", 1), place_of("Data", 0));
    assert_eq!(found.units[five], unit("Web", 1, false, &[]));
    assert_eq!(found.units[seven], unit("Web", 1, false, &[eight]));
    let mut both = [five, seven];
    both.sort_unstable();
    assert_eq!(found.units[place_of("Core", 2)], unit("Core", 2, true, &both));
}

#[test]
fn items_of_the_set_that_wait_for_each_other_wait_for_nothing() {
    let place = snapshot(
        vec![team(1, "Core")],
        Vec::new(),
        vec![
            item(1, Epic, Backlog, Some(1)),
            needing(&[1, 3], below(1, item(2, Story, Backlog, Some(1)))),
            below(1, item(3, Story, Backlog, Some(1))),
        ],
    );
    assert!(waits(&place, &ids(&[2, 3])).units.is_empty());
    // Asked about one of them alone, the other is outside.
    assert_eq!(waits(&place, &ids(&[2])).work, ids(&[3]));
}

#[test]
fn inside_the_set_only_what_leads_out_is_kept() {
    // 2 waits for 3, which waits for 4 outside; 5 waits for 6, both inside.
    let place = snapshot(
        vec![team(1, "Core")],
        Vec::new(),
        vec![
            needing(&[3], item(2, Story, Backlog, Some(1))),
            needing(&[4], item(3, Story, Backlog, Some(1))),
            item(4, Story, Backlog, Some(1)),
            needing(&[6], item(5, Story, Backlog, Some(1))),
            item(6, Story, Backlog, Some(1)),
        ],
    );
    let found = waits(&place, &ids(&[2, 3, 5, 6]));
    assert_eq!((found.work, found.units.len()), (ids(&[4]), 3));
    assert_eq!(found.units.iter().map(|unit| unit.needs.len()).sum::<usize>(), 2);
}

#[test]
fn an_epic_that_nobody_has_broken_down_is_told_and_one_that_is_done_below_is_not() {
    let place = snapshot(
        vec![team(1, "Core")],
        Vec::new(),
        vec![
            needing(&[2, 3], item(1, Story, Backlog, Some(1))),
            item(2, Epic, Backlog, Some(1)),
            item(3, Epic, Backlog, Some(1)),
            below(3, item(4, Story, Done, Some(1))),
        ],
    );
    let found = waits(&place, &ids(&[1]));
    assert_eq!((found.work, found.unknown), (ids(&[]), ids(&[2])));
    assert!(found.units.is_empty());
}

#[test]
fn a_circle_and_a_chain_beyond_all_bounds_come_to_an_end() {
    let mut items = vec![needing(&[2], item(1, Story, Backlog, Some(1)))];
    let last = u32::try_from(UNITS_MAX).unwrap() + 50;
    items.extend((2..last).map(|number| needing(&[number + 1], item(number, Story, Backlog, Some(1)))));
    items.push(needing(&[2], item(last, Story, Backlog, Some(1))));
    let found = waits(&snapshot(vec![team(1, "Core")], Vec::new(), items), &ids(&[1]));
    assert_eq!((u32::try_from(found.work.len()).unwrap(), found.units.len()), (last - 1, UNITS_MAX + 1));
    assert_eq!(found.units.iter().map(|unit| unit.items).sum::<u32>(), last);
    assert_eq!(found.unordered, 50);
    let rest = found.units.last().unwrap();
    assert!(rest.items == 50 && rest.needs.is_empty(), "{rest:?}");
    // The farthest that is in order waits for what is thrown together.
    assert!(found.units.iter().any(|unit| unit.needs.iter().any(|need| need.unit == UNITS_MAX)));
}
