//! Civil days as numbers, for arithmetic.

use jiff::{
    ToSpan,
    civil::{Date, date},
};

const EPOCH: Date = date(1970, 1, 1);

/// Days since 1970-01-01; negative before it.
pub fn day_number(day: Date) -> i32 {
    // Between civil days a span in days is exact, and the calendar's width fits.
    (day - EPOCH).get_days()
}

/// The day of a number; numbers outside the calendar give its ends.
pub fn date_of_day(number: i32) -> Date {
    let end = if number < 0 { Date::MIN } else { Date::MAX };
    if number.abs() > 4_000_000 {
        return end;
    }
    EPOCH.checked_add(number.days()).unwrap_or(end)
}
