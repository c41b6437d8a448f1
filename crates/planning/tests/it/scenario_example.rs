//! The worked scenario of `docs/planning.md`, number by number.

use std::ops::ControlFlow;

use jiff::{civil::date, tz::TimeZone};
use pm33_planning::{
    Seed,
    calendar::Calendar,
    scenario::{Base, Change, Valued, apply, compare},
    schedule::{Epic, Lane, Limits, Portfolio, Trials},
};

#[test]
fn the_worked_scenario_of_the_documents_holds() {
    let document =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/planning.md")).unwrap();
    let epic = |key: &str, size: f64, cost_of_delay: f64, depends_on: Vec<(usize, i32)>| Epic {
        key: key.to_owned(),
        size,
        lane: Some(0),
        skills: Vec::new(),
        release: None,
        due: None,
        cost_of_delay,
        depends_on,
        under_way: false,
    };
    let epics = vec![epic("PAY-1", 10.0, 4.0, vec![]), epic("PAY-2", 20.0, 2.0, vec![(0, 0)])];
    let valued = epics.iter().map(|epic| Valued { value: epic.cost_of_delay, objectives: Vec::new() });
    let core = Lane {
        name: "Core".to_owned(),
        capacity_per_week: 10.0,
        calendar: Calendar::monday_to_friday(TimeZone::UTC),
        skills: Vec::new(),
        wip_limit: None,
    };
    let base = Base {
        valued: valued.collect(),
        portfolio: Portfolio { start: date(2026, 6, 1), lanes: vec![core], epics },
    };
    let half = Change::Capacity { lane: "Core".to_owned(), per_week: 5.0 };
    let (changed, _) = apply(&base, &[half]).unwrap();
    let limits = Limits { effort: 20, seed: 1 };
    let certain = Trials { count: 1, spread: 0.0, seed: Seed::from_u64(1) };
    let go_on = &mut |_: f64| ControlFlow::Continue(());
    let told = compare(&base, &changed, date(2026, 6, 19), limits, certain, go_on).unwrap().unwrap();
    for (place, epic) in base.portfolio.epics.iter().enumerate() {
        let (was, is) = (&told.base.placements[place], &told.changed.placements[place]);
        let row = format!(
            "| {} | {} to {} | {} to {} | {:.0} days |",
            epic.key, was.start, was.finish, is.start, is.finish, told.epics[place].finish_days.mean
        );
        assert!(document.contains(&row), "the document must have this row: {row}");
    }
    assert!((told.value_by_date.mean + 2.0).abs() < 1e-9, "{:?}", told.value_by_date);
    assert!(document.contains("The difference is −2."));
}
