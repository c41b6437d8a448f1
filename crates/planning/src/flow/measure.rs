//! A metric, or what is missing for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A metric with its sample size, or the plain statement that there is not enough data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Measure<T> {
    /// There is enough data.
    Known {
        /// How many observations it comes from.
        n: usize,
        /// The metric.
        value: T,
    },
    /// There is not enough data.
    NotEnoughData(NotEnough),
}

/// What is missing for a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotEnough {
    /// What is counted.
    pub what: String,
    /// How many there are.
    pub have: usize,
    /// How many are needed.
    pub need: usize,
}

impl<T> Measure<T> {
    /// The metric of `have` observations when they are at least `need` and it can be computed from them.
    pub(super) fn of(what: &str, have: usize, need: usize, value: impl FnOnce() -> Option<T>) -> Self {
        let known = if have >= need { value() } else { None };
        match known {
            Some(value) => Self::Known { n: have, value },
            None => Self::NotEnoughData(NotEnough { what: what.to_owned(), have, need }),
        }
    }

    /// The metric, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::NotEnoughData(_) => None,
        }
    }
}
