//! Any problem: modes, calendars, lags and leads, release and due dates, capacity that changes.

use std::ops::ControlFlow;

use pm33_planning::schedule::{
    Activity, Calendar, Demand, Length, Limits, Link, Mode, Problem, ProblemError, Resource, solve,
};
use proptest::prelude::*;

use super::validator::faults;

const HORIZON: usize = 400;

/// What activities may ask for. With one resource at most, the engine lays time out in steps, else in units; where all of them
/// work in one calendar, as on lanes, it takes its days off along.
#[derive(Clone, Copy, Debug)]
enum Sort {
    Lanes,
    One,
    Two,
}

fn mode(sort: Sort) -> impl Strategy<Value = Mode> {
    let working = |calendars| {
        (0..calendars, 0_u64..30).prop_map(|(calendar, amount)| Length::Working { calendar, amount })
    };
    let length = match sort {
        Sort::Lanes => working(1_usize).boxed(),
        Sort::One | Sort::Two => prop_oneof![(0_usize..8).prop_map(Length::Elapsed), working(2)].boxed(),
    };
    let most = if matches!(sort, Sort::Two) { 2 } else { 1 };
    let demand = (0_usize..2, 1_u32..4).prop_map(|(resource, amount)| Demand { resource, amount });
    (length, prop::collection::vec(demand, 0..=most)).prop_map(|(length, mut demands)| {
        demands.sort_unstable_by_key(|demand| demand.resource);
        demands.dedup_by_key(|demand| demand.resource);
        Mode { length, demands }
    })
}

fn activity(sort: Sort) -> impl Strategy<Value = Activity> {
    (
        prop::collection::vec(mode(sort), 1..3),
        0_usize..10,
        prop::option::of(0_usize..40),
        0_u8..3,
        prop::bool::weighted(0.2),
    )
        .prop_map(|(modes, release, due, weight, under_way)| Activity {
            modes,
            release,
            due,
            weight: f64::from(weight),
            under_way,
        })
}

fn problem() -> impl Strategy<Value = Problem> {
    // Half of them with a capacity that never changes, as lanes have it.
    let steady = prop::collection::vec(prop::collection::vec(3_u32..6, 1), 2);
    let changing = prop::collection::vec(prop::collection::vec(3_u32..6, 1..9), 2);
    let sort = prop_oneof![Just(Sort::Lanes), Just(Sort::One), Just(Sort::Two)];
    (sort, prop_oneof![steady, changing]).prop_flat_map(|(sort, capacity)| problem_of(sort, capacity))
}

fn problem_of(sort: Sort, capacity: Vec<Vec<u32>>) -> impl Strategy<Value = Problem> {
    let calendar = |rate: [u32; 7]| Calendar { rate: rate.into_iter().cycle().take(HORIZON).collect() };
    (
        prop::collection::vec(activity(sort), 1..12),
        prop::collection::vec((0_usize..12, 0_usize..12, -3_isize..5), 0..12),
    )
        .prop_map(move |(activities, links)| {
            let capacity = capacity.clone();
            let count = activities.len();
            let links = links.into_iter().filter(|&(from, to, _)| from < to && to < count);
            Problem {
                resources: capacity.into_iter().map(|capacity| Resource { capacity }).collect(),
                calendars: vec![calendar([4, 4, 4, 4, 4, 0, 0]), calendar([1, 0, 3, 2, 0, 0, 5])],
                links: links.map(|(from, to, lag)| Link { from, to, lag }).collect(),
                activities,
                horizon: HORIZON,
            }
        })
}

#[test]
fn days_off_with_less_room_are_not_taken_along() {
    // Two work until Friday; on the weekend there is room for one only.
    let mode = Mode {
        length: Length::Working { calendar: 0, amount: 20 },
        demands: vec![Demand { resource: 0, amount: 1 }],
    };
    let one = Activity { modes: vec![mode], release: 0, due: None, weight: 1.0, under_way: false };
    let week = [4, 4, 4, 4, 4, 0, 0];
    let problem = Problem {
        resources: vec![Resource { capacity: vec![2, 2, 2, 2, 2, 1, 1, 2] }],
        calendars: vec![Calendar { rate: week.into_iter().cycle().take(HORIZON).collect() }],
        activities: vec![one.clone(), one.clone(), one],
        links: Vec::new(),
        horizon: HORIZON,
    };
    let solution =
        solve(&problem, Limits { effort: 50, seed: 1 }, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(faults(&problem, &solution), Vec::<String>::new());
    assert_eq!(solution.value.makespan, 12);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_solution_is_sound_and_the_same_for_the_same_seed(problem in problem(), seed in 0_u64..1_000) {
        let limits = Limits { effort: 300, seed };
        let solution = solve(&problem, limits, &mut |_| ControlFlow::Continue(())).unwrap();
        prop_assert_eq!(faults(&problem, &solution), Vec::<String>::new());
        prop_assert!(solution.tardiness_bound <= solution.value.tardiness);
        let again = solve(&problem, limits, &mut |_| ControlFlow::Continue(())).unwrap();
        prop_assert_eq!(solution, again);
    }

    #[test]
    fn more_effort_is_never_worse(problem in problem(), seed in 0_u64..1_000) {
        let value = |effort| {
            solve(&problem, Limits { effort, seed }, &mut |_| ControlFlow::Continue(())).unwrap().value
        };
        prop_assert!(!value(50).beats(&value(400)));
    }

    #[test]
    fn a_link_back_is_told_as_the_circle(problem in problem(), lag in 0_isize..3) {
        let mut problem = problem;
        let Some(first) = problem.links.first().copied() else { return Ok(()) };
        // What has begun waits for nothing, so it is in no circle.
        for one in [first.from, first.to] {
            problem.activities[one].under_way = false;
        }
        problem.links.push(Link { from: first.to, to: first.from, lag });
        let told = solve(&problem, Limits { effort: 1, seed: 0 }, &mut |_| ControlFlow::Continue(()));
        let Err(ProblemError::Cycle { activities }) = told else { panic!("{told:?}") };
        for (place, &one) in activities.iter().enumerate() {
            let next = activities[(place + 1) % activities.len()];
            prop_assert!(problem.links.iter().any(|link| link.from == one && link.to == next));
        }
    }
}
