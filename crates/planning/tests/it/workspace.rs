//! What calculations take from a workspace's snapshot: whose work counts, what holds other work, and what a calendar says.

use std::collections::BTreeSet;

use jiff::civil::date;
use pm33_planning::{
    PlanningError,
    schedule::portfolio,
    workspace::{NO_TEAM, calendar, containers, epic_growth, flow, teams_work},
};
use pm33_product::{
    Away, Day,
    ItemType::{Epic, Story},
    Status::{Backlog, Cancelled, Done, InProgress},
    TeamCalendar,
};

use crate::place::{after, at, below, id, item, snapshot, sprint, team, team_id};

#[test]
fn what_holds_others_is_no_work_of_its_own() {
    let place = snapshot(
        vec![team(1, "Core")],
        Vec::new(),
        vec![
            item(1, Epic, InProgress, Some(1)),
            below(1, item(2, Story, Backlog, Some(1))),
            below(2, item(3, Story, Done, Some(1))),
            item(4, Epic, Backlog, Some(1)),
        ],
    );
    assert_eq!(containers(&place), BTreeSet::from([id(1), id(2), id(4)]));
    let (items, _) = flow(&place, Some(team_id(1)));
    assert_eq!(items.iter().map(|(_, item)| item.key.as_str()).collect::<Vec<_>>(), ["HERE-3"]);
}

#[test]
fn what_was_finished_and_then_archived_happened_all_the_same() {
    let [mut finished, mut open] = [item(1, Story, Done, Some(1)), item(2, Story, Backlog, Some(1))];
    (finished.archived, open.archived) = (Some(at(1)), Some(at(1)));
    let (items, _) =
        flow(&snapshot(vec![team(1, "Core")], Vec::new(), vec![finished, open]), Some(team_id(1)));
    assert_eq!(items.iter().map(|(_, item)| item.key.as_str()).collect::<Vec<_>>(), ["HERE-1"]);
}

#[test]
fn work_is_the_teams_own_and_items_without_a_team_are_told_apart() {
    let mut put_away = item(6, Story, Backlog, Some(1));
    put_away.archived = Some(at(1));
    let items = vec![
        item(1, Story, Done, Some(1)),
        item(2, Story, Backlog, Some(1)),
        item(3, Story, Cancelled, Some(1)),
        item(4, Story, Backlog, None),
        item(5, Story, Done, Some(2)),
        put_away,
    ];
    let place = snapshot(vec![team(1, "Core"), team(2, "Web")], Vec::new(), items);
    let told = |scope: Option<&BTreeSet<_>>, only: Option<&BTreeSet<_>>| {
        let work = teams_work(&place, scope, only).unwrap();
        work.iter().map(|one| (one.team.clone(), one.finished.len(), one.remaining)).collect::<Vec<_>>()
    };
    let all: BTreeSet<_> = (1..=6).map(id).collect();
    // Cancelled and archived items neither remain nor were finished; a team without remaining work has no part.
    assert_eq!(told(Some(&all), None), [(NO_TEAM.to_owned(), 0, 1), ("Core".to_owned(), 1, 1)]);
    assert_eq!(told(Some(&BTreeSet::from([id(4)])), None), [(NO_TEAM.to_owned(), 0, 1)]);
    // Asked how much, every team with a past has a part.
    let pasts = told(None, None);
    assert_eq!(pasts.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["Core", "Web"]);
    assert_eq!(told(None, Some(&BTreeSet::from([Some(team_id(2))]))).len(), 1);
}

#[test]
fn a_sprint_knows_its_items_and_what_was_committed_to_by_key() {
    let mut inside = item(1, Story, Done, Some(1));
    let sprints = vec![
        sprint(1, 2, date(2026, 1, 5), date(2026, 1, 16), &[]),
        sprint(2, 1, date(2026, 1, 5), date(2026, 1, 16), &[1, 2, 99]),
    ];
    inside.sprint = Some(sprints[1].id);
    let place =
        snapshot(vec![team(1, "Core"), team(2, "Web")], sprints, vec![inside, item(2, Story, Backlog, None)]);
    let (items, spans) = flow(&place, Some(team_id(1)));
    assert_eq!((items.len(), items[0].1.sprint), (1, Some(0)), "the place among the team's own sprints");
    // An item that is gone is left out; one that has left the team is still what was said.
    assert_eq!(spans[0].committed, ["HERE-1", "HERE-2"]);
}

#[test]
fn epics_grow_by_what_was_added_after_they_began_to_be_finished() {
    let child = |number: u32, created: i64, over: i64, status| {
        let mut one = below(1, item(number, Story, status, Some(1)));
        (one.created, one.finished) = (Some(at(created)), Some(at(over)));
        one
    };
    let epic = |children: Vec<_>| {
        snapshot(vec![team(1, "Core")], Vec::new(), [vec![item(1, Epic, Done, None)], children].concat())
    };
    let grown = epic_growth(&epic(vec![
        child(2, 0, 100, Done),
        child(3, 0, 200, Done),
        child(4, 150, 300, Done),
        child(5, 160, 310, Done),
    ]));
    assert_eq!(grown.sets, 1);
    // An epic that is still open says nothing of how it ends.
    let open = epic_growth(&epic(vec![child(2, 0, 100, Done), below(1, item(3, Story, Backlog, Some(1)))]));
    assert_eq!(open.sets, 0);
}

