//! What a calendar must hold: leap days, changes of the clock, holidays, and the laws of counting.

use jiff::{
    civil::{Date, Weekday, date},
    tz::TimeZone,
};
use pm33_tenancy::Timestamp;
use proptest::prelude::*;

use super::{Absence, Calendar, Weekdays, date_of_day, day_number};

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("the time zones come with the crate")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn with_holidays(holidays: &[Date]) -> Calendar {
    Calendar::new(TimeZone::UTC, Weekdays::MONDAY_TO_FRIDAY, holidays, &[]).expect("a calendar")
}

#[test]
fn a_leap_day_is_worked_where_the_year_has_one() {
    let calendar = Calendar::monday_to_friday(TimeZone::UTC);
    // Thursday 2024-02-29 exists, in 2023 and 2100 it does not.
    assert_eq!(calendar.count(date(2024, 2, 26), date(2024, 3, 4)), 5);
    assert_eq!(calendar.count(date(2024, 2, 28), date(2024, 3, 1)), 2);
    assert_eq!(calendar.count(date(2023, 2, 28), date(2023, 3, 1)), 1);
    assert_eq!(calendar.nth_on_or_after(date(2024, 2, 28), 1), Some(date(2024, 2, 29)));
    assert_eq!(calendar.nth_on_or_after(date(2100, 2, 26), 1), Some(date(2100, 3, 1)));
}

#[test]
fn a_day_of_23_or_25_hours_is_one_day() {
    let calendar = Calendar::new(zone("Europe/Berlin"), Weekdays::ALL, &[], &[]).expect("a calendar");
    for (from, to) in [
        ("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
        ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
    ] {
        assert!((calendar.elapsed(at(from), at(to)) - 1.0).abs() < 1e-12, "{from}");
    }
    // Half of the short day is 11.5 hours.
    let half = calendar.elapsed(at("2026-03-29T00:00:00+01:00"), at("2026-03-29T12:30:00+02:00"));
    assert!((half - 0.5).abs() < 1e-12, "{half}");
}

#[test]
fn midnight_that_does_not_exist_does_not_confuse() {
    // São Paulo's clocks jumped from midnight to one on 2018-11-04.
    let calendar = Calendar::new(zone("America/Sao_Paulo"), Weekdays::ALL, &[], &[]).expect("a calendar");
    let days = calendar.elapsed(at("2018-11-03T03:00:00Z"), at("2018-11-05T02:00:00Z"));
    assert!((days - 2.0).abs() < 1e-12, "{days}");
}

#[test]
fn the_zone_decides_the_day() {
    let late = at("2026-03-01T23:30:00Z");
    assert_eq!(Calendar::monday_to_friday(zone("Asia/Tokyo")).date(late), date(2026, 3, 2));
    assert_eq!(Calendar::monday_to_friday(zone("America/New_York")).date(late), date(2026, 3, 1));
}

#[test]
fn weekends_and_holidays_take_no_working_time() {
    let calendar = with_holidays(&[date(2026, 1, 1), date(2026, 1, 3)]);
    assert_eq!(calendar.count(date(2025, 12, 29), date(2026, 1, 5)), 4);
    let days = calendar.elapsed(at("2025-12-31T12:00:00Z"), at("2026-01-02T12:00:00Z"));
    assert!((days - 1.0).abs() < 1e-12);
    assert!(calendar.elapsed(at("2026-01-03T01:00:00Z"), at("2026-01-04T23:00:00Z")).abs() < 1e-12);
}

#[test]
fn absences_lower_availability_and_a_full_one_is_a_day_off() {
    let away = |share| Absence { from: date(2026, 7, 6), to: date(2026, 7, 10), share };
    let make = |absences: &[Absence]| {
        Calendar::new(TimeZone::UTC, Weekdays::MONDAY_TO_FRIDAY, &[], absences).expect("a calendar")
    };
    let half = make(&[away(0.5)]);
    assert!((half.availability(date(2026, 7, 8)) - 0.5).abs() < 1e-12);
    assert!(half.is_working(date(2026, 7, 8)));
    assert!(make(&[away(0.7), away(0.7)]).availability(date(2026, 7, 8)).abs() < 1e-12);
    let full = make(&[away(1.0)]);
    assert!(!full.is_working(date(2026, 7, 8)));
    assert_eq!(full.count(date(2026, 7, 3), date(2026, 7, 14)), 2);
}

#[test]
fn impossible_calendars_are_refused_in_words() {
    let make = |weekdays, absences: &[Absence]| Calendar::new(TimeZone::UTC, weekdays, &[], absences);
    let none = make(Weekdays::from_iter([]), &[]).expect_err("no day is worked");
    assert!(none.to_string().contains("at least one day"), "{none}");
    let day = date(2026, 1, 1);
    for share in [0.0, -1.0, 1.5, f64::NAN] {
        assert!(make(Weekdays::ALL, &[Absence { from: day, to: day, share }]).is_err(), "{share}");
    }
    let backwards = Absence { from: day, to: date(2025, 1, 1), share: 0.5 };
    assert!(make(Weekdays::ALL, &[backwards]).is_err());
    let endless = Absence { from: day, to: Date::MAX, share: 1.0 };
    assert!(make(Weekdays::ALL, &[endless]).is_err());
}

#[test]
fn the_calendar_ends_without_a_panic() {
    let calendar = Calendar::monday_to_friday(TimeZone::UTC);
    assert_eq!(calendar.nth_on_or_after(date(9999, 12, 1), 1_000), None);
    assert_eq!(calendar.nth_on_or_after(date(2026, 1, 1), u32::MAX), None);
    assert!(calendar.count(Date::MIN, Date::MAX) > 5_000_000);
    let all = calendar.elapsed(Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));
    assert!(all.is_finite());
}

