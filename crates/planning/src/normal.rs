//! The standard normal distribution, both ways.

use statrs::distribution::{ContinuousCDF, Normal};

/// The chance of a value at or below a score.
pub(crate) fn chance(score: f64) -> f64 {
    Normal::standard().cdf(score)
}

/// The score that a chance stands for; chances are held inside 1e-12 of 0 and 1, so the score is finite.
pub(crate) fn score(chance: f64) -> f64 {
    Normal::standard().inverse_cdf(chance.clamp(1e-12, 1.0 - 1e-12))
}
