//! Summaries of a sample.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Percentiles of a sample, by straight interpolation between order statistics (Hyndman & Fan 1996, type 7).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Percentiles {
    /// Half of the sample is at or below this.
    pub p50: f64,
    /// 70 % of the sample is at or below this.
    pub p70: f64,
    /// 85 % of the sample is at or below this.
    pub p85: f64,
    /// 95 % of the sample is at or below this.
    pub p95: f64,
}

/// Mean, spread and middle of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation, with n - 1.
    pub standard_deviation: f64,
    /// Median.
    pub median: f64,
    /// Smallest value.
    pub least: f64,
    /// Largest value.
    pub most: f64,
}

/// A quantile of values in ascending order, type 7; `None` of nothing.
pub(super) fn quantile(sorted: &[f64], level: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = level.clamp(0.0, 1.0) * last as f64;
    let low = place.floor() as usize;
    let (from, to) = (*sorted.get(low)?, *sorted.get((low + 1).min(last))?);
    Some(from + (to - from) * (place - low as f64))
}

impl Percentiles {
    /// Percentiles of values in ascending order.
    pub(super) fn of(sorted: &[f64]) -> Option<Self> {
        let at = |level| quantile(sorted, level);
        Some(Self { p50: at(0.5)?, p70: at(0.7)?, p85: at(0.85)?, p95: at(0.95)? })
    }

    /// The highest of the percentiles that a value is above: 50, 70, 85 or 95.
    pub(super) fn exceeded(&self, value: f64) -> Option<u8> {
        [(95, self.p95), (85, self.p85), (70, self.p70), (50, self.p50)]
            .into_iter()
            .find(|(_, percentile)| value > *percentile)
            .map(|(level, _)| level)
    }
}

impl Summary {
    /// Of at least two values.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        if values.len() < 2 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let sorted = sorted(values.iter().copied());
        Some(Self {
            mean,
            standard_deviation: variance.sqrt(),
            median: quantile(&sorted, 0.5)?,
            least: *sorted.first()?,
            most: *sorted.last()?,
        })
    }
}

/// Values in ascending order.
pub(super) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        let percentiles = Percentiles::of(&[1.0, 2.0, 3.0, 4.0, 5.0]).expect("a sample");
        assert!((percentiles.p50 - 3.0).abs() < 1e-12 && (percentiles.p85 - 4.4).abs() < 1e-12);
        let summary = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).expect("a sample");
        assert!(
            (summary.mean - 5.0).abs() < 1e-12 && (summary.standard_deviation - 2.138_089_935).abs() < 1e-8
        );
        assert!(Summary::of(&[1.0]).is_none() && Percentiles::of(&[]).is_none());
        assert_eq!(percentiles.exceeded(4.41), Some(85));
        assert_eq!(percentiles.exceeded(1.0), None);
    }

    proptest! {
        #[test]
        fn quantiles_ascend_and_stay_inside(values in prop::collection::vec(-1e6_f64..1e6, 1..50), level in 0.0_f64..1.0) {
            let sorted = sorted(values.into_iter());
            let value = quantile(&sorted, level).expect("a sample");
            prop_assert!(sorted[0] <= value && value <= sorted[sorted.len() - 1]);
            prop_assert!(quantile(&sorted, (level + 0.1).min(1.0)).expect("a sample") >= value);
        }
    }
}
