//! Delivery forecasts on bad and odd data, joint distributions, and their comparison.

use jiff::{civil::date, tz::TimeZone};
use proptest::prelude::*;

use super::*;
use crate::forecast::{Difference, compare};

const HOUR: i64 = 3_600_000_000;
/// Monday 2026-03-02, 09:00 UTC.
const AS_OF: i64 = 1_772_442_000_000_000;

fn as_of() -> Timestamp {
    Timestamp::from_micros(AS_OF)
}

/// One item each day but every `idle`th, over the last weeks.
fn finished(weeks: i64, idle: i64) -> Vec<Timestamp> {
    (1..weeks * 7)
        .filter(|day| day % idle != 0)
        .map(|day| Timestamp::from_micros(AS_OF - day * 24 * HOUR))
        .collect()
}

fn team(name: &str, idle: i64, remaining: u32) -> TeamWork {
    TeamWork {
        undated: 0,
        team: name.to_owned(),
        calendar: Calendar::monday_to_friday(TimeZone::UTC),
        finished: finished(60, idle),
        remaining,
    }
}

fn asked(ask: Ask, teams: Vec<TeamWork>) -> DeliveryQuestion {
    DeliveryQuestion {
        ask,
        teams,
        growth: Growth::default(),
        as_of: as_of(),
        target: None,
        trials: 2_000,
        waits_for: WaitsFor::default(),
    }
}

/// The answer, with nobody watching.
fn deliver(asked: &DeliveryQuestion) -> Result<(Delivery, Recipe), PlanningError> {
    super::deliver(asked, &mut |_| ControlFlow::Continue(()))
}

#[test]
fn an_hour_later_on_the_same_data_the_answer_is_the_same() {
    let mut asked = asked(Ask::When, vec![team("Core", 3, 30)]);
    let first = deliver(&asked).expect("an answer").0;
    asked.as_of = Timestamp::from_micros(AS_OF + HOUR);
    let second = deliver(&asked).expect("an answer").0;
    assert_eq!((first.seed, first.percentiles, first.curve), (second.seed, second.percentiles, second.curve));
}

