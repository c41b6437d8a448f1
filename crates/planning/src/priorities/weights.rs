//! How much each input of a method counts.

use std::collections::BTreeMap;

use super::{Factor, Method};
use crate::PlanningError;

/// The most that an input may count.
pub const WEIGHT_MAX: f64 = 10.0;

/// How much each input counts: 1 where nothing is said. In a sum (WSJF) a weight multiplies its input, in a product and in the
/// cost it is the input's exponent; 0 leaves the input out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights(BTreeMap<Factor, f64>);

impl Weights {
    /// Weights of a method's inputs.
    ///
    /// # Errors
    /// [`PlanningError::Invalid`] when one is below 0 or above [`WEIGHT_MAX`], is of no input of the method, or no input of the
    /// value would count.
    pub fn of_method(method: Method, given: BTreeMap<Factor, f64>) -> Result<Self, PlanningError> {
        for (factor, weight) in &given {
            if !(weight.is_finite() && (0.0..=WEIGHT_MAX).contains(weight)) {
                return Err(PlanningError::invalid("weights", format!("must be 0 to {WEIGHT_MAX} each")));
            }
            if !method.factors().any(|one| one == *factor) {
                let names: Vec<&str> = method.factors().map(Factor::name).collect();
                return Err(PlanningError::invalid(
                    "weights",
                    format!(
                        "name {}, which this method does not use; it uses {}",
                        factor.name(),
                        names.join(", ")
                    ),
                ));
            }
        }
        let weights = Self(given);
        if method.values().iter().all(|value| weights.of(*value) <= 0.0) {
            return Err(PlanningError::invalid(
                "weights",
                "leave nothing of the value; let one input of it count",
            ));
        }
        Ok(weights)
    }

    /// The weight of an input.
    pub fn of(&self, factor: Factor) -> f64 {
        self.0.get(&factor).copied().unwrap_or(1.0)
    }
}
