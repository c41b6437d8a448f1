//! Recalibration: nominal levels mapped through the distribution of where past outcomes fell in their forecasts (Dawid
//! 1984 on the probability integral transform; Kuleshov, Fenner & Ermon 2018 on the map). All on normal scores, which
//! keep their resolution in the tails.

use serde::{Deserialize, Serialize};

use super::{
    ensemble::{KNOTS, knot},
    pooled::POOLED,
};
use crate::normal;

/// Independent past outcomes at which a team's own distribution weighs as much as the pooled one.
const SPREAD_WEIGHT: f64 = 30.0;
/// Independent past outcomes at which half of a team's own mean error is taken over. A level error is mostly luck of the
/// few years that were seen, a spread error is not, hence the larger number.
const LEVEL_WEIGHT: f64 = 300.0;

/// A map from nominal normal scores to those of the uncalibrated forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recalibration {
    /// The mapped score at each knot, ascending.
    mapped: Vec<f64>,
}

impl Recalibration {
    /// The map that changes nothing.
    pub fn none() -> Self {
        Self { mapped: (0..KNOTS).map(knot).collect() }
    }

    /// The map from the normal scores of past outcomes in their forecasts; `independent` is how many independent outcomes
    /// they are worth, fewer than their number where horizons overlap. Without outcomes it is the pooled map.
    pub fn from_scores(scores: &[f64], independent: f64) -> Self {
        let count = scores.len().max(1) as f64;
        let independent = if scores.is_empty() { 0.0 } else { independent.max(0.0) };
        let own = independent / (independent + SPREAD_WEIGHT);
        let mean = scores.iter().sum::<f64>() / count;
        let shift = mean * LEVEL_WEIGHT / (independent + LEVEL_WEIGHT);
        let mut weighted: Vec<(f64, f64)> = scores
            .iter()
            .map(|score| (score - shift, own / count))
            .chain(pooled().map(|score| (score, (1.0 - own) / POOLED_POINTS as f64)))
            .collect();
        weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { mapped: quantiles(&weighted) }
    }

    /// The score of the uncalibrated forecast that a nominal score is mapped to.
    pub fn map(&self, score: f64) -> f64 {
        let place = (score - knot(0)) * 10.0;
        let index = (place.max(0.0) as usize).min(KNOTS - 2);
        let (Some(low), Some(high)) = (self.mapped.get(index), self.mapped.get(index + 1)) else {
            return score;
        };
        // Beyond the last knot the scale goes on one to one, shifted by the last knot's distance.
        if place < 0.0 {
            return low + (score - knot(0));
        }
        let last = (KNOTS - 1) as f64;
        if place > last {
            return high + (score - knot(KNOTS - 1));
        }
        low + (place - index as f64) * (high - low)
    }

    /// The nominal score of an uncalibrated one: what [`map`](Self::map) undoes.
    pub fn unmap(&self, score: f64) -> f64 {
        let (Some(first), Some(last)) = (self.mapped.first(), self.mapped.last()) else { return score };
        if score <= *first {
            return knot(0) + (score - first);
        }
        if score >= *last {
            return knot(KNOTS - 1) + (score - last);
        }
        let next = self.mapped.partition_point(|mapped| *mapped <= score).clamp(1, self.mapped.len() - 1);
        let (low, high) = (self.mapped[next - 1], self.mapped[next]);
        knot(next - 1) + (score - low) / (high - low) / 10.0
    }
}

const POOLED_POINTS: usize = 200;

/// The pooled distribution as evenly likely points.
fn pooled() -> impl Iterator<Item = f64> {
    (0..POOLED_POINTS).map(|index| {
        let nominal = normal::score((index as f64 + 0.5) / POOLED_POINTS as f64);
        let place = nominal.abs() * 2.0;
        let low = (place as usize).min(POOLED.len() - 2);
        nominal.signum() * (POOLED[low] + (place - low as f64) * (POOLED[low + 1] - POOLED[low]))
    })
}

/// Quantiles at the knots of weighted points in ascending order, whose weights sum to one; strictly ascending.
fn quantiles(weighted: &[(f64, f64)]) -> Vec<f64> {
    let mut mapped: Vec<f64> = Vec::with_capacity(KNOTS);
    let mut next = 0;
    let (mut below, mut previous) = (0.0, None::<(f64, f64)>);
    for index in 0..KNOTS {
        let level = normal::chance(knot(index));
        // A point stands in the middle of its weight; between the middles the way is straight.
        while let Some((score, weight)) =
            weighted.get(next).filter(|(_, weight)| below + weight / 2.0 < level)
        {
            previous = Some((below + weight / 2.0, *score));
            below += weight;
            next += 1;
        }
        let here = weighted.get(next).map(|(score, weight)| (below + weight / 2.0, *score));
        let score = match (previous, here) {
            (Some((from, low)), Some((to, high))) if to > from => {
                low + (high - low) * (level - from) / (to - from)
            }
            (Some((_, score)), _) | (None, Some((_, score))) => score,
            (None, None) => knot(index),
        };
        let least = mapped.last().map_or(f64::NEG_INFINITY, |last| last + 1e-6);
        mapped.push(score.max(least));
    }
    mapped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_calibrated_past_changes_little_and_an_overconfident_one_widens() {
        let normal: Vec<f64> =
            (0..400).map(|index| normal::score((f64::from(index) + 0.5) / 400.0)).collect();
        let same = Recalibration::from_scores(&normal, 1e9);
        let wide: Vec<f64> = normal.iter().map(|score| score * 2.0).collect();
        let wider = Recalibration::from_scores(&wide, 1e9);
        for level in [-1.6, -1.0, 0.0, 1.0, 1.6] {
            assert!((same.map(level) - level).abs() < 0.03, "{level}");
            assert!((wider.map(level) - 2.0 * level).abs() < 0.06, "{level}");
        }
    }

    #[test]
    fn few_outcomes_leave_the_pooled_map() {
        let pooled = Recalibration::from_scores(&[], 0.0);
        assert!(pooled.map(1.0) > 1.0, "plain bootstraps are overconfident");
        assert!((pooled.map(1.0) + pooled.map(-1.0)).abs() < 1e-6, "the pooled map has no direction");
        let one = Recalibration::from_scores(&[5.0], 1.0);
        assert!((one.map(0.0) - pooled.map(0.0)).abs() < 0.1);
    }

    proptest! {
        #[test]
        fn the_map_ascends_and_can_be_undone(
            scores in prop::collection::vec(-6.0_f64..6.0, 0..80), independent in 0.0_f64..100.0, at in -4.0_f64..4.0,
        ) {
            let map = Recalibration::from_scores(&scores, independent);
            prop_assert!(map.map(at).is_finite());
            prop_assert!(map.map(at + 0.2) > map.map(at));
            prop_assert!((map.unmap(map.map(at)) - at).abs() < 1e-3);
        }
    }
}
