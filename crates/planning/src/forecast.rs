//! Delivery forecasts: how much by a date, and when a set of items is done, with their own track record.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of items, days and trials are far below 2^52, and what is cut is inside its bounds"
)]

mod answer;
mod backtest;
mod bootstrap;
mod compare;
mod delivery;
mod drivers;
mod ensemble;
mod growth;
mod outcome;
mod outcomes;
mod path;
mod pooled;
mod predictive;
mod prerequisites;
mod question;
mod recalibration;
mod recipe;
mod scores;
mod team;
mod throughput;
mod track;
mod waiting;
mod window;

pub use answer::{
    AskedQuestion, Delivery, Driver, Percentile, TargetChance, TeamBasis, Waiting, WithoutWaiting,
};
pub use backtest::{ACTIVE_DAYS_MIN, Backtest, Chosen};
pub use bootstrap::Bootstrap;
pub use compare::{Difference, compare};
pub use delivery::{
    DeliveryQuestion, TEAMS_MAX, TRIALS, TRIALS_RANGE, Target, TeamWork, WaitsFor, deliver, ready,
};
pub use ensemble::Ensemble;
pub use growth::{Ending, Growth, ScopeItem, growth};
pub use outcome::{Happened, Outcome, Verdict, judge};
pub use outcomes::{Outcomes, Reading, Statement};
pub use predictive::Predictive;
pub use prerequisites::{Need, Prerequisites, UNITS_MAX, Unit};
pub use question::{DAYS_MAX, ITEMS_MAX, Question};
pub use recalibration::Recalibration;
pub use recipe::{Ask, Recipe, TeamRecipe};
pub use scores::{Share, crps, pinball, wilson};
pub use team::TeamForecast;
pub use throughput::{Throughput, throughput};
pub use track::{Coverage, LEVELS, TrackRecord};
pub use window::Window;
