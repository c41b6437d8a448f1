//! What a delivery forecast says. The documentation of each field is its definition in the output schema.

use std::collections::BTreeMap;

use jiff::civil::Date;
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{recipe::Ask, track::TrackRecord};

/// A delivery forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// What was asked.
    pub question: AskedQuestion,
    /// The answer at 50, 70, 85 and 95 % confidence.
    pub percentiles: Vec<Percentile>,
    /// The chance of the target, if one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetChance>,
    /// What moves the answer at 85 %, computed with the same random numbers.
    pub drivers: Vec<Driver>,
    /// What must be finished first, and what the dates would be without it; absent when nothing is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// What each team's part comes from.
    pub teams: Vec<TeamBasis>,
    /// Finished sets of items (epics) from which growth of scope was sampled; with fewer than five, scope is taken as known.
    pub growth_sets: usize,
    /// Items still finished for each item that was known to be open, in the middle of those sets.
    pub growth_median: f64,
    /// The distribution: a day or a number of items, and the chance of at most it. About a hundred points.
    pub curve: Vec<(String, f64)>,
    /// The time of the data; nothing later was used.
    pub as_of: Timestamp,
    /// The seed, from the data: the same data give the same answer.
    pub seed: String,
    /// Trials.
    pub trials: u32,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskedQuestion {
    /// When are all remaining items finished?
    When,
    /// How many items are finished until the end of a day?
    HowMuch {
        /// The day.
        #[schemars(with = "String")]
        until: Date,
    },
}

impl From<Ask> for AskedQuestion {
    fn from(ask: Ask) -> Self {
        match ask {
            Ask::When => Self::When,
            Ask::HowMuch { until } => Self::HowMuch { until },
        }
    }
}

/// The answer at one confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Percentile {
    /// The confidence that was asked for, 0 to 1.
    pub level: f64,
    /// For "when": finished by the end of this day. Absent when it lies beyond ten years.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
    /// For "how much": at least so many items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<u32>,
    /// The chance of exactly this statement; whole days and items rarely meet a level exactly.
    pub chance: f64,
    /// Monte Carlo standard error, in days or items: what another seed would change.
    pub monte_carlo_error: f64,
}

/// The chance of a target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetChance {
    /// Finished by the end of this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
    /// At least so many items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<u32>,
    /// The chance, 0 to 1.
    pub chance: f64,
}

/// What a forecast waits for. Its work is part of the same trials: nothing asked begins before what it waits for is
/// finished, and teams finish their part of it out of the same days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// Open items that must be finished first.
    pub items: u32,
    /// Them by team.
    pub parts: BTreeMap<String, u32>,
    /// The dates at each level as if nothing had to be waited for.
    pub without: Vec<WithoutWaiting>,
    /// What the dates of teams come from that have a part in this and none in what was asked; their track record is that
    /// of forecasts of four weeks.
    pub teams: Vec<TeamBasis>,
}

/// A date as if nothing had to be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WithoutWaiting {
    /// The confidence, 0 to 1.
    pub level: f64,
    /// The date without waiting. Absent when it lies beyond ten years.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
    /// How many days later the forecast's date is because of waiting. Absent when either lies beyond ten years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i32>,
}

/// Something that moves the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Driver {
    /// What it is.
    pub driver: String,
    /// How much later in days, or how many more items (fewer when negative), the answer at 85 % is because of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<i32>,
    /// For a team: the share of trials in which it finishes last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

/// What a team's part of a forecast comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TeamBasis {
    /// The team.
    pub team: String,
    /// Items that remain for it.
    pub remaining: u32,
    /// Items that it finished at an unknown time. They are not in its pace, so that the dates may be too late.
    #[serde(default)]
    pub done_undated: u32,
    /// Weeks of the window that its days are drawn from, chosen by its own backtest once 26 past forecasts are known.
    pub window_weeks: u32,
    /// Working days of history.
    pub history_days: usize,
    /// Working days in the window, fewer than its weeks have when the history is shorter.
    pub window_days: usize,
    /// Items finished in the window.
    pub window_items: u32,
    /// Items finished per working day in the window, days without any counted.
    pub items_per_day: f64,
    /// How past forecasts of this team turned out.
    pub track_record: TrackRecord,
}
