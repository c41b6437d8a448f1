//! Delivery forecasts: how much by a date, and when a set of items is done, with their own track record.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of items, days and trials are far below 2^52, and what is cut is inside its bounds"
)]

mod backtest;
mod bootstrap;
mod ensemble;
mod pooled;
mod predictive;
mod question;
mod recalibration;
mod scores;
mod team;
mod throughput;
mod track;
mod window;

pub use backtest::{ACTIVE_DAYS_MIN, Backtest, Chosen};
pub use bootstrap::Bootstrap;
pub use ensemble::Ensemble;
pub use predictive::Predictive;
pub use question::{DAYS_MAX, ITEMS_MAX, Question};
pub use recalibration::Recalibration;
pub use scores::{Share, crps, pinball, wilson};
pub use team::TeamForecast;
pub use throughput::{Throughput, throughput};
pub use track::{Coverage, LEVELS, TrackRecord};
pub use window::Window;
