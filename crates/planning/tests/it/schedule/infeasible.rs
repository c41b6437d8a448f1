//! Problems without a schedule, and searches that are broken off.

use std::ops::ControlFlow;

use pm33_planning::schedule::{
    Activity, Demand, Length, Limits, Link, Mode, Problem, ProblemError, Resource, solve,
};

fn activity(length: usize, amount: u32) -> Activity {
    let demands = vec![Demand { resource: 0, amount }];
    Activity {
        modes: vec![Mode { length: Length::Elapsed(length), demands }],
        release: 0,
        due: None,
        weight: 0.0,
        under_way: false,
    }
}

fn problem(activities: Vec<Activity>, horizon: usize) -> Problem {
    Problem { resources: vec![Resource { capacity: vec![2] }], activities, horizon, ..Problem::default() }
}

fn refusal(problem: &Problem) -> ProblemError {
    solve(problem, Limits { effort: 10, seed: 0 }, &mut |_| ControlFlow::Continue(())).unwrap_err()
}

#[test]
fn what_can_never_run_is_named() {
    let greedy = problem(vec![activity(3, 1), activity(3, 5)], 100);
    assert_eq!(refusal(&greedy), ProblemError::Unplaceable { activity: 1 });
    let long = problem(vec![activity(101, 1)], 100);
    assert_eq!(refusal(&long), ProblemError::Unplaceable { activity: 0 });
    let modeless = problem(vec![Activity { modes: Vec::new(), ..activity(1, 1) }], 100);
    assert_eq!(refusal(&modeless), ProblemError::Unplaceable { activity: 0 });
}

#[test]
fn a_short_horizon_is_told() {
    let mut chain = problem(vec![activity(60, 2), activity(60, 2)], 100);
    assert!(matches!(refusal(&chain), ProblemError::Horizon { horizon: 100, .. }));
    chain.links.push(Link { from: 0, to: 1, lag: 0 });
    assert!(matches!(refusal(&chain), ProblemError::Horizon { horizon: 100, activity: 1 }));
}

#[test]
fn bad_numbers_and_indexes_are_refused() {
    for weight in [f64::NAN, f64::INFINITY, -1.0] {
        let bad = problem(vec![Activity { weight, ..activity(1, 1) }], 10);
        assert!(matches!(refusal(&bad), ProblemError::Malformed(_)), "{weight}");
    }
    let mut stray = problem(vec![activity(1, 1)], 10);
    stray.links.push(Link { from: 0, to: 9, lag: 0 });
    assert!(matches!(refusal(&stray), ProblemError::Malformed(_)));
    let huge = problem(vec![activity(1, 1)], usize::MAX);
    assert!(matches!(refusal(&huge), ProblemError::Malformed(_)));
    let many = problem(vec![activity(1, 1); 100_000], 1_000);
    assert!(matches!(refusal(&many), ProblemError::Malformed(_)));
}

#[test]
fn nothing_to_do_is_done_at_once() {
    let empty = problem(Vec::new(), 0);
    let solution = solve(&empty, Limits { effort: 10, seed: 0 }, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((solution.value.makespan, solution.bound()), (0, 0));
}

#[test]
fn a_search_that_is_broken_off_says_how_far_it_came() {
    let problem =
        problem((1..20).map(|length| Activity { weight: 1.0, ..activity(length, 1) }).collect(), 1_000);
    let mut calls = 0;
    let mut watch = |progress: pm33_planning::schedule::Progress| {
        calls += 1;
        if progress.schedules >= 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let solution = solve(&problem, Limits { effort: 1_000_000, seed: 0 }, &mut watch).unwrap();
    assert!(solution.stopped && (100..200).contains(&solution.schedules), "{}", solution.schedules);
    assert!(calls > 2);
}
