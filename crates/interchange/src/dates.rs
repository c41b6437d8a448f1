//! Dates as exports write them. What can be read in two ways is told apart from what can be read in one.

mod clock;
mod order;

use jiff::{civil::Date, tz::Offset};
use pm33_tenancy::Timestamp;

use crate::DateOrder;
use clock::Clock;
pub(crate) use order::DateOrders;

/// A date as it is written: perhaps with a time of day, perhaps with an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    day: Day,
    clock: Option<Clock>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    One(Date),
    /// Numbers that are a date in each of two orders.
    Two {
        day_first: Date,
        month_first: Date,
    },
    /// Numbers that are a date in one order only.
    Proof(Date, DateOrder),
}

impl Written {
    /// The order that it proves.
    pub(crate) fn proves(self) -> Option<DateOrder> {
        match self.day {
            Day::Proof(_, order) => Some(order),
            _ => None,
        }
    }

    /// Whether it can be read in two ways.
    pub(crate) fn is_ambiguous(self) -> bool {
        matches!(self.day, Day::Two { .. })
    }

    /// Whether it has a time of day without an offset.
    pub(crate) fn lacks_offset(self) -> bool {
        self.clock.is_some_and(|clock| clock.offset.is_none())
    }

    /// The day, in the order given; `None` when it is none in that order, or no order is given and two are possible.
    pub(crate) fn date(self, order: Option<DateOrder>) -> Option<Date> {
        match (self.day, order) {
            (Day::One(date), _) => Some(date),
            (Day::Two { day_first, .. }, Some(DateOrder::DayFirst)) => Some(day_first),
            (Day::Two { month_first, .. }, Some(DateOrder::MonthFirst)) => Some(month_first),
            (Day::Two { .. }, None) => None,
            (Day::Proof(date, proven), order) => order.is_none_or(|order| order == proven).then_some(date),
        }
    }

