//! By when a request is answered: a calendar month under the GDPR (two more with notice, article 12(3)); under the CCPA
//! receipt is confirmed in ten business days and the answer given in 45 days (45 more with notice).

use jiff::{Span, Timestamp as Instant, ZonedDateTime, civil::Weekday, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Which law's clock runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// The General Data Protection Regulation.
    Gdpr,
    /// The California Consumer Privacy Act.
    Ccpa,
    /// Not known: whichever ends first counts.
    #[default]
    Both,
}

impl Law {
    /// Every law.
    pub const ALL: [Self; 3] = [Self::Gdpr, Self::Ccpa, Self::Both];

    /// The word in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gdpr => "gdpr",
            Self::Ccpa => "ccpa",
            Self::Both => "both",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|law| law.as_str() == word)
    }
}

/// When what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Deadlines {
    /// Receipt is to be confirmed until then; absent where the law does not ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Timestamp>,
    /// The answer is due.
    pub answer: Timestamp,
    /// The answer would be due then if its person is told in time why it takes longer.
    pub extended: Timestamp,
}

impl Deadlines {
    /// The deadlines of a request that came in at a time, counted in UTC.
    pub fn of(received: Timestamp, law: Law) -> Self {
        let (month, three) = (months(received, 1), months(received, 3));
        let (days, double) = (days(received, 45), self::days(received, 90));
        let confirm = Some(business_days(received, 10));
        match law {
            Law::Gdpr => Self { confirm: None, answer: month, extended: three },
            Law::Ccpa => Self { confirm, answer: days, extended: double },
            Law::Both => Self { confirm, answer: month.min(days), extended: three.min(double) },
        }
    }
}

fn zoned(at: Timestamp) -> ZonedDateTime {
    at.instant().to_zoned_datetime(TimeZone::UTC)
}

fn moved(from: Timestamp, span: Span) -> Timestamp {
    let zoned = zoned(from);
    zoned.checked_add(span).map_or(Timestamp::from(Instant::MAX), |then| then.timestamp().into())
}

fn months(from: Timestamp, count: i32) -> Timestamp {
    moved(from, Span::new().months(count))
}

fn days(from: Timestamp, count: i32) -> Timestamp {
    moved(from, Span::new().days(count))
}

/// Days from Monday to Friday; holidays are not known here, so the true deadline is never earlier.
fn business_days(from: Timestamp, count: u32) -> Timestamp {
    let (mut at, mut left) = (from, count);
    while left > 0 {
        let next = days(at, 1);
        if next <= at {
            break;
        }
        at = next;
        let weekday = zoned(at).weekday();
        if !matches!(weekday, Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        text.parse().ok()
    }

    #[test]
    fn a_month_is_a_calendar_month_and_business_days_leave_out_weekends() {
        // Where a month has no 31st, its last day counts.
        let received = Timestamp::from_micros(1_801_411_200_000_000);
        assert_eq!(Some(received), at("2027-01-31T16:00:00Z"));
        let gdpr = Deadlines::of(received, Law::Gdpr);
        assert_eq!(Some(gdpr.answer), at("2027-02-28T16:00:00Z"));
        assert_eq!(Some(gdpr.extended), at("2027-04-30T16:00:00Z"));
        assert_eq!(gdpr.confirm, None);
        let ccpa = Deadlines::of(received, Law::Ccpa);
        // 31 January 2027 is a Sunday: ten weekdays end on Friday the 12th.
        assert_eq!(ccpa.confirm, at("2027-02-12T16:00:00Z"));
        assert_eq!(Some(ccpa.answer), at("2027-03-17T16:00:00Z"));
        assert_eq!(Some(ccpa.extended), at("2027-05-01T16:00:00Z"));
        let both = Deadlines::of(received, Law::Both);
        assert_eq!((both.confirm, both.answer), (ccpa.confirm, gdpr.answer));
        assert_eq!(both.extended, gdpr.extended);
    }

    #[test]
    fn the_end_of_the_calendar_does_not_turn_it() {
        let last = Timestamp::from_micros(i64::MAX);
        assert!(Deadlines::of(last, Law::Both).answer >= Timestamp::from(Instant::MAX));
    }
}