#[test]
fn half_a_team_needs_two_days_for_one() {
    let week = Absence { from: date(2026, 7, 6), to: date(2026, 7, 10), share: 0.5 };
    let calendar =
        Calendar::new(TimeZone::UTC, Weekdays::MONDAY_TO_FRIDAY, &[], &[week]).expect("a calendar");
    assert_eq!(calendar.full_days(date(2026, 7, 6), date(2026, 7, 18)), 8);
    let ends: Vec<Date> = calendar.full_day_ends(date(2026, 7, 6), 4).into_iter().map(date_of_day).collect();
    assert_eq!(ends, [date(2026, 7, 7), date(2026, 7, 9), date(2026, 7, 13), date(2026, 7, 14)]);
    let whole = calendar.without_days_off();
    assert_eq!(whole.full_days(date(2026, 7, 6), date(2026, 7, 18)), 10);
}

#[test]
fn a_kept_calendar_is_the_same_calendar_and_a_broken_one_is_refused() {
    let absence = Absence { from: date(2026, 7, 6), to: date(2026, 7, 10), share: 0.5 };
    let calendar =
        Calendar::new(zone("Europe/Berlin"), Weekdays::MONDAY_TO_FRIDAY, &[date(2026, 12, 25)], &[absence])
            .expect("a calendar");
    let text = serde_json::to_string(&calendar).expect("JSON");
    assert_eq!(serde_json::from_str::<Calendar>(&text).expect("a calendar"), calendar);
    let broken = text.replace("[1,2,3,4,5]", "[]");
    assert!(serde_json::from_str::<Calendar>(&broken).is_err());
}

fn calendars() -> impl Strategy<Value = Calendar> {
    (1_u8..128, prop::collection::vec(19_000_i32..21_000, 0..40)).prop_map(|(days, off)| {
        let weekdays: Weekdays = (0..7_i8)
            .filter(|day| days >> day & 1 == 1)
            .filter_map(|day| Weekday::from_monday_zero_offset(day).ok())
            .collect();
        let off: Vec<Date> = off.into_iter().map(date_of_day).collect();
        Calendar::new(TimeZone::UTC, weekdays, &off, &[]).expect("a calendar")
    })
}

proptest! {
    #[test]
    fn counting_is_looking_at_each_day(calendar in calendars(), from in 18_990_i32..21_000, span in 0_i32..200) {
        let looked = (from..from + span).filter(|day| calendar.is_working(date_of_day(*day))).count();
        prop_assert_eq!(calendar.count(date_of_day(from), date_of_day(from + span)), i32::try_from(looked)?);
    }

    #[test]
    fn nth_undoes_count(calendar in calendars(), from in 18_990_i32..21_000, skipped in 0_u32..300) {
        let from = date_of_day(from);
        let day = calendar.nth_on_or_after(from, skipped).expect("inside the calendar");
        prop_assert!(calendar.is_working(day));
        prop_assert_eq!(calendar.count(from, day), i32::try_from(skipped)?);
    }

    #[test]
    fn elapsed_time_adds_up(calendar in calendars(), times in prop::array::uniform3(1_600_000_000_i64..1_800_000_000)) {
        let [a, b, c] = times.map(|seconds| Timestamp::from_micros(seconds * 1_000_000));
        let sum = calendar.elapsed(a, b) + calendar.elapsed(b, c);
        prop_assert!((sum - calendar.elapsed(a, c)).abs() < 1e-6);
        prop_assert!(a > b || calendar.elapsed(a, b) >= -1e-9);
    }

    #[test]
    fn availability_of_many_days_is_that_of_each(calendar in calendars(), first in 18_000_i32..22_000, away in 0_i32..40) {
        let from = date_of_day(first);
        let absence = |start: i32, share| Absence { from: date_of_day(start), to: date_of_day(start + 9), share };
        let absences = [absence(first + away - 5, 0.5), absence(first + away, 0.75)];
        let calendar = Calendar { absences: absences.to_vec(), ..calendar };
        for (day, part) in (first..).zip(calendar.availabilities(from, 60)) {
            prop_assert!((part - calendar.availability(date_of_day(day))).abs() < 1e-12, "{}", date_of_day(day));
        }
    }

    #[test]
    fn day_numbers_and_dates_are_one(number in -4_000_000_i32..2_900_000) {
        let day = date_of_day(number);
        prop_assert!(day == Date::MIN || day_number(day) == number);
    }
}
