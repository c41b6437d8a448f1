//! Epics on team lanes: skills, calendars, limits, reasons, conflicts, trials.

use std::ops::ControlFlow;

use jiff::{civil::date, tz::TimeZone};
use pm33_planning::{
    Seed,
    calendar::{Absence, Calendar, Weekdays},
    schedule::{
        Epic, Lane, LanePlan, LaneReason, Limits, PlanError, Portfolio, StartReason, Trials, plan, trials,
    },
};

use super::validator::faults;

fn lane(name: &str, capacity: f64, skills: &[&str]) -> Lane {
    Lane {
        name: name.to_owned(),
        capacity_per_week: capacity,
        calendar: Calendar::monday_to_friday(TimeZone::UTC),
        skills: skills.iter().map(ToString::to_string).collect(),
        wip_limit: None,
    }
}

fn epic(key: &str, size: f64) -> Epic {
    Epic {
        key: key.to_owned(),
        size,
        lane: None,
        skills: Vec::new(),
        release: None,
        due: None,
        cost_of_delay: 0.0,
        depends_on: Vec::new(),
        under_way: false,
    }
}

/// A Monday.
const START: jiff::civil::Date = date(2026, 6, 1);

fn planned(portfolio: &Portfolio) -> Result<LanePlan, PlanError> {
    let told = plan(portfolio, Limits { effort: 200, seed: 1 }, &mut |_| ControlFlow::Continue(()))?;
    assert_eq!(faults(&told.problem, &told.solution), Vec::<String>::new());
    Ok(told)
}

#[test]
fn an_epic_takes_its_points_of_the_teams_working_days() {
    let mut team = lane("Core", 10.0, &[]);
    let holiday = [date(2026, 6, 3)];
    let away = [Absence { from: date(2026, 6, 8), to: date(2026, 6, 9), share: 0.5 }];
    team.calendar = Calendar::new(TimeZone::UTC, Weekdays::MONDAY_TO_FRIDAY, &holiday, &away).unwrap();
    let portfolio =
        Portfolio { start: START, lanes: vec![team], epics: vec![epic("A-1", 8.0), epic("A-2", 4.0)] };
    let told = planned(&portfolio).unwrap();
    // 2 points a day; the first week has four days: 8 points. Then Monday and Tuesday with 1 each, Wednesday with 2.
    let mut days: Vec<_> = told.placements.iter().map(|one| (one.start, one.finish)).collect();
    days.sort();
    assert_eq!(told.end, Some(date(2026, 6, 10)));
    assert_eq!(days[0].0, START);
    assert!(told.bound <= told.end && (told.utilisation[0] - 1.0).abs() < 1e-9);
}

#[test]
fn skills_choose_the_lane_and_reasons_say_why() {
    let lanes =
        vec![lane("Web", 10.0, &["react"]), lane("Data", 10.0, &["SQL"]), lane("More data", 5.0, &["sql"])];
    let mut epics = vec![epic("A-1", 10.0), epic("A-2", 10.0), epic("A-3", 10.0), epic("A-4", 5.0)];
    epics[0].skills = vec!["React".into()];
    epics[1].skills = vec!["sql".into()];
    epics[2].skills = vec!["react".into()];
    epics[2].depends_on = vec![(0, 5)];
    epics[3].lane = Some(1);
    epics[3].release = Some(date(2026, 7, 6));
    let told = planned(&Portfolio { start: START, lanes, epics }).unwrap();
    let one = &told.placements;
    assert_eq!(
        (one[0].lane, &one[0].lane_reason, &one[0].start_reason),
        (0, &LaneReason::OnlyOne, &StartReason::AtOnce)
    );
    assert_eq!((one[1].lane, &one[1].lane_reason), (1, &LaneReason::BestOf(2)));
    assert_eq!((one[2].start, &one[2].start_reason), (date(2026, 6, 15), &StartReason::After("A-1".into())));
    assert_eq!((one[3].start, &one[3].start_reason), (date(2026, 7, 6), &StartReason::Release));
    assert_eq!(one[3].lane_reason, LaneReason::Assigned);
}

#[test]
fn a_limit_of_work_in_progress_shares_the_capacity() {
    let mut team = lane("Core", 10.0, &[]);
    team.wip_limit = Some(2);
    let epics = (1..=3).map(|number| epic(&format!("A-{number}"), 5.0)).collect();
    let told = planned(&Portfolio { start: START, lanes: vec![team], epics }).unwrap();
    let waits =
        told.placements.iter().filter(|one| matches!(one.start_reason, StartReason::LaneBusy(_))).count();
    assert_eq!((waits, told.end), (1, Some(date(2026, 6, 12))));
}

#[test]
fn the_cost_of_delay_decides_who_goes_first_and_lateness_is_counted() {
    let mut epics = vec![epic("A-1", 10.0), epic("A-2", 10.0)];
    for (one, cost) in epics.iter_mut().zip([1.0, 9.0]) {
        one.cost_of_delay = cost;
        one.due = Some(date(2026, 6, 3));
    }
    let told = planned(&Portfolio { start: START, lanes: vec![lane("Core", 10.0, &[])], epics }).unwrap();
    assert!(told.placements[1].start < told.placements[0].start);
    // No plan could finish it before Friday the 5th, two days late.
    assert_eq!((told.placements[1].earliest, told.placements[1].days_late), (date(2026, 6, 5), 2));
}

