//! Stories of a workspace in the coming sprints of its teams.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use pm33_planning::schedule::{
    LeftOver, Limits, PackedStories, packed_stories, plan, portfolio, portfolio_of,
};
use pm33_product::{
    ItemId,
    ItemType::{Epic, Feature, Story},
    Snapshot, SprintId,
    Status::{Backlog, InProgress},
    WorkItem,
};
use uuid::Uuid;

use crate::place::{after, below, id, item, snapshot, sprint, team};

fn pointed(points: f64, mut one: WorkItem) -> WorkItem {
    one.points = Some(points);
    one
}

/// An epic in progress with a feature, one that waits for it, and work without an epic. The team's sprint is two weeks of
/// 20 points.
fn items() -> Vec<WorkItem> {
    vec![
        item(1, Epic, InProgress, Some(1)),
        below(1, pointed(8.0, item(2, Story, Backlog, Some(1)))),
        below(1, pointed(8.0, item(3, Story, InProgress, Some(1)))),
        after(2, below(1, pointed(8.0, item(4, Story, Backlog, None)))),
        after(1, item(5, Epic, Backlog, Some(1))),
        below(5, pointed(3.0, item(6, Story, Backlog, Some(1)))),
        pointed(1.0, item(7, Story, Backlog, None)),
        pointed(50.0, item(8, Story, Backlog, Some(1))),
        below(1, pointed(5.0, item(9, Feature, Backlog, Some(1)))),
        below(9, pointed(5.0, item(10, Story, Backlog, Some(1)))),
        pointed(2.0, item(11, Epic, Backlog, Some(1))),
        after(11, pointed(1.0, item(12, Story, Backlog, Some(1)))),
    ]
}

fn place(items: Vec<WorkItem>) -> Snapshot {
    let first = sprint(1, 1, date(2026, 1, 5), date(2026, 1, 18), &[]);
    snapshot(vec![team(1, "Core")], vec![first], items)
}

fn packed(place: &Snapshot, only: Option<&BTreeSet<ItemId>>) -> PackedStories {
    packed_from(place, only, date(2026, 1, 5), 2)
}

fn packed_from(
    place: &Snapshot,
    only: Option<&BTreeSet<ItemId>>,
    start: Date,
    sprints: usize,
) -> PackedStories {
    let read = portfolio_of(place, start, only).unwrap();
    let limits = Limits { effort: 20, seed: 1 };
    let planned = plan(&read.portfolio, limits, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    packed_stories(place, &read, &planned, only, sprints).unwrap()
}

fn told(packed: &PackedStories) -> Vec<(Option<&str>, String, Vec<ItemId>, f64)> {
    let told = packed.sprints.iter().map(|one| {
        (one.name.as_deref(), format!("{} to {}", one.start, one.end), one.stories.clone(), one.free)
    });
    told.collect()
}

#[test]
fn sprints_take_what_has_begun_then_the_plans_order_and_continue_the_teams_rhythm() {
    let place = place(items());
    let packed = packed(&place, None);
    let first = vec![id(3), id(2)];
    let second = vec![id(4), id(10), id(6)];
    assert_eq!(
        told(&packed),
        [
            (Some("S1"), "2026-01-05 to 2026-01-18".to_owned(), first, 4.0),
            (None, "2026-01-19 to 2026-02-01".to_owned(), second, 4.0),
        ]
    );
    assert_eq!(
        packed.left_over,
        [(id(7), LeftOver::NoTeam), (id(8), LeftOver::TooLarge), (id(12), LeftOver::Waits)]
    );
    assert_eq!(packed.total, 8);
}

#[test]
fn a_part_of_the_plan_packs_its_own_stories_and_what_they_wait_for() {
    let place = place(items());
    let packed = packed(&place, Some(&BTreeSet::from([id(5)])));
    assert_eq!(packed.sprints.iter().map(|one| one.stories.len()).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(packed.left_over, []);
}

#[test]
fn a_part_of_the_plan_shows_the_sprints_of_its_own_teams_alone() {
    let first = sprint(1, 1, date(2026, 1, 5), date(2026, 1, 18), &[]);
    let place = snapshot(vec![team(1, "Core"), team(2, "Other")], vec![first], items());
    let teams = |only| {
        let packed = packed(&place, only);
        packed.sprints.into_iter().map(|one| one.team).collect::<Vec<_>>()
    };
    assert_eq!(teams(None), ["Core", "Core", "Other", "Other"]);
    assert_eq!(teams(Some(&BTreeSet::from([id(5)]))), ["Core", "Core"]);
}

#[test]
fn what_is_left_of_a_sprint_makes_no_story_too_large() {
    let place = place(items());
    // Two days of the sprint are left, which hold 4 points; as a whole it holds 20.
    let packed = packed_from(&place, None, date(2026, 1, 15), 1);
    assert_eq!(packed.sprints.iter().map(|one| one.room).collect::<Vec<_>>(), [4.0]);
    let why = |number| packed.left_over.iter().find(|(story, _)| *story == id(number)).map(|one| one.1);
    assert_eq!(why(3), Some(LeftOver::NoRoom), "8 points");
    assert_eq!(why(8), Some(LeftOver::TooLarge), "50 points");
}

#[test]
fn what_a_team_has_committed_to_stays_in_its_sprint_and_goes_before_the_rest() {
    let mut all = items();
    let second = sprint(2, 1, date(2026, 1, 19), date(2026, 2, 1), &[10]);
    all[9].sprint = Some(SprintId::from_uuid(Uuid::from_u128(2_000_002)));
    let first = sprint(1, 1, date(2026, 1, 5), date(2026, 1, 18), &[]);
    let place = snapshot(vec![team(1, "Core")], vec![first, second], all);
    let packed = packed(&place, None);
    assert_eq!(packed.sprints[1].name.as_deref(), Some("S2"));
    assert_eq!(
        packed.sprints[1].stories,
        [id(10), id(4), id(6)],
        "it waits for nothing and yet is not in the first"
    );
}

#[test]
fn a_features_points_count_once() {
    let place = place(items());
    let read = portfolio(&place, date(2026, 1, 5)).unwrap();
    assert_eq!((read.portfolio.epics[0].size, read.unsized_items), (29.0, 0));
}
