//! Times of an issue. What is no date stays unknown, and its text is kept.

use pm33_tenancy::Timestamp;
use serde_json::Value;

use crate::row::Row;

/// The times that an issue tells of.
#[derive(Debug, Default)]
pub(crate) struct Dates {
    pub(crate) created: Option<Timestamp>,
    /// As the file has it, to tell issues apart.
    pub(crate) created_as_given: String,
    pub(crate) closed: Option<Timestamp>,
    pub(crate) updated: Option<Timestamp>,
}

/// Whether a date was written in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// RFC 3339.
    Full,
    /// Months or days of one digit, or no time of day.
    Loose,
}

pub(crate) fn read(row: &mut Row, now: Timestamp) -> Dates {
    let (created, created_as_given) = date(row, "createdAt", now);
    let (closed, closed_as_given) = date(row, "closedAt", now);
    let (updated, _) = date(row, "updatedAt", now);
    let mut dates = Dates { created, created_as_given, closed, updated };
    if let (Some(created), Some(closed)) = (created, closed)
        && closed < created
    {
        // Which of the two is wrong cannot be known; the finish is what flow is measured by.
        dates.created = None;
        let given = Value::String(dates.created_as_given.clone());
        row.give_back(
            "createdAt",
            &given,
            "later than closedAt; the creation counts as unknown and is kept as a custom field",
        );
        row.warn(
            "closedAt",
            "earlier than createdAt; it is taken as given",
            Some(&Value::String(closed_as_given)),
        );
    }
    dates
}

fn date(row: &mut Row, column: &str, now: Timestamp) -> (Option<Timestamp>, String) {
    let Some(value) = row.take(column) else { return (None, String::new()) };
    let given = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Some((time, writing)) = value.as_str().and_then(parse) else {
        row.give_back(
            column,
            &value,
            "must be a date such as 2026-03-01T09:30:00Z; counts as unknown, its text is a custom field",
        );
        return (None, given);
    };
    if writing == Writing::Loose {
        row.warn(
            column,
            "not written in full; read as year-month-day, midnight UTC if without a time",
            Some(&value),
        );
    }
    if time > now {
        row.warn(column, "lies in the future", Some(&value));
    }
    (Some(time), given)
}

/// Reads RFC 3339, and year-month-day with single digits or without a time. A time of day needs its zone. Years before
/// 1970 are how programs write that there is no date.
pub(crate) fn parse(text: &str) -> Option<(Timestamp, Writing)> {
    let epoch = Timestamp::from_micros(0);
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return (time >= epoch).then_some((time, Writing::Full));
    }
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut parts = date.split('-');
    let mut number = |longest: usize| {
        let part = parts.next().filter(|part| (1..=longest).contains(&part.len()))?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u16>().ok())?
    };
    let (year, month, day) = (number(4).filter(|year| *year >= 1970)?, number(2)?, number(2)?);
    if parts.next().is_some() {
        return None;
    }
    let time = format!("{year:04}-{month:02}-{day:02}T{time}").parse::<Timestamp>().ok()?;
    Some((time, Writing::Loose))
}

#[cfg(test)]
mod tests {
    use super::{Writing, parse};

    #[test]
    fn what_is_unambiguous_is_read_and_the_rest_is_not() {
        for (text, expected) in [
            ("2018-11-26T00:00:00Z", Some(("2018-11-26T00:00:00Z", Writing::Full))),
            ("2018-11-26T02:00:00+02:00", Some(("2018-11-26T00:00:00Z", Writing::Full))),
            ("2025-10-9T00:00:00Z", Some(("2025-10-09T00:00:00Z", Writing::Loose))),
            ("2024-2-1", Some(("2024-02-01T00:00:00Z", Writing::Loose))),
            ("v1.29T00:00:00Z", None),
            ("yyyy-mm-ddT00:00:00Z", None),
            ("0001-01-01T00:00:00Z", None),
            ("2024-02-30", None),
            ("01/02/2024", None),
            ("2024-02-01T10:00:00", None),
            ("2024-02-01-01", None),
            ("+024-02-01", None),
            ("", None),
        ] {
            let read = parse(text).map(|(time, writing)| (time.to_string(), writing));
            assert_eq!(read, expected.map(|(time, writing)| (time.to_owned(), writing)), "{text:?}");
        }
    }
}
