//! What a set of trials says about a whole number, as a smooth and invertible scale: the normal score of a value, and the
//! value of a normal score.

use crate::normal;

/// Normal scores at which an ensemble keeps its quantiles: -2.5 to 2.5 in steps of 0.1. Further out the scale goes on as
/// a normal distribution on square roots would, so a value that no trial reached still has a score.
pub(super) const KNOTS: usize = 51;

/// The score of a knot.
pub(super) fn knot(index: usize) -> f64 {
    index as f64 / 10.0 - 2.5
}

/// A predictive distribution from trials.
#[derive(Clone, Debug)]
pub struct Ensemble {
    /// Square roots of the quantiles at the knots, strictly ascending.
    knots: [f64; KNOTS],
    /// Standard deviation on the square-root scale.
    spread: f64,
}

impl Ensemble {
    /// An ensemble from trials in ascending order. Between whole numbers the distribution is that of the trials plus an
    /// even spread of half a unit to both sides (the continuous extension of a count). `None` without trials.
    pub fn from_sorted(trials: &[u32]) -> Option<Self> {
        let (first, count) = (*trials.first()?, trials.len() as f64);
        let mut knots = [0.0; KNOTS];
        let (mut below, mut value, mut equal) = (0_usize, first, run(trials, 0));
        for (index, place) in knots.iter_mut().enumerate() {
            let rank = normal::chance(knot(index)) * count;
            while rank > (below + equal) as f64 && below + equal < trials.len() {
                below += equal;
                value = trials[below];
                equal = run(trials, below);
            }
            let within = ((rank - below as f64) / equal as f64).clamp(0.0, 1.0);
            *place = root(f64::from(value) - 0.5 + within);
        }
        for index in 1..KNOTS {
            knots[index] = knots[index].max(knots[index - 1] + 1e-9);
        }
        let mean = trials.iter().map(|trial| root(f64::from(*trial))).sum::<f64>() / count;
        let variance =
            trials.iter().map(|trial| (root(f64::from(*trial)) - mean).powi(2)).sum::<f64>() / count;
        Some(Self { knots, spread: variance.sqrt().max(0.05) })
    }

    /// The normal score of a value: how many standard deviations it is from the middle, were the ensemble normal.
    pub fn score(&self, value: f64) -> f64 {
        let at = root(value);
        let (first, last) = (self.knots[0], self.knots[KNOTS - 1]);
        if at <= first {
            return knot(0) + (at - first) / self.spread;
        }
        if at >= last {
            return knot(KNOTS - 1) + (at - last) / self.spread;
        }
        let next = self.knots.partition_point(|place| *place <= at).clamp(1, KNOTS - 1);
        let (low, high) = (self.knots[next - 1], self.knots[next]);
        knot(next - 1) + (at - low) / (high - low) / 10.0
    }

    /// The value of a normal score, at least -0.5.
    pub fn value(&self, score: f64) -> f64 {
        let at = if score <= knot(0) {
            self.knots[0] + (score - knot(0)) * self.spread
        } else if score >= knot(KNOTS - 1) {
            self.knots[KNOTS - 1] + (score - knot(KNOTS - 1)) * self.spread
        } else {
            let place = (score - knot(0)) * 10.0;
            let index = (place as usize).min(KNOTS - 2);
            self.knots[index] + (place - index as f64) * (self.knots[index + 1] - self.knots[index])
        };
        at.max(0.0).powi(2) - 0.5
    }
}

/// How many trials from a place on are equal.
fn run(trials: &[u32], from: usize) -> usize {
    trials[from..].partition_point(|trial| *trial == trials[from])
}

fn root(value: f64) -> f64 {
    (value + 0.5).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_middle_and_the_ends_are_where_they_belong() {
        let trials: Vec<u32> = (0..1_000).map(|trial| trial / 10).collect();
        let ensemble = Ensemble::from_sorted(&trials).expect("trials");
        assert!((ensemble.value(0.0) - 49.5).abs() < 0.2, "{}", ensemble.value(0.0));
        assert!((ensemble.value(normal::score(0.85)) - 84.5).abs() < 0.5);
        assert!(ensemble.score(400.0) > 3.0 && ensemble.score(400.0).is_finite());
        assert!(Ensemble::from_sorted(&[]).is_none());
    }

    proptest! {
        #[test]
        fn score_and_value_undo_each_other(
            mut trials in prop::collection::vec(0_u32..5_000, 1..400), score in -4.0_f64..4.0,
        ) {
            trials.sort_unstable();
            let ensemble = Ensemble::from_sorted(&trials).expect("trials");
            let value = ensemble.value(score);
            prop_assert!(value.is_finite() && value >= -0.5);
            // Below nothing there is only nothing; elsewhere the way back leads to the same place.
            prop_assert!(value <= -0.5 + 1e-9 || (ensemble.score(value) - score).abs() < 1e-4);
            prop_assert!(ensemble.value(score + 0.1) >= value);
        }
    }
}
