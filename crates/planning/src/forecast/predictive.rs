//! A calibrated predictive distribution of a whole number, and what is said from it.

use super::{ensemble::Ensemble, question::Question, recalibration::Recalibration, scores::crps};
use crate::normal;

/// Levels at which a distribution is scored.
const LEVELS: usize = 100;

/// An ensemble seen through a map.
#[derive(Clone, Debug)]
pub struct Predictive<'a> {
    /// The uncalibrated distribution.
    pub ensemble: &'a Ensemble,
    /// The map.
    pub map: &'a Recalibration,
}

impl Predictive<'_> {
    /// The value below which the answer lies with a chance, between whole numbers too.
    pub fn quantile(&self, chance: f64) -> f64 {
        self.ensemble.value(self.map.map(normal::score(chance)))
    }

    /// The chance of an answer of at most a whole number.
    pub fn chance_up_to(&self, value: u32) -> f64 {
        normal::chance(self.map.unmap(self.ensemble.score(f64::from(value) + 0.5)))
    }

    /// What is stated at a confidence: at least so many items, or at most so many days. Of whole numbers the one whose
    /// chance is nearest to the level, so that stated levels hold as often as they say.
    pub fn stated(&self, question: Question, level: f64) -> u32 {
        match question {
            // At least q is q - 1/2 and above on the continuous scale, hence the halves.
            Question::HowMuch { .. } => (self.quantile(1.0 - level) + 0.5).round().max(0.0) as u32,
            Question::When { .. } => (self.quantile(level) - 0.5).round().max(1.0) as u32,
        }
    }

    /// The score of the distribution against what happened; smaller is better.
    pub fn crps(&self, happened: u32) -> f64 {
        let values: Vec<f64> =
            (0..LEVELS).map(|level| self.quantile((level as f64 + 0.5) / LEVELS as f64).max(0.0)).collect();
        crps(&values, f64::from(happened))
    }
}
