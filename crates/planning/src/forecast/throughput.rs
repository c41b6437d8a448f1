//! Finished items per working day, days without any kept.

use jiff::civil::Date;
use pm33_tenancy::Timestamp;

use crate::calendar::Calendar;

/// Counts of consecutive working days, from the first finished item to the last whole day before the as-of time.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Throughput {
    /// The first working day; `None` when nothing was finished.
    pub first: Option<Date>,
    /// Items finished on each working day.
    pub counts: Vec<u32>,
}

/// Counts finish times per working day. An item finished on a day that is not worked counts on the next working day, or on
/// the last one before the as-of day when that is not reached yet. The as-of day itself is not over and is left out, and so
/// is everything later.
pub fn throughput(calendar: &Calendar, finished: &[Timestamp], as_of: Timestamp) -> Throughput {
    let today = calendar.date(as_of);
    let days: Vec<Date> = finished.iter().map(|at| calendar.date(*at)).filter(|date| *date < today).collect();
    let Some(first) = days.iter().min().and_then(|first| calendar.nth_on_or_after(*first, 0)) else {
        return Throughput::default();
    };
    let length = usize::try_from(calendar.count(first, today)).unwrap_or(0);
    if length == 0 {
        return Throughput::default();
    }
    let mut counts = vec![0_u32; length];
    for date in days {
        // Working days before it: a free day has as many as the next working day.
        let place = usize::try_from(calendar.count(first, date)).unwrap_or(0).min(length - 1);
        counts[place] = counts[place].saturating_add(1);
    }
    Throughput { first: Some(first), counts }
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn idle_days_count_weekends_roll_forward_and_today_is_not_over() {
        let calendar = Calendar::monday_to_friday(TimeZone::UTC);
        let finished = [
            "2026-03-02T10:00:00Z", // Monday
            "2026-03-02T23:59:59Z",
            "2026-03-07T10:00:00Z", // Saturday: counts on Monday the 9th
            "2026-03-11T08:00:00Z", // today
            "2027-01-01T00:00:00Z", // later
        ]
        .map(at);
        let counted = throughput(&calendar, &finished, at("2026-03-11T12:00:00Z"));
        assert_eq!(counted.first, Some(date(2026, 3, 2)));
        assert_eq!(counted.counts, [2, 0, 0, 0, 0, 1, 0]);
    }

    #[test]
    fn a_free_as_of_day_keeps_the_free_days_before_it() {
        let calendar = Calendar::monday_to_friday(TimeZone::UTC);
        let finished = ["2026-03-05T10:00:00Z", "2026-03-07T10:00:00Z"].map(at);
        assert_eq!(throughput(&calendar, &finished, at("2026-03-08T12:00:00Z")).counts, [1, 1]);
    }

    #[test]
    fn no_history_is_no_days() {
        let calendar = Calendar::monday_to_friday(TimeZone::UTC);
        assert_eq!(throughput(&calendar, &[], at("2026-03-08T12:00:00Z")), Throughput::default());
    }

    proptest! {
        #[test]
        fn nothing_is_lost(hours in prop::collection::vec(0_i64..20_000, 0..60)) {
            let calendar = Calendar::monday_to_friday(TimeZone::UTC);
            let finished: Vec<_> =
                hours.iter().map(|hour| Timestamp::from_micros((450_000 + hour) * 3_600_000_000)).collect();
            let as_of = Timestamp::from_micros(480_000 * 3_600_000_000);
            let counted: u32 = throughput(&calendar, &finished, as_of).counts.iter().sum();
            prop_assert_eq!(counted as usize, hours.len());
        }
    }
}