#[test]
fn a_calendar_is_read_as_it_is_written_and_nonsense_is_refused() {
    let mut one = team(1, "Core");
    assert_eq!(calendar(Some(&one)).unwrap().days_per_week(), 5);
    let written = TeamCalendar {
        time_zone: "Europe/Berlin".to_owned(),
        weekdays: vec![Day::Monday, Day::Thursday, Day::Sunday],
        holidays: vec![date(2026, 1, 5)],
        absences: vec![Away { from: date(2026, 1, 8), to: date(2026, 1, 8), share: 0.5 }],
    };
    one.calendar = Some(written.clone());
    let read = calendar(Some(&one)).unwrap();
    let there = |day| read.availability(date(2026, 1, day));
    assert_eq!([4, 5, 6, 8, 12].map(|day| format!("{:.1}", there(day))), ["1.0", "0.0", "0.0", "0.5", "1.0"]);
    one.calendar = Some(TeamCalendar { time_zone: "Mars/Olympus".to_owned(), ..written });
    assert!(matches!(calendar(Some(&one)), Err(PlanningError::Invalid { field: "calendar.time_zone", .. })));
}

#[test]
fn a_portfolio_takes_points_left_below_epics_and_says_what_it_left_out() {
    let pointed = |points: f64, mut one: pm33_product::WorkItem| {
        one.points = Some(points);
        one
    };
    let mut idle = team(2, "Idle");
    idle.capacity_per_week = Some(0.0);
    let items = vec![
        pointed(100.0, item(1, Epic, InProgress, Some(1))),
        pointed(5.0, below(1, item(2, Story, Backlog, Some(1)))),
        pointed(3.0, below(1, item(3, Story, Done, Some(1)))),
        below(2, pointed(2.0, item(4, Story, Backlog, Some(1)))),
        below(1, item(5, Story, Backlog, Some(1))),
        after(1, pointed(8.0, item(6, Epic, Backlog, None))),
        item(7, Epic, Backlog, Some(1)),
        pointed(f64::NAN, item(8, Epic, Backlog, Some(1))),
    ];
    let read =
        portfolio(&snapshot(vec![team(1, "Core"), idle], Vec::new(), items), date(2026, 1, 5)).unwrap();
    let epics = &read.portfolio.epics;
    // What is left below counts, not the epic's or the story's own guess; an epic without children counts its own.
    assert_eq!(
        epics.iter().map(|one| (one.key.as_str(), one.size)).collect::<Vec<_>>(),
        [("HERE-1", 2.0), ("HERE-6", 8.0)]
    );
    assert_eq!((epics[0].under_way, epics[1].under_way), (true, false));
    assert_eq!((epics[0].lane, epics[1].lane, &epics[1].depends_on), (Some(0), None, &vec![(0, 0)]));
    assert_eq!(
        (read.unsized_items, &read.unsized_epics[..]),
        (1, &["HERE-7".to_owned(), "HERE-8".to_owned()][..])
    );
    assert_eq!(read.idle_teams, ["Idle"]);
}

#[test]
fn a_part_of_the_plan_misses_only_what_is_below_its_own_epics() {
    let pointed =
        |number: u32| pm33_product::WorkItem { points: Some(3.0), ..item(number, Epic, Backlog, Some(1)) };
    let items = vec![pointed(1), below(1, item(2, Story, Backlog, Some(1))), pointed(3)];
    let place = snapshot(vec![team(1, "Core")], Vec::new(), items);
    let missing = |wanted: Option<&BTreeSet<_>>| {
        pm33_planning::schedule::portfolio_of(&place, date(2026, 1, 5), wanted).unwrap().unsized_items
    };
    assert_eq!(missing(None), 1);
    assert_eq!(missing(Some(&[id(1)].into())), 1);
    assert_eq!(missing(Some(&[id(3)].into())), 0);
}

#[test]
fn a_lane_works_on_what_it_has_begun_and_tells_its_real_pace() {
    let start = date(2026, 1, 12);
    let pointed = |points: f64, mut one: pm33_product::WorkItem| {
        one.points = Some(points);
        one
    };
    let lanes = |begun: u32, limit| {
        let mut core = team(1, "Core");
        core.wip_limit = limit;
        let mut items = vec![
            // Finished in the first days of January, and on the day of the plan, which is not over.
            pointed(18.0, item(40, Story, Done, Some(1))),
            pointed(6.0, item(60, Story, Done, Some(1))),
            pointed(99.0, item(11 * 24 + 1, Story, Done, Some(1))),
            pointed(5.0, item(9, Epic, Backlog, Some(1))),
        ];
        items.extend((1..=begun).map(|number| pointed(5.0, item(number, Epic, InProgress, Some(1)))));
        let read = portfolio(&snapshot(vec![core], Vec::new(), items), start).unwrap();
        (read.portfolio.lanes[0].wip_limit, read.finished_per_week[0])
    };
    assert_eq!(lanes(0, Some(6)), (Some(1), Some(2.0)));
    assert_eq!(lanes(3, None).0, Some(3));
    assert_eq!(lanes(3, Some(2)).0, Some(2));
}
