//! A point in time as the store keeps it: microseconds since the Unix epoch, UTC.

use std::{fmt, str::FromStr, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::TenancyError;

/// Microseconds since 1970-01-01T00:00:00Z. What is hashed, stored and shown is the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Wraps microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The same instant for calendar arithmetic; out-of-range values clamp to the calendar's ends.
    pub fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// This time plus a span, saturating.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This time minus a span, saturating.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self(instant.as_microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.instant().fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = TenancyError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(Self::from).map_err(|_| TenancyError::MalformedId {
            expected: "an RFC 3339 time such as 2026-03-01T09:30:00Z",
        })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_written_in_utc_with_all_its_microseconds() {
        let time = Timestamp::from_micros(1_772_357_400_000_001);
        assert_eq!(time.to_string(), "2026-03-01T09:30:00.000001Z");
        assert!("2026-03-01T10:30:00.000001+01:00".parse::<Timestamp>().is_ok_and(|parsed| parsed == time));
        for text in ["", "2026-03-01", "2026-03-01T09:30:00", "1772357400"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn sums_stop_at_the_ends() {
        let (first, last) = (Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));
        assert_eq!((last.plus(Duration::MAX), first.minus(Duration::MAX)), (last, first));
        assert_eq!(first.since(last), Duration::ZERO);
        assert_eq!(last.since(first), Duration::from_micros(i64::MAX.unsigned_abs()));
        assert!(!first.to_string().is_empty() && !last.to_string().is_empty());
    }

    proptest! {
        #[test]
        fn text_and_json_keep_it_exact(micros in -62_000_000_000_000_000_i64..253_000_000_000_000_000) {
            let time = Timestamp::from_micros(micros);
            prop_assert_eq!(time.to_string().parse::<Timestamp>().ok(), Some(time));
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&serde_json::to_string(&time)?)?, time);
        }

        #[test]
        fn since_undoes_plus(micros in -1_i64 << 60..1 << 60, span in 0_u64..1 << 60) {
            let (time, span) = (Timestamp::from_micros(micros), Duration::from_micros(span));
            prop_assert_eq!(time.plus(span).since(time), span);
            prop_assert_eq!(time.since(time.plus(span)), Duration::ZERO);
            prop_assert_eq!(time.plus(span).minus(span), time);
        }
    }
}
