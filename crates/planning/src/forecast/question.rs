//! The two questions that a forecast answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bootstrap::Bootstrap;
use crate::Seed;

/// The longest that anything is forecast, in working days: about ten years.
pub const DAYS_MAX: u32 = 2_600;
/// Most items that a question may be about.
pub const ITEMS_MAX: u32 = 100_000;

/// A question to one team's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// How many items will be finished in so many working days?
    HowMuch {
        /// Working days.
        days: u32,
    },
    /// How many working days until so many items are finished?
    When {
        /// Items.
        items: u32,
    },
}

impl Question {
    /// Trials of the answer, in no order.
    pub(super) fn trials(self, sampler: &Bootstrap, trials: u32, seed: Seed) -> Vec<u32> {
        let mut random = seed.stream();
        match self {
            Self::HowMuch { days } => sampler.trials_in(days, trials, &mut random),
            Self::When { items } => {
                (0..trials).map(|_| sampler.days_until(items, DAYS_MAX, &mut random)).collect()
            }
        }
    }

    /// What happened after `origin` days of a history: the answer, and how many days later it was known. `None` when the
    /// history ends before that.
    pub(super) fn outcome(self, counts: &[u32], origin: usize) -> Option<(u32, usize)> {
        let after = counts.get(origin..)?;
        match self {
            Self::HowMuch { days } => {
                let days = usize::try_from(days).ok()?;
                Some((after.get(..days)?.iter().sum(), days))
            }
            Self::When { items } => {
                let mut sum = 0_u32;
                let last = after.iter().position(|count| {
                    sum = sum.saturating_add(*count);
                    sum >= items
                })?;
                Some((u32::try_from(last + 1).ok()?, last + 1))
            }
        }
    }
}