#[test]
fn a_broken_watch_stops_it() {
    let asked = asked(Ask::When, vec![team("One", 3, 30), team("Other", 2, 22)]);
    let mut heard = Vec::new();
    let told = super::deliver(&asked, &mut |done| {
        heard.push(done);
        if heard.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert_eq!(told.unwrap_err(), PlanningError::Stopped);
    assert!(heard.is_sorted() && heard.len() == 3 && heard[2] < 1.0, "{heard:?}");
}

fn dates(answer: &Delivery) -> Vec<Date> {
    answer.percentiles.iter().filter_map(|percentile| percentile.date).collect()
}

#[test]
fn the_same_question_gives_the_same_answer_in_order() {
    let asked = asked(Ask::When, vec![team("Core", 3, 30)]);
    let (answer, recipe) = deliver(&asked).expect("an answer");
    assert_eq!((answer.clone(), recipe), deliver(&asked).expect("an answer"));
    assert!(dates(&answer).is_sorted() && answer.percentiles.len() == 4, "{answer:?}");
    assert!(dates(&answer)[0] > date(2026, 3, 10) && dates(&answer)[3] < date(2026, 8, 1), "{answer:?}");
    assert!(answer.teams[0].track_record.origins > 20);
    let text = serde_json::to_string(&answer).expect("JSON");
    assert!(!text.contains("null") && !text.contains("NaN"), "{text}");
}

#[test]
fn two_teams_are_later_than_either_and_do_more_than_either() {
    let ask = |ask, teams| deliver(&asked(ask, teams)).expect("an answer").0;
    let (one, other) = (team("One", 3, 30), team("Other", 2, 22));
    let both = dates(&ask(Ask::When, vec![one.clone(), other.clone()]));
    for alone in [&one, &other] {
        // Windows are shared between teams, so a day of difference may come from there.
        let alone = dates(&ask(Ask::When, vec![alone.clone()]));
        for (both, alone) in both.iter().zip(alone) {
            assert!(*both >= alone.yesterday().expect("a day"), "{both} {alone}");
        }
    }
    let until = Ask::HowMuch { until: date(2026, 4, 3) };
    let items = |answer: Delivery| answer.percentiles[2].items.expect("items");
    let (a, b) = (items(ask(until, vec![one.clone()])), items(ask(until, vec![other.clone()])));
    let together = items(ask(until, vec![one, other]));
    assert!(together >= a.max(b) && together + 12 >= a + b, "{a} {b} {together}");
}

#[test]
fn bad_questions_are_refused_with_the_next_step() {
    let refused = |asked: &DeliveryQuestion| deliver(asked).expect_err("refused").to_string();
    let good = asked(Ask::When, vec![team("Core", 3, 30)]);
    let mut nothing = good.clone();
    nothing.teams[0].finished.clear();
    assert!(refused(&nothing).contains("import the tracker's history"), "{}", refused(&nothing));
    let mut one = good.clone();
    one.teams[0].finished.truncate(1);
    assert!(refused(&one).contains("at least 5"));
    let mut long_ago = good.clone();
    for at in &mut long_ago.teams[0].finished {
        *at = Timestamp::from_micros(at.micros() - 3 * 366 * 24 * HOUR);
    }
    assert!(refused(&long_ago).contains("in the window"), "{}", refused(&long_ago));
    let mut childless = good.clone();
    childless.teams[0].remaining = 0;
    assert!(refused(&childless).contains("break it down"));
    let mut past = good.clone();
    past.target = Some(Target::By(date(2025, 1, 1)));
    assert!(refused(&past).contains("missed already"));
    let mut mixed = good.clone();
    mixed.target = Some(Target::Items(3));
    assert!(refused(&mixed).contains("must be a date"));
    assert!(
        refused(&asked(Ask::HowMuch { until: date(2026, 2, 1) }, good.teams.clone()))
            .contains("before the as-of")
    );
    assert!(
        refused(&asked(Ask::HowMuch { until: date(2126, 2, 1) }, good.teams.clone())).contains("earlier day")
    );
    assert!(refused(&DeliveryQuestion { teams: Vec::new(), ..good.clone() }).contains("1 to 50"));
    assert!(refused(&DeliveryQuestion { trials: 5, ..good }).contains("1000 to 100000"));
}

#[test]
fn a_hundred_thousand_items_have_no_made_up_date() {
    let (answer, _) = deliver(&asked(Ask::When, vec![team("Core", 3, ITEMS_MAX)])).expect("an answer");
    assert!(answer.percentiles.iter().all(|percentile| percentile.date.is_none() && percentile.chance < 1.0));
}

#[test]
fn holidays_ahead_make_it_later_and_are_named() {
    let mut slowed = team("Core", 3, 30);
    let august = crate::calendar::Absence { from: date(2026, 3, 9), to: date(2026, 3, 20), share: 0.99 };
    slowed.calendar =
        Calendar::new(TimeZone::UTC, crate::calendar::Weekdays::MONDAY_TO_FRIDAY, &[], &[august])
            .expect("a calendar");
    let (later, _) = deliver(&asked(Ask::When, vec![slowed])).expect("an answer");
    let (sooner, _) = deliver(&asked(Ask::When, vec![team("Core", 3, 30)])).expect("an answer");
    assert!(dates(&later)[0] > dates(&sooner)[0]);
    let named = later.drivers.iter().find(|driver| driver.driver.starts_with("holidays")).expect("named");
    assert!(named.effect.is_some_and(|days| days >= 10), "{named:?}");
    assert!(!sooner.drivers.iter().any(|driver| driver.driver.starts_with("holidays")));
}

#[test]
fn growth_of_scope_makes_it_later() {
    let plain = asked(Ask::When, vec![team("Core", 3, 30)]);
    let grown = DeliveryQuestion { growth: Growth { sets: 9, factors: vec![1.5, 2.0] }, ..plain.clone() };
    let (plain, grown) = (deliver(&plain).expect("an answer").0, deliver(&grown).expect("an answer").0);
    assert!(dates(&grown)[2] > dates(&plain)[2]);
    assert!(grown.drivers[0].effect.is_some_and(|days| days > 0), "{:?}", grown.drivers);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn parts_of_a_difference_sum_exactly_and_name_their_cause(
        more in 1_u32..20, days in 0_i64..20, idle in 2_i64..5, cause in 0_u8..3,
    ) {
        let earlier = asked(Ask::When, vec![team("Core", 3, 30)]);
        let mut later = earlier.clone();
        match cause {
            0 => later.as_of = Timestamp::from_micros(AS_OF + days * 24 * HOUR),
            1 => later.teams[0].remaining += more,
            _ => later.teams[0].finished = finished(60, idle),
        }
        let (before, after) = (deliver(&earlier).expect("an answer"), deliver(&later).expect("an answer"));
        let parts = compare(&before.1, &after.1).expect("a comparison");
        prop_assert_eq!(parts.len(), 4);
        for (index, part) in parts.iter().enumerate() {
            let Difference { total, elapsed_time, scope, rate, model, .. } = *part;
            prop_assert_eq!(total, elapsed_time + scope + rate + model);
            let told = dates(&after.0)[index].since(dates(&before.0)[index]).expect("days").get_days();
            prop_assert_eq!(total, i64::from(told));
            prop_assert!(cause == 1 || scope == 0);
            prop_assert!(cause != 1 || scope > 0);
            prop_assert!(cause == 0 || elapsed_time == 0);
        }
        prop_assert!(compare(&after.1, &before.1).is_err() || before.1.as_of == after.1.as_of);
    }
}
