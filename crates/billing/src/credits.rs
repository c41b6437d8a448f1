//! Micro-credits: the only form that money has. Whole numbers, checked arithmetic, no floating point.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::BillingError;

/// An amount in millionths of a credit. One credit is one US dollar of the provider's list price, unless the deployment
/// lays prices of its own over the shipped ones.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(transparent)]
pub struct MicroCredits(i64);

impl MicroCredits {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The most that there can be.
    pub const MAX: Self = Self(i64::MAX);
    /// Micro-credits in a credit.
    pub const PER_CREDIT: i64 = 1_000_000;

    /// Wraps a number of micro-credits.
    pub const fn new(micros: i64) -> Self {
        Self(micros)
    }

    /// Whole credits.
    ///
    /// # Errors
    /// [`BillingError::Overflow`] beyond what is counted.
    pub fn credits(credits: i64) -> Result<Self, BillingError> {
        credits.checked_mul(Self::PER_CREDIT).map(Self).ok_or(BillingError::Overflow)
    }

    /// The number of micro-credits.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whether it is below nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`BillingError::Overflow`] beyond what is counted.
    pub fn plus(self, other: Self) -> Result<Self, BillingError> {
        self.0.checked_add(other.0).map(Self).ok_or(BillingError::Overflow)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`BillingError::Overflow`] beyond what is counted.
    pub fn minus(self, other: Self) -> Result<Self, BillingError> {
        self.0.checked_sub(other.0).map(Self).ok_or(BillingError::Overflow)
    }

    /// The amount with its sign turned.
    ///
    /// # Errors
    /// [`BillingError::Overflow`] for the one number that has no opposite.
    pub fn negated(self) -> Result<Self, BillingError> {
        self.0.checked_neg().map(Self).ok_or(BillingError::Overflow)
    }

    /// The sum of many.
    ///
    /// # Errors
    /// [`BillingError::Overflow`] beyond what is counted.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, BillingError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Which whole part of a hundred of `whole` this is, rounded down; 100 when `whole` is nothing.
    pub fn percent_of(self, whole: Self) -> i64 {
        if whole.0 <= 0 {
            return 100;
        }
        i64::try_from(i128::from(self.0) * 100 / i128::from(whole.0)).unwrap_or(i64::MAX)
    }
}

/// In credits, with as many decimals as the amount has: `12.5`.
impl fmt::Display for MicroCredits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let unit = Self::PER_CREDIT.unsigned_abs();
        let (whole, rest) = (self.0.unsigned_abs() / unit, self.0.unsigned_abs() % unit);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let decimals = format!("{rest:06}");
        write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }
}

impl fmt::Debug for MicroCredits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}µ", self.0)
    }
}

/// Reads credits with up to six decimals; what has more is refused, never rounded.
impl FromStr for MicroCredits {
    type Err = BillingError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || BillingError::Malformed { text: text.to_owned() };
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let has_point = digits.contains('.');
        if whole.is_empty()
            || !is_number(whole)
            || !is_number(decimals)
            || decimals.len() > 6
            || (has_point && decimals.is_empty())
        {
            return Err(malformed());
        }
        let padded = format!("{whole}{decimals:0<6}");
        let micros: i64 = padded.parse().map_err(|_| BillingError::Overflow)?;
        Ok(Self(if is_negative { -micros } else { micros }))
    }
}

impl Serialize for MicroCredits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for MicroCredits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        for (text, micros) in
            [("0", 0), ("12", 12_000_000), ("12.5", 12_500_000), ("-0.000001", -1), ("0.1", 100_000)]
        {
            assert_eq!(text.parse::<MicroCredits>().ok().map(MicroCredits::micros), Some(micros), "{text}");
        }
        for text in ["", "-", ".", ".5", "1.", "1.0000001", "1e3", "+1", " 1", "1,5", "99999999999999", "--1"]
        {
            assert!(text.parse::<MicroCredits>().is_err(), "{text}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let one = MicroCredits::new(1);
        assert!(MicroCredits::MAX.plus(one).is_err());
        assert!(MicroCredits::new(i64::MIN).minus(one).is_err());
        assert!(MicroCredits::new(i64::MIN).negated().is_err());
        assert!(MicroCredits::credits(i64::MAX / 2).is_err());
        assert!(MicroCredits::sum([MicroCredits::MAX, one]).is_err());
        assert_eq!(MicroCredits::new(i64::MAX).percent_of(one), i64::MAX);
        assert_eq!((one.percent_of(MicroCredits::ZERO), one.percent_of(MicroCredits::new(3))), (100, 33));
    }

    proptest! {
        #[test]
        fn text_and_json_keep_an_amount(micros in (i64::MIN + 1)..) {
            let amount = MicroCredits::new(micros);
            prop_assert_eq!(amount.to_string().parse::<MicroCredits>().ok(), Some(amount));
            prop_assert_eq!(serde_json::from_str::<MicroCredits>(&serde_json::to_string(&amount)?)?, amount);
        }
    }
}
