//! All metrics on a team whose numbers are known, on nothing, and on nonsense.

use jiff::{civil::date, tz::TimeZone};
use pm33_product::Status;

use super::*;
use crate::flow::{NotEnough, SayDo};

const DAY: i64 = 86_400_000_000;
/// Monday 2026-03-02, 00:00 UTC.
const AS_OF: i64 = 1_772_409_600_000_000;

fn ago(days: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "small")]
    let micros = (days * DAY as f64) as i64;
    Timestamp::from_micros(AS_OF - micros)
}

fn item(index: usize, created: f64, started: f64, ended: Option<f64>) -> FlowItem {
    FlowItem {
        key: format!("T-{index}"),
        created: Some(ago(created)),
        started: Some(ago(started)),
        ended: ended.map(ago),
        status: if ended.is_some() { Status::Done } else { Status::InProgress },
        points: Some(1.0 + (index % 5) as f64),
        sprint: None,
        changes: Vec::new(),
    }
}

/// A team that works every day: one item is begun each day and takes two days, so two are always in progress.
fn steady() -> Vec<FlowItem> {
    (0..201)
        .map(|index| {
            let start = 200.25 - index as f64;
            item(index, start + 3.0, start, (start > 2.0).then_some(start - 2.0))
        })
        .collect()
}

fn every_day() -> Calendar {
    Calendar::new(TimeZone::UTC, crate::calendar::Weekdays::ALL, &[], &[]).expect("a calendar")
}

fn report(items: &[FlowItem], sprints: &[SprintSpan]) -> FlowReport {
    let calendar = every_day();
    analyse(&FlowInput {
        calendar: &calendar,
        items,
        sprints,
        wip_limit: Some(3),
        as_of: Timestamp::from_micros(AS_OF),
    })
}

#[test]
fn a_steady_team_has_its_known_numbers() {
    let report = report(&steady(), &[]);
    let cycle = report.cycle_time.known().expect("cycle times");
    assert!((cycle.p50 - 2.0).abs() < 1e-9 && (cycle.p95 - 2.0).abs() < 1e-9);
    let lead = report.lead_time.known().expect("lead times");
    assert!((lead.p85 - 5.0).abs() < 1e-9);
    let weekly = report.throughput.items.known().expect("weeks");
    assert!((weekly.mean - 7.0).abs() < 1e-9 && weekly.standard_deviation.abs() < 1e-9);
    assert!(report.throughput.stability.known().is_some_and(|chart| chart.signals.is_empty()));
    assert!(report.throughput.trend.known().is_some_and(|trend| trend.p > 0.9));
    let law = report.littles_law.known().expect("enough items");
    assert!(
        law.holds
            && (law.mean_in_progress - 2.0).abs() < 0.05
            && (law.throughput_times_cycle - 2.0).abs() < 0.05
    );
    assert_eq!((report.work_in_progress.items, report.work_in_progress.limit), (2, Some(3)));
    assert!(report.work_in_progress.at_risk.is_empty());
    // Points that repeat over equal times order nothing.
    assert!(report.points_against_cycle_time.known().is_none());
}

#[test]
fn old_work_is_at_risk_oldest_first() {
    let mut items = steady();
    items.push(item(900, 30.0, 20.0, None));
    items.push(item(901, 30.0, 9.0, None));
    let risk = report(&items, &[]).work_in_progress.at_risk;
    assert_eq!(risk.iter().map(|item| item.key.as_str()).collect::<Vec<_>>(), ["T-900", "T-901"]);
    assert!(risk.iter().all(|item| item.older_than == 95) && (risk[0].age_days - 20.0).abs() < 1e-9);
}

