//! How good forecasts were: proper scores and intervals of shares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The continuous ranked probability score of trials in ascending order against what happened, in the unit of the value;
/// smaller is better, and for a single number it is the absolute error. Gneiting & Raftery 2007, "Strictly Proper Scoring
/// Rules, Prediction, and Estimation", JASA 102, equation 21. 0 without trials.
pub fn crps(sorted: &[f64], happened: f64) -> f64 {
    let count = sorted.len() as f64;
    if sorted.is_empty() {
        return 0.0;
    }
    let error: f64 = sorted.iter().map(|trial| (trial - happened).abs()).sum::<f64>() / count;
    let spread: f64 = sorted
        .iter()
        .enumerate()
        .map(|(index, trial)| (2.0 * index as f64 + 1.0 - count) * trial)
        .sum::<f64>()
        / (count * count);
    error - spread
}

/// The pinball loss of a quantile forecast at a level from 0 to 1 (Koenker & Bassett 1978), in the unit of the value.
pub fn pinball(level: f64, forecast: f64, happened: f64) -> f64 {
    if happened >= forecast { level * (happened - forecast) } else { (1.0 - level) * (forecast - happened) }
}

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// The share, 0 to 1.
    pub share: f64,
    /// Lower end of the 95 % Wilson interval.
    pub low: f64,
    /// Upper end of the 95 % Wilson interval.
    pub high: f64,
}

/// The Wilson score interval (Wilson 1927) of a share seen in so many independent trials; fewer than the trials made,
/// where those overlap. `None` without trials.
pub fn wilson(share: f64, trials: f64) -> Option<Share> {
    const Z: f64 = 1.959_963_985;
    if trials <= 0.0 || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let z2 = Z * Z;
    let middle = (share + z2 / (2.0 * trials)) / (1.0 + z2 / trials);
    let half =
        Z / (1.0 + z2 / trials) * (share * (1.0 - share) / trials + z2 / (4.0 * trials * trials)).sqrt();
    Some(Share { share, low: (middle - half).max(0.0), high: (middle + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        // A sure forecast: the absolute error. Two trials: worked by hand from the definition.
        assert!((crps(&[4.0], 6.5) - 2.5).abs() < 1e-12);
        assert!((crps(&[1.0, 3.0], 2.0) - 0.5).abs() < 1e-12);
        assert!((pinball(0.9, 10.0, 12.0) - 1.8).abs() < 1e-12);
        assert!((pinball(0.9, 10.0, 8.0) - 0.2).abs() < 1e-12);
        // Wilson's interval of 8 in 10, as in Newcombe 1998.
        let share = wilson(0.8, 10.0).expect("trials");
        assert!((share.low - 0.4902).abs() < 1e-3 && (share.high - 0.9433).abs() < 1e-3, "{share:?}");
        assert!(wilson(0.5, 0.0).is_none());
    }

    proptest! {
        #[test]
        fn crps_is_the_integral_of_its_definition(
            mut trials in prop::collection::vec(0.0_f64..50.0, 1..20), happened in 0.0_f64..50.0,
        ) {
            trials.sort_by(f64::total_cmp);
            let step = 0.01;
            let integral: f64 = (0..6_000).map(|index| {
                let at = (f64::from(index) + 0.5) * step;
                let below = trials.iter().filter(|trial| **trial <= at).count() as f64 / trials.len() as f64;
                (below - f64::from(u8::from(happened <= at))).powi(2) * step
            }).sum();
            prop_assert!((crps(&trials, happened) - integral).abs() < 0.05);
        }
    }
}
