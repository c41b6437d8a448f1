//! Computed numbers as they are told: seventeen digits of a mean take a reader's room and say more than is known.

use std::io;

use serde::Serialize;
use serde_json::{
    Serializer,
    ser::{CompactFormatter, Formatter},
};

/// How a tool's numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// As they are: what users wrote comes back digit by digit.
    Kept,
    /// With six significant digits, the whole part never less: they are computed.
    Computed,
}

/// Significant digits of a computed number.
const DIGITS: i32 = 6;

/// A result as JSON.
///
/// # Errors
/// What does not serialise.
pub(crate) fn json(result: &impl Serialize, numbers: Numbers) -> Result<String, serde_json::Error> {
    match numbers {
        Numbers::Kept => serde_json::to_string(result),
        Numbers::Computed => {
            let mut bytes = Vec::new();
            result.serialize(&mut Serializer::with_formatter(&mut bytes, Short))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }
    }
}

struct Short;

impl Formatter for Short {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        CompactFormatter.write_f64(writer, short(value))
    }
}

/// The number with [`DIGITS`] significant digits; what is whole stays as it is.
fn short(value: f64) -> f64 {
    if value.fract() == 0.0 || !value.is_finite() {
        return value;
    }
    // Scientific form tells the magnitude without a logarithm that is off at powers of ten.
    let scientific = format!("{value:e}");
    let magnitude = scientific.split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()).unwrap_or(0);
    let decimals = usize::try_from(DIGITS - 1 - magnitude).unwrap_or(0);
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn computed_numbers_have_six_digits_and_others_all() {
        let result = serde_json::json!({
            "mean": 15.346_153_846_153_847, "small": 0.000_012_345_678_9, "large": 1_234_567.891, "whole": 21.0,
            "count": 12_345_678_901_u64, "negative": -2.0 / 3.0, "parts": [1.0 / 3.0, null, "0.123456789"],
        });
        let told: serde_json::Value =
            serde_json::from_str(&json(&result, Numbers::Computed).expect("JSON")).expect("JSON");
        assert_eq!(
            told,
            serde_json::json!({
                "mean": 15.3462, "small": 0.000_012_345_7, "large": 1_234_568.0, "whole": 21.0,
                "count": 12_345_678_901_u64, "negative": -0.666_667, "parts": [0.333_333, null, "0.123456789"],
            })
        );
        assert_eq!(json(&result, Numbers::Kept).expect("JSON"), result.to_string());
    }

    proptest! {
        #[test]
        fn a_number_moves_by_less_than_a_millionth_part_and_once_only(value in any::<f64>()) {
            let once = short(value);
            if value.is_finite() {
                prop_assert!((once - value).abs() <= value.abs() * 5.0e-6, "{} {}", value, once);
                prop_assert_eq!(short(once).to_bits(), once.to_bits());
            }
        }
    }
}