#[test]
fn what_has_begun_goes_on_before_anything_else_begins() {
    let mut epics: Vec<Epic> = (1..=6).map(|number| epic(&format!("A-{number}"), 10.0)).collect();
    // Everything speaks for the others: cost of delay, due dates, what it was to wait for, its release.
    for one in &mut epics[..5] {
        (one.cost_of_delay, one.due) = (9.0, Some(date(2026, 6, 5)));
    }
    epics[5].depends_on = vec![(0, 0)];
    epics[5].release = Some(date(2026, 9, 1));
    let mut portfolio = Portfolio { start: START, lanes: vec![lane("Core", 10.0, &[])], epics };
    let last = planned(&portfolio).unwrap();
    assert!(last.placements[5].start > date(2026, 8, 1));
    portfolio.epics[5].under_way = true;
    let told = planned(&portfolio).unwrap();
    assert_eq!((told.placements[5].start, &told.placements[5].start_reason), (START, &StartReason::UnderWay));
    // Two that have begun share one slot one after the other; the rest still comes behind both.
    portfolio.epics[4].under_way = true;
    let told = planned(&portfolio).unwrap();
    let later = told.placements[..4].iter().all(|one| one.start >= date(2026, 6, 15));
    assert!(later && told.placements[4].finish < date(2026, 6, 15), "{:?}", told.placements);
}

#[test]
fn a_due_date_before_the_plan_is_late_from_its_own_day_on() {
    let mut late = epic("A-1", 10.0);
    (late.due, late.cost_of_delay) = (Some(date(2026, 5, 22)), 7.0);
    let told = planned(&Portfolio { start: START, lanes: vec![lane("Core", 10.0, &[])], epics: vec![late] })
        .unwrap();
    // Friday the 5th of June is 14 days after the 22nd of May: 9 before the plan began, 5 in it, at 1 a day.
    assert_eq!((told.placements[0].finish, told.placements[0].days_late), (date(2026, 6, 5), 14));
    let lost = (told.lost_before, told.solution.value.tardiness);
    assert!((lost.0 - 9.0).abs() < 1e-9 && (lost.1 - 5.0).abs() < 1e-9, "{lost:?}");
}

#[test]
fn conflicts_are_named() {
    let lanes =
        || vec![lane("Web", 10.0, &["react"]), lane("Idle", 0.0, &["sql"]), lane("Both no", 3.0, &["go"])];
    let refusal = |epics: Vec<Epic>| planned(&Portfolio { start: START, lanes: lanes(), epics }).unwrap_err();
    let mut unskilled = epic("A-1", 5.0);
    unskilled.skills = vec!["react".into(), "cobol".into()];
    assert_eq!(
        refusal(vec![unskilled.clone()]),
        PlanError::MissingSkill { epic: "A-1".into(), missing: vec!["cobol".into()] }
    );
    unskilled.skills = vec!["react".into(), "go".into()];
    assert_eq!(
        refusal(vec![unskilled.clone()]),
        PlanError::MissingSkill { epic: "A-1".into(), missing: Vec::new() }
    );
    unskilled.skills = vec!["sql".into()];
    assert_eq!(
        refusal(vec![unskilled]),
        PlanError::NoCapacity { epic: "A-1".into(), lanes: vec!["Idle".into()] }
    );
    let mut circle = vec![epic("A-1", 1.0), epic("A-2", 1.0), epic("A-3", 1.0)];
    circle[0].depends_on = vec![(1, 0)];
    circle[1].depends_on = vec![(0, 0)];
    circle[2].depends_on = vec![(1, 0)];
    let PlanError::Cycle(mut keys) = refusal(circle) else { panic!("a circle") };
    keys.sort();
    assert_eq!(keys, ["A-1", "A-2"]);
    for size in [0.0, -3.0, f64::NAN, f64::INFINITY, 1e9] {
        assert!(matches!(refusal(vec![epic("A-1", size)]), PlanError::Invalid(_)), "{size}");
    }
    assert_eq!(refusal(vec![epic("A-1", 900_000.0)]), PlanError::TooLong("A-1".into()));
    let mut lagging = epic("A-2", 1.0);
    lagging.depends_on = vec![(0, i32::MAX)];
    assert!(matches!(refusal(vec![epic("A-1", 1.0), lagging]), PlanError::Invalid(_)));
}

#[test]
fn trials_give_dates_with_chances_and_what_is_critical() {
    let mut epics = vec![epic("A-1", 20.0), epic("A-2", 20.0), epic("A-3", 2.0)];
    epics[1].depends_on = vec![(0, 0)];
    epics[0].lane = Some(0);
    epics[1].lane = Some(0);
    epics[2].lane = Some(1);
    let portfolio =
        Portfolio { start: START, lanes: vec![lane("One", 10.0, &[]), lane("Two", 10.0, &[])], epics };
    let told = planned(&portfolio).unwrap();
    let drawn = Trials { count: 200, spread: 0.3, seed: Seed::from_u64(5) };
    let risk = trials(&portfolio, &told, drawn, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(risk[0].criticality > 0.99 && risk[1].criticality > 0.99 && risk[2].criticality < 0.01);
    let (half, most) = (risk[1].percentile(0.5), risk[1].percentile(0.95));
    // The median of the sum is near the plan's 26 days; 95 % is well behind it.
    assert!((24..=30).contains(&half) && most > half + 4, "{half} {most}");
    let still = Trials { spread: 0.0, ..drawn };
    let risk = trials(&portfolio, &told, still, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(risk[1].percentile(0.05), told.solution.finish[1]);
}

#[test]
fn nothing_to_plan_is_an_empty_plan() {
    let told = planned(&Portfolio { start: START, lanes: Vec::new(), epics: Vec::new() }).unwrap();
    assert_eq!((told.end, told.placements.len()), (None, 0));
}
