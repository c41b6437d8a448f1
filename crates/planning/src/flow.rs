//! Velocity and flow: what a team's past says about its pace, its stability and its work in progress. Every metric names
//! its sample size, and where there is too little it says so instead of a number.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of items and days are far below 2^52, and what is cut is inside its bounds"
)]

mod efficiency;
mod item;
mod little;
mod measure;
mod quantile;
mod rank;
mod report;
mod sprint;
mod times;
mod trend;
mod weekly;
mod xmr;

pub use efficiency::Efficiency;
pub use item::{FlowItem, SprintSpan};
pub use little::LittlesLaw;
pub use measure::{Measure, NotEnough};
pub use quantile::{Percentiles, Summary};
pub use rank::{Correlation, spearman};
pub use report::{FlowInput, FlowReport, analyse};
pub use sprint::{SayDo, SprintRow, Velocity};
pub use times::{AgingItem, RISK_MAX, WorkInProgress};
pub use trend::{Trend, trend};
pub use weekly::Weekly;
pub use xmr::{Xmr, xmr};
