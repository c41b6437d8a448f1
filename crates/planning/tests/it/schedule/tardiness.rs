//! The bound of the tardiness is never above the least that any plan has, which is found here by trying all of them.

use std::ops::ControlFlow;

use jiff::{
    ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};
use pm33_planning::{
    calendar::Calendar,
    schedule::{Epic, Lane, Limits, Portfolio, plan},
};
use proptest::prelude::*;

/// A Monday.
const START: Date = date(2026, 6, 1);
/// Points that a lane does on one of its days.
const A_DAY: f64 = 2.0;

fn lane(name: &str) -> Lane {
    Lane {
        name: name.to_owned(),
        capacity_per_week: 5.0 * A_DAY,
        calendar: Calendar::monday_to_friday(TimeZone::UTC),
        skills: Vec::new(),
        wip_limit: None,
    }
}

fn portfolio() -> impl Strategy<Value = Portfolio> {
    let epic = (
        1_u8..9,
        prop::option::of(0_usize..2),
        prop::option::of(-10_i64..30),
        0_u8..5,
        prop::option::of(0_usize..5),
    );
    (1_usize..3, prop::collection::vec(epic, 1..6)).prop_map(|(lanes, epics)| {
        let epics = epics.into_iter().enumerate().map(|(at, (days, lane, due, cost, before))| Epic {
            key: format!("A-{at}"),
            size: f64::from(days) * A_DAY,
            lane: lane.filter(|lane| *lane < lanes),
            skills: Vec::new(),
            release: None,
            due: due.map(|days| START.checked_add(days.days()).unwrap()),
            cost_of_delay: f64::from(cost),
            depends_on: before.filter(|before| *before < at).map(|before| (before, 0)).into_iter().collect(),
            under_way: false,
        });
        Portfolio {
            start: START,
            epics: epics.collect(),
            lanes: ["One", "Two"][..lanes].iter().map(|name| lane(name)).collect(),
        }
    })
}

/// Working days that an epic takes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few whole days")]
fn days_of(epic: &Epic) -> u32 {
    (epic.size / A_DAY).round() as u32
}

/// The last day of so many working days from the start on.
fn day(worked: u32) -> Date {
    Calendar::monday_to_friday(TimeZone::UTC).nth_on_or_after(START, worked - 1).unwrap()
}

/// The least weighted tardiness: every order and every choice of lanes, one after the other as early as it goes.
fn least(portfolio: &Portfolio, done: &mut Vec<Option<u32>>, free: &mut Vec<u32>, cost: f64, best: &mut f64) {
    if cost >= *best {
        return;
    }
    if done.iter().all(Option::is_some) {
        *best = cost;
        return;
    }
    for at in 0..portfolio.epics.len() {
        let epic = &portfolio.epics[at];
        let needs: Option<Vec<u32>> = epic.depends_on.iter().map(|(before, _)| done[*before]).collect();
        let Some(needs) = needs.filter(|_| done[at].is_none()) else { continue };
        for lane in (0..free.len()).filter(|lane| epic.lane.is_none_or(|own| own == *lane)) {
            let begin = needs.iter().copied().max().unwrap_or(0).max(free[lane]);
            let end = begin + days_of(epic);
            let late = epic.due.map_or(0, |due| day(end).since(due).unwrap().get_days().max(0));
            let before = std::mem::replace(&mut free[lane], end);
            done[at] = Some(end);
            least(portfolio, done, free, cost + epic.cost_of_delay * f64::from(late) / 7.0, best);
            done[at] = None;
            free[lane] = before;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_plan_is_less_late_than_the_bound_says(portfolio in portfolio()) {
        let planned = plan(&portfolio, Limits { effort: 60, seed: 1 }, &mut |_| ControlFlow::Continue(())).unwrap();
        let mut best = f64::INFINITY;
        let (mut done, mut free) = (vec![None; portfolio.epics.len()], vec![0; portfolio.lanes.len()]);
        least(&portfolio, &mut done, &mut free, 0.0, &mut best);
        let bound = planned.lost_before + planned.solution.tardiness_bound;
        let told = planned.lost_before + planned.solution.value.tardiness;
        prop_assert!(bound <= best + 1e-6, "bound {bound}, least {best}, told {told}");
        prop_assert!(best <= told + 1e-6, "a plan of {told} is less late than all that were tried, {best}");
    }
}
