//! Ceilings of spending per day and month, for a key and for its tenant, and notices before they are reached.

use std::fmt;

use pm33_tenancy::{KeyId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BillingError, MicroCredits};

/// Whose spending is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// All of the tenant's.
    Tenant,
    /// One key's.
    Key(KeyId),
}

impl Subject {
    /// The word in the store: `*`, or the key.
    pub fn word(&self) -> String {
        match self {
            Self::Tenant => "*".to_owned(),
            Self::Key(key) => key.to_string(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => f.write_str("this organisation"),
            Self::Key(_) => f.write_str("this key"),
        }
    }
}

/// A day or a month, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// A day.
    Day(jiff::civil::Date),
    /// The month of this day.
    Month(jiff::civil::Date),
}

impl Period {
    /// `day` or `month`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day(_) => "day",
            Self::Month(_) => "month",
        }
    }

    /// The word in the store: `2026-11-25` or `2026-11`.
    pub fn word(self) -> String {
        match self {
            Self::Day(day) => day.strftime("%Y-%m-%d").to_string(),
            Self::Month(day) => day.strftime("%Y-%m").to_string(),
        }
    }
}

/// What a call's spending is counted in: its tenant's day and month, and its key's.
pub fn periods(key: Option<KeyId>, at: Timestamp) -> Vec<(Subject, Period)> {
    let day = jiff::tz::TimeZone::UTC.to_datetime(at.instant()).date();
    let subjects = [Some(Subject::Tenant), key.map(Subject::Key)];
    let both = |subject| [(subject, Period::Day(day)), (subject, Period::Month(day))];
    subjects.into_iter().flatten().flat_map(both).collect()
}

/// Limits of spending; an absent one is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ceilings {
    /// The tenant's a day.
    pub tenant_day: Option<MicroCredits>,
    /// The tenant's a month.
    pub tenant_month: Option<MicroCredits>,
    /// A key's a day.
    pub key_day: Option<MicroCredits>,
    /// A key's a month.
    pub key_month: Option<MicroCredits>,
    /// One call's.
    pub call: Option<MicroCredits>,
}

/// A share of a ceiling that a call has crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whose ceiling.
    pub subject: Subject,
    /// Of which period.
    pub period: Period,
    /// The share: 50, 80 or 95.
    pub percent: i64,
    /// The ceiling.
    pub ceiling: MicroCredits,
}

/// Shares that are told.
const SHARES: [i64; 3] = [95, 80, 50];

impl Ceilings {
    /// The ceiling for a subject and a period.
    pub fn of(&self, subject: Subject, period: Period) -> Option<MicroCredits> {
        match (subject, period) {
            (Subject::Tenant, Period::Day(_)) => self.tenant_day,
            (Subject::Tenant, Period::Month(_)) => self.tenant_month,
            (Subject::Key(_), Period::Day(_)) => self.key_day,
            (Subject::Key(_), Period::Month(_)) => self.key_month,
        }
    }

    /// Checks one call's bound.
    pub(crate) fn check_call(&self, needed: MicroCredits) -> Result<(), BillingError> {
        match self.call {
            Some(ceiling) if needed > ceiling => Err(BillingError::CallTooDear { needed, ceiling }),
            _ => Ok(()),
        }
    }

    /// Checks a period in which `committed` is spent or held already; the notice that the call gives rise to.
    pub(crate) fn check(
        &self,
        (subject, period): (Subject, Period),
        committed: MicroCredits,
        needed: MicroCredits,
    ) -> Result<Option<Notice>, BillingError> {
        let Some(ceiling) = self.of(subject, period) else { return Ok(None) };
        let after = committed.plus(needed)?;
        if after > ceiling {
            let period = period.name();
            return Err(BillingError::Ceiling { period, subject, ceiling, committed, needed });
        }
        let crossed =
            |share: &i64| committed.percent_of(ceiling) < *share && after.percent_of(ceiling) >= *share;
        let percent = SHARES.into_iter().find(crossed);
        Ok(percent.map(|percent| Notice { subject, period, percent, ceiling }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_counted_in_its_utc_day_and_month() {
        let at: Timestamp = "2026-11-30T23:59:59.999999Z".parse().unwrap();
        let key: KeyId = "abcdefghijkl".parse().unwrap();
        let words = |at| -> Vec<String> {
            periods(Some(key), at).iter().map(|(s, p)| format!("{} {}", s.word(), p.word())).collect()
        };
        assert_eq!(
            words(at),
            ["* 2026-11-30", "* 2026-11", "abcdefghijkl 2026-11-30", "abcdefghijkl 2026-11"]
        );
        assert_eq!(words(Timestamp::from_micros(at.micros() + 1)).first().unwrap(), "* 2026-12-01");
        assert_eq!(periods(None, at).len(), 2);
    }

    #[test]
    fn the_last_micro_credit_fits_and_the_next_does_not() {
        let (subject, period) = (Subject::Tenant, Period::Day(jiff::civil::date(2026, 11, 25)));
        let ceilings = Ceilings { tenant_day: Some(MicroCredits::new(100)), ..Ceilings::default() };
        let check = |committed, needed| {
            ceilings.check((subject, period), MicroCredits::new(committed), MicroCredits::new(needed))
        };
        assert!(matches!(check(40, 60), Ok(Some(Notice { percent: 95, .. }))));
        assert!(matches!(check(40, 61), Err(BillingError::Ceiling { period: "day", .. })));
        assert!(matches!(check(50, 10), Ok(None)), "told before");
        assert!(matches!(check(49, 1), Ok(Some(Notice { percent: 50, .. }))));
        assert!(matches!(check(79, 1), Ok(Some(Notice { percent: 80, .. }))));
        let other = (subject, Period::Month(jiff::civil::date(2026, 11, 25)));
        assert!(matches!(ceilings.check(other, MicroCredits::MAX, MicroCredits::ZERO), Ok(None)));
    }
}
