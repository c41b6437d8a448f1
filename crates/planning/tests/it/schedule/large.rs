//! Large portfolios: how good their plans are, how soon one can stop them, and that bad ones are refused at once.

use std::ops::ControlFlow;

use jiff::{civil::date, tz::TimeZone};
use pm33_planning::{
    calendar::Calendar,
    schedule::{Epic, Lane, Limits, PlanError, Portfolio, Progress, plan},
};

use super::validator::faults;

const LANES: usize = 12;

/// Of three epics two have their lane, and every fourth waits for one before it.
fn portfolio(epics: usize) -> Portfolio {
    let lane = |number| Lane {
        name: format!("Lane {number}"),
        capacity_per_week: 20.0,
        calendar: Calendar::monday_to_friday(TimeZone::UTC),
        skills: Vec::new(),
        wip_limit: None,
    };
    let epic = |number: usize| Epic {
        key: format!("PM-{number}"),
        size: [5.0, 8.0, 13.0, 20.0, 34.0][number * 7 % 5],
        lane: (!number.is_multiple_of(3)).then_some(number % LANES),
        skills: Vec::new(),
        release: None,
        due: None,
        cost_of_delay: [4.0, 2.0, 1.0][number * 5 % 3],
        depends_on: if number % 4 == 3 { vec![(number / 2, 2)] } else { Vec::new() },
        under_way: false,
    };
    let lanes = (0..LANES).map(lane).collect();
    Portfolio { start: date(2026, 6, 1), lanes, epics: (0..epics).map(epic).collect() }
}

#[test]
fn five_hundred_epics_are_planned_to_their_bound_and_what_matters_more_comes_earlier() {
    let portfolio = portfolio(500);
    let planned = |effort| {
        let limits = Limits { effort, seed: portfolio.seed().as_u64() };
        plan(&portfolio, limits, &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let (quick, usual) = (planned(200), planned(1_600));
    assert_eq!(faults(&usual.problem, &usual.solution), Vec::<String>::new());
    assert!(usual.gap() < 0.01, "{} days over {}", usual.solution.value.makespan, usual.solution.bound());
    let (quick, usual) = (quick.solution.value, usual.solution.value);
    assert!(!quick.beats(&usual) && usual.waiting < quick.waiting, "{quick:?} {usual:?}");
}

#[test]
fn the_watch_is_asked_often_enough_to_stop_soon() {
    let portfolio = portfolio(500);
    let (mut last, mut longest) = (0, 0);
    let mut watch = |seen: Progress| {
        longest = longest.max(seen.schedules - last);
        last = seen.schedules;
        ControlFlow::Continue(())
    };
    plan(&portfolio, Limits { effort: 1_000, seed: 1 }, &mut watch).unwrap();
    // A schedule takes some ten microseconds, so this is a few milliseconds.
    assert!((1..=50).contains(&longest), "{longest} schedules without asking");
}

#[test]
fn a_plan_that_nobody_waits_for_costs_its_first_schedules_only() {
    let portfolio = portfolio(5_000);
    let stop = &mut |_: Progress| ControlFlow::Break(());
    let told = plan(&portfolio, Limits { effort: 100_000, seed: 1 }, stop).unwrap();
    assert!(told.solution.stopped && told.solution.schedules <= 50, "{}", told.solution.schedules);
}

#[test]
fn what_is_too_much_or_waits_in_a_circle_is_refused_by_name() {
    let go_on = &mut |_: Progress| ControlFlow::Continue(());
    let limits = Limits { effort: 1_600, seed: 1 };
    let told = plan(&portfolio(10_000), limits, go_on).unwrap_err();
    assert!(told.to_string().contains("10000 open epics are more than the 5000"), "{told}");
    let mut circle = portfolio(5_000);
    for one in 0..5_000 {
        circle.epics[one].depends_on = vec![((one + 1) % 5_000, 0)];
    }
    let PlanError::Cycle(keys) = plan(&circle, limits, go_on).unwrap_err() else { panic!("a circle") };
    assert_eq!(keys.len(), 5_000);
    let mut unskilled = portfolio(5_000);
    unskilled.epics[4_998].skills = vec!["cobol".to_owned()];
    unskilled.epics[4_998].lane = None;
    let told = plan(&unskilled, limits, go_on).unwrap_err();
    assert_eq!(told, PlanError::MissingSkill { epic: "PM-4998".into(), missing: vec!["cobol".into()] });
}
