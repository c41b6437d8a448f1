//! The window: how far back a forecast looks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stretch of the latest history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// 12 weeks.
    Quarter,
    /// 26 weeks.
    HalfYear,
    /// 52 weeks.
    Year,
}

/// Fewest past forecasts with a known outcome before a window is chosen by them.
const CHOOSE_FROM: usize = 26;

impl Window {
    /// All windows, shortest first.
    pub const ALL: [Self; 3] = [Self::Quarter, Self::HalfYear, Self::Year];

    /// Weeks.
    pub const fn weeks(self) -> u32 {
        match self {
            Self::Quarter => 12,
            Self::HalfYear => 26,
            Self::Year => 52,
        }
    }

    /// The latest days of a history; all of a history that is shorter.
    pub(super) fn of(self, counts: &[u32], days_per_week: u8) -> &[u32] {
        let days = self.weeks() as usize * usize::from(days_per_week);
        &counts[counts.len().saturating_sub(days)..]
    }

    /// The window whose past forecasts scored best, given the mean score (smaller is better) of each and the number of
    /// past forecasts; 26 weeks while there are few.
    pub(super) fn best(scores: [f64; 3], forecasts: usize) -> Self {
        if forecasts < CHOOSE_FROM {
            return Self::HalfYear;
        }
        let best = (0..3).min_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(1);
        Self::ALL[best]
    }
}