#[test]
fn sprints_of_unequal_length_are_scaled_and_say_do_counts_both_ways() {
    let span =
        |name: &str, start, end| SprintSpan { name: name.to_owned(), start, end, committed: Vec::new() };
    let sprints = [
        span("One", date(2026, 1, 1), date(2026, 1, 10)),
        span("Two", date(2026, 1, 11), date(2026, 1, 30)),
        span("Three", date(2026, 1, 31), date(2026, 2, 9)),
        span("Running", date(2026, 2, 25), date(2026, 3, 20)),
    ];
    let mut items = steady();
    let mut commit = |created: f64, ended: Option<f64>, status| {
        let mut one = item(700, created, created, ended);
        (one.sprint, one.status) = (Some(0), status);
        items.push(one);
    };
    commit(70.0, Some(52.0), Status::Done); // said and done
    commit(70.0, None, Status::InProgress); // said, not done
    commit(55.0, Some(53.0), Status::Cancelled); // added and removed again
    let velocity = report(&items, &sprints).velocity;
    assert_eq!(velocity.sprints.len(), 3, "the running sprint is not over");
    assert!((velocity.usual_days - 10.0).abs() < 1e-9);
    let summary = velocity.items.known().expect("three sprints");
    // 11, 20 and 10 items in 10, 20 and 10 days: 11, 10 and 10 at ten days.
    assert!((summary.mean - 31.0 / 3.0).abs() < 1e-9, "{summary:?}");
    let Some(SayDo { said, done, added, removed, ratio }) = velocity.sprints[0].say_do.known().copied()
    else {
        panic!("a commitment")
    };
    assert_eq!((said, done, added, removed), (2, 1, 1, 1));
    assert!((ratio - 0.5).abs() < 1e-9);
    // Where nobody said anything, nothing is known of it: that is no zero.
    assert!(matches!(velocity.sprints[1].say_do, Measure::NotEnoughData(NotEnough { have: 0, need: 1, .. })));
    assert!(matches!(velocity.say_do, Measure::NotEnoughData(NotEnough { have: 1, need: 3, .. })));
    let mut recorded = sprints.clone();
    recorded[0].committed = vec!["T-700".to_owned(), "T-150".to_owned()];
    let told = report(&items, &recorded).velocity;
    let Some(SayDo { said, added, removed, .. }) = told.sprints[0].say_do.known().copied() else {
        panic!("a commitment")
    };
    assert_eq!((said, added, removed), (4, 0, 2), "T-150 left the sprint, one was cancelled");
    assert!(matches!(velocity.trend, Measure::NotEnoughData(NotEnough { have: 3, need: 8, .. })));
}

#[test]
fn waiting_is_not_work() {
    let mut items = Vec::new();
    for index in 0..6 {
        let mut one = item(index, 20.0, 10.0, Some(2.0));
        one.changes = vec![
            (ago(20.0), Status::Planned),
            (ago(10.0), Status::InProgress),
            (ago(8.0), Status::Blocked),
            (ago(4.0), Status::InReview),
            (ago(2.0), Status::Done),
        ];
        items.push(one);
    }
    let found = report(&items, &[]).flow_efficiency;
    let efficiency = found.known().expect("six histories");
    assert!((efficiency.active_share - 0.5).abs() < 1e-9 && (efficiency.blocked_share - 0.5).abs() < 1e-9);
    assert!(report(&items[..4], &[]).flow_efficiency.known().is_none());
}

#[test]
fn nothing_and_nonsense_give_no_numbers_and_no_panic() {
    let text = serde_json::to_string(&report(&[], &[])).expect("JSON");
    assert!(text.contains("not_enough_data") && !text.contains("null"), "{text}");
    let mut backwards = steady();
    for one in &mut backwards {
        (one.started, one.ended) = (one.ended, one.started);
        one.points = Some(f64::NAN);
        one.status = Status::Done;
    }
    let odd = [
        SprintSpan {
            name: "Backwards".to_owned(),
            start: date(2026, 2, 1),
            end: date(2026, 1, 1),
            committed: Vec::new(),
        },
        SprintSpan {
            name: "Far".to_owned(),
            start: date(-9999, 1, 1),
            end: date(-9000, 1, 1),
            committed: Vec::new(),
        },
    ];
    let report = report(&backwards, &odd);
    assert!(report.cycle_time.known().is_none());
    let text = serde_json::to_string(&report).expect("JSON");
    assert!(!text.contains("null") && !text.contains("NaN"), "{text}");
}
