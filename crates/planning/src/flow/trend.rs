//! Is there a trend? The median of all slopes (Theil 1950; Sen 1968) and the Mann-Kendall test of it (Mann 1945; Kendall
//! 1975), with the correction for ties.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::quantile::{quantile, sorted};
use crate::normal;

/// A trend.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trend {
    /// Theil-Sen slope: change per step (sprint or week), the median over all pairs.
    pub slope: f64,
    /// Two-sided p of the Mann-Kendall test with ties corrected: how likely a trend this clear is without any.
    pub p: f64,
}

/// The trend of values at equal steps, in the order of time; `None` of fewer than two values.
pub fn trend(values: &[f64]) -> Option<Trend> {
    let mut slopes = Vec::with_capacity(values.len() * values.len() / 2);
    let mut sum = 0_i64;
    for (index, from) in values.iter().enumerate() {
        for (steps, to) in values[index + 1..].iter().enumerate() {
            slopes.push((to - from) / (steps + 1) as f64);
            sum += i64::from(to > from) - i64::from(to < from);
        }
    }
    let slope = quantile(&sorted(slopes.into_iter()), 0.5)?;
    let spread = variance(values).sqrt();
    // One is taken from the sum for continuity: it moves in steps of two.
    let score = if spread > 0.0 { (sum.abs() - 1).max(0) as f64 / spread } else { 0.0 };
    Some(Trend { slope, p: (2.0 * normal::chance(-score)).min(1.0) })
}

/// Variance of the test's sum without a trend.
fn variance(values: &[f64]) -> f64 {
    let term = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0);
    let sorted = sorted(values.iter().copied());
    let ties: f64 =
        sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(|equal| term(equal.len() as f64)).sum();
    ((term(values.len() as f64) - ties) / 18.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        let up = trend(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]).expect("a trend");
        // S = 45, Var = 125: z = 44 / 11.18 = 3.935.
        assert!((up.slope - 1.0).abs() < 1e-12 && (up.p - 8.3e-5).abs() < 2e-6, "{up:?}");
        // Ties: values 1 1 2 2 3, S = 8, Var = (300 - 2 * 18) / 18 = 14.667, z = 7 / 3.83 = 1.828.
        let tied = trend(&[1.0, 1.0, 2.0, 2.0, 3.0]).expect("a trend");
        assert!((tied.p - 0.0676).abs() < 5e-4, "{tied:?}");
        let flat = trend(&[4.0; 9]).expect("a trend");
        assert!(flat.slope.abs() < 1e-12 && (flat.p - 1.0).abs() < 1e-12);
        assert!(trend(&[1.0]).is_none());
    }

    proptest! {
        #[test]
        fn one_wild_value_hardly_moves_the_slope(wild in -1e6_f64..1e6) {
            let mut values: Vec<f64> = (0..21).map(f64::from).collect();
            values[10] = wild;
            prop_assert!((trend(&values).expect("a trend").slope - 1.0).abs() < 0.2);
        }

        #[test]
        fn the_other_way_round_is_the_other_trend(values in prop::collection::vec(0.0_f64..50.0, 2..30)) {
            let one = trend(&values).expect("a trend");
            let back: Vec<f64> = values.iter().rev().copied().collect();
            let other = trend(&back).expect("a trend");
            prop_assert!((one.slope + other.slope).abs() < 1e-9 && (one.p - other.p).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&one.p));
        }
    }
}