    /// The instant; midnight where no time is told, at the given offset where none is told.
    pub(crate) fn time(self, order: Option<DateOrder>, offset: Offset) -> Option<Timestamp> {
        let date = self.date(order)?;
        let time = self.clock.map_or(jiff::civil::Time::midnight(), |clock| clock.time);
        let offset = self.clock.and_then(|clock| clock.offset).unwrap_or(offset);
        offset.to_timestamp(date.to_datetime(time)).ok().map(Timestamp::from)
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn named(word: &str, names: &[&str]) -> Option<usize> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    names.iter().position(|name| word.len() >= 3 && name.starts_with(word.as_str()))
}

/// Reads ISO 8601 (`2024-03-12`, `2024-03-12T09:15:00.000+0000`), dates with month names (`12/Mar/24 9:15 AM`,
/// `Tue Mar 12 2024 09:15:00 GMT+0000 (UTC)`, `March 12, 2024`) and dates of numbers (`12/03/2024 09:15:00`,
/// `12.03.24`). Years of two digits are 1970 to 2069. Years before 1970 are how programs write that there is no date.
pub(crate) fn parse(text: &str) -> Option<Written> {
    let text = text.replace(['\u{202f}', '\u{a0}'], " ");
    let text = text.split(" (").next()?.trim();
    if !(6..=64).contains(&text.len()) || !text.is_ascii() {
        return None;
    }
    let parted = part_iso(text);
    let mut clock_words = Vec::new();
    let mut date_words: Vec<&str> = Vec::new();
    for word in parted.split([' ', ',']).filter(|word| !word.is_empty()) {
        if word.contains(':') || !clock_words.is_empty() && named(word, &MONTHS).is_none() && !is_year(word) {
            clock_words.push(word);
        } else if named(word, &WEEKDAYS).is_none() {
            date_words.push(word);
        }
    }
    let day = day(&date_words)?;
    let clock = if clock_words.is_empty() { None } else { Some(clock::read(&clock_words)?) };
    Some(Written { day, clock })
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The `T` between date and time, and nothing else, becomes a space.
fn part_iso(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let parts = text.char_indices().map(|(at, c)| {
        let between = matches!(c, 'T' | 't') && at > 0 && is_digit(at - 1) && is_digit(at + 1);
        if between { ' ' } else { c }
    });
    parts.collect()
}

fn day(words: &[&str]) -> Option<Day> {
    let parts: Vec<&str> =
        words.iter().flat_map(|word| word.split(['/', '-', '.'])).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    if let Some(month) = named(second, &MONTHS) {
        let (day, year) = if first.len() == 4 { (third, first) } else { (first, third) };
        return date(self::year(year)?, month + 1, number(day)?).map(Day::One);
    }
    if let Some(month) = named(first, &MONTHS) {
        return date(self::year(third)?, month + 1, number(second)?).map(Day::One);
    }
    if first.len() == 4 {
        return date(self::year(first)?, number(second)?, number(third)?).map(Day::One);
    }
    let (a, b, year) = (number(first)?, number(second)?, self::year(third)?);
    match (date(year, b, a), date(year, a, b)) {
        (Some(one), Some(other)) if one == other => Some(Day::One(one)),
        (Some(day_first), Some(month_first)) => Some(Day::Two { day_first, month_first }),
        (Some(date), None) => Some(Day::Proof(date, DateOrder::DayFirst)),
        (None, Some(date)) => Some(Day::Proof(date, DateOrder::MonthFirst)),
        (None, None) => None,
    }
}

fn number(text: &str) -> Option<usize> {
    ((1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

fn year(text: &str) -> Option<i16> {
    if is_year(text) {
        return text.parse().ok().filter(|year| *year >= 1970);
    }
    let short = i16::try_from(number(text).filter(|_| text.len() == 2)?).ok()?;
    Some(if short >= 70 { 1900 + short } else { 2000 + short })
}

fn date(year: i16, month: usize, day: usize) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::tz::Offset;

    use super::parse;
    use crate::DateOrder;

    fn read(text: &str, order: Option<DateOrder>) -> Option<String> {
        parse(text)?.time(order, Offset::UTC).map(|time| time.to_string())
    }

    #[test]
    fn what_can_be_read_in_one_way_is_read() {
        for (text, expected) in [
            ("2024-03-12", "2024-03-12T00:00:00Z"),
            ("2024-03-12T09:15:00.250+0200", "2024-03-12T07:15:00.25Z"),
            ("2024-03-12T09:15:00Z", "2024-03-12T09:15:00Z"),
            ("2024-03-12 09:15", "2024-03-12T09:15:00Z"),
            ("2024/03/12 09:15:00", "2024-03-12T09:15:00Z"),
            ("12/Mar/24 9:15 AM", "2024-03-12T09:15:00Z"),
            ("12/Mar/24 12:05 AM", "2024-03-12T00:05:00Z"),
            ("12-Mar-2024 9:15:01 PM", "2024-03-12T21:15:01Z"),
            ("Tue Mar 12 2024 09:15:00 GMT+0100 (Central European Standard Time)", "2024-03-12T08:15:00Z"),
            ("March 12, 2024", "2024-03-12T00:00:00Z"),
            ("12.12.2024 23:59:59", "2024-12-12T23:59:59Z"),
            ("31.12.2024", "2024-12-31T00:00:00Z"),
            ("12/31/2024 1:00:00 PM", "2024-12-31T13:00:00Z"),
        ] {
            assert_eq!(read(text, None).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_needs_an_order() {
        assert_eq!(read("03/04/2024", None), None);
        assert!(parse("03/04/2024").is_some_and(super::Written::is_ambiguous));
        assert_eq!(read("03/04/2024", Some(DateOrder::DayFirst)).as_deref(), Some("2024-04-03T00:00:00Z"));
        assert_eq!(read("03/04/2024", Some(DateOrder::MonthFirst)).as_deref(), Some("2024-03-04T00:00:00Z"));
        assert_eq!(read("25/04/2024", Some(DateOrder::MonthFirst)), None);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "v1.29",
            "2024-02-30",
            "31/31/2024",
            "0001-01-01",
            "2024-13-01",
            "12/Mrz/24",
            "1969-01-01",
            "2024-03-12T25:00:00Z",
            "2024-03-12 9:15 XM",
            "1234567890",
            "２０２４-03-12",
            "10:15:00",
            "2024-03",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
